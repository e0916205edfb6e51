// The builtins of variables: export, readonly, local, unset, set, shift. What a
// variable is, the Shell knows; here is only what the commands do with it.

import type { Routine } from "kettle";
import { quoted, show } from "./builtin.ts";
import {
  optionList,
  optionOfLetter,
  optionOfName,
  switchOption,
} from "./options.ts";
import type { Shell, Variable } from "./shell.ts";
import { Problem } from "./tree.ts";

export function* exportVariables(
  shell: Shell,
  args: string[],
): Routine<number> {
  return yield* mark(shell, args, "export", "exported");
}

export function* readonlyVariables(
  shell: Shell,
  args: string[],
): Routine<number> {
  return yield* mark(shell, args, "readonly", "readonly");
}

/** Gives variables a mark, and values where there are some; lists those that have it. */
function* mark(
  shell: Shell,
  args: string[],
  builtin: string,
  what: "exported" | "readonly",
): Routine<number> {
  const words = args.filter((arg) => arg !== "-p" && arg !== "--");
  if (words.length === 0) {
    for (const [name, variable] of sorted(shell)) {
      if (variable[what] !== true) continue;
      yield* shell.print(`${builtin} ${definition(name, variable)}\n`);
    }
  }
  for (const word of words) {
    const { name, value } = declaration(builtin, word);
    if (value !== undefined) shell.set(name, value);
    const known = shell.variables.get(name) ?? { value: null, exported: false };
    shell.variables.set(name, { ...known, [what]: true });
  }
  return 0;
}

function sorted(shell: Shell): [string, Variable][] {
  return [...shell.variables].sort(([a], [b]) => a < b ? -1 : 1);
}

function definition(name: string, { value }: Variable): string {
  return value === null ? name : `${name}=${quoted(value)}`;
}

function declaration(builtin: string, word: string) {
  const [, name, , value] = /^([A-Za-z_]\w*)(=([^]*))?$/.exec(word) ?? [];
  if (name === undefined) {
    throw new Problem(`${builtin}: ${word}: bad variable name`);
  }
  return { name, value };
}

/** local NAME[=VALUE]…: the variable is as it was when the function returns. */
// deno-lint-ignore require-yield
export function* local(shell: Shell, args: string[]): Routine<number> {
  const hidden = shell.hidden.at(-1);
  if (hidden === undefined) throw new Problem("local: not in a function");
  for (const word of args) {
    const { name, value } = declaration("local", word);
    if (!hidden.has(name)) hidden.set(name, shell.variables.get(name));
    if (value !== undefined) shell.set(name, value);
  }
  return 0;
}

// deno-lint-ignore require-yield
export function* unset(shell: Shell, args: string[]): Routine<number> {
  const names = args.filter((arg) => !/^-[fv]$/.test(arg));
  const functions = args[0] === "-f";
  for (const word of names) {
    const { name } = declaration("unset", word);
    if (functions) shell.functions.delete(name);
    else shell.unset(name);
  }
  return 0;
}

export function* set(shell: Shell, args: string[]): Routine<number> {
  if (args.length === 0) {
    for (const [name, variable] of sorted(shell)) {
      if (variable.value === null) continue;
      yield* shell.print(`${definition(name, variable)}\n`);
    }
    return 0;
  }
  if (args.length === 1 && /^[-+]o$/.test(args[0]!)) {
    return yield* show(shell, optionList(shell.options, args[0] === "+o"));
  }
  const { rest, given } = setOptions(shell, args);
  if (given || rest.length > 0) shell.parameters = rest;
  return 0;
}

/** Takes the options off; `given`: there are parameters, perhaps none (`--`). */
export function setOptions(
  shell: Shell,
  args: readonly string[],
): { rest: string[]; given: boolean } {
  const rest = [...args];
  while (/^[-+]/.test(rest[0] ?? "")) {
    const [sign = "", ...letters] = rest.shift()!;
    if (letters.join("") === "-") return { rest, given: true };
    for (const letter of letters) {
      const option = letter === "o"
        ? optionOfName(rest.shift() ?? "", sign)
        : optionOfLetter(letter, sign);
      switchOption(shell.options, option, sign);
    }
    if (letters.length === 0) return { rest, given: false };
  }
  return { rest, given: false };
}

// deno-lint-ignore require-yield
export function* shift(
  shell: Shell,
  [argument = "1"]: string[],
): Routine<number> {
  const count = /^\d+$/.test(argument) ? Number(argument) : Infinity;
  if (count > shell.parameters.length) {
    throw new Problem("shift: cannot shift that many");
  }
  shell.parameters = shell.parameters.slice(count);
  return 0;
}
