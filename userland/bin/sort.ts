// sort [-n] [-r] [-u] [-k KEY] [-t CHAR] [-f] [-h] [-c] [-s] [-o FILE] [FILE]…:
// writes all lines in order: of their bytes, or as the options say. The lines
// are in memory; comparing them takes CPU time.

import {
  compute,
  exit,
  ftruncate,
  O_CREAT,
  O_WRONLY,
  open,
  type Program,
  readAll,
  type Routine,
  stat,
  write,
} from "kettle";
import { type Options, options, refuse } from "../lib/args.ts";
import { byteString, fromByteString } from "../lib/lossless.ts";
import {
  mergeAll,
  type Ordering,
  ordering,
  type Row,
  RUN_LINES,
  sortRows,
} from "../lib/sort_rows.ts";
import {
  complain,
  eachInput,
  endWriting,
  isWriteError,
  Output,
} from "../lib/stdio.ts";
import { quoted } from "../lib/strerror.ts";

const USAGE = {
  name: "sort",
  synopsis: "[OPTION]… [FILE]…",
  about: "Writes the lines of all files in order.",
  options: {
    "-b, --ignore-leading-blanks": "blanks at the beginning do not count",
    "-d, --dictionary-order": "only blanks, letters and digits count",
    "-f, --ignore-case": "small and capital letters are the same",
    "-g, --general-numeric-sort": "by number, also 1e3",
    "-h, --human-numeric-sort": "by size: 2K before 1G",
    "-M, --month-sort": "by the name of a month",
    "-n, --numeric-sort": "by the number at the beginning",
    "-r, --reverse": "backwards",
    "-V, --version-sort": "numbers inside the text as numbers",
    "-c, --check": "only tell whether it is in order",
    "-C": "as -c, and say nothing",
    "-k, --key KEY": "by fields: F[.C][OPTS][,F[.C][OPTS]]",
    "-m, --merge": "the files are in order already",
    "-o, --output FILE": "write there; it may be one of the files",
    "-s, --stable": "what compares equal stays in its order",
    "-t, --field-separator CHAR": "what is between fields; else blanks",
    "-u, --unique": "of equal lines only the first",
    "-z, --zero-terminated": "lines end with a zero byte",
  },
  trouble: 2,
};
export default function* main(args: string[]): Program {
  const asked = yield* options(args, USAGE);
  const { given, operands } = asked;
  const order = yield* ordering(USAGE, asked);
  const end = given.z === undefined ? "\n" : "\0";
  const runs: Row[][] = [];
  const checks = given.c !== undefined || given.C !== undefined;
  if (checks && operands.length > 1) {
    yield* refuse(USAGE, `extra operand '${operands[1]}' not allowed with -c`);
  }
  yield* refuseMissing(operands, checks);
  const to = yield* outputOf(given);
  const status = yield* eachInput("sort", operands, function* (fd) {
    const all = byteString(yield* readAll(fd));
    const lines = all.endsWith(end) ? all.slice(0, -1) : all;
    if (all === "") return;
    const rows: Row[] = [];
    runs.push(rows);
    for (const line of lines.split(end)) {
      rows.push({ line, values: order.values(line) });
      if (rows.length % RUN_LINES === 0) yield* compute(RUN_LINES);
    }
  }, {
    open: (file) =>
      checks ? `open failed: ${quoted(file)}` : `cannot read: ${quoted(file)}`,
    read: (file) => `read failed: ${quoted(file)}`,
    trouble: 2,
  });
  if (status > 0) return status;
  if (checks) return yield* check(runs, order, given, operands[0] ?? "-");
  const sorted = given.m === undefined
    ? yield* sortRows(runs.flat(), order.compare)
    : yield* mergeAll(runs, order.compare);
  yield* writeAll(sorted, order, given, to, end);
}

function* check(
  [rows = []]: Row[][],
  { compare, isSame }: Ordering,
  given: Options["given"],
  file: string,
): Program {
  for (let at = 1; at < rows.length; at++) {
    const [before, row] = [rows[at - 1]!, rows[at]!];
    const isWrong = given.u ? isSame(before, row) : false;
    if (compare(before, row) <= 0 && !isWrong) continue;
    if (given.c) {
      const text = fromByteString(`${file}:${at + 1}: disorder: ${row.line}\n`);
      yield* write(2, "sort: ");
      yield* write(2, text);
    }
    return 1;
  }
  return 0;
}

/** All files are looked for before anything is done. */
function* refuseMissing(files: string[], checks: boolean): Routine {
  for (const file of files) {
    try {
      if (file !== "-") yield* stat(file);
    } catch (error) {
      const what = checks ? "open failed" : "cannot read";
      yield* complain("sort", error, `${what}: ${quoted(file)}`);
      yield* exit(2);
    }
  }
}

/** The file of -o is opened before anything is read, and emptied after all is. */
function* outputOf({ o }: Options["given"]): Routine<number> {
  if (o === undefined) return 1;
  try {
    return yield* open(String(o), O_WRONLY | O_CREAT);
  } catch (error) {
    yield* complain("sort", error, `open failed: ${o}`);
    yield* exit(2);
    throw error;
  }
}

function* writeAll(
  rows: Row[],
  { isSame }: Ordering,
  { u }: Options["given"],
  fd: number,
  end: string,
): Routine {
  try {
    if (fd !== 1) yield* ftruncate(fd, 0);
    const output = new Output(fd, fromByteString);
    let before: Row | null = null;
    for (const row of rows) {
      const isAgain = u !== undefined && before !== null && isSame(before, row);
      if (!isAgain) yield* output.write(row.line + end);
      before = row;
    }
    yield* output.flush();
  } catch (error) {
    if (!isWriteError(error)) throw error;
    yield* endWriting("sort", error, 2);
  }
}
