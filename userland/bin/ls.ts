// ls [-l] [-a] [-1] [-R] [-t | -S] [-r] [-h] [-d] [-F] [FILE]…: lists directories in
// name order. On a terminal the names stand in columns; -l tells type, links,
// size and when a file changed.
//
// Divergence from Linux: there are no owners and no permissions to show.

import {
  isatty,
  type Program,
  readdir,
  type Routine,
  stat,
  ttymode,
} from "kettle";
import { type Options, options } from "../lib/args.ts";
import {
  needsStat,
  ordered,
  type Row,
  type Shape,
  shaped,
  totalLine,
} from "../lib/listing.ts";
import { complain, Output } from "../lib/stdio.ts";

const USAGE = {
  name: "ls",
  synopsis: "[OPTION]… [FILE]…",
  about: "Lists directories, or tells about files.",
  options: {
    "-a, --all": "also names that begin with a dot",
    "-A, --almost-all": "as -a, without . and ..",
    "-C": "in columns, also where there is no terminal",
    "-d, --directory": "directories themselves, not what is in them",
    "-f": "as -a -U",
    "-F, --classify": "a mark at names: / directory, | pipe",
    "-h, --human-readable": "sizes like 1.5M",
    "-i, --inode": "the numbers of the inodes",
    "-l": "one entry a line, with details",
    "-m": "in a row, with commas",
    "-n, -g, -o, --numeric-uid-gid": "as -l: there are no owners",
    "-p": "/ at directories",
    "-r, --reverse": "backwards",
    "-R, --recursive": "what is in directories, too",
    "-s, --size": "the size on the disk, in KiB",
    "-S": "the largest first",
    "-t": "the newest first",
    "-U": "as the directory has them",
    "-X": "by what is behind the last dot",
    "-1": "one name a line",
    "--color[=WHEN]": "nothing: names have no colours",
  },
  trouble: 2,
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (given.n !== undefined) given.l = true;
  if (given.f !== undefined) given.a = true;
  const shape = { given, width: yield* widthOf(given) };
  const lister = new Lister(shape, operands.length > 1);
  yield* lister.list(operands.length === 0 ? ["."] : operands);
  yield* lister.output.flush();
  return lister.status;
}

function* widthOf(given: Options["given"]): Routine<number> {
  if (yield* isatty(1)) return (yield* ttymode(1)).columns;
  return given.C === undefined ? 0 : 80;
}

class Lister {
  readonly output = new Output();
  status = 0;
  #hasShown = false;

  constructor(readonly shape: Shape, readonly several: boolean) {}

  /** The operands: first the files among them, then what is in the directories. */
  *list(names: string[]): Routine {
    const { given } = this.shape;
    const files: Row[] = [], directories: Row[] = [];
    for (const name of names) {
      const found = yield* this.#row(name, name, true);
      if (found === null) continue;
      const isInside = found.stat!.type === "directory" &&
        given.d === undefined;
      (isInside ? directories : files).push(found);
    }
    yield* this.output.write(shaped(ordered(files, given), this.shape));
    this.#hasShown = files.length > 0;
    for (const { name } of ordered(directories, given)) {
      yield* this.#directory(name);
    }
  }

  *#row(name: string, path: string, isOperand: boolean): Routine<Row | null> {
    if (!isOperand && !needsStat(this.shape.given)) return { name, stat: null };
    try {
      return { name, stat: yield* stat(path) };
    } catch (error) {
      yield* this.#fail(error, `cannot access '${path}'`, isOperand ? 2 : 1);
      return null;
    }
  }

  *#fail(error: unknown, about: string, status: number): Routine {
    yield* this.output.flush();
    yield* complain("ls", error, about);
    this.status = Math.max(this.status, status);
  }

  *#directory(path: string): Routine {
    const { given } = this.shape;
    const below: string[] = [];
    const rows: Row[] = [];
    try {
      for (const { name, type } of yield* this.#entries(path)) {
        const row = yield* this.#row(name, inside(path, name), false);
        if (row !== null) rows.push(row);
        if (type === "directory" && !/^\.\.?$/.test(name)) below.push(name);
      }
    } catch (error) {
      return yield* this.#fail(error, `cannot open directory '${path}'`, 2);
    }
    if (this.several || given.R !== undefined) {
      yield* this.output.write(`${this.#hasShown ? "\n" : ""}${path}:\n`);
    }
    this.#hasShown = true;
    yield* this.output.write(totalLine(rows, this.shape));
    const sorted = ordered(rows, given);
    yield* this.output.write(shaped(sorted, this.shape));
    if (given.R === undefined) return;
    for (const { name } of sorted) {
      if (below.includes(name)) yield* this.#directory(inside(path, name));
    }
  }

  *#entries(path: string): Routine<{ name: string; type: string }[]> {
    const { a, A } = this.shape.given;
    const found = yield* readdir(path);
    const special = a === undefined
      ? []
      : [".", ".."].map((name) => ({ name, type: "directory" }));
    const isHidden = (name: string) =>
      name.startsWith(".") && (a ?? A) === undefined;
    return [...special, ...found.filter(({ name }) => !isHidden(name))];
  }
}

function inside(path: string, name: string): string {
  return path.endsWith("/") ? path + name : `${path}/${name}`;
}
