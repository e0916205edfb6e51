// How an operation on files goes on without a blocked thread. The work is a
// generator that yields what it waits for (a lock, disk transfers); a task
// drives it: each wait that ends makes the task ready, and the runner resumes
// ready tasks first come, first served. It does not know files or disks.
//
// Rules of the work: it locks before it looks, it checks and brings in everything
// before it changes anything, and makes its change in one step without yielding.
// So a `Failure` changes nothing, a task can be taken back until its change, and
// at every instant what is in memory is whole. `finally` blocks do not yield.

import type { ErrorCode } from "../abi.ts";
import type { Operation } from "../request.ts";
import type { WaitTarget } from "../wait_queue.ts";

/** What a work may wait for. */
export interface Wait extends WaitTarget {
  /** True once the task has changed something by it: it cannot be taken back. */
  readonly changes: boolean;
  /** True: the task waits, and will be woken. False: there is nothing to wait for. */
  begin(task: Task): boolean;
  /** Takes the waiting back; false: too late. */
  withdraw(): boolean;
}

export type Work<T> = Generator<Wait, T, void>;

/** Thrown by a work: an error for the caller, and nothing has changed. No stack is captured. */
export class Failure {
  constructor(readonly code: ErrorCode, readonly path?: string) {}
}

/** A work that waits for nothing. */
// deno-lint-ignore require-yield -- that is the point
export function* immediate<T>(value: () => T): Work<T> {
  return value();
}

/** What is told of a task's end. */
export interface Ending<T> {
  done(value: T): void;
  failed(failure: Failure): void;
}

/** Resumes tasks in the order in which they became ready, never one inside another. */
export class TaskRunner {
  #ready: Task[] = [];
  #running = false;
  /** Called when no task is ready any more, and when one was taken back. */
  onRest: (() => void) | null = null;
  /** Tasks that have not ended. */
  readonly tasks = new Set<Task>();

  /** Tasks of operations; what the kernel does by itself is not counted. */
  get operations(): number {
    let count = 0;
    for (const { op } of this.tasks) if (op !== null) count++;
    return count;
  }

  /** Starts a work for an operation; the operation waits as the work does. */
  start<T>(work: Work<T>, op: Operation | null, ending: Ending<T>): void {
    const task = new Task(this, work, op, ending as Ending<unknown>, false);
    this.tasks.add(task);
    this.wake(task);
  }

  /** The same, but its disk transfers take no time: for the host. */
  startInstant<T>(work: Work<T>, ending: Ending<T>): void {
    const task = new Task(this, work, null, ending as Ending<unknown>, true);
    this.tasks.add(task);
    this.wake(task);
  }

  /** What the task waited for has come. */
  wake(task: Task): void {
    this.#ready.push(task);
    if (this.#running) return;
    this.#running = true;
    for (let i = 0; i < this.#ready.length; i++) this.#ready[i]!.resume();
    this.#ready = [];
    this.#running = false;
    this.onRest?.();
  }

  /** The power is gone: nothing goes on. */
  drop(): void {
    this.#ready = [];
    this.tasks.clear();
  }
}

export class Task {
  #wait: Wait | null = null;
  #changed = false;
  #ended = false;

  constructor(
    readonly runner: TaskRunner,
    readonly work: Work<unknown>,
    readonly op: Operation | null,
    readonly ending: Ending<unknown>,
    /** Its disk transfers take no time. */
    readonly instant: boolean,
  ) {
    op?.waitFor(STARTING, () => this.#withdraw());
  }

  /** Runs the work until it has to wait, or to its end. */
  resume(): void {
    if (this.#ended || !this.runner.tasks.has(this)) return;
    this.#wait = null;
    for (;;) {
      const wait = this.#next();
      if (wait === null) return;
      if (wait.changes) this.#changed = true;
      if (!wait.begin(this)) continue;
      this.#wait = wait;
      this.op?.waitFor(wait, () => this.#withdraw());
      return;
    }
  }

  /** The next thing to wait for; null when the work has ended. */
  #next(): Wait | null {
    let result;
    try {
      result = this.work.next();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      this.#end();
      this.ending.failed(failure);
      return null;
    }
    if (!result.done) return result.value;
    this.#end();
    this.ending.done(result.value);
    return null;
  }

  /** Nothing has happened yet, and nothing will. */
  #withdraw(): boolean {
    if (this.#ended || this.#changed) return false;
    if (this.#wait !== null && !this.#wait.withdraw()) return false;
    this.#end();
    this.work.return(undefined);
    this.runner.onRest?.();
    return true;
  }

  #end(): void {
    this.#ended = true;
    this.runner.tasks.delete(this);
  }
}

const STARTING: WaitTarget = { kind: "lock", describe: () => "its turn" };
