// wc [-l] [-w] [-m] [-c] [-L] [FILE]…: counts lines, words, characters and bytes;
// -L: the cells of the longest line.

import {
  fstat,
  print,
  type Program,
  read,
  type Routine,
  stat,
  SysError,
} from "kettle";
import { options } from "../lib/args.ts";
import { CHUNK_BYTES, eachInput } from "../lib/stdio.ts";

const KINDS = ["l", "w", "m", "c", "L"] as const;
type Kind = (typeof KINDS)[number];
type Counts = Record<Kind, number>;

const USAGE = {
  name: "wc",
  synopsis: "[-l] [-w] [-m] [-c] [-L] [FILE]…",
  about: "Counts lines, words and bytes.",
  options: {
    "-l, --lines": "only lines",
    "-w, --words": "only words",
    "-m, --chars": "only characters",
    "-c, --bytes": "only bytes",
    "-L, --max-line-length": "only the width of the longest line",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const asked = KINDS.filter((key) => given[key]);
  const kinds = asked.length > 0 ? asked : ["l", "w", "c"] as const;
  const width = yield* widthOf(operands, kinds.length);
  const row = (counts: Counts, name: string) => {
    const numbers = kinds.map((kind) => String(counts[kind]).padStart(width));
    return print([...numbers, ...name === "" ? [] : [name]].join(" "));
  };
  const total = nothing();
  const counted = function* (fd: number, file: string): Routine {
    const counts = nothing();
    const name = operands.length === 0 ? "" : file;
    try {
      yield* countAll(fd, counts);
    } catch (error) {
      if (error instanceof SysError) yield* row(counts, name);
      throw error;
    }
    const longest = Math.max(total.L, counts.L);
    for (const kind of KINDS) total[kind] += counts[kind];
    total.L = longest;
    yield* row(counts, name);
  };
  const status = yield* eachInput("wc", operands, counted, {
    stdin: "standard input",
  });
  if (operands.length > 1) yield* row(total, "total");
  return status;
}

function nothing(): Counts {
  return { l: 0, w: 0, m: 0, c: 0, L: 0 };
}

/** As wide as the sum of the sizes; 7 where a size is not known; 1 for a lone number. */
function* widthOf(files: string[], kinds: number): Routine<number> {
  if (kinds === 1 && files.length <= 1) return 1;
  let bytes = 0, least = 1;
  for (const file of files.length === 0 ? ["-"] : files) {
    try {
      const { type, size } = yield* file === "-" ? fstat(0) : stat(file);
      if (type === "file") bytes += size;
      else least = 7;
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
  }
  return Math.max(least, String(bytes).length);
}

function* countAll(fd: number, counts: Counts): Routine {
  let inWord = false;
  let column = 0;
  while (true) {
    const chunk = yield* read(fd, CHUNK_BYTES);
    counts.c += chunk.length;
    for (const byte of chunk) {
      const space = byte === 32 || byte >= 9 && byte <= 13;
      if (byte === 10) counts.l += 1;
      if (!space && !inWord && byte > 32) counts.w += 1;
      if (space) inWord = false;
      else if (byte > 32) inWord = true;
      if ((byte & 0xc0) === 0x80) continue; // inside a character
      counts.m += 1;
      if (byte === 10 || byte === 13 || byte === 12) {
        counts.L = Math.max(counts.L, column);
        column = 0;
      } else if (byte === 9) column += 8 - column % 8;
      else if (byte >= 32 && byte !== 127) column += 1;
    }
    if (chunk.length === 0) break;
  }
  counts.L = Math.max(counts.L, column);
}
