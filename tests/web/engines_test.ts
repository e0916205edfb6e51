// The same runs in this engine and in Chromium: the same trace, to the last
// event. Deno and Bun both run this test, so they agree with each other too.

import { assertEquals } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { stopCompiler } from "../../host/compile_native.ts";
import { readPrograms } from "../../host/image.ts";
import { precompile } from "../../host/precompile.ts";
import { bundle } from "../../web/build/build.ts";
import { serve, type Served } from "../../web/build/serve.ts";
import { openBrowser } from "./browser.ts";
import { hashes, type Programs, RECIPES } from "./recipes.ts";

const HERE = new URL(".", import.meta.url);
let directory = "";
let served: Served;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "kettle-engines-"));
  const text = await precompile(readPrograms());
  writeFileSync(join(directory, "programs.js"), text);
  const entry = new URL("recipes_page.ts", HERE).pathname;
  writeFileSync(join(directory, "recipes.js"), await bundle(entry, "esm"));
  writeFileSync(
    join(directory, "index.html"),
    `<!DOCTYPE html><script type="module">
      import * as programs from "./programs.js";
      import { start } from "./recipes.js";
      start(programs);
    </script>`,
  );
  served = await serve(directory, 8200);
});

after(async () => {
  await served?.close();
  if (directory !== "") rmSync(directory, { recursive: true });
  await stopCompiler();
});

test("a run is the same in this engine and in Chromium, to the last event", async () => {
  const url = pathToFileURL(join(directory, "programs.js")).href;
  const here = await hashes(await import(url) as Programs);
  const browser = await openBrowser();
  const page = await browser.newPage();
  await page.goto(served.url);
  await page.waitForFunction(() => document.title !== "", undefined, {
    timeout: 60_000,
  });
  const there = JSON.parse(await page.title());
  await browser.close();
  assertEquals(there, here);
});

test("a run is the same twice in a row", async () => {
  const url = pathToFileURL(join(directory, "programs.js")).href;
  const programs = await import(url) as Programs;
  const once = await hashes(programs);
  assertEquals(await hashes(programs), once);
  assertEquals(new Set(Object.values(once)).size, RECIPES.length);
});
