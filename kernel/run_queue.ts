// Threads that are ready, first come, first served: a singly linked list, so that
// a thread goes in and out without any memory being taken. It knows no policy.

import type { Thread } from "./thread.ts";

export class RunQueue {
  length = 0;
  #first: Thread | null = null;
  #last: Thread | null = null;
  /** The last of those that went in front; the next such comes behind it. */
  #lastInFront: Thread | null = null;

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
