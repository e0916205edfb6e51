// How sh was called: its options, and where the commands come from. Does not read
// or run them.

import { optionOfLetter, optionOfName, switchOption } from "./options.ts";
import type { Shell } from "./shell.ts";
import { Problem } from "./tree.ts";

export interface Invocation {
  source: "command" | "file" | "input" | "help";
  /** After -c: what to run. */
  command: string;
  login: boolean;
  /** What is left: the name or file, and the parameters. */
  operands: string[];
}

/** Reads the arguments and switches the shell's options. A Problem if they make no sense. */
export function readInvocation(
  shell: Shell,
  args: readonly string[],
): Invocation {
  const rest = [...args];
  const letters = new Set<string>();
  while (/^[-+]./.test(rest[0] ?? "")) {
    const option = rest.shift()!;
    if (option === "--") break;
    if (option === "--help") letters.add("help");
    else if (option === "--login") letters.add("l");
    else readLetters(shell, option, rest, letters);
  }
  if (rest[0] === "-") rest.shift();
  const command = letters.has("c") ? rest.shift() : "";
  if (command === undefined) throw new Problem("-c: command missing");
  const source = letters.has("help")
    ? "help"
    : letters.has("c")
    ? "command"
    : letters.has("s") || rest.length === 0
    ? "input"
    : "file";
  return { source, command, login: letters.has("l"), operands: rest };
}

/** -c, -s, -l and -i are sh's own; the others are those of `set`. */
function readLetters(
  shell: Shell,
  [sign = "", ...option]: string,
  rest: string[],
  letters: Set<string>,
): void {
  for (const letter of option) {
    if ("csli".includes(letter)) letters.add(letter);
    else {
      const name = letter === "o"
        ? optionOfName(rest.shift() ?? "", sign)
        : optionOfLetter(letter, sign);
      switchOption(shell.options, name, sign);
    }
  }
}
