// Assignments before a command (`A=1 B=$A make`): set while it runs, or for good
// where there is no command or one that changes the shell itself. With set -x,
// the command is shown here, since now everything in it is known.

import type { Routine } from "kettle";
import { expandText, type Scope } from "./expand.ts";
import type { Shell } from "./shell.ts";
import type { Command } from "./tree.ts";

export interface Manner<T> {
  /** They stay. */
  keep: boolean;
  /** The command gets them in its environment. */
  exported: boolean;
  body: () => Routine<T>;
}

/** Runs `body` with the command's assignments made. */
export function withAssignments<T>(
  shell: Shell,
  scope: Scope,
  command: Command,
  words: readonly string[],
  manner: Manner<T>,
): Routine<T> {
  // Nothing to do is no generator: commands inside one another stay shallow.
  const idle = command.assignments.length === 0 &&
    !shell.options.has("xtrace");
  return idle ? manner.body() : assigning(shell, scope, command, words, manner);
}

function* assigning<T>(
  shell: Shell,
  scope: Scope,
  { assignments }: Command,
  words: readonly string[],
  { keep, exported, body }: Manner<T>,
): Routine<T> {
  const before = keep
    ? []
    : assignments.map(({ name }) => [name, shell.variables.get(name)] as const);
  try {
    const shown: string[] = [];
    const prefix = shell.get("PS4") ?? "+ ";
    for (const { name, value } of assignments) {
      const text = yield* expandText(scope, value);
      shell.set(name, text, exported);
      shown.push(`${name}=${text}`);
    }
    if (shell.options.has("xtrace")) {
      const line = [...shown, ...words].join(" ");
      if (line !== "") yield* shell.tell(`${prefix}${line}\n`);
    }
    return yield* body();
  } finally {
    for (const [name, variable] of before) shell.restore(name, variable);
  }
}
