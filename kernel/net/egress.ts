// The way out: everybody who has something to send over one card stands in line,
// and each in turn gives one segment, for as long as the card has room. A
// segment is made only when it can be sent, so nothing piles up between a
// connection and a full ring, and no connection starves another.

import type { Packet, Transmitter } from "../dev/nic.ts";
import { type Waiter, WaitQueue } from "../wait_queue.ts";
import type { Segment } from "./segment.ts";

/** One who may have something to send. */
export interface Sender extends Waiter {
  /** What it sends now; null: nothing. */
  nextSegment(): Packet | null;
}

export class Egress {
  #transmitter: Transmitter;
  #line = new WaitQueue<Sender>("net", this);

  constructor(transmitter: Transmitter) {
    this.#transmitter = transmitter;
    transmitter.onRoom = () => this.#pump();
  }

  describeWait(): string {
    return "its turn on the card";
  }

  /** What goes out here may not arrive. */
  get mayLose(): boolean {
    return this.#transmitter.mayLose;
  }

  /** How many stand in line because the card is full. */
  get waiting(): number {
    return this.#line.length;
  }

  /** It has something to send. */
  offer(sender: Sender): void {
    if (sender.queue !== null) return;
    while (this.#line.length === 0 && this.#transmitter.hasRoom) {
      const segment = sender.nextSegment();
      if (segment === null) return;
      this.#transmitter.send(segment);
    }
    this.#line.push(sender); // behind those who wait for room
    this.#pump();
  }

  #pump(): void {
    const line = this.#line;
    for (let sender = line.first; sender !== null; sender = line.first) {
      if (!this.#transmitter.hasRoom) return;
      line.remove(sender);
      const segment = sender.nextSegment();
      if (segment === null) continue;
      this.#transmitter.send(segment);
      line.push(sender);
    }
  }
}

/** A segment without a connection: the RST that nobody stands behind. */
export class Single implements Sender {
  queue: WaitQueue<Waiter> | null = null;
  previous: Waiter | null = null;
  next: Waiter | null = null;
  #segment: Segment | null;

  constructor(segment: Segment) {
    this.#segment = segment;
  }

  nextSegment(): Segment | null {
    const segment = this.#segment;
    this.#segment = null;
    return segment;
  }
}
