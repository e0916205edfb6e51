/// <reference lib="dom" />
// What an earlier Kettle kept of a visit: each file under /home, where now the
// whole disk is kept. They are put on the first disk, once, and forgotten.

import { clear, createStore, entries, type UseStore } from "idb-keyval";
import type { Files } from "../protocol.ts";

const DATABASE = "kettle";

export class OldFiles {
  #store: UseStore | null = null;
  files: Files = {};

  /** Finds them, if there are any. */
  async open(): Promise<void> {
    try {
      const databases = await indexedDB.databases();
      if (!databases.some(({ name }) => name === DATABASE)) return;
      this.#store = createStore(DATABASE, "files");
      for (const [path, bytes] of await entries(this.#store)) {
        const isFile = typeof path === "string" && path.startsWith("/home/") &&
          bytes instanceof Uint8Array;
        if (isFile) this.files[path] = bytes;
      }
    } catch {
      this.#store = null;
    }
  }

  /** They are on the disk now. */
  async forget(): Promise<void> {
    const store = this.#store;
    this.#store = null;
    this.files = {};
    try {
      if (store !== null) await clear(store);
    } catch {
      // They stay, and are not looked at while there is a disk.
    }
  }
}
