// The file system on the disk, as a mount: it puts the parts together (cache,
// journal, inodes, content, names), opens files over inodes, formats and mounts.
// It does not know paths.

import type { ErrorCode, Stat, StatFs } from "../abi.ts";
import type { FileObject } from "../file.ts";
import { Bitmaps } from "./bitmaps.ts";
import type { BlockDevice, StorageMachine } from "./block.ts";
import { Content } from "./content.ts";
import { Directory } from "./directory.ts";
import { DiskDirectory, DiskFile } from "./disk_file.ts";
import { DiskNames } from "./disk_names.ts";
import { Inode, InodeTable } from "./inode.ts";
import { Journal } from "./journal.ts";
import {
  BLOCK_BYTES,
  BLOCKS,
  GROUP_INODES,
  GROUPS,
  INODE_DIRECTORY,
  ROOT_INO,
} from "./layout.ts";
import { FifoLock } from "./lock.ts";
import { mount } from "./mount.ts";
import { PageCache } from "./page_cache.ts";
import type { Task, TaskRunner, Work } from "./task.ts";
import type { Mount, Names, OpenRequest } from "./vfs.ts";
import { Writeback } from "./writeback.ts";

export class DiskFs implements Mount {
  readonly name = "disk";
  readonly root: Inode;
  readonly names: Names;
  readonly content: Content;
  readonly table: InodeTable;
  readonly cache: PageCache;
  readonly journal: Journal;
  readonly writeback: Writeback;
  /** For all names: who only looks shares it. */
  readonly namesLock = new FifoLock(() => "the names of the file system");
  openInodes = 0;
  /** Transactions of the journal that mounting replayed. */
  readonly replayed: number;

  /** Mounts what is on the device; its platter has been formatted. */
  constructor(
    readonly machine: StorageMachine,
    readonly device: BlockDevice,
    readonly runner: TaskRunner,
  ) {
    const { groups, tail, replayed } = mount(device);
    this.replayed = replayed;
    const bitmaps = new Bitmaps(groups);
    this.journal = new Journal(device, machine, runner, bitmaps, tail);
    this.cache = new PageCache(device, machine, this.journal.journaled);
    this.journal.cache = this.cache;
    this.table = new InodeTable(this.cache, this);
    this.writeback = new Writeback(machine, runner, this.cache, this.journal);
    this.content = new Content(
      machine,
      bitmaps,
      this.table,
      this.cache,
      this.journal,
      this.writeback,
    );
    this.names = new DiskNames(this);
    this.root = atOnce(this.table.get(ROOT_INO))!;
    this.cache.forget();
  }

  /** The names in a directory: read once, then known. */
  *list(inode: Inode): Work<Directory> {
    if (inode.directory !== null) return inode.directory;
    const bytes = yield* this.content.read(inode, 0, inode.size);
    if (inode.directory !== null) return inode.directory; // somebody was quicker
    const directory = new Directory();
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      directory.addBlock(bytes.subarray(at, at + BLOCK_BYTES));
    }
    return inode.directory = directory;
  }

  node(ino: number): Work<Inode | null> {
    return this.table.get(ino);
  }

  stat(inode: Inode): Stat {
    const { ino, type, size, nlink, mtimeNs, blockCount } = inode;
    const blocks = blockCount * BLOCK_BYTES / 512;
    return { ino, type, size, nlink, mtimeNs, blocks };
  }

  statfs(): StatFs {
    const { freeBlocks, freeInodes } = this.content.bitmaps;
    return {
      mount: this.name,
      blockBytes: BLOCK_BYTES,
      blocks: BLOCKS,
      freeBlocks,
      inodes: GROUPS * GROUP_INODES,
      freeInodes,
    };
  }

  open(inode: Inode, { path, flags }: OpenRequest): FileObject | ErrorCode {
    if (inode.opens++ === 0) {
      this.openInodes++;
      inode.objectId = this.machine.objectCreated("inode");
    }
    return inode.kind === INODE_DIRECTORY
      ? new DiskDirectory(this, inode, path)
      : new DiskFile(this, inode, path, flags);
  }

  /** One open file less; without names, the last one takes the inode with it. */
  close(inode: Inode): void {
    if (--inode.opens > 0) return;
    this.openInodes--;
    this.machine.objectReleased("inode", inode.objectId);
    if (!inode.isGone) return;
    const free = this.content.step(() => [], () => this.content.free(inode));
    this.runner.start(free, null, { done() {}, failed() {} });
  }

  *empty(inode: Inode): Work<void> {
    if (inode.size === 0) return;
    const hold = inode.lock.exclusive();
    yield hold;
    try {
      yield* this.content.truncate(inode, 0);
    } finally {
      hold.release();
    }
  }

  /** Completes when the content, and the names and numbers that lead to it, are on the platter. */
  *fsync(inode: Inode): Work<void> {
    const hold = inode.lock.shared(); // after those that came before
    yield hold;
    hold.release();
    const { transaction, unsafe } = inode;
    yield* this.cache.writeBack(unsafe);
    if (this.journal.committed < transaction) {
      yield* this.journal.durable(transaction);
    } else yield this.device.flush();
  }

  // ----------------------------------------------------------- for the host

  /** What the platter lacks: with these blocks it is as after a sync, its journal empty. */
  unsaved(): Map<number, Uint8Array> {
    const blocks = this.journal.unsaved();
    for (const { block, bytes } of this.cache.unsaved()) {
      blocks.set(block, bytes);
    }
    return blocks;
  }

  /** Writes all that in no time. Only while nobody uses the disk: nothing is under way. */
  save(): void {
    for (const [block, bytes] of this.unsaved()) this.device.poke(block, bytes);
    this.journal.saved();
    this.cache.saved();
    this.writeback.stop();
  }
}

/** Does a work now, in no time and without locks. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    step.value.begin(NO_TASK);
  }
}
const NO_TASK = { instant: true } as Task;
