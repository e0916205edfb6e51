// dirname [-z] PATH…: the path without its last name.

import { type Program, write } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { directoryName } from "../lib/paths.ts";

const USAGE = {
  name: "dirname",
  synopsis: "[-z] PATH…",
  about: "Prints a path without its last name.",
  options: { "-z, --zero": "a zero byte after each, not a newline" },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  const end = given.z === undefined ? "\n" : "\0";
  for (const path of operands) yield* write(1, directoryName(path) + end);
}
