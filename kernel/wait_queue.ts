// A FIFO of things that wait, each of which can be taken out again from the
// middle: first come, first served, and every sleep has its undo. It knows
// neither threads nor time; what waits is a link in a list.

/** What somebody waits for, in the words of the state palette. */
export type WaitKind = "disk" | "net" | "keys" | "timer" | "lock" | "event";

/** Something one can wait for, and what to call it. */
export interface WaitTarget {
  readonly kind: WaitKind;
  /** For people: `pipe 4 is full`. */
  describe(): string;
  /** The power is gone: what it has in the clock is taken off. */
  vanish?(): void;
}

/** Whose queue it is. */
export interface QueueOwner {
  /** What is waited for in this queue of its, for people. */
  describeWait(queue: object): string;
  /** Somebody was withdrawn from it: the next may have become servable. */
  onLeave?(queue: object): void;
}

/** A link in a wait queue. */
export interface Waiter {
  queue: WaitQueue<Waiter> | null;
  previous: Waiter | null;
  next: Waiter | null;
}

export class WaitQueue<W extends Waiter = Waiter> implements WaitTarget {
  length = 0;
  #first: W | null = null;
  #last: W | null = null;
  #owner: QueueOwner;

  constructor(readonly kind: WaitKind, owner: QueueOwner) {
    this.#owner = owner;
  }

  describe(): string {
    return this.#owner.describeWait(this);
  }

  /** The longest waiting, who stays in the queue. */
  get first(): W | null {
    return this.#first;
  }

  /** Goes to the end of the queue. */
  push(waiter: W): void {
    waiter.queue = this as unknown as WaitQueue<Waiter>;
    waiter.previous = this.#last;
    waiter.next = null;
    if (this.#last === null) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.length++;
  }

  /** Leaves the queue, from wherever in it. */
  remove(waiter: W): void {
    const { previous, next } = waiter;
    if (previous === null) this.#first = next as W | null;
    else previous.next = next;
    if (next === null) this.#last = previous as W | null;
    else next.previous = previous;
    waiter.queue = waiter.previous = waiter.next = null;
    this.length--;
  }

  /** Somebody was withdrawn. */
  left(): void {
    this.#owner.onLeave?.(this);
  }

  /** The waiters in order; safe while they leave. */
  *[Symbol.iterator](): IterableIterator<W> {
    let waiter = this.#first;
    while (waiter !== null) {
      const next = waiter.next as W | null;
      yield waiter;
      waiter = next;
    }
  }
}
