// Time going back in a real browser: a press goes back by an event, the screen is
// what it was then, Play shows the same again, and a key begins another way.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { moment } from "../../web/parts/units.ts";
import { shot, Stage, violations, waitForText } from "../web/browser.ts";

let stage: Stage;
let page: Page;

before(async () => {
  stage = await Stage.open(8500);
  page = await stage.visit();
});

after(() => stage?.close());

/** Virtual ms on the clock. */
async function clock(): Promise<number> {
  const text = await page.locator("#clock").innerText();
  return Number(text.replace(/[^\d.]/g, ""));
}

async function clockShows(text: string): Promise<void> {
  await page.waitForFunction(
    (text) => document.querySelector("#clock")!.textContent!.startsWith(text),
    text,
  );
}

async function back(press: () => Promise<void>): Promise<void> {
  const now = await clock();
  await press();
  await page.waitForFunction(
    (then) =>
      Number(
        document.querySelector("#clock")!.textContent!.replace(/[^\d.]/g, ""),
      ) < then,
    now,
  );
}

/** Presses ←, with so long a rest before each; the median of what a press took, ms. */
async function stepsBack(count: number, restMs: number): Promise<string> {
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    await page.waitForTimeout(restMs);
    const start = performance.now();
    await back(() => page.keyboard.press("ArrowLeft"));
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  return took[count >> 1]!.toFixed(0);
}

test("back by one event, by key and by button, with the screen as it was then", async () => {
  await page.locator("#speed").selectOption("max");
  await page.locator(".xterm").click();
  await page.keyboard.type("echo first; sleep 0.2; echo second\n");
  await waitForText(page, "\nsecond");
  await page.locator("#lanes").focus();
  const rested = await stepsBack(5, 400), atOnce = await stepsBack(5, 0);
  console.log(
    `a step back takes ${rested} ms, five at once ${atOnce} ms each (medians of 5)`,
  );
  await back(() => page.locator("#back").click());
  while ((await page.locator(".xterm").innerText()).includes("\nsecond")) {
    await back(() => page.keyboard.press("Shift+F9"));
  }
  const screen = await page.locator(".xterm").innerText();
  assert(screen.includes("echo first"), screen);
  assertEquals(
    await page.locator("#state").innerText(),
    "In the past. Play shows it again; a key begins another way.",
  );
  assertEquals(await violations(page), []);
  await shot(page, "page-past-light");
});

test("the clock takes a time, the scrubber any place, and ⏮ the start", async () => {
  const end = Number(await page.locator("#scrubber").getAttribute("max"));
  await page.locator("#clock").click();
  await page.locator("#clock-entry").fill("teatime");
  await page.keyboard.press("Enter");
  assertMatch(
    await page.locator("#clock-entry").evaluate((entry: HTMLInputElement) =>
      entry.validationMessage
    ),
    /^Type a time: 5.208 ms/,
  );
  await page.locator("#clock-entry").fill("12.5");
  await page.keyboard.press("Enter");
  await clockShows("12.500 000");
  await page.locator("#scrubber").focus();
  await page.keyboard.press("End");
  await page.waitForFunction(
    (end) =>
      Number(
        (document.querySelector("#scrubber") as HTMLInputElement)
          .value,
      ) === end,
    end,
  );
  await page.locator("#to-start").click();
  await clockShows("0.000 001");
  assertEquals((await page.locator(".xterm").innerText()).trim(), "");
  assertEquals(
    await page.locator("#recorded").innerText(),
    `${moment(end)}, end of the recording`,
  );
});

test("what was seen comes again when time goes on", async () => {
  await page.keyboard.press("F8");
  await waitForText(page, "\nsecond");
});

test("a key in the past begins another way, and the page says so", async () => {
  await page.locator("#lanes").focus();
  await back(() => page.keyboard.press("ArrowLeft"));
  await page.locator(".xterm").click();
  await page.keyboard.type("x");
  await page.locator("#notice", { hasText: "another way" }).waitFor();
});

test("nothing on the page threw", () => {
  assertEquals(stage.faults, []);
});
