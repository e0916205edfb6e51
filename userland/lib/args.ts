// Command line options. A program states its options once, in the words that
// --help prints; parsing, the help text and the complaint about a wrong option
// follow from that table. Messages and statuses are those of GNU coreutils.

import { exit, print, type Routine, write } from "kettle";
import { nearest } from "./nearest.ts";

export interface Usage {
  name: string;
  /** What follows the name in a call: `[-n COUNT] [FILE]…` */
  synopsis: string;
  /** One sentence: what the program does. */
  about: string;
  /** `-n, --lines COUNT` → what it is for. A word in capitals means it takes a value. */
  options?: Record<string, string>;
  /** A line that stands before the hint at --help, where the real program has one. */
  usageLine?: string;
  /** Exit status of a usage error; 1 unless given. */
  trouble?: number;
  /** The options end at the first operand: what follows is a command with its own. */
  stops?: boolean;
}

export interface Options {
  /** By the first name without dashes: true, or the value given (the last one). */
  given: Record<string, string | true | undefined>;
  /** All of them, in their order. */
  order: { key: string; value: string | true }[];
  operands: string[];
}

interface Option {
  key: string;
  value: "none" | "required" | "optional";
}

/** Reads the options; prints help or a complaint and ends the process where called for. */
export function* options(args: string[], usage: Usage): Routine<Options> {
  try {
    const result = parseOptions(args, usage);
    if (result.given.help === undefined) return result;
    yield* print(helpText(usage));
    yield* exit(0);
    return result;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return yield* usageError(usage, error.message);
  }
}

/** Complains about how the program was called and ends it. */
export function* usageError(usage: Usage, message: string): Routine<never> {
  const hint = `Try '${usage.name} --help' for more information.\n`;
  const line = usage.usageLine === undefined ? "" : `${usage.usageLine}\n`;
  yield* write(2, `${usage.name}: ${message}\n${line}${hint}`);
  yield* exit(usage.trouble ?? 1);
  throw new Error("a process that has ended went on");
}

/** The count that an option asks for: a whole number, not negative. */
export function* count(
  usage: Usage,
  value: string | true | undefined,
  otherwise: number,
  what = "number",
): Routine<number> {
  if (value === undefined) return otherwise;
  if (/^\d+$/.test(String(value))) return Number(value);
  return yield* refuse(usage, `invalid ${what}: '${value}'`);
}

/** Says why it cannot be done and ends the process; --help would not help. */
export function* refuse(usage: Usage, message: string): Routine<never> {
  yield* write(2, `${usage.name}: ${message}\n`);
  yield* exit(usage.trouble ?? 1);
  throw new Error("a process that has ended went on");
}

/** For operands there must not be. */
export function* noMore(usage: Usage, operands: string[], most: number) {
  if (operands.length <= most) return;
  yield* usageError(usage, `extra operand '${operands[most]}'`);
}

/** A call that does not fit the table. */
export class UsageError extends Error {}

/** The pure part: sorts arguments into options and operands. */
export function parseOptions(args: string[], usage: Usage): Options {
  const table = optionTable(usage);
  const result: Options = { given: {}, order: [], operands: [] };
  const rest = [...args];
  while (rest.length > 0) {
    const arg = rest.shift()!;
    if (arg === "--") {
      result.operands.push(...rest);
      break;
    }
    if (arg.startsWith("--")) takeLong(arg, rest, table, result);
    else if (arg.startsWith("-") && arg !== "-") {
      takeShort(arg, rest, table, result);
    } else {
      result.operands.push(arg);
      if (usage.stops) result.operands.push(...rest.splice(0));
    }
  }
  return result;
}

function take(result: Options, key: string, value: string | true): void {
  result.given[key] = value;
  result.order.push({ key, value });
}

function takeLong(
  arg: string,
  rest: string[],
  table: Map<string, Option>,
  result: Options,
): void {
  const [, typed = "", value] = /^([^=]*)(?:=([^]*))?$/.exec(arg)!;
  const name = wholeName(typed, table);
  const option = table.get(name);
  if (option === undefined) {
    const near = nearest(name, longNames(table));
    const hint = near === null ? "" : `; did you mean ${near}?`;
    throw new UsageError(`unrecognized option '${arg}'${hint}`);
  }
  if (option.value === "none" && value !== undefined) {
    throw new UsageError(`option '${name}' doesn't allow an argument`);
  }
  if (option.value !== "required") {
    return take(result, option.key, value ?? true);
  }
  const taken = value ?? rest.shift();
  if (taken === undefined) {
    throw new UsageError(`option '${name}' requires an argument`);
  }
  take(result, option.key, taken);
}

function longNames(table: Map<string, Option>): string[] {
  return [...table.keys()].filter((key) => key.startsWith("--"));
}

/** `--num` is `--number` where nothing else begins so. */
function wholeName(typed: string, table: Map<string, Option>): string {
  if (table.has(typed)) return typed;
  const meant = longNames(table).filter((name) => name.startsWith(typed));
  const keys = new Set(meant.map((name) => table.get(name)!.key));
  if (keys.size > 1) {
    const names = meant.map((name) => `'${name}'`).join(" ");
    throw new UsageError(
      `option '${typed}' is ambiguous; possibilities: ${names}`,
    );
  }
  return meant[0] ?? typed;
}

function takeShort(
  arg: string,
  rest: string[],
  table: Map<string, Option>,
  result: Options,
): void {
  const letters = [...arg.slice(1)];
  while (letters.length > 0) {
    const letter = letters.shift()!;
    const option = table.get(`-${letter}`);
    if (option === undefined) {
      throw new UsageError(`invalid option -- '${letter}'`);
    }
    if (option.value === "none") {
      take(result, option.key, true);
      continue;
    }
    const attached = letters.length > 0 ? letters.join("") : undefined;
    if (option.value === "optional") {
      return take(result, option.key, attached ?? true);
    }
    const value = attached ?? rest.shift();
    if (value === undefined) {
      throw new UsageError(`option requires an argument -- '${letter}'`);
    }
    return take(result, option.key, value);
  }
}

/** From `-n, --lines COUNT` to what `-n` and `--lines` mean; `[WHEN]`: it may have a value. */
function optionTable(usage: Usage): Map<string, Option> {
  const table = new Map<string, Option>();
  const names = [...Object.keys(usage.options ?? {}), "--help"];
  for (const entry of names) {
    const words = entry.replace(/\[.*/, "").split(/[ ,]+/).filter(Boolean);
    const flags = words.filter((word) => word.startsWith("-"));
    const key = flags[0]!.replace(/^-+/, "");
    const value = entry.includes("[")
      ? "optional"
      : words.length > flags.length
      ? "required"
      : "none";
    for (const flag of flags) table.set(flag, { key, value });
  }
  return table;
}

/** What --help prints. */
export function helpText(usage: Usage): string {
  const lines = [`Usage: ${usage.name} ${usage.synopsis}`, usage.about];
  const rows = Object.entries(usage.options ?? {});
  if (rows.length > 0) lines.push("");
  const width = Math.max(20, ...rows.map(([option]) => option.length));
  for (const [option, purpose] of rows) {
    lines.push(`  ${option.padEnd(width)}  ${purpose}`);
  }
  return lines.join("\n") + "\n";
}
