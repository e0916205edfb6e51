// touch [-c] FILE…: makes files that are not there, and makes those that are as new
// as now.
//
// Divergence from Linux: no call sets a time. A file becomes new by being written:
// touch writes its first byte again (an empty one is cut to its length of 0). So
// there is no other time than now: -d, -r and -t are refused.

import {
  close,
  fstat,
  ftruncate,
  open,
  pread,
  type Program,
  pwrite,
  type Routine,
  SysError,
} from "kettle";
import { options, refuse, usageError } from "../lib/args.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "touch",
  synopsis: "[-c] FILE…",
  about: "Makes files that are not there, and those that are as new as now.",
  options: {
    "-a": "nothing: there is one time",
    "-c, --no-create": "make no file",
    "-d, --date TEXT": "refused: there is no other time than now",
    "-m": "nothing: there is one time",
    "-r, --reference FILE": "refused, as -d",
    "-t STAMP": "refused, as -d",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const letter = ["d", "r", "t"].find((letter) => given[letter] !== undefined);
  if (letter !== undefined) {
    yield* refuse(USAGE, `-${letter}: no call sets a file's time, but to now`);
  }
  if (operands.length === 0) yield* usageError(USAGE, "missing file operand");
  let status = 0;
  for (const file of operands) {
    try {
      if (!(yield* renew(file)) && given.c === undefined) {
        yield* close(yield* open(file, "a"));
      }
    } catch (error) {
      const what = given.c === undefined ? "cannot touch" : "setting times of";
      status = yield* complain("touch", error, `${what} '${file}'`);
    }
  }
  return status;
}

/** False if there is no such file. A directory stays as old as it is. */
function* renew(file: string): Routine<boolean> {
  let fd: number;
  try {
    fd = yield* open(file, "r+");
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (error.code === "EISDIR") return true;
    if (error.code === "ENOENT") return false;
    throw error;
  }
  if ((yield* fstat(fd)).type === "file") {
    const first = yield* pread(fd, 1, 0);
    yield* first.length > 0 ? pwrite(fd, first, 0) : ftruncate(fd, 0);
  }
  yield* close(fd);
  return true;
}
