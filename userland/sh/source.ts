// Shell commands from a file: `. FILE` and `sh FILE`. Reads the whole file; does
// not run it.

import { close, open, readAll, type Routine, text } from "kettle";
import { candidates } from "./search.ts";
import type { Shell } from "./shell.ts";

/** The text of a file; a name without a slash is looked for in PATH, then here. */
export function* sourceFile(shell: Shell, file: string): Routine<string> {
  const paths = [...candidates(shell, file), file];
  for (const path of paths.slice(0, -1)) {
    try {
      return yield* contents(path);
    } catch {
      continue; // The last attempt says what was wrong.
    }
  }
  return yield* contents(file);
}

function* contents(path: string): Routine<string> {
  const fd = yield* open(path);
  try {
    return text(yield* readAll(fd));
  } finally {
    yield* close(fd);
  }
}
