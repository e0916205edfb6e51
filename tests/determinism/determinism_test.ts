// A run is a function of (programs, machine, seed, input log): the same twice,
// and the same on Deno, Bun and in Chromium, to the byte of the trace.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { build } from "esbuild";
import { openBrowser } from "../web/browser.ts";
import { hashes } from "./scenarios.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const PRINT = "tests/determinism/print.ts";

test("the same run leaves the same trace twice", () => {
  assertEquals(hashes(), hashes());
});

for (
  const [engine, command] of [
    ["Deno", ["deno@2.9.6", "run", "-A", "--no-check", PRINT]],
    ["Bun", ["bun@1.4.5", PRINT]],
  ] as const
) {
  test(`${engine} leaves the same traces as this engine`, () => {
    const printed = execFileSync("npx", ["-y", ...command], {
      cwd: ROOT,
      encoding: "utf8",
    });
    assertEquals(JSON.parse(printed.trim().split("\n").at(-1)!), hashes());
  });
}

test("Chromium leaves the same traces as this engine", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents:
        `import { hashes } from "./scenarios.ts"; globalThis.told = hashes();`,
      resolveDir: import.meta.dirname!,
    },
    bundle: true,
    write: false,
    format: "iife",
    alias: {
      "kettle": join(ROOT, "mod.ts"),
      "kettle/world": join(ROOT, "kernel/mod.ts"),
    },
  });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]!.text });
    const told = await page.evaluate("globalThis.told");
    assertEquals(told, hashes());
  } finally {
    await browser.close();
  }
});

test("every scenario leaves a trace of its own", () => {
  const told = Object.values(hashes());
  assertEquals(new Set(told).size, 15);
});
