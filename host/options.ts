// The command line of `kettle`: which command, which options, what is left for
// the program. A wrong word is answered with the nearest right one. Knows the
// commands' options as a table, and none of what they do.

import { parseArgs, type ParseArgsConfig } from "node:util";
import { nearest } from "../userland/lib/nearest.ts";

/** A command line that does not fit: its message is for the person who typed it. */
export class UsageError extends Error {}

export interface OptionSpec {
  /** What its value is called: `N`, `FILE`; none for a switch. */
  value?: string;
  about: string;
}

export type OptionTable = Record<string, OptionSpec>;

export interface CommandLine {
  /** By name: true for a switch, else the value. */
  given: Record<string, string | boolean | undefined>;
  /** From the first word that is no option, untouched. */
  rest: string[];
}

/** Reads the options up to the first other word: what follows belongs to that. */
export function readOptions(args: string[], table: OptionTable): CommandLine {
  const options = parseConfig(table);
  const { tokens } = parseArgs({
    args,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const first = tokens.find((token) => token.kind === "positional");
  const end = first?.index ?? args.length;
  const given: CommandLine["given"] = {};
  for (const token of tokens) {
    if (token.kind !== "option" || token.index >= end) continue;
    checkOption(token, table);
    given[token.name] = token.value ?? true;
  }
  return { given, rest: args.slice(end) };
}

function parseConfig(table: OptionTable): ParseArgsConfig["options"] {
  return Object.fromEntries(
    Object.entries(table).map(([name, { value }]) => [
      name,
      { type: value === undefined ? "boolean" : "string" } as const,
    ]),
  );
}

function checkOption(
  { name, rawName, value }: { name: string; rawName: string; value?: unknown },
  table: OptionTable,
): void {
  const spec = Object.hasOwn(table, name) ? table[name]! : null;
  if (spec === null) {
    const near = nearest(name, Object.keys(table));
    const hint = near === null ? "" : ` Did you mean --${near}?`;
    throw new UsageError(`there is no option ${rawName}.${hint}`);
  }
  if (spec.value !== undefined && value === undefined) {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}`);
  }
}

/** A whole number that is not negative. */
export function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new UsageError(`--${name} takes a whole number: received ${text}`);
}

const UNITS: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** `10s`, `2.5ms`, `300us`, or nanoseconds: a length of virtual time, in ns. */
export function duration(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s)?$/.exec(text);
  if (match === null) {
    throw new UsageError(
      `--${name} takes a time, such as 10s or 300us: received ${text}`,
    );
  }
  return Math.round(Number(match[1]) * UNITS[match[2] ?? "ns"]!);
}

/** The options as the help shows them, one a line. */
export function optionsHelp(table: OptionTable): string[] {
  return Object.entries(table).map(([name, { value, about }]) => {
    const head = value === undefined ? `--${name}` : `--${name} ${value}`;
    return `    ${head.padEnd(16)} ${about}`;
  });
}
