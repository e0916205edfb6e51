// sort [-r] [-n] [-u] [-k N] [FILE]…: writes all lines in order: of their bytes,
// or with -n of the numbers they begin with.

import { print, type Program, readAll, text } from "kettle";
import { count, options } from "../lib/args.ts";
import { eachInput } from "../lib/stdio.ts";

const USAGE = {
  name: "sort",
  synopsis: "[-r] [-n] [-u] [-k N] [FILE]…",
  about: "Writes the lines of all files in order.",
  options: {
    "-r, --reverse": "backwards",
    "-n, --numeric-sort": "by the number at the beginning",
    "-u, --unique": "of equal lines only the first",
    "-k, --key N": "by the N-th word and what follows",
  },
  trouble: 2,
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const key = yield* count(USAGE, given.k, 1);
  const lines: string[] = [];
  const status = yield* eachInput("sort", operands, function* (fd) {
    const all = text(yield* readAll(fd));
    if (all !== "") lines.push(...all.replace(/\n$/, "").split("\n"));
  });
  const keyed = lines.map((line) => ({ line, key: from(line, key) }));
  const sign = given.r === undefined ? 1 : -1;
  const compare = given.n === undefined ? byText : byNumber;
  keyed.sort((a, b) =>
    sign * (compare(a.key, b.key) || (given.u ? 0 : byText(a.line, b.line)))
  );
  const kept = given.u === undefined
    ? keyed
    : keyed.filter((row, index) =>
      index === 0 || compare(row.key, keyed[index - 1]!.key) !== 0
    );
  if (kept.length > 0) {
    yield* print(kept.map(({ line }) => line + "\n").join(""));
  }
  return status > 0 ? 2 : 0;
}

function from(line: string, word: number): string {
  let rest = line;
  for (let at = 1; at < word; at += 1) rest = rest.replace(/^\s*\S*/, "");
  return word > 1 ? rest.trimStart() : rest;
}

function byNumber(a: string, b: string): number {
  return leading(a) - leading(b);
}

function leading(line: string): number {
  return Number(/^\s*(-?\d*\.?\d*)/.exec(line)![1]) || 0;
}

/** By code point, which is the order of the UTF-8 bytes. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [[...a], [...b]];
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    if (left[at] === right[at]) continue;
    return left[at]!.codePointAt(0)! - right[at]!.codePointAt(0)!;
  }
  return left.length - right.length;
}
