// mv SOURCE DESTINATION: renames a file or directory, or moves several into a
// directory. Only names change; no data is copied.

import { type Program, rename } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { inside, isDirectory } from "../lib/paths.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "mv",
  synopsis: "SOURCE… DESTINATION",
  about: "Renames files, or moves them into a directory.",
  options: { "-f": "nothing: mv never asks" },
};

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  const destination = operands.pop();
  if (operands.length === 0 || destination === undefined) {
    return yield* usageError(USAGE, "missing file operand");
  }
  const into = yield* isDirectory(destination);
  if (operands.length > 1 && !into) {
    return yield* complain("mv", `${destination}: not a directory`);
  }
  let status = 0;
  for (const source of operands) {
    try {
      yield* rename(source, into ? inside(destination, source) : destination);
    } catch (error) {
      status = yield* complain("mv", error);
    }
  }
  return status;
}
