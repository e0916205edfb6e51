// What of /home has changed since the last look: the page keeps those files. It
// looks at the disk from outside, so it takes none of the machine's time.

import type { Machine } from "../kernel/mod.ts";

const HOME = "/home";

export type Keep = (path: string, bytes: Uint8Array | null) => void;

export class HomeFiles {
  readonly #machine: Machine;
  readonly #keep: Keep;
  readonly #known = new Map<string, Uint8Array>();

  /** What is there now is known already. */
  constructor(machine: Machine, keep: Keep) {
    this.#machine = machine;
    this.#keep = keep;
    for (const [path, bytes] of this.#look()) this.#known.set(path, bytes);
  }

  /** Tells of every file that is new, different or gone. */
  scan(): void {
    const found = this.#look();
    for (const [path, bytes] of found) {
      const known = this.#known.get(path);
      if (known !== undefined && same(known, bytes)) continue;
      this.#known.set(path, bytes);
      this.#keep(path, bytes);
    }
    for (const path of this.#known.keys()) {
      if (found.has(path)) continue;
      this.#known.delete(path);
      this.#keep(path, null);
    }
  }

  #look(): Map<string, Uint8Array> {
    const { files } = this.#machine;
    const found = new Map<string, Uint8Array>();
    for (const path of files.listFiles(HOME)) {
      const bytes = files.peek(path) ?? this.#known.get(path);
      if (bytes !== undefined) found.set(path, bytes);
    }
    return found;
  }
}

function same(first: Uint8Array, second: Uint8Array): boolean {
  if (first.length !== second.length) return false;
  return first.every((byte, index) => byte === second[index]);
}
