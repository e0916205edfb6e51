// Bytes in a line: they go in at the end and out at the front, copied both
// times. A ring that grows by doubling up to its limit and gives its memory back
// when it is empty, so that an idle connection costs next to nothing.

import { KERNEL_SLAB, NO_BYTES } from "../bytes.ts";

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
    const copy = KERNEL_SLAB.take(count);
    this.#fill(copy, from);
    return copy;
  }

  #fill(target: Uint8Array, from: number): void {
    const count = target.length;
    if (count === 0) return;
    const ring = this.#ring;
    const at = (this.#first + from) % ring.length;
    const head = Math.min(count, ring.length - at);
    target.set(ring.subarray(at, at + head));
    if (head < count) target.set(ring.subarray(0, count - head), head);
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

  /** Moves the front into `target`, which is not longer. */
  moveTo(target: Uint8Array): void {
    this.#fill(target, 0);
    this.drop(target.length);
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
    this.#ring = KERNEL_SLAB.take(size);
    this.#ring.set(bytes);
    this.#first = 0;
  }
}
