// clear: empties the screen, and what scrolled out at its top.

import { type Program, write } from "kettle";
import { options } from "../lib/args.ts";

const USAGE = {
  name: "clear",
  synopsis: "[-x]",
  about: "Empties the screen.",
  options: { "-x": "not what scrolled out at the top" },
};

export default function* main(args: string[]): Program {
  const { given } = yield* options(args, USAGE);
  yield* write(1, "\x1b[H\x1b[2J" + (given.x === undefined ? "\x1b[3J" : ""));
}
