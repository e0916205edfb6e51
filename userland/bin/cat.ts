// cat [-n] [FILE]…: writes files to standard output, one after the other. No
// file, or -, means standard input.

import { fstat, type Program, type Routine, SysError, text } from "kettle";
import { options } from "../lib/args.ts";
import { copy, eachInput, LineReader, Output } from "../lib/stdio.ts";

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, {
    name: "cat",
    synopsis: "[-n] [FILE]…",
    about: "Writes files to standard output, one after the other.",
    options: { "-n, --number": "number the lines" },
  });
  if (given.n === undefined) {
    return yield* eachInput("cat", operands, function* (fd, file) {
      if (yield* isOutput(fd)) {
        const reason = "input file is output file";
        throw new SysError("EINVAL", "read", { path: file, reason });
      }
      yield* copy(fd, 1);
    });
  }
  let line = 0;
  return yield* eachInput("cat", operands, function* (fd): Routine {
    const output = new Output();
    const lines = new LineReader(fd);
    while (true) {
      const bytes = yield* lines.next();
      if (bytes === null) break;
      line += 1;
      yield* output.write(`${String(line).padStart(6)}\t${text(bytes)}`);
    }
    yield* output.flush();
  });
}

/** `cat f >>f` would never end: it reads what it has just written. */
function* isOutput(fd: number): Routine<boolean> {
  const [input, output] = [yield* fstat(fd), yield* fstat(1)];
  return input.type === "file" && output.type === "file" &&
    input.ino === output.ino && input.size > 0;
}
