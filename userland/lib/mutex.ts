// Mutex and condition variable, built on futexes as in Linux's user space. The
// kernel knows neither: it sees a wait on a cell. A mutex checks for errors: who
// unlocks must be the owner, and the owner cannot lock again. It does not lend
// its owner a higher priority.

import {
  Cell,
  futexWait,
  futexWake,
  gettid,
  type Routine,
  SysError,
  within,
} from "../sys.ts";

const FREE = 0;
const LOCKED = 1;
const CONTENDED = 2;
const EVERYBODY = 2 ** 31 - 1;

/** Lets one thread in at a time. */
export class Mutex {
  #cell = new Cell(FREE);
  #owner = 0;

  /** Waits until the mutex is free and takes it. EDEADLK if this thread has it already. */
  *lock(): Routine {
    const me = yield* gettid();
    if (this.#owner === me) {
      const reason = "this thread holds the mutex already";
      throw new SysError("EDEADLK", "futexWait", { reason });
    }
    let state: number = LOCKED;
    while (this.#cell.value !== FREE) {
      state = this.#cell.value = CONTENDED;
      yield* sleepOn(this.#cell, CONTENDED);
    }
    this.#cell.value = state;
    this.#owner = me;
  }

  /** Takes the mutex if it is free and tells whether it did. */
  *tryLock(): Routine<boolean> {
    const me = yield* gettid();
    if (this.#cell.value !== FREE) return false;
    this.#cell.value = LOCKED;
    this.#owner = me;
    return true;
  }

  /** Gives the mutex back and wakes the longest waiting. EPERM if another thread has it. */
  *unlock(): Routine {
    const me = yield* gettid();
    if (this.#owner !== me) {
      const reason = "this thread does not hold the mutex";
      throw new SysError("EPERM", "futexWake", { reason });
    }
    const contended = this.#cell.value === CONTENDED;
    this.#owner = 0;
    this.#cell.value = FREE;
    if (contended) yield* futexWake(this.#cell);
  }

  /** Runs `body` with the mutex held and gives it back, also when `body` throws. */
  *with<T>(body: () => Routine<T>): Routine<T> {
    yield* this.lock();
    try {
      return yield* body();
    } finally {
      yield* this.unlock();
    }
  }
}

/** Lets threads that hold a mutex wait until another says that something changed. */
export class Condition {
  #changes = new Cell(0);

  /**
   * Gives the mutex back, waits for a signal and takes the mutex again. It may
   * come back without a signal: test what you wait for in a loop. ETIME when
   * `timeoutNs` has passed; the mutex is held then, too.
   */
  *wait(mutex: Mutex, timeoutNs = -1): Routine {
    const seen = this.#changes.value;
    yield* mutex.unlock();
    let late: SysError | null = null;
    try {
      yield* sleepOn(this.#changes, seen, timeoutNs);
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "ETIME") throw error;
      late = error;
    }
    yield* mutex.lock();
    if (late !== null) throw late;
  }

  /** Wakes the longest waiting, if there is one. */
  *signal(): Routine {
    this.#changes.value += 1;
    yield* futexWake(this.#changes);
  }

  /** Wakes everybody who waits. */
  *broadcast(): Routine {
    this.#changes.value += 1;
    yield* futexWake(this.#changes, EVERYBODY);
  }
}

/**
 * Waits on a cell. That its value has changed meanwhile, or that a signal came,
 * is no failure: the caller looks at the cell again.
 */
export function* sleepOn(
  cell: Cell,
  expected: number,
  timeoutNs = -1,
): Routine {
  const request = futexWait(cell, expected);
  try {
    yield* timeoutNs < 0 ? request : within(timeoutNs, request);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (error.code !== "EAGAIN" && error.code !== "EINTR") throw error;
  }
}
