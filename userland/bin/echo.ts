// echo: prints its arguments with a space between them. As in dash, backslash
// escapes (\n, \t, \0101, …; \c ends the output) are replaced.

import { type Program, write } from "kettle";
import { options } from "../lib/args.ts";
import { addEscaped, ByteText } from "../lib/escape.ts";

const USAGE = {
  name: "echo",
  synopsis: "[-n] [TEXT]…",
  about: "Prints its arguments with a space between them.",
};

export default function* main(args: string[]): Program {
  if (args.length === 1 && args[0] === "--help") yield* options(args, USAGE);
  yield* write(1, echoed(args));
}

/** What echo prints; the shell's own echo uses this, too. */
export function echoed(args: string[]): Uint8Array {
  const quiet = args[0] === "-n";
  const output = new ByteText();
  addEscaped(output, args.slice(quiet ? 1 : 0).join(" "), "\\0ooo");
  if (!quiet) output.add("\n");
  return output.bytes();
}
