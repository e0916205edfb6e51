// fsck [-v] [DEVICE]: whether the file system on the disk is whole. It reads the
// raw disk, as it is on the platter now: what is still in memory only is not
// looked at (run sync first to see that too). Other programs may go on writing: if
// the journal moves meanwhile, it reads again. It repairs nothing: the journal does.

import { fstat, open, pread, print, type Program, type Routine } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { checkDisk, type Verdict } from "../lib/disk_check.ts";
import {
  BLOCK,
  DATA_AT,
  GROUP_BLOCKS,
  GROUP_INODES,
  GROUPS,
  isSuperblock,
  JOURNAL_BLOCKS,
  journalOf,
  offsetOf,
  type Replay,
  SECTOR,
} from "../lib/disk_format.ts";
import { complain } from "../lib/stdio.ts";

const DEVICE = "/dev/hda";
/** Statuses as e2fsck gives them. */
const CLEAN = 0, ERRORS = 4, TROUBLE = 8;
/** Problems that are told; the others are counted. */
const TOLD_MAX = 20;
/** Readings of a disk that changes meanwhile. */
const TRIES = 5;

const USAGE = {
  name: "fsck",
  synopsis: "[-v] [DEVICE]",
  about: "Checks the file system on the disk.",
  options: { "-v, --verbose": "tell every problem" },
  trouble: 16,
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const [device = DEVICE, more] = operands;
  if (more !== undefined) yield* usageError(USAGE, `extra operand '${more}'`);
  try {
    return yield* examine(device, given.v !== undefined);
  } catch (error) {
    yield* complain("fsck", error);
    return TROUBLE;
  }
}

function* examine(device: string, all: boolean): Routine<number> {
  const fd = yield* open(device);
  const sectors = Math.floor((yield* fstat(fd)).size / SECTOR);
  for (let left = TRIES;; left--) {
    const disk = new Disk(fd, sectors);
    if (!isSuperblock(yield* disk.fetch(0), sectors)) {
      yield* print(`${device}: no file system: the superblock is not one`);
      return TROUBLE;
    }
    yield* disk.fetchMetadata();
    const replay = disk.journal();
    const verdict = replay && (yield* checked(disk, replay));
    const isClean = verdict?.problems.length === 0;
    const moved = !isClean && (yield* disk.journalNow())?.next !== replay?.next;
    if (moved && left > 1) continue;
    if (moved) yield* print("hda: it changes while it is read");
    if (verdict === null) {
      yield* print("hda: the journal has no header");
      return ERRORS;
    }
    return yield* tell(replay!, verdict, all);
  }
}

/** The disk as far as it has been read. */
class Disk {
  readonly blocks = new Map<number, Uint8Array>();
  /** Blocks that were asked for and had not been read. */
  readonly missing = new Set<number>();

  constructor(readonly fd: number, readonly sectors: number) {}

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

  /** The journal first: what is written home while the rest is read is in it. */
  *fetchMetadata(): Routine {
    yield* this.fetch(JOURNAL_BLOCKS.first, JOURNAL_BLOCKS.count);
    for (let group = 0; group < GROUPS; group++) {
      yield* this.fetch(group * GROUP_BLOCKS, DATA_AT);
    }
  }

  journal(): Replay | null {
    return journalOf((block) => this.block(block));
  }

  /** The journal as it is by now; of the rest, what was read. */
  *journalNow(): Routine<Replay | null> {
    yield* this.fetch(JOURNAL_BLOCKS.first, JOURNAL_BLOCKS.count);
    return this.journal();
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

/** Checks again and again, until no block was missing: one leads to others. */
function* checked(disk: Disk, { blocks }: Replay): Routine<Verdict> {
  for (;;) {
    disk.missing.clear();
    const verdict = checkDisk((block) =>
      blocks.get(block) ?? disk.block(block)
    );
    if (disk.missing.size === 0) return verdict;
    for (const block of [...disk.missing].sort((a, b) => a - b)) {
      yield* disk.fetch(block);
    }
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function* tell(
  { transactions }: Replay,
  { problems, orphans, files, usedBlocks }: Verdict,
  all: boolean,
): Routine<number> {
  if (transactions > 0) {
    yield* print(`journal: ${counted(transactions, "transaction")} to replay`);
  }
  if (orphans > 0) {
    const whom = orphans === 1 ? "it" : "them";
    yield* print(`${counted(orphans, "orphan")}: recovery will free ${whom}`);
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
