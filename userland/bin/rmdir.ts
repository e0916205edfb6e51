// rmdir DIRECTORY…: removes empty directories.

import { type Program, rmdir } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "rmdir",
  synopsis: "DIRECTORY…",
  about: "Removes empty directories.",
};

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  let status = 0;
  for (const path of operands) {
    try {
      yield* rmdir(path);
    } catch (error) {
      status = yield* complain("rmdir", error);
    }
  }
  return status;
}
