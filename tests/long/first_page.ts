// The page in a real browser: from an empty cache to a prompt, a program of the
// visitor's own through each door, a program that never comes back, and the
// walls of the sandbox. Times are printed, never asserted.

import { assert, assertEquals } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { bundle } from "../../web/build/build.ts";
import { serve } from "../../web/build/serve.ts";
import * as at from "../web/browser.ts";
import { PROMPT, Stage, waitForText } from "../web/browser.ts";

const SCRIPT_BYTES_MAX = 320 * 1024;

let stage: Stage;
let page: Page;

before(async () => {
  stage = await Stage.open(8100);
  page = await stage.newPage();
});

after(() => stage?.close());

const enter = (line: string, wanted: string) => at.enter(page, line, wanted);
const promptAgain = () => at.atPrompt(page);
const writeFile = (path: string, text: string) =>
  at.writeFile(page, path, text);
const shot = (name: string) => at.shot(page, name);

test("a finished figure is there without a script", async () => {
  const bare = await stage.browser.newContext({ javaScriptEnabled: false });
  const still = await bare.newPage();
  await still.goto(stage.served.url);
  assert(await still.locator("#figure .plot rect").count() > 5);
  const figure = still.locator("#figure");
  assert(await figure.getByText("A toy kernel you can watch.").isVisible());
  assert(await still.getByRole("button", { name: "Play" }).isVisible());
  await bare.close();
});

test("the page comes to a prompt without fetching the compiler", async () => {
  const fetched: string[] = [];
  page.on("request", (request) => fetched.push(request.url()));
  const begin = performance.now();
  await page.goto(stage.playground);
  await waitForText(page, PROMPT);
  const took = performance.now() - begin;
  console.log(`load to prompt: ${took.toFixed(0)} ms`);
  assert(!fetched.some((url) => /esbuild|compiler/.test(url)), fetched.join());
  await shot("page-light-start");
});

test("what is fetched before the prompt is under 320 KiB of script, packed", () => {
  const sizes = Object.fromEntries(
    ["main.js", "runner.js", "programs.json", "panel_disk.js", "index.html"]
      .map((name) => {
        const packed =
          gzipSync(readFileSync(join(stage.directory, name))).length;
        console.log(`${name}: ${(packed / 1024).toFixed(1)} KiB packed`);
        return [name, packed];
      }),
  );
  const scripts = sizes["main.js"]! + sizes["runner.js"]!;
  assert(scripts < SCRIPT_BYTES_MAX, `${scripts} bytes`);
});

test("commands typed into the terminal are run by the shell", async () => {
  await page.locator(".xterm").click();
  await page.keyboard.type("echo one two | wc -w\n");
  await waitForText(page, "2");
  await enter("ls /bin", "strace");
  await enter("head -n 1 /bin/sh /servers/rshd.ts", "// rshd [PORT]");
  await waitForText(page, "// sh: the shell");
});

test("a program written into a file is compiled and run", async () => {
  await writeFile(
    "hello.ts",
    `import { print } from "kettle";
export default function* main(): Program {
  yield* print("hello from a " + "visitor");
}
`.replace(": Program", ""),
  );
  const begin = performance.now();
  await enter("run hello.ts", "hello from a visitor");
  console.log(`first compile: ${(performance.now() - begin).toFixed(0)} ms`);
});

const DOORS: Record<string, string> = {
  block:
    "const read1 = yield* read(fd, 512);\n  yield* print('block ' + text(read1).trim());",
  submit:
    "const h = yield* submit(read(fd, 512));\n  const ev = yield* wait(h);\n" +
    "  yield* print('submit ' + (ev.ok ? text(ev.value).trim() : 'failed'));",
  push:
    "let got = '';\n  yield* push(read(fd, 512), (ev) => { got = ev.ok ? text(ev.value).trim() : 'failed'; });\n" +
    "  while (got === '') yield* pause();\n  yield* print('push ' + got);",
};

for (const [door, body] of Object.entries(DOORS)) {
  test(`a program reads from the disk through the door ${door}`, async () => {
    await enter("echo water > cup", PROMPT);
    await writeFile(
      `${door}.ts`,
      `import { O_DIRECT, open, pause, print, push, read, submit, text, wait } from "kettle";
export default function* main() {
  const fd = yield* open("cup", O_DIRECT); // past the page cache
  ${body}
}
`,
    );
    await enter(`run ${door}.ts`, `${door} water`);
  });
}

test("the timeline shows the disk at work and says why a thread waits", async () => {
  await page.keyboard.press("F6");
  await page.locator("#lanes").focus();
  await page.keyboard.press("t");
  const table = await page.locator("#table").innerText();
  assert(/disk\s+S seek/.test(table), table);
  assert(/B blocked\s+disk/.test(table), table);
  await page.keyboard.press("t");
  await page.locator("#lanes").focus();
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() =>
    document.getElementById("answer")!.innerText.length > 10
  );
  await shot("page-light-run");
});

test("a program that never traps is stopped, named, and the files survive", async () => {
  await writeFile(
    "spin.ts",
    `import { print } from "kettle";
export default function* main() {
  yield* print("before");
  /(a+)+b/.test("a".repeat(40));
}
`,
  );
  await page.keyboard.type("clear; run spin.ts\n");
  await page.locator("#notice").filter({ hasText: "spin.ts" }).waitFor({
    timeout: 30_000,
  });
  await promptAgain();
  await enter("cat hello.ts", "hello from a");
});

test("a program that names the network is told so, and cannot get it by a back door", async () => {
  await writeFile(
    "ask.ts",
    'export default function* main() { fetch("/"); }\n',
  );
  await enter("run ask.ts", "ask.ts:1");
  await writeFile(
    "door.ts",
    `import { print } from "kettle";
export default function* main() {
  let got = "nothing";
  try {
    got = typeof ([] as any).constructor.constructor("return fetch")();
  } catch (error) {
    got = (error as Error).name;
  }
  yield* print("got " + got);
}
`,
  );
  await enter("run door.ts", "got EvalError");
});

test("the sandbox has no network, no storage, no eval, for any code", async () => {
  const directory = mkdtempSync(join(tmpdir(), "kettle-probe-"));
  const entry = new URL("../web/probe_page.ts", import.meta.url).pathname;
  writeFileSync(join(directory, "probe.js"), await bundle(entry, "iife"));
  const main = '<!DOCTYPE html><body><script src="probe.js"></script>';
  writeFileSync(join(directory, "index.html"), main);
  const served = await serve(directory, 8150);
  const probe = await stage.newPage();
  await probe.goto(served.url);
  await probe.waitForFunction(() => document.title !== "");
  const found = JSON.parse(await probe.title());
  await served.close();
  rmSync(directory, { recursive: true });
  await probe.close();
  assertEquals(found, {
    eval: "refused",
    fetch: "refused",
    importData: "refused",
    importPage: "refused",
    importScripts: "refused",
    indexedDB: "refused",
    origin: "null",
    socket: "refused",
  });
});

test("leaving the last shell starts another", async () => {
  await enter("exit", "this is the last shell: a new one was started");
});

test("what a visitor wrote is there after a reload", async () => {
  await page.goto(stage.served.url);
  await waitForText(page, PROMPT);
  await enter("cat hello.ts", "hello from a");
});

test("without the compiler a program says what is missing, and runs when it is there", async () => {
  await page.route("**/esbuild.wasm.gz", (route) => route.abort());
  await enter("run hello.ts", "the compiler could not be loaded");
  await page.unroute("**/esbuild.wasm.gz");
  await enter("run hello.ts", "hello from a visitor");
});

test("axe finds nothing wrong with the page, as figure, timeline and table", async () => {
  for (const state of ["figure", "timeline", "table"]) {
    if (state === "figure") await page.goto(stage.served.url);
    if (state === "timeline") await enter("echo done", "done");
    if (state === "table") await page.locator("#as-table").click();
    await waitForText(page, PROMPT);
    assertEquals(await at.violations(page), [], state);
  }
  await page.locator("#as-table").click();
});

test("the page fits dark, and a phone", async () => {
  await page.emulateMedia({ colorScheme: "dark" });
  await shot("page-dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForTimeout(300);
  await shot("page-phone-dark");
  const wide = await page.evaluate(() => document.body.scrollWidth);
  assertEquals(wide, 390);
});

test("nothing on the page threw", () => {
  assertEquals(stage.faults, []);
});
