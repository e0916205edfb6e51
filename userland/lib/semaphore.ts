// Semaphore and barrier: counting who may pass. Built on futexes; the count is a
// cell that all threads of a process share. Does not know who waits or in which
// order the scheduler will run those it wakes.

import { Cell, futexWake, type Routine } from "../sys.ts";
import { sleepOn } from "./mutex.ts";

/** A number of permits: `wait` takes one, `post` gives one back. */
export class Semaphore {
  #permits: Cell;

  constructor(permits = 0) {
    this.#permits = new Cell(permits);
  }

  get value(): number {
    return this.#permits.value;
  }

  /** Takes a permit; waits while there is none. */
  *wait(): Routine {
    while (this.#permits.value === 0) yield* sleepOn(this.#permits, 0);
    this.#permits.value -= 1;
  }

  /** Gives `count` permits. */
  *post(count = 1): Routine {
    this.#permits.value += count;
    yield* futexWake(this.#permits, count);
  }
}

/** A place where `parties` threads meet: none goes on before all have come. */
export class Barrier {
  #round = new Cell(0);
  #missing: number;

  constructor(readonly parties: number) {
    this.#missing = parties;
  }

  /** Waits for the others. Exactly one thread of each round is told true: the last. */
  *wait(): Routine<boolean> {
    const round = this.#round.value;
    this.#missing -= 1;
    if (this.#missing > 0) {
      while (this.#round.value === round) yield* sleepOn(this.#round, round);
      return false;
    }
    this.#missing = this.parties;
    this.#round.value += 1;
    yield* futexWake(this.#round, this.parties);
    return true;
  }
}
