// The lab and the tour in a real browser: an experiment is run, turned, swept and
// mapped; its link opens it again, and a wrong one says what is wrong.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import {
  PROMPT,
  shot,
  Stage,
  violations,
  waitForText,
} from "../web/browser.ts";

let stage: Stage;
let page: Page;

before(async () => {
  stage = await Stage.open(8640);
  page = await stage.newPage();
});

after(() => stage?.close());

const text = (selector: string) => page.locator(selector).innerText();

test("a scenario's link opens the lab with its numbers, and says how it came out", async () => {
  await page.goto(`${stage.served.url}#third-client?clients=4`);
  await page.locator(".lab-table table").waitFor();
  assertEquals(await text(".lab h1"), "The third client");
  assertMatch(
    await text(".lab-verdict"),
    /^The claim holds with these numbers/,
  );
  assertMatch(await text(".lab-table"), /max, ms\s+20\s+10/);
  assertEquals(await text(".lab-link"), "#third-client?clients=4");
  assert(await page.locator(".lab-plot .uplot").count() >= 1);
  assertEquals(await violations(page), []);
  await shot(page, "lab-light");
});

test("a turned number runs it again: with a thread for each the claim is not true", async () => {
  await page.locator("#lab-workers").fill("4");
  await page.locator("#lab-workers").press("Enter");
  await page.waitForFunction(() =>
    document.querySelector(".lab-verdict")!.textContent!.includes("not hold")
  );
  assertEquals(await text(".lab-link"), "#third-client?clients=4&workers=4");
});

test("a sweep draws its points, a map its cells", async () => {
  await page.getByRole("button", { name: "Sweep" }).click();
  await page.locator(".lab-sweep .uplot").waitFor();
  await page.getByRole("button", { name: "Draw the map" }).click();
  await page.waitForFunction(() => {
    const cells = [...document.querySelectorAll(".lab-map td")];
    return cells.filter((it) => it.textContent !== "").length > 5;
  });
  await page.getByRole("button", { name: "Stop" }).click();
  assert(await page.locator(".lab-head progress").isHidden());
  assertMatch(await text(".lab-map"), /holds/);
  assertMatch(await text(".lab-map"), /fails/);
  await page.emulateMedia({ colorScheme: "dark" });
  assertEquals(await violations(page), []);
});

test("a wrong link says what is wrong, and leads on", async () => {
  await page.evaluate(() => location.hash = "#third-client?clients=100000");
  await page.locator("#lessons .notice").waitFor();
  assertMatch(await text("#lessons .notice"), /clients goes from 1 to 100/);
  await page.getByRole("link", { name: "All experiments" }).click();
  await page.locator(".lab .chapters li").first().waitFor();
  assert(await page.locator(".lab .chapters li").count() >= 15);
});

test("the tour goes round by keyboard, and can be left", async () => {
  await page.evaluate(() => location.hash = "#start");
  await page.getByRole("button", { name: /A tour of the playground/ }).click();
  await page.locator(".tour").waitFor();
  assertMatch(await text(".tour"), /1 of 5\s+The program/);
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowRight");
  assertMatch(await text(".tour"), /3 of 5\s+What happened/);
  const wrong = await violations(page);
  assertEquals(wrong.filter((it) => it.includes("tour")), []);
  await page.keyboard.press("Escape");
  assertEquals(await page.locator(".tour").count(), 0);
});

test("lesson and scenario, typed in the terminal, open theirs", async () => {
  await waitForText(page, PROMPT);
  await page.locator(".xterm").click();
  await page.keyboard.type("lesson 4\n");
  await page.getByRole("heading", { name: "What a thread costs" }).waitFor();
  await page.evaluate(() => location.hash = "#playground");
  await page.locator(".xterm").click();
  await page.keyboard.type("scenario tax --param requests=20 --seed 3\n");
  await page.waitForFunction(() =>
    document.querySelector(".lab-link")?.textContent ===
      "#tax?requests=20&seed=3"
  );
  assertEquals(stage.faults, []);
});
