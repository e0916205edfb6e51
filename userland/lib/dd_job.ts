// What dd is to do, as its operands say it (if=FILE bs=4K conv=fsync,notrunc …):
// which words there are, what numbers mean, and the complaint about all others.
// It copies nothing.

import { exit, MiB, type Routine, write } from "kettle";
import { helpText, refuse, usageError } from "./args.ts";

const USAGE = {
  name: "dd",
  synopsis: "[OPERAND]…",
  about: "Copies from if to of, in blocks of bs bytes.",
  options: {
    "if=FILE, of=FILE": "from and to; standard input and output if not given",
    "bs=N": "bytes of a block, 512 if not given; K, M, kB, MB … are known",
    "count=N": "so many blocks at most",
    "skip=N, seek=N": "blocks of the input, of the output to pass over first",
    "conv=fsync,notrunc": "wait for the disk; do not cut the output",
    "conv=ucase,lcase,swab": "letters large or small; bytes two and two",
    "conv=sync,noerror": "fill blocks with zeros; go on after an error",
    "conv=excl,nocreat": "the output must not, or must, be there",
    "iflag=direct": "past the page cache (also nonblock, fullblock)",
    "oflag=direct,append": "past the page cache; at the end",
    "iflag=count_bytes,skip_bytes": "count, skip are bytes (oflag=seek_bytes)",
    "status=none": "tell nothing (noxfer: not how long; progress: each second)",
  },
};

const NAMES = "if of bs ibs obs count skip seek conv iflag oflag status".split(
  " ",
);
/** What may be said, and how GNU dd calls it when it may not. */
const WORDS: Record<string, { words: string[]; what: string }> = {
  conv: {
    words: "fsync fdatasync notrunc ucase lcase swab sync noerror excl nocreat"
      .split(" "),
    what: "conversion",
  },
  iflag: {
    words: "direct fullblock nonblock count_bytes skip_bytes".split(" "),
    what: "input flag",
  },
  oflag: {
    words: "direct append nonblock seek_bytes".split(" "),
    what: "output flag",
  },
  status: { words: ["none", "noxfer", "progress"], what: "status level" },
};
const UNITS: Record<string, number> = {
  "": 1,
  c: 1,
  w: 2,
  b: 512,
  kB: 1000,
  K: 1024,
  KiB: 1024,
  MB: 1e6,
  M: MiB,
  MiB,
  GB: 1e9,
  G: 1024 * MiB,
  GiB: 1024 * MiB,
};
/** More than a machine has memory for. */
const BLOCK_BYTES_MAX = 64 * MiB;

type Given = Record<string, string | undefined>;

export interface Job {
  given: Given;
  blockBytes: number;
  /** Blocks, at most; and bytes. */
  most: number;
  mostBytes: number;
  skipBytes: number;
  seekBytes: number;
}

/** name=value; what is wrong ends the program. */
function* operands(args: string[]): Routine<Given> {
  const given: Given = {};
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
    const value = given[name] = arg.slice(at + 1);
    const { words, what } = WORDS[name] ?? { words: null, what: "" };
    for (const word of words === null ? [] : value.split(",")) {
      if (words!.includes(word)) continue;
      yield* usageError(USAGE, `invalid ${what}: '${word}'`);
    }
  }
  const changes = (given.conv ?? "").split(",");
  if (changes.includes("lcase") && changes.includes("ucase")) {
    yield* refuse(USAGE, "cannot combine lcase and ucase");
  }
  return given;
}

/** What is to be done; a wrong operand ends the program. */
export function* jobOf(args: string[]): Routine<Job> {
  const given = yield* operands(args);
  const blockBytes = given.bs === undefined
    ? yield* inputBytes(given)
    : yield* amount(given, "bs", 512);
  if (blockBytes === 0) yield* refuse(USAGE, "invalid number: '0'");
  if (blockBytes > BLOCK_BYTES_MAX) {
    yield* refuse(USAGE, `no memory for a block of ${blockBytes} bytes`);
  }
  const bytes = (flag: string, word: string) =>
    (given[flag] ?? "").split(",").includes(word);
  const count = yield* amount(given, "count", Infinity);
  const skip = yield* amount(given, "skip", 0);
  const seek = yield* amount(given, "seek", 0);
  const isBytes = bytes("iflag", "count_bytes");
  return {
    given,
    blockBytes,
    most: isBytes ? Infinity : count,
    mostBytes: isBytes ? count : Infinity,
    skipBytes: bytes("iflag", "skip_bytes") ? skip : skip * blockBytes,
    seekBytes: bytes("oflag", "seek_bytes") ? seek : seek * blockBytes,
  };
}

/** Blocks are read and written in one size: that of ibs, else of obs. */
function* inputBytes(given: Given): Routine<number> {
  const output = yield* amount(given, "obs", 512);
  return yield* amount(given, "ibs", output);
}

function* amount(
  given: Given,
  name: string,
  otherwise: number,
): Routine<number> {
  const text = given[name];
  if (text === undefined) return otherwise;
  const [, digits, unit = ""] = /^(\d+)([A-Za-z]*)$/.exec(text) ?? [];
  const value = Number(digits) * (UNITS[unit] ?? NaN);
  if (Number.isSafeInteger(value)) return value;
  return yield* refuse(USAGE, `invalid number: '${text}'`);
}

export function says({ given }: Job, name: string, word: string): boolean {
  return (given[name] ?? "").split(",").includes(word);
}
