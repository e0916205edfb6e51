// Files that come after the machine has booted: until then their blocks on the
// disk hold a mark, and when the contents come they take the marks' places. So
// the disk is the same to the byte as if they had been there, and a page need not
// fetch them before its prompt. Whoever boots so lets nobody read them until then,
// but for the loader, which may know a program without its text.

import type { Platter } from "../kernel/dev/platter.ts";
import type { Image } from "./base_files.ts";

/** A file that comes later. */
export interface LateFile {
  bytes: number;
  /** CRC-32 of what it will hold. */
  checksum: number;
}

const MARK_TEXT = "late file of Kettle";
const MARK = new TextEncoder().encode(MARK_TEXT);
/** The mark, which file, which block of it. */
const MARK_BYTES = MARK.length + 8;
const BLOCK_BYTES = 4096;

/** A machine, as far as files lie in it. */
interface Filled {
  readonly platter: Platter;
  /** The blocks that are in memory, to be changed in place. */
  readonly files: { memory(): Iterable<Uint8Array> };
}

/** Whether each block of such a file has room for a mark. */
export function mayBeLate(bytes: number): boolean {
  const rest = bytes % BLOCK_BYTES;
  return bytes > 0 && (rest === 0 || rest >= MARK_BYTES);
}

/** What stands on the disk in the place of late files. */
export function placeholders(late: ReadonlyMap<string, LateFile>): Image {
  const image: Image = {};
  let file = 0;
  for (const [path, { bytes }] of late) {
    const content = new Uint8Array(bytes);
    const view = new DataView(content.buffer);
    for (let at = 0; at < bytes; at += BLOCK_BYTES) {
      content.set(MARK, at);
      view.setUint32(at + MARK.length, file);
      view.setUint32(at + MARK.length + 4, at / BLOCK_BYTES);
    }
    image[path] = content;
    file++;
  }
  return image;
}

/** The text of such a file before its contents have come. */
export function isPlaceholder(text: string): boolean {
  return text.startsWith(MARK_TEXT);
}

/** The contents (path → text) take the places of their marks, on the platter and in memory. */
export function fill(
  { platter, files: place }: Filled,
  late: ReadonlyMap<string, LateFile>,
  contents: Record<string, string>,
): void {
  const files = [...late.keys()].map((path) =>
    new TextEncoder().encode(contents[path])
  );
  for (const [lba, block] of [...platter.blocks()]) {
    const bytes = contentOf(block, files);
    if (bytes !== null) platter.write(lba, bytes);
  }
  for (const block of place.memory()) {
    const bytes = contentOf(block, files);
    if (bytes !== null) block.set(bytes);
  }
}

/** What belongs into a block; null if there is no mark in it. */
function contentOf(
  block: Uint8Array,
  files: readonly Uint8Array[],
): Uint8Array | null {
  if (MARK.some((byte, i) => block[i] !== byte)) return null;
  const view = new DataView(block.buffer, block.byteOffset);
  const file = files[view.getUint32(MARK.length)];
  if (file === undefined) return null;
  const from = view.getUint32(MARK.length + 4) * BLOCK_BYTES;
  const bytes = new Uint8Array(BLOCK_BYTES);
  bytes.set(file.subarray(from, from + BLOCK_BYTES));
  return bytes;
}
