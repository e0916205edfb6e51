// Putting lines in order: which comes first, as sort's options say, and the sorting
// itself, in runs that are merged. Comparing takes CPU time. Reads nothing.

import { compute, type Routine } from "kettle";
import { type Options, refuse, type Usage } from "./args.ts";
import {
  type Key,
  keyText,
  type Order,
  parseKey,
  sortValue,
} from "./sort_key.ts";

/** So many lines are sorted at once; longer lists are merged. */
export const RUN_LINES = 16_384;
/** One comparison: a few dozen instructions and a cache miss (our estimate). */
const COMPARE_NS = 50;

export interface Row {
  line: string;
  values: (string | number)[];
}

export interface Ordering {
  compare: (a: Row, b: Row) => number;
  /** True if of the two only one is kept, or is in disorder. */
  isSame: (a: Row, b: Row) => boolean;
  values: (line: string) => (string | number)[];
}

/** Two ways to compare that exclude each other, as letters. */
function conflictOf(order: Order): string | null {
  const { d, g, h, M, n, V } = order;
  const ways = [g, h, M, n, d ?? V].filter((way) => way).length;
  if (ways < 2) return null;
  return [..."dfghMnV"].filter((letter) => order[letter as keyof Order])
    .join("");
}

/** What the options say; a wrong one ends the program. */
export function* ordering(
  usage: Usage,
  { given, order }: Options,
): Routine<Ordering> {
  const flags = "bdfghMnrV".split("").filter((letter) => given[letter]);
  const global: Order = Object.fromEntries(flags.map((flag) => [flag, true]));
  const keys: Key[] = [];
  for (const { key: option, value } of order) {
    if (option !== "k") continue;
    const key = parseKey(String(value), global);
    if (typeof key === "string") return yield* refuse(usage, key);
    keys.push(key);
  }
  const used = keys.length === 0 ? [global] : keys.map(({ order }) => order);
  const conflict = used.map(conflictOf).find((letters) => letters !== null);
  if (conflict) yield* refuse(usage, `options '-${conflict}' are incompatible`);
  const separator = given.t === "\\0" ? "\0" : String(given.t ?? "");
  if (given.t !== undefined && separator.length !== 1) {
    const what = separator === ""
      ? "empty tab"
      : `multi-character tab '${separator}'`;
    yield* refuse(usage, what);
  }
  const values = (line: string) =>
    keys.length === 0
      ? [sortValue(line, global)]
      : keys.map((key) => sortValue(keyText(line, key, separator), key.order));
  const byKeys = (a: Row, b: Row) => {
    for (let at = 0; at < used.length; at++) {
      const [left, right] = [a.values[at]!, b.values[at]!];
      if (left !== right) return (left < right) === !used[at]!.r ? -1 : 1;
    }
    return 0;
  };
  const last = (a: Row, b: Row) =>
    a.line === b.line ? 0 : (a.line < b.line) === !global.r ? -1 : 1;
  const isLast = given.s === undefined && given.u === undefined;
  return {
    compare: isLast ? (a, b) => byKeys(a, b) || last(a, b) : byKeys,
    isSame: (a, b) => byKeys(a, b) === 0,
    values,
  };
}

/** Sorts runs, then merges them: the kernel gets its turn in between. */
export function* sortRows(
  rows: Row[],
  compare: (a: Row, b: Row) => number,
): Routine<Row[]> {
  const runs: Row[][] = [];
  for (let at = 0; at < rows.length; at += RUN_LINES) {
    const run = rows.slice(at, at + RUN_LINES);
    let compared = 0;
    run.sort((a, b) => (compared++, compare(a, b)));
    if (compared > 0) yield* compute(compared * COMPARE_NS);
    runs.push(run);
  }
  return yield* mergeAll(runs, compare);
}

/** Two and two, so that what compares equal stays in its order. */
export function* mergeAll(
  all: Row[][],
  compare: (a: Row, b: Row) => number,
): Routine<Row[]> {
  let runs = all;
  while (runs.length > 1) {
    const merged: Row[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(yield* merge(runs[at]!, runs[at + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge(
  left: Row[],
  right: Row[],
  compare: (a: Row, b: Row) => number,
): Routine<Row[]> {
  const merged: Row[] = [];
  let at = 0, other = 0;
  while (at < left.length && other < right.length) {
    const isRight = compare(left[at]!, right[other]!) > 0;
    merged.push(isRight ? right[other++]! : left[at++]!);
    if (merged.length % RUN_LINES === 0) {
      yield* compute(RUN_LINES * COMPARE_NS);
    }
  }
  return merged.concat(left.slice(at), right.slice(other));
}
