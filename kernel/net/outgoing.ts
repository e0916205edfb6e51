// What one end of a connection has to send, as a set of facts: a SYN is due, an
// ACK is due, a RST is due, there are bytes and a window for them. It stands in
// line for the card; when its turn comes it makes one segment of what is due
// then, so an acknowledgement travels with data if there is any. It does not
// know why something is due.

import type { Address } from "../abi.ts";
import { NO_BYTES } from "../bytes.ts";
import type { Waiter, WaitQueue } from "../wait_queue.ts";
import type { Egress, Sender } from "./egress.ts";
import { ACK, FIN, RST, Segment, SYN } from "./segment.ts";
import type { Stream } from "./stream.ts";

/** Whose segments they are. */
export interface OutgoingOwner {
  readonly local: Address;
  readonly remote: Address;
  readonly stream: Stream;
  /** Bytes or a FIN up to `end` went out, for the first time or again. */
  sent(end: number, again: boolean): void;
  /** A segment went out that acknowledges all there is. */
  answered(): void;
}

export class Outgoing implements Sender {
  // A link in the egress line.
  queue: WaitQueue<Waiter> | null = null;
  previous: Waiter | null = null;
  next: Waiter | null = null;

  /** The SYN acknowledges the peer's. */
  answering = false;
  synDue = false;
  ackDue = false;
  resetDue = false;
  /** The peer has had no room: is there some now? */
  probeDue = false;

  constructor(
    readonly owner: OutgoingOwner,
    readonly egress: Egress,
    readonly stream: Stream,
  ) {}

  /** Stands in line, if anything is due. */
  offer(): void {
    if (this.#anythingDue()) this.egress.offer(this);
  }

  /** Nothing more is sent but what is said from now on. */
  clear(): void {
    this.synDue =
      this.ackDue =
      this.resetDue =
      this.probeDue =
        false;
  }

  nextSegment(): Segment | null {
    if (this.resetDue) return this.#reset();
    if (this.synDue) return this.#syn();
    if (!this.#flowing) return this.ackDue ? this.#segment(0) : null;
    const { sending } = this.stream;
    if (sending.repairDue) return this.#repair();
    const count = sending.sendable();
    if (count === 0 && !sending.finDue && this.probeDue) return this.#probe();
    if (count === 0 && !sending.finDue && !this.ackDue) return null;
    return this.#segment(count);
  }

  /** The handshake is behind us and the end is not. */
  get #flowing(): boolean {
    return this.stream.sending.open && !this.stream.over;
  }

  #anythingDue(): boolean {
    if (this.resetDue || this.synDue) return true;
    if (!this.#flowing) return this.ackDue;
    const { sending, receiving } = this.stream;
    if (receiving.updateDue) this.ackDue = true;
    return this.ackDue || this.probeDue || sending.repairDue ||
      sending.finDue || sending.sendable() > 0;
  }

  #reset(): Segment {
    this.clear();
    const { sending, receiving } = this.stream;
    return this.#make(RST | ACK, sending.next, receiving.next, 0);
  }

  #syn(): Segment {
    this.synDue = false;
    const { sending, receiving } = this.stream;
    const first = sending.unacknowledged;
    sending.next = sending.highest = first + 1;
    const window = receiving.announce();
    return this.answering
      ? this.#make(SYN | ACK, first, receiving.next, window)
      : this.#make(SYN, first, 0, window);
  }

  /** Up to `count` bytes, the FIN if they are the last, and always the ACK. */
  #segment(count: number): Segment {
    this.ackDue = this.probeDue = false;
    const { sending, receiving } = this.stream;
    const sequence = sending.next;
    const again = sequence < sending.highest;
    const data = count > 0 ? sending.take(count) : NO_BYTES;
    let flags = ACK;
    if (this.#flowing && sending.finDue) {
      flags |= FIN;
      sending.finish();
    }
    if (sending.next > sequence) this.owner.sent(sending.next, again);
    const window = receiving.announce();
    return this.#make(flags, sequence, receiving.next, window, data);
  }

  /** The segment that got lost. */
  #repair(): Segment {
    this.ackDue = false;
    const { sending, receiving } = this.stream;
    const { data, fin } = sending.repair();
    this.owner.sent(sending.unacknowledged + data.length, true);
    const flags = fin ? ACK | FIN : ACK;
    const window = receiving.announce();
    const sequence = sending.unacknowledged;
    return this.#make(flags, sequence, receiving.next, window, data);
  }

  /** An old number and no bytes: the peer answers with its window. */
  #probe(): Segment {
    this.probeDue = this.ackDue = false;
    const { sending, receiving } = this.stream;
    const window = receiving.announce();
    const sequence = sending.unacknowledged - 1;
    return this.#make(ACK, sequence, receiving.next, window);
  }

  #make(
    flags: number,
    sequence: number,
    acknowledgement: number,
    window: number,
    data: Uint8Array = NO_BYTES,
  ): Segment {
    const { local, remote } = this.owner;
    this.owner.answered();
    return new Segment(
      local,
      remote,
      flags,
      sequence,
      acknowledgement,
      window,
      data,
    );
  }
}
