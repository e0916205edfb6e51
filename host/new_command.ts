// `kettle new NAME`: a program and its test, to begin with. Both are small, both
// run as they are, and nothing that is there is ever written over. Knows where
// "kettle" can be imported: in this checkout.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandLine, type OptionTable, UsageError } from "./options.ts";

export const NEW_OPTIONS: OptionTable = {};

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const NAME = /^[a-z][a-z0-9_]*$/;
const IN_THE_WAY = 1;

export function newCommand({ rest }: CommandLine): number {
  const [given, ...more] = rest;
  if (given === undefined || more.length > 0) {
    throw new UsageError("new takes one name: kettle new copy");
  }
  const place = placeOf(given);
  const files = filesOf(place);
  const existing = Object.keys(files).filter((file) => existsSync(file));
  if (existing.length > 0) {
    console.error(
      `kettle new: ${
        shown(existing[0]!)
      } is there already: nothing was written`,
    );
    return IN_THE_WAY;
  }
  mkdirSync(place.directory, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(file, text, { flag: "wx" });
  }
  console.log(nextSteps(place));
  return 0;
}

interface Place {
  directory: string;
  /** Without ".ts". */
  name: string;
}

function placeOf(given: string): Place {
  const name = basename(given).replace(/\.ts$/, "");
  if (!NAME.test(name) || name.endsWith("_test")) {
    throw new UsageError(
      `a program's name is small letters, digits and _, as copy or my_server: received ${name}`,
    );
  }
  const directory = resolve(dirname(given));
  if (relative(ROOT, directory).startsWith("..")) {
    throw new UsageError(
      `"kettle" can be imported only inside ${ROOT}: ${directory} is outside`,
    );
  }
  return { directory, name };
}

/** Path → text. */
function filesOf({ directory, name }: Place): Record<string, string> {
  return {
    [join(directory, `${name}.ts`)]: program(name),
    [join(directory, `${name}_test.ts`)]: test(name),
  };
}

function program(name: string): string {
  return `// ${name}: greets, and takes 10 ms for it. Say here what yours does.

import { ms, print, type Program, sleep } from "kettle";

export default function* main(args: string[]): Program {
  const [whom = "world"] = args;
  yield* print(\`hello, \${whom}\`);
  yield* sleep(10 * ms);
}
`;
}

function test(name: string): string {
  return `// Tests of ${name}.ts: each runs it on a machine of its own, in virtual time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "kettle/world";
import main from "./${name}.ts";

test("it greets whom it is told to", () => {
  const { exit, stdout } = run(main, { args: ["tea"] });
  assert.deepEqual(exit, { status: 0 });
  assert.equal(stdout, "hello, tea\\n");
});

test("it takes 10 ms, and hardly more", () => {
  const { elapsedNs } = run(main);
  assert.equal(Math.floor(elapsedNs / 1_000_000), 10);
});
`;
}

function nextSteps({ directory, name }: Place): string {
  const file = shown(join(directory, `${name}.ts`));
  const testFile = shown(join(directory, `${name}_test.ts`));
  const row = (command: string, about: string) =>
    `  ${command.padEnd(46)} ${about}`;
  return [
    `${file} and ${testFile} are there. Now:`,
    "",
    row(`deno task kettle run ${file} tea`, "run it"),
    row(`deno task kettle run --strace ${file}`, "see every call it makes"),
    row(`deno task kettle run --timeline ${file}`, "see what it waits for"),
    row(`deno test -A ${testFile}`, `test it (or bun test ./${testFile})`),
    "",
    'It can have more files: import { pour } from "./pour.ts". The library lies in',
    'userland/lib, for a program "/lib": import { printf } from "/lib/format.ts".',
  ].join("\n");
}

/** As it is called from where we are. */
function shown(path: string): string {
  return relative(".", path).replaceAll("\\", "/");
}
