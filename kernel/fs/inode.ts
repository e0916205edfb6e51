// Inodes in memory, and the table on the disk they come from. An inode is read
// on first use and then kept; the table's blocks are kept as they are on the
// disk, so that one inode can be written without reading its neighbours. It does
// not know directories, nor who has a file open.

import type { FileType } from "../abi.ts";
import type { BlockDevice, Transfer } from "./block.ts";
import {
  BLOCK_BYTES,
  decodeExtentList,
  decodeInode,
  encodeExtentList,
  encodeInode,
  type Extent,
  INLINE_EXTENTS,
  INODE_DIRECTORY,
  INODE_FREE,
  inodePlace,
  LIST_EXTENTS,
} from "./layout.ts";
import { FifoLock } from "./lock.ts";
import { SECTOR_BYTES } from "../dev/platter.ts";
import type { Work } from "./task.ts";
import type { Mount, Node } from "./vfs.ts";

export class Inode implements Node {
  /** INODE_FILE or INODE_DIRECTORY; INODE_FREE once it is gone. */
  kind: number;
  nlink = 0;
  size = 0;
  mtimeNs = 0;
  extents: Extent[] = [];
  /** Blocks of the list of those extents that do not fit in the inode. */
  list: number[] = [];
  /** Extents or list have changed since they were written. */
  listChanged = false;
  /** Open files on it. */
  opens = 0;
  /** Operations that take a name from it just now. */
  pins = 0;
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
    return this.nlink === 0 && this.opens === 0 && this.pins === 0;
  }

  get type(): FileType {
    return this.kind === INODE_DIRECTORY ? "directory" : "file";
  }
}

export class InodeTable {
  #device: BlockDevice;
  #mount: Mount;
  #inodes = new Map<number, Inode>();
  /** Blocks of the table, as they are on the disk or soon will be. */
  #blocks = new Map<number, Uint8Array>();

  constructor(device: BlockDevice, mount: Mount) {
    this.#device = device;
    this.#mount = mount;
  }

  /** An inode in use; null if the number is free. */
  *get(ino: number): Work<Inode | null> {
    const known = this.#inodes.get(ino);
    if (known !== undefined) return known;
    const { block, offset } = inodePlace(ino);
    const disk = decodeInode(yield* this.#block(block), offset);
    if (disk.type === INODE_FREE) return null;
    const inode = new Inode(this.#mount, ino, disk.type);
    inode.nlink = disk.nlink;
    inode.size = disk.size;
    inode.mtimeNs = disk.mtimeNs;
    inode.extents = disk.extents;
    let next = disk.extentBlock;
    while (next !== 0) {
      inode.list.push(next);
      const bytes = new Uint8Array(BLOCK_BYTES);
      yield this.#device.batch(this.#device.readTransfers(next, bytes));
      const more = decodeExtentList(bytes);
      inode.extents.push(...more.extents);
      next = more.next;
    }
    return this.#keep(inode);
  }

  /** Brings in the block of the table where an inode will be. */
  *prepare(ino: number): Work<void> {
    yield* this.#block(inodePlace(ino).block);
  }

  /** A new inode; its block has been prepared. */
  create(ino: number, kind: number): Inode {
    return this.#keep(new Inode(this.#mount, ino, kind));
  }

  /** Puts inodes as they are now into the table: what has to be written. */
  store(inodes: Iterable<Inode>): Transfer[] {
    const sectors = new Map<number, [number, number]>();
    const transfers: Transfer[] = [];
    for (const inode of inodes) {
      const { block, offset } = inodePlace(inode.ino);
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
        this.#blocks.get(block)!,
        offset,
      );
      const sector = Math.floor(offset / SECTOR_BYTES);
      sectors.set(block * 8 + sector, [block, sector]);
      if (inode.listChanged) transfers.push(...this.#storeList(inode));
      inode.listChanged = false;
      if (inode.kind === INODE_FREE) this.#inodes.delete(inode.ino);
    }
    for (const [block, sector] of sectors.values()) {
      const bytes = this.#blocks.get(block)!;
      transfers.push(this.#device.writeSector(block, sector, bytes));
    }
    return transfers;
  }

  #storeList(inode: Inode): Transfer[] {
    return inode.list.flatMap((block, i) => {
      const from = INLINE_EXTENTS + i * LIST_EXTENTS;
      const part = inode.extents.slice(from, from + LIST_EXTENTS);
      const bytes = encodeExtentList(part, inode.list[i + 1] ?? 0);
      return this.#device.writeTransfers(block, bytes);
    });
  }

  /** Somebody else may have brought it in meanwhile. */
  #keep(inode: Inode): Inode {
    const known = this.#inodes.get(inode.ino);
    if (known !== undefined) return known;
    this.#inodes.set(inode.ino, inode);
    return inode;
  }

  *#block(number: number): Work<Uint8Array> {
    const known = this.#blocks.get(number);
    if (known !== undefined) return known;
    const bytes = new Uint8Array(BLOCK_BYTES);
    yield this.#device.batch(this.#device.readTransfers(number, bytes));
    const meanwhile = this.#blocks.get(number);
    if (meanwhile !== undefined) return meanwhile;
    this.#blocks.set(number, bytes);
    return bytes;
  }
}
