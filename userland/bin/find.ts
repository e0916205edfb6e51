// find [PATH]… [-name PATTERN] [-type f|d]: writes the paths of a tree, each on a
// line, those that fit.

import { type Program, readdir, type Routine, stat } from "kettle";
import { compilePattern } from "../sh/glob.ts";
import { usageError } from "../lib/args.ts";
import { baseName } from "../lib/paths.ts";
import { complain, Output } from "../lib/stdio.ts";

const USAGE = {
  name: "find",
  synopsis: "[PATH]… [-name PATTERN] [-type f|d]",
  about: "Writes the paths of a tree that fit.",
};
const TYPES = new Map([["f", "file"], ["d", "directory"], ["p", "pipe"]]);

interface Wanted {
  name: RegExp;
  type: string | undefined;
  output: Output;
}

export default function* main(args: string[]): Program {
  const first = args.findIndex((arg) => arg.startsWith("-"));
  const tests = first < 0 ? [] : args.slice(first);
  const roots = first < 0 ? args : args.slice(0, first);
  const wanted: Wanted = { name: /^/, type: undefined, output: new Output() };
  while (tests.length > 0) {
    const test = tests.shift()!;
    const value = tests.shift();
    if (test === "-name" && value) wanted.name = compilePattern(value);
    else if (test === "-type" && TYPES.has(value ?? "")) {
      wanted.type = TYPES.get(value!);
    } else return yield* usageError(USAGE, `cannot test for ${test}`);
  }
  let status = 0;
  for (const root of roots.length === 0 ? ["."] : roots) {
    try {
      yield* walk(root, (yield* stat(root)).type, wanted);
    } catch (error) {
      status = yield* complain("find", error);
    }
  }
  yield* wanted.output.flush();
  return status;
}

function* walk(path: string, type: string, wanted: Wanted): Routine {
  const fits = wanted.type === undefined || wanted.type === type;
  if (fits && wanted.name.test(baseName(path))) {
    yield* wanted.output.write(path + "\n");
  }
  if (type !== "directory") return;
  for (const entry of yield* readdir(path)) {
    yield* walk(`${path.replace(/\/$/, "")}/${entry.name}`, entry.type, wanted);
  }
}
