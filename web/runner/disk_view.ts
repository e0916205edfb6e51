// The files of a machine, read from outside between two steps: what programs
// would find, in no time and without a trace. It goes through the blocks as they
// would be after a sync, not through the kernel's cache: a look that filled the
// cache would make the run another one.

import type { Machine } from "../../kernel/mod.ts";
import { Directory } from "../../kernel/fs/directory.ts";
import {
  BLOCK_BYTES,
  decodeExtentList,
  decodeInode,
  type DiskInode,
  type Extent,
  INODE_DIRECTORY,
  INODE_FILE,
  inodePlace,
  listBlocks,
  ROOT_INO,
} from "../../kernel/fs/layout.ts";

/** A file, as far as its inode tells. */
export interface FoundFile {
  path: string;
  ino: number;
  bytes: number;
  mtimeNs: number;
}

/** Directories in directories: further down nothing is listed. */
const DEPTH_MAX = 8;

/** One moment of the disk: make a new one for the next. */
export class DiskView {
  readonly #machine: Machine;
  readonly #unsaved: Map<number, Uint8Array>;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#unsaved = machine.files.unsaved();
  }

  /** The files under a directory, in name order; at most so many. */
  list(directory: string, most: number): FoundFile[] {
    const found: FoundFile[] = [];
    this.#list(directory, DEPTH_MAX, most, found);
    return found;
  }

  #list(
    directory: string,
    depth: number,
    most: number,
    into: FoundFile[],
  ): void {
    const inode = this.#find(directory);
    if (inode?.type !== INODE_DIRECTORY || depth === 0) return;
    for (const { name, ino, type } of this.#directory(inode).entries()) {
      if (into.length >= most) return;
      const path = `${directory}/${name}`;
      if (type === "directory") this.#list(path, depth - 1, most, into);
      else {
        const { size, mtimeNs } = this.#inode(ino);
        into.push({ path, ino, bytes: size, mtimeNs });
      }
    }
  }

  /** A file's inode; "directory" if it is one, null if there is nothing. */
  stat(path: string): FoundFile | "directory" | null {
    const ino = this.#ino(path);
    if (ino === null) return null;
    const { type, size, mtimeNs } = this.#inode(ino);
    if (type === INODE_DIRECTORY) return "directory";
    return type === INODE_FILE ? { path, ino, bytes: size, mtimeNs } : null;
  }

  read({ ino }: FoundFile): Uint8Array {
    return this.#content(this.#inode(ino));
  }

  #find(path: string): DiskInode | null {
    const ino = this.#ino(path);
    return ino === null ? null : this.#inode(ino);
  }

  #ino(path: string): number | null {
    let ino = ROOT_INO;
    for (const name of path.split("/")) {
      if (name === "") continue;
      const inode = this.#inode(ino);
      if (inode.type !== INODE_DIRECTORY) return null;
      const entry = this.#directory(inode).find(name);
      if (entry === null) return null;
      ino = entry.ino;
    }
    return ino;
  }

  #directory(inode: DiskInode): Directory {
    const directory = new Directory();
    const bytes = this.#content(inode);
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      directory.addBlock(bytes.subarray(at, at + BLOCK_BYTES));
    }
    return directory;
  }

  #inode(ino: number): DiskInode {
    const { block, offset } = inodePlace(ino);
    return decodeInode(this.#block(block), offset);
  }

  #content(inode: DiskInode): Uint8Array {
    const bytes = new Uint8Array(
      Math.ceil(inode.size / BLOCK_BYTES) * BLOCK_BYTES,
    );
    for (const { fileBlock, block, count } of this.#extents(inode)) {
      for (let i = 0; i < count; i++) {
        const at = (fileBlock + i) * BLOCK_BYTES;
        if (at < bytes.length) bytes.set(this.#block(block + i), at);
      }
    }
    return bytes.subarray(0, inode.size);
  }

  #extents({ extents, extentBlock, extentCount }: DiskInode): Extent[] {
    const all = [...extents];
    let next = extentBlock;
    for (let left = listBlocks(extentCount); left > 0 && next !== 0; left--) {
      const list = decodeExtentList(this.#block(next));
      all.push(...list.extents);
      next = list.next;
    }
    return all;
  }

  #block(block: number): Uint8Array {
    const lba = this.#machine.files.device.lba(block);
    const known = this.#unsaved.get(lba);
    if (known !== undefined) return known;
    const bytes = new Uint8Array(BLOCK_BYTES);
    this.#machine.platter.read(lba, bytes);
    return bytes;
  }
}
