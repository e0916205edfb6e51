// head [-n COUNT] [-c BYTES] [FILE]…: writes the first lines (10 unless said).

import { type Program, read, type Routine, write } from "kettle";
import { count, options } from "../lib/args.ts";
import { CHUNK_BYTES, eachInput } from "../lib/stdio.ts";

const NEWLINE = 10;
const USAGE = {
  name: "head",
  synopsis: "[-n COUNT | -c BYTES] [FILE]…",
  about: "Writes the first lines of files.",
  options: {
    "-n, --lines COUNT": "that many lines instead of 10",
    "-c, --bytes BYTES": "that many bytes",
  },
};

export default function* main(args: string[]): Program {
  const old = /^-(\d+)$/.exec(args[0] ?? ""); // head -5
  const words = old === null ? args : ["-n", old[1]!, ...args.slice(1)];
  const { given, operands } = yield* options(words, USAGE);
  const bytes = yield* count(USAGE, given.c, -1);
  const lines = yield* count(USAGE, given.n, 10);
  let first = true;
  return yield* eachInput("head", operands, function* (fd, file) {
    if (operands.length > 1) {
      yield* write(1, `${first ? "" : "\n"}==> ${file} <==\n`);
    }
    first = false;
    yield* bytes >= 0 ? copyBytes(fd, bytes) : copyLines(fd, lines);
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
