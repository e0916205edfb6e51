// A reader's way through all twelve lessons in a real browser: a prediction, the
// figure played to its end, the task done by turning what there is to turn. Each
// chapter is looked at by axe and photographed, light, dark and on a phone.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { CHAPTERS } from "../../lessons/chapters.ts";
import type { Chapter } from "../../lessons/chapter.ts";
import { shot, Stage, violations } from "../web/browser.ts";

let stage: Stage;
let page: Page;

before(async () => {
  stage = await Stage.open(8660);
  page = await stage.newPage();
  await page.goto(`${stage.served.url}#lessons`);
});

after(() => stage?.close());

const text = (selector: string) => page.locator(selector).innerText();

async function open(fragment: string): Promise<void> {
  await page.evaluate((hash) => location.hash = hash, fragment);
}

/** The slider to one of its stops, a key at a time. */
async function turnTo({ figure }: Chapter, value: number): Promise<void> {
  const slider = page.locator(".lesson .live-control input");
  await slider.press("Home");
  const index = figure.control.stops.indexOf(value);
  for (let i = 0; i < index; i++) await slider.press("ArrowRight");
}

async function choose({ figure }: Chapter, style: string): Promise<void> {
  const tab = page.getByRole("tab", {
    name: figure.styles[style]!.name,
    exact: true,
  });
  if (await tab.count() > 0) await tab.click();
}

async function photograph(number: number): Promise<void> {
  const name = `lesson-${String(number).padStart(2, "0")}`;
  await shot(page, `${name}-light`);
  await page.emulateMedia({ colorScheme: "dark" });
  assertEquals(await violations(page), []);
  await shot(page, `${name}-dark`);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(150);
  assertEquals(
    await page.evaluate(() => document.querySelector("#lessons")!.scrollWidth),
    390,
  );
  await shot(page, `${name}-phone`);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

for (const [index, chapter] of CHAPTERS.entries()) {
  test(`chapter ${index + 1}, ${chapter.title}: predicted, played, done`, async () => {
    await open(`#lessons/${index + 1}`);
    await page.getByRole("heading", { level: 1, name: chapter.title })
      .waitFor();
    await page.locator(".lesson .live-plot rect").first().waitFor();
    assert(await page.locator(".lesson .live-held").isVisible());
    await page.keyboard.press("4");
    await page.keyboard.press("Enter");
    await page.locator(".choice.right").waitFor({ timeout: 20_000 });
    assertMatch(await text(".predict-why"), /\w+/);
    assertEquals(await violations(page), []);
    await photograph(index + 1);
    await choose(chapter, chapter.task.solution.style);
    await turnTo(chapter, chapter.task.solution.value);
    await page.waitForFunction(() =>
      document.querySelector(".task-state")!.textContent!.startsWith("Done")
    );
  });
}

test("all twelve are kept as done", async () => {
  await open("#lessons");
  assertEquals(await page.locator(".chapters .done").count(), CHAPTERS.length);
  assertMatch(await text(".lessons-foot"), /12 of 12 tasks are done/);
  assertEquals(stage.faults, []);
});
