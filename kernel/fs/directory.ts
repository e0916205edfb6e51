// A directory: its blocks, with names packed without holes in each, and the index
// over them that is kept in memory once somebody has looked, so that finding a
// name does not depend on how many there are. Changing it changes the index and
// the bytes of one block, which the caller brings and writes.
//
//   entry: inode number (4 bytes), type (1), length of the name (1), the name
//   in UTF-8. Inode number 0, or less room than an entry needs, ends a block.

import type { DirectoryEntry } from "../abi.ts";
import { BLOCK_BYTES, INODE_DIRECTORY } from "./layout.ts";
import type { Listing } from "./vfs.ts";

const HEADER_BYTES = 6;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

export interface Entry {
  ino: number;
  /** INODE_FILE or INODE_DIRECTORY. */
  type: number;
}

interface Placed extends Entry {
  /** Which block of the directory it is in. */
  block: number;
}

export class Directory implements Listing {
  readonly #entries = new Map<string, Placed>();
  /** Free bytes of each block. */
  readonly #room: number[] = [];

  /** Takes in the next block, as it is on the disk. */
  addBlock(bytes: Uint8Array): void {
    const block = this.#room.length;
    let used = 0;
    for (const { at, next } of entriesIn(bytes)) {
      const { name, ino, type } = decodeEntry(bytes, at, next);
      this.#entries.set(name, { ino, type, block });
      used = next;
    }
    this.#room.push(BLOCK_BYTES - used);
  }

  find(name: string): Placed | null {
    return this.#entries.get(name) ?? null;
  }

  /** True when it holds nothing but itself and its parent. */
  get isEmpty(): boolean {
    return this.#entries.size <= 2;
  }

  /** A block in which a name fits; −1 if there is none. `instead` is a name that goes at the same time. */
  blockWithRoom(name: string, instead?: string): number {
    const needed = entryBytes(name);
    if (instead !== undefined) {
      const { block } = this.find(instead)!;
      if (this.#room[block]! + entryBytes(instead) >= needed) return block;
    }
    return this.#room.findIndex((room) => room >= needed);
  }

  /** Adds a name to the block with these bytes. */
  insert(bytes: Uint8Array, block: number, name: string, entry: Entry): void {
    const encoded = ENCODER.encode(name);
    const at = BLOCK_BYTES - this.#room[block]!;
    setIno(bytes, at, entry.ino);
    bytes[at + 4] = entry.type;
    bytes[at + 5] = encoded.length;
    bytes.set(encoded, at + HEADER_BYTES);
    this.#room[block]! -= HEADER_BYTES + encoded.length;
    this.#entries.set(name, { ino: entry.ino, type: entry.type, block });
  }

  /** Takes a name out of the block with these bytes. */
  remove(bytes: Uint8Array, name: string): void {
    const { block } = this.find(name)!;
    const { at, next } = placeOf(bytes, name);
    bytes.copyWithin(at, next);
    bytes.fill(0, BLOCK_BYTES - (next - at));
    this.#room[block]! += next - at;
    this.#entries.delete(name);
  }

  /** Makes a name mean another inode. */
  replace(bytes: Uint8Array, name: string, { ino, type }: Entry): void {
    const { at } = placeOf(bytes, name);
    setIno(bytes, at, ino);
    bytes[at + 4] = type;
    Object.assign(this.find(name)!, { ino, type });
  }

  /** What `readdir` tells: in name order, without `.` and `..`. */
  entries(): DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    for (const [name, { ino, type }] of this.#entries) {
      if (name === "." || name === "..") continue;
      const what = type === INODE_DIRECTORY ? "directory" : "file";
      entries.push({ name, ino, type: what });
    }
    return inNameOrder(entries);
  }
}

/** The first block of a new directory. */
export function firstBlock(ino: number, parent: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  const directory = new Directory();
  directory.addBlock(bytes);
  directory.insert(bytes, 0, ".", { ino, type: INODE_DIRECTORY });
  directory.insert(bytes, 0, "..", { ino: parent, type: INODE_DIRECTORY });
  return bytes;
}

/** Every entry of a block, `.` and `..` too, as it lies there. */
export function* allEntries(
  bytes: Uint8Array,
): IterableIterator<Entry & { name: string }> {
  for (const { at, next } of entriesIn(bytes)) {
    yield decodeEntry(bytes, at, next);
  }
}

/** Where the entries of a block begin and end. */
function* entriesIn(
  bytes: Uint8Array,
): IterableIterator<{ at: number; next: number }> {
  let at = 0;
  while (at + HEADER_BYTES < BLOCK_BYTES && inoAt(bytes, at) !== 0) {
    const next = at + HEADER_BYTES + bytes[at + 5]!;
    yield { at, next };
    at = next;
  }
}

function decodeEntry(
  bytes: Uint8Array,
  at: number,
  next: number,
): Entry & { name: string } {
  const name = DECODER.decode(bytes.subarray(at + HEADER_BYTES, next));
  return { name, ino: inoAt(bytes, at), type: bytes[at + 4]! };
}

/** Where a name lies in its block. */
function placeOf(
  bytes: Uint8Array,
  name: string,
): { at: number; next: number } {
  const encoded = ENCODER.encode(name);
  for (const place of entriesIn(bytes)) {
    const start = place.at + HEADER_BYTES;
    if (place.next - start !== encoded.length) continue;
    if (encoded.every((byte, i) => bytes[start + i] === byte)) return place;
  }
  throw new Error(`directory: "${name}" is in the index and not in its block`);
}

function entryBytes(name: string): number {
  return HEADER_BYTES + ENCODER.encode(name).length;
}

function inoAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! + bytes[at + 1]! * 0x100 + bytes[at + 2]! * 0x10000 +
    bytes[at + 3]! * 0x1000000;
}

function setIno(bytes: Uint8Array, at: number, ino: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = (ino >>> (8 * i)) & 0xff;
}

/** By UTF-16 code units: the same in every engine and language. */
export function inNameOrder(entries: DirectoryEntry[]): DirectoryEntry[] {
  return entries.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
