// du [-s] [-h] [-a] [-d DEPTH] [PATH]…: how much of the disk files and directories
// take. What has several names counts once.

import { type Program, readdir, type Routine, stat } from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { humanSize } from "../lib/sizes.ts";
import { complain, Output } from "../lib/stdio.ts";

const USAGE = {
  name: "du",
  synopsis: "[-s] [-h] [-a] [-d DEPTH] [PATH]…",
  about: "Tells how much of the disk files and directories take.",
  options: {
    "-s, --summarize": "only the sum of each path",
    "-h, --human-readable": "sizes like 1.5M, not KiB",
    "-a, --all": "files too, not only directories",
    "-d, --max-depth DEPTH": "directories so far down",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (given.s !== undefined && given.a !== undefined) {
    yield* usageError(USAGE, "cannot both summarize and show all entries");
  }
  const depth = given.s === undefined
    ? yield* count(USAGE, given.d, Infinity)
    : 0;
  const walk = new Walk(depth, given.a !== undefined, given.h !== undefined);
  for (const path of operands.length === 0 ? ["."] : operands) {
    yield* walk.add(path, 0);
  }
  yield* walk.output.flush();
  return walk.status;
}

class Walk {
  readonly output = new Output();
  status = 0;
  /** Inodes with several names that are counted already. */
  readonly #seen = new Set<number>();

  constructor(
    readonly depth: number,
    readonly files: boolean,
    readonly human: boolean,
  ) {}

  /** Bytes of a path and all below it. */
  *add(path: string, level: number): Routine<number> {
    try {
      return yield* this.#add(path, level);
    } catch (error) {
      this.status = yield* complain("du", error);
      return 0;
    }
  }

  *#add(path: string, level: number): Routine<number> {
    const { ino, type, nlink, blocks } = yield* stat(path);
    const isDirectory = type === "directory";
    if (nlink > 1 && !isDirectory) {
      if (this.#seen.has(ino)) return 0;
      this.#seen.add(ino);
    }
    let bytes = blocks * 512;
    for (const { name } of isDirectory ? yield* readdir(path) : []) {
      const below = path.endsWith("/") ? path + name : `${path}/${name}`;
      bytes += yield* this.add(below, level + 1);
    }
    const isShown = isDirectory || this.files || level === 0;
    if (isShown && level <= this.depth) {
      const size = this.human ? humanSize(bytes) : String(bytes / 1024);
      yield* this.output.write(`${size}\t${path}\n`);
    }
    return bytes;
  }
}
