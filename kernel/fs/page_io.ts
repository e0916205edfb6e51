// Pages on their way between memory and the platter, in one request, and those
// who wait for them: several may wait for one, and one for several. It does not
// know what is in a page, nor why it is moved.

import type { Operation } from "../request.ts";
import {
  type BlockDevice,
  type BlockRequest,
  describeRequests,
  type Issuer,
  type Transfer,
  withdrawAll,
} from "./block.ts";
import type { Page } from "./page_cache.ts";
import type { Task, Wait } from "./task.ts";

/** One request for a row of pages. */
export class PageIo implements Issuer {
  request!: BlockRequest;
  done = false;
  /** What is to happen when it is taken back; absent: it cannot be. */
  onWithdrawn: (() => void) | null = null;
  #waits: IoWait[] = [];

  constructor(readonly pages: readonly Page[], readonly onDone: () => void) {}

  issue(device: BlockDevice, transfer: Transfer, op: Operation | null): void {
    this.request = device.issue(transfer, this, op);
  }

  /** The one who waits for it alone, or null. */
  get onlyWait(): IoWait | null {
    return this.#waits.length === 1 ? this.#waits[0]! : null;
  }

  add(wait: IoWait): void {
    this.#waits.push(wait);
  }

  completed(): void {
    this.done = true;
    this.onDone();
    const waits = this.#waits;
    this.#waits = [];
    for (const wait of waits) wait.ended(this);
  }
}

/** How a wait begins: it gives what to wait for. */
export interface IoStart {
  start(task: Task): readonly PageIo[];
  /** In no time, for the host. */
  startInstant?(): void;
  /** It was taken back. */
  undo?(): void;
}

/** A task waits until all of some inputs or outputs are done. */
export class IoWait implements Wait {
  readonly kind = "disk";
  #task: Task | null = null;
  readonly #left = new Set<PageIo>();

  constructor(
    readonly device: BlockDevice,
    readonly changes: boolean,
    readonly how: IoStart,
  ) {}

  begin(task: Task): boolean {
    if (task.instant && this.how.startInstant !== undefined) {
      this.how.startInstant();
      return false;
    }
    this.#task = task;
    for (const io of this.how.start(task)) {
      if (io.done) continue;
      this.#left.add(io);
      io.add(this);
    }
    return this.#left.size > 0;
  }

  ended(io: PageIo): void {
    this.#left.delete(io);
    if (this.#left.size === 0) this.#task!.runner.wake(this.#task!);
  }

  /** Only while nobody else waits for it and the drive has none of it. */
  withdraw(): boolean {
    const all = [...this.#left];
    const own = all.every((io) =>
      io.onlyWait === this && io.onWithdrawn !== null
    );
    if (!own || !withdrawAll(this.device, all.map((io) => io.request))) {
      return false;
    }
    for (const io of all) io.onWithdrawn!();
    this.how.undo?.();
    return true;
  }

  describe(): string {
    const requests = new Set([...this.#left].map((io) => io.request));
    return describeRequests(this.device, requests);
  }
}
