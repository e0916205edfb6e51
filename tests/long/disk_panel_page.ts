// The panel Disk in a real browser: the arm on its way while time stands, and how
// the panel opens and closes.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, test } from "node:test";
import { reload, shot, Stage } from "../web/browser.ts";

let stage: Stage;

before(async () => {
  stage = await Stage.open(8250);
});

after(() => stage?.close());

test("the panel shows the arm on its way while time stands, and goes on with it", async () => {
  await stage.visitor(async (page) => {
    const doing = page.locator("#disk .doing");
    await page.locator("#speed").selectOption("0.0033333333333333335");
    await page.locator(".xterm").click();
    await page.keyboard.type("figure_block\n");
    await doing.filter({ hasText: /The arm seeks to cylinder/ }).waitFor();
    await page.keyboard.press("F8");
    await page.waitForFunction(() =>
      document.documentElement.dataset.machine === "paused"
    );
    const stands = await doing.innerText();
    const arm = () => page.locator(".platter .head").getAttribute("cx");
    const place = await arm();
    await page.waitForTimeout(150);
    assertMatch(stands, /The arm seeks to cylinder [\d,]+: [\d.]+ ms left\./);
    assertEquals([await doing.innerText(), await arm()], [stands, place]);
    assertMatch(
      await page.locator("#disk .phases").innerText(),
      /S seek\n[\d.]+ ms\nO then turn\n[\d.]+ ms\nT then transfer/,
    );
    await page.locator(".request").first().click();
    await page.locator("#question").filter({ hasText: "figure_block" })
      .waitFor();
    assert(await page.locator(".platter .chosen").count() === 1);
    await shot(page, "disk-seek-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await shot(page, "disk-seek-dark");
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForTimeout(300);
    await shot(page, "disk-seek-phone-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await shot(page, "disk-seek-phone-light");
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.keyboard.press("F8");
    await page.waitForFunction(
      (before) =>
        document.querySelector(".platter .head")!.getAttribute("cx") !== before,
      place,
    );
    await doing.filter({ hasText: /waits for the platter to turn/ }).waitFor();
  });
});

test("at full speed the platter is not drawn turning, and the panel says why", async () => {
  await stage.visitor(async (page) => {
    await page.locator(".xterm").click();
    await page.keyboard.type("sleep 2\n");
    await page.locator("#disk .hint").filter({ hasText: "too fast to draw" })
      .waitFor();
    await page.locator(".platter.fast").waitFor({ state: "attached" });
  });
});

test("the panel opens and closes by key, stays as it was, and F6 leads into it", async () => {
  await stage.visitor(async (page) => {
    const panel = page.locator("#disk");
    await panel.locator(".body").waitFor();
    await page.locator("#lanes").focus();
    await page.keyboard.press("F6");
    const focused = () =>
      page.evaluate(() => document.activeElement?.className);
    assertEquals(await focused(), "body");
    await page.keyboard.press("h");
    assert(await panel.isHidden());
    await reload(page);
    assert(await panel.isHidden());
    await page.locator("#lanes").press("h");
    await panel.locator(".body").waitFor();
    assertEquals(await focused(), "body");
    await reload(page);
    await panel.locator(".body").waitFor();
  });
});

test("nothing on the page threw", () => {
  assertEquals(stage.faults, []);
});
