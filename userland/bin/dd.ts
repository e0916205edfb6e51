// dd [if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N] [conv=fsync,notrunc]
// [iflag=direct] [oflag=direct,append] [status=none]: copies in blocks of a chosen
// size, and tells how long it took. A block is filled before it is written, also
// from a pipe (as iflag=fullblock has it).

import {
  clock,
  fstat,
  fsync,
  ftruncate,
  lseek,
  O_APPEND,
  O_CREAT,
  O_DIRECT,
  O_RDONLY,
  O_WRONLY,
  open,
  type Program,
  read,
  type Routine,
  SysError,
  write,
} from "kettle";
import { type Job, jobOf, says } from "../lib/dd_job.ts";
import { scaled } from "../lib/sizes.ts";
import { complain } from "../lib/stdio.ts";

/** Whole blocks, and what was shorter. */
interface Records {
  whole: number;
  part: number;
}

interface Copied {
  read: Records;
  written: Records;
  /** Bytes written. */
  bytes: number;
}

export default function* main(args: string[]): Program {
  const job = yield* jobOf(args);
  const start = yield* clock();
  const copied: Copied = {
    read: { whole: 0, part: 0 },
    written: { whole: 0, part: 0 },
    bytes: 0,
  };
  let from: number, to: number;
  try {
    from = yield* source(job);
    to = yield* target(job);
  } catch (error) {
    return yield* complain("dd", error);
  }
  let status = 0;
  try {
    yield* copyBlocks(job, from, to, copied);
  } catch (error) {
    status = yield* complain("dd", error);
  }
  yield* tell(job.given.status, copied, (yield* clock()) - start);
  return status;
}

function* source(job: Job): Routine<number> {
  const path = job.given.if;
  const direct = says(job, "iflag", "direct") ? O_DIRECT : 0;
  const fd = path === undefined ? 0 : yield* open(path, O_RDONLY | direct);
  yield* passOver(fd, job.skip, job.blockBytes);
  return fd;
}

function* target(job: Job): Routine<number> {
  const path = job.given.of;
  const offset = job.seek * job.blockBytes;
  const appends = says(job, "oflag", "append");
  let fd = 1;
  if (path !== undefined) {
    const flags = O_WRONLY | O_CREAT | (appends ? O_APPEND : 0) |
      (says(job, "oflag", "direct") ? O_DIRECT : 0);
    fd = yield* open(path, flags);
    const isFile = (yield* fstat(fd)).type === "file";
    const cuts = !says(job, "conv", "notrunc") && !appends;
    if (isFile && cuts) yield* ftruncate(fd, offset);
  }
  if (offset > 0) yield* lseek(fd, offset, "set");
  return fd;
}

/** What cannot be sought is read and thrown away. */
function* passOver(fd: number, blocks: number, bytes: number): Routine {
  if (blocks === 0) return;
  try {
    yield* lseek(fd, blocks * bytes, "set");
  } catch (error) {
    if (!(error instanceof SysError) || error.code !== "ESPIPE") throw error;
    let left = blocks;
    while (left > 0 && (yield* readBlock(fd, bytes)).length > 0) left--;
  }
}

function* copyBlocks(
  job: Job,
  from: number,
  first: number,
  copied: Copied,
): Routine {
  const { given, blockBytes, most } = job;
  const whole = (block: Uint8Array) =>
    block.length === blockBytes ? "whole" : "part";
  let to = first;
  while (copied.read.whole + copied.read.part < most) {
    const block = yield* readBlock(from, blockBytes);
    if (block.length === 0) break;
    copied.read[whole(block)]++;
    const isOdd = block.length < blockBytes && says(job, "oflag", "direct");
    if (isOdd && given.of !== undefined) to = yield* indirect(job, copied);
    yield* writeBlock(to, block, copied);
    copied.written[whole(block)]++;
  }
  const syncs = says(job, "conv", "fsync") || says(job, "conv", "fdatasync");
  if (syncs) yield* fsync(to);
}

/** The output, through the page cache: the last block may be of any length. */
function* indirect(job: Job, { bytes }: Copied): Routine<number> {
  const appends = says(job, "oflag", "append");
  const flags = O_WRONLY | (appends ? O_APPEND : 0);
  const fd = yield* open(job.given.of!, flags);
  yield* lseek(fd, job.seek * job.blockBytes + bytes, "set");
  return fd;
}

/** All of it: a disk that is nearly full takes a part. */
function* writeBlock(
  fd: number,
  block: Uint8Array,
  copied: Copied,
): Routine {
  for (let done = 0; done < block.length;) {
    const moved = yield* write(fd, block.subarray(done));
    done += moved;
    copied.bytes += moved;
  }
}

/** A whole block, or what is left: a pipe may give it in pieces. */
function* readBlock(fd: number, bytes: number): Routine<Uint8Array> {
  const first = yield* read(fd, bytes);
  if (first.length === bytes || first.length === 0) return first;
  const block = new Uint8Array(bytes);
  block.set(first);
  let length = first.length;
  while (length < bytes) {
    const more = yield* read(fd, bytes - length);
    if (more.length === 0) break;
    block.set(more, length);
    length += more.length;
  }
  return block.subarray(0, length);
}

function* tell(
  status: string | undefined,
  copied: Copied,
  ns: number,
): Routine {
  if (status === "none") return;
  const records = ({ whole, part }: Records) => `${whole}+${part} records`;
  const { read, written, bytes } = copied;
  const lines = [`${records(read)} in`, `${records(written)} out`];
  if (status !== "noxfer") lines.push(summary(bytes, ns));
  yield* write(2, lines.join("\n") + "\n");
}

/** As GNU dd has it: bytes, in both ways to count if that is shorter, s, B/s. */
function summary(bytes: number, ns: number): string {
  const sizes = [
    bytes >= 1000 ? [scaled(bytes, 1000)] : [],
    bytes >= 1024 ? [scaled(bytes, 1024)] : [],
  ].flat();
  const known = sizes.length === 0 ? "" : ` (${sizes.join(", ")})`;
  const rate = ns === 0 ? "Infinity B" : scaled(bytes / (ns / 1e9), 1000);
  const seconds = Number((ns / 1e9).toPrecision(6));
  return `${bytes} byte${bytes === 1 ? "" : "s"}${known} copied, ` +
    `${seconds} s, ${rate}/s`;
}
