// One line of input and not a byte more, so that the next command finds the rest:
// for `read`, and for a script on standard input. Tells whether the line had an
// end, as `read` has to know.

import { isatty, lseek, read, type Routine, SysError, text } from "kettle";
import { join } from "../lib/text.ts";

const NEWLINE = 10;

/** `ended`: the input was at its end before a newline came. */
export interface InputLine {
  line: string;
  ended: boolean;
}

/**
 * One byte at a time from a pipe, in chunks with a step back from a file. A signal
 * ends it with EINTR only if `stops` says so.
 */
export function* inputLine(
  fd: number,
  stops: () => boolean,
): Routine<InputLine> {
  const step = yield* stepOf(fd);
  const chunks: Uint8Array[] = [];
  while (true) {
    const chunk = yield* readOn(fd, step, stops);
    if (chunk.length === 0) return { line: text(join(chunks)), ended: true };
    const end = chunk.indexOf(NEWLINE);
    chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
    if (end < 0) continue;
    const extra = chunk.length - end - 1;
    if (extra > 0) yield* lseek(fd, -extra, "cur");
    return { line: text(join(chunks)), ended: false };
  }
}

function* readOn(
  fd: number,
  count: number,
  stops: () => boolean,
): Routine<Uint8Array> {
  while (true) {
    try {
      return yield* read(fd, count);
    } catch (error) {
      const signal = error instanceof SysError && error.code === "EINTR";
      if (!signal || stops()) throw error;
    }
  }
}

/** How much may be read at once without taking more than a line away. */
function* stepOf(fd: number): Routine<number> {
  try {
    yield* lseek(fd, 0, "cur");
    return 512;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return (yield* isatty(fd)) ? 4096 : 1;
  }
}
