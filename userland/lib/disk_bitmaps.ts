// Whether the bitmaps of a file system agree with who really has blocks and inodes.
// It is told who has what, and looks at the bitmaps alone.

import {
  BITMAPS_AT,
  DATA_AT,
  GROUP_BLOCKS,
  GROUP_INODES,
  GROUPS,
  JOURNAL_GROUP,
  type ReadBlock,
} from "./disk_format.ts";

const INODE_BITS_AT = 512;

/** Tells what does not agree; gives the number of blocks in use. */
export function compareBitmaps(
  read: ReadBlock,
  hasOwner: (block: number) => boolean,
  hasInode: (ino: number) => boolean,
  wrong: (sentence: string) => void,
): number {
  let used = 0;
  const told = (what: string, number: number, isUsed: boolean) => {
    const how = isUsed
      ? "in use, but marked free"
      : "marked, but nobody has it";
    wrong(`${what} ${number}: ${how}`);
  };
  for (let group = 0; group < GROUPS; group++) {
    const bits = read(group * GROUP_BLOCKS + BITMAPS_AT);
    for (let i = 0; i < GROUP_BLOCKS; i++) {
      const block = group * GROUP_BLOCKS + i;
      const isUsed = i < DATA_AT || group === JOURNAL_GROUP || hasOwner(block);
      if (isUsed) used++;
      const isMarked = hasBit(bits, i);
      if (isUsed !== isMarked) told("block", block, isUsed);
    }
    for (let i = 0; i < GROUP_INODES; i++) {
      const ino = group * GROUP_INODES + i;
      const isUsed = hasInode(ino),
        isMarked = hasBit(bits, INODE_BITS_AT * 8 + i);
      if (isUsed !== isMarked) told("inode", ino, isUsed);
    }
    if (hasSpareBits(bits)) wrong(`group ${group}: bits where none belong`);
  }
  return used;
}

function hasSpareBits(bits: Uint8Array): boolean {
  const between = bits.subarray(GROUP_BLOCKS / 8, INODE_BITS_AT);
  const behind = bits.subarray(INODE_BITS_AT + GROUP_INODES / 8);
  return between.some(Boolean) || behind.some(Boolean);
}

function hasBit(bits: Uint8Array, index: number): boolean {
  return (bits[index >> 3]! & (1 << (index & 7))) !== 0;
}
