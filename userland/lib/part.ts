// What head and tail have in common: which part of a file is meant (-n 5, -c +9,
// -5, with K and M), and the lines that name the files. Reads nothing.

import { type Routine, write } from "kettle";
import { type Options, refuse, type Usage } from "./args.ts";

export interface Amount {
  /** Lines or bytes. */
  unit: "n" | "c";
  sign: "" | "+" | "-";
  count: number;
}

const NEWLINE = 10;
const UNITS: Record<string, number> = {
  "": 1,
  b: 512,
  kB: 1000,
  K: 1024,
  KiB: 1024,
  MB: 1e6,
  M: 1_048_576,
  MiB: 1_048_576,
  GB: 1e9,
  G: 1_073_741_824,
  GiB: 1_073_741_824,
};

/** `-5` as `-n 5`. */
export function oldStyle(args: string[]): string[] {
  const old = /^-(\d+)$/.exec(args[0] ?? "");
  return old === null ? args : ["-n", old[1]!, ...args.slice(1)];
}

/** What the last -n or -c says. */
export function* amountOf(
  usage: Usage,
  order: Options["order"],
): Routine<Amount> {
  const last = order.findLast(({ key }) => key === "n" || key === "c");
  const unit = last?.key === "c" ? "c" : "n";
  const text = String(last?.value ?? "10");
  const [, sign = "", digits, letters = ""] =
    /^([-+]?)(\d+)([A-Za-z]*)$/.exec(text) ?? [];
  const count = Number(digits) * (UNITS[letters] ?? NaN);
  if (Number.isNaN(count)) {
    const what = unit === "c" ? "bytes" : "lines";
    yield* refuse(usage, `invalid number of ${what}: '${text}'`);
  }
  return { unit, sign: sign as Amount["sign"], count };
}

/** Writes `==> FILE <==` before each of several files. */
export function headings(
  given: Options["given"],
  files: string[],
): (file: string) => Routine {
  const wanted = given.v !== undefined ||
    files.length > 1 && given.q === undefined;
  let isFirst = true;
  return function* (file) {
    if (!wanted) return;
    const name = file === "-" ? "standard input" : file;
    yield* write(1, `${isFirst ? "" : "\n"}==> ${name} <==\n`);
    isFirst = false;
  };
}

/** How many lines end in these bytes. */
export function newlines(bytes: Uint8Array): number {
  let count = 0;
  let at = bytes.indexOf(NEWLINE);
  for (; at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
