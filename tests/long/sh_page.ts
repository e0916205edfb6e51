// The shell on the page, in a real browser: what is typed, pasted and printed is
// there once and whole. How long a key takes to be on the screen is printed, not
// judged.

import { assert, assertEquals } from "@std/assert";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import {
  atPrompt,
  paste,
  screenText,
  Stage,
  waitForText,
} from "../web/browser.ts";

let stage: Stage;
let page: Page;

before(async () => {
  stage = await Stage.open(8190);
  page = await stage.visit();
  await page.locator(".xterm").click();
});

after(() => stage?.close());

async function clear(): Promise<void> {
  await page.keyboard.press("Control+u");
  await page.keyboard.type("clear\n");
  await page.waitForFunction(() => {
    const rows = document.querySelector(".xterm-rows") as HTMLElement;
    return rows.innerText.trim() === "kettle$";
  });
}

/** From now on: how long after each key the rows of the terminal changed, in ms. */
async function watchKeys(): Promise<void> {
  await page.evaluate(() => {
    const delays: number[] = [];
    let pressed = 0;
    const rows = document.querySelector(".xterm-rows")!;
    addEventListener("keydown", () => pressed = performance.now(), true);
    new MutationObserver(() => {
      if (pressed > 0) delays.push(performance.now() - pressed);
      pressed = 0;
    }).observe(rows, { childList: true, subtree: true, characterData: true });
    Object.assign(globalThis, { keyDelays: delays });
  });
}

async function keyDelays(): Promise<number[]> {
  const delays = await page.evaluate(() =>
    (globalThis as unknown as { keyDelays: number[] }).keyDelays
  );
  return delays.sort((a, b) => a - b);
}

test("what is typed key by key stands there, and quickly", async () => {
  await clear();
  await watchKeys();
  const text = "echo " + "the quick brown fox jumps over it ";
  for (const key of text) {
    await page.keyboard.press(key === " " ? "Space" : key);
    await page.waitForTimeout(20);
  }
  const delays = await keyDelays();
  const at = (part: number) =>
    delays[Math.floor(part * (delays.length - 1))]!.toFixed(1);
  console.log(
    `key to screen: median ${at(0.5)} ms, 9 of 10 within ${at(0.9)} ms, ` +
      `longest ${at(1)} ms, of ${delays.length} keys`,
  );
  await page.keyboard.press("Enter");
  await waitForText(page, `\n${text.slice(5).trim()}`);
});

test("100 KiB pasted into a command arrive there whole", async () => {
  await clear();
  await page.keyboard.type("printf %s ");
  const text = Array.from({ length: 12_800 }, (_, n) => `${n}`.padStart(8, "."))
    .join("");
  await paste(page, text);
  await page.keyboard.type(" >f; wc -c <f; tail -c 8 f\n");
  await waitForText(page, "102400\n...12799");
  await atPrompt(page);
});

test("a paste of several lines waits for Enter", async () => {
  await clear();
  await paste(page, "echo one\necho two\n");
  await waitForText(page, "echo two");
  await page.keyboard.press("Enter");
  await waitForText(page, "\none\ntwo\nkettle$");
});

test("a long line is there once and whole while the window changes its size", async () => {
  await clear();
  let text = "printf " +
    Array.from({ length: 30 }, (_, n) => `.${n}.`).join("");
  await page.keyboard.type(text);
  const sizes = [[1024, 700], [1440, 900], [960, 500], [1280, 720]] as const;
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(150);
    await page.keyboard.type("<");
    text += "<";
    await page.waitForFunction((wanted) => {
      const rows = document.querySelector(".xterm-rows") as HTMLElement;
      return rows.innerText.replace(/\s/g, "") === wanted;
    }, `kettle$${text}`.replace(/\s/g, "")).catch(async (error) => {
      throw new Error(`${width}: ${await screenText(page)}`, { cause: error });
    });
  }
});

test("of 10,000 lines of output none is lost and none is doubled", async () => {
  await clear();
  await page.keyboard.type("seq 10000\n");
  await waitForText(page, "\n10000\nkettle$");
  const numbers = new Set<number>();
  for (let lowest = Infinity; lowest > 8500;) {
    const shown = (await screenText(page)).split("\n").map((row) => row.trim())
      .filter((row) => /^\d+$/.test(row)).map(Number);
    shown.forEach((number, index) => {
      if (index > 0) assertEquals(number, shown[index - 1]! + 1);
      numbers.add(number);
    });
    assert(shown[0]! < lowest, `scrolled no further than ${lowest}`);
    lowest = shown[0]!;
    await page.keyboard.press("Shift+PageUp");
    await page.waitForFunction((before) => {
      const rows = document.querySelector(".xterm-rows") as HTMLElement;
      return Number(rows.innerText.trim().split("\n")[0]) < before;
    }, lowest);
  }
  for (let n = 8500; n <= 10_000; n += 1) assert(numbers.has(n), `${n}`);
});

test("history is there after a reload, with what was typed last", async () => {
  await page.keyboard.press("Control+c");
  await clear();
  await page.keyboard.type("echo kept in mind\n");
  await waitForText(page, "\nkept in mind");
  await page.waitForFunction(() =>
    document.documentElement.dataset.machine === "idle"
  );
  await page.waitForTimeout(300);
  await page.reload();
  await waitForText(page, "kettle$");
  await page.locator(".xterm").click();
  await page.keyboard.press("ArrowUp");
  await waitForText(page, "kettle$ echo kept in mind");
});

test("nothing on the page threw", () => {
  assertEquals(stage.faults, []);
});
