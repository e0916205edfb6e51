// What is inside an inode: reading, writing, cutting and freeing its blocks. All
// of it happens in the page cache; a change is one step in memory, made when
// everything it needs is there (`step`). It does not lock (its callers do) and
// knows neither names nor open files, nor when something reaches the platter.

import type { Operation } from "../request.ts";
import { TRACE } from "../trace.ts";
import type { Bitmaps, Piece } from "./bitmaps.ts";
import type { StorageMachine } from "./block.ts";
import { blockAt, cut, joined, runsOf } from "./extents.ts";
import type { Inode, InodeTable } from "./inode.ts";
import type { Journal } from "./journal.ts";
import {
  BLOCK_BYTES,
  BLOCKS,
  DATA_BLOCK,
  type Extent,
  FILE_BLOCK,
  FILE_BYTES_MAX,
  GROUP_BLOCKS,
  GROUP_INODES,
  INODE_DIRECTORY,
  INODE_FREE,
  listBlocks,
} from "./layout.ts";
import type { PageCache } from "./page_cache.ts";
import type { ReadAhead } from "./read_ahead.ts";
import { Failure, type Work } from "./task.ts";
import type { Writeback } from "./writeback.ts";

/** How an inode's blocks will be, once a change is made. */
export interface Growth {
  extents: Extent[];
  list: number[];
  taken: Piece[];
}

/** Who reads: for the trace, and to read ahead. */
export interface Reader {
  op: Operation;
  ahead: ReadAhead;
}

/** Thrown inside a step: there will be room when the journal is at home. */
class Held {}

export class Content {
  constructor(
    readonly machine: StorageMachine,
    readonly bitmaps: Bitmaps,
    readonly table: InodeTable,
    readonly cache: PageCache,
    readonly journal: Journal,
    readonly writeback: Writeback,
  ) {}

  // ----------------------------------------------------------- reading

  /** Up to `count` bytes from `offset` on; fewer at the end. */
  *read(
    inode: Inode,
    offset: number,
    count: number,
    reader: Reader | null = null,
  ): Work<Uint8Array> {
    const size = Math.max(0, Math.min(count, inode.size - offset));
    const bytes = new Uint8Array(size);
    if (size === 0) return bytes;
    const first = Math.floor(offset / BLOCK_BYTES);
    const end = Math.ceil((offset + size) / BLOCK_BYTES);
    const blocks = blocksOf(inode.extents, first, end);
    yield* this.#bring(inode, blocks, first, end, reader);
    this.machine.kernelNs += this.machine.costs.pageHitNs;
    let at = first * BLOCK_BYTES - offset;
    for (const block of blocks) {
      if (block !== 0) copyFrom(this.cache.find(block)!.bytes, bytes, at);
      at += BLOCK_BYTES;
    }
    return bytes;
  }

  /** Brings the blocks of a file in, and what will be read next. */
  *#bring(
    inode: Inode,
    blocks: readonly number[],
    first: number,
    end: number,
    reader: Reader | null,
  ): Work<void> {
    const present = blocks.filter((block) => block !== 0);
    if (reader === null) {
      yield* this.cache.bring(present);
      return;
    }
    const fileBlocks = Math.ceil(inode.size / BLOCK_BYTES);
    const { from, to } = reader.ahead.plan(first, end);
    const ahead = from >= Math.min(to, fileBlocks)
      ? []
      : blocksOf(inode.extents, from, Math.min(to, fileBlocks))
        .filter((block) => block !== 0);
    this.#traceHits(present, reader.op);
    const waited = yield* this.cache.bring(present, ahead);
    if (!waited && ahead.length > 0) this.cache.readAhead(ahead, reader.op);
  }

  // ----------------------------------------------------------- changing

  /** Brings `blocks` in, makes sure that the journal and the disk have room, and makes the change in one step. */
  *step<T>(blocks: () => readonly number[], change: () => T): Work<T> {
    for (let tries = 0;; tries++) {
      do yield* this.journal.room(); while (yield* this.cache.bring(blocks()));
      try {
        return change();
      } catch (failure) {
        if (!(failure instanceof Held)) throw failure;
        if (tries === HELD_TRIES) throw new Failure("ENOSPC");
        yield* this.journal.checkpoint();
      }
    }
  }

  /**
   * Writes all of `data` at `offset`, or fails with ENOSPC and has changed
   * nothing. `begun` is called when it can no longer fail.
   */
  *write(
    inode: Inode,
    offset: number,
    data: Uint8Array,
    begun: () => void = () => {},
  ): Work<number> {
    if (offset + data.length > FILE_BYTES_MAX) throw new Failure("EFBIG");
    yield* this.writeback.throttle();
    return yield* this.step(
      () => edgesOf(inode, offset, offset + data.length),
      () => {
        this.#write(inode, offset, data);
        begun();
        return data.length;
      },
    );
  }

  #write(inode: Inode, offset: number, data: Uint8Array): void {
    const { extents, size } = inode;
    const end = offset + data.length;
    const first = Math.floor(offset / BLOCK_BYTES);
    const count = Math.ceil(end / BLOCK_BYTES) - first;
    const growth = this.grow(inode, first, count);
    this.#clearBehindEnd(inode, offset);
    const fresh = growth.taken.length > 0;
    this.adopt(inode, growth);
    for (const run of runsOf(inode.extents, first, count)) {
      for (let i = 0; i < run.count; i++) {
        const fileBlock = run.fileBlock + i;
        const isNew = fresh && blockAt(extents, fileBlock) === 0;
        const page = isNew
          ? this.cache.create(run.block + i)
          : this.cache.overwrite(run.block + i);
        copyInto(data, page.bytes, fileBlock * BLOCK_BYTES - offset);
        this.cache.dirty(page, inode);
        const grows = isNew || (fileBlock + 1) * BLOCK_BYTES > size;
        if (grows) this.journal.running.ordered.add(page);
      }
    }
    inode.size = Math.max(size, end);
    this.touch(inode);
    this.machine.kernelNs += this.machine.costs.pageHitNs;
  }

  /** Makes it `size` bytes long: what is beyond is lost, what is new reads as zero. */
  *truncate(inode: Inode, size: number): Work<void> {
    if (size > FILE_BYTES_MAX) throw new Failure("EFBIG");
    yield* this.step(() => size > inode.size ? endOf(inode) : [], () => {
      if (size > inode.size) this.#clearBehindEnd(inode, size);
      else this.#cut(inode, size);
      inode.size = size;
      this.touch(inode);
    });
  }

  /** The last name and the last open file are gone: so is the inode. In one step with whatever made it so. */
  free(inode: Inode): void {
    this.#cut(inode, 0);
    inode.kind = INODE_FREE;
    inode.size = 0;
    this.bitmaps.freeInode(inode.ino);
    this.table.forget(inode);
    this.change(inode);
  }

  /** A new inode; its number is free. */
  make(ino: number, kind: number): Inode {
    this.bitmaps.takeInode(ino);
    const inode = this.table.create(ino, kind);
    this.touch(inode);
    return inode;
  }

  /** It has changed just now. */
  touch(inode: Inode): void {
    inode.mtimeNs = this.machine.clock.now;
    this.change(inode);
  }

  /** The inode on the disk has to follow. */
  change(inode: Inode): void {
    this.journal.running.change(inode, this.machine.clock.now);
    this.writeback.changed();
  }

  // ----------------------------------------------------------- blocks

  /** Takes blocks for the holes in a part of a file; if there are not enough, none. */
  grow(inode: Inode, first: number, blocks: number): Growth {
    const taken: Piece[] = [];
    const added: Extent[] = [];
    let goal = this.#goal(inode, first);
    for (
      const { fileBlock, block, count } of runsOf(
        inode.extents,
        first,
        blocks,
      )
    ) {
      if (block !== 0) {
        goal = block + count;
        continue;
      }
      let at = fileBlock;
      for (const piece of this.#take(count, goal, taken)) {
        added.push({ fileBlock: at, ...piece });
        at += piece.count;
        goal = piece.block + piece.count;
      }
    }
    if (added.length === 0) {
      return { extents: inode.extents, list: inode.list, taken };
    }
    const extents = joined(inode.extents, added);
    const more = listBlocks(extents.length) - inode.list.length;
    const pieces = more > 0 ? this.#take(more, goal, taken) : [];
    return { extents, list: [...inode.list, ...numbersOf(pieces)], taken };
  }

  /** Gives back what `grow` took and nobody has used. */
  shrink({ taken }: Growth): void {
    for (const piece of taken) this.bitmaps.untake(piece);
  }

  /** The inode's blocks are these now. */
  adopt(inode: Inode, growth: { extents: Extent[]; list: number[] }): void {
    if (growth.extents === inode.extents) return;
    inode.extents = growth.extents;
    inode.list = growth.list;
    this.journal.running.changeList(inode);
  }

  /** Gives the blocks beyond `size` back. */
  #cut(inode: Inode, size: number): void {
    const { kept, freed } = cut(inode.extents, Math.ceil(size / BLOCK_BYTES));
    const list = inode.list.slice(0, listBlocks(kept.length));
    const lists = inode.list.slice(list.length);
    if (freed.length > 0) this.adopt(inode, { extents: kept, list });
    for (const { block, count } of freed) this.#give({ block, count });
    for (const block of lists) this.#give({ block, count: 1 });
  }

  #give(piece: Piece): void {
    const { running } = this.journal;
    for (let i = 0; i < piece.count; i++) {
      const page = this.cache.find(piece.block + i);
      if (page !== undefined) running.forget(page);
      const writing = this.cache.drop(piece.block + i);
      if (writing !== null) running.draining.push(writing);
    }
    this.bitmaps.free(piece);
    running.freed.push(piece);
  }

  /** What lies behind the end of a file in its last block is anything: before the file grows over it, it becomes zero. */
  #clearBehindEnd(inode: Inode, growsTo: number): void {
    const { size } = inode;
    const [block] = growsTo > size ? endOf(inode) : [];
    if (block === undefined) return;
    const page = this.cache.find(block)!;
    const start = size - size % BLOCK_BYTES;
    page.bytes.fill(0, size - start, Math.min(BLOCK_BYTES, growsTo - start));
    this.cache.dirty(page, inode);
    this.journal.running.ordered.add(page);
  }

  /** Behind the block before, or at the start of its kind's part of the inode's group. */
  #goal(inode: Inode, fileBlock: number): number {
    const before = fileBlock === 0 ? 0 : blockAt(inode.extents, fileBlock - 1);
    if (before !== 0) return before + 1;
    const group = Math.floor(inode.ino / GROUP_INODES);
    const isDirectory = inode.kind === INODE_DIRECTORY;
    return group * GROUP_BLOCKS + (isDirectory ? DATA_BLOCK : FILE_BLOCK);
  }

  #take(count: number, goal: number, taken: Piece[]): Piece[] {
    const pieces = this.bitmaps.allocate(count, goal % BLOCKS);
    if (typeof pieces === "string") {
      for (const piece of taken) this.bitmaps.untake(piece);
      throw pieces === "held" ? new Held() : new Failure("ENOSPC");
    }
    taken.push(...pieces);
    return pieces;
  }

  #traceHits(blocks: readonly number[], op: Operation): void {
    const { machine } = this;
    if (!machine.trace.on) return;
    let count = 0, first = 0;
    for (const block of blocks) {
      if (this.cache.find(block) === undefined) continue;
      if (count++ === 0) first = block;
    }
    if (count > 0) machine.emitFor(op.thread, TRACE.page_hit, first, count);
  }
}

/** Checkpoints after which a disk that should have room counts as full: others took it. */
const HELD_TRIES = 3;

/** The disk's block behind each block of a file; 0 is a hole. */
function blocksOf(
  extents: readonly Extent[],
  first: number,
  end: number,
): number[] {
  const blocks: number[] = [];
  for (const { block, count } of runsOf(extents, first, end - first)) {
    for (let i = 0; i < count; i++) blocks.push(block === 0 ? 0 : block + i);
  }
  return blocks;
}

/** The last block of a file, if a part of it lies behind the end. */
function endOf({ extents, size }: Inode): number[] {
  if (size % BLOCK_BYTES === 0) return [];
  const block = blockAt(extents, Math.floor(size / BLOCK_BYTES));
  return block === 0 ? [] : [block];
}

/** The blocks of which a write leaves a part as it is: it needs them in memory. */
function edgesOf(inode: Inode, offset: number, end: number): number[] {
  const { extents, size } = inode;
  const edges = new Set(offset > size ? endOf(inode) : []);
  if (offset % BLOCK_BYTES > 0) {
    edges.add(blockAt(extents, Math.floor(offset / BLOCK_BYTES)));
  }
  // Also where the file ends: what lies behind belongs to an older state, as long
  // as the end is not committed.
  if (end % BLOCK_BYTES > 0) {
    edges.add(blockAt(extents, Math.floor(end / BLOCK_BYTES)));
  }
  edges.delete(0);
  return [...edges];
}

/** Copies a page to where it lies in `bytes`; what does not fit is left out. */
function copyFrom(page: Uint8Array, bytes: Uint8Array, at: number): void {
  const from = Math.max(0, -at);
  const to = Math.min(BLOCK_BYTES, bytes.length - at);
  const part = from === 0 && to === BLOCK_BYTES
    ? page
    : page.subarray(from, to);
  bytes.set(part, at + from);
}

/** Copies into a page what lies over it in `data`, where the page lies at `at`. */
function copyInto(data: Uint8Array, page: Uint8Array, at: number): void {
  const from = Math.max(0, at);
  const to = Math.min(data.length, at + BLOCK_BYTES);
  page.set(data.subarray(from, to), from - at);
}

function numbersOf(pieces: readonly Piece[]): number[] {
  return pieces.flatMap(({ block, count }) =>
    Array.from({ length: count }, (_, i) => block + i)
  );
}
