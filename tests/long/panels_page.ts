// The panels in a real browser: the dock at three widths, one selection everywhere,
// the same after going back, charts that go to a time, and nothing wrong for axe.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { violationsIn } from "../web/axe_in.ts";
import { shot, Stage, waitForText } from "../web/browser.ts";

let stage: Stage;
let page: Page;

before(async () => {
  stage = await Stage.open(8720);
  page = await stage.visit();
});

after(() => stage?.close());

const shown = () =>
  page.locator("#dock .panel:not([hidden])").evaluateAll((panels) =>
    panels.map(({ id }) => id)
  );
const widths = () =>
  page.locator("#dock .panel:not([hidden])").evaluateAll((panels) =>
    panels.map((panel) => Math.round(panel.getBoundingClientRect().width))
  );
const paused = () =>
  page.waitForFunction(() =>
    document.documentElement.dataset.machine === "paused"
  );
const sum = () => page.locator("#requests .sum").innerText();
const press = (key: string) => page.locator("#lanes").press(key);

test("at first four panels share the row; who is closed leaves the width to the right", async () => {
  await page.locator("#network .doing").waitFor();
  assertEquals(await shown(), ["requests", "queue", "disk", "network"]);
  assertEquals((await widths()).slice(0, 3), [328, 184, 264]);
  await page.locator("#queue .close").click();
  assertEquals(await shown(), ["requests", "disk", "network"]);
  assertEquals((await widths()).slice(0, 2), [328, 448]);
  await press("u");
  await page.locator("#queue .body:focus").waitFor();
  assertEquals((await widths()).slice(0, 3), [328, 184, 264]);
});

test("time stopped in a seek: requests, run queue and disk tell of the same", async () => {
  await page.locator("#speed").selectOption("0.001");
  await page.locator(".xterm").click();
  await page.keyboard.type("figure_block\n");
  await page.locator("#requests tbody tr", { hasText: "disk, seek" }).waitFor();
  await page.keyboard.press("F8");
  await paused();
  const row = page.locator("#requests tbody tr", { hasText: "open" });
  assertMatch(
    await row.innerText(),
    /open.*\s+block\s+disk, seek\s+[\d.]+ [µm]s/,
  );
  assertMatch(
    await sum(),
    /^2 pending, 0 events waiting to be taken\. Next: the open of figure_block, in/,
  );
  assertEquals(await page.locator("#queue .nobody:visible").allInnerTexts(), [
    "Idle: nobody runs.",
    "Nobody waits.",
  ]);
  assertMatch(
    await page.locator("#queue ul:visible").last().innerText(),
    /sh\s+event\s+B?\s*figure_block\s+disk/,
  );
  await row.click();
  await page.locator("#question", { hasText: "figure_block" }).waitFor();
  await page.locator("#requests tr.chosen", { hasText: "open" }).waitFor();
  assertEquals(
    await page.locator("#queue [aria-pressed=true]").innerText(),
    "B\nfigure_block\ndisk",
  );
  await shot(page, "panels-light");
  assertEquals(await violationsIn(page, "#dock"), []);
  await page.emulateMedia({ colorScheme: "dark" });
  await shot(page, "panels-dark");
  assertEquals(await violationsIn(page, "#dock"), []);
  await page.emulateMedia({ colorScheme: "light" });
});

test("what is chosen on the timeline is chosen in the panels; Escape lets it go", async () => {
  await page.locator("#lanes").focus();
  await page.keyboard.press("ArrowUp");
  await page.locator("#requests tr.chosen", { hasText: "waitpid" }).waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() =>
    document.querySelector("#requests tr.chosen") === null
  );
});

test("back in time and on again the panels show what they showed", async () => {
  const clock = () => page.locator("#clock").innerText();
  const all = async () =>
    [
      await clock(),
      await page.locator("#requests .body").innerText(),
      await page.locator("#queue .body").innerText(),
      await page.locator("#disk .phases").innerText(),
    ].join("\n");
  await page.locator("#step").click();
  await page.waitForTimeout(100);
  const before = await all();
  const then = await page.locator("#clock").textContent();
  await page.locator("#back").click();
  await page.waitForFunction(
    (text) => document.querySelector("#clock")!.textContent !== text,
    then,
  );
  await page.waitForTimeout(100);
  assert(await all() !== before);
  await page.locator("#step").click();
  await page.waitForTimeout(300);
  assertEquals(await all(), before);
});

test("a panel is enlarged over the page, and Escape puts it back", async () => {
  await page.locator("#requests .head h2").dblclick();
  await page.locator("#requests.large").waitFor();
  assertEquals((await widths())[0], 1440);
  assert(await page.getByRole("columnheader", { name: "program" }).isVisible());
  await page.keyboard.press("Escape");
  assertEquals((await widths())[0], 328);
});

test("the charts show the timeline's window; a press goes to that time", async () => {
  await page.locator("#speed").selectOption("max");
  await page.keyboard.press("F8");
  await waitForText(page, "kettle$");
  await page.locator("#lanes").focus();
  await page.keyboard.press("c");
  await page.locator("#charts canvas").first().waitFor();
  await press("f");
  await press("f");
  const sentence = page.locator("#charts .shown .sentence");
  await sentence.filter({ hasText: /requests? of the disk or the network/ })
    .waitFor();
  await page.getByRole("button", { name: "CPU", exact: true }).click();
  await page.locator("#charts .cpu .sentence", { hasText: "worked" }).waitFor();
  const chart = page.locator("#charts .cpu .chart-stage");
  await chart.locator("canvas").waitFor();
  await chart.focus();
  let when = "";
  const read = /^[\d.,]+ ms: busy [\d.]+ %, interrupts .*, idle/;
  for (let i = 0; i < 50 && !read.test(when); i++) { // the last figures may be on their way
    await page.keyboard.press("ArrowRight");
    when = await chart.getAttribute("aria-valuetext") ?? "";
  }
  assertMatch(when, read);
  await page.keyboard.press("Enter");
  await paused();
  const [ms] = when.split(":");
  await page.waitForFunction(
    (ms) =>
      document.querySelector("#clock")!.textContent!.replace(/ /g, "")
        .startsWith(ms),
    ms!.replace(" ms", ""),
  );
  await page.locator("#charts .cpu summary").click();
  const rows = page.locator("#charts .cpu tbody tr");
  await rows.first().waitFor();
  assertEquals(await rows.count(), 12);
  assertEquals(await violationsIn(page, "#dock"), []);
  await shot(page, "panels-charts-light");
});

test("with less room two are shown under a strip of names, then one", async () => {
  await page.setViewportSize({ width: 1024, height: 768 });
  await page.waitForFunction(() =>
    document.querySelectorAll("#dock .panel:not([hidden])").length === 2
  );
  await page.locator(".dock-strip").getByText("Memory").click();
  await page.locator("#memory .doing", { hasText: "Programs have" }).waitFor();
  assert((await shown()).includes("memory"));
  await shot(page, "panels-1024-light");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Panels", exact: true }).click();
  await page.locator(".dock-strip").getByText("Handles").click();
  await page.locator("#handles .doing", { hasText: "descriptors" }).waitFor();
  assertEquals(await shown(), ["handles"]);
  assertEquals(await page.evaluate(() => document.body.scrollWidth), 390);
  await shot(page, "panels-390-light");
  assertEquals(await violationsIn(page, "#dock"), []);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("the last one closed leaves a bar with all names, and it stays so", async () => {
  while ((await shown()).length > 0) {
    await page.locator("#dock .panel:not([hidden]) .close").first().click();
  }
  const strip = page.locator(".dock-strip");
  assertEquals((await strip.boundingBox())!.height, 32);
  assertEquals(await strip.getByRole("button").count(), 7);
  await page.reload();
  await waitForText(page, "kettle$");
  assertEquals(await shown(), []);
  await strip.getByText("Run queue").click();
  await page.locator("#queue .body:focus").waitFor();
});

test("a panel that cannot be fetched says so, and comes when it is tried again", async () => {
  await page.route("**/panel_memory.js*", (route) => route.abort());
  await press("m");
  const panel = page.locator("#memory");
  await panel.getByText("could not be loaded").waitFor();
  await page.unroute("**/panel_memory.js*");
  await panel.getByRole("button", { name: "Try again" }).click();
  await panel.locator(".doing", { hasText: "Programs have" }).waitFor();
  assertEquals(stage.faults, []);
});
