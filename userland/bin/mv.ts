// mv [-f | -i | -n] [-u] [-v] SOURCE… DESTINATION: renames a file or directory, or
// moves several into a directory. Only names change; no data is copied.

import {
  type Program,
  rename,
  type Routine,
  type Stat,
  stat,
  SysError,
  write,
} from "kettle";
import { options } from "../lib/args.ts";
import { complain } from "../lib/stdio.ts";
import { strerror } from "../lib/strerror.ts";
import { clobber, mayReplace, statOrNull, transfers } from "../lib/transfer.ts";

const USAGE = {
  name: "mv",
  synopsis: "[-f | -i | -n] [-u] [-v] SOURCE… DESTINATION",
  about: "Renames files, or moves them into a directory.",
  options: {
    "-f, --force": "do not ask",
    "-i, --interactive": "ask before a file is replaced",
    "-n, --no-clobber": "replace nothing",
    "-t, --target-directory DIRECTORY": "into that directory",
    "-T, --no-target-directory": "DESTINATION is the new name, never a place",
    "-u, --update": "only what is newer than what is there",
    "-v, --verbose": "tell what is renamed",
  },
};

export default function* main(args: string[]): Program {
  const asked = yield* options(args, USAGE);
  const { given } = asked;
  const how = clobber(asked);
  let status = 0;
  for (const { from, to } of yield* transfers(USAGE, asked)) {
    try {
      const isKept = how === "never" && (yield* statOrNull(to)) !== null &&
        (yield* statOrNull(from)) !== null;
      if (isKept) continue;
      const problem = yield* problemOf(from, to);
      if (problem !== null) {
        status = yield* complain("mv", problem);
        continue;
      }
      if (given.u !== undefined && !(yield* isNewer(from, to))) continue;
      if (!(yield* mayReplace("mv", how, to))) continue;
      yield* rename(from, to);
      if (given.v !== undefined) {
        yield* write(1, `renamed '${from}' -> '${to}'\n`);
      }
    } catch (error) {
      status = yield* complain("mv", error, `cannot move '${from}' to '${to}'`);
    }
  }
  return status;
}

function* problemOf(from: string, to: string): Routine<string | null> {
  let source: Stat;
  try {
    source = yield* stat(from);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return `cannot stat '${from}': ${strerror(error)}`;
  }
  const there = yield* statOrNull(to);
  const isTree = source.type === "directory";
  const clean = (name: string) => name.replace(/\/+$/, "").replace(/^\.\//, "");
  if (there?.ino === source.ino && there.type === source.type) {
    return `'${from}' and '${to}' are the same file`;
  }
  if (isTree && `${clean(to)}/`.startsWith(`${clean(from)}/`)) {
    return `cannot move '${from}' to a subdirectory of itself, '${to}'`;
  }
  if (there === null) return null;
  if (isTree && there.type !== "directory") {
    return `cannot overwrite non-directory '${to}' with directory '${from}'`;
  }
  if (!isTree && there.type === "directory") {
    return `cannot overwrite directory '${to}' with non-directory`;
  }
  return null;
}

function* isNewer(from: string, to: string): Routine<boolean> {
  const there = yield* statOrNull(to);
  return there === null || (yield* stat(from)).mtimeNs > there.mtimeNs;
}
