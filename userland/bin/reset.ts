// reset: a terminal that a program left in disorder is as it was at first: lines,
// echo, plain letters, an empty screen. (Type ^J reset ^J where Enter does nothing.)

import { isatty, type Program, ttymode, write } from "kettle";
import { options } from "../lib/args.ts";

const USAGE = {
  name: "reset",
  synopsis: "",
  about: "Puts the terminal in order.",
};
/** Full reset; then cursor shown, main screen, plain keys, no mouse, no paste marks. */
const ORDER = "\x1bc\x1b[!p\x1b[?25h\x1b[?1049l\x1b[?1l\x1b>" +
  "\x1b[?1000;1002;1003;1006l\x1b[?2004l\x1b[0m\x1b[H\x1b[2J\x1b[3J";

export default function* main(args: string[]): Program {
  yield* options(args, USAGE);
  const terminal = (yield* isatty(0)) ? 0 : (yield* isatty(2)) ? 2 : -1;
  if (terminal >= 0) yield* ttymode(terminal, "cooked", { echo: true });
  yield* write((yield* isatty(1)) ? 1 : 2, ORDER);
}
