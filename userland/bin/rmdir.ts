// rmdir [-p] [-v] DIRECTORY…: removes empty directories; with -p also those above
// them that become empty.

import { type Program, rmdir, type Routine, SysError, write } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { directoryName } from "../lib/paths.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "rmdir",
  synopsis: "[-p] [-v] DIRECTORY…",
  about: "Removes empty directories.",
  options: {
    "--ignore-fail-on-non-empty": "one that is not empty is no failure",
    "-p, --parents": "also those above",
    "-v, --verbose": "tell what is removed",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  let status = 0;
  for (const operand of operands) {
    for (const path of given.p === undefined ? [operand] : chain(operand)) {
      const problem = yield* remove(path, given.v !== undefined);
      if (problem === null) continue;
      const isFull = problem instanceof SysError &&
        problem.code === "ENOTEMPTY";
      if (isFull && given["ignore-fail-on-non-empty"]) break;
      const about = path === operand
        ? `failed to remove '${path}'`
        : `failed to remove directory '${path}'`;
      status = yield* complain("rmdir", problem, about);
      break;
    }
  }
  return status;
}

/** `a/b/c`, `a/b`, `a`. */
function chain(path: string): string[] {
  const paths = [path];
  for (let at = directoryName(path); !/^[./]$/.test(at);) {
    paths.push(at);
    at = directoryName(at);
  }
  return paths;
}

function* remove(path: string, verbose: boolean): Routine<unknown> {
  try {
    if (verbose) yield* write(1, `rmdir: removing directory, '${path}'\n`);
    yield* rmdir(path);
    return null;
  } catch (error) {
    return error;
  }
}
