// The visitor's files, as the machine has them now. It lets no time pass.

import type { Machine } from "../../kernel/mod.ts";

/** Path → contents of all that is in /home. */
export function homeFiles({ files }: Machine): Record<string, Uint8Array> {
  const found: Record<string, Uint8Array> = {};
  for (const path of files.listFiles("/home")) {
    const bytes = files.peek(path);
    if (bytes !== null) found[path] = bytes;
  }
  return found;
}
