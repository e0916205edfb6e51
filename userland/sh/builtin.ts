// What all builtins have in common: their shape, and how they print, complain and
// quote. Knows none of them.

import type { Routine } from "kettle";
import type { Shell } from "./shell.ts";

export type RunText = (shell: Shell, source: string) => Routine<number>;
/** A command that the shell runs itself; gives its status. */
export type Builtin = (
  shell: Shell,
  args: string[],
  runText: RunText,
) => Routine<number>;

export function* show(
  shell: Shell,
  output: string | Uint8Array,
): Routine<number> {
  yield* shell.print(output);
  return 0;
}

export function* refuse(
  shell: Shell,
  message: string,
  status = 2,
): Routine<number> {
  yield* shell.complain(message);
  return status;
}

export function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
