// Inodes in memory, and the table on the disk they come from. An inode is read
// on first use and then kept: the one in memory is the true one, and whoever
// changes it tells the journal. It does not know directories, nor who has a file
// open.

import type { FileType } from "../abi.ts";
import type { Directory } from "./directory.ts";
import {
  decodeExtentList,
  decodeInode,
  type Extent,
  INODE_DIRECTORY,
  INODE_FREE,
  inodePlace,
  isFileSize,
  listBlocks,
} from "./layout.ts";
import { FifoLock } from "./lock.ts";
import type { Page, PageCache, PageOwner } from "./page_cache.ts";
import type { Work } from "./task.ts";
import type { Mount, Node } from "./vfs.ts";

export class Inode implements Node, PageOwner {
  /** INODE_FILE or INODE_DIRECTORY; INODE_FREE once it is gone. */
  kind: number;
  nlink = 0;
  size = 0;
  mtimeNs = 0;
  extents: Extent[] = [];
  /** Blocks of the list of those extents that do not fit in the inode. */
  list: number[] = [];
  /** Extents or list have changed in the running transaction. */
  listChanged = false;
  /** The transaction that changed it last. */
  transaction = 0;
  /** Pages of its content that are not yet on the platter. */
  readonly unsafe = new Set<Page>();
  /** The names in a directory, once somebody has looked. */
  directory: Directory | null = null;
  /** Open files on it. */
  opens = 0;
  /** The kernel's number for it while it is open. */
  objectId = 0;
  /** For its content: readers share it. */
  readonly lock: FifoLock;

  constructor(readonly mount: Mount, readonly ino: number, kind: number) {
    this.kind = kind;
    this.lock = new FifoLock(() => `inode ${ino}`);
  }

  /** Nobody can reach it any more. */
  get isGone(): boolean {
    return this.nlink === 0 && this.opens === 0;
  }

  get type(): FileType {
    return this.kind === INODE_DIRECTORY ? "directory" : "file";
  }

  /** Blocks of the disk that are its own. */
  get blockCount(): number {
    let count = this.list.length;
    for (const extent of this.extents) count += extent.count;
    return count;
  }
}

export class InodeTable {
  #inodes = new Map<number, Inode>();

  constructor(readonly cache: PageCache, readonly mount: Mount) {}

  /** An inode in use; null if the number is free. */
  *get(ino: number): Work<Inode | null> {
    const known = this.#inodes.get(ino);
    if (known !== undefined) return known;
    const { block, offset } = inodePlace(ino);
    yield* this.cache.bring([block]);
    const disk = decodeInode(this.cache.find(block)!.bytes, offset);
    if (disk.type === INODE_FREE) return this.#inodes.get(ino) ?? null;
    const inode = new Inode(this.mount, ino, disk.type);
    inode.nlink = disk.nlink;
    // A damaged disk says anything; fsck tells of it.
    inode.size = isFileSize(disk.size) ? disk.size : 0;
    inode.mtimeNs = Number.isSafeInteger(disk.mtimeNs) ? disk.mtimeNs : 0;
    inode.extents = disk.extents;
    let next = disk.extentBlock;
    const lists = listBlocks(disk.extentCount);
    while (next !== 0 && inode.list.length < lists) {
      inode.list.push(next);
      yield* this.cache.bring([next]);
      const more = decodeExtentList(this.cache.find(next)!.bytes);
      inode.extents.push(...more.extents);
      next = more.next;
    }
    // Somebody else may have brought it in meanwhile.
    return this.#inodes.get(ino) ?? this.#keep(inode);
  }

  create(ino: number, kind: number): Inode {
    return this.#keep(new Inode(this.mount, ino, kind));
  }

  /** It is free. */
  forget(inode: Inode): void {
    this.#inodes.delete(inode.ino);
  }

  /** Directories have to be read again. Only while nobody looks at names. */
  forgetNames(): void {
    for (const inode of this.#inodes.values()) inode.directory = null;
  }

  #keep(inode: Inode): Inode {
    this.#inodes.set(inode.ino, inode);
    return inode;
  }
}
