// The timeline in a real browser, used as a visitor would: by keys and by mouse,
// with its table beside it, light and dark, wide and narrow.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { enter, shot, Stage, violations } from "../web/browser.ts";

let stage: Stage;
let page: Page;

before(async () => {
  stage = await Stage.open(8660);
  page = await stage.visit();
  await enter(page, "figure_push", "callback (1) runs");
  await page.locator("#lanes").focus();
});

after(() => stage?.close());

const text = (selector: string) => page.locator(selector).innerText();

const faults = () => violations(page);

/** Presses a key until what is told of the selection fits. */
async function pressUntil(key: string, wanted: RegExp): Promise<void> {
  for (;;) {
    const now = await page.evaluate(() => ({
      of: document.getElementById("question")!.dataset.of ?? "",
      text: (document.querySelector(".drawer") as HTMLElement).innerText,
    }));
    if (wanted.test(now.text)) return;
    await page.keyboard.press(key);
    await page.waitForFunction(
      (before) => {
        const { of } = document.getElementById("question")!.dataset;
        return of !== undefined && of !== before;
      },
      now.of,
      { timeout: 5000 },
    ).catch(() => {
      throw new Error(`${key} never came to ${wanted}: ${now.text}`);
    });
  }
}

async function chooseThread(): Promise<void> {
  await page.locator("#lanes").focus();
  await page.keyboard.press("Escape");
  await pressUntil("ArrowDown", /figure_push, pid/);
}

async function boxOf(): Promise<
  { x: number; y: number; width: number; height: number }
> {
  return (await page.locator("#lanes").boundingBox())!;
}

test("the table has a row for CPU, thread, request, disk, cable and socket, and axe finds no fault in it", async () => {
  await page.keyboard.press("t");
  await page.locator("#table th", { hasText: "#1 read" }).first().waitFor();
  const names = new Set(
    await page.locator("#table tbody th").allInnerTexts(),
  );
  for (
    const wanted of [
      /^cpu 0$/,
      /^figure_push$/,
      /^#1 read$/,
      /^disk$/,
      /^network$/,
      /^socket \d+$/,
    ]
  ) {
    assert([...names].some((name) => wanted.test(name)), String(wanted));
  }
  assert([...names].some((name) => name.startsWith("mirror: ")));
  assertEquals(await faults(), []);
  await page.locator("#table").focus();
  await page.keyboard.press("t");
  assert(await page.locator("#table").isHidden());
});

test("arrows choose a lane and commas a slice, and it says why the thread is not running", async () => {
  await chooseThread();
  await pressUntil(".", /B disk/);
  assertEquals(await text("#question"), "Why is figure_push not running?");
  assertMatch(await text("#answer"), /^figure_push waits for the disk: /);
  await shot(page, "timeline-why-light");
});

test("brackets follow the flow to the disk and back to the thread it wakes", async () => {
  await chooseThread();
  await pressUntil(".", /B disk/);
  await page.keyboard.press("]");
  await page.waitForFunction(() =>
    document.querySelector("#question")!.textContent ===
      "What does the disk do?"
  );
  assertMatch(await text("#facts"), /disk\s+hda/);
  await page.keyboard.press("]");
  await page.waitForFunction(() =>
    document.querySelector("#facts")!.textContent!.includes("figure_push, pid")
  );
});

test("a pushed request is followed from its thread to its callback", async () => {
  await page.locator("#lanes").focus();
  await page.keyboard.press("Escape");
  await pressUntil("ArrowDown", /request\s+#1 read/);
  await pressUntil(",", /submitted by/);
  assertMatch(await text("#answer"), /^It is on the kernel's list/);
  await shot(page, "timeline-request-light");
  await page.keyboard.press("[");
  await page.waitForFunction(() =>
    document.querySelector("#answer")!.textContent!.includes("push(read(")
  );
});

test("Enter leads on to the buttons; an event of the list takes the machine to its moment", async () => {
  await chooseThread();
  await page.keyboard.press("Enter");
  assertEquals(
    await page.evaluate(() => document.activeElement?.parentElement?.className),
    "ways",
  );
  const event = page.locator(".events button").first();
  const moment = (await event.locator("span").innerText()).replace(" ms", "");
  await event.focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    (moment) =>
      document.querySelector("#clock")!.textContent!.startsWith(moment),
    moment,
  );
  assertEquals(
    await page.evaluate(() => document.documentElement.dataset.machine),
    "paused",
  );
  await page.keyboard.press("F8");
});

test("the mouse pans, zooms with Ctrl at the pointer, and marks a span with Shift", async () => {
  const { x, y, width } = await boxOf();
  const middle = x + width / 2;
  const before = await page.locator("#range").textContent();
  await page.mouse.move(middle, y + 60);
  await page.mouse.down();
  await page.mouse.move(middle - 120, y + 60, { steps: 4 });
  await page.mouse.up();
  const panned = await page.locator("#range").textContent();
  assert(panned !== before, "dragging pans");
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -100);
  await page.keyboard.up("Control");
  await page.waitForFunction(
    (before) => document.querySelector("#range")!.textContent !== before,
    panned,
  );
  await page.keyboard.down("Shift");
  await page.mouse.move(middle - 200, y + 60);
  await page.mouse.down();
  await page.mouse.move(middle + 100, y + 60, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await page.locator(".events table").waitFor();
  assertMatch(await text("#question"), /^What is in the marked span of /);
  assertMatch(
    await text("#answer"),
    /^\d[\d.]* (ns|µs|ms|s), with [\d,]+ events?\./,
  );
  await shot(page, "timeline-marked-light");
  await page.locator("#lanes").focus();
  await page.keyboard.press("Escape");
  await page.locator(".events table").waitFor({ state: "detached" });
});

test("another machine opens by Enter, and its lanes are told of like one's own", async () => {
  await page.keyboard.press("f");
  for (let i = 0; i < 40; i++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() =>
    /cpu 0/i.test(document.querySelector("#question")!.textContent!)
  );
  await shot(page, "timeline-machines-light");
  await page.keyboard.press("p");
  await page.keyboard.press("ArrowUp");
});

test("it is to be looked at in the dark, at 1024 and 390, and in forced colours", async () => {
  await page.evaluate(() =>
    void (document.documentElement.dataset.theme = "dark")
  );
  await chooseThread();
  await pressUntil(".", /B disk/);
  await shot(page, "timeline-dark");
  await page.setViewportSize({ width: 1024, height: 768 });
  await page.waitForTimeout(100);
  await shot(page, "timeline-1024-dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(100);
  await shot(page, "timeline-390-dark");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  await page.evaluate(() => void delete document.documentElement.dataset.theme);
  await page.waitForTimeout(100);
  await shot(page, "timeline-forced");
  assertEquals(stage.faults, []);
});
