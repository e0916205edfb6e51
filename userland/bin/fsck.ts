// fsck [-v]: whether the file system on the disk is whole. It reads the raw disk,
// as it is on the platter now: what is still in memory only is not looked at (run
// sync first to see that too). It repairs nothing: the journal does.

import { open, pread, print, type Program, type Routine } from "kettle";
import { options } from "../lib/args.ts";
import { checkDisk, type Verdict } from "../lib/disk_check.ts";
import {
  BLOCK,
  DATA_AT,
  GROUP_BLOCKS,
  GROUP_INODES,
  GROUPS,
  JOURNAL_BLOCKS,
  journalOf,
  offsetOf,
  superblock,
} from "../lib/disk_format.ts";

const DEVICE = "/dev/hda";
/** Statuses as e2fsck gives them. */
const CLEAN = 0, ERRORS = 4, TROUBLE = 8;
/** Problems that are told; the others are counted. */
const TOLD_MAX = 20;

export default function* main(args: string[]): Program {
  const { given } = yield* options(args, {
    name: "fsck",
    synopsis: "[-v]",
    about: "Checks the file system on the disk.",
    options: { "-v, --verbose": "tell every problem" },
    trouble: 16,
  });
  const disk = new Disk(yield* open(DEVICE));
  const found = superblock(yield* disk.fetch(0));
  if (found === null) {
    yield* print("hda: no file system: the superblock is not one");
    return TROUBLE;
  }
  disk.sectors = found.sectors;
  yield* disk.fetchMetadata();
  const replay = journalOf((block) => disk.block(block));
  if (replay === null) {
    yield* print("hda: the journal has no header");
    return ERRORS;
  }
  if (replay.transactions > 0) {
    yield* print(
      `journal: ${counted(replay.transactions, "transaction")} to replay`,
    );
  }
  for (const [block, bytes] of replay.blocks) disk.blocks.set(block, bytes);
  const verdict = yield* checked(disk);
  return yield* tell(verdict, given.v !== undefined);
}

/** The disk as far as it has been read. */
class Disk {
  sectors = 0;
  readonly blocks = new Map<number, Uint8Array>();
  /** Blocks that were asked for and had not been read. */
  readonly missing = new Set<number>();

  constructor(readonly fd: number) {}

  /** Reads a row of blocks; the first of them. */
  *fetch(first: number, count = 1): Routine<Uint8Array> {
    const at = offsetOf(first, this.sectors);
    const bytes = yield* pread(this.fd, count * BLOCK, at);
    for (let i = 0; i < count; i++) {
      this.blocks.set(
        first + i,
        bytes.subarray(i * BLOCK, (i + 1) * BLOCK),
      );
    }
    return bytes.subarray(0, BLOCK);
  }

  /** Bitmaps and inode tables lie in a row in each group; so does the journal. */
  *fetchMetadata(): Routine {
    for (let group = 0; group < GROUPS; group++) {
      yield* this.fetch(group * GROUP_BLOCKS, DATA_AT);
    }
    yield* this.fetch(JOURNAL_BLOCKS.first, JOURNAL_BLOCKS.count);
  }

  /** Zeros, and a note, for a block that is not there. */
  block(number: number): Uint8Array {
    const known = this.blocks.get(number);
    if (known !== undefined) return known;
    this.missing.add(number);
    return NOTHING;
  }
}

const NOTHING = new Uint8Array(BLOCK);

/** Checks again and again, until no block was missing: directories lead to others. */
function* checked(disk: Disk): Routine<Verdict> {
  for (;;) {
    disk.missing.clear();
    const verdict = checkDisk((block) => disk.block(block));
    if (disk.missing.size === 0) return verdict;
    for (const block of [...disk.missing].sort((a, b) => a - b)) {
      yield* disk.fetch(block);
    }
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function* tell(verdict: Verdict, all: boolean): Routine<number> {
  const { problems, orphans, files, usedBlocks } = verdict;
  if (orphans > 0) {
    yield* print(`${orphans} unlinked while open: the next mount frees them`);
  }
  const told = all ? problems : problems.slice(0, TOLD_MAX);
  for (const problem of told) yield* print(problem);
  const more = problems.length - told.length;
  if (more > 0) yield* print(`and ${more} more (-v tells them)`);
  const inodes = `${files}/${GROUPS * GROUP_INODES} files`;
  const blocks = `${usedBlocks}/${GROUPS * GROUP_BLOCKS} blocks`;
  if (problems.length === 0) {
    yield* print(`hda: clean, ${inodes}, ${blocks}`);
    return CLEAN;
  }
  const count = counted(problems.length, "problem");
  yield* print(`hda: ${count}, ${inodes}, ${blocks}`);
  return ERRORS;
}
