// head [-n [-]COUNT | -c [-]BYTES] [-q] [-v] [FILE]…: writes the first lines of
// files (10 unless said), or with a minus sign all but the last.

import { type Program, read, type Routine, write } from "kettle";
import { options } from "../lib/args.ts";
import { amountOf, headings, newlines, oldStyle } from "../lib/part.ts";
import { CHUNK_BYTES, eachInput } from "../lib/stdio.ts";

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

/** All but the last so many: chunks are held back that may have some of those. */
function* butLast(fd: number, unit: "c" | "n", count: number): Routine {
  const held: { chunk: Uint8Array; weight: number }[] = [];
  // A line may begin in the chunk before: one more newline is held.
  const spare = unit === "n" ? count + 1 : count;
  let size = 0, first = 0, isPartial = false;
  while (true) {
    const chunk = yield* read(fd, CHUNK_BYTES);
    if (chunk.length === 0) break;
    const weight = weightOf(chunk, unit);
    held.push({ chunk, weight });
    size += weight;
    isPartial = unit === "n" && chunk.at(-1) !== NEWLINE;
    while (first < held.length && size - held[first]!.weight >= spare) {
      size -= held[first]!.weight;
      yield* write(1, held[first]!.chunk);
      held[first++] = GONE;
    }
  }
  let left = size + (isPartial ? 1 : 0) - count;
  for (const { chunk } of held.slice(first)) {
    if (left <= 0) break;
    const part = firstPart(chunk, unit, left);
    left -= weightOf(part, unit);
    yield* write(1, part);
  }
}

const GONE = { chunk: new Uint8Array(0), weight: 0 };

function weightOf(chunk: Uint8Array, unit: "c" | "n"): number {
  return unit === "c" ? chunk.length : newlines(chunk);
}

/** Up to so many lines or bytes. */
function firstPart(
  chunk: Uint8Array,
  unit: "c" | "n",
  count: number,
): Uint8Array {
  if (unit === "c") return chunk.subarray(0, count);
  let end = 0;
  for (let left = count; left > 0; left--) {
    const newline = chunk.indexOf(NEWLINE, end);
    if (newline < 0) return chunk;
    end = newline + 1;
  }
  return chunk.subarray(0, end);
}
