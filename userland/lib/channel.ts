// A channel: a queue of bounded length between threads of one process. A sender
// waits while it is full, a receiver while it is empty; closing it ends both.
// Does not copy what it carries: the receiver gets the sender's object.

import { Cell, futexWake, type Routine, SysError } from "../sys.ts";
import { sleepOn } from "./mutex.ts";

const EVERYBODY = 2 ** 31 - 1;

export class Channel<T> {
  #items: T[] = [];
  #closed = false;
  #sent = new Cell(0);
  #received = new Cell(0);

  constructor(readonly capacity = 1) {
    if (!(capacity >= 1)) throw new RangeError("a channel holds at least 1");
  }

  get length(): number {
    return this.#items.length;
  }

  /** Puts a value in; waits while the channel is full. EPIPE when it is closed. */
  *send(value: T): Routine {
    while (!this.#closed && this.#items.length >= this.capacity) {
      yield* sleepOn(this.#received, this.#received.value);
    }
    if (this.#closed) {
      throw new SysError("EPIPE", "futexWait", { reason: "channel is closed" });
    }
    this.#items.push(value);
    this.#sent.value += 1;
    yield* futexWake(this.#sent);
  }

  /** Takes the oldest value; waits while there is none. Undefined once closed and empty. */
  *receive(): Routine<T | undefined> {
    while (!this.#closed && this.#items.length === 0) {
      yield* sleepOn(this.#sent, this.#sent.value);
    }
    if (this.#items.length === 0) return undefined;
    const value = this.#items.shift();
    this.#received.value += 1;
    yield* futexWake(this.#received);
    return value;
  }

  /** Says that nothing more will be sent; what is inside can still be received. */
  *close(): Routine {
    this.#closed = true;
    this.#sent.value += 1;
    this.#received.value += 1;
    yield* futexWake(this.#sent, EVERYBODY);
    yield* futexWake(this.#received, EVERYBODY);
  }
}
