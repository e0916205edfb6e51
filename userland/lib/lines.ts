// Text line by line, buffered: the file is read in large pieces, the program
// sees one line at a time without its newline. Whoever shares the descriptor
// with another reader takes readLine of "kettle", which reads no byte too many.

import { type Routine, text } from "kettle";
import { LineReader } from "./stdio.ts";

/** Calls `body` with each line up to the end; it ends early when `body` gives false. */
export function* eachLine(
  fd: number,
  body: (line: string, number: number) => Routine<unknown>,
): Routine<number> {
  const lines = new LineReader(fd);
  let count = 0;
  while (true) {
    const line = yield* lines.next();
    if (line === null) return count;
    count += 1;
    const goesOn = yield* body(text(line).replace(/\n$/, ""), count);
    if (goesOn === false) return count;
  }
}

/** All lines at once, without their newlines. */
export function* allLines(fd: number): Routine<string[]> {
  const lines: string[] = [];
  yield* eachLine(fd, function* (line) {
    lines.push(line);
  });
  return lines;
}
