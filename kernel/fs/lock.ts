// A lock that tasks wait for in the order in which they came: several may hold
// it shared, or one exclusively. Whoever comes after a waiting writer waits
// behind it. It knows tasks and nothing of what it protects.

import { type Waiter, WaitQueue } from "../wait_queue.ts";
import type { Task, Wait } from "./task.ts";

export class FifoLock {
  #holders = 0;
  #exclusive = false;
  #waiting: WaitQueue<Hold>;

  constructor(describe: () => string) {
    this.#waiting = new WaitQueue("lock", { describeWait: describe });
  }

  /** Yield it to get the lock, and `release()` it in a `finally`. */
  shared(): Hold {
    return new Hold(this, false);
  }
  exclusive(): Hold {
    return new Hold(this, true);
  }

  /** Nobody has it. */
  get isFree(): boolean {
    return this.#holders === 0;
  }

  describe(): string {
    return this.#waiting.describe();
  }

  /** Takes the lock, or queues up for it: true. */
  take(hold: Hold): boolean {
    if (this.#waiting.length === 0 && this.#grants(hold)) {
      this.#grant(hold);
      return false;
    }
    this.#waiting.push(hold);
    return true;
  }

  release(): void {
    this.#holders--;
    this.#exclusive = false;
    this.#admit();
  }

  /** Leaves the queue; whoever stood behind may get in now. */
  leave(hold: Hold): void {
    this.#waiting.remove(hold);
    this.#admit();
  }

  #admit(): void {
    for (;;) {
      const hold = this.#waiting.first;
      if (hold === null || !this.#grants(hold)) return;
      this.#waiting.remove(hold);
      this.#grant(hold);
      hold.task!.runner.wake(hold.task!);
    }
  }

  #grants(hold: Hold): boolean {
    return this.#holders === 0 || (!hold.exclusive && !this.#exclusive);
  }

  #grant(hold: Hold): void {
    this.#holders++;
    this.#exclusive = hold.exclusive;
  }
}

/** One holder of a lock, or one who waits for it. */
export class Hold implements Wait, Waiter {
  queue: WaitQueue<Waiter> | null = null;
  previous: Waiter | null = null;
  next: Waiter | null = null;
  task: Task | null = null;
  readonly kind = "lock";
  readonly changes = false;

  constructor(readonly lock: FifoLock, readonly exclusive: boolean) {}

  begin(task: Task): boolean {
    this.task = task;
    return this.lock.take(this);
  }

  withdraw(): boolean {
    if (this.queue === null) return false;
    this.lock.leave(this);
    return true;
  }

  release(): void {
    this.lock.release();
  }

  describe(): string {
    return `its turn at ${this.lock.describe()}`;
  }
}
