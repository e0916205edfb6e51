// echo: prints its arguments with a space between them. As in dash, backslash
// escapes (\n, \t, \0101, …; \c ends the output) are replaced.

import { type Program, write } from "kettle";
import { addEscaped, ByteText } from "../lib/escape.ts";

export default function* main(args: string[]): Program {
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
