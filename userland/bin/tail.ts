// tail [-n [+]COUNT | -c [+]BYTES] [-f] [-s TIME] [FILE]…: writes the last lines of
// files (10 unless said), or with a plus sign everything from there on. With -f
// it goes on when they grow: it looks again and again (each second, or TIME),
// since no call waits for a file to change.

import {
  close,
  fstat,
  lseek,
  open,
  type Program,
  read,
  type Routine,
  s,
  sleep,
  stat,
  SysError,
  write,
} from "kettle";
import { options, refuse } from "../lib/args.ts";
import {
  type Amount,
  amountOf,
  headings,
  newlines,
  oldStyle,
} from "../lib/part.ts";
import {
  CHUNK_BYTES,
  complain,
  copy,
  endWriting,
  isWriteError,
  LineReader,
} from "../lib/stdio.ts";

const NEWLINE = 10;
const USAGE = {
  name: "tail",
  synopsis: "[-n [+]COUNT | -c [+]BYTES] [-f | -F] [FILE]…",
  about: "Writes the last lines of files.",
  options: {
    "-n, --lines COUNT":
      "that many lines instead of 10; +COUNT: from that line",
    "-c, --bytes BYTES": "bytes instead of lines",
    "-f, --follow": "go on when a file grows",
    "-F": "as -f, and look for a new file of that name",
    "-s, --sleep-interval SECONDS": "how long -f waits between two looks",
    "-q, --quiet, --silent": "no names of files",
    "-v, --verbose": "always the names of files",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands, order } = yield* options(oldStyle(args), USAGE);
  const amount = yield* amountOf(USAGE, order);
  const seconds = Number(given.s ?? 1);
  if (!(seconds >= 0)) {
    return yield* refuse(USAGE, `invalid number of seconds: '${given.s}'`);
  }
  const { count, sign } = amount;
  const follows = (given.f ?? given.F) !== undefined;
  if (count === 0 && sign !== "+" && !follows) return 0;
  const heading = headings(given, operands);
  const followed: Followed[] = [];
  let status = 0;
  for (const file of operands.length === 0 ? ["-"] : operands) {
    let fd = -1;
    try {
      fd = file === "-" ? 0 : yield* open(file, "r");
      yield* heading(file);
      yield* showEnd(fd, amount);
      followed.push({ fd, file });
    } catch (error) {
      if (isWriteError(error)) yield* endWriting("tail", error);
      const name = file === "-" ? "standard input" : file;
      status = yield* complain(
        "tail",
        error,
        fd < 0
          ? `cannot open '${name}' for reading`
          : `error reading '${name}'`,
      );
    }
  }
  if (follows && followed.length > 0) {
    const byName = given.F !== undefined;
    yield* follow(followed, seconds * s, byName, heading);
  }
  return status;
}

interface Followed {
  fd: number;
  file: string;
}

function* showEnd(fd: number, { unit, sign, count }: Amount): Routine {
  if (sign === "+") {
    yield* unit === "c" ? skipBytes(fd, count - 1) : skipLines(fd, count - 1);
  } else yield* keepLast(fd, unit, count);
}

/** Keeps chunks that together hold the end, and no more; of a file only that is read. */
function* keepLast(fd: number, unit: "n" | "c", count: number): Routine {
  if (unit === "c") yield* stepTo(fd, count);
  const kept: { bytes: Uint8Array; weight: number }[] = [];
  let first = 0, size = 0, isWhole = true;
  while (true) {
    const bytes = yield* read(fd, CHUNK_BYTES);
    if (bytes.length === 0) break;
    const weight = unit === "c" ? bytes.length : newlines(bytes);
    isWhole = bytes.at(-1) === NEWLINE;
    kept.push({ bytes, weight });
    size += weight;
    while (size - kept[first]!.weight > count) {
      size -= kept[first]!.weight;
      kept[first++] = { bytes: new Uint8Array(0), weight: 0 };
    }
  }
  let excess = unit === "c" || isWhole ? size - count : size - count + 1;
  if (count === 0) return;
  for (const { bytes } of kept.slice(first)) {
    let from = 0;
    if (unit === "c") from = Math.max(0, excess);
    else {
      for (; excess > 0 && from < bytes.length; excess--) {
        const newline = bytes.indexOf(NEWLINE, from);
        if (newline < 0) break;
        from = newline + 1;
      }
      if (excess > 0) continue;
    }
    if (unit === "c") excess = 0;
    yield* write(1, bytes.subarray(from));
  }
}

/** Goes to where the last bytes begin, if it is a file that can be sought. */
function* stepTo(fd: number, count: number): Routine {
  const { type, size } = yield* fstat(fd);
  if (type !== "file") return;
  const at = yield* lseek(fd, 0, "cur");
  yield* lseek(fd, Math.max(at, size - count));
}

function* skipLines(fd: number, count: number): Routine {
  const lines = new LineReader(fd);
  for (let line = 0; line < count; line += 1) {
    if ((yield* lines.next()) === null) return;
  }
  const rest = lines.rest();
  if (rest.length > 0) yield* write(1, rest);
  yield* copy(fd, 1);
}

function* skipBytes(fd: number, count: number): Routine {
  for (let left = count; left > 0;) {
    const chunk = yield* read(fd, Math.min(left, CHUNK_BYTES));
    if (chunk.length === 0) return;
    left -= chunk.length;
  }
  yield* copy(fd, 1);
}

/** Looks at all files in turn; a file that became shorter is read from its new end. */
function* follow(
  files: Followed[],
  intervalNs: number,
  byName: boolean,
  heading: (file: string) => Routine,
): Routine {
  let last = files.at(-1)!.file;
  while (true) {
    for (const followed of files) {
      if (byName) yield* noticeNew(followed);
      const { fd, file } = followed;
      yield* noticeCut(fd, file);
      while (true) {
        const chunk = yield* read(fd, CHUNK_BYTES);
        if (chunk.length === 0) break;
        if (file !== last) yield* heading(file);
        last = file;
        yield* write(1, chunk);
      }
    }
    yield* sleep(Math.round(intervalNs));
  }
}

function* noticeCut(fd: number, file: string): Routine {
  const { type, size } = yield* fstat(fd);
  if (type !== "file") return;
  try {
    if ((yield* lseek(fd, 0, "cur")) <= size) return;
    yield* lseek(fd, 0, "end");
    yield* complain("tail", `${file}: file truncated`);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}

/** Another file has the name now: go on with that one, from its beginning. */
function* noticeNew(followed: Followed): Routine {
  const { fd, file } = followed;
  if (file === "-") return;
  try {
    if ((yield* stat(file)).ino === (yield* fstat(fd)).ino) return;
    followed.fd = yield* open(file, "r");
  } catch (error) {
    if (error instanceof SysError) return; // it may come back
    throw error;
  }
  yield* close(fd);
  const what = `'${file}' has been replaced;  following new file`;
  yield* complain("tail", what);
}
