// O_DIRECT: reading and writing a file past the page cache, in whole sectors.
// What the cache has of it is written first, and forgotten after a write, so that
// both ways show the same file. It locks nothing: its callers do.

import { SECTOR_BYTES } from "../dev/platter.ts";
import type { DiskFs } from "./disk_fs.ts";
import { runsOf } from "./extents.ts";
import type { Inode } from "./inode.ts";
import { BLOCK_BYTES } from "./layout.ts";
import { Failure, type Work } from "./task.ts";

/** Reads from the platter. EINVAL: offset or count is no multiple of 512. */
export function* directRead(
  fs: DiskFs,
  inode: Inode,
  offset: number,
  count: number,
): Work<Uint8Array> {
  const size = Math.min(count, inode.size - offset);
  if (size <= 0) return new Uint8Array(0);
  checkAligned(offset);
  if (size === count && offset + size < inode.size) checkAligned(count);
  yield* fs.cache.writeBack(pagesOf(fs, inode, offset, size));
  const first = Math.floor(offset / BLOCK_BYTES);
  const blocks = Math.ceil((offset + size) / BLOCK_BYTES) - first;
  const image = new Uint8Array(blocks * BLOCK_BYTES);
  const { device } = fs;
  yield device.batch(
    runsOf(inode.extents, first, blocks).flatMap((run) => {
      if (run.block === 0) return [];
      const at = (run.fileBlock - first) * BLOCK_BYTES;
      const part = image.subarray(at, at + run.count * BLOCK_BYTES);
      return device.readTransfers(run.block, part);
    }),
  );
  const skip = offset - first * BLOCK_BYTES;
  return image.slice(skip, skip + size);
}

/** Writes, and ends when the data is on the platter; the inode follows as ever. */
export function* directWrite(
  fs: DiskFs,
  inode: Inode,
  offset: number,
  data: Uint8Array,
  begun?: () => void,
): Work<number> {
  checkAligned(offset);
  checkAligned(data.length);
  const written = yield* fs.content.write(inode, offset, data, begun);
  const pages = pagesOf(fs, inode, offset, data.length);
  yield* fs.cache.writeBack(pages);
  fs.cache.forgetClean(pages);
  return written;
}

function pagesOf(fs: DiskFs, inode: Inode, offset: number, size: number) {
  const first = Math.floor(offset / BLOCK_BYTES);
  const count = Math.ceil((offset + size) / BLOCK_BYTES) - first;
  return runsOf(inode.extents, first, count).flatMap((run) =>
    Array.from({ length: run.block === 0 ? 0 : run.count }, (_, i) => {
      const page = fs.cache.find(run.block + i);
      return page === undefined ? [] : [page];
    }).flat()
  );
}

function checkAligned(bytes: number): void {
  if (bytes % SECTOR_BYTES !== 0) throw new Failure("EINVAL");
}
