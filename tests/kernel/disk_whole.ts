// Nothing of storage has leaked: once the flusher has done its work, no inode is
// open, no task or request under way, no page held, no timer set, and the disk
// is whole, with as many free blocks and inodes as the kernel believes.

import { assertEquals } from "@std/assert";
import { type Machine } from "kettle/world";
import { Bitmaps } from "../../kernel/fs/bitmaps.ts";
import { check } from "../../kernel/fs/mod.ts";
import { BITMAP_BLOCK, GROUP_BLOCKS, GROUPS } from "../../kernel/fs/layout.ts";

/** By then everything is written home, and the flusher sleeps: twice 30 s and its turns between. */
const FLUSHED_NS = 90_000_000_000;

/** Lets time pass until everything is on the platter. */
export function assertDiskWhole(machine: Machine): void {
  const { world, files } = machine;
  world.run({ untilNs: world.now + FLUSHED_NS });
  const counts = Object.entries(files.counts());
  assertEquals(counts.filter(([, count]) => count !== 0), []);
  files.dropCaches();
  assertEquals(files.disk.cache.size, 0, "pages that nobody lets go");
  assertEquals(world.background, 0, "timers of the flusher");
  assertEquals(check(machine.platter), []);
  const { freeBlocks, freeInodes } = files.snapshot();
  const { device } = files;
  const onDisk = new Bitmaps(
    Array.from(
      { length: GROUPS },
      (_, group) => device.peek(group * GROUP_BLOCKS + BITMAP_BLOCK),
    ),
  );
  assertEquals([freeBlocks, freeInodes], [
    onDisk.freeBlocks,
    onDisk.freeInodes,
  ]);
}
