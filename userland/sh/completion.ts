// What Tab offers: commands where a command is expected, variables after `$`,
// paths elsewhere. Looks at the text before the cursor only, as a person would,
// and does not parse it.

import { readdir, type Routine, SysError } from "kettle";
import { KEYWORDS } from "./parser.ts";
import type { Shell } from "./shell.ts";
import { commandNames } from "./search.ts";

export interface Completion {
  /** Where the text begins that a candidate replaces. */
  start: number;
  candidates: string[];
}

const COMMAND_FOLLOWS =
  /(?:^|[;&|(]|\b(?:then|do|else|elif|if|while|until|time)\s|[!{]\s)\s*$/;

export function* completion(
  shell: Shell,
  before: string,
): Routine<Completion> {
  const variable = /\$(\{?)(\w*)$/.exec(before);
  if (variable !== null) return variables(shell, before, variable);
  const [word] = /(?:\\[^]|[^\s;&|<>()"'=\\])*$/.exec(before)!;
  const start = before.length - word.length;
  const command = COMMAND_FOLLOWS.test(before.slice(0, start));
  if (!command || word.includes("/")) return yield* paths(shell, word, start);
  const names = new Set([...KEYWORDS, ...yield* commandNames(shell)]);
  const candidates = matching(names, word).map((name) => name + " ");
  const local = yield* paths(shell, word, start);
  const programs = local.candidates.filter((name) => /\.ts $|\/$/.test(name));
  return { start, candidates: [...candidates, ...programs].sort() };
}

function variables(
  shell: Shell,
  before: string,
  match: RegExpExecArray,
): Completion {
  const [whole, brace = "", prefix = ""] = match;
  const names = matching(shell.variables.keys(), prefix);
  const end = brace === "" ? "" : "}";
  return {
    start: before.length - whole.length,
    candidates: names.map((name) => `$${brace}${name}${end}`),
  };
}

function matching(names: Iterable<string>, prefix: string): string[] {
  return [...names].filter((name) => name.startsWith(prefix)).sort();
}

function* paths(
  shell: Shell,
  word: string,
  start: number,
): Routine<Completion> {
  const plain = word.replace(/\\([^])/g, "$1");
  const slash = plain.lastIndexOf("/") + 1;
  const shown = plain.slice(0, slash);
  const prefix = plain.slice(slash);
  const home = shell.get("HOME") ?? "/home";
  const directory = shown.replace(/^~(?=\/)/, home) || ".";
  const candidates: string[] = [];
  for (const { name, type } of yield* entries(directory)) {
    if (!name.startsWith(prefix)) continue;
    if (name.startsWith(".") && !prefix.startsWith(".")) continue;
    const end = type === "directory" ? "/" : " ";
    candidates.push(escaped(shown + name) + end);
  }
  return { start, candidates };
}

function escaped(path: string): string {
  return path.replace(/[\s;&|<>()"'\\$`*?[\]#!]/g, "\\$&");
}

function* entries(directory: string) {
  try {
    return yield* readdir(directory);
  } catch (error) {
    if (error instanceof SysError) return [];
    throw error;
  }
}
