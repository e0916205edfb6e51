// Bytes in a line: they go in at the end and out at the front, copied both
// times. A ring that grows by doubling up to its limit and gives its memory back
// when it is empty, so that an idle connection costs next to nothing.

import { newBytes, NO_BYTES } from "../bytes.ts";

const FIRST_BYTES = 256;

export class ByteQueue {
  length = 0;
  #ring: Uint8Array = NO_BYTES;
  #first = 0;

  /** The limit may change; what is in stays in. */
  constructor(public limit: number) {}

  get room(): number {
    return Math.max(0, this.limit - this.length);
  }

  /** Takes in all of `bytes`; the caller has looked for room. */
  append(bytes: Uint8Array): void {
    if (bytes.length > this.room) throw new Error("byte queue overflow");
    this.#fit(this.length + bytes.length);
    const ring = this.#ring;
    const at = (this.#first + this.length) % (ring.length || 1);
    const head = Math.min(bytes.length, ring.length - at);
    ring.set(head === bytes.length ? bytes : bytes.subarray(0, head), at);
    if (head < bytes.length) ring.set(bytes.subarray(head), 0);
    this.length += bytes.length;
  }

  /** A fresh copy of `count` bytes, `from` bytes after the front. */
  copy(from: number, count: number): Uint8Array {
    const result = newBytes(count);
    if (count === 0) return result;
    const ring = this.#ring;
    const at = (this.#first + from) % ring.length;
    const head = Math.min(count, ring.length - at);
    result.set(ring.subarray(at, at + head));
    if (head < count) result.set(ring.subarray(0, count - head), head);
    return result;
  }

  /** Forgets `count` bytes at the front. */
  drop(count: number): void {
    this.length -= count;
    if (this.length > 0) {
      this.#first = (this.#first + count) % this.#ring.length;
      return;
    }
    this.clear();
  }

  take(count: number): Uint8Array {
    const bytes = this.copy(0, count);
    this.drop(count);
    return bytes;
  }

  clear(): void {
    this.length = this.#first = 0;
    this.#ring = NO_BYTES;
  }

  #fit(length: number): void {
    if (length <= this.#ring.length) return;
    let size = this.#ring.length || FIRST_BYTES;
    while (size < length) size *= 2;
    const bytes = this.copy(0, this.length);
    this.#ring = newBytes(size);
    this.#ring.set(bytes);
    this.#first = 0;
  }
}
