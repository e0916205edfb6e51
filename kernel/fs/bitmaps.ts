// Which blocks and inodes are taken: one bitmap block for each group, held in
// memory as it is on the disk. Allocation is next-fit from a wished place, so
// that files grow in one piece and stay near their directory. What was given
// back is held until the journal releases it (see journal.ts). It does not
// write: it says which groups have changed.

import type { Image } from "./journal_format.ts";
import {
  BITMAP_BLOCK,
  BLOCK_BYTES,
  DATA_BLOCK,
  GROUP_BLOCKS,
  GROUP_INODES,
  GROUPS,
  INODE_BITMAP_OFFSET,
  JOURNAL_GROUP,
  ROOT_INO,
} from "./layout.ts";

/** Blocks in a row on the disk. */
export interface Piece {
  block: number;
  count: number;
}

export class Bitmaps {
  freeBlocks = 0;
  freeInodes = 0;
  /** One 4 KiB block each. */
  readonly groups: Uint8Array[] = [];
  /** Free, but not to be taken yet: as much of the bitmap as is for blocks. */
  readonly #held: Uint8Array[] = [];
  #heldBlocks = 0;
  #inodesUsed: number[] = [];
  #changed = new Set<number>();

  /** Takes over the bitmaps as they are on the disk, one block a group. */
  constructor(groups: Uint8Array[]) {
    this.groups = groups;
    for (const bits of groups) {
      const blocks = countBits(bits, 0, GROUP_BLOCKS);
      const inodes = countBits(bits, INODE_BITMAP_OFFSET, GROUP_INODES);
      this.freeBlocks += GROUP_BLOCKS - blocks;
      this.freeInodes += GROUP_INODES - inodes;
      this.#inodesUsed.push(inodes);
      this.#held.push(new Uint8Array(GROUP_BLOCKS / 8));
    }
  }

  /** The bitmaps of an empty file system. */
  static empty(): Bitmaps {
    const groups = Array.from({ length: GROUPS }, () => {
      const bits = new Uint8Array(BLOCK_BYTES);
      for (let block = 0; block < DATA_BLOCK; block++) setBit(bits, 0, block);
      return bits;
    });
    for (let ino = 0; ino < ROOT_INO; ino++) {
      setBit(groups[0]!, INODE_BITMAP_OFFSET, ino);
    }
    groups[JOURNAL_GROUP]!.fill(0xff, 0, GROUP_BLOCKS / 8);
    return new Bitmaps(groups);
  }

  /** Groups that have changed since the last time. */
  get changedCount(): number {
    return this.#changed.size;
  }

  /** Takes `count` blocks, from `goal` on and then wherever; if there are not so many, says whether there will be. */
  allocate(count: number, goal: number): Piece[] | "full" | "held" {
    if (count > this.freeBlocks) return "full";
    if (count > this.freeBlocks - this.#heldBlocks) return "held";
    const pieces: Piece[] = [];
    let group = Math.floor(goal / GROUP_BLOCKS);
    let from = goal % GROUP_BLOCKS;
    // The first group is looked at twice: from the goal on, then as a whole.
    for (let left = count; left > 0;) {
      left -= this.#allocateIn(group, from, left, pieces);
      group = (group + 1) % GROUPS;
      from = 0;
    }
    return pieces;
  }

  /** Gives blocks back, to be held until `release`. */
  free(piece: Piece): void {
    this.untake(piece);
    this.#hold(piece, setBit);
    this.#heldBlocks += piece.count;
  }

  /** Blocks that were given back can be taken again. */
  release(piece: Piece): void {
    this.#hold(piece, clearBit);
    this.#heldBlocks -= piece.count;
  }

  /** Gives back blocks that nobody has used. */
  untake({ block, count }: Piece): void {
    const group = Math.floor(block / GROUP_BLOCKS);
    const first = block % GROUP_BLOCKS;
    const bits = this.groups[group]!;
    for (let i = first; i < first + count; i++) clearBit(bits, 0, i);
    this.freeBlocks += count;
    this.#changed.add(group);
  }

  /** A free inode in this group or the next that has one; 0 if there is none. It is not taken yet. */
  findInode(group: number): number {
    for (let i = 0; i < GROUPS; i++) {
      const at = (group + i) % GROUPS;
      if (this.#inodesUsed[at] === GROUP_INODES) continue;
      const bits = this.groups[at]!;
      let index = 0;
      while (hasBit(bits, INODE_BITMAP_OFFSET, index)) index++;
      return at * GROUP_INODES + index;
    }
    return 0;
  }

  takeInode(ino: number): void {
    const group = Math.floor(ino / GROUP_INODES);
    setBit(this.groups[group]!, INODE_BITMAP_OFFSET, ino % GROUP_INODES);
    this.#countInode(group, 1);
  }

  freeInode(ino: number): void {
    const group = Math.floor(ino / GROUP_INODES);
    clearBit(this.groups[group]!, INODE_BITMAP_OFFSET, ino % GROUP_INODES);
    this.#countInode(group, -1);
  }

  /** Where a new directory goes: the emptiest group; of equals, the one farthest from those before it. */
  groupForDirectory(): number {
    let best = 0;
    for (let i = 0; i < GROUPS; i++) {
      const group = reversedBits(i);
      if (this.#inodesUsed[group]! < this.#inodesUsed[best]!) best = group;
    }
    return best;
  }

  /** The blocks that have changed since the last time: copies. */
  takeChanged(): Image[] {
    const changed = this.changed();
    this.#changed.clear();
    return changed;
  }

  changed(): Image[] {
    const groups = [...this.#changed].sort((a, b) => a - b);
    return groups.map((group) => ({
      block: group * GROUP_BLOCKS + BITMAP_BLOCK,
      bytes: this.groups[group]!.slice(),
    }));
  }

  #allocateIn(
    group: number,
    from: number,
    most: number,
    pieces: Piece[],
  ): number {
    const bits = this.groups[group]!, held = this.#held[group]!;
    let taken = 0;
    for (let i = from; i < GROUP_BLOCKS && taken < most; i++) {
      const byte = bits[i >> 3]! | held[i >> 3]!;
      if (byte === 0xff) i |= 7;
      else if ((byte & (1 << (i & 7))) === 0) {
        setBit(bits, 0, i);
        addPiece(pieces, group * GROUP_BLOCKS + i);
        taken++;
      }
    }
    this.freeBlocks -= taken;
    if (taken > 0) this.#changed.add(group);
    return taken;
  }

  #countInode(group: number, change: number): void {
    this.#inodesUsed[group]! += change;
    this.freeInodes -= change;
    this.#changed.add(group);
  }

  #hold(
    { block, count }: Piece,
    mark: (bits: Uint8Array, offset: number, index: number) => void,
  ): void {
    const held = this.#held[Math.floor(block / GROUP_BLOCKS)]!;
    const first = block % GROUP_BLOCKS;
    for (let i = first; i < first + count; i++) mark(held, 0, i);
  }
}

function addPiece(pieces: Piece[], block: number): void {
  const last = pieces[pieces.length - 1];
  if (last !== undefined && last.block + last.count === block) last.count++;
  else pieces.push({ block, count: 1 });
}

export function hasBit(
  bits: Uint8Array,
  offset: number,
  index: number,
): boolean {
  return (bits[offset + (index >> 3)]! & (1 << (index & 7))) !== 0;
}

export function setBit(bits: Uint8Array, offset: number, index: number): void {
  bits[offset + (index >> 3)]! |= 1 << (index & 7);
}

function clearBit(bits: Uint8Array, offset: number, index: number): void {
  bits[offset + (index >> 3)]! &= ~(1 << (index & 7));
}

function countBits(bits: Uint8Array, offset: number, count: number): number {
  let sum = 0;
  for (let byte = offset; byte < offset + count / 8; byte++) {
    for (let rest = bits[byte]!; rest > 0; rest &= rest - 1) sum++;
  }
  return sum;
}

/** 0, 64, 32, 96, 16, …: each as far as can be from those before. */
function reversedBits(index: number): number {
  let reversed = 0;
  for (let bit = 1; bit < GROUPS; bit *= 2) {
    reversed = reversed * 2 + (Math.floor(index / bit) % 2);
  }
  return reversed;
}
