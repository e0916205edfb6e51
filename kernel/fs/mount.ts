// Making a file system on an empty platter, and bringing up one that was used:
// the journal is replayed, inodes that no name leads to any more (files unlinked
// while they were open) are freed, and the journal begins anew. All of it in no
// time, before the machine runs.
//
// Divergence from Linux: ext4 finds such inodes in a list on the disk; here the
// inode table is looked through.

import { Bitmaps, type Piece } from "./bitmaps.ts";
import type { BlockDevice } from "./block.ts";
import { firstBlock } from "./directory.ts";
import { encodeTail, type JournalTail, readJournal } from "./journal_format.ts";
import {
  BITMAP_BLOCK,
  BLOCK_BYTES,
  checkSuperblock,
  DATA_BLOCK,
  decodeExtentList,
  decodeInode,
  type DiskInode,
  encodeInode,
  encodeSuperblock,
  GROUP_BLOCKS,
  GROUP_INODES,
  GROUPS,
  INODE_BYTES,
  INODE_DIRECTORY,
  INODE_FREE,
  INODE_TABLE_BLOCK,
  inodePlace,
  INODES_PER_BLOCK,
  JOURNAL_BLOCK,
  listBlocks,
  ROOT_INO,
} from "./layout.ts";

/** What a mounted file system begins with. */
export interface Mounted {
  /** The bitmap of each group. */
  groups: Uint8Array[];
  tail: JournalTail;
  /** Transactions that were replayed. */
  replayed: number;
}

/** An empty file system: superblock, bitmaps, the root, an empty journal. */
export function format(device: BlockDevice): void {
  const bitmaps = Bitmaps.empty();
  bitmaps.takeInode(ROOT_INO);
  const [piece] = bitmaps.allocate(1, DATA_BLOCK) as Piece[];
  const { block, offset } = inodePlace(ROOT_INO);
  const table = new Uint8Array(BLOCK_BYTES);
  const root: DiskInode = {
    type: INODE_DIRECTORY,
    nlink: 2,
    size: BLOCK_BYTES,
    mtimeNs: 0,
    extentCount: 1,
    extentBlock: 0,
    extents: [{ fileBlock: 0, ...piece! }],
  };
  encodeInode(root, table, offset);
  device.poke(0, encodeSuperblock(device.platter.sectors));
  bitmaps.groups.forEach((bits, group) =>
    device.poke(group * GROUP_BLOCKS + BITMAP_BLOCK, bits)
  );
  device.poke(block, table);
  device.poke(piece!.block, firstBlock(ROOT_INO, ROOT_INO));
  writeTail(device, { at: 0, sequence: 1 });
}

/** Recovers what is on the platter and reads what is taken. Throws a sentence if there is no file system. */
export function mount(device: BlockDevice): Mounted {
  const wrong = checkSuperblock(device.peek(0), device.platter.sectors);
  if (wrong !== null) throw new TypeError(`hda: ${wrong}`);
  const journal = readJournal((block) => device.peek(block));
  if (journal === null) throw new TypeError("hda: the journal has no header");
  for (const { images } of journal.records) {
    for (const { block, bytes } of images) device.poke(block, bytes);
  }
  const groups = Array.from(
    { length: GROUPS },
    (_, group) => device.peek(group * GROUP_BLOCKS + BITMAP_BLOCK),
  );
  freeOrphans(device, groups);
  if (journal.records.length > 0) writeTail(device, journal.next);
  return { groups, tail: journal.next, replayed: journal.records.length };
}

function writeTail(device: BlockDevice, tail: JournalTail): void {
  device.platter.write(device.lba(JOURNAL_BLOCK), encodeTail(tail));
}

/** Frees inodes without a name, on the platter and in the bitmaps. */
function freeOrphans(device: BlockDevice, groups: Uint8Array[]): void {
  const bitmaps = new Bitmaps(groups);
  const tableBlocks = GROUP_INODES / INODES_PER_BLOCK;
  for (let i = 0; i < GROUPS * tableBlocks; i++) {
    const group = Math.floor(i / tableBlocks);
    const block = group * GROUP_BLOCKS + INODE_TABLE_BLOCK + i % tableBlocks;
    if (device.platter.isBlank(device.lba(block))) continue;
    const bytes = device.peek(block);
    let found = false;
    for (let at = 0; at < BLOCK_BYTES; at += INODE_BYTES) {
      const inode = decodeInode(bytes, at);
      if (inode.type === INODE_FREE || inode.nlink > 0) continue;
      found = true;
      bytes.fill(0, at, at + INODE_BYTES);
      bitmaps.freeInode(i * INODES_PER_BLOCK + at / INODE_BYTES);
      giveBack(device, bitmaps, inode);
    }
    if (found) device.poke(block, bytes);
  }
  for (const { block, bytes } of bitmaps.takeChanged()) {
    device.poke(block, bytes);
  }
}

function giveBack(
  device: BlockDevice,
  bitmaps: Bitmaps,
  { extents, extentBlock, extentCount }: DiskInode,
): void {
  for (const extent of extents) bitmaps.untake(extent);
  let next = extentBlock;
  for (let left = listBlocks(extentCount); left > 0 && next !== 0; left--) {
    const list = decodeExtentList(device.peek(next));
    for (const extent of list.extents) bitmaps.untake(extent);
    bitmaps.untake({ block: next, count: 1 });
    next = list.next;
  }
}
