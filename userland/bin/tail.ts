// tail [-n [+]COUNT | -c BYTES] [-f] [FILE]…: writes the last lines (10 unless
// said), or with a plus sign everything from that line on.

import {
  ms,
  type Program,
  read,
  readAll,
  type Routine,
  sleep,
  write,
} from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { CHUNK_BYTES, copy, eachInput, LineReader } from "../lib/stdio.ts";

const USAGE = {
  name: "tail",
  synopsis: "[-n [+]COUNT | -c BYTES] [-f] [FILE]…",
  about: "Writes the last lines of files.",
  options: {
    "-n, --lines COUNT":
      "that many lines instead of 10; +COUNT: from that line",
    "-c, --bytes BYTES": "the last bytes instead",
    "-f, --follow": "go on when the file grows",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const match = /^([-+]?)(\d+)$/.exec(String(given.n ?? "10"));
  if (match === null) {
    return yield* usageError(USAGE, `invalid number of lines: '${given.n}'`);
  }
  const lines = Number(match[2]);
  const bytes = yield* count(USAGE, given.c, -1);
  return yield* eachInput("tail", operands, function* (fd, file) {
    if (operands.length > 1) yield* write(1, `==> ${file} <==\n`);
    if (bytes >= 0) yield* lastBytes(fd, bytes);
    else if (match[1] === "+") yield* skipLines(fd, lines - 1);
    else yield* lastLines(fd, lines);
    if (given.f !== undefined) yield* follow(fd);
  });
}

function* lastLines(fd: number, count: number): Routine {
  const lines = new LineReader(fd);
  const kept: Uint8Array[] = [];
  while (true) {
    const line = yield* lines.next();
    if (line === null) break;
    kept.push(line);
    if (kept.length > count) kept.shift();
  }
  for (const line of kept) yield* write(1, line);
}

function* lastBytes(fd: number, count: number): Routine {
  const all = yield* readAll(fd);
  yield* write(1, all.subarray(Math.max(0, all.length - count)));
}

function* skipLines(fd: number, count: number): Routine {
  const lines = new LineReader(fd);
  for (let line = 0; line < count; line += 1) yield* lines.next();
  yield* write(1, lines.rest());
  yield* copy(fd, 1);
}

function* follow(fd: number): Routine {
  while (true) {
    const chunk = yield* read(fd, CHUNK_BYTES);
    if (chunk.length > 0) yield* write(1, chunk);
    else yield* sleep(100 * ms);
  }
}
