// `kettle man`: the machine's man, in the terminal of the host.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

function man(...args: string[]) {
  const engine = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...engine, "host/cli.ts", "man", ...args],
    { cwd: ROOT, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

test("kettle man shows a page, with a program's own options", () => {
  const { status, stdout, stderr } = man("uniq");
  assertEquals([status, stderr], [0, ""]);
  assert(stdout.startsWith("uniq(1) "));
  assertMatch(stdout, /OPTIONS\n +-c, --count/);
});

test("kettle man --apropos looks for a word, a wrong name has the status of man", () => {
  assertMatch(man("--apropos", "cable").stdout, /^net\(7\) |^world\(5\) /m);
  const { status, stderr } = man("raed");
  assertEquals([status, stderr], [
    16,
    "man: no page for raed; the nearest is read\n",
  ]);
});
