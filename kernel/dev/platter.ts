// What the magnetic surface holds: sparse blocks of 4 KiB, zeros where nothing
// was ever written. It takes no time and knows no seek; the drive (hdd.ts)
// decides when something gets here. The unit of writing is a 512-byte sector:
// it is written whole or not at all.

export const SECTOR_BYTES = 512;
const SECTORS_PER_BLOCK = 8;
const BLOCK_BYTES = SECTOR_BYTES * SECTORS_PER_BLOCK;

export class Platter {
  /** lba / 8 → 4 KiB. */
  #blocks = new Map<number, Uint8Array>();
  /** Numbers of the blocks written since they were last asked for. */
  #changed = new Set<number>();
  /** Numbers of the blocks that another platter has as well: whoever writes copies first. */
  #shared = new Set<number>();

  constructor(
    /** How many sectors it has. */
    readonly sectors: number,
  ) {}

  /** Blocks that were ever written. */
  get blockCount(): number {
    return this.#blocks.size;
  }

  /** Another platter with the same on it, all of it changed for whoever asks. */
  clone(): Platter {
    const copy = new Platter(this.sectors);
    copy.#blocks = new Map(this.#blocks);
    copy.#changed = new Set(this.#blocks.keys());
    copy.#shared = new Set(this.#blocks.keys());
    this.#shared = new Set(this.#blocks.keys());
    return copy;
  }

  /** The blocks (lba / 8) written since the last call, in order: who saves them needs no others. */
  takeChanged(): number[] {
    const numbers = [...this.#changed].sort((a, b) => a - b);
    this.#changed.clear();
    return numbers;
  }

  /** True if nothing was ever written to the 4 KiB around this sector: it reads as zeros. */
  isBlank(lba: number): boolean {
    return !this.#blocks.has(Math.floor(lba / SECTORS_PER_BLOCK));
  }

  /** Copies sectors from `lba` on into `into`, whose length says how many. */
  read(lba: number, into: Uint8Array): void {
    for (let done = 0; done < into.length;) {
      const block = this.#blocks.get(Math.floor(lba / SECTORS_PER_BLOCK));
      const from = (lba % SECTORS_PER_BLOCK) * SECTOR_BYTES;
      const count = Math.min(BLOCK_BYTES - from, into.length - done);
      if (block === undefined) into.fill(0, done, done + count);
      else into.set(block.subarray(from, from + count), done);
      done += count;
      lba += count / SECTOR_BYTES;
    }
  }

  /** Writes whole sectors from `lba` on. */
  write(lba: number, data: Uint8Array): void {
    for (let done = 0; done < data.length;) {
      const block = this.#blockToWrite(Math.floor(lba / SECTORS_PER_BLOCK));
      const from = (lba % SECTORS_PER_BLOCK) * SECTOR_BYTES;
      const count = Math.min(BLOCK_BYTES - from, data.length - done);
      block.set(data.subarray(done, done + count), from);
      done += count;
      lba += count / SECTOR_BYTES;
    }
  }

  /** The blocks that were ever written, in order: [lba, 4 KiB]. */
  *blocks(): IterableIterator<[number, Uint8Array]> {
    const numbers = [...this.#blocks.keys()].sort((a, b) => a - b);
    for (const number of numbers) {
      yield [number * SECTORS_PER_BLOCK, this.#blocks.get(number)!];
    }
  }

  #blockToWrite(number: number): Uint8Array {
    this.#changed.add(number);
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = new Uint8Array(BLOCK_BYTES);
      this.#blocks.set(number, block);
    } else if (this.#shared.delete(number)) {
      block = block.slice();
      this.#blocks.set(number, block);
    }
    return block;
  }
}
