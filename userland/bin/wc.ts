// wc [-l] [-w] [-c] [FILE]…: counts lines, words and bytes.

import { print, type Program, read, type Routine } from "kettle";
import { options } from "../lib/args.ts";
import { CHUNK_BYTES, eachInput } from "../lib/stdio.ts";

type Counts = { l: number; w: number; c: number };

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, {
    name: "wc",
    synopsis: "[-l] [-w] [-c] [FILE]…",
    about: "Counts lines, words and bytes.",
    options: {
      "-l, --lines": "only lines",
      "-w, --words": "only words",
      "-c, --bytes": "only bytes",
    },
  });
  const asked = (["l", "w", "c"] as const).filter((key) => given[key]);
  const columns = asked.length > 0 ? asked : ["l", "w", "c"] as const;
  const plain = columns.length === 1 && operands.length <= 1;
  const row = (counts: Counts, name: string) => {
    const numbers = columns.map((key) =>
      plain ? String(counts[key]) : String(counts[key]).padStart(7)
    );
    return print([...numbers, ...name === "" ? [] : [name]].join(" "));
  };
  const total = { l: 0, w: 0, c: 0 };
  const status = yield* eachInput("wc", operands, function* (fd, file) {
    const counts = yield* countAll(fd);
    for (const key of ["l", "w", "c"] as const) total[key] += counts[key];
    yield* row(counts, operands.length === 0 ? "" : file);
  });
  if (operands.length > 1) yield* row(total, "total");
  return status;
}

function* countAll(fd: number): Routine<Counts> {
  const counts = { l: 0, w: 0, c: 0 };
  let inWord = false;
  while (true) {
    const chunk = yield* read(fd, CHUNK_BYTES);
    if (chunk.length === 0) return counts;
    counts.c += chunk.length;
    for (const byte of chunk) {
      const space = byte === 32 || byte >= 9 && byte <= 13;
      if (byte === 10) counts.l += 1;
      if (!space && !inWord) counts.w += 1;
      inWord = !space;
    }
  }
}
