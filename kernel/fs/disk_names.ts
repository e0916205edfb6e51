// Changes of names on the disk. Each looks at everything that can be wrong, then
// is made in memory in one step (content.ts): a name, the inode it means and the
// blocks they take belong to one transaction, so after a power cut a change is
// there whole or not at all. Its callers hold the names lock and have checked
// what POSIX wants checked.

import type { Growth } from "./content.ts";
import { Directory, type Entry, firstBlock } from "./directory.ts";
import type { DiskFs } from "./disk_fs.ts";
import { blockAt } from "./extents.ts";
import { Inode } from "./inode.ts";
import {
  BLOCK_BYTES,
  GROUP_INODES,
  INODE_DIRECTORY,
  INODE_FILE,
  LINKS_MAX,
} from "./layout.ts";
import type { Page } from "./page_cache.ts";
import { Failure, type Work } from "./task.ts";
import type { Names, Slot } from "./vfs.ts";

/** A name in a directory of the disk. */
interface Place {
  inode: Inode;
  directory: Directory;
  name: string;
}

export class DiskNames implements Names {
  constructor(readonly fs: DiskFs) {}

  *create(slot: Slot): Work<Inode> {
    const { content } = this.fs;
    const place = placeOf(slot);
    const ino = this.#freeInode(groupOf(place.inode));
    return yield* this.#inserting(place, (growth) => {
      this.#insert(place, { ino, type: INODE_FILE }, growth);
      const inode = content.make(ino, INODE_FILE);
      inode.nlink = 1;
      return inode;
    });
  }

  *makeDirectory(slot: Slot): Work<Inode> {
    const { content } = this.fs;
    const place = placeOf(slot);
    const parent = place.inode;
    if (parent.nlink >= LINKS_MAX) throw new Failure("EMLINK");
    const ino = this.#freeInode(content.bitmaps.groupForDirectory());
    return yield* this.#inserting(place, (growth) => {
      const own = this.#firstGrowth(ino, growth);
      this.#insert(place, { ino, type: INODE_DIRECTORY }, growth);
      const inode = content.make(ino, INODE_DIRECTORY);
      inode.nlink = 2;
      inode.directory = new Directory();
      this.#addBlock(inode, own, firstBlock(ino, parent.ino));
      parent.nlink++;
      return inode;
    });
  }

  *link(node: Inode, slot: Slot): Work<void> {
    if (node.nlink >= LINKS_MAX) throw new Failure("EMLINK");
    const place = placeOf(slot);
    yield* this.#inserting(place, (growth) => {
      this.#insert(place, { ino: node.ino, type: node.kind }, growth);
      node.nlink++;
      this.fs.content.change(node);
    });
  }

  setModified(inode: Inode, mtimeNs: number): void {
    inode.mtimeNs = mtimeNs;
    this.fs.content.change(inode);
  }

  *unlink(slot: Slot, inode: Inode): Work<void> {
    const place = placeOf(slot);
    yield* this.#removing(place, () => {
      this.#takeOut(place);
      this.#unname(inode, inode.nlink - 1);
    });
  }

  *removeDirectory(slot: Slot, inode: Inode): Work<void> {
    const place = placeOf(slot);
    if (!(yield* this.fs.list(inode)).isEmpty) throw new Failure("ENOTEMPTY");
    yield* this.#removing(place, () => {
      this.#takeOut(place);
      place.inode.nlink--;
      this.#unname(inode, 0);
    });
  }

  *rename(
    inode: Inode,
    fromSlot: Slot,
    toSlot: Slot,
    replaced: Inode | null,
  ): Work<void> {
    const from = placeOf(fromSlot), to = placeOf(toSlot);
    const isDirectory = inode.kind === INODE_DIRECTORY;
    const replacesDirectory = replaced?.kind === INODE_DIRECTORY;
    if (replacesDirectory && !(yield* this.fs.list(replaced)).isEmpty) {
      throw new Failure("ENOTEMPTY");
    }
    const moves = isDirectory && from.inode !== to.inode;
    if (moves && to.inode.nlink >= LINKS_MAX) throw new Failure("EMLINK");
    const own = moves ? yield* this.fs.list(inode) : null;
    const { content } = this.fs;
    const needed = () => [
      ...this.#blocksOf(from),
      ...(replaced === null ? this.#blocksFor(to, from) : this.#blocksOf(to)),
      ...(moves ? [blockAt(inode.extents, 0)] : []),
    ];
    yield* content.step(needed, () => {
      const entry = { ino: inode.ino, type: inode.kind };
      if (replaced === null) this.#move(from, to, entry);
      else {
        this.#replace(to, entry);
        this.#takeOut(from);
        if (replacesDirectory) to.inode.nlink--;
        this.#unname(replaced, replacesDirectory ? 0 : replaced.nlink - 1);
      }
      if (own !== null) {
        const parent = { ino: to.inode.ino, type: INODE_DIRECTORY };
        this.#replace({ inode, directory: own, name: ".." }, parent);
        from.inode.nlink--;
        to.inode.nlink++;
      }
      content.change(inode);
      content.touch(from.inode);
      content.touch(to.inode);
    });
  }

  // ----------------------------------------------------------- steps

  /** A step that adds a name; the directory's growth is null if it has room. */
  *#inserting<T>(
    place: Place,
    change: (growth: Growth | null) => T,
  ): Work<T> {
    const { content } = this.fs;
    return yield* content.step(() => this.#blocksFor(place), () => {
      const result = change(this.#roomFor(place));
      content.touch(place.inode);
      return result;
    });
  }

  /** A step that takes a name out. */
  *#removing(place: Place, change: () => void): Work<void> {
    const { content } = this.fs;
    yield* content.step(() => this.#blocksOf(place), () => {
      change();
      content.touch(place.inode);
    });
  }

  // ----------------------------------------------------------- parts of a step

  /** Takes a block for a directory in which a name does not fit; if there is none, nothing is taken. */
  #roomFor({ inode, directory, name }: Place): Growth | null {
    return directory.blockWithRoom(name) >= 0
      ? null
      : this.fs.content.grow(inode, inode.size / BLOCK_BYTES, 1);
  }

  /** Takes the first block of a new directory; without it, its parent's growth is given up too. */
  #firstGrowth(ino: number, parents: Growth | null): Growth {
    const { content } = this.fs;
    try {
      return content.grow(new Inode(this.fs, ino, INODE_DIRECTORY), 0, 1);
    } catch (failure) {
      if (parents !== null) content.shrink(parents);
      throw failure;
    }
  }

  #insert(place: Place, entry: Entry, growth: Growth | null): void {
    const { directory, name } = place;
    if (growth !== null) this.#addBlock(place.inode, growth);
    const block = directory.blockWithRoom(name);
    directory.insert(this.#pageOf(place, block).bytes, block, name, entry);
  }

  #takeOut(place: Place): void {
    const { directory, name } = place;
    const page = this.#pageOf(place, directory.find(name)!.block);
    directory.remove(page.bytes, name);
  }

  #replace(place: Place, entry: Entry): void {
    const { directory, name } = place;
    const page = this.#pageOf(place, directory.find(name)!.block);
    directory.replace(page.bytes, name, entry);
  }

  /** Within one directory, the old name makes room for the new. */
  #move(from: Place, to: Place, entry: Entry): void {
    const instead = from.inode === to.inode ? from.name : undefined;
    if (to.directory.blockWithRoom(to.name, instead) < 0) {
      this.#addBlock(to.inode, this.#roomFor(to)!);
    }
    const block = to.directory.blockWithRoom(to.name, instead);
    this.#takeOut(from);
    const { bytes } = this.#pageOf(to, block);
    to.directory.insert(bytes, block, to.name, entry);
  }

  /** Gives a directory another block. */
  #addBlock(inode: Inode, growth: Growth, bytes?: Uint8Array): void {
    const { content } = this.fs;
    const number = inode.size / BLOCK_BYTES;
    content.adopt(inode, growth);
    const block = blockAt(inode.extents, number);
    const page = content.cache.create(block, bytes);
    content.journal.running.changePage(page);
    inode.size += BLOCK_BYTES;
    inode.directory!.addBlock(page.bytes);
  }

  /** One name less, or the last: then the inode goes with it. */
  #unname(inode: Inode, nlink: number): void {
    inode.nlink = nlink;
    if (inode.isGone) this.fs.content.free(inode);
    else this.fs.content.change(inode);
  }

  #freeInode(group: number): number {
    const ino = this.fs.content.bitmaps.findInode(group);
    if (ino === 0) throw new Failure("ENOSPC");
    return ino;
  }

  // ----------------------------------------------------------- blocks

  /** The block a new name goes into, if it is there already. */
  #blocksFor(to: Place, from?: Place): number[] {
    const instead = from?.inode === to.inode ? from.name : undefined;
    const block = to.directory.blockWithRoom(to.name, instead);
    return block < 0 ? [] : [blockAt(to.inode.extents, block)];
  }

  /** The block a name is in. */
  #blocksOf({ inode, directory, name }: Place): number[] {
    return [blockAt(inode.extents, directory.find(name)!.block)];
  }

  /** A block of a directory that is about to change. */
  #pageOf({ inode }: Place, block: number): Page {
    const { cache, journal } = this.fs.content;
    const page = cache.find(blockAt(inode.extents, block))!;
    journal.running.changePage(page);
    return page;
  }
}

function placeOf({ directory, listing, name }: Slot): Place {
  return {
    inode: directory as Inode,
    directory: listing as Directory,
    name,
  };
}

function groupOf({ ino }: Inode): number {
  return Math.floor(ino / GROUP_INODES);
}
