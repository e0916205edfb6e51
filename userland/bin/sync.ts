// sync [FILE…]: waits until what has been written is on the platter: all of it, or
// only these files.

import { close, fsync, open, type Program, sync } from "kettle";
import { options } from "../lib/args.ts";
import { complain } from "../lib/stdio.ts";

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, {
    name: "sync",
    synopsis: "[FILE]…",
    about: "Writes to the disk what is only in memory, and waits for it.",
  });
  if (operands.length === 0) {
    yield* sync();
    return 0;
  }
  let status = 0;
  for (const file of operands) {
    let about = `error opening '${file}'`;
    try {
      const fd = yield* open(file);
      about = `error syncing '${file}'`;
      yield* fsync(fd);
      yield* close(fd);
    } catch (error) {
      status = yield* complain("sync", error, about);
    }
  }
  return status;
}
