// The receiving half of a connection: bytes that arrived, put in order, the
// readers who wait for some, and the window, which is what the buffer has room
// for. It does not know states, flags or the wire.

import type { Operation } from "../request.ts";
import { type QueueOwner, WaitQueue } from "../wait_queue.ts";
import { ByteQueue } from "./byte_queue.ts";
import { Reassembly } from "./reassembly.ts";
import { RECEIVE_BUFFER_BYTES, WINDOW_UPDATE_BYTES } from "./params.ts";

export class ReceiveHalf {
  readonly buffer = new ByteQueue(RECEIVE_BUFFER_BYTES);
  readonly readers: WaitQueue<Operation>;
  /** The next sequence number expected. */
  next = 0;
  /** The peer's FIN has come: no byte follows. */
  ended = false;
  /** The number of the peer's FIN, once it is known; −1 before. */
  finAt = -1;
  /** What came before its time. */
  #early: Reassembly | null = null;
  #first = 0;
  /** The window that the peer was told ends here. */
  #announced = 0;

  constructor(owner: QueueOwner) {
    this.readers = new WaitQueue("net", owner);
  }

  /** The peer's first byte will have this number. */
  start(sequence: number): void {
    this.#first = this.next = this.#announced = sequence;
  }

  /** True for a number that this connection can have seen or may see now. */
  expects(sequence: number): boolean {
    return sequence >= this.#first && sequence <= this.next + this.buffer.room;
  }

  /** Bytes are missing before others that are here. */
  get hasGap(): boolean {
    return this.#early !== null && !this.#early.isEmpty;
  }

  /** Room left, as the next segment will say. */
  announce(): number {
    const { room } = this.buffer;
    this.#announced = this.next + room;
    return room;
  }

  /** The window has opened so far that the peer should hear of it. */
  get updateDue(): boolean {
    const ends = this.next + this.buffer.room;
    return ends - this.#announced >= WINDOW_UPDATE_BYTES;
  }

  /** Takes in what a segment brings, in order or not; true if that was next. */
  arrive(sequence: number, data: Uint8Array): boolean {
    const old = this.next - sequence;
    if (old >= data.length) return false;
    if (old < 0) {
      const room = this.next + this.buffer.room - sequence;
      if (room > 0) {
        (this.#early ??= new Reassembly()).add(
          sequence,
          data.subarray(0, room),
        );
      }
      return false;
    }
    this.#take(old === 0 ? data : data.subarray(old));
    for (;;) {
      const more = this.#early === null ? null : this.#early.take(this.next);
      if (more === null) return true;
      this.#take(more);
    }
  }

  /** The peer's last byte, and its FIN, have come. */
  get finHere(): boolean {
    return this.finAt >= 0 && this.next === this.finAt;
  }

  /** Takes in the bytes that come next, and serves who waits for them. */
  #take(data: Uint8Array): void {
    const op = this.readers.first;
    if (op !== null && data.length <= (op.call.b as number)) {
      this.next += data.length;
      return op.complete(op.slab.copyOf(data));
    }
    const fitting = data.subarray(0, this.buffer.room);
    this.buffer.append(fitting);
    this.next += fitting.length;
    this.#serve();
  }

  /** Gives a reader what there is, up to `count` bytes. */
  give(op: Operation, count: number): void {
    const bytes = op.slab.take(Math.min(count, this.buffer.length));
    this.buffer.moveTo(bytes);
    op.complete(bytes);
  }

  /** Ends the waiting readers: nothing more will come. */
  endReaders(end: (op: Operation) => void): void {
    const { readers } = this;
    for (let op = readers.first; op !== null; op = readers.first) end(op);
  }

  /** Serves the waiting readers, in order, while there is something. */
  #serve(): void {
    const { readers, buffer } = this;
    for (let op = readers.first; op !== null; op = readers.first) {
      if (buffer.length === 0) return;
      this.give(op, op.call.b as number);
    }
  }
}
