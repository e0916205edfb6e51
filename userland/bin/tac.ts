// tac [FILE]…: writes the lines of files, the last one first.

import { type Program, readAll, text, write } from "kettle";
import { options } from "../lib/args.ts";
import { eachInput } from "../lib/stdio.ts";

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, {
    name: "tac",
    synopsis: "[FILE]…",
    about: "Writes the lines of files, the last one first.",
  });
  return yield* eachInput("tac", operands, function* (fd) {
    const lines = text(yield* readAll(fd)).split(/(?<=\n)/);
    yield* write(1, lines.reverse().join(""));
  });
}
