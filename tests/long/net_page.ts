// The network in a real browser: a page is asked of www, time is stopped while
// packets are on the cable, and picture and table tell the same.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { violationsIn } from "../web/axe_in.ts";
import { shot, Stage, waitForText } from "../web/browser.ts";

let stage: Stage;
let page: Page;

before(async () => {
  stage = await Stage.open(8300);
  page = await stage.visit();
});

after(() => stage?.close());

const doing = () => page.locator("#network .doing").innerText();
const marks = () => page.locator(".net-picture .packet");

test("the panel opens by a key, says what to try, and F6 leads into it", async () => {
  await page.locator("#network .doing").waitFor();
  await page.locator("#lanes").focus();
  await page.keyboard.press("n");
  assert(await page.locator("#network").isHidden());
  await page.keyboard.press("n");
  await page.locator("#network .body:focus").waitFor();
  assertEquals(
    await doing(),
    "No packet has been sent yet: try curl http://www/",
  );
  assertEquals(
    await page.locator(".net-picture .host-name").allTextContents(),
    [
      "kettle",
      "mirror",
      "clients",
      "www",
    ],
  );
  await page.locator("#lanes").focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("F6");
  assertEquals(
    await page.evaluate(() => document.activeElement?.closest("section")?.id),
    "network",
  );
});

test("time stopped, packets stand in the cable; table and picture agree", async () => {
  await page.locator("#speed").selectOption("0.03333333333333333");
  await page.locator(".xterm").click();
  await page.keyboard.type("curl http://www/\n");
  await page.locator("#network tbody button", { hasText: /^SYN$/ }).waitFor();
  await page.keyboard.press("F8");
  await page.waitForFunction(() =>
    document.documentElement.dataset.machine === "paused"
  );
  const sentence = await doing();
  assertMatch(sentence, /^1 packet is on the way; it arrives at www in \d/);
  assertEquals(await marks().allTextContents(), ["S"]);
  const rows = await page.locator("#network tbody:has(button) tr")
    .allInnerTexts();
  assertEquals(rows.length, 1);
  assertMatch(rows[0]!, /^SYN\s+kettle\s+www\s+\d+ %\s+[\d.]+ [mµ]s$/);
  const place = () =>
    page.locator(".net-picture .packet .box").getAttribute("x");
  const before = await place();
  await page.waitForTimeout(100);
  assertEquals([await place(), await doing()], [before, sentence]);
});

test("a chosen packet tells its header, and nothing is wrong for axe", async () => {
  await marks().first().click();
  await page.locator(".net-picture .chosen").waitFor();
  const header = await page.locator("#network .counts").first().innerText();
  assertMatch(header, /packet\s+SYN\s+from\s+kettle:\d+\s+to\s+www:80/);
  assertMatch(header, /window\s+[\d,]+\s+frame\s+78 bytes/);
  assertEquals(
    await page.locator("#network [aria-pressed=true]").innerText(),
    "SYN",
  );
  assertEquals(await violationsIn(page, "#network"), []);
  await shot(page, "network-light");
  await page.emulateMedia({ colorScheme: "dark" });
  assertEquals(await violationsIn(page, "#network"), []);
  await shot(page, "network-dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(200);
  await shot(page, "network-phone-dark");
  assertEquals(await page.evaluate(() => document.body.scrollWidth), 390);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("time goes on: the answer comes, and the cables are empty again", async () => {
  await page.locator("#speed").selectOption("max");
  await page.keyboard.press("F8");
  await waitForText(page, "It works.");
  await page.waitForFunction(() =>
    document.querySelector("#network .doing")!.textContent ===
      "No packet is on the way."
  );
  assertEquals(await marks().count(), 0);
  const counts = await page.locator("#network .counts").last().innerText();
  const [, sent, taken] = /(\d+) sent, (\d+) taken in/.exec(counts)!;
  assert(Number(sent) > 8);
  assertEquals(sent, taken);
});

test("nothing on the page threw", () => {
  assertEquals(stage.faults, []);
});
