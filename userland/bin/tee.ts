// tee [-a] [FILE]…: copies standard input to standard output and to files.

import { close, open, type Program, read, write } from "kettle";
import { options } from "../lib/args.ts";
import { CHUNK_BYTES, complain } from "../lib/stdio.ts";

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, {
    name: "tee",
    synopsis: "[-a] [FILE]…",
    about: "Copies standard input to standard output and to files.",
    options: { "-a, --append": "at the end of the files" },
  });
  const outputs = [1];
  let status = 0;
  for (const file of operands) {
    try {
      outputs.push(yield* open(file, given.a === undefined ? "w" : "a"));
    } catch (error) {
      status = yield* complain("tee", error);
    }
  }
  while (true) {
    const chunk = yield* read(0, CHUNK_BYTES);
    if (chunk.length === 0) break;
    for (const fd of outputs) yield* write(fd, chunk);
  }
  for (const fd of outputs.slice(1)) yield* close(fd);
  return status;
}
