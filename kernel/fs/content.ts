// What is inside an inode: reading, writing, cutting and freeing its blocks.
// Data is on the platter before the inode says so. It does not lock (its callers
// do) and knows neither names nor open files.

import type { Clock } from "../clock.ts";
import type { Bitmaps, Piece } from "./bitmaps.ts";
import type { BlockDevice, Transfer } from "./block.ts";
import { blockAt, cut, joined, runsOf } from "./extents.ts";
import type { Inode, InodeTable } from "./inode.ts";
import {
  BLOCK_BYTES,
  BLOCKS,
  DATA_BLOCK,
  type Extent,
  FILE_BYTES_MAX,
  GROUP_BLOCKS,
  GROUP_INODES,
  INODE_FREE,
  listBlocks,
} from "./layout.ts";
import { Failure, type Work } from "./task.ts";

/** How an inode's blocks will be, once a change is made. */
interface Growth {
  extents: Extent[];
  list: number[];
  taken: Piece[];
}

export class Content {
  constructor(
    readonly device: BlockDevice,
    readonly bitmaps: Bitmaps,
    readonly table: InodeTable,
    readonly clock: Clock,
  ) {}

  /** Up to `count` bytes from `offset` on; fewer at the end. */
  *read(inode: Inode, offset: number, count: number): Work<Uint8Array> {
    const size = Math.max(0, Math.min(count, inode.size - offset));
    if (size === 0) return new Uint8Array(0);
    const first = Math.floor(offset / BLOCK_BYTES);
    const blocks = Math.ceil((offset + size) / BLOCK_BYTES) - first;
    const image = new Uint8Array(blocks * BLOCK_BYTES);
    yield* this.#readInto(inode, first, image);
    const skip = offset - first * BLOCK_BYTES;
    return skip === 0 && size === image.length
      ? image
      : image.slice(skip, skip + size);
  }

  /** All of a directory. */
  *readAll(inode: Inode): Work<Uint8Array> {
    const image = new Uint8Array(inode.size);
    yield* this.#readInto(inode, 0, image);
    return image;
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
    const end = offset + data.length;
    if (end > FILE_BYTES_MAX) throw new Failure("EFBIG");
    const first = Math.floor(offset / BLOCK_BYTES);
    const blocks = Math.ceil(end / BLOCK_BYTES) - first;
    const image = new Uint8Array(blocks * BLOCK_BYTES);
    yield* this.#readEdges(inode, offset, end, first, image);
    image.set(data, offset - first * BLOCK_BYTES);
    const growth = this.grow(inode, first, blocks);
    begun();
    yield this.device.batch([
      ...this.bitmapTransfers(),
      ...this.#transfers(growth.extents, first, image, true),
    ]);
    this.adopt(inode, growth);
    inode.size = Math.max(inode.size, end);
    inode.mtimeNs = this.clock.now;
    yield this.device.batch(this.table.store([inode]));
    return data.length;
  }

  /** Makes it `size` bytes long: what is beyond is lost, what is new reads as zero. */
  *truncate(inode: Inode, size: number): Work<void> {
    if (size > FILE_BYTES_MAX) throw new Failure("EFBIG");
    const tail = size < inode.size ? yield* this.#tail(inode, size) : null;
    const blocks = Math.ceil(size / BLOCK_BYTES);
    const { kept, freed } = cut(inode.extents, blocks);
    const list = inode.list.slice(0, listBlocks(kept.length));
    const lists = inode.list.slice(list.length);
    this.adopt(inode, { extents: kept, list });
    inode.size = size;
    inode.mtimeNs = this.clock.now;
    yield this.device.batch(this.table.store([inode]));
    this.#give(freed, lists);
    yield this.device.batch([...this.bitmapTransfers(), ...(tail ?? [])]);
  }

  /** The last name and the last open file are gone: so is the inode. */
  *free(inode: Inode): Work<void> {
    const { extents, list } = inode;
    this.adopt(inode, { extents: [], list: [] });
    inode.kind = INODE_FREE;
    inode.size = 0;
    yield this.device.batch(this.table.store([inode]));
    this.#give(extents, list);
    this.bitmaps.freeInode(inode.ino);
    yield this.device.batch(this.bitmapTransfers());
  }

  /** Takes blocks for the holes in a part of a file; ENOSPC takes none. */
  grow(inode: Inode, first: number, blocks: number): Growth {
    const taken: Piece[] = [];
    const added: Extent[] = [];
    const runs = runsOf(inode.extents, first, blocks);
    let goal = this.#goal(inode, first);
    for (const { fileBlock, block, count } of runs) {
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
    return { extents, list: [...inode.list, ...blocksOf(pieces)], taken };
  }

  /** Gives back what `grow` took. */
  shrink({ taken }: Growth): void {
    for (const piece of taken) this.bitmaps.free(piece);
  }

  /** The inode's blocks are these now. */
  adopt(inode: Inode, growth: { extents: Extent[]; list: number[] }): void {
    if (growth.extents === inode.extents) return;
    inode.extents = growth.extents;
    inode.list = growth.list;
    inode.listChanged = true;
  }

  /** The bitmap sectors that have to be written now. */
  bitmapTransfers(): Transfer[] {
    return this.bitmaps.takeChanged().map(([block, sector, bytes]) =>
      this.device.writeSector(block, sector, bytes)
    );
  }

  /** Writing one block of a directory. */
  blockTransfer(extents: Extent[], at: number, bytes: Uint8Array): Transfer[] {
    return this.device.writeTransfers(blockAt(extents, at), bytes);
  }

  *#readInto(inode: Inode, first: number, image: Uint8Array): Work<void> {
    const transfers = this.#transfers(inode.extents, first, image, false);
    if (transfers.length > 0) yield this.device.batch(transfers);
  }

  /** The bytes of the first and last block that a write leaves as they are. */
  *#readEdges(
    inode: Inode,
    offset: number,
    end: number,
    first: number,
    image: Uint8Array,
  ): Work<void> {
    const last = first + image.length / BLOCK_BYTES - 1;
    const edges = new Set<number>();
    if (offset % BLOCK_BYTES > 0) edges.add(first);
    if (end % BLOCK_BYTES > 0 && end < inode.size) edges.add(last);
    const transfers = [...edges].flatMap((fileBlock) => {
      const at = (fileBlock - first) * BLOCK_BYTES;
      const into = image.subarray(at, at + BLOCK_BYTES);
      return this.#transfers(inode.extents, fileBlock, into, false);
    });
    if (transfers.length > 0) yield this.device.batch(transfers);
  }

  /** The last block as it is after cutting at `size`, with zeros behind: what has to be written. */
  *#tail(inode: Inode, size: number): Work<Transfer[] | null> {
    const keep = size % BLOCK_BYTES;
    if (keep === 0) return null;
    const fileBlock = Math.floor(size / BLOCK_BYTES);
    const block = blockAt(inode.extents, fileBlock);
    if (block === 0) return null;
    const bytes = new Uint8Array(BLOCK_BYTES);
    yield this.device.batch(this.device.readTransfers(block, bytes));
    bytes.fill(0, keep);
    return this.device.writeTransfers(block, bytes);
  }

  /** The transfers between a part of a file and an image of it; holes are left out. */
  #transfers(
    extents: Extent[],
    first: number,
    image: Uint8Array,
    write: boolean,
  ): Transfer[] {
    const count = image.length / BLOCK_BYTES;
    return runsOf(extents, first, count).flatMap((run) => {
      if (run.block === 0) return [];
      const at = (run.fileBlock - first) * BLOCK_BYTES;
      const part = image.subarray(at, at + run.count * BLOCK_BYTES);
      return write
        ? this.device.writeTransfers(run.block, part)
        : this.device.readTransfers(run.block, part);
    });
  }

  /** Behind the block before, or at the start of the inode's group. */
  #goal(inode: Inode, fileBlock: number): number {
    const before = fileBlock === 0 ? 0 : blockAt(inode.extents, fileBlock - 1);
    if (before !== 0) return before + 1;
    const group = Math.floor(inode.ino / GROUP_INODES);
    return group * GROUP_BLOCKS + DATA_BLOCK;
  }

  #take(count: number, goal: number, taken: Piece[]): Piece[] {
    const pieces = this.bitmaps.allocate(count, goal % BLOCKS);
    if (pieces === null) {
      for (const piece of taken) this.bitmaps.free(piece);
      this.bitmaps.takeChanged();
      throw new Failure("ENOSPC");
    }
    taken.push(...pieces);
    return pieces;
  }

  #give(extents: readonly Extent[], list: readonly number[]): void {
    for (const extent of extents) this.bitmaps.free(extent);
    for (const block of list) this.bitmaps.free({ block, count: 1 });
  }
}

function blocksOf(pieces: readonly Piece[]): number[] {
  return pieces.flatMap(({ block, count }) =>
    Array.from({ length: count }, (_, i) => block + i)
  );
}
