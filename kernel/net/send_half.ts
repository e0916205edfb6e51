// The sending half of a connection: bytes that were written and not yet
// acknowledged, the writers who wait for room, and which of it may go out now
// (the peer's window, and congestion.ts's). It does not know states, flags or the
// wire. Sequence numbers: `unacknowledged` ≤ `next` ≤ `highest`; after a time-out
// `next` goes back, and what follows is sent again.
//
// Divergence from Linux: a short segment waits for acknowledgements (Nagle) only
// where the socket says so (`nodelay: false`); while a writer still has more
// bytes it is held back in any case.

import type { Operation } from "../request.ts";
import { type QueueOwner, WaitQueue } from "../wait_queue.ts";
import { ByteQueue } from "./byte_queue.ts";
import { Congestion } from "./congestion.ts";
import { MSS_BYTES, SEND_BUFFER_BYTES } from "./params.ts";

/** What waiting writers have to write; how far they are is their `moved`. */
const DATA = new WeakMap<Operation, Uint8Array>();

export class SendHalf {
  readonly buffer = new ByteQueue(SEND_BUFFER_BYTES);
  readonly #owner: QueueOwner;
  #writers: WaitQueue<Operation> | null = null;
  /** The oldest sequence number not acknowledged. */
  unacknowledged: number;
  /** The next to be sent. */
  next: number;
  /** The end of what was ever sent. */
  highest: number;
  /** Short segments go at once, whatever is on its way (TCP_NODELAY). */
  nodelay = true;
  readonly congestion = new Congestion();
  /** The first unacknowledged segment is lost: it goes before all others. */
  repairDue = false;
  /** The first that the peer has no room for. */
  windowEnds: number;
  /** Until the peer has answered, writers wait. */
  open = false;
  /** A FIN follows the last byte. */
  finQueued = false;
  /** The number after the FIN, once it has been sent. */
  #finEnd = -1;

  constructor(first: number, owner: QueueOwner) {
    this.#owner = owner;
    this.unacknowledged =
      this.next =
      this.highest =
      this.windowEnds =
        first;
  }

  /** Somebody waits for room. */
  get isAwaited(): boolean {
    return this.#writer !== null;
  }

  /** Who has waited longest for room. */
  get #writer(): Operation | null {
    return this.#writers === null ? null : this.#writers.first;
  }

  /** The peer has our SYN: the first byte is `sequence`. */
  start(sequence: number): void {
    this.unacknowledged = this.next = this.highest = sequence;
    this.open = true;
    this.refill();
  }

  /** The FIN has been sent, and not gone back behind. */
  get finSent(): boolean {
    return this.#finEnd >= 0 && this.next >= this.#finEnd;
  }

  /** Bytes, and the FIN, that are on their way or lost. */
  get flight(): number {
    return this.next - this.unacknowledged;
  }

  /** Bytes in the buffer that are to be sent. */
  get unsent(): number {
    if (this.finSent) return 0;
    return this.buffer.length - (this.next - this.unacknowledged);
  }

  /** Everything is sent but the FIN. */
  get finDue(): boolean {
    return this.finQueued && !this.finSent && this.unsent === 0;
  }

  get finAcknowledged(): boolean {
    return this.#finEnd >= 0 && this.unacknowledged >= this.#finEnd;
  }

  /** Bytes the next segment carries; 0: none may go now. */
  sendable(): number {
    const { unsent } = this;
    const ends = Math.min(
      this.windowEnds,
      this.unacknowledged + this.congestion.window,
    );
    const count = Math.min(unsent, ends - this.next, MSS_BYTES);
    if (count <= 0) return 0;
    if (count === MSS_BYTES || this.next < this.highest) return count;
    // A short one goes only as the last of what was written (RFC 1122 §4.2.3.4).
    if (count !== unsent || this.isAwaited) return 0;
    return this.nodelay || this.flight === 0 || this.finQueued ? count : 0;
  }

  /** The next `count` bytes, as sent. */
  take(count: number): Uint8Array {
    const data = this.buffer.copy(this.next - this.unacknowledged, count);
    this.next += count;
    this.highest = Math.max(this.highest, this.next);
    return data;
  }

  /** The FIN is sent. */
  finish(): void {
    this.next++;
    this.#finEnd = this.next;
    this.highest = Math.max(this.highest, this.next);
  }

  /** The first unacknowledged segment, once more; with the FIN, if that was in it. */
  repair(): { data: Uint8Array; fin: boolean } {
    this.repairDue = false;
    const sent = this.highest - this.unacknowledged;
    const count = Math.min(this.buffer.length, sent, MSS_BYTES);
    const data = this.buffer.copy(0, count);
    const fin = this.#finEnd >= 0 &&
      this.unacknowledged + count === this.#finEnd - 1;
    return { data, fin };
  }

  /** Nothing came back: all that is not acknowledged is sent again. */
  goBack(): void {
    this.congestion.timedOut(this.highest - this.unacknowledged);
    this.next = this.unacknowledged;
    this.repairDue = false;
  }

  /** The peer has everything before `sequence`. */
  acknowledge(sequence: number): void {
    const bytes = sequence - this.unacknowledged;
    this.buffer.drop(Math.min(bytes, this.buffer.length));
    this.unacknowledged = sequence;
    this.next = Math.max(this.next, sequence);
    this.repairDue = this.congestion.acknowledged(sequence, bytes);
  }

  /** It said so again, though something is on its way. */
  acknowledgedAgain(): void {
    const { flight } = this;
    if (this.congestion.duplicate(this.highest, flight)) this.repairDue = true;
  }

  /** Writes what there is room for; the rest waits its turn. */
  write(op: Operation, data: Uint8Array): void {
    if (this.open && !this.isAwaited && this.#put(op, data)) return;
    DATA.set(op, data);
    op.park(this.#writers ??= new WaitQueue("net", this.#owner));
  }

  /** Lets the waiting writers go on, in order. */
  refill(): void {
    for (let op = this.#writer; op !== null; op = this.#writer) {
      if (this.buffer.room === 0 || !this.#put(op, DATA.get(op)!)) return;
    }
  }

  /** Ends the waiting writers: nothing more will be sent. */
  endWriters(fail: (op: Operation) => void): void {
    for (let op = this.#writer; op !== null; op = this.#writer) {
      if (op.moved > 0) op.complete(op.moved);
      else fail(op);
    }
  }

  /** Moves bytes of one write into the buffer; true when it is done. */
  #put(op: Operation, data: Uint8Array): boolean {
    const { buffer } = this;
    const { moved } = op;
    const left = data.length - moved;
    const count = Math.min(left, buffer.room);
    if (count > 0) { // not so if the program took the buffer away meanwhile
      const isWhole = count === data.length;
      buffer.append(isWhole ? data : data.subarray(moved, moved + count));
      op.moved += count;
    }
    if (count < left) return false;
    op.complete(op.moved);
    return true;
  }
}
