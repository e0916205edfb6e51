// What Tab offers: commands where a command is expected, variables after `$`,
// paths elsewhere, each quoted as the word is that is being written. Looks at the
// text before the cursor as a person would, and does not parse it.

import { readdir, type Routine, SysError } from "kettle";
import { KEYWORDS } from "./parser.ts";
import type { Shell } from "./shell.ts";
import { commandNames } from "./search.ts";

export interface Completion {
  /** Where the text begins that a candidate replaces. */
  start: number;
  candidates: string[];
  /** What to show of each in a list. */
  names: string[];
}

/** The word that ends at the cursor. */
export interface WordAtCursor {
  start: number;
  /** Without quotes and backslashes. */
  plain: string;
  /** The quote that is still open. */
  quote: "" | "'" | '"';
}

/** Words after which the next word is a command. */
const PREFIXES = "then|do|else|elif|if|while|until|time|exec|command|type|" +
  "which|man|help|strace|timeline|perf|env|nice|xargs|run";
const COMMAND_FOLLOWS = new RegExp(
  `(?:^|[;&|(\\n]|(?:^|[\\s;&|(])(?:${PREFIXES})\\s|[!{]\\s)\\s*$`,
);
const BREAKS = " \t\n;&|<>()=";

export function* completion(
  shell: Shell,
  before: string,
): Routine<Completion> {
  const word = wordAtCursor(before);
  const variable = /\$(\{?)(\w*)$/.exec(before);
  if (variable !== null && word.quote !== "'") {
    return variables(shell, before, variable);
  }
  const { start, plain, quote } = word;
  const command = COMMAND_FOLLOWS.test(before.slice(0, start));
  if (!command || plain.includes("/") || quote !== "") {
    return yield* paths(shell, word);
  }
  const names = new Set([...KEYWORDS, ...yield* commandNames(shell)]);
  const local = (yield* paths(shell, word)).candidates
    .filter((name) => /\.ts $|\.sh $|\/$/.test(name));
  const commands = matching(names, plain).map((name) => escaped(name) + " ");
  return completed(start, [...commands, ...local].sort());
}

function completed(start: number, candidates: string[]): Completion {
  const names = candidates.map((name) =>
    name.trimEnd().replace(/^.*\/(?=.)/, "").replace(/^['"]/, "")
      .replace(/['"]$/, "").replace(/\\([^])/g, "$1")
  );
  return { start, candidates, names };
}

/** Goes through the text and its quotes up to the word that is being written. */
export function wordAtCursor(before: string): WordAtCursor {
  let word: WordAtCursor = { start: 0, plain: "", quote: "" };
  for (let at = 0; at < before.length; at += 1) {
    const char = before[at]!;
    const { quote } = word;
    if (char === quote) word.quote = "";
    else if (char === "\\" && quote !== "'" && at + 1 < before.length) {
      at += 1;
      word.plain += before[at]!;
    } else if (quote !== "") word.plain += char;
    else if (char === "'" || char === '"') word.quote = char;
    else if (BREAKS.includes(char)) {
      word = { start: at + 1, plain: "", quote: "" };
    } else word.plain += char;
  }
  return word;
}

function variables(
  shell: Shell,
  before: string,
  match: RegExpExecArray,
): Completion {
  const [whole, brace = "", prefix = ""] = match;
  const names = matching(shell.variables.keys(), prefix);
  const end = brace === "" ? "" : "}";
  const candidates = names.map((name) => `$${brace}${name}${end}`);
  return { start: before.length - whole.length, candidates, names };
}

function matching(names: Iterable<string>, prefix: string): string[] {
  return [...names].filter((name) => name.startsWith(prefix)).sort();
}

function* paths(
  shell: Shell,
  { start, plain, quote }: WordAtCursor,
): Routine<Completion> {
  const slash = plain.lastIndexOf("/") + 1;
  const shown = plain.slice(0, slash);
  const prefix = plain.slice(slash);
  const home = shell.get("HOME") ?? "/home";
  const directory = quote === "" ? shown.replace(/^~(?=\/)/, home) : shown;
  const candidates: string[] = [];
  for (const { name, type } of yield* entries(directory || ".")) {
    if (!name.startsWith(prefix)) continue;
    if (name.startsWith(".") && !prefix.startsWith(".")) continue;
    const path = inQuotes(shown + name, quote);
    candidates.push(path + (type === "directory" ? "/" : quote + " "));
  }
  return completed(start, candidates);
}

/** As it has to be written inside the quotes that are open, or without any. */
function inQuotes(path: string, quote: "" | "'" | '"'): string {
  if (quote === "'") return "'" + path.replaceAll("'", "'\\''");
  if (quote === '"') return '"' + path.replace(/["\\$`]/g, "\\$&");
  return escaped(path);
}

function escaped(path: string): string {
  const tilde = path.startsWith("~/") ? "~" : "";
  const rest = path.slice(tilde.length);
  return tilde + rest.replace(/[\s;&|<>()"'\\$`*?[\]#!{}~=]/g, "\\$&");
}

function* entries(directory: string) {
  try {
    return yield* readdir(directory);
  } catch (error) {
    if (error instanceof SysError) return [];
    throw error;
  }
}
