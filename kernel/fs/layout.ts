// What the file system looks like on the disk: blocks of 4 KiB in 128 groups,
// each with its bitmaps, its part of the inode table and its data. Only how
// numbers become bytes and back: it reads and writes nothing.
//
//   group g:  0 superblock (in group 0; elsewhere unused)
//             1 bitmaps: sector 0 has a bit per block, sector 1 on a bit per inode
//             2–65 inode table, 1024 inodes of 256 bytes
//             66–2047 data: directories from 66 on, files from 578 on, so that a
//             directory grows in one piece; in group 64, the journal
//             (journal_format.ts)
//
// The groups are spread evenly over the whole drive, so that going from one
// directory to another moves the arm. The journal lies in the middle, where the
// way to it is the shortest on average.

export const BLOCK_BYTES = 4096;
export const SECTORS_PER_BLOCK = 8;
export const GROUPS = 128;
export const GROUP_BLOCKS = 2048;
/** 1 GiB. */
export const BLOCKS = GROUPS * GROUP_BLOCKS;

export const BITMAP_BLOCK = 1;
/** Where the inode bitmap begins in the bitmap block. */
export const INODE_BITMAP_OFFSET = 512;
export const INODE_TABLE_BLOCK = 2;
export const INODE_BYTES = 256;
export const GROUP_INODES = 1024;
export const INODES_PER_BLOCK = BLOCK_BYTES / INODE_BYTES;
export const DATA_BLOCK = INODE_TABLE_BLOCK + GROUP_INODES / INODES_PER_BLOCK;

/** Where files begin: directories are to have the first 2 MiB. When all else is full, each goes where there is room. */
export const FILE_BLOCK = DATA_BLOCK + 512;

/** The journal takes the data blocks of this group. */
export const JOURNAL_GROUP = GROUPS / 2;
/** Its header; the ring of records follows. */
export const JOURNAL_BLOCK = JOURNAL_GROUP * GROUP_BLOCKS + DATA_BLOCK;
/** Blocks of the ring, 7.7 MiB: mke2fs gives a disk of 1 GiB 32 MiB. */
export const JOURNAL_RING = GROUP_BLOCKS - DATA_BLOCK - 1;

/** The root directory; 0 is no inode and 1 is kept free, as in ext2. */
export const ROOT_INO = 2;
/** Names of one inode: ext4's limit. */
export const LINKS_MAX = 65_000;
/** Largest file, 1 TiB: most of it can only be a hole. */
export const FILE_BYTES_MAX = 2 ** 40;

/** The sector at which a block begins on a drive of `capacity` sectors. */
export function lbaOfBlock(block: number, capacity: number): number {
  const group = Math.floor(block / GROUP_BLOCKS);
  const start = Math.floor(group * capacity / GROUPS / SECTORS_PER_BLOCK);
  return (start + block % GROUP_BLOCKS) * SECTORS_PER_BLOCK;
}

// ------------------------------------------------------------- superblock

/** "KTLFS001", as two words. */
const MAGIC = [0x4b544c46, 0x53303031] as const;
const VERSION = 2;

export function encodeSuperblock(capacity: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC[0]);
  view.setUint32(4, MAGIC[1]);
  [VERSION, BLOCK_BYTES, GROUPS, GROUP_BLOCKS, GROUP_INODES].forEach(
    (value, i) => view.setUint32(8 + i * 4, value, true),
  );
  view.setFloat64(32, capacity, true);
  return bytes;
}

/** Null if this is a file system for such a drive; else what is wrong. */
export function checkSuperblock(
  bytes: Uint8Array,
  capacity: number,
): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(0) !== MAGIC[0] || view.getUint32(4) !== MAGIC[1]) {
    return "no file system: the superblock has no magic number";
  }
  const expected = encodeSuperblock(capacity);
  if (expected.some((byte, i) => byte !== bytes[i])) {
    return "a file system of another version or another drive";
  }
  return null;
}

// ------------------------------------------------------------- inodes

export const INODE_FREE = 0, INODE_FILE = 1, INODE_DIRECTORY = 2;

/** `count` blocks of a file from `fileBlock` on lie from `block` on. */
export interface Extent {
  fileBlock: number;
  block: number;
  count: number;
}

/** An inode as it is on the disk; `extents` are those that fit in it. */
export interface DiskInode {
  type: number;
  nlink: number;
  size: number;
  mtimeNs: number;
  extentCount: number;
  /** The first block of the list of further extents; 0 is none. */
  extentBlock: number;
  extents: Extent[];
}

const EXTENT_BYTES = 12;
const INODE_EXTENTS_OFFSET = 32;
/** Extents inside the inode itself. */
export const INLINE_EXTENTS = 18;
const LIST_HEADER_BYTES = 16;
/** Extents in one block of the list. */
export const LIST_EXTENTS = Math.floor(
  (BLOCK_BYTES - LIST_HEADER_BYTES) / EXTENT_BYTES,
);

/** Blocks that the list of `count` extents needs beside the inode. */
export function listBlocks(count: number): number {
  return Math.max(0, Math.ceil((count - INLINE_EXTENTS) / LIST_EXTENTS));
}

/** Block and byte offset of an inode in the table. */
export function inodePlace(ino: number): { block: number; offset: number } {
  const group = Math.floor(ino / GROUP_INODES);
  const index = ino % GROUP_INODES;
  return {
    block: group * GROUP_BLOCKS + INODE_TABLE_BLOCK +
      Math.floor(index / INODES_PER_BLOCK),
    offset: (index % INODES_PER_BLOCK) * INODE_BYTES,
  };
}

export function encodeInode(
  inode: DiskInode,
  into: Uint8Array,
  offset: number,
): void {
  const view = new DataView(into.buffer, into.byteOffset + offset);
  into.fill(0, offset, offset + INODE_BYTES);
  view.setUint16(0, inode.type, true);
  view.setUint16(2, inode.nlink, true);
  view.setUint32(4, inode.extentCount, true);
  view.setFloat64(8, inode.size, true);
  view.setFloat64(16, inode.mtimeNs, true);
  view.setUint32(24, inode.extentBlock, true);
  inode.extents.slice(0, INLINE_EXTENTS).forEach((extent, i) =>
    encodeExtent(view, INODE_EXTENTS_OFFSET + i * EXTENT_BYTES, extent)
  );
}

export function decodeInode(bytes: Uint8Array, offset: number): DiskInode {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  const extentCount = view.getUint32(4, true);
  const inline = Math.min(extentCount, INLINE_EXTENTS);
  return {
    type: view.getUint16(0, true),
    nlink: view.getUint16(2, true),
    size: view.getFloat64(8, true),
    mtimeNs: view.getFloat64(16, true),
    extentCount,
    extentBlock: view.getUint32(24, true),
    extents: decodeExtents(view, INODE_EXTENTS_OFFSET, inline),
  };
}

/** True for a size that a file can have. */
export function isFileSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0 && size <= FILE_BYTES_MAX;
}

/** One block of an extent list, and the next block of the list (0: none). */
export function encodeExtentList(extents: Extent[], next: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, next, true);
  view.setUint32(4, extents.length, true);
  extents.forEach((extent, i) =>
    encodeExtent(view, LIST_HEADER_BYTES + i * EXTENT_BYTES, extent)
  );
  return bytes;
}

export function decodeExtentList(
  bytes: Uint8Array,
): { extents: Extent[]; next: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const count = Math.min(view.getUint32(4, true), LIST_EXTENTS);
  return {
    extents: decodeExtents(view, LIST_HEADER_BYTES, count),
    next: view.getUint32(0, true),
  };
}

function encodeExtent(view: DataView, at: number, extent: Extent): void {
  view.setUint32(at, extent.fileBlock, true);
  view.setUint32(at + 4, extent.block, true);
  view.setUint32(at + 8, extent.count, true);
}

function decodeExtents(view: DataView, at: number, count: number): Extent[] {
  return Array.from({ length: count }, (_, i) => ({
    fileBlock: view.getUint32(at + i * EXTENT_BYTES, true),
    block: view.getUint32(at + i * EXTENT_BYTES + 4, true),
    count: view.getUint32(at + i * EXTENT_BYTES + 8, true),
  }));
}
