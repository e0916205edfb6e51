// When dirty pages are written: the flusher. It looks every five seconds as long
// as there is something to write, commits the running transaction, and writes
// what has been dirty for thirty; it begins at once when a tenth of the cache is
// dirty, and when a fifth is, whoever writes has to wait. Between two portions it
// lets reads through that have waited too long: a long file in a row would keep
// the arm from everything behind it. (Linux: dirty_writeback_centisecs,
// dirty_expire_centisecs, dirty_background_ratio, dirty_ratio, blk-wbt; ext4's
// commit=5.) It knows pages, not files.

import type { Due } from "../clock.ts";
import {
  DIRTY_BACKGROUND_PERCENT,
  DIRTY_EXPIRE_NS,
  DIRTY_PERCENT,
  FLUSH_INTERVAL_NS,
  FLUSH_READ_WAIT_NS,
} from "../params.ts";
import type { StorageMachine } from "./block.ts";
import type { Journal } from "./journal.ts";
import type { Page, PageCache } from "./page_cache.ts";
import type { TaskRunner, Work } from "./task.ts";
import { TurnQueue } from "./turn.ts";

/** Pages written between two looks at how many are dirty: 1 MiB. */
const CHUNK_PAGES = 256;

export class Writeback implements Due {
  #timer = -1;
  #working = false;
  readonly #turns = new TurnQueue("disk", () => "disk: too much is dirty");
  readonly #readersFirst = new TurnQueue("disk", () => "disk: reads go first");

  constructor(
    readonly machine: StorageMachine,
    readonly runner: TaskRunner,
    readonly cache: PageCache,
    readonly journal: Journal,
  ) {
    cache.device.onReadEnd = () => this.#readersFirst.look();
  }

  /** Something has been changed. */
  changed(): void {
    if (this.cache.dirtyCount > this.#limit(DIRTY_BACKGROUND_PERCENT)) {
      this.#start();
    } else this.#arm();
  }

  /** A writer waits while too much is dirty. */
  *throttle(): Work<void> {
    const isEnough = () => this.cache.dirtyCount <= this.#limit(DIRTY_PERCENT);
    if (isEnough()) return;
    this.#start();
    yield this.#turns.until(isEnough, false);
  }

  /** Everything that was written before now is on the platter. */
  *sync(): Work<void> {
    const { last } = this.journal;
    yield* this.cache.writeBack(this.cache.unsaved());
    if (this.journal.committed < last) yield* this.journal.durable(last);
    else yield this.cache.device.flush();
  }

  /** The timer. */
  fire(): void {
    this.#timer = -1;
    this.#start();
  }

  /** The power is gone. */
  stop(): void {
    if (this.#timer >= 0) this.machine.cancelBackground(this.#timer);
    this.#timer = -1;
  }

  #limit(percent: number): number {
    return Math.floor(this.cache.limit * percent / 100);
  }

  #start(): void {
    if (this.#working) return;
    this.#working = true;
    this.runner.start(this.#work(), null, {
      done: () => {
        this.#working = false;
        this.changed(); // much may have happened meanwhile
      },
      failed() {},
    });
  }

  *#work(): Work<void> {
    const { cache, journal, machine } = this;
    const background = this.#limit(DIRTY_BACKGROUND_PERCENT);
    while (cache.dirtyCount > background) {
      yield* this.#write(cache.oldestDirty(CHUNK_PAGES));
      this.#turns.look();
    }
    const { running } = journal;
    if (!running.isEmpty && this.#isOld(running.beganAt, FLUSH_INTERVAL_NS)) {
      yield* journal.durable(running.sequence);
    }
    for (;;) {
      const before = machine.clock.now - DIRTY_EXPIRE_NS;
      const old = cache.oldestDirty(CHUNK_PAGES, before);
      if (old.length === 0) break;
      yield* this.#write(old);
    }
    if (this.#isOld(journal.homeSinceNs, DIRTY_EXPIRE_NS)) {
      yield* journal.checkpoint();
    }
    this.#turns.look();
  }

  /** A portion, after the reads that have waited for long. */
  *#write(pages: readonly Page[]): Work<void> {
    const { device } = this.cache;
    const mayGo = () => device.readWaitNs < FLUSH_READ_WAIT_NS;
    yield this.#readersFirst.until(mayGo, false);
    yield* this.cache.writeBack(pages);
  }

  #isOld(sinceNs: number, ageNs: number): boolean {
    return this.machine.clock.now - sinceNs >= ageNs;
  }

  #arm(): void {
    const { cache, journal, machine } = this;
    const isIdle = cache.dirtyCount === 0 && journal.running.isEmpty &&
      journal.homeSinceNs === Infinity;
    if (isIdle || this.#timer >= 0 || this.#working) return;
    const due = machine.clock.now + FLUSH_INTERVAL_NS;
    this.#timer = machine.scheduleBackground(due, this);
  }
}
