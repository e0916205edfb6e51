// Small arrays of bytes, cheaply: a fresh Uint8Array of a hundred bytes costs
// 480 ns on V8 and of a full segment 1150, a window on a slab 55 and 250. A
// window is given out once and never again, so whoever gets it owns it. Each
// process has a slab of its own for what it gets to see, so that nobody looks
// into the bytes of another through `buffer`, or takes them away (`transfer`),
// and a window lies at the same place in every replay.

const SLAB_BYTES_MIN = 1024, SLAB_BYTES_MAX = 65_536;
/** A full segment is small. */
const SMALL_BYTES = 2048;
/** UTF-8 of one UTF-16 unit, at most. */
const BYTES_OF_LETTER_MAX = 3;

const ENCODER = new TextEncoder();

export const NO_BYTES = new Uint8Array(0);

/** What small arrays are windows on; it begins small, for those who read little. */
export class Slab {
  #bytes = NO_BYTES;
  #used = 0;
  #size = SLAB_BYTES_MIN;

  /** A fresh array of `length` zero bytes. */
  take(length: number): Uint8Array {
    if (length > SMALL_BYTES) return new Uint8Array(length);
    const start = this.#roomFor(length);
    return this.#bytes.subarray(start, this.#used = start + length);
  }

  copyOf(bytes: Uint8Array): Uint8Array {
    if (bytes.length > SMALL_BYTES) return bytes.slice();
    const copy = this.take(bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** Text as bytes (UTF-8). */
  encode(text: string): Uint8Array {
    const most = text.length * BYTES_OF_LETTER_MAX;
    if (most > SMALL_BYTES) return ENCODER.encode(text);
    const start = this.#roomFor(most);
    const { written } = ENCODER.encodeInto(text, this.#bytes.subarray(start));
    return this.#bytes.subarray(start, this.#used = start + written);
  }

  /** Where the next window begins. A slab whose buffer was taken away is empty. */
  #roomFor(length: number): number {
    if (this.#used + length <= this.#bytes.length) return this.#used;
    if (this.#size < SLAB_BYTES_MAX) this.#size *= 2;
    this.#bytes = new Uint8Array(this.#size);
    return this.#used = 0;
  }
}

/** For what no program gets to see. */
export const KERNEL_SLAB = new Slab();
