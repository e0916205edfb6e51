// dd [if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N] [conv=fsync,notrunc,…]
// [iflag=direct,…] [oflag=direct,append,…] [status=none]: copies in blocks of a
// chosen size, and tells how long it took. A block is filled before it is written,
// also from a pipe (as iflag=fullblock has it).

import {
  clock,
  fstat,
  fsync,
  ftruncate,
  lseek,
  O_APPEND,
  O_CREAT,
  O_DIRECT,
  O_EXCL,
  O_RDONLY,
  O_WRONLY,
  open,
  type Program,
  read,
  type Routine,
  SysError,
  write,
} from "kettle";
import { converted, Progress, summary } from "../lib/dd_block.ts";
import { type Job, jobOf, says } from "../lib/dd_job.ts";
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
    const path = error instanceof SysError ? error.path : undefined;
    const about = path === undefined ? undefined : `failed to open '${path}'`;
    return yield* complain("dd", error, about);
  }
  let status = 0;
  try {
    yield* copyBlocks(job, from, to, copied);
  } catch (error) {
    const call = error instanceof SysError ? error.call : "";
    const { if: input = "standard input", of = "standard output" } = job.given;
    const about = call === "read"
      ? `error reading '${input}'`
      : call === "write"
      ? `error writing '${of}'`
      : undefined;
    status = yield* complain("dd", error, about);
  }
  yield* tell(job.given.status, copied, (yield* clock()) - start);
  return status;
}

function* source(job: Job): Routine<number> {
  const path = job.given.if;
  const direct = says(job, "iflag", "direct") ? O_DIRECT : 0;
  const fd = path === undefined ? 0 : yield* open(path, O_RDONLY | direct);
  yield* passOver(fd, job.skipBytes, job.blockBytes);
  return fd;
}

function* target(job: Job): Routine<number> {
  const path = job.given.of;
  const offset = job.seekBytes;
  const appends = says(job, "oflag", "append");
  let fd = 1;
  if (path !== undefined) {
    const flags = O_WRONLY | (appends ? O_APPEND : 0) |
      (says(job, "conv", "nocreat") ? 0 : O_CREAT) |
      (says(job, "conv", "excl") ? O_EXCL : 0) |
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
function* passOver(fd: number, bytes: number, blockBytes: number): Routine {
  if (bytes === 0) return;
  try {
    yield* lseek(fd, bytes, "set");
  } catch (error) {
    if (!(error instanceof SysError) || error.code !== "ESPIPE") throw error;
    for (let left = bytes; left > 0;) {
      const block = yield* readBlock(fd, Math.min(left, blockBytes));
      if (block.length === 0) return;
      left -= block.length;
    }
  }
}

function* copyBlocks(
  job: Job,
  from: number,
  first: number,
  copied: Copied,
): Routine {
  const { given, blockBytes, most, mostBytes } = job;
  const whole = (block: Uint8Array) =>
    block.length === blockBytes ? "whole" : "part";
  const progress = new Progress(given.status, yield* clock());
  let to = first;
  let taken = 0;
  while (copied.read.whole + copied.read.part < most) {
    const size = Math.min(blockBytes, mostBytes - taken);
    const input = size === 0 ? NOTHING : yield* inputBlock(job, from, size);
    if (input.length === 0) break;
    taken += input.length;
    copied.read[whole(input)]++;
    const block = converted(job, input);
    const isOdd = block.length < blockBytes && says(job, "oflag", "direct");
    if (isOdd && given.of !== undefined) to = yield* indirect(job, copied);
    yield* writeBlock(to, block, copied);
    copied.written[whole(block)]++;
    yield* progress.tell(copied.bytes);
  }
  yield* progress.end();
  const syncs = says(job, "conv", "fsync") || says(job, "conv", "fdatasync");
  if (syncs) yield* fsync(to);
}

const NOTHING = new Uint8Array(0);

/** With noerror a block that cannot be read is told, passed over, and zeros. */
function* inputBlock(
  job: Job,
  from: number,
  size: number,
): Routine<Uint8Array> {
  try {
    return yield* readBlock(from, size);
  } catch (error) {
    if (!says(job, "conv", "noerror") || !(error instanceof SysError)) {
      throw error;
    }
    yield* complain("dd", error, `error reading '${job.given.if ?? "-"}'`);
    if (error.code !== "EIO") return NOTHING;
    yield* lseek(from, size, "cur");
    return new Uint8Array(size);
  }
}

/** The output, through the page cache: the last block may be of any length. */
function* indirect(job: Job, { bytes }: Copied): Routine<number> {
  const appends = says(job, "oflag", "append");
  const flags = O_WRONLY | (appends ? O_APPEND : 0);
  const fd = yield* open(job.given.of!, flags);
  yield* lseek(fd, job.seekBytes + bytes, "set");
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
