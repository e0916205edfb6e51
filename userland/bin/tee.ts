// tee [-a] [-i] [FILE]…: copies standard input to standard output and to files.

import { close, open, type Program, read, sigaction, write } from "kettle";
import { options } from "../lib/args.ts";
import { CHUNK_BYTES, complain } from "../lib/stdio.ts";

const USAGE = {
  name: "tee",
  synopsis: "[-a] [-i] [FILE]…",
  about: "Copies standard input to standard output and to files.",
  options: {
    "-a, --append": "at the end of the files",
    "-i, --ignore-interrupts": "^C does not end it",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (given.i !== undefined) yield* sigaction("INT", "ign");
  const outputs = new Map([[1, "standard output"]]);
  let status = 0;
  for (const file of operands) {
    try {
      outputs.set(yield* open(file, given.a === undefined ? "w" : "a"), file);
    } catch (error) {
      status = yield* complain("tee", error);
    }
  }
  while (outputs.size > 0) {
    const chunk = yield* read(0, CHUNK_BYTES);
    if (chunk.length === 0) break;
    for (const [fd, file] of [...outputs]) {
      try {
        yield* write(fd, chunk);
      } catch (error) {
        outputs.delete(fd); // the others still get everything
        status = yield* complain("tee", error, file);
      }
    }
  }
  for (const fd of outputs.keys()) if (fd !== 1) yield* close(fd);
  return status;
}
