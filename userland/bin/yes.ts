// yes [TEXT]…: prints a line again and again, until nobody reads it any more.

import { type Program, write } from "kettle";
import { options } from "../lib/args.ts";
import { endWriting, isWriteError } from "../lib/stdio.ts";

const USAGE = {
  name: "yes",
  synopsis: "[TEXT]…",
  about: "Prints a line again and again.",
};

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  const line = (operands.length === 0 ? "y" : operands.join(" ")) + "\n";
  const lines = line.repeat(Math.ceil(4096 / line.length));
  try {
    while (true) yield* write(1, lines);
  } catch (error) {
    if (!isWriteError(error)) throw error;
    yield* endWriting("yes", error);
  }
}
