// The built page on a plain static host, under a path of its own: it works, and
// goes on working when the host is gone; a newer version is told of and waits.

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { makeOffline } from "../../web/build/offline.ts";
import { serve, type Served } from "../../web/build/serve.ts";
import { overBudget, sizesOf, sizeTable } from "../../web/build/sizes.ts";
import { builtPage } from "../web/built_page.ts";
import { enter, PROMPT, Stage, waitForText } from "../web/browser.ts";

const PORT = 8760;
let stage: Stage;
let root = "";
let host: Served;
let page: Page;

before(async () => {
  stage = await Stage.open(8750);
  root = mkdtempSync(join(tmpdir(), "kettle-host-"));
  cpSync(await builtPage(), join(root, "kettle"), { recursive: true });
  await makeOffline(join(root, "kettle"));
  host = await serve(root, PORT);
});

after(async () => {
  await host?.close();
  await stage?.close();
  rmSync(root, { recursive: true, force: true });
});

test("what a visitor waits for is within its budget", async () => {
  const sizes = await sizesOf(await builtPage());
  console.log(sizeTable(sizes));
  assertEquals(overBudget(sizes), []);
});

test("a budget that is passed is named, with the figures", async () => {
  const sizes = (await sizesOf(await builtPage())).map((size) =>
    size.name === "main.js" ? { ...size, packed: size.packed + 300_000 } : size
  );
  const [sentence, ...more] = overBudget(sizes);
  assertEquals(more, []);
  assertMatch(sentence!, /^to the prompt \(main.js \+ runner.js\): [\d.]+ KiB/);
});

test("under a path of its own it works, and once it was kept it works without the host", async () => {
  page = await stage.newPage();
  await page.goto(`${host.url}kettle/#playground`);
  await waitForText(page, PROMPT);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  await host.close();
  await page.reload();
  await waitForText(page, PROMPT);
  await enter(page, "hello", "hello");
  await page.locator("#share").click();
  await page.locator("dialog.share .link").waitFor();
  assertMatch(
    await page.locator("dialog.share .link").inputValue(),
    /:\d+\/kettle\/#1/,
  );
  await page.keyboard.press("Escape");
});

test("a newer version is told of, and used when the visitor says so", async () => {
  host = await serve(root, Number(new URL(host.url).port));
  const index = join(root, "kettle", "index.html");
  const text = readFileSync(index, "utf8").replace("data-offline ", "");
  writeFileSync(index, text.replace("<title>", "<title>Newer "));
  await makeOffline(join(root, "kettle"));
  await page.reload();
  await waitForText(page, PROMPT);
  assert(!(await page.title()).startsWith("Newer"));
  const use = page.getByRole("button", { name: "Use it" });
  await use.waitFor();
  await use.click();
  await page.waitForFunction(() => document.title.startsWith("Newer"));
  await waitForText(page, PROMPT);
  assertEquals(stage.faults, []);
});
