// fsck reads the raw disk with a decoder of its own. What it says is held against
// the kernel's checker on disks that were damaged in every way.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Platter } from "../../kernel/dev/platter.ts";
import { check } from "../../kernel/fs/check.ts";
import {
  BITMAP_BLOCK,
  BLOCK_BYTES,
  decodeInode,
  type DiskInode,
  encodeInode,
  GROUP_BLOCKS,
  inodePlace,
  JOURNAL_BLOCK,
  lbaOfBlock,
} from "../../kernel/fs/layout.ts";
import { RandomStream } from "../../kernel/random.ts";
import { checkDisk } from "../../userland/lib/disk_check.ts";
import {
  journalOf,
  offsetOf,
  superblock,
} from "../../userland/lib/disk_format.ts";
import { Bench, pattern } from "../kernel/fs_kit.ts";
import { sh } from "./programs.ts";

const SETTING = {
  files: { "/home/a": pattern(10_000), "/home/d/b": "b", "/home/d/c": "c" },
};

test("the disk of a machine that works is clean, synced or not, in use or not", () => {
  const { stdout, status } = sh("fsck; sync; fsck", SETTING);
  assertEquals(status, 0);
  assertMatch(
    stdout,
    /^(hda: clean, \d+\/131072 files, \d+\/262144 blocks\n){2}$/,
  );
});

test("what is only in the journal yet is counted as recovery would have it", () => {
  const { stdout } = sh("echo x > f; sync f; fsck");
  assertMatch(stdout, /^journal: 1 transaction to replay\nhda: clean/);
});

test("a file that was unlinked while it is open is no mistake, and is mentioned", () => {
  const { stdout, status } = sh(
    "echo x > f; { rm f; sync; fsck; } < f",
  );
  assertEquals(status, 0);
  assertMatch(stdout, /1 unlinked while open: the next mount frees them/);
});

test("a wrong option and a stray word are refused as e2fsck does, with status 16", () => {
  const { stderr, status } = sh("fsck -q");
  assertEquals(status, 16);
  assertMatch(stderr, /invalid option -- 'q'/);
});

// ------------------------------------------------------------- both checkers

function reader(platter: Platter) {
  return (block: number) => {
    const bytes = new Uint8Array(BLOCK_BYTES);
    platter.read(offsetOf(block, platter.sectors) / 512, bytes);
    return bytes;
  };
}

/** What fsck finds, in the kernel's words or its own. */
function fsck(platter: Platter): string[] {
  const read = reader(platter);
  if (superblock(read(0)) === null) return ["no superblock"];
  const journal = journalOf(read);
  if (journal === null) return ["no journal"];
  return checkDisk((block) => journal.blocks.get(block) ?? read(block))
    .problems;
}

function bench(): Bench {
  return new Bench({
    files: {
      "/home/a": pattern(10_000),
      "/home/d/b": "b",
      "/home/d/c": "c",
      "/tmp/e/f/g": pattern(40_000),
    },
  });
}

/** Changes an inode behind the file system's back, and tells what fsck says. */
function damaged(path: string, change: (inode: DiskInode) => void): string {
  const disk = bench();
  const { block, offset } = inodePlace(disk.stat(path).ino);
  const bytes = reader(disk.platter)(block);
  const inode = decodeInode(bytes, offset);
  change(inode);
  encodeInode(inode, bytes, offset);
  disk.platter.write(lbaOfBlock(block, disk.platter.sectors), bytes);
  assert(check(disk.platter).length > 0);
  return fsck(disk.platter).join("\n");
}

test("both read the same disk at the same places", () => {
  for (const block of [0, 1, 2_047, 2_048, JOURNAL_BLOCK, 262_143]) {
    const { sectors } = bench().platter;
    assertEquals(offsetOf(block, sectors), lbaOfBlock(block, sectors) * 512);
  }
  assertEquals(fsck(bench().platter), []);
});

test("fsck names lost, doubled and dangling blocks, wrong links, broken lists", () => {
  assertMatch(
    damaged("/home/a", (it) => it.nlink = 3),
    /inode \d+: 3 links, but 1 names/,
  );
  assertMatch(
    damaged("/home/a", (it) => it.extentCount = it.extents.length = 0),
    /block \d+: marked, but nobody has it/,
  );
  assertMatch(
    damaged("/home/a", (it) => it.extents[0]!.block = 5),
    /inode \d+: block 5 is no data block/,
  );
  assertMatch(
    damaged("/home/a", (it) => it.size = 5),
    /inode \d+: blocks behind its end, 5 bytes/,
  );
  assertMatch(
    damaged("/home/a", (it) => it.type = 0),
    /directory \d+: "a" means inode \d+, which is free/,
  );
  assertMatch(
    damaged("/home/a", (it) => it.extentBlock = 700),
    /block 700: in use, but marked free/,
  );
  assertMatch(
    damaged("/home/d", (it) => it.size = 100),
    /directory \d+: 100 bytes/,
  );
  assertMatch(damaged("/home/d", (it) => it.type = 1), /wrong type/);
});

test("a block that two files have is doubled", () => {
  const disk = bench();
  const taken = decodeOf(disk, "/home/a").extents[0]!.block;
  const { block, offset } = inodePlace(disk.stat("/home/d/b").ino);
  const bytes = reader(disk.platter)(block);
  const inode = decodeInode(bytes, offset);
  inode.extents[0]!.block = taken;
  encodeInode(inode, bytes, offset);
  disk.platter.write(lbaOfBlock(block, disk.platter.sectors), bytes);
  assertMatch(
    fsck(disk.platter).join("\n"),
    /block \d+: both inode \d+ and \d+ have it/,
  );
});

function decodeOf(disk: Bench, path: string): DiskInode {
  const { block, offset } = inodePlace(disk.stat(path).ino);
  return decodeInode(reader(disk.platter)(block), offset);
}

test("a bit of a bitmap that is turned round is found, whichever it is", () => {
  const random = new RandomStream(3, "bitmaps");
  for (let i = 0; i < 20; i++) {
    const { platter } = bench();
    const block = random.integer(128) * GROUP_BLOCKS + BITMAP_BLOCK;
    const bytes = reader(platter)(block);
    bytes[random.integer(640)]! ^= 1 << random.integer(8);
    platter.write(lbaOfBlock(block, platter.sectors), bytes);
    assertEquals([fsck(platter).length > 0, check(platter).length > 0], [
      true,
      true,
    ]);
  }
});

test("garbage anywhere in the metadata: neither checker breaks, and they agree", () => {
  const seed = 20_121;
  console.log(`seed ${seed}`);
  const random = new RandomStream(seed, "garbage");
  let found = 0;
  for (let i = 0; i < 40; i++) {
    const { platter } = bench();
    const written = [...platter.blocks()].map(([lba]) => lba);
    const lba = written[random.integer(written.length)]! + random.integer(8);
    const bytes = new Uint8Array(512);
    platter.read(lba, bytes);
    const count = random.integer(3) === 0 ? 512 : 1 + random.integer(4);
    for (let j = 0; j < count; j++) {
      bytes[random.integer(512)] = random.integer(256);
    }
    platter.write(lba, bytes);
    const ours = fsck(platter), kernels = check(platter);
    assertEquals(
      ours.length > 0,
      kernels.length > 0,
      `${i}: ${ours.slice(0, 3)} / ${kernels.slice(0, 3)}`,
    );
    if (ours.length > 0) found++;
  }
  assert(found > 8, `${found}`);
});
