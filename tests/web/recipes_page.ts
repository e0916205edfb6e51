/// <reference lib="dom" />
// The recipes run by a browser; what they gave is put into the title.

import { hashes, type Programs } from "./recipes.ts";

export async function start(programs: Programs): Promise<void> {
  try {
    document.title = JSON.stringify(await hashes(programs));
  } catch (error) {
    document.title = JSON.stringify({ failed: String(error) });
  }
}
