// dirname PATH…: the path without its last name.

import { print, type Program } from "kettle";
import { usageError } from "../lib/args.ts";
import { directoryName } from "../lib/paths.ts";

const USAGE = {
  name: "dirname",
  synopsis: "PATH…",
  about: "Prints a path without its last name.",
};

export default function* main(args: string[]): Program {
  if (args.length === 0) return yield* usageError(USAGE, "missing operand");
  for (const path of args) yield* print(directoryName(path));
}
