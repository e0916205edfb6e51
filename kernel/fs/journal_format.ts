// What the journal looks like on the disk. Its first block, the header, says
// where the records begin that are not yet all at home; behind it lies a ring of
// blocks with the records, one for each transaction, one after the other:
//
//   head    magic "KTLR", sequence number, how many images, and for each image
//           the block it belongs to; as many blocks as that takes
//   images  whole blocks, as the transaction leaves them
//   commit  one sector: magic "KTLC", sequence number, checksum over head and images
//
// A record whose commit sector is missing or does not agree never happened: the
// whole of it is written in one go, in any order of sectors, and the checksum
// tells whether all of it got there. (jbd2 calls that journal_async_commit.)

import { SECTOR_BYTES } from "../dev/platter.ts";
import { BLOCK_BYTES, BLOCKS, JOURNAL_BLOCK, JOURNAL_RING } from "./layout.ts";

/** "KTLJ", "KTLR", "KTLC". */
const HEADER_MAGIC = 0x4b544c4a, HEAD_MAGIC = 0x4b544c52;
const COMMIT_MAGIC = 0x4b544c43;
const HOMES_OFFSET = 32;

/** A block as a transaction leaves it. */
export interface Image {
  /** Where it belongs. */
  block: number;
  bytes: Uint8Array;
}

/** Where the oldest record stands that is still needed. */
export interface JournalTail {
  /** Block of the ring, 0 to JOURNAL_RING − 1. */
  at: number;
  sequence: number;
}

// ------------------------------------------------------------- the header

/** The header's one sector. */
export function encodeTail({ at, sequence }: JournalTail): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, HEADER_MAGIC);
  view.setUint32(4, at, true);
  view.setFloat64(8, sequence, true);
  return bytes;
}

/** Null: this is no header of a journal. */
export function decodeTail(bytes: Uint8Array): JournalTail | null {
  const view = viewOf(bytes);
  const at = view.getUint32(4, true), sequence = view.getFloat64(8, true);
  const isHeader = view.getUint32(0) === HEADER_MAGIC && at < JOURNAL_RING &&
    Number.isSafeInteger(sequence) && sequence >= 1;
  return isHeader ? { at, sequence } : null;
}

// ------------------------------------------------------------- records

/** Blocks that the head of a record with so many images takes. */
function headBlocks(images: number): number {
  return Math.ceil((HOMES_OFFSET + 4 * images) / BLOCK_BYTES);
}

/** Blocks of the ring that a record with so many images takes. */
export function recordBlocks(images: number): number {
  return headBlocks(images) + images + 1;
}

/** A whole record; of the block with the commit only the first sector. */
export function encodeRecord(
  sequence: number,
  images: readonly Image[],
): Uint8Array {
  const blocks = recordBlocks(images.length);
  const commitAt = (blocks - 1) * BLOCK_BYTES;
  const bytes = new Uint8Array(commitAt + SECTOR_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, HEAD_MAGIC);
  view.setUint32(4, images.length, true);
  view.setFloat64(8, sequence, true);
  const first = headBlocks(images.length);
  images.forEach((image, i) => {
    view.setUint32(HOMES_OFFSET + 4 * i, image.block, true);
    bytes.set(image.bytes, (first + i) * BLOCK_BYTES);
  });
  view.setUint32(commitAt, COMMIT_MAGIC);
  view.setFloat64(commitAt + 8, sequence, true);
  const [a, b] = checksum(bytes.subarray(0, commitAt));
  view.setUint32(commitAt + 16, a, true);
  view.setUint32(commitAt + 20, b, true);
  return bytes;
}

/** A record that was found on the disk. */
export interface JournalRecord {
  sequence: number;
  images: Image[];
  /** Blocks of the ring it takes. */
  blocks: number;
}

/** What the journal holds; `read` gives a block of the disk. Null: there is no journal. */
export function readJournal(
  read: (block: number) => Uint8Array,
): { records: JournalRecord[]; next: JournalTail } | null {
  const tail = decodeTail(read(JOURNAL_BLOCK));
  if (tail === null) return null;
  const records: JournalRecord[] = [];
  let { at, sequence } = tail;
  let room = JOURNAL_RING;
  for (;;) {
    const record = readRecord(read, at, sequence, room);
    if (record === null) return { records, next: { at, sequence } };
    records.push(record);
    at = (at + record.blocks) % JOURNAL_RING;
    room -= record.blocks;
    sequence++;
  }
}

/** The record with this number, or null if it is not all there. */
function readRecord(
  read: (block: number) => Uint8Array,
  at: number,
  sequence: number,
  room: number,
): JournalRecord | null {
  const ring = (i: number) => read(ringBlock(at + i));
  const head = viewOf(ring(0));
  const count = head.getUint32(4, true);
  const blocks = recordBlocks(count);
  if (
    head.getUint32(0) !== HEAD_MAGIC || blocks > room || count === 0 ||
    head.getFloat64(8, true) !== sequence
  ) return null;
  const bytes = new Uint8Array((blocks - 1) * BLOCK_BYTES);
  for (let i = 0; i < blocks - 1; i++) bytes.set(ring(i), i * BLOCK_BYTES);
  const commit = viewOf(ring(blocks - 1));
  const [a, b] = checksum(bytes);
  if (
    commit.getUint32(0) !== COMMIT_MAGIC ||
    commit.getFloat64(8, true) !== sequence ||
    commit.getUint32(16, true) !== a || commit.getUint32(20, true) !== b
  ) return null;
  const images = imagesOf(bytes, count);
  return images === null ? null : { sequence, images, blocks };
}

function imagesOf(bytes: Uint8Array, count: number): Image[] | null {
  const view = viewOf(bytes);
  const first = headBlocks(count);
  const images: Image[] = [];
  for (let i = 0; i < count; i++) {
    const block = view.getUint32(HOMES_OFFSET + 4 * i, true);
    if (block >= BLOCKS) return null;
    const from = (first + i) * BLOCK_BYTES;
    images.push({ block, bytes: bytes.subarray(from, from + BLOCK_BYTES) });
  }
  return images;
}

/** The block of the disk behind a place in the ring, which goes round. */
export function ringBlock(at: number): number {
  return JOURNAL_BLOCK + 1 + at % JOURNAL_RING;
}

/** Two 32-bit sums over the words, each mixed in a way of its own (as xxHash mixes). */
function checksum(bytes: Uint8Array): [number, number] {
  const words = new Uint32Array(
    bytes.buffer,
    bytes.byteOffset,
    bytes.length / 4,
  );
  let a = 0x9e3779b1, b = 0x85ebca77;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    a = Math.imul(a ^ word, 0x01000193) ^ (a >>> 15);
    b = Math.imul((b << 13 | b >>> 19) + word, 0x9e3779b1);
  }
  return [a >>> 0, b >>> 0];
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
