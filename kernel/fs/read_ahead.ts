// Read-ahead of one open file: as long as it is read in order, more and more of
// what follows is asked for before anybody wants it, from 16 KiB doubling to
// 128 KiB; a jump begins anew. The next window is asked for when the reader is
// half through the last, so that the disk and the reader work at the same time.
// Of disks and caches it knows nothing. (Linux: mm/readahead.c, read_ahead_kb.)

/** Blocks of the first window. */
const FIRST_BLOCKS = 4;
/** Blocks of the largest: Linux's read_ahead_kb is 128. */
const MOST_BLOCKS = 32;

export class ReadAhead {
  /** The block after the last one read. */
  #next = 0;
  /** Asked for up to here. */
  #end = 0;
  #size = 0;

  /** Blocks of the file `from` to `to` (excluded) to ask for, when `first` to `end` (excluded) are read. */
  plan(first: number, end: number): { from: number; to: number } {
    // Small reads come back to the block in which the last one ended.
    const inOrder = first === this.#next || first === this.#next - 1;
    this.#next = end;
    if (!inOrder) {
      this.#size = 0;
      this.#end = end;
      return { from: end, to: end };
    }
    const ahead = this.#end - end;
    if (this.#size > 0 && ahead * 2 > this.#size) return { from: end, to: end };
    this.#size = Math.min(
      MOST_BLOCKS,
      Math.max(FIRST_BLOCKS, this.#size * 2),
    );
    const from = Math.max(this.#end, end);
    this.#end = from + this.#size;
    return { from, to: this.#end };
  }
}
