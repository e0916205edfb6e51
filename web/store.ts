/// <reference lib="dom" />
// What the visitor wrote, kept by the page: each file under /home, in
// IndexedDB. The machine forgets with its worker; this does not. Without
// storage (a private window) it keeps them as long as the page is open.

import { createStore, del, entries, set, type UseStore } from "idb-keyval";
import type { Files } from "./protocol.ts";

/** A program may not fill the visitor's disk. */
const FILE_BYTES_MAX = 1024 * 1024;
const FILES_MAX = 500;
const PATH = /^\/home\/[^\0]{1,1000}$/;

export class FileStore {
  readonly #files = new Map<string, Uint8Array>();
  #store: UseStore | null = null;

  /** Reads what an earlier visit left. */
  async open(): Promise<void> {
    try {
      this.#store = createStore("kettle", "files");
      for (const [path, bytes] of await entries(this.#store)) {
        if (typeof path !== "string" || !(bytes instanceof Uint8Array)) {
          continue;
        }
        this.#files.set(path, bytes);
      }
    } catch {
      this.#store = null;
    }
  }

  /** All files, to be given to a new machine. */
  get files(): Files {
    return Object.fromEntries(this.#files);
  }

  /** Takes one file as the machine has it now; false if it cannot be kept. */
  put(path: string, bytes: Uint8Array | null): boolean {
    if (!PATH.test(path)) return false;
    if (bytes === null) {
      this.#files.delete(path);
      this.#save((store) => del(path, store));
      return true;
    }
    const known = this.#files.has(path);
    if (bytes.length > FILE_BYTES_MAX) return false;
    if (!known && this.#files.size >= FILES_MAX) return false;
    this.#files.set(path, bytes);
    this.#save((store) => set(path, bytes, store));
    return true;
  }

  #save(write: (store: UseStore) => Promise<void>): void {
    if (this.#store === null) return;
    write(this.#store).catch(() => {
      this.#store = null;
    });
  }
}
