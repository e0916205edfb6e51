// uniq [-c] [-d] [-u] [FILE]: of equal lines that follow each other keeps one.

import { type Program, text } from "kettle";
import { options } from "../lib/args.ts";
import { eachInput, LineReader, Output } from "../lib/stdio.ts";

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, {
    name: "uniq",
    synopsis: "[-c] [-d] [-u] [FILE]",
    about: "Of equal lines that follow each other keeps one.",
    options: {
      "-c, --count": "with the number of times",
      "-d, --repeated": "only lines that come more than once",
      "-u, --unique": "only lines that come once",
    },
  });
  return yield* eachInput("uniq", operands.slice(0, 1), function* (fd) {
    const output = new Output();
    const lines = new LineReader(fd);
    let before: string | null = null;
    let times = 0;
    while (true) {
      const bytes = yield* lines.next();
      const line = bytes === null ? null : text(bytes).replace(/\n?$/, "\n");
      if (line !== null && line === before) {
        times += 1;
        continue;
      }
      const wanted = times > 1 ? !given.u : !given.d;
      const count = given.c ? String(times).padStart(7) + " " : "";
      if (before !== null && wanted) yield* output.write(count + before);
      if (line === null) break;
      before = line;
      times = 1;
    }
    yield* output.flush();
  });
}
