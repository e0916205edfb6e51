// Who runs next: the run queue of a machine, and the policies, each a small
// strategy. A policy knows threads only as members of its queue; when to ask it
// is the CPU's business.

import type { Thread } from "./thread.ts";

export type SchedulerName = "rr" | "fcfs";

export interface Scheduler {
  readonly name: SchedulerName;
  /** Threads that are ready. */
  readonly length: number;
  /** A turn's length in ns; Infinity: until it waits. */
  readonly quantumNs: number;
  /** Becomes ready, at the end, or in front of all if it may preempt. */
  enqueue(thread: Thread, front?: boolean): void;
  /** Takes the next, or null. */
  pick(): Thread | null;
  /** Takes out one that is killed or stopped. */
  remove(thread: Thread): void;
  /** The ready threads in order, for looking. */
  list(): Thread[];
}

/** First come, first served: a singly linked queue of ready threads. */
class Fifo implements Scheduler {
  length = 0;
  #first: Thread | null = null;
  #last: Thread | null = null;
  /** The last of those that went in front; the next such comes behind it. */
  #lastInFront: Thread | null = null;

  constructor(readonly name: SchedulerName, readonly quantumNs: number) {}

  enqueue(thread: Thread, front = false): void {
    this.length++;
    if (this.#first === null) {
      this.#first = this.#last = thread;
      this.#lastInFront = front ? thread : null;
    } else if (front) {
      this.#insertInFront(thread);
    } else {
      this.#last!.nextReady = thread;
      this.#last = thread;
    }
  }

  #insertInFront(thread: Thread): void {
    const before = this.#lastInFront;
    thread.nextReady = before === null ? this.#first : before.nextReady;
    if (before === null) this.#first = thread;
    else before.nextReady = thread;
    if (thread.nextReady === null) this.#last = thread;
    this.#lastInFront = thread;
  }

  pick(): Thread | null {
    const thread = this.#first;
    if (thread === null) return null;
    this.#first = thread.nextReady;
    if (thread === this.#lastInFront) this.#lastInFront = null;
    if (this.#first === null) this.#last = null;
    thread.nextReady = null;
    this.length--;
    return thread;
  }

  remove(thread: Thread): void {
    const others = this.list().filter((other) => other !== thread);
    if (others.length === this.length) return;
    for (const each of this.list()) each.nextReady = null;
    this.#first = this.#last = this.#lastInFront = null;
    this.length = 0;
    for (const other of others) this.enqueue(other);
  }

  list(): Thread[] {
    const threads: Thread[] = [];
    for (let each = this.#first; each !== null; each = each.nextReady) {
      threads.push(each);
    }
    return threads;
  }
}

/** `rr` takes the CPU away after a quantum, `fcfs` never. */
export function makeScheduler(
  name: SchedulerName,
  quantumNs: number,
): Scheduler {
  return new Fifo(name, name === "rr" ? quantumNs : Infinity);
}
