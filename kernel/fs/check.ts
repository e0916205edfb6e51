// Is the file system on a platter whole? Reads the bytes alone, as they would be
// after the journal has been replayed, trusts nothing in memory, and says what is
// wrong, one sentence each: lost, doubled and dangling blocks, names of nothing,
// wrong link counts. An inode without names is no mistake: it was unlinked while
// it was open, and mounting frees it.

import type { Platter } from "../dev/platter.ts";
import { Bitmaps, hasBit, setBit } from "./bitmaps.ts";
import { allEntries } from "./directory.ts";
import { runsOf } from "./extents.ts";
import { readJournal } from "./journal_format.ts";
import {
  BITMAP_BLOCK,
  BLOCK_BYTES,
  BLOCKS,
  checkSuperblock,
  DATA_BLOCK,
  decodeExtentList,
  decodeInode,
  type DiskInode,
  GROUP_BLOCKS,
  GROUP_INODES,
  GROUPS,
  INODE_BITMAP_OFFSET,
  INODE_BYTES,
  INODE_DIRECTORY,
  INODE_FILE,
  INODE_TABLE_BLOCK,
  INODES_PER_BLOCK,
  isFileSize,
  JOURNAL_GROUP,
  lbaOfBlock,
  ROOT_INO,
} from "./layout.ts";

/** What is wrong; nothing, if all is well. */
export function check(platter: Platter): string[] {
  const checker = new Checker(platter);
  return checker.run();
}

type Entry = ReturnType<typeof allEntries> extends IterableIterator<infer E> ? E
  : never;

/** No directory is larger than the disk. */
const DIRECTORY_BYTES_MAX = BLOCKS * BLOCK_BYTES;

interface Found extends DiskInode {
  ino: number;
  list: number[];
}

class Checker {
  readonly #problems: string[] = [];
  readonly #inodes = new Map<number, Found>();
  /** Block → the inode that has it; 0 is none. */
  readonly #owners = new Uint32Array(BLOCKS);
  /** Blocks as the journal has them. */
  readonly #replayed = new Map<number, Uint8Array>();
  /** Inode → names that lead to it. */
  readonly #names = new Map<number, number>();

  constructor(readonly platter: Platter) {}

  run(): string[] {
    const wrong = checkSuperblock(this.#block(0), this.platter.sectors);
    if (wrong !== null) return [wrong];
    const journal = readJournal((block) => this.#block(block));
    if (journal === null) return ["the journal has no header"];
    for (const { images } of journal.records) {
      for (const { block, bytes } of images) this.#replayed.set(block, bytes);
    }
    this.#readInodes();
    for (const inode of this.#inodes.values()) this.#checkBlocks(inode);
    this.#walk();
    for (const inode of this.#inodes.values()) this.#checkLinks(inode);
    this.#checkBitmaps();
    return this.#problems;
  }

  #readInodes(): void {
    for (let group = 0; group < GROUPS; group++) {
      const tableBlocks = GROUP_INODES / INODES_PER_BLOCK;
      for (let i = 0; i < tableBlocks; i++) {
        const number = group * GROUP_BLOCKS + INODE_TABLE_BLOCK + i;
        if (this.#isBlank(number)) continue;
        const block = this.#block(number);
        for (let j = 0; j < INODES_PER_BLOCK; j++) {
          const ino = group * GROUP_INODES + i * INODES_PER_BLOCK + j;
          const at = j * INODE_BYTES;
          const isFree = block[at] === 0 && block[at + 1] === 0;
          if (!isFree) this.#readInode(ino, decodeInode(block, at));
        }
      }
    }
  }

  #readInode(ino: number, disk: DiskInode): void {
    if (disk.type !== INODE_FILE && disk.type !== INODE_DIRECTORY) {
      this.#problem(`inode ${ino} has unknown type ${disk.type}`);
      return;
    }
    const inode: Found = { ...disk, ino, list: [] };
    for (let next = disk.extentBlock; next !== 0;) {
      if (!isData(next) || inode.list.includes(next)) {
        this.#problem(`inode ${ino} has a broken extent list at ${next}`);
        break;
      }
      inode.list.push(next);
      const more = decodeExtentList(this.#block(next));
      inode.extents.push(...more.extents);
      next = more.next;
    }
    if (inode.extents.length !== disk.extentCount) {
      this.#problem(
        `inode ${ino} says ${disk.extentCount} extents and has ${inode.extents.length}`,
      );
    }
    this.#inodes.set(ino, inode);
  }

  #checkBlocks(inode: Found): void {
    const { ino, extents, size } = inode;
    if (!isFileSize(size)) this.#problem(`inode ${ino} has size ${size}`);
    const blocks = Math.ceil(size / BLOCK_BYTES);
    let end = 0;
    for (const { fileBlock, block, count } of extents) {
      if (fileBlock < end) {
        this.#problem(`inode ${ino} has extents out of order`);
      }
      end = fileBlock + count;
      for (let i = 0; i < count; i++) this.#own(ino, block + i);
    }
    for (const block of inode.list) this.#own(ino, block);
    if (end > blocks) {
      this.#problem(`inode ${ino} has blocks beyond its size ${size}`);
    }
  }

  #own(ino: number, block: number): void {
    if (!isData(block)) {
      this.#problem(`inode ${ino} has block ${block}, which is no data block`);
      return;
    }
    const owner = this.#owners[block]!;
    if (owner !== 0) {
      this.#problem(`block ${block} belongs to inodes ${owner} and ${ino}`);
    }
    this.#owners[block] = ino;
  }

  /** From the root through all directories. */
  #walk(): void {
    if (this.#inodes.get(ROOT_INO)?.type !== INODE_DIRECTORY) {
      this.#problem("there is no root directory");
      return;
    }
    const waiting = [{ ino: ROOT_INO, parent: ROOT_INO }];
    const seen = new Set<number>([ROOT_INO]);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const ino of this.#checkDirectory(next.ino, next.parent)) {
        if (seen.has(ino)) {
          this.#problem(`directory ${ino} has two names`);
          continue;
        }
        seen.add(ino);
        waiting.push({ ino, parent: next.ino });
      }
    }
  }

  /** Counts the names of a directory; the directories in it. */
  #checkDirectory(ino: number, parent: number): number[] {
    const names = new Set<string>();
    const directories: number[] = [];
    for (const entry of this.#entries(this.#inodes.get(ino)!)) {
      const where = `"${entry.name}" in directory ${ino}`;
      if (names.has(entry.name)) this.#problem(`${where} is there twice`);
      names.add(entry.name);
      if (entry.name === "" || entry.name.includes("/")) {
        this.#problem(`${where} is no name`);
      }
      const target = this.#inodes.get(entry.ino);
      if (target === undefined) {
        this.#problem(`${where} names inode ${entry.ino}, which is free`);
        continue;
      }
      const isDirectory = target.type === INODE_DIRECTORY;
      if (entry.type !== target.type) {
        this.#problem(`${where} says it is of type ${entry.type}`);
      }
      this.#names.set(entry.ino, (this.#names.get(entry.ino) ?? 0) + 1);
      if (entry.name === "." || entry.name === "..") {
        const expected = entry.name === "." ? ino : parent;
        if (entry.ino !== expected) {
          this.#problem(`${where} is ${entry.ino}, not ${expected}`);
        }
      } else if (isDirectory) directories.push(entry.ino);
    }
    if (!names.has(".") || !names.has("..")) {
      this.#problem(`directory ${ino} lacks . or ..`);
    }
    return directories;
  }

  *#entries({ ino, size, extents }: Found): IterableIterator<Entry> {
    if (size % BLOCK_BYTES !== 0 || size === 0 || size > DIRECTORY_BYTES_MAX) {
      this.#problem(`directory ${ino} has size ${size}`);
      return;
    }
    for (const run of runsOf(extents, 0, size / BLOCK_BYTES)) {
      if (run.block === 0) this.#problem(`directory ${ino} has a hole`);
      for (let i = 0; run.block !== 0 && i < run.count; i++) {
        if (isData(run.block + i)) {
          yield* allEntries(this.#block(run.block + i));
        }
      }
    }
  }

  #checkLinks({ ino, nlink }: Found): void {
    const names = this.#names.get(ino) ?? 0;
    if (names === 0 && nlink === 0) return; // mounting frees it
    if (names === 0) this.#problem(`inode ${ino} is lost: no name leads to it`);
    else if (names !== nlink) {
      this.#problem(`inode ${ino} says ${nlink} links and has ${names} names`);
    }
  }

  #checkBitmaps(): void {
    const expected = Bitmaps.empty().groups;
    for (let block = 0; block < BLOCKS; block++) {
      if (this.#owners[block] === 0) continue;
      const group = Math.floor(block / GROUP_BLOCKS);
      setBit(expected[group]!, 0, block % GROUP_BLOCKS);
    }
    for (const ino of this.#inodes.keys()) {
      const group = Math.floor(ino / GROUP_INODES);
      setBit(expected[group]!, INODE_BITMAP_OFFSET, ino % GROUP_INODES);
    }
    for (let group = 0; group < GROUPS; group++) {
      const marked = this.#block(group * GROUP_BLOCKS + BITMAP_BLOCK);
      for (let byte = 0; byte < BLOCK_BYTES; byte++) {
        if (marked[byte] === expected[group]![byte]) continue;
        this.#compare(group, byte, expected[group]!, marked);
      }
    }
  }

  /** One byte of the bitmaps of a group is not as it should be. */
  #compare(
    group: number,
    byte: number,
    expected: Uint8Array,
    marked: Uint8Array,
  ): void {
    const isInode = byte >= INODE_BITMAP_OFFSET;
    const offset = isInode ? INODE_BITMAP_OFFSET : 0;
    const first = (byte - offset) * 8 +
      group * (isInode ? GROUP_INODES : GROUP_BLOCKS);
    for (let bit = 0; bit < 8; bit++) {
      const used = hasBit(expected, byte, bit);
      if (used === hasBit(marked, byte, bit)) continue;
      const what = `${isInode ? "inode" : "block"} ${first + bit}`;
      this.#problem(
        used
          ? `${what} is in use but marked free`
          : `${what} is lost: marked, but not in use`,
      );
    }
  }

  #lba(block: number): number {
    return lbaOfBlock(block, this.platter.sectors);
  }

  #isBlank(number: number): boolean {
    return !this.#replayed.has(number) &&
      this.platter.isBlank(this.#lba(number));
  }

  #block(number: number): Uint8Array {
    const replayed = this.#replayed.get(number);
    if (replayed !== undefined) return replayed;
    const bytes = new Uint8Array(BLOCK_BYTES);
    this.platter.read(this.#lba(number), bytes);
    return bytes;
  }

  #problem(sentence: string): void {
    this.#problems.push(sentence);
  }
}

function isData(block: number): boolean {
  return block > 0 && block < BLOCKS && block % GROUP_BLOCKS >= DATA_BLOCK &&
    Math.floor(block / GROUP_BLOCKS) !== JOURNAL_GROUP;
}
