// Whether a file system is whole: every block has one owner or none, every name
// an inode, every inode as many names as it says, and the bitmaps agree. It sees
// the disk through a function that gives a block, and changes nothing.

import { compareBitmaps } from "./disk_bitmaps.ts";
import {
  BLOCK,
  DATA_AT,
  DIRECTORY,
  type DiskInode,
  type Extent,
  extentList,
  FILE,
  GROUP_BLOCKS,
  GROUP_INODES,
  GROUPS,
  inodesOf,
  JOURNAL_GROUP,
  type Name,
  namesOf,
  type ReadBlock,
  TABLE_AT,
} from "./disk_format.ts";

const ROOT = 2;
const BLOCKS = GROUPS * GROUP_BLOCKS;
const INODES_PER_BLOCK = 16;
/** No file is longer: 1 TiB. */
const SIZE_MAX = 2 ** 40;
/** When so much is wrong, no more blocks are followed: garbage may lead anywhere. */
const PROBLEMS_MAX = 20_000;

export interface Verdict {
  /** What is wrong, a sentence each. */
  problems: string[];
  /** Unlinked while open: the next mount frees them. */
  orphans: number;
  files: number;
  usedBlocks: number;
}

export function checkDisk(read: ReadBlock): Verdict {
  return new DiskCheck(read).run();
}

class DiskCheck {
  readonly problems: string[] = [];
  readonly inodes = new Map<number, DiskInode>();
  /** Block → inode + 1. */
  readonly owners = new Int32Array(BLOCKS);
  readonly names = new Map<number, number>();

  constructor(readonly read: ReadBlock) {}

  run(): Verdict {
    for (let group = 0; group < GROUPS; group++) this.readTable(group);
    for (const inode of this.inodes.values()) this.claim(inode);
    this.ask();
    this.walk();
    let orphans = 0;
    for (const { ino, links } of this.inodes.values()) {
      const names = this.names.get(ino) ?? 0;
      if (names === 0 && links === 0) orphans++;
      else if (names === 0) this.wrong(`inode ${ino}: no name leads to it`);
      else if (names !== links) {
        this.wrong(`inode ${ino}: ${links} links, but ${names} names`);
      }
    }
    const usedBlocks = compareBitmaps(
      this.read,
      (block) => this.owners[block] !== 0,
      (ino) => ino < ROOT || this.inodes.has(ino),
      (sentence) => this.wrong(sentence),
    );
    const files = this.inodes.size;
    return { problems: this.problems, orphans, files, usedBlocks };
  }

  readTable(group: number): void {
    for (let i = 0; i < GROUP_INODES / INODES_PER_BLOCK; i++) {
      const bytes = this.read(group * GROUP_BLOCKS + TABLE_AT + i);
      const first = group * GROUP_INODES + i * INODES_PER_BLOCK;
      for (const inode of inodesOf(bytes, first)) {
        if (inode.type === FILE || inode.type === DIRECTORY) {
          this.inodes.set(inode.ino, inode);
        } else this.wrong(`inode ${inode.ino}: unknown type ${inode.type}`);
      }
    }
  }

  /** Follows the list of extents, and takes the blocks. */
  claim(inode: DiskInode): void {
    if (this.problems.length > PROBLEMS_MAX) return;
    const { ino, extents, size } = inode;
    if (!Number.isInteger(size) || size < 0 || size > SIZE_MAX) {
      this.wrong(`inode ${ino}: ${size} is no size`);
    }
    const lists = new Set<number>();
    for (let next = inode.list; next !== 0;) {
      const isBroken = !isData(next) || lists.has(next) ||
        extents.length > BLOCKS;
      if (isBroken) {
        this.wrong(`inode ${ino}: its list of extents is broken at ${next}`);
        break;
      }
      lists.add(next);
      const more = extentList(this.read(next));
      extents.push(...more.extents);
      next = more.next;
    }
    if (extents.length !== inode.extentCount) {
      this.wrong(
        `inode ${ino}: ${inode.extentCount} extents, but ${extents.length} there`,
      );
    }
    for (const block of lists) this.own(ino, block);
    const end = this.claimExtents(ino, extents);
    if (end > Math.ceil(size / BLOCK)) {
      this.wrong(`inode ${ino}: blocks behind its end, ${size} bytes`);
    }
  }

  claimExtents(ino: number, extents: readonly Extent[]): number {
    let end = 0;
    for (const { at, block, count } of extents) {
      if (at < end) this.wrong(`inode ${ino}: extents out of order`);
      end = at + count;
      for (let i = 0; i < count; i++) {
        if (!this.own(ino, block + i)) break;
      }
    }
    return end;
  }

  own(ino: number, block: number): boolean {
    if (!isData(block)) {
      this.wrong(`inode ${ino}: block ${block} is no data block`);
      return false;
    }
    const owner = this.owners[block]!;
    if (owner !== 0) {
      this.wrong(`block ${block}: both inode ${owner - 1} and ${ino} have it`);
    }
    this.owners[block] = ino + 1;
    return true;
  }

  /** Asks for the blocks of all directories, whoever must fetch them from a disk. */
  ask(): void {
    for (const { type, extents } of this.inodes.values()) {
      if (type !== DIRECTORY) continue;
      for (const { block, count } of extents) {
        for (let i = 0; i < count && isData(block + i); i++) {
          this.read(block + i);
        }
      }
    }
  }

  walk(): void {
    if (this.inodes.get(ROOT)?.type !== DIRECTORY) {
      this.wrong("there is no root directory");
      return;
    }
    const seen = new Set([ROOT]);
    const todo: [ino: number, parent: number][] = [[ROOT, ROOT]];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      for (const child of this.directory(...next)) {
        if (seen.has(child)) this.wrong(`directory ${child}: two names`);
        else {
          seen.add(child);
          todo.push([child, next[0]]);
        }
      }
    }
  }

  /** Looks at the names of a directory; the directories in it. */
  directory(ino: number, parent: number): number[] {
    const children: number[] = [];
    const known = new Set<string>();
    for (const { name, ino: target, type } of this.namesIn(ino)) {
      const where = `directory ${ino}: "${name}"`;
      if (known.has(name)) this.wrong(`${where} is there twice`);
      known.add(name);
      if (name === "" || name.includes("/")) this.wrong(`${where} is no name`);
      const inode = this.inodes.get(target);
      if (inode === undefined) {
        this.wrong(`${where} means inode ${target}, which is free`);
        continue;
      }
      if (inode.type !== type) this.wrong(`${where} has the wrong type`);
      this.names.set(target, (this.names.get(target) ?? 0) + 1);
      const own = name === "." ? ino : name === ".." ? parent : target;
      if (own !== target) this.wrong(`${where} is ${target}, not ${own}`);
      const isChild = inode.type === DIRECTORY && name !== "." && name !== "..";
      if (isChild) children.push(target);
    }
    if (!known.has(".") || !known.has("..")) {
      this.wrong(`directory ${ino}: . or .. is missing`);
    }
    return children;
  }

  namesIn(ino: number): Name[] {
    const names: Name[] = [];
    const { size, extents } = this.inodes.get(ino)!;
    const blocks = size / BLOCK;
    if (!Number.isInteger(blocks) || blocks < 1 || blocks > BLOCKS) {
      this.wrong(`directory ${ino}: ${size} bytes`);
      return names;
    }
    let end = 0;
    for (const { at, block, count } of extents) {
      if (at > end && at < blocks) this.wrong(`directory ${ino}: a hole`);
      for (let i = 0; i < Math.min(count, blocks - at); i++) {
        if (isData(block + i)) names.push(...namesOf(this.read(block + i)));
      }
      end = at + count;
    }
    if (end < blocks) this.wrong(`directory ${ino}: a hole`);
    return names;
  }

  wrong(sentence: string): void {
    this.problems.push(sentence);
  }
}

function isData(block: number): boolean {
  return block > 0 && block < BLOCKS && block % GROUP_BLOCKS >= DATA_AT &&
    Math.floor(block / GROUP_BLOCKS) !== JOURNAL_GROUP;
}
