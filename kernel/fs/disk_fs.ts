// The file system on the disk, as a mount: directories, inodes and open files
// over inodes and their content; formatting and mounting. It does not know
// paths. Changes of names are in disk_names.ts.

import type { ErrorCode, Stat } from "../abi.ts";
import type { FileObject } from "../file.ts";
import { Bitmaps } from "./bitmaps.ts";
import type { BlockDevice, StorageMachine } from "./block.ts";
import { Content } from "./content.ts";
import { DirectoryImage } from "./directory.ts";
import { DiskDirectory, DiskFile } from "./disk_file.ts";
import { DiskNames } from "./disk_names.ts";
import { Inode, InodeTable } from "./inode.ts";
import {
  BITMAP_BLOCK,
  BLOCK_BYTES,
  checkSuperblock,
  encodeSuperblock,
  GROUP_BLOCKS,
  GROUPS,
  INODE_DIRECTORY,
  ROOT_INO,
} from "./layout.ts";
import { FifoLock } from "./lock.ts";
import type { Task, TaskRunner, Work } from "./task.ts";
import type { Mount, Names, OpenRequest } from "./vfs.ts";

export class DiskFs implements Mount {
  readonly name = "disk";
  readonly root: Inode;
  readonly names: Names;
  readonly content: Content;
  readonly table: InodeTable;
  /** For all names: who only looks shares it. */
  readonly namesLock = new FifoLock(() => "the names of the file system");
  openInodes = 0;

  constructor(
    readonly machine: StorageMachine,
    readonly device: BlockDevice,
    readonly runner: TaskRunner,
    format: boolean,
  ) {
    this.table = new InodeTable(device, this);
    const bitmaps = format ? Bitmaps.empty() : readBitmaps(device);
    const { clock } = machine;
    this.content = new Content(device, bitmaps, this.table, clock);
    this.names = new DiskNames(this);
    if (format) atOnce(this.#format(bitmaps));
    this.root = atOnce(this.table.get(ROOT_INO))!;
  }

  *list(directory: Inode): Work<DirectoryImage> {
    return new DirectoryImage(yield* this.content.readAll(directory));
  }

  node(ino: number): Work<Inode | null> {
    return this.table.get(ino);
  }

  stat(inode: Inode): Stat {
    const { ino, type, size, nlink, mtimeNs } = inode;
    return { ino, type, size, nlink, mtimeNs };
  }

  open(inode: Inode, { path }: OpenRequest): FileObject | ErrorCode {
    if (inode.opens++ === 0) {
      this.openInodes++;
      inode.objectId = this.machine.objectCreated("inode");
    }
    return inode.kind === INODE_DIRECTORY
      ? new DiskDirectory(this, inode, path)
      : new DiskFile(this, inode, path);
  }

  /** One open file less; without names, the last one takes the inode with it. */
  close(inode: Inode): void {
    if (--inode.opens > 0) return;
    this.openInodes--;
    this.machine.objectReleased("inode", inode.objectId);
    if (!inode.isGone) return;
    this.runner.start(this.content.free(inode), null, {
      done() {},
      failed() {},
    });
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

  /** An empty file system: superblock, bitmaps, the root. */
  *#format(bitmaps: Bitmaps): Work<void> {
    const { device, content, table } = this;
    const superblock = encodeSuperblock(device.platter.sectors);
    bitmaps.takeInode(ROOT_INO);
    bitmaps.takeChanged();
    yield* table.prepare(ROOT_INO);
    const root = table.create(ROOT_INO, INODE_DIRECTORY);
    root.nlink = 2;
    root.size = BLOCK_BYTES;
    content.adopt(root, content.grow(root, 0, 1));
    bitmaps.takeChanged();
    const { bytes } = DirectoryImage.first(ROOT_INO, ROOT_INO);
    yield device.batch([
      ...device.writeTransfers(0, superblock),
      ...bitmaps.groups.flatMap((bits, group) =>
        device.writeTransfers(group * GROUP_BLOCKS + BITMAP_BLOCK, bits)
      ),
      ...table.store([root]),
      ...content.blockTransfer(root.extents, 0, bytes),
    ]);
  }
}

/** Mounting: what is taken, as the disk says. */
function readBitmaps(device: BlockDevice): Bitmaps {
  const superblock = readBlock(device, 0);
  const wrong = checkSuperblock(superblock, device.platter.sectors);
  if (wrong !== null) throw new TypeError(`hda: ${wrong}`);
  return new Bitmaps(
    Array.from(
      { length: GROUPS },
      (_, group) => readBlock(device, group * GROUP_BLOCKS + BITMAP_BLOCK),
    ),
  );
}

function readBlock(device: BlockDevice, block: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  device.platter.read(device.lba(block), bytes);
  return bytes;
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
