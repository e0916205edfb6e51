// Files that come after the machine has booted: until then their blocks on the
// disk hold a mark, and when the contents come they take the marks' places. So
// the disk is the same to the byte as if they had been there, and a page need not
// fetch them before its prompt. Whoever boots so lets nobody read them until then.

import type { Platter } from "../kernel/dev/platter.ts";
import type { Image } from "./base_files.ts";

/** A file that comes later. */
export interface LateFile {
  bytes: number;
  /** CRC-32 of what it will hold. */
  checksum: number;
}

const MARK = new TextEncoder().encode("late file of Kettle");
/** The mark, which file, which block of it. */
const MARK_BYTES = MARK.length + 8;
const BLOCK_BYTES = 4096;

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

/** The contents (path → text) take the places of their marks. */
export function fill(
  platter: Platter,
  late: ReadonlyMap<string, LateFile>,
  contents: Record<string, string>,
): void {
  const files = [...late.keys()].map((path) =>
    new TextEncoder().encode(contents[path])
  );
  for (const [lba, block] of [...platter.blocks()]) {
    if (MARK.some((byte, i) => block[i] !== byte)) continue;
    const view = new DataView(block.buffer, block.byteOffset);
    const file = files[view.getUint32(MARK.length)];
    const from = view.getUint32(MARK.length + 4) * BLOCK_BYTES;
    if (file === undefined) continue;
    const bytes = new Uint8Array(BLOCK_BYTES);
    bytes.set(file.subarray(from, from + BLOCK_BYTES));
    platter.write(lba, bytes);
  }
}
