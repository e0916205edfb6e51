// head [-n [-]COUNT | -c [-]BYTES] [-q] [-v] [FILE]…: writes the first lines of
// files (10 unless said), or with a minus sign all but the last.

import { type Program, read, type Routine, write } from "kettle";
import { options } from "../lib/args.ts";
import { amountOf, headings, oldStyle } from "../lib/part.ts";
import { CHUNK_BYTES, eachInput, LineReader } from "../lib/stdio.ts";

const NEWLINE = 10;
const USAGE = {
  name: "head",
  synopsis: "[-n [-]COUNT | -c [-]BYTES] [FILE]…",
  about: "Writes the first lines of files.",
  options: {
    "-n, --lines COUNT":
      "that many lines instead of 10; -COUNT: all but so many",
    "-c, --bytes BYTES": "bytes instead of lines",
    "-q, --quiet, --silent": "no names of files",
    "-v, --verbose": "always the names of files",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands, order } = yield* options(oldStyle(args), USAGE);
  const { unit, sign, count } = yield* amountOf(USAGE, order);
  const heading = headings(given, operands);
  return yield* eachInput("head", operands, function* (fd, file) {
    yield* heading(file);
    if (sign === "-") yield* butLast(fd, unit, count);
    else yield* unit === "c" ? copyBytes(fd, count) : copyLines(fd, count);
  }, {
    open: (file) => `cannot open '${file}' for reading`,
    read: (file) => `error reading '${file}'`,
    stdin: "standard input",
  });
}

function* copyLines(fd: number, lines: number): Routine {
  let left = lines;
  while (left > 0) {
    const chunk = yield* read(fd, 4096);
    if (chunk.length === 0) return;
    let end = 0;
    while (left > 0 && end < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, end);
      end = newline < 0 ? chunk.length : newline + 1;
      if (newline >= 0) left -= 1;
    }
    yield* write(1, chunk.subarray(0, end));
  }
}

function* copyBytes(fd: number, bytes: number): Routine {
  let left = bytes;
  while (left > 0) {
    const chunk = yield* read(fd, Math.min(left, CHUNK_BYTES));
    if (chunk.length === 0) return;
    yield* write(1, chunk);
    left -= chunk.length;
  }
}

/** All but the last so many: what is held back is no more than those, and a chunk. */
function* butLast(fd: number, unit: "c" | "n", count: number): Routine {
  const lines = new LineReader(fd);
  const held: Uint8Array[] = [];
  let first = 0, size = 0;
  while (true) {
    const piece = unit === "n"
      ? yield* lines.next()
      : yield* read(fd, CHUNK_BYTES);
    if (piece === null || piece.length === 0) break;
    held.push(piece);
    size += unit === "n" ? 1 : piece.length;
    while (first < held.length) {
      const weight = unit === "n" ? 1 : held[first]!.length;
      if (size - weight < count) break;
      yield* write(1, held[first]!);
      size -= weight;
      held[first++] = new Uint8Array(0);
    }
    if (first > 1000) held.splice(0, first), first = 0;
  }
  if (unit === "c" && size > count) {
    yield* write(1, held[first]!.subarray(0, size - count));
  }
}
