// How Kettle's file system lies on a disk, for programs that read the raw disk:
// blocks of 4 KiB in 128 groups of 2048, each with a block of bitmaps, an inode
// table and data. Written down a second time, apart from the kernel, so that the
// one can be checked by the other. Only bytes to numbers; it reads nothing.

export const BLOCK = 4096;
export const SECTOR = 512;
export const GROUPS = 128;
export const GROUP_BLOCKS = 2048;
export const GROUP_INODES = 1024;
/** Of each group: the bitmaps, the first block of the inode table, the first of data. */
export const BITMAPS_AT = 1, TABLE_AT = 2, DATA_AT = 66;
const INODE_BYTES = 256;
/** The journal has the data blocks of this group. */
export const JOURNAL_GROUP = 64;
const JOURNAL_HEADER = JOURNAL_GROUP * GROUP_BLOCKS + DATA_AT;
const RING_BLOCKS = GROUP_BLOCKS - DATA_AT - 1;

export const FILE = 1, DIRECTORY = 2;

export interface Extent {
  at: number;
  block: number;
  count: number;
}

export interface DiskInode {
  ino: number;
  type: number;
  links: number;
  size: number;
  extentCount: number;
  /** Those inside the inode. */
  extents: Extent[];
  /** The first block of a list of more; 0 is none. */
  list: number;
}

/** Byte offset on the disk of a block; `sectors` is the size of the drive. */
export function offsetOf(block: number, sectors: number): number {
  const group = Math.floor(block / GROUP_BLOCKS);
  const start = Math.floor(group * sectors / GROUPS / (BLOCK / SECTOR));
  return (start + block % GROUP_BLOCKS) * BLOCK;
}

/** Whether a block is the superblock of a file system on a drive of so many sectors. */
export function isSuperblock(bytes: Uint8Array, sectors: number): boolean {
  const expected = new Uint8Array(BLOCK);
  const view = viewOf(expected);
  [..."KTLFS001"].forEach((letter, i) => expected[i] = letter.charCodeAt(0));
  [2, BLOCK, GROUPS, GROUP_BLOCKS, GROUP_INODES].forEach((number, i) =>
    view.setUint32(8 + 4 * i, number, true)
  );
  view.setFloat64(32, sectors, true);
  return expected.every((byte, i) => byte === bytes[i]);
}

/** The inodes in use of a block of the table; the first has the number `first`. */
export function inodesOf(bytes: Uint8Array, first: number): DiskInode[] {
  const inodes: DiskInode[] = [];
  for (let at = 0; at < BLOCK; at += INODE_BYTES) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, INODE_BYTES);
    const type = view.getUint16(0, true);
    if (type === 0) continue;
    const extentCount = view.getUint32(4, true);
    inodes.push({
      ino: first + at / INODE_BYTES,
      type,
      links: view.getUint16(2, true),
      size: view.getFloat64(8, true),
      extentCount,
      list: view.getUint32(24, true),
      extents: extentsAt(view, 32, Math.min(extentCount, 18)),
    });
  }
  return inodes;
}

/** A block of a list of extents. */
export function extentList(
  bytes: Uint8Array,
): { next: number; extents: Extent[] } {
  const view = viewOf(bytes);
  const most = Math.floor((BLOCK - 16) / 12);
  const count = Math.min(view.getUint32(4, true), most);
  return { next: view.getUint32(0, true), extents: extentsAt(view, 16, count) };
}

function extentsAt(view: DataView, at: number, count: number): Extent[] {
  return Array.from({ length: count }, (_, i) => ({
    at: view.getUint32(at + i * 12, true),
    block: view.getUint32(at + i * 12 + 4, true),
    count: view.getUint32(at + i * 12 + 8, true),
  }));
}

export interface Name {
  name: string;
  ino: number;
  type: number;
}

/** The names in a block of a directory. */
export function namesOf(bytes: Uint8Array): Name[] {
  const view = viewOf(bytes);
  const names: Name[] = [];
  for (let at = 0; at + 6 < BLOCK;) {
    const ino = view.getUint32(at, true);
    if (ino === 0) break;
    const end = at + 6 + bytes[at + 5]!;
    const name = new TextDecoder().decode(bytes.subarray(at + 6, end));
    names.push({ name, ino, type: bytes[at + 4]! });
    at = end;
  }
  return names;
}

// ------------------------------------------------------------- the journal

/** What a block of the disk says. */
export type ReadBlock = (block: number) => Uint8Array;

/** Where its blocks are, for whoever reads them in advance. */
export const JOURNAL_BLOCKS = { first: JOURNAL_HEADER, count: RING_BLOCKS + 1 };

export interface Replay {
  transactions: number;
  /** The number of the next one: another says that there was one meanwhile. */
  next: number;
  /** What the blocks are to hold. */
  blocks: Map<number, Uint8Array>;
}

/** The transactions that were committed and are not all at home; null: no journal. */
export function journalOf(read: ReadBlock): Replay | null {
  const header = viewOf(read(JOURNAL_HEADER));
  let at = header.getUint32(4, true);
  let sequence = header.getFloat64(8, true);
  const isHeader = header.getUint32(0) === 0x4b544c4a && at < RING_BLOCKS &&
    Number.isSafeInteger(sequence) && sequence >= 1;
  if (!isHeader) return null;
  const blocks = new Map<number, Uint8Array>();
  const ring = (i: number) => read(JOURNAL_HEADER + 1 + (at + i) % RING_BLOCKS);
  let transactions = 0;
  for (let room = RING_BLOCKS;; transactions++, sequence++) {
    const count = committed(ring, sequence, room);
    if (count === 0) return { transactions, next: sequence, blocks };
    const heads = Math.ceil((32 + 4 * count) / BLOCK);
    for (let i = 0; i < count; i++) {
      const place = 32 + 4 * i;
      const head = viewOf(ring(Math.floor(place / BLOCK)));
      blocks.set(head.getUint32(place % BLOCK, true), ring(heads + i));
    }
    at = (at + heads + count + 1) % RING_BLOCKS;
    room -= heads + count + 1;
  }
}

/** How many blocks the next transaction has; 0: there is none, or not all of it. */
function committed(
  ring: (i: number) => Uint8Array,
  sequence: number,
  room: number,
): number {
  const head = viewOf(ring(0));
  const count = head.getUint32(4, true);
  const before = Math.ceil((32 + 4 * count) / BLOCK) + count;
  if (head.getUint32(0) !== 0x4b544c52 || before + 1 > room) return 0;
  if (head.getFloat64(8, true) !== sequence) return 0;
  const end = viewOf(ring(before));
  if (end.getUint32(0) !== 0x4b544c43) return 0;
  if (end.getFloat64(8, true) !== sequence) return 0;
  let a = 0x9e3779b1, b = 0x85ebca77;
  for (let i = 0; i < before; i++) {
    const view = viewOf(ring(i));
    for (let at = 0; at < BLOCK; at += 4) {
      const word = view.getUint32(at, true);
      a = Math.imul(a ^ word, 0x01000193) ^ (a >>> 15);
      b = Math.imul((b << 13 | b >>> 19) + word, 0x9e3779b1);
    }
  }
  const agrees = end.getUint32(16, true) === a >>> 0 &&
    end.getUint32(20, true) === b >>> 0;
  if (!agrees) return 0;
  const heads = before - count;
  for (let i = 0; i < count; i++) {
    const place = 32 + 4 * i;
    const view = viewOf(ring(Math.floor(place / BLOCK)));
    const home = view.getUint32(place % BLOCK, true);
    if (home >= GROUPS * GROUP_BLOCKS) return 0;
  }
  return heads > 0 ? count : 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
