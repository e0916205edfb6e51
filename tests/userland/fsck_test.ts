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
  inodesOf,
  isSuperblock,
  journalOf,
  offsetOf,
} from "../../userland/lib/disk_format.ts";
import { Bench, pattern } from "../kernel/fs_kit.ts";
import { newMachine, sh } from "./programs.ts";

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
  assertMatch(stdout, /^1 orphan: recovery will free it$/m);
});

test("fsck of a disk that is written to all the time finds nothing wrong", () => {
  const { stdout, status } = sh(
    "while true; do mkdir x; sync; rmdir x; sync; done & fsck; " +
      "sleep 0.9; fsck; s=$?; kill $!; exit $s",
  );
  assertEquals(status, 0);
  assertEquals(stdout.match(/^hda: clean/gm)!.length, 2);
});

test("a deep tree is read in a few rounds", () => {
  const { stdout, status, world } = sh(
    'p=x; for i in $(seq 60); do mkdir $p; p="$p/y"; done; sync; fsck',
  );
  assertEquals(status, 0);
  assertMatch(stdout, /^hda: clean/m);
  const reads = [...world.trace.events()].filter((event) =>
    event.kind === "sys_enter" && event.call === "pread"
  );
  assert(reads.length < 129 + 2 + 80 + 60, `${reads.length}`);
});

test("a wrong option and a stray word are refused as e2fsck does, with status 16", () => {
  const { stderr, status } = sh("fsck -q");
  assertEquals(status, 16);
  assertMatch(stderr, /invalid option -- 'q'/);
  assertEquals(sh("fsck /dev/hda hdb").status, 16);
});

test("what is no disk is trouble: status 8", () => {
  assertEquals(sh("fsck nofile").status, 8);
  assertEquals(
    sh("fsck nofile").stderr,
    "fsck: nofile: No such file or directory\n",
  );
  assertEquals(sh("fsck /dev/null").status, 8);
});

test("fsck tells a damaged disk by its status 4, and how many mistakes", () => {
  const { machine, world } = newMachine(SETTING);
  const { block, offset } = inodePlace(2); // the root
  const { platter } = machine;
  const bytes = reader(platter)(block);
  const root = decodeInode(bytes, offset);
  encodeInode({ ...root, nlink: root.nlink + 1 }, bytes, offset);
  platter.write(lbaOfBlock(block, platter.sectors), bytes);
  const process = machine.spawn("/bin/fsck", []);
  world.run({ until: process });
  assertMatch(
    process.stdout,
    /^inode 2: \d+ links, but \d+ names\nhda: 1 problem, \d+\/131072 files, /,
  );
  assertEquals(process.exit, { status: 4 });
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
  if (!isSuperblock(read(0), platter.sectors)) return ["no superblock"];
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

/** A disk with all there is: second names, long lists, a record in the journal, an orphan. */
function full(): Platter {
  const disk = bench();
  disk.link("/home/a", "/tmp/second");
  const holes = disk.open("/home/holes", "w");
  for (let i = 0; i < 24; i++) holes.pwrite("x", i * 2 * BLOCK_BYTES);
  holes.close();
  for (let i = 0; i < 60; i++) disk.write(`/tmp/e/${"n".repeat(99)}${i}`, "");
  disk.settle();
  disk.open("/tmp/e/f/g");
  disk.unlink("/tmp/e/f/g");
  disk.write("/home/late", "late");
  disk.sync();
  return disk.platter.clone();
}

const FULL = full();

test("on an undamaged disk with all there is, both find nothing", () => {
  assertEquals([fsck(FULL), check(FULL)], [[], []]);
  const replay = journalOf(reader(FULL))!;
  assert(replay.transactions > 0 && replay.blocks.size > 1);
});

test("lists of extents that lead in a circle, or nowhere, end", () => {
  const inodes = listOwners(FULL);
  assertEquals(inodes.length, 1);
  const [{ list }] = inodes as [{ list: number }];
  for (const next of [list, 5, 262_144, 0xffffffff]) {
    const platter = FULL.clone();
    change(platter, list, (bytes) => {
      new DataView(bytes.buffer).setUint32(0, next, true);
    });
    assertMatch(fsck(platter).join("\n"), /its list of extents is broken at/);
    assert(check(platter).length > 0);
  }
});

/** The inodes that have a list of extents beside them. */
function listOwners(platter: Platter) {
  const read = reader(platter);
  const blocks = journalOf(read)!.blocks;
  const owners: { list: number }[] = [];
  for (let group = 0; group < 128; group++) {
    for (let i = 0; i < 64; i++) {
      const block = group * GROUP_BLOCKS + 2 + i;
      const inodes = inodesOf(blocks.get(block) ?? read(block), 0);
      owners.push(...inodes.filter(({ list }) => list > 0));
    }
  }
  return owners;
}

function change(
  platter: Platter,
  block: number,
  how: (bytes: Uint8Array) => void,
): void {
  const bytes = reader(platter)(block);
  how(bytes);
  platter.write(lbaOfBlock(block, platter.sectors), bytes);
}

test("a size that is none is found", () => {
  for (const size of [NaN, -1, 0.5, 2 ** 41]) {
    const disk = bench();
    const { block, offset } = inodePlace(disk.stat("/home/a").ino);
    change(disk.platter, block, (bytes) => {
      new DataView(bytes.buffer).setFloat64(offset + 8, size, true);
    });
    assertMatch(fsck(disk.platter).join("\n"), /inode \d+: .* is no size/);
  }
});

test("a name that was cut out of a directory is missed", () => {
  const disk = bench();
  const block = decodeOf(disk, "/home/d").extents[0]!.block;
  change(disk.platter, block, (bytes) => bytes.fill(0, 15));
  assertMatch(fsck(disk.platter).join("\n"), /no name leads to it/);
  assert(check(disk.platter).length > 0);
});

test("a bit of a bitmap that is turned round is found, whichever it is", () => {
  const random = new RandomStream(3, "bitmaps");
  const { platter } = bench();
  for (let i = 0; i < 20; i++) {
    const damaged = platter.clone();
    const block = random.integer(128) * GROUP_BLOCKS + BITMAP_BLOCK;
    change(damaged, block, (bytes) => {
      bytes[random.integer(640)]! ^= 1 << random.integer(8);
    });
    assertEquals([fsck(damaged).length > 0, check(damaged).length > 0], [
      true,
      true,
    ]);
  }
});

test("garbage anywhere in the metadata: neither checker breaks, and they agree", () => {
  const seed = 20_121;
  console.log(`seed ${seed}`);
  const random = new RandomStream(seed, "garbage");
  const written = [...FULL.blocks()].map(([lba]) => lba);
  let found = 0;
  for (let i = 0; i < 30; i++) {
    const platter = FULL.clone();
    const hits = random.integer(4) === 0 ? 3 : 1;
    for (let j = 0; j < hits; j++) {
      const lba = written[random.integer(written.length)]!;
      spoil(platter, lba + random.integer(8), random);
    }
    const ours = fsck(platter), kernels = check(platter);
    const said = `${i}: ${ours.slice(0, 3)} / ${kernels.slice(0, 3)}`;
    assertEquals(ours.length > 0, kernels.length > 0, said);
    if (ours.length > 0) found++;
  }
  assert(found > 10, `${found}`);
});

/** Zeros, noise, or a few bytes (rather such as say something) in a sector. */
function spoil(platter: Platter, lba: number, random: RandomStream): void {
  const bytes = new Uint8Array(512);
  platter.read(lba, bytes);
  const how = random.integer(4);
  if (how === 0) bytes.fill(0);
  else if (how === 1) {
    for (let i = 0; i < 512; i++) bytes[i] = random.integer(256);
  } else {
    for (let left = 1 + random.integer(4); left > 0; left--) {
      const used = [...bytes.keys()].filter((i) => bytes[i] !== 0);
      const at = random.integer(2) === 0 || used.length === 0
        ? random.integer(512)
        : used[random.integer(used.length)]!;
      bytes[at] = random.integer(256);
    }
  }
  platter.write(lba, bytes);
}
