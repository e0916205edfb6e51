// rm [-r] [-f] FILE…: removes names. A file goes when its last name is gone and
// nobody has it open. -r also removes directories with all that is in them.

import {
  type Program,
  readdir,
  rmdir,
  type Routine,
  stat,
  SysError,
  unlink,
} from "kettle";
import { options, usageError } from "../lib/args.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "rm",
  synopsis: "[-r] [-f] FILE…",
  about: "Removes files.",
  options: {
    "-r, -R, --recursive": "directories, too, and all that is in them",
    "-f, --force": "a file that is not there is no failure",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const force = given.f !== undefined;
  if (operands.length === 0 && !force) {
    yield* usageError(USAGE, "missing operand");
  }
  let status = 0;
  for (const path of operands) {
    try {
      if (given.r !== undefined) yield* removeAll(path);
      else yield* unlink(path);
    } catch (error) {
      const missing = error instanceof SysError && error.code === "ENOENT";
      if (force && missing) continue;
      status = yield* complain("rm", error);
    }
  }
  return status;
}

function* removeAll(path: string): Routine {
  if ((yield* stat(path)).type !== "directory") {
    yield* unlink(path);
    return;
  }
  for (const { name } of yield* readdir(path)) {
    yield* removeAll(`${path}/${name}`);
  }
  yield* rmdir(path);
}
