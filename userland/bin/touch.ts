// touch FILE…: makes files that are not there. (Kettle has no call that sets a
// file's time; one that is there stays as it is.)

import { close, open, type Program } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "touch",
  synopsis: "FILE…",
  about: "Makes files that are not there.",
};

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing file operand");
  let status = 0;
  for (const file of operands) {
    try {
      yield* close(yield* open(file, "a"));
    } catch (error) {
      status = yield* complain("touch", error);
    }
  }
  return status;
}
