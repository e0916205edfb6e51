// Where the blocks of a file lie: a sorted list of extents. Pure functions that
// return new lists, so that a change can be prepared and then made in one step.

import type { Extent } from "./layout.ts";

/** A stretch of a file: blocks in a row on the disk, or (`block` 0) a hole. */
export type Run = Extent;

/** The stretches that make up `count` blocks from `first` on, in order. */
export function runsOf(
  extents: readonly Extent[],
  first: number,
  count: number,
): Run[] {
  const runs: Run[] = [];
  const end = first + count;
  let at = first;
  const hole = (to: number) => {
    if (to > at) runs.push({ fileBlock: at, block: 0, count: to - at });
    at = to;
  };
  for (let i = firstEndingAfter(extents, first); i < extents.length; i++) {
    const extent = extents[i]!;
    const extentEnd = extent.fileBlock + extent.count;
    if (extent.fileBlock >= end) break;
    hole(Math.max(at, extent.fileBlock));
    const to = Math.min(end, extentEnd);
    const block = extent.block + at - extent.fileBlock;
    runs.push({ fileBlock: at, block, count: to - at });
    at = to;
  }
  hole(end);
  return runs;
}

/** The block of the disk that holds a block of the file; 0 is a hole. */
export function blockAt(extents: readonly Extent[], fileBlock: number): number {
  const extent = extents[firstEndingAfter(extents, fileBlock)];
  return extent === undefined || extent.fileBlock > fileBlock
    ? 0
    : extent.block + fileBlock - extent.fileBlock;
}

/** The first extent that reaches beyond a block of the file. */
function firstEndingAfter(
  extents: readonly Extent[],
  fileBlock: number,
): number {
  let low = 0, high = extents.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { fileBlock: start, count } = extents[middle]!;
    if (start + count <= fileBlock) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The list with some more extents, neighbours joined. */
export function joined(
  extents: readonly Extent[],
  more: readonly Extent[],
): Extent[] {
  const sorted = [...extents, ...more]
    .sort((a, b) => a.fileBlock - b.fileBlock);
  const result: Extent[] = [];
  for (const extent of sorted) {
    const last = result[result.length - 1];
    if (last !== undefined && continues(last, extent)) {
      last.count += extent.count;
    } else result.push({ ...extent });
  }
  return result;
}

/** The list up to, not including, `end`, and what lay beyond it. */
export function cut(
  extents: readonly Extent[],
  end: number,
): { kept: Extent[]; freed: Extent[] } {
  const kept: Extent[] = [], freed: Extent[] = [];
  for (const extent of extents) {
    const stay = Math.min(extent.count, Math.max(0, end - extent.fileBlock));
    if (stay > 0) kept.push({ ...extent, count: stay });
    if (stay < extent.count) {
      freed.push({
        fileBlock: extent.fileBlock + stay,
        block: extent.block + stay,
        count: extent.count - stay,
      });
    }
  }
  return { kept, freed };
}

function continues(before: Extent, after: Extent): boolean {
  return before.fileBlock + before.count === after.fileBlock &&
    before.block + before.count === after.block;
}
