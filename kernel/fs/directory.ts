// A directory's blocks: names and inode numbers, packed without holes in each
// block. An image is the whole directory as one operation read it; changing it
// changes the image only, and tells which block has to be written.
//
//   entry: inode number (4 bytes), type (1), length of the name (1), the name
//   in UTF-8. Inode number 0, or less room than an entry needs, ends a block.

import type { DirectoryEntry } from "../abi.ts";
import { BLOCK_BYTES, INODE_DIRECTORY } from "./layout.ts";

const HEADER_BYTES = 6;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

export interface Entry {
  ino: number;
  /** INODE_FILE or INODE_DIRECTORY. */
  type: number;
}

export class DirectoryImage {
  constructor(
    /** Whole blocks. */
    public bytes: Uint8Array,
  ) {}

  /** The first block of a new directory. */
  static first(ino: number, parent: number): DirectoryImage {
    const image = new DirectoryImage(new Uint8Array(BLOCK_BYTES));
    image.insert(".", { ino, type: INODE_DIRECTORY });
    image.insert("..", { ino: parent, type: INODE_DIRECTORY });
    return image;
  }

  find(name: string): Entry | null {
    const at = this.#offsetOf(ENCODER.encode(name));
    return at < 0 ? null : { ino: this.#ino(at), type: this.bytes[at + 4]! };
  }

  /** True when it holds nothing but itself and its parent. */
  get isEmpty(): boolean {
    for (const { name } of this.all()) {
      if (name !== "." && name !== "..") return false;
    }
    return true;
  }

  /** True when a name fits in without another block. */
  hasRoom(name: string): boolean {
    return this.#blockWithRoom(ENCODER.encode(name).length) >= 0;
  }

  /** Adds a block at the end. */
  grow(): void {
    const grown = new Uint8Array(this.bytes.length + BLOCK_BYTES);
    grown.set(this.bytes);
    this.bytes = grown;
  }

  /** Adds a name where there is room; the number of the block that changed. */
  insert(name: string, { ino, type }: Entry): number {
    const encoded = ENCODER.encode(name);
    const block = this.#blockWithRoom(encoded.length);
    const at = this.#endOf(block);
    this.#setIno(at, ino);
    this.bytes[at + 4] = type;
    this.bytes[at + 5] = encoded.length;
    this.bytes.set(encoded, at + HEADER_BYTES);
    return block;
  }

  /** Takes a name out; the number of the block that changed. */
  remove(name: string): number {
    const at = this.#offsetOf(ENCODER.encode(name));
    const block = Math.floor(at / BLOCK_BYTES);
    const next = at + HEADER_BYTES + this.bytes[at + 5]!;
    const end = (block + 1) * BLOCK_BYTES;
    this.bytes.copyWithin(at, next, end);
    this.bytes.fill(0, end - (next - at), end);
    return block;
  }

  /** Makes a name mean another inode; the number of the block that changed. */
  replace(name: string, { ino, type }: Entry): number {
    const at = this.#offsetOf(ENCODER.encode(name));
    this.#setIno(at, ino);
    this.bytes[at + 4] = type;
    return Math.floor(at / BLOCK_BYTES);
  }

  /** One block of it. */
  block(number: number): Uint8Array {
    return this.bytes.subarray(
      number * BLOCK_BYTES,
      (number + 1) * BLOCK_BYTES,
    );
  }

  /** Every entry, `.` and `..` too, as it lies there. */
  *all(): IterableIterator<DirectoryEntry> {
    for (const at of this.#offsets()) {
      const start = at + HEADER_BYTES;
      const name = this.bytes.subarray(start, start + this.bytes[at + 5]!);
      yield {
        name: DECODER.decode(name),
        ino: this.#ino(at),
        type: this.bytes[at + 4] === INODE_DIRECTORY ? "directory" : "file",
      };
    }
  }

  /** What `readdir` tells: in name order, without `.` and `..`. */
  entries(): DirectoryEntry[] {
    return inNameOrder(
      [...this.all()].filter(({ name }) => name !== "." && name !== ".."),
    );
  }

  *#offsets(): IterableIterator<number> {
    for (let start = 0; start < this.bytes.length; start += BLOCK_BYTES) {
      const end = start + BLOCK_BYTES;
      let at = start;
      while (at + HEADER_BYTES < end && this.#ino(at) !== 0) {
        yield at;
        at += HEADER_BYTES + this.bytes[at + 5]!;
      }
    }
  }

  #offsetOf(name: Uint8Array): number {
    const { bytes } = this;
    for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
      const end = start + BLOCK_BYTES;
      let at = start;
      while (at + HEADER_BYTES < end && this.#ino(at) !== 0) {
        const length = bytes[at + 5]!;
        if (length === name.length && sameBytes(bytes, at, name)) return at;
        at += HEADER_BYTES + length;
      }
    }
    return -1;
  }

  #blockWithRoom(nameBytes: number): number {
    const count = this.bytes.length / BLOCK_BYTES;
    for (let block = 0; block < count; block++) {
      const room = (block + 1) * BLOCK_BYTES - this.#endOf(block);
      if (room >= HEADER_BYTES + nameBytes) return block;
    }
    return -1;
  }

  /** Where the entries of a block end. */
  #endOf(block: number): number {
    const end = (block + 1) * BLOCK_BYTES;
    let at = block * BLOCK_BYTES;
    while (at + HEADER_BYTES < end && this.#ino(at) !== 0) {
      at += HEADER_BYTES + this.bytes[at + 5]!;
    }
    return at;
  }

  #ino(at: number): number {
    const { bytes } = this;
    return bytes[at]! + bytes[at + 1]! * 0x100 + bytes[at + 2]! * 0x10000 +
      bytes[at + 3]! * 0x1000000;
  }

  #setIno(at: number, ino: number): void {
    for (let i = 0; i < 4; i++) this.bytes[at + i] = (ino >>> (8 * i)) & 0xff;
  }
}

function sameBytes(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    if (bytes[at + HEADER_BYTES + i] !== name[i]) return false;
  }
  return true;
}

/** By UTF-16 code units: the same in every engine and language. */
export function inNameOrder(entries: DirectoryEntry[]): DirectoryEntry[] {
  return entries.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
