// dd [if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N] [conv=fsync,notrunc]
// [iflag=direct] [oflag=direct,append] [status=none]: copies in blocks of a chosen
// size, and tells how long it took.

import {
  clock,
  exit,
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
  write,
} from "kettle";
import { helpText, usageError } from "../lib/args.ts";
import { humanSize } from "../lib/sizes.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "dd",
  synopsis: "[OPERAND]…",
  about: "Copies from if to of, in blocks of bs bytes.",
  options: {
    "if=FILE, of=FILE": "from and to; standard input and output if not given",
    "bs=N": "bytes of a block, 512 if not given; K and M are known",
    "count=N": "so many blocks at most",
    "skip=N, seek=N": "blocks of the input, of the output to pass over first",
    "conv=fsync,notrunc": "wait for the disk; do not cut the output",
    "iflag=direct": "past the page cache",
    "oflag=direct,append": "past the page cache; at the end",
    "status=none": "tell nothing",
  },
};

const NAMES = [
  "if",
  "of",
  "bs",
  "count",
  "skip",
  "seek",
  "conv",
  "iflag",
  "oflag",
  "status",
];

export default function* main(args: string[]): Program {
  const given = yield* operands(args);
  const blockBytes = yield* amount(given, "bs", 512);
  if (blockBytes === 0) yield* usageError(USAGE, "invalid number: '0'");
  const most = yield* amount(given, "count", Infinity);
  const skip = yield* amount(given, "skip", 0);
  const seek = yield* amount(given, "seek", 0);
  const has = (name: string, flag: string) =>
    (given[name] ?? "").split(",").includes(flag);
  const start = yield* clock();
  const copied = { whole: 0, part: 0, bytes: 0 };
  let status = 0;
  try {
    const from = yield* source(given.if, has("iflag", "direct"));
    yield* passOver(from, skip, blockBytes);
    const to = yield* target(given.of, has, seek * blockBytes);
    while (copied.whole + copied.part < most) {
      const block = yield* readBlock(from, blockBytes);
      if (block.length === 0) break;
      yield* write(to, block);
      copied[block.length === blockBytes ? "whole" : "part"]++;
      copied.bytes += block.length;
    }
    if (has("conv", "fsync")) yield* fsync(to);
  } catch (error) {
    status = yield* complain("dd", error);
  }
  if (given.status !== "none") {
    yield* tell(copied, (yield* clock()) - start);
  }
  return status;
}

/** name=value; what is wrong ends the program. */
function* operands(args: string[]): Routine<Record<string, string>> {
  const given: Record<string, string> = {};
  for (const arg of args) {
    if (arg === "--help") {
      yield* write(1, helpText(USAGE));
      yield* exit(0);
    }
    const at = arg.indexOf("=");
    const name = arg.slice(0, at);
    if (at < 0 || !NAMES.includes(name)) {
      yield* usageError(USAGE, `unrecognized operand '${arg}'`);
    }
    given[name] = arg.slice(at + 1);
  }
  return given;
}

function* amount(
  given: Record<string, string>,
  name: string,
  otherwise: number,
): Routine<number> {
  const text = given[name];
  if (text === undefined) return otherwise;
  const [, digits, unit = ""] = /^(\d+)([KM]?)$/.exec(text) ?? [];
  if (digits === undefined) {
    return yield* usageError(USAGE, `invalid number: '${text}'`);
  }
  return Number(digits) * { "": 1, "K": 1024, "M": 1024 * 1024 }[unit]!;
}

function* source(path: string | undefined, direct: boolean): Routine<number> {
  if (path === undefined) return 0;
  return yield* open(path, O_RDONLY | (direct ? O_DIRECT : 0));
}

function* target(
  path: string | undefined,
  has: (name: string, flag: string) => boolean,
  offset: number,
): Routine<number> {
  if (path === undefined) return 1;
  const flags = O_WRONLY | O_CREAT |
    (has("oflag", "direct") ? O_DIRECT : 0) |
    (has("oflag", "append") ? O_APPEND : 0);
  const fd = yield* open(path, flags);
  const isFile = (yield* fstat(fd)).type === "file";
  const cuts = !has("conv", "notrunc") && !has("oflag", "append");
  if (isFile && cuts) yield* ftruncate(fd, offset);
  if (offset > 0) yield* lseek(fd, offset, "set");
  return fd;
}

/** What cannot be sought is read and thrown away. */
function* passOver(fd: number, blocks: number, bytes: number): Routine {
  if (blocks === 0) return;
  const { type } = yield* fstat(fd);
  if (type === "file" || type === "device") {
    yield* lseek(fd, blocks * bytes, "set");
    return;
  }
  for (let i = 0; i < blocks; i++) yield* readBlock(fd, bytes);
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
  { whole, part, bytes }: { whole: number; part: number; bytes: number },
  ns: number,
): Routine {
  const seconds = ns / 1e9;
  const rate = ns === 0 ? "0" : humanSize(Math.round(bytes / seconds));
  yield* write(
    2,
    `${whole}+${part} records in\n${whole}+${part} records out\n` +
      `${bytes} bytes copied, ${seconds.toFixed(6)} s, ${rate}B/s\n`,
  );
}
