// cp [-r] SOURCE DESTINATION: copies a file; several files, or a directory with
// -r, into a directory.

import {
  close,
  mkdir,
  open,
  type Program,
  readdir,
  type Routine,
  stat,
  SysError,
} from "kettle";
import { options, usageError } from "../lib/args.ts";
import { inside, isDirectory } from "../lib/paths.ts";
import { complain, copy } from "../lib/stdio.ts";

const USAGE = {
  name: "cp",
  synopsis: "[-r] SOURCE… DESTINATION",
  about: "Copies files.",
  options: { "-r, -R, --recursive": "directories, too" },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const destination = operands.pop();
  if (operands.length === 0 || destination === undefined) {
    return yield* usageError(USAGE, "missing file operand");
  }
  const into = yield* isDirectory(destination);
  if (operands.length > 1 && !into) {
    return yield* complain("cp", `${destination}: not a directory`);
  }
  let status = 0;
  for (const source of operands) {
    const target = into ? inside(destination, source) : destination;
    try {
      yield* copyAny(source, target, given.r !== undefined);
    } catch (error) {
      status = yield* complain("cp", error);
    }
  }
  return status;
}

function* copyAny(from: string, to: string, recursive: boolean): Routine {
  const source = yield* stat(from);
  if (source.type === "directory") {
    if (!recursive) {
      const reason = "is a directory (-r copies it)";
      throw new SysError("EISDIR", "open", { path: from, reason });
    }
    if (!(yield* isDirectory(to))) yield* mkdir(to);
    for (const { name } of yield* readdir(from)) {
      yield* copyAny(`${from}/${name}`, `${to}/${name}`, true);
    }
    return;
  }
  yield* refuseSame(from, to, source.ino);
  const input = yield* open(from);
  const output = yield* open(to, "w");
  yield* copy(input, output);
  yield* close(input);
  yield* close(output);
}

function* refuseSame(from: string, to: string, ino: number): Routine {
  try {
    if ((yield* stat(to)).ino !== ino) return;
  } catch (error) {
    if (error instanceof SysError && error.code === "ENOENT") return;
    throw error;
  }
  const reason = `is the same file as ${to}`;
  throw new SysError("EINVAL", "open", { path: from, reason });
}
