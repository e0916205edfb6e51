// 10,000 links, images and messages of strangers: never a crash, always a
// sentence or something that can be shown. Of the links that can be opened some
// hundred are run; and some hundred of all kinds come to a real page, which is
// never blank, and what its visitor has on the disk is as it was.

import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { openLink } from "../../host/share.ts";
import type { FromRunner } from "../../web/protocol.ts";
import { Session } from "../../web/runner/session.ts";
import { enter, reload, Stage, waitForText } from "../web/browser.ts";
import { smallImage } from "../web/small_image.ts";
import {
  checkImage,
  checkLink,
  checkMessage,
  Dice,
  oddImage,
  oddLink,
  oddMessage,
  oddRun,
} from "../web/strangers.ts";

const SEED = Number(process.env.SEED ?? 20121);
const LINKS = 6_000, IMAGES = 1_500, MESSAGES = 2_500;
const RUNS = 60;
const PAGE_LINKS = 80, PAGE_IMAGES = 30, PAGE_MESSAGES = 100;
const RUN_MS_MAX = 30_000;

const image = readImage();

after(stopCompiler);

async function counted(
  what: string,
  many: number,
  check: () => "opened" | "refused" | Promise<"opened" | "refused">,
): Promise<void> {
  const counts = { opened: 0, refused: 0 };
  for (let i = 0; i < many; i++) counts[await check()]++;
  const { opened, refused } = counts;
  console.log(`${what}: ${opened} opened, ${refused} refused (seed ${SEED})`);
  assert(opened > 0 && refused > 0);
}

test("6,000 links, 1,500 images, 2,500 messages: each is shown or refused with a sentence", async () => {
  const dice = new Dice(SEED), good = await smallImage();
  await counted("links", LINKS, async () => checkLink(await oddLink(dice)));
  await counted("images", IMAGES, () => checkImage(oddImage(dice, good)));
  await counted("messages", MESSAGES, () => checkMessage(oddMessage(dice)));
});

/** What becomes of a run that is well formed and may be of no sense. */
async function ran(dice: Dice): Promise<string> {
  const shared = oddRun(dice);
  let last = "";
  const send = (message: FromRunner) => {
    const { kind } = message;
    if (kind === "opened" || kind === "refused") last = kind;
    if (kind !== "compile") return;
    const { id, path, source } = message;
    compileNative(path, source).then((file) =>
      session.handle({ kind: "compiled", id, file, lasting: true })
    );
  };
  const boot = {
    kind: "boot",
    disk: null,
    files: {},
    columns: 80,
    rows: 24,
    speed: 1,
    notice: "",
    shared,
  } as const;
  let session!: Session;
  try {
    session = new Session({ image, precompiled: [], send }, boot);
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
  const ends = performance.now() + RUN_MS_MAX;
  while (last === "") {
    if (performance.now() > ends) session.handle({ kind: "enough" });
    assert(performance.now() < ends + 5_000, JSON.stringify(shared));
    await new Promise((done) => setTimeout(done, 5));
  }
  session.close();
  return last;
}

test("60 well-formed runs of no sense are run: each opens, or is refused", async () => {
  const dice = new Dice(SEED);
  const counts: Record<string, number> = {};
  for (let i = 0; i < RUNS; i++) {
    const [how = ""] = (await ran(dice)).split(":");
    counts[how] = (counts[how] ?? 0) + 1;
  }
  console.log(JSON.stringify(counts));
  assert(counts.opened! > 0);
});

/** All that is kept for the visitor, as one number. */
function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    let sum = "";
    for (const { name } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((done) => {
        const opening = indexedDB.open(name!);
        opening.onsuccess = () => done(opening.result);
      });
      for (const store of database.objectStoreNames) {
        const all = await new Promise<unknown[]>((done) => {
          const asked = database.transaction(store).objectStore(store).getAll();
          asked.onsuccess = () => done(asked.result);
        });
        const text = all.map((it) =>
          it instanceof Uint8Array ? [...it].join() : JSON.stringify(it)
        ).join();
        const hash = await crypto.subtle.digest(
          "SHA-256",
          new TextEncoder().encode(text),
        );
        sum += `${name}/${store}: ${[...new Uint8Array(hash)].join()}\n`;
      }
      database.close();
    }
    return sum;
  });
}

test("in a real page: never blank, always a sentence, and the own disk is as it was", async () => {
  const stage = await Stage.open(8770);
  try {
    const dice = new Dice(SEED + 1);
    const context = await stage.newContext();
    const page = await stage.visit(context);
    await enter(page, "echo mine > cup; sync; cat cup", "mine");
    await reload(page);
    await page.goto("about:blank");
    await page.goto(`${stage.served.url}mark.svg`);
    const before = await kept(page);
    assert(before.length > 50, before);
    for (let i = 0; i < PAGE_LINKS; i++) {
      await page.goto("about:blank");
      const link = (await oddLink(dice)).replace(/[\ud800-\udfff]/g, "");
      await page.goto(`${stage.served.url}#${encodeURI(link)}`);
      if (!/^\d/.test(link)) continue;
      const card = page.locator("dialog.arrival");
      await card.waitFor();
      assert((await card.innerText()).length > 60);
      const isGood = await openLink(link).then(() => true, () => false);
      const buttons = await card.getByRole("button").allInnerTexts();
      assertEquals(buttons.includes("Play it"), isGood, link);
      if (!isGood || i % 8 !== 0) continue;
      await card.getByRole("button", { name: "Play it" }).click();
      await page.locator(".visit:is(.good, .differs), .notice:not([hidden])")
        .first().waitFor({ timeout: 60_000 });
    }
    await page.goto("about:blank");
    await page.goto(`${stage.served.url}mark.svg`);
    assertEquals(await kept(page), before);

    await page.goto("about:blank");
    await page.goto(stage.playground);
    await waitForText(page, "kettle$");
    const good = await smallImage();
    for (let i = 0; i < PAGE_IMAGES; i++) {
      const bytes = oddImage(dice, good);
      if (await checkImage(bytes) === "opened") continue;
      const told = page.locator("#notice");
      await page.evaluate((bytes) => {
        document.getElementById("notice")!.hidden = true;
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(bytes)], "odd.kettle"));
        dispatchEvent(new DragEvent("drop", { dataTransfer: data }));
      }, [...bytes]);
      await told.getByText(/^odd\.kettle was not taken\. /).waitFor();
    }
    await enter(page, "cat cup", "mine");
    await page.goto("about:blank");

    await page.goto(`${stage.served.url}embed.html`);
    await page.locator(".drawing").waitFor();
    for (let i = 0; i < PAGE_MESSAGES; i++) {
      const message = oddMessage(dice);
      await page.evaluate((message) => postMessage(message, "*"), message);
    }
    assert(await page.locator(".drawing").isVisible());
    assertEquals(stage.faults, []);
  } finally {
    await stage.close();
  }
});
