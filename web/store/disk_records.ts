// The records of a disk that the page keeps: a header, and each block with its
// checksum, so that a block that is missing, foreign or damaged is noticed. Bytes
// and numbers only; where they are kept knows shelf.ts.

import { crc32 } from "../../host/checksum.ts";
import type { DiskBlocks } from "../protocol.ts";

export const BLOCK_BYTES = 4096;
/** 4 KiB and their checksum. */
const ROW_BYTES = BLOCK_BYTES + 4;
/** The file system is 1 GiB: nobody needs more of a drive. */
export const BLOCKS_MAX = 262_144;

/** Block number → a block with its checksum. */
export type Rows = Map<number, Uint8Array>;

export interface Header {
  format: number;
  model: string;
  sectors: number;
  /** Goes up with each time something is kept. */
  generation: number;
  /** Of the blocks: how many, and a sum of their checksums. */
  blocks: number;
  sum: number;
}

export const FORMAT = 1;

/** A block as it is kept. */
export function rowOf(block: Uint8Array): Uint8Array {
  const row = new Uint8Array(ROW_BYTES);
  row.set(block);
  new DataView(row.buffer).setUint32(BLOCK_BYTES, crc32(block));
  return row;
}

export function checksumOf(row: Uint8Array): number {
  return new DataView(row.buffer, row.byteOffset).getUint32(BLOCK_BYTES);
}

/** The share of one block in the header's sum. */
export function termOf(number: number, row: Uint8Array | undefined): number {
  if (row === undefined) return 0;
  return (checksumOf(row) ^ Math.imul(number + 1, 0x9e3779b1)) >>> 0;
}

/** The blocks that belong to a header, or a sentence about what is wrong with them. */
export function checkedRows(
  header: unknown,
  found: [number, unknown][],
): Rows | string {
  const { format, blocks, sum } = header as Header;
  if (format !== FORMAT) return "its header is of another version of Kettle";
  const rows: Rows = new Map();
  let total = 0;
  for (const [number, row] of found) {
    if (!isWhole(row)) return `block ${number} is damaged`;
    rows.set(number, row);
    total = (total + termOf(number, row)) >>> 0;
  }
  if (rows.size < blocks) return `${blocks - rows.size} blocks are missing`;
  return rows.size === blocks && total === sum
    ? rows
    : "its blocks are not those its header tells of";
}

function isWhole(row: unknown): row is Uint8Array {
  return row instanceof Uint8Array && row.length === ROW_BYTES &&
    crc32(row.subarray(0, BLOCK_BYTES)) === checksumOf(row);
}

/** The blocks as a machine gets them. */
export function packed({ model, sectors }: Header, rows: Rows): DiskBlocks {
  const bytes = new Uint8Array(rows.size * BLOCK_BYTES);
  let at = 0;
  for (const row of rows.values()) {
    bytes.set(row.subarray(0, BLOCK_BYTES), at);
    at += BLOCK_BYTES;
  }
  return { model, sectors, numbers: Uint32Array.from(rows.keys()), bytes };
}

/** What a machine tells is data of a stranger: false if it cannot be a disk's. */
export function isPlausible(change: DiskBlocks): boolean {
  const { model, sectors, numbers, bytes } = change;
  return typeof model === "string" && Number.isSafeInteger(sectors) &&
    numbers instanceof Uint32Array && bytes instanceof Uint8Array &&
    bytes.length === numbers.length * BLOCK_BYTES &&
    numbers.every((number) => number < sectors / 8);
}
