// `#!`: a file of text that names, in its first line, the program that runs it.
// The kernel runs programs only; so the shell looks. Does not start anything.

import { close, open, read, type Routine, text } from "kettle";

/** What to start, and with which arguments. */
export interface Runnable {
  path: string;
  args: string[];
}

/** As much of a first line as is looked at. */
const LINE_BYTES = 128;

/**
 * What runs the file, if it is a script: the program after `#!`, or sh for a
 * name that ends in .sh; null for all others. ENOENT if there is no such file.
 */
export function* interpreter(
  file: string,
  args: readonly string[],
): Routine<Runnable | null> {
  if (file.endsWith(".ts")) return null;
  const line = /^#![ \t]*(\S+)[ \t]*([^\n]*)/.exec(yield* firstBytes(file));
  if (line === null) {
    if (!file.endsWith(".sh")) return null;
    return { path: "/bin/sh", args: [file, ...args] };
  }
  const [, program = "", rest = ""] = line;
  // All programs are in /bin; scripts from elsewhere say /usr/bin.
  const path = program.replace(/^\/usr(?:\/local)?(?=\/bin\/)/, "");
  const option = rest.trimEnd() === "" ? [] : [rest.trimEnd()];
  return { path, args: [...option, file, ...args] };
}

function* firstBytes(file: string): Routine<string> {
  const fd = yield* open(file);
  try {
    return text(yield* read(fd, LINE_BYTES));
  } finally {
    yield* close(fd);
  }
}
