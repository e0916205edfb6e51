/// <reference lib="dom" />
// Where the page keeps disks: IndexedDB, several of them under numbers, each
// block under [disk, block number]. What is put and dropped together is there
// together or not at all. It does not know what the records mean.

import { createStore, promisifyRequest, type UseStore } from "idb-keyval";

/** A block of a disk has its number; the disk's header has −1. */
export type Key = string | [disk: number, block: number];

export interface Change {
  puts: [Key, unknown][];
  /** Disks to be forgotten. */
  drops?: number[];
  /** Only if what is under this key has this generation (undefined: nothing is there). */
  guard?: { key: Key; generation: number | undefined };
}

/** What a store needs of a place to keep things. */
export interface Shelf {
  get(key: Key): Promise<unknown>;
  /** All of a disk as of one moment, its header among it. */
  records(disk: number): Promise<[number, unknown][]>;
  /** False: the guard did not hold, and nothing was changed. */
  commit(change: Change): Promise<boolean>;
}

export class IndexedShelf implements Shelf {
  readonly #store: UseStore = createStore("kettle-disk", "blocks");

  get(key: Key): Promise<unknown> {
    return this.#store(
      "readonly",
      (store) => promisifyRequest(store.get(key)),
    );
  }

  records(disk: number): Promise<[number, unknown][]> {
    const range = recordsOf(disk);
    return this.#store("readonly", async (store) => {
      const [keys, values] = await Promise.all([
        promisifyRequest(store.getAllKeys(range)),
        promisifyRequest(store.getAll(range)),
      ]);
      return keys.map((key, i) => [(key as [number, number])[1], values[i]]);
    });
  }

  commit({ puts, drops = [], guard }: Change): Promise<boolean> {
    return this.#store("readwrite", (store) => {
      const { transaction } = store;
      let isStale = false;
      const apply = () => {
        for (const disk of drops) store.delete(recordsOf(disk));
        for (const [key, value] of puts) store.put(value, key);
      };
      if (guard === undefined) apply();
      else {
        const found = store.get(guard.key);
        found.onsuccess = () => {
          isStale = found.result?.generation !== guard.generation;
          if (isStale) transaction.abort();
          else apply();
        };
      }
      return new Promise<boolean>((resolve, reject) => {
        transaction.oncomplete = () => resolve(true);
        transaction.onabort = () =>
          isStale ? resolve(false) : reject(transaction.error);
      });
    });
  }
}

function recordsOf(disk: number): IDBKeyRange {
  return IDBKeyRange.bound([disk, -1], [disk, Infinity]);
}
