// A disk as a file: which drive it is, and the 4 KiB blocks that were ever
// written, each with a checksum. Bytes in, bytes out: where they are kept is the
// host's business, and what they mean the file system's.
//
//   0   "KTLDISK\n", version, count of blocks, sectors of the drive (64 bits)
//   24  the name of the drive's model, padded with zeros
//   56  CRC-32 of the table, CRC-32 of the 60 bytes before this
//   64  the table: for each block its number (lba / 8) and its CRC-32
//       the blocks, in the order of the table
//
// All numbers are little-endian.

import { Geometry } from "../kernel/dev/hdd_geometry.ts";
import { HDD_MODELS } from "../kernel/dev/hdd_model.ts";
import { Platter } from "../kernel/dev/platter.ts";
import { crc32 } from "./checksum.ts";

const MAGIC = new TextEncoder().encode("KTLDISK\n");
const VERSION = 1;
const MODEL_OFFSET = 24, MODEL_BYTES = 32;
const TABLE_CRC_OFFSET = 56, HEADER_CRC_OFFSET = 60, HEADER_BYTES = 64;
const ROW_BYTES = 8;
const BLOCK_BYTES = 4096;
const SECTORS_PER_BLOCK = 8;

/** A disk that was read: what is on it, and the name of its drive. */
export interface DiskImage {
  platter: Platter;
  model: string;
}

/** A block as it stands in a file. */
export interface ImageBlock {
  /** lba / 8 */
  number: number;
  checksum: number;
  block: Uint8Array;
}

/** Everything on a disk, as the bytes of a file. */
export function encodeImage(platter: Platter, model: string): Uint8Array {
  const blocks: ImageBlock[] = [];
  for (const [lba, block] of platter.blocks()) {
    const number = lba / SECTORS_PER_BLOCK;
    blocks.push({ number, checksum: crc32(block), block });
  }
  return encodeBlocks(blocks, model, platter.sectors);
}

/** The same of blocks in order, with checksums that may not be theirs: a damaged disk stays one. */
export function encodeBlocks(
  blocks: readonly ImageBlock[],
  model: string,
  sectors: number,
): Uint8Array {
  const count = blocks.length;
  const dataOffset = HEADER_BYTES + count * ROW_BYTES;
  const bytes = new Uint8Array(dataOffset + count * BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  blocks.forEach(({ number, checksum, block }, index) => {
    const row = HEADER_BYTES + index * ROW_BYTES;
    view.setUint32(row, number, true);
    view.setUint32(row + 4, checksum, true);
    bytes.set(block, dataOffset + index * BLOCK_BYTES);
  });
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, count, true);
  view.setBigUint64(16, BigInt(sectors), true);
  bytes.set(new TextEncoder().encode(model), MODEL_OFFSET);
  const table = bytes.subarray(HEADER_BYTES, dataOffset);
  view.setUint32(TABLE_CRC_OFFSET, crc32(table), true);
  const header = bytes.subarray(0, HEADER_CRC_OFFSET);
  view.setUint32(HEADER_CRC_OFFSET, crc32(header), true);
  return bytes;
}

/** The disk in a file, or a sentence about what is wrong with it. */
export function decodeImage(bytes: Uint8Array): DiskImage | { error: string } {
  const error = headerError(bytes) ?? lengthError(bytes) ??
    tableError(bytes) ?? blocksError(bytes);
  if (error !== null) return { error };
  const platter = new Platter(sectorsOf(viewOf(bytes)));
  for (const { number, block } of blocksOf(bytes)) {
    platter.write(number * SECTORS_PER_BLOCK, block);
  }
  platter.takeChanged();
  return { platter, model: modelOf(bytes) };
}

/** How many sectors a drive of that name has; null if there is none. */
export function sectorsOfModel(name: string): number | null {
  const model = HDD_MODELS.find((it) => it.name === name);
  return model === undefined ? null : new Geometry(model).capacity;
}

function headerError(bytes: Uint8Array): string | null {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    return "it is no disk image of Kettle";
  }
  if (bytes.length < HEADER_BYTES) return cutOff(bytes.length, HEADER_BYTES);
  const view = viewOf(bytes);
  const header = bytes.subarray(0, HEADER_CRC_OFFSET);
  if (view.getUint32(HEADER_CRC_OFFSET, true) !== crc32(header)) {
    return "its header is damaged: the checksum is another";
  }
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    return `it is of version ${version}, and this Kettle reads version ${VERSION}`;
  }
  const model = modelOf(bytes);
  const sectors = sectorsOfModel(model);
  if (sectors === null) return `no drive is called "${model}"`;
  return sectors === sectorsOf(view)
    ? null
    : `it has ${
      sectorsOf(view)
    } sectors, and the drive ${model} has ${sectors}`;
}

function lengthError(bytes: Uint8Array): string | null {
  const length = HEADER_BYTES + countOf(bytes) * (ROW_BYTES + BLOCK_BYTES);
  if (bytes.length < length) return cutOff(bytes.length, length);
  return bytes.length === length
    ? null
    : `it has ${bytes.length - length} bytes too many`;
}

function tableError(bytes: Uint8Array): string | null {
  const view = viewOf(bytes);
  const count = countOf(bytes);
  const end = HEADER_BYTES + count * ROW_BYTES;
  const checksum = crc32(bytes.subarray(HEADER_BYTES, end));
  if (view.getUint32(TABLE_CRC_OFFSET, true) !== checksum) {
    return "its table of blocks is damaged: the checksum is another";
  }
  const most = Math.ceil(sectorsOf(view) / SECTORS_PER_BLOCK);
  let last = -1;
  for (const { number } of blocksOf(bytes)) {
    if (number <= last || number >= most) {
      return `its table of blocks names block ${number} where it cannot be`;
    }
    last = number;
  }
  return null;
}

function blocksError(bytes: Uint8Array): string | null {
  const damaged: number[] = [];
  for (const { number, checksum, block } of blocksOf(bytes)) {
    if (crc32(block) !== checksum) damaged.push(number);
  }
  if (damaged.length === 0) return null;
  const first = `block ${damaged[0]}`;
  return damaged.length === 1
    ? `${first} is damaged: its checksum is another`
    : `${damaged.length} blocks are damaged, the first of them ${first}`;
}

function* blocksOf(bytes: Uint8Array): Iterable<ImageBlock> {
  const view = viewOf(bytes);
  const count = countOf(bytes);
  let at = HEADER_BYTES + count * ROW_BYTES;
  for (let i = 0; i < count; i++, at += BLOCK_BYTES) {
    const row = HEADER_BYTES + i * ROW_BYTES;
    yield {
      number: view.getUint32(row, true),
      checksum: view.getUint32(row + 4, true),
      block: bytes.subarray(at, at + BLOCK_BYTES),
    };
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function countOf(bytes: Uint8Array): number {
  return viewOf(bytes).getUint32(12, true);
}

function sectorsOf(view: DataView): number {
  return Number(view.getBigUint64(16, true));
}

function modelOf(bytes: Uint8Array): string {
  const name = bytes.subarray(MODEL_OFFSET, MODEL_OFFSET + MODEL_BYTES);
  return new TextDecoder().decode(name).replace(/\0+$/, "");
}

function cutOff(have: number, length: number): string {
  return `it is cut off: ${have} of ${length} bytes are there`;
}
