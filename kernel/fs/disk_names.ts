// Changes of names on the disk. Each is prepared (everything looked at, blocks
// taken), then made in memory in one step, then written: what a name points to
// before the name, and a name that goes before what it pointed to. Its callers
// hold the names lock and have checked what POSIX wants checked.

import type { Content } from "./content.ts";
import { DirectoryImage } from "./directory.ts";
import type { DiskFs } from "./disk_fs.ts";
import { Inode } from "./inode.ts";
import {
  BLOCK_BYTES,
  GROUP_INODES,
  INODE_DIRECTORY,
  INODE_FILE,
  LINKS_MAX,
} from "./layout.ts";
import { Failure, type Work } from "./task.ts";
import type { Names, Slot } from "./vfs.ts";

/** A directory that gets another name: what changes in it. */
interface Insertion {
  directory: Inode;
  image: DirectoryImage;
  name: string;
  /** Set if it needs another block. */
  growth: ReturnType<Content["grow"]> | null;
}

/** The changes of names. */
export class DiskNames implements Names {
  constructor(readonly fs: DiskFs) {}

  *create(slot: Slot): Work<Inode> {
    const directory = slot.directory as Inode;
    const group = Math.floor(directory.ino / GROUP_INODES);
    const ino = yield* this.#freeInode(group);
    const insertion = this.#prepare(slot);
    const inode = this.#newInode(ino, INODE_FILE);
    inode.nlink = 1;
    yield* this.#insert(insertion, inode, [inode]);
    return inode;
  }

  *makeDirectory(slot: Slot): Work<Inode> {
    const { content } = this.fs;
    const parent = slot.directory as Inode;
    if (parent.nlink >= LINKS_MAX) throw new Failure("EMLINK");
    const group = content.bitmaps.groupForDirectory();
    const ino = yield* this.#freeInode(group);
    const insertion = this.#prepare(slot);
    const inode = new Inode(this.fs, ino, INODE_DIRECTORY);
    const growth = this.#growOr(insertion, inode);
    const made = this.#newInode(ino, INODE_DIRECTORY);
    content.adopt(made, growth);
    made.size = BLOCK_BYTES;
    made.nlink = 2;
    parent.nlink++;
    const { bytes } = DirectoryImage.first(ino, parent.ino);
    const first = content.blockTransfer(growth.extents, 0, bytes);
    yield* this.#insert(insertion, made, [made], first);
    return made;
  }

  *link(inode: Inode, slot: Slot): Work<void> {
    if (inode.nlink >= LINKS_MAX) throw new Failure("EMLINK");
    const insertion = this.#prepare(slot);
    inode.nlink++;
    yield* this.#insert(insertion, inode, [inode]);
  }

  *unlink(slot: Slot, inode: Inode): Work<void> {
    inode.nlink--;
    yield* this.#unnaming(inode, this.#remove(slot, [inode]));
  }

  *removeDirectory(slot: Slot, inode: Inode): Work<void> {
    const image = yield* this.fs.list(inode);
    if (!image.isEmpty) throw new Failure("ENOTEMPTY");
    inode.nlink = 0;
    (slot.directory as Inode).nlink--;
    yield* this.#unnaming(inode, this.#remove(slot, [inode]));
  }

  *rename(
    inode: Inode,
    from: Slot,
    to: Slot,
    replaced: Inode | null,
  ): Work<void> {
    const isDirectory = inode.kind === INODE_DIRECTORY;
    if (replaced?.kind === INODE_DIRECTORY) {
      const image = yield* this.fs.list(replaced);
      if (!image.isEmpty) throw new Failure("ENOTEMPTY");
    }
    const moves = from.directory !== to.directory;
    const own = isDirectory && moves ? yield* this.fs.list(inode) : null;
    const target = to.directory as Inode;
    if (own !== null && target.nlink >= LINKS_MAX) throw new Failure("EMLINK");
    const insertion = replaced === null ? this.#prepare(to) : null;
    const change = this.#rename(inode, from, to, replaced, insertion, own);
    yield* replaced === null ? change : this.#unnaming(replaced, change);
  }

  /** Everything is known to be possible: the change itself. */
  *#rename(
    inode: Inode,
    from: Slot,
    to: Slot,
    replaced: Inode | null,
    insertion: Insertion | null,
    own: DirectoryImage | null,
  ): Work<void> {
    const source = from.directory as Inode, target = to.directory as Inode;
    const fromImage = from.listing as DirectoryImage;
    const toImage = to.listing as DirectoryImage;
    const changed = new Set<Inode>([source, target]);
    if (replaced !== null) {
      replaced.nlink = replaced.kind === INODE_DIRECTORY
        ? 0
        : replaced.nlink - 1;
      if (replaced.kind === INODE_DIRECTORY) target.nlink--;
      changed.add(replaced);
    }
    if (own !== null) {
      own.replace("..", { ino: target.ino, type: INODE_DIRECTORY });
      source.nlink--;
      target.nlink++;
    }
    const entry = { ino: inode.ino, type: inode.kind };
    const into = insertion === null
      ? toImage.replace(to.name, entry)
      : this.#enter(insertion, entry);
    const outOf = fromImage.remove(from.name);
    this.#touch([source, target]);
    const { content, table, device } = this.fs;
    const blocks = [
      ...content.blockTransfer(target.extents, into, toImage.block(into)),
      ...(fromImage === toImage && into === outOf ? [] : content.blockTransfer(
        source.extents,
        outOf,
        fromImage.block(outOf),
      )),
    ];
    if (own !== null) {
      blocks.push(...content.blockTransfer(inode.extents, 0, own.block(0)));
    }
    const bitmaps = content.bitmapTransfers();
    if (bitmaps.length > 0) yield device.batch(bitmaps);
    yield device.batch(blocks);
    yield device.batch(table.store(changed));
  }

  // ----------------------------------------------------------- parts

  /** A free inode whose part of the table is in memory. Not taken yet. */
  *#freeInode(group: number): Work<number> {
    const ino = this.fs.content.bitmaps.findInode(group);
    if (ino === 0) throw new Failure("ENOSPC");
    yield* this.fs.table.prepare(ino);
    return ino;
  }

  #newInode(ino: number, kind: number): Inode {
    const { content, table, machine } = this.fs;
    content.bitmaps.takeInode(ino);
    const inode = table.create(ino, kind);
    inode.mtimeNs = machine.clock.now;
    return inode;
  }

  /** Room for a name: a block is taken if there is none. ENOSPC changes nothing. */
  #prepare({ directory, listing, name }: Slot): Insertion {
    const inode = directory as Inode;
    const image = listing as DirectoryImage;
    const growth = image.hasRoom(name)
      ? null
      : this.fs.content.grow(inode, inode.size / BLOCK_BYTES, 1);
    return { directory: inode, image, name, growth };
  }

  /** A new directory's first block; without it, the insertion is given up too. */
  #growOr(insertion: Insertion, inode: Inode): ReturnType<Content["grow"]> {
    const { content } = this.fs;
    try {
      return content.grow(inode, 0, 1);
    } catch (failure) {
      if (insertion.growth !== null) content.shrink(insertion.growth);
      content.bitmaps.takeChanged();
      throw failure;
    }
  }

  /** Puts the name into the image; which block that is. */
  #enter(
    { directory, image, name, growth }: Insertion,
    entry: { ino: number; type: number },
  ): number {
    if (growth !== null) {
      this.fs.content.adopt(directory, growth);
      directory.size += BLOCK_BYTES;
      image.grow();
    }
    return image.insert(name, entry);
  }

  /** Writes a new name: bitmaps and `first`, then inodes, then the name. */
  *#insert(
    insertion: Insertion,
    inode: Inode,
    changed: Inode[],
    first: ReturnType<Content["blockTransfer"]> = [],
  ): Work<void> {
    const { content, table, device } = this.fs;
    const { directory, image } = insertion;
    const block = this.#enter(insertion, { ino: inode.ino, type: inode.kind });
    this.#touch([directory]);
    const bitmaps = [...content.bitmapTransfers(), ...first];
    if (bitmaps.length > 0) yield device.batch(bitmaps);
    yield device.batch(table.store([...changed, directory]));
    yield device.batch(
      content.blockTransfer(directory.extents, block, image.block(block)),
    );
  }

  /** Takes a name out: the name first, then the inodes. */
  *#remove({ directory, listing, name }: Slot, changed: Inode[]): Work<void> {
    const { content, table, device } = this.fs;
    const inode = directory as Inode;
    const image = listing as DirectoryImage;
    const block = image.remove(name);
    this.#touch([inode]);
    yield device.batch(
      content.blockTransfer(inode.extents, block, image.block(block)),
    );
    yield device.batch(table.store([...changed, inode]));
  }

  /** Makes a change that takes a name from an inode, and frees it if that was the last. */
  *#unnaming(inode: Inode, change: Work<void>): Work<void> {
    inode.pins++;
    yield* change;
    inode.pins--;
    if (inode.isGone) yield* this.fs.content.free(inode);
  }

  #touch(directories: Inode[]): void {
    const { now } = this.fs.machine.clock;
    for (const directory of directories) directory.mtimeNs = now;
  }
}
