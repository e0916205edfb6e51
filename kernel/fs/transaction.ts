// One transaction of the file system: which inodes, bitmaps and directory blocks
// have changed together. Operations change memory in one step without waiting,
// so a transaction is whole at every instant in which nobody runs, and closing
// it is a matter of copying blocks. It writes nothing.

import type { Bitmaps, Piece } from "./bitmaps.ts";
import type { Inode } from "./inode.ts";
import {
  encodeExtentList,
  encodeInode,
  INLINE_EXTENTS,
  INODE_FREE,
  inodePlace,
  LIST_EXTENTS,
} from "./layout.ts";
import type { Image } from "./journal_format.ts";
import type { Page, PageCache } from "./page_cache.ts";
import type { PageIo } from "./page_io.ts";

export class Transaction {
  readonly #inodes = new Map<number, Inode>();
  readonly #tableBlocks = new Set<number>();
  /** Directory blocks. */
  readonly #pages = new Set<Page>();
  /** Data that has to be on the platter before the inodes say it is theirs. */
  readonly ordered = new Set<Page>();
  /** Blocks given back: taken again only when this transaction is at home. */
  readonly freed: Piece[] = [];
  /** What was still being written of them. */
  readonly draining: PageIo[] = [];
  #listBlocks = 0;
  /** What it keeps in memory, once it is closed. */
  #pinned: Page[] = [];

  /** When the first change was made, ns. */
  beganAt = 0;

  constructor(readonly sequence: number) {}

  get isEmpty(): boolean {
    return this.#inodes.size === 0;
  }

  /** Blocks it has changed, bitmaps not counted. */
  get size(): number {
    return this.#tableBlocks.size + this.#pages.size + this.#listBlocks;
  }

  /** Blocks of the inode table that closing it needs in memory. */
  get tableBlocks(): number[] {
    return [...this.#tableBlocks].sort((a, b) => a - b);
  }

  /** An inode has changed. */
  change(inode: Inode, now: number): void {
    if (this.isEmpty) this.beganAt = now;
    inode.transaction = this.sequence;
    this.#inodes.set(inode.ino, inode);
    this.#tableBlocks.add(inodePlace(inode.ino).block);
  }

  /** Its extents do not fit into the inode, and have changed. */
  changeList(inode: Inode): void {
    if (!inode.listChanged) this.#listBlocks += inode.list.length;
    inode.listChanged = true;
  }

  /** A block of a directory has changed. */
  changePage(page: Page): void {
    if (this.#pages.has(page)) return;
    this.#pages.add(page);
    page.pins++;
  }

  /** A block was given back that this transaction may have changed. */
  forget(page: Page): void {
    this.ordered.delete(page);
    if (this.#pages.delete(page)) page.pins--;
  }

  /** The blocks as it leaves them, in order: copies. What it changed stays in memory until `release`. */
  close(cache: PageCache, bitmaps: Bitmaps): Image[] {
    const images = bitmaps.takeChanged();
    for (const inode of this.#inodes.values()) {
      encode(inode, cache.find(inodePlace(inode.ino).block)!.bytes);
      if (inode.listChanged) images.push(...listImages(inode));
      inode.listChanged = false;
    }
    this.#pinned = [...this.#pages];
    for (const block of this.#tableBlocks) {
      const page = cache.find(block)!;
      page.pins++;
      this.#pinned.push(page);
    }
    for (const { block, bytes } of this.#pinned) {
      images.push({ block, bytes: bytes.slice() });
    }
    return images.sort((a, b) => a.block - b.block);
  }

  /** The same blocks, but it goes on; `read` gives them as they were before. */
  preview(
    read: (block: number) => Uint8Array,
    bitmaps: Bitmaps,
  ): Image[] {
    const table = new Map<number, Uint8Array>();
    for (const block of this.#tableBlocks) {
      table.set(block, read(block).slice());
    }
    const images = bitmaps.changed();
    for (const inode of this.#inodes.values()) {
      encode(inode, table.get(inodePlace(inode.ino).block)!);
      if (inode.listChanged) images.push(...listImages(inode));
    }
    for (const [block, bytes] of table) images.push({ block, bytes });
    return [...images, ...this.#pages];
  }

  /** The journal has it. */
  release(): void {
    for (const page of this.#pinned) page.pins--;
    this.#pinned = [];
  }

  /** Nobody will close it: what it says has been written. */
  abandon(): void {
    for (const inode of this.#inodes.values()) inode.listChanged = false;
    for (const page of this.#pages) page.pins--;
  }
}

/** Puts an inode into its block of the table. */
function encode(inode: Inode, bytes: Uint8Array): void {
  encodeInode(
    {
      type: inode.kind,
      nlink: inode.nlink,
      size: inode.size,
      mtimeNs: inode.mtimeNs,
      extentCount: inode.extents.length,
      extentBlock: inode.list[0] ?? 0,
      extents: inode.extents,
    },
    bytes,
    inodePlace(inode.ino).offset,
  );
}

function listImages(inode: Inode): Image[] {
  if (inode.kind === INODE_FREE) return [];
  return inode.list.map((block, i) => {
    const from = INLINE_EXTENTS + i * LIST_EXTENTS;
    const part = inode.extents.slice(from, from + LIST_EXTENTS);
    const bytes = encodeExtentList(part, inode.list[i + 1] ?? 0);
    return { block, bytes };
  });
}
