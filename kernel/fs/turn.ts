// Tasks that wait until something is so: each is looked at, in the order in
// which they came, whenever it may have become so. It does not know what.

import type { WaitKind } from "../wait_queue.ts";
import type { Task, Wait } from "./task.ts";

export class TurnQueue {
  #waiting: Turn[] = [];

  constructor(readonly kind: WaitKind, readonly describe: () => string) {}

  /** Yield it to wait until `isSo`. `changes`: it cannot be taken back. */
  until(isSo: () => boolean, changes: boolean): Turn {
    return new Turn(this, isSo, changes);
  }

  /** Wakes those whose condition holds now. */
  look(): void {
    const ready: Turn[] = [], still: Turn[] = [];
    for (const turn of this.#waiting) (turn.isSo() ? ready : still).push(turn);
    this.#waiting = still;
    for (const { task } of ready) task!.runner.wake(task!);
  }

  add(turn: Turn): void {
    this.#waiting.push(turn);
  }

  remove(turn: Turn): void {
    this.#waiting = this.#waiting.filter((other) => other !== turn);
  }
}

export class Turn implements Wait {
  readonly kind: WaitKind;
  /** Null: it did not wait (what the host does takes no time). */
  task: Task | null = null;

  constructor(
    readonly queue: TurnQueue,
    readonly isSo: () => boolean,
    readonly changes: boolean,
  ) {
    this.kind = queue.kind;
  }

  begin(task: Task): boolean {
    if (task.instant || this.isSo()) return false;
    this.task = task;
    this.queue.add(this);
    return true;
  }

  withdraw(): boolean {
    this.queue.remove(this);
    return true;
  }

  describe(): string {
    return this.queue.describe();
  }
}
