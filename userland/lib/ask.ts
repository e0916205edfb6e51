// Questions of cp, mv and rm -i: asked on standard error, answered by a line of
// standard input that begins with y.

import { readLine, type Routine, write } from "kettle";

export function* ask(question: string): Routine<boolean> {
  yield* write(2, `${question} `);
  return /^[yY]/.test((yield* readLine(0)) ?? "");
}
