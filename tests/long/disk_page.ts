// The visitor's disk in a real browser: it outlives the page, its damage is told,
// it goes out as a file and comes in as one, one tab has it at a time.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import {
  decodeImage,
  encodeImage,
  sectorsOfModel,
} from "../../host/disk_image.ts";
import { Platter } from "../../kernel/dev/platter.ts";
import { check } from "../../kernel/fs/mod.ts";
import {
  atPrompt,
  enter,
  PROMPT,
  reload,
  screenText,
  shot,
  Stage,
  waitForText,
} from "../web/browser.ts";

let directory = "";
let stage: Stage;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "kettle-disk-"));
  stage = await Stage.open(8200);
});

after(async () => {
  await stage?.close();
  if (directory !== "") rmSync(directory, { recursive: true });
});

function noticeOf(page: Page, text: RegExp): Promise<void> {
  return page.locator("#notice").filter({ hasText: text }).waitFor();
}

/** Changes a record of the kept disk, as a failing storage would. */
async function damageBlock(page: Page): Promise<void> {
  await page.evaluate(() =>
    new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open("kettle-disk");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const database = opening.result;
        const store = database.transaction("blocks", "readwrite")
          .objectStore("blocks");
        const range = IDBKeyRange.bound([1, 0], [1, Infinity]);
        store.openCursor(range).onsuccess = ({ target }) => {
          const cursor = (target as IDBRequest<IDBCursorWithValue | null>)
            .result!;
          const row = cursor.value as Uint8Array;
          row[77]! ^= 4;
          cursor.update(row);
        };
        store.transaction.oncomplete = () => {
          database.close();
          resolve();
        };
      };
    })
  );
}

async function download(page: Page, button: string): Promise<Uint8Array> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return readFileSync((await file.path())!);
}

async function putIn(
  page: Page,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  await page.locator("#disk input[type=file]").setInputFiles(path);
}

test("the whole disk is there after a reload: files, directories, what was removed", async () => {
  await stage.visitor(async (page) => {
    const line = "echo tea > cup; mkdir /tmp/shelf; rm /bin/yes; mv cup pot";
    await enter(page, `${line}; echo done`, "done");
    await reload(page);
    const begin = performance.now();
    await reload(page);
    const took = performance.now() - begin - 200;
    console.log(`reload to prompt from a kept disk: ${took.toFixed(0)} ms`);
    await enter(page, "cat pot; ls -d /tmp/shelf; ls /bin/yes", "No such file");
    const text = await screenText(page);
    assertMatch(text, /tea\n\/tmp\/shelf\n.*\/bin\/yes.: No such file/);
  });
});

test("a damaged disk is told and put aside; it comes out as a file that is as damaged", async () => {
  await stage.visitor(async (page) => {
    await enter(page, "echo tea > cup; echo done", "done");
    await reload(page);
    await damageBlock(page);
    await page.reload();
    await noticeOf(page, /is damaged: block \d+ is damaged\. It is put aside/);
    await waitForText(page, PROMPT);
    await shot(page, "disk-damaged-light");
    await enter(page, "cat cup", "No such file");
    await page.locator("#disk .body").waitFor();
    const bytes = await download(page, "Download it");
    const decoded = decodeImage(bytes);
    assert("error" in decoded);
    assertMatch(decoded.error, /^block \d+ is damaged/);
    await reload(page);
    assert(await page.locator("#notice").isHidden());
    await page.getByRole("button", { name: "Forget it" }).click();
    await page.getByRole("button", { name: "Forget it" }).waitFor({
      state: "hidden",
    });
  });
});

test("the disk goes out as a file, whole, and comes in again", async () => {
  await stage.visitor(async (page) => {
    await enter(page, "echo tea > cup; echo done", "done");
    const image = await download(page, "Export .img");
    const decoded = decodeImage(image);
    assert("platter" in decoded);
    assertEquals(check(decoded.platter), []);
    await enter(page, "echo coffee > cup; cat cup", "coffee");
    await putIn(page, "kettle.img", image);
    await waitForText(page, "The disk of kettle.img is in.");
    await atPrompt(page);
    await enter(page, "cat cup", "tea");
    await reload(page);
    await enter(page, "cat cup", "tea");
  });
});

test("a damaged file, or one without a file system, is not taken: the disk is as it was", async () => {
  await stage.visitor(async (page) => {
    await enter(page, "echo tea > cup; echo done", "done");
    const image = await download(page, "Export .img");
    image[image.length - 9]! ^= 1;
    await putIn(page, "bad.img", image);
    await noticeOf(page, /bad\.img was not taken: block \d+ is damaged/);
    const model = "barracuda";
    const empty = encodeImage(new Platter(sectorsOfModel(model)!), model);
    await putIn(page, "empty.img", empty);
    await noticeOf(page, /No machine starts from that disk.*The old one is in/);
    await waitForText(page, PROMPT);
    await enter(page, "cat cup", "tea");
    await reload(page);
    await enter(page, "cat cup", "tea");
  });
});

test("a fresh disk is made when the visitor says so, and not before", async () => {
  await stage.visitor(async (page) => {
    await enter(page, "echo tea > cup; echo done", "done");
    const ask = page.getByRole("button", { name: "Fresh disk…" });
    await ask.click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await enter(page, "cat cup", "tea");
    await ask.click();
    await page.getByRole("button", { name: "Fresh disk", exact: true }).click();
    await waitForText(page, "The machine has a fresh disk.");
    await atPrompt(page);
    await enter(page, "cat cup", "No such file");
    await reload(page);
    await enter(page, "cat cup", "No such file");
  });
});

test("a second tab is told that the first has the disk, and keeps nothing", async () => {
  await stage.visitor(async (page, context) => {
    await enter(page, "echo tea > cup; echo done", "done");
    await page.waitForTimeout(200);
    const second = await stage.visit(context);
    await noticeOf(second, /open in another tab/);
    await enter(second, "echo coffee > cup; cat cup", "coffee");
    await second.waitForTimeout(200);
    await second.close();
    await reload(page);
    await enter(page, "cat cup", "tea");
  });
});

test("files that an earlier Kettle kept are on the first disk", async () => {
  await stage.visitor(async (page, context) => {
    await page.close();
    const other = await context.newPage();
    await other.route("**/main.js", (route) => route.abort());
    await other.goto(stage.playground);
    await other.evaluate(() =>
      new Promise<void>((resolve) => {
        indexedDB.deleteDatabase("kettle-disk");
        const opening = indexedDB.open("kettle", 1);
        opening.onupgradeneeded = () =>
          opening.result.createObjectStore("files");
        opening.onsuccess = () => {
          const database = opening.result;
          const { transaction } = database.transaction("files", "readwrite")
            .objectStore("files")
            .put(new TextEncoder().encode("old tea\n"), "/home/old");
          transaction!.oncomplete = () => {
            database.close();
            resolve();
          };
        };
      })
    );
    await other.close();
    const next = await stage.visit(context);
    await enter(next, "cat old", "old tea");
    await enter(next, "rm old; echo done", "done");
    await reload(next);
    await enter(next, "cat old", "No such file");
  });
});

test("nothing on the page threw", () => {
  assertEquals(stage.faults, []);
});
