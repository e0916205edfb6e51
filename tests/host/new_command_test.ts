// `kettle new`: what it makes runs, is tested, is well formed; what is there is
// not written over. Each case has a folder of its own in the checkout.

import { after, test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { spawnSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const IS_DENO = "Deno" in globalThis;
const directory = mkdtempSync(join(ROOT, "tests", "new-"));
after(() => rmSync(directory, { recursive: true }));

function engine(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function kettle(...args: string[]) {
  const cli = IS_DENO
    ? ["run", "-A", "--no-check", "host/cli.ts"]
    : ["host/cli.ts"];
  return engine(...cli, ...args);
}

function place(name: string): string {
  return relative(ROOT, join(directory, name));
}

test("a new program runs, and its tests pass", () => {
  const made = kettle("new", place("a/copy"));
  assertEquals([made.stderr, made.status], ["", 0]);
  assertStringIncludes(made.stdout, `kettle run ${place("a/copy.ts")} tea`);
  assertEquals(readdirSync(join(directory, "a")), ["copy.ts", "copy_test.ts"]);
  const ran = kettle("run", place("a/copy.ts"), "tea");
  assertEquals([ran.stdout, ran.status], ["hello, tea\n", 0]);
  const tested = engine(
    "test",
    ...(IS_DENO ? ["-A", "--no-check"] : []),
    `./${place("a/copy_test.ts")}`,
  );
  assertEquals(tested.status, 0, tested.stderr);
  assert(/2 pass/.test(tested.stdout + tested.stderr), tested.stderr);
});

test("what it makes is formatted and has no complaints", () => {
  kettle("new", place("b/copy"));
  if (!IS_DENO) return assert(readdirSync(join(directory, "b")).length === 2);
  for (const command of [["fmt", "--check"], ["lint"]]) {
    const { status, stderr } = engine(...command, place("b"));
    assertEquals(status, 0, stderr);
  }
});

test("nothing is written over", () => {
  kettle("new", place("c/copy"));
  const file = join(directory, "c", "copy.ts");
  writeFileSync(file, "mine");
  const again = kettle("new", place("c/copy"));
  assertEquals(again.status, 1);
  assertEquals(
    again.stderr,
    `kettle new: ${place("c/copy.ts")} is there already: nothing was written\n`,
  );
  assertEquals(readFileSync(file, "utf8"), "mine");
  rmSync(file);
  assertEquals(kettle("new", place("c/copy.ts")).status, 1);
  assertEquals(readdirSync(join(directory, "c")), ["copy_test.ts"]);
});

test("a name that is none, or a place where kettle is not known, is told", () => {
  const said = (...args: string[]) => kettle("new", ...args).stderr;
  assertStringIncludes(said("My-Program"), "received My-Program");
  assertStringIncludes(said("copy_test"), "received copy_test");
  assertStringIncludes(said(), "new takes one name");
  assertStringIncludes(said("a", "b"), "new takes one name");
  assertStringIncludes(said("/tmp/copy"), "/tmp is outside");
});

test("a program of several files runs on the host and finds the library", () => {
  kettle("new", place("d/copy"));
  const write = (name: string, text: string) =>
    writeFileSync(join(directory, "d", name), text);
  write("words.ts", 'export const WORDS = "a pot of tea";\n');
  write(
    "copy.ts",
    `import { type Program } from "kettle";
import { printf } from "/lib/format.ts";
import { WORDS } from "./words.ts";

export default function* main(): Program {
  yield* printf("%s\\n", WORDS);
}
`,
  );
  const { stdout, stderr } = kettle("run", place("d/copy.ts"));
  assertEquals([stdout, stderr], ["a pot of tea\n", ""]);
});
