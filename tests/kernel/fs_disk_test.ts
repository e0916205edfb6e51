// How files lie on the disk: in one piece, near their directory, directories far
// apart; what happens when it is full; and that the checker finds what is wrong.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Piece } from "../../kernel/fs/bitmaps.ts";
import { SECTOR_BYTES } from "../../kernel/dev/platter.ts";
import { check } from "../../kernel/fs/check.ts";
import type { Inode } from "../../kernel/fs/inode.ts";
import {
  BITMAP_BLOCK,
  BLOCK_BYTES,
  BLOCKS,
  DATA_BLOCK,
  decodeInode,
  encodeInode,
  GROUP_BLOCKS,
  GROUP_INODES,
  GROUPS,
  INLINE_EXTENTS,
  inodePlace,
  lbaOfBlock,
  LIST_EXTENTS,
  ROOT_INO,
} from "../../kernel/fs/layout.ts";
import { Bench, pattern } from "./fs_kit.ts";

/** Takes all blocks but `left`; what it returns gives them back. */
function fill(bench: Bench, left: number): () => void {
  const { bitmaps } = bench.fs.disk.content;
  const pieces = bitmaps.allocate(bitmaps.freeBlocks - left, DATA_BLOCK);
  return () => {
    for (const piece of pieces as Piece[]) bitmaps.untake(piece);
    bench.write("/tmp/last", ""); // a transaction, for the bitmaps to go with
  };
}

test("groups are spread over the whole drive, and blocks fall on 4 KiB", () => {
  const { platter } = new Bench();
  const first = lbaOfBlock(0, platter.sectors);
  const last = lbaOfBlock(BLOCKS - 1, platter.sectors);
  assertEquals(first, 0);
  assert(last > platter.sectors * 126 / 128 && last + 8 <= platter.sectors);
  for (let group = 1; group < GROUPS; group++) {
    const lba = lbaOfBlock(group * GROUP_BLOCKS, platter.sectors);
    assertEquals(lba % 8, 0);
    assert(Math.abs(lba - group * platter.sectors / GROUPS) <= 8);
  }
});

test("directories go to groups far apart, and files beside their directory", () => {
  const bench = new Bench({
    files: { "/home/a": "1", "/home/b": "2", "/bin/c": "3" },
  });
  const group = (path: string) =>
    Math.floor(bench.stat(path).ino / GROUP_INODES);
  assertEquals(group("/home/a"), group("/home"));
  assertEquals(group("/home/b"), group("/home"));
  assertEquals(group("/bin/c"), group("/bin"));
  const groups = ["/bin", "/lib", "/sh", "/servers", "/home", "/tmp"].map(
    group,
  );
  groups.sort((a, b) => a - b);
  groups.forEach((it, i) =>
    assert(i === 0 || it - groups[i - 1]! >= 16, groups.join())
  );
});

test("a file that is written in one go lies in one piece and is read in one request", () => {
  const bench = new Bench();
  bench.fs.poke("/home/big", pattern(800_000));
  bench.settle();
  bench.fs.dropCaches();
  const file = bench.open("/home/big");
  const before = bench.events("block_issue").length;
  assertEquals(file.read(2 ** 20), pattern(800_000));
  const requests = bench.events("block_issue").slice(before);
  assertEquals(requests.map(({ sectors }) => sectors), [196 * 8]);
  file.close();
  bench.assertClean();
});

test("a file in more pieces than an inode holds keeps a list of them", () => {
  const bench = new Bench();
  const before = bench.fs.snapshot();
  const a = bench.open("/tmp/a", "w+");
  const pieces = INLINE_EXTENTS + LIST_EXTENTS + 5;
  // Every second block of the file, so that no two pieces join.
  for (let i = 0; i < pieces; i++) {
    a.pwrite(pattern(10, i), i * 2 * BLOCK_BYTES);
  }
  assertEquals(bench.fs.snapshot().freeBlocks, before.freeBlocks - pieces - 2);
  a.close();
  bench.assertClean();
  const other = bench.remounted();
  const again = other.open("/tmp/a", "r+");
  assertEquals(
    again.pread(10, (pieces - 1) * 2 * BLOCK_BYTES),
    pattern(10, pieces - 1),
  );
  again.truncate(5 * BLOCK_BYTES);
  assertEquals(other.fs.snapshot().freeBlocks, before.freeBlocks - 3);
  again.close();
  other.unlink("/tmp/a");
  assertEquals(other.fs.snapshot(), before);
  other.assertClean();
});

test("a full disk refuses what does not fit, changes nothing, and stays usable", () => {
  const bench = new Bench({ files: { "/home/f": pattern(5_000) } });
  const giveBack = fill(bench, 2);
  const before = bench.fs.snapshot();
  const file = bench.open("/home/f", "r+");
  file.file.offset = 4_000;
  assertEquals(bench.fails(() => file.write(pattern(20_000, 9))), "ENOSPC");
  assertEquals([file.stat().size, file.file.offset], [5_000, 4_000]);
  assertEquals(file.pread(6_000, 0), pattern(5_000));
  assertEquals(bench.fs.snapshot(), { ...before, inodes: 1 });
  assertEquals(file.write(pattern(12_000, 9)), 12_000); // two blocks more, exactly
  assertEquals(bench.fs.snapshot().freeBlocks, 0);
  assertEquals(bench.fails(() => bench.mkdir("/home/d")), "ENOSPC");
  bench.write("/home/empty", ""); // an inode, and room for a name, are there
  file.pwrite("again", 100); // overwriting takes no block
  file.truncate(100);
  assertEquals(bench.fs.snapshot().freeBlocks, 3);
  bench.mkdir("/home/d");
  file.close();
  giveBack();
  bench.assertClean();
});

test("a directory that needs another block and gets none refuses the name", () => {
  const bench = new Bench();
  const name = (i: number) => `/home/${"n".repeat(200)}${i}`;
  let count = 0;
  while (bench.stat("/home").size === BLOCK_BYTES) {
    bench.fs.poke(name(count++), "");
  }
  bench.unlink(name(--count));
  const giveBack = fill(bench, 0);
  // Both blocks take names until they are full; the next would need a third.
  let made = 0;
  while (bench.fails(() => bench.write(name(count + made), "")) === null) {
    made++;
  }
  const full = name(count + made);
  assertEquals(bench.fails(() => bench.write(full, "")), "ENOSPC");
  assertEquals(bench.fails(() => bench.link(name(0), full)), "ENOSPC");
  assertEquals(bench.fails(() => bench.rename("/tmp", full)), "ENOSPC");
  assertEquals(bench.names("/home").length, count + made);
  giveBack();
  bench.assertClean();
});

test("a disk without free inodes refuses new files and keeps the old", () => {
  const bench = new Bench({ files: { "/home/f": "x" } });
  const { bitmaps } = bench.fs.disk.content;
  const taken: number[] = [];
  for (let ino = bitmaps.findInode(0); ino !== 0; ino = bitmaps.findInode(0)) {
    bitmaps.takeInode(ino);
    taken.push(ino);
  }
  assertEquals(bench.fails(() => bench.write("/home/g", "")), "ENOSPC");
  assertEquals(bench.fails(() => bench.mkdir("/home/g")), "ENOSPC");
  assertEquals(bench.read("/home/f"), "x");
  bench.unlink("/home/f");
  bench.write("/home/g", "y");
  for (const ino of taken) bitmaps.freeInode(ino);
  bench.assertClean();
});

test("a file can be no larger than its limit", () => {
  const bench = new Bench({ files: { "/f": "" } });
  const file = bench.open("/f", "r+");
  assertEquals(bench.fails(() => file.pwrite("x", 2 ** 40)), "EFBIG");
  assertEquals(bench.fails(() => file.truncate(2 ** 40 + 1)), "EFBIG");
  file.truncate(2 ** 40);
  assertEquals(file.pread(3, 2 ** 39), new Uint8Array(3));
  file.pwrite("end", 2 ** 40 - 3);
  assertEquals(file.pread(10, 2 ** 40 - 3), Uint8Array.of(101, 110, 100));
  file.close();
  bench.assertClean();
});

test("a drive without a file system is refused with a sentence", () => {
  const { platter } = new Bench();
  platter.write(0, new Uint8Array(SECTOR_BYTES));
  let message = "";
  try {
    new Bench({ platter });
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(
    message,
    "hda: no file system: the superblock has no magic number",
  );
});

test("an unknown model is refused with the nearest known one", () => {
  let message = "";
  try {
    new Bench({ disk: { model: "chetah" } });
  } catch (error) {
    message = (error as Error).message;
  }
  assertMatch(message, /no disk model is called "chetah".* "cheetah-9lp"/);
});

test("the same files give the same disk, and 200 of them are made in no time", () => {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 200; i++) {
    const directory = ["bin", "lib", "sh", "servers"][i % 4];
    files[`/${directory}/program-${i}`] = pattern(1_000 + i * 20, i);
  }
  const start = performance.now();
  const bench = new Bench({ files });
  console.log(
    `mkfs of 200 files: ${(performance.now() - start).toFixed(1)} ms`,
  );
  assertEquals(bench.clock.now, 0);
  assertEquals(check(bench.platter), []);
  const again = new Bench({ files });
  const image = (it: Bench) =>
    [...it.platter.blocks()].map(([lba, bytes]) => `${lba}:${hash(bytes)}`);
  assertEquals(image(again), image(bench));
});

function hash(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => Math.imul(sum, 31) + byte | 0, 0);
}

// ------------------------------------------------------------- the checker

/** Changes an inode on the platter behind the file system's back. */
function damage(
  bench: Bench,
  path: string,
  change: (inode: ReturnType<typeof decodeInode>) => void,
): string[] {
  const { block, offset } = inodePlace(bench.stat(path).ino);
  const lba = bench.fs.device.lba(block);
  const bytes = new Uint8Array(BLOCK_BYTES);
  bench.platter.read(lba, bytes);
  const inode = decodeInode(bytes, offset);
  change(inode);
  inode.extentCount = inode.extents.length;
  encodeInode(inode, bytes, offset);
  bench.platter.write(lba, bytes);
  return check(bench.platter);
}

test("the checker finds a wrong link count, lost and doubled blocks, and names of nothing", () => {
  const fresh = () => new Bench({ files: { "/a": pattern(5_000), "/b": "b" } });
  const bench = fresh();
  const ino = bench.stat("/a").ino;
  assertEquals(damage(bench, "/a", (it) => it.nlink = 3), [
    `inode ${ino} says 3 links and has 1 names`,
  ]);
  assertMatch(
    damage(fresh(), "/a", (it) => it.extents = []).join("\n"),
    /^block \d+ is lost: marked, but not in use\nblock \d+ is lost/,
  );
  const doubled = fresh();
  const { extents } = doubled.fs.disk.table.get(ROOT_INO).next().value as Inode;
  assertMatch(
    damage(doubled, "/b", (it) => it.extents = [{ ...extents[0]! }]).join("\n"),
    /block \d+ belongs to inodes \d+ and \d+/,
  );
  assertMatch(
    damage(fresh(), "/a", (it) => it.type = 0).join("\n"),
    /"a" in directory 2 names inode \d+, which is free/,
  );
  assertMatch(
    damage(fresh(), "/a", (it) => it.size = 100).join("\n"),
    /inode \d+ has blocks beyond its size 100/,
  );
  assertMatch(
    damage(fresh(), "/a", (it) => it.extents[0]!.block = 5).join("\n"),
    /inode \d+ has block 5, which is no data block/,
  );
});

test("a file that was unlinked while it was open is freed when the disk is mounted again", () => {
  const bench = new Bench();
  const before = bench.fs.snapshot();
  bench.write("/a", pattern(10_000));
  const file = bench.open("/a");
  bench.unlink("/a");
  bench.settle(); // on the platter it has no name, and its blocks
  assertEquals(check(bench.platter), []);
  const again = bench.remounted();
  assertEquals(again.fs.snapshot(), before);
  again.assertClean();
  file.close();
  bench.assertClean();
  assertEquals(bench.fs.snapshot(), before);
});

test("the checker finds an inode without a name and a block that is marked free", () => {
  const bench = new Bench({ files: { "/a": "x" } });
  const { ino } = bench.stat("/a");
  const unnamed = new Bench({ platter: bench.platter.clone() });
  const root = unnamed.fs.device.lba(DATA_BLOCK);
  const bytes = new Uint8Array(BLOCK_BYTES);
  unnamed.platter.read(root, bytes);
  bytes.fill(0, 2 * 6 + 3); // behind . and ..
  unnamed.platter.write(root, bytes);
  assertMatch(
    check(unnamed.platter).join("\n"),
    new RegExp(`inode ${ino} is lost: no name leads to it`),
  );
  const lba = bench.fs.device.lba(BITMAP_BLOCK);
  bench.platter.write(lba, new Uint8Array(SECTOR_BYTES));
  assertMatch(
    check(bench.platter).join("\n"),
    /block 66 is in use but marked free/,
  );
});
