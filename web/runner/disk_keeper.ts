// What of the machine's disk has changed since the last look, for the page to
// keep. It looks from outside between two steps, so it takes none of the
// machine's time, and each look is one moment: the disk as it would be after a
// sync then. It does not know where the page keeps it.

import type { Machine } from "../../kernel/mod.ts";
import type { DiskBlocks } from "../protocol.ts";

const BLOCK_BYTES = 4096;
const SECTORS_PER_BLOCK = 8;

export class DiskKeeper {
  readonly #machine: Machine;
  readonly #model: string;
  /** Told, and in the machine's memory only: sector → 4 KiB. */
  #ahead = new Map<number, Uint8Array>();

  constructor(machine: Machine, model: string) {
    this.#machine = machine;
    this.#model = model;
  }

  /** The blocks that are other than at the last look, and those that are to be told again; null if there are none. */
  look(again: Iterable<number> = []): DiskBlocks | null {
    const { files, platter } = this.#machine;
    const unsaved = files.unsaved();
    const blocks = new Map<number, Uint8Array>();
    for (const number of again) this.#read(number, blocks);
    for (const number of platter.takeChanged()) this.#read(number, blocks);
    for (const lba of this.#ahead.keys()) {
      if (!unsaved.has(lba)) this.#read(lba / SECTORS_PER_BLOCK, blocks);
    }
    const ahead = new Map<number, Uint8Array>();
    for (const [lba, bytes] of unsaved) {
      const told = this.#ahead.get(lba);
      const isKnown = told !== undefined && same(told, bytes);
      const copy = isKnown ? told : bytes.slice();
      ahead.set(lba, copy);
      if (isKnown) blocks.delete(lba / SECTORS_PER_BLOCK);
      else blocks.set(lba / SECTORS_PER_BLOCK, copy);
    }
    this.#ahead = ahead;
    return blocks.size === 0 ? null : this.#packed(blocks);
  }

  #read(number: number, into: Map<number, Uint8Array>): void {
    const bytes = new Uint8Array(BLOCK_BYTES);
    this.#machine.platter.read(number * SECTORS_PER_BLOCK, bytes);
    into.set(number, bytes);
  }

  #packed(blocks: Map<number, Uint8Array>): DiskBlocks {
    const numbers = Uint32Array.from(blocks.keys());
    const bytes = new Uint8Array(blocks.size * BLOCK_BYTES);
    let at = 0;
    for (const block of blocks.values()) {
      bytes.set(block, at);
      at += BLOCK_BYTES;
    }
    const { sectors } = this.#machine.platter;
    return { model: this.#model, sectors, numbers, bytes };
  }
}

/** Compared by words: there may be thousands of blocks, and each key asks. */
function same(first: Uint8Array, second: Uint8Array): boolean {
  const [left, right] = [wordsOf(first), wordsOf(second)];
  for (let i = 0; i < left.length; i++) {
    if (left[i] !== right[i]) return false;
  }
  return true;
}

function wordsOf(block: Uint8Array): Uint32Array {
  const { buffer, byteOffset } = block.byteOffset % 4 === 0
    ? block
    : block.slice();
  return new Uint32Array(buffer, byteOffset, BLOCK_BYTES / 4);
}
