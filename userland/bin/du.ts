// du [-s] [-h] [-a] [-c] [-d DEPTH] [PATH]…: how much of the disk files and
// directories take. What has several names, or is named twice, counts once.

import { type Program, readdir, type Routine, stat } from "kettle";
import { count, type Options, options, usageError } from "../lib/args.ts";
import { humanSize } from "../lib/sizes.ts";
import { complain, Output } from "../lib/stdio.ts";

const USAGE = {
  name: "du",
  synopsis: "[-s] [-h] [-a] [-c] [-d DEPTH] [PATH]…",
  about: "Tells how much of the disk files and directories take.",
  options: {
    "-a, --all": "files too, not only directories",
    "-b, --bytes": "the sizes of the files, in bytes",
    "-c, --total": "the sum of all paths at the end",
    "-d, --max-depth DEPTH": "directories so far down",
    "-h, --human-readable": "sizes like 1.5M, not KiB",
    "-k": "nothing: sizes are in KiB",
    "-m": "sizes in MiB, rounded up",
    "-S, --separate-dirs": "directories without those in them",
    "-s, --summarize": "only the sum of each path",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (given.s !== undefined && given.a !== undefined) {
    yield* usageError(USAGE, "cannot both summarize and show all entries");
  }
  if (given.d !== undefined && !/^\d+$/.test(String(given.d))) {
    yield* usageError(USAGE, `invalid maximum depth '${given.d}'`);
  }
  if (given.s !== undefined && Number(given.d ?? 0) > 0) {
    const what = `summarizing conflicts with --max-depth=${given.d}`;
    yield* usageError(USAGE, `warning: ${what}`);
  }
  const depth = given.s === undefined
    ? yield* count(USAGE, given.d, Infinity)
    : 0;
  const paths = operands.length === 0 ? ["."] : operands;
  const walk = new Walk(given, depth, paths.length > 1);
  let total = 0;
  for (const path of paths) total += yield* walk.add(path, 0);
  if (given.c !== undefined) yield* walk.show(total, "total");
  yield* walk.output.flush();
  return walk.status;
}

class Walk {
  readonly output = new Output();
  status = 0;
  /** Inodes that could be met again and are counted already. */
  readonly #seen = new Set<number>();

  constructor(
    readonly given: Options["given"],
    readonly depth: number,
    readonly several: boolean,
  ) {}

  /** Bytes of a path and all below it. */
  *add(path: string, level: number): Routine<number> {
    try {
      return yield* this.#add(path, level);
    } catch (error) {
      yield* this.output.flush();
      const about = `cannot access '${path}'`;
      this.status = yield* complain("du", error, about);
      return 0;
    }
  }

  *#add(path: string, level: number): Routine<number> {
    const { ino, type, nlink, blocks, size } = yield* stat(path);
    const isDirectory = type === "directory";
    if (blocks > 0 && (this.several || nlink > 1 && !isDirectory)) {
      if (this.#seen.has(ino)) return 0;
      this.#seen.add(ino);
    }
    const own = this.given.b === undefined ? blocks * 512 : size;
    let bytes = own, files = own;
    for (const entry of isDirectory ? yield* readdir(path) : []) {
      const below = path.endsWith("/")
        ? path + entry.name
        : `${path}/${entry.name}`;
      const more = yield* this.add(below, level + 1);
      bytes += more;
      if (entry.type !== "directory") files += more;
    }
    const isShown = isDirectory || this.given.a !== undefined || level === 0;
    if (isShown && level <= this.depth) {
      yield* this.show(this.given.S === undefined ? bytes : files, path);
    }
    return bytes;
  }

  *show(bytes: number, path: string): Routine {
    const { h, b, m } = this.given;
    const size = h !== undefined ? humanSize(bytes) : String(
      b !== undefined ? bytes : Math.ceil(bytes / (m ? 1_048_576 : 1024)),
    );
    yield* this.output.write(`${size}\t${path}\n`);
  }
}
