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
  /** Exit status of a usage error; 1 unless given. */
  trouble?: number;
}

export interface Options {
  /** By the first name without dashes: true, or the value given. */
  given: Record<string, string | true | undefined>;
  operands: string[];
}

interface Option {
  key: string;
  takesValue: boolean;
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
  yield* write(2, `${usage.name}: ${message}\n${hint}`);
  yield* exit(usage.trouble ?? 1);
  throw new Error("a process that has ended went on");
}

/** The count that an option asks for: a whole number, not negative. */
export function* count(
  usage: Usage,
  value: string | true | undefined,
  otherwise: number,
): Routine<number> {
  if (value === undefined) return otherwise;
  if (/^\d+$/.test(String(value))) return Number(value);
  return yield* usageError(usage, `invalid number: '${value}'`);
}

/** A call that does not fit the table. */
export class UsageError extends Error {}

/** The pure part: sorts arguments into options and operands. */
export function parseOptions(args: string[], usage: Usage): Options {
  const table = optionTable(usage);
  const result: Options = { given: {}, operands: [] };
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
    } else result.operands.push(arg);
  }
  return result;
}

function takeLong(
  arg: string,
  rest: string[],
  table: Map<string, Option>,
  result: Options,
): void {
  const [name = "", ...after] = arg.split("=");
  const option = table.get(name);
  if (option === undefined) {
    const near = nearest(name, [...table.keys()].filter((key) => key[2]));
    const hint = near === null ? "" : `; did you mean ${near}?`;
    throw new UsageError(`unrecognized option '${name}'${hint}`);
  }
  if (!option.takesValue) {
    result.given[option.key] = true;
    return;
  }
  const value = after.length > 0 ? after.join("=") : rest.shift();
  if (value === undefined) {
    throw new UsageError(`option '${name}' requires an argument`);
  }
  result.given[option.key] = value;
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
    if (!option.takesValue) {
      result.given[option.key] = true;
      continue;
    }
    const value = letters.length > 0 ? letters.join("") : rest.shift();
    if (value === undefined) {
      throw new UsageError(`option requires an argument -- '${letter}'`);
    }
    result.given[option.key] = value;
    return;
  }
}

/** From `-n, --lines COUNT` to what `-n` and `--lines` mean. */
function optionTable(usage: Usage): Map<string, Option> {
  const table = new Map<string, Option>();
  const names = [...Object.keys(usage.options ?? {}), "--help"];
  for (const entry of names) {
    const words = entry.split(/[ ,]+/);
    const flags = words.filter((word) => word.startsWith("-"));
    const key = flags[0]!.replace(/^-+/, "");
    const takesValue = words.length > flags.length;
    for (const flag of flags) table.set(flag, { key, takesValue });
  }
  return table;
}

/** What --help prints. */
export function helpText(usage: Usage): string {
  const lines = [`Usage: ${usage.name} ${usage.synopsis}`, usage.about];
  const rows = Object.entries(usage.options ?? {});
  if (rows.length > 0) lines.push("");
  for (const [option, purpose] of rows) {
    lines.push(`  ${option.padEnd(20)} ${purpose}`);
  }
  return lines.join("\n") + "\n";
}
