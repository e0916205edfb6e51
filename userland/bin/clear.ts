// clear: empties the screen.

import { type Program, write } from "kettle";

export default function* main(): Program {
  yield* write(1, "\x1b[H\x1b[2J\x1b[3J");
}
