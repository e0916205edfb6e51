// Futexes: a word of memory to wait on. Comparing and going to sleep is one
// step; a wake is not remembered, the value is. It knows cells and who waits.

import type { Cell } from "./abi.ts";
import type { Operation } from "./request.ts";
import { WaitQueue } from "./wait_queue.ts";

export class Futexes {
  #queues = new Map<Cell, WaitQueue<Operation>>();

  /** EAGAIN if the cell no longer holds `expected`, else waits. */
  wait(op: Operation, cell: Cell, expected: number): void {
    if (cell.value !== expected) return op.fail("EAGAIN");
    let queue = this.#queues.get(cell);
    if (queue === undefined) {
      queue = new WaitQueue<Operation>("lock", {
        describeWait: () => `a cell that holds ${expected}`,
        onLeave: () => this.#tidy(cell, queue!),
      });
      this.#queues.set(cell, queue);
    }
    op.park(queue);
  }

  /** Wakes up to `count` of the longest waiting; tells how many. */
  wake(cell: Cell, count: number): number {
    const queue = this.#queues.get(cell);
    if (queue === undefined) return 0;
    let woken = 0;
    while (woken < count && queue.first !== null) {
      queue.first.complete(undefined);
      woken++;
    }
    this.#tidy(cell, queue);
    return woken;
  }

  /** Cells that somebody waits on. */
  get size(): number {
    return this.#queues.size;
  }

  #tidy(cell: Cell, queue: WaitQueue<Operation>): void {
    if (queue.length === 0) this.#queues.delete(cell);
  }
}
