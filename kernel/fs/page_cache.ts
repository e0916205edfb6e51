// The page cache: blocks of the disk that are in memory, by block number. Who
// reads one finds it here or waits while it comes; who writes one changes it
// here, and it is dirty until it has been written back. It forgets what was not
// used for longest (by the clock algorithm) when memory is needed. It knows
// neither files nor when to write: content.ts and writeback.ts do.
//
// A page is good until the next `yield` of whoever looked it up, unless pinned.
//
// Divergence from Linux: a page is found by its block on the disk, as in the
// buffer cache of Unix and xv6, not by file and offset; so a hole has no page.

import type { Operation } from "../request.ts";
import { PAGE_CACHE_MIN_BYTES } from "../params.ts";
import { TRACE } from "../trace.ts";
import type { BlockDevice, StorageMachine } from "./block.ts";
import { BLOCK_BYTES } from "./layout.ts";
import { IoWait, PageIo } from "./page_io.ts";
import type { Work } from "./task.ts";

/** Blocks read or written in one request at most, 1 MiB: Linux's max_sectors_kb is 1280. */
const RUN_BLOCKS_MAX = 256;
const CLEAN = -1;

/** Whose data a page is: those of its pages that are not yet on the platter. */
export interface PageOwner {
  readonly unsafe: Set<Page>;
}

export class Page {
  /** When it became dirty, ns; −1: the platter has it, or soon will. */
  dirtyAt = CLEAN;
  owner: PageOwner | null = null;
  /** Must stay in memory. */
  pins = 0;
  /** Used since the clock's hand last came by. */
  referenced = true;
  /** On its way from the platter. */
  reading: PageIo | null = null;
  /** On its way to the platter, as it was when that began. */
  writing: PageIo | null = null;

  constructor(readonly block: number, readonly bytes: Uint8Array) {}

  get isDirty(): boolean {
    return this.dirtyAt !== CLEAN;
  }
}

export class PageCache {
  #pages = new Map<number, Page>();
  /** The longest dirty first. */
  readonly #dirty = new Map<number, Page>();
  // What the trace was told last.
  #toldPages = 0;
  #toldDirty = 0;

  constructor(
    readonly device: BlockDevice,
    readonly machine: StorageMachine,
    /** A block that the journal has and the platter does not have at home. */
    readonly journaled: (block: number) => Uint8Array | null,
  ) {}

  /** Pages in memory. */
  get size(): number {
    return this.#pages.size;
  }

  get dirtyCount(): number {
    return this.#dirty.size;
  }

  /** How many pages may be in memory: what programs leave free. */
  get limit(): number {
    const bytes = Math.max(
      PAGE_CACHE_MIN_BYTES,
      this.machine.memory.freeBytes,
    );
    return Math.floor(bytes / BLOCK_BYTES);
  }

  /** Tells the trace how many pages there are, if that has changed. */
  tell(): void {
    const { size, dirtyCount } = this;
    if (size === this.#toldPages && dirtyCount === this.#toldDirty) return;
    this.#toldPages = size;
    this.#toldDirty = dirtyCount;
    this.machine.emit(TRACE.page_cache, size, dirtyCount);
  }

  // ----------------------------------------------------------- finding

  /** The page of a block, if it is in memory with its bytes. */
  find(block: number): Page | undefined {
    const page = this.#pages.get(block);
    if (page === undefined || page.reading !== null) return undefined;
    page.referenced = true;
    return page;
  }

  /** Brings blocks into memory; true if it had to wait. `ahead` comes too, and nobody waits for it. */
  *bring(
    blocks: readonly number[],
    ahead: readonly number[] = [],
  ): Work<boolean> {
    if (blocks.every((block) => this.find(block) !== undefined)) return false;
    const pinned: Page[] = [];
    yield new IoWait(this.device, false, {
      start: (task) => this.#startReads(blocks, ahead, task.op, pinned),
      startInstant: () => this.#readNow(blocks),
      undo: () => unpin(pinned),
    });
    unpin(pinned);
    return true;
  }

  /** Starts reading blocks that are not in memory. */
  readAhead(blocks: readonly number[], op: Operation): void {
    this.#issueReads(blocks.filter((it) => !this.#pages.has(it)), op);
  }

  /** A page for a block whose bytes do not matter any more: they are as they happen to be, or zeros. */
  overwrite(block: number): Page {
    return this.find(block) ?? this.create(block);
  }

  /** A page of zeros for a block that was just taken. */
  create(block: number, bytes?: Uint8Array): Page {
    const page = new Page(block, bytes ?? new Uint8Array(BLOCK_BYTES));
    this.#pages.set(block, page);
    return page;
  }

  // ----------------------------------------------------------- changing

  /** It has been changed; `owner` is whose data it is. */
  dirty(page: Page, owner: PageOwner): void {
    owner.unsafe.add(page);
    page.owner = owner;
    if (page.isDirty) return;
    page.dirtyAt = this.machine.clock.now;
    this.#dirty.set(page.block, page);
  }

  /** A block was given back. What is still being written of it, or null. */
  drop(block: number): PageIo | null {
    const page = this.#pages.get(block);
    if (page === undefined) return null;
    this.#pages.delete(block);
    this.#dirty.delete(block);
    page.owner?.unsafe.delete(page);
    return page.writing;
  }

  /** The longest dirty: at most so many, and only those dirty since `before` ns. */
  oldestDirty(most: number, before = Infinity): Page[] {
    const oldest: Page[] = [];
    for (const page of this.#dirty.values()) {
      if (oldest.length >= most || page.dirtyAt > before) break;
      oldest.push(page);
    }
    return oldest;
  }

  /** Writes what is dirty of these, and waits for what is being written of them. */
  *writeBack(pages: Iterable<Page>): Work<void> {
    let todo = [...pages];
    for (;;) {
      const busy = todo.filter((page) => page.writing !== null);
      const ready = todo.filter((it) => it.writing === null && it.isDirty);
      if (busy.length === 0 && ready.length === 0) return;
      yield new IoWait(this.device, true, {
        start: (task) => [
          ...new Set(busy.map((page) => page.writing!)),
          ...this.#startWrites(ready, task.op),
        ],
      });
      // What was being written when we came may have changed since then.
      todo = busy;
    }
  }

  // ----------------------------------------------------------- memory

  /** Forgets pages until there are no more than allowed. */
  trim(): void {
    const { limit } = this;
    if (this.#pages.size <= limit) return;
    const goal = limit - Math.floor(limit / 32);
    let steps = 2 * this.#pages.size;
    for (const [block, page] of this.#pages) {
      if (this.#pages.size <= goal || --steps < 0) return;
      this.#pages.delete(block);
      if (!page.referenced && !inUse(page)) continue;
      page.referenced = false;
      this.#pages.set(block, page); // behind all others: the hand goes on
    }
  }

  /** Forgets everything that can be read again. */
  forget(): void {
    for (const [block, page] of this.#pages) {
      if (!inUse(page)) this.#pages.delete(block);
    }
  }

  /** Forgets these, if they can be read again. */
  forgetClean(pages: readonly Page[]): void {
    for (const page of pages) if (!inUse(page)) this.#remove(page);
  }

  /** For the host: every page in memory. */
  pages(): IterableIterator<Page> {
    return this.#pages.values();
  }

  /** For the host: every page that the platter does not have, being written or not. */
  *unsaved(): IterableIterator<Page> {
    for (const page of this.#pages.values()) {
      if (page.isDirty || page.writing !== null) yield page;
    }
  }

  /** For the host, which has written it all: nothing is dirty. */
  saved(): void {
    for (const page of this.#dirty.values()) this.#clean(page);
    for (const page of this.#pages.values()) page.owner?.unsafe.clear();
  }

  // ----------------------------------------------------------- input and output

  /** What to wait for until all of these are here. They are pinned. */
  #startReads(
    blocks: readonly number[],
    ahead: readonly number[],
    op: Operation | null,
    pinned: Page[],
  ): PageIo[] {
    this.trim();
    const missing = blocks.filter((it) => !this.#pages.has(it));
    if (missing.length > 0) this.#traceMisses(missing, op);
    this.#issueReads(missing, op);
    const reads = new Set<PageIo>();
    for (const block of blocks) {
      const page = this.#pages.get(block)!;
      page.pins++;
      pinned.push(page);
      if (page.reading !== null) reads.add(page.reading);
    }
    if (op !== null) this.readAhead(ahead, op);
    return [...reads];
  }

  #issueReads(missing: readonly number[], op: Operation | null): void {
    const toRead = missing.filter((block) => !this.#takeJournaled(block));
    for (const { first, count } of rowsOf(toRead)) {
      const data = new Uint8Array(count * BLOCK_BYTES);
      const pages = Array.from({ length: count }, (_, i) => {
        const from = i * BLOCK_BYTES;
        const bytes = data.subarray(from, from + BLOCK_BYTES);
        return this.create(first + i, bytes);
      });
      const read = new PageIo(pages, () => {
        for (const page of pages) page.reading = null;
      });
      for (const page of pages) page.reading = read;
      read.onWithdrawn = () => {
        for (const page of pages) this.#remove(page);
      };
      const [transfer] = this.device.readTransfers(first, data);
      read.issue(this.device, transfer!, op);
    }
  }

  #startWrites(pages: readonly Page[], op: Operation | null): PageIo[] {
    const byBlock = new Map(pages.map((page) => [page.block, page]));
    const blocks = [...byBlock.keys()].sort((a, b) => a - b);
    return rowsOf(blocks).map(({ first, count }) => {
      const data = new Uint8Array(count * BLOCK_BYTES);
      const row: Page[] = [];
      for (let i = 0; i < count; i++) {
        const page = byBlock.get(first + i)!;
        data.set(page.bytes, i * BLOCK_BYTES);
        this.#clean(page);
        row.push(page);
      }
      const write = new PageIo(row, () => row.forEach(written));
      for (const page of row) {
        page.writing = write;
        page.pins++;
      }
      const [transfer] = this.device.writeTransfers(first, data);
      write.issue(this.device, transfer!, op);
      return write;
    });
  }

  #readNow(blocks: readonly number[]): void {
    for (const block of blocks) {
      const page = this.#pages.get(block);
      if (page !== undefined && page.reading === null) continue;
      if (page === undefined && this.#takeJournaled(block)) continue;
      // One that is on its way is read once more: whoever waits has its own.
      this.create(block, this.device.peek(block));
    }
  }

  /** A block that is not at home yet is as the journal has it. */
  #takeJournaled(block: number): boolean {
    const bytes = this.journaled(block);
    if (bytes === null) return false;
    this.create(block, bytes.slice());
    return true;
  }

  #remove(page: Page): void {
    if (this.#pages.get(page.block) === page) this.#pages.delete(page.block);
  }

  #clean(page: Page): void {
    page.dirtyAt = CLEAN;
    if (this.#dirty.get(page.block) === page) this.#dirty.delete(page.block);
  }

  #traceMisses(missing: readonly number[], op: Operation | null): void {
    const { machine } = this;
    if (!machine.trace.on) return;
    const block = missing[0]!, count = missing.length;
    if (op === null) machine.emit(TRACE.page_miss, block, count);
    else machine.emitFor(op.thread, TRACE.page_miss, block, count);
  }
}

function inUse(page: Page): boolean {
  return page.pins > 0 || page.isDirty || page.reading !== null ||
    page.writing !== null;
}

function unpin(pages: Page[]): void {
  for (const page of pages) page.pins--;
  pages.length = 0;
}

function written(page: Page): void {
  page.writing = null;
  page.pins--;
  if (!page.isDirty) page.owner?.unsafe.delete(page);
}

/** Blocks in order as rows without gaps. */
function rowsOf(blocks: readonly number[]): { first: number; count: number }[] {
  const rows: { first: number; count: number }[] = [];
  for (const block of blocks) {
    const row = rows[rows.length - 1];
    if (
      row !== undefined && row.first + row.count === block &&
      row.count < RUN_BLOCKS_MAX
    ) row.count++;
    else rows.push({ first: block, count: 1 });
  }
  return rows;
}
