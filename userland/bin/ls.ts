// ls [-l] [-a] [-1] [FILE]…: lists directories in name order. On a terminal the
// names stand in columns; -l tells type, links, size and when a file changed.

import {
  type DirectoryEntry,
  isatty,
  type Program,
  readdir,
  type Routine,
  type Stat,
  stat,
  ttymode,
} from "kettle";
import { options } from "../lib/args.ts";
import { calendar } from "../lib/calendar.ts";
import { complain, Output } from "../lib/stdio.ts";
import { columnsOf } from "../lib/columns.ts";

interface Row {
  name: string;
  stat: Stat | null;
}

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, {
    name: "ls",
    synopsis: "[-l] [-a] [-1] [FILE]…",
    about: "Lists directories, or tells about files.",
    options: {
      "-a, --all": "also names that begin with a dot",
      "-l": "one entry a line, with details",
      "-1": "one name a line",
      "-d": "directories themselves, not what is in them",
    },
    trouble: 2,
  });
  const output = new Output();
  const shape = yield* shapeOf(given);
  const names = operands.length === 0 ? ["."] : operands;
  const files: Row[] = [];
  const directories: string[] = [];
  let status = 0;
  for (const name of names) {
    try {
      const found = yield* stat(name);
      const inside = found.type === "directory" && given.d === undefined;
      if (inside) directories.push(name);
      else files.push({ name, stat: found });
    } catch (error) {
      yield* complain("ls", error);
      status = 2;
    }
  }
  yield* output.write(shape(files));
  for (const [index, directory] of directories.entries()) {
    if (names.length > 1) {
      const gap = index > 0 || files.length > 0 ? "\n" : "";
      yield* output.write(`${gap}${directory}:\n`);
    }
    const hidden = given.a !== undefined;
    const rows = yield* list(directory, hidden, given.l !== undefined);
    yield* output.write(shape(rows));
  }
  yield* output.flush();
  return status;
}

/** The form of the list: long, one name a line, or columns on a terminal. */
function* shapeOf(
  given: Record<string, unknown>,
): Routine<(rows: Row[]) => string> {
  if (given.l !== undefined) return (rows) => rows.map(long).join("");
  const columns = given[1] === undefined && (yield* isatty(1))
    ? (yield* ttymode(1)).columns
    : 0;
  return (rows) => columnsOf(rows.map(({ name }) => name), columns);
}

function* list(
  directory: string,
  hidden: boolean,
  details: boolean,
): Routine<Row[]> {
  const found: DirectoryEntry[] = yield* readdir(directory);
  const names = found.map(({ name }) => name);
  const rows: Row[] = [];
  for (const name of hidden ? [".", "..", ...names] : names) {
    if (name.startsWith(".") && !hidden) continue;
    const path = `${directory}/${name}`;
    rows.push({ name, stat: details ? yield* stat(path) : null });
  }
  return rows;
}

function long({ name, stat }: Row): string {
  const { type, nlink, size, mtimeNs } = stat!;
  const letter =
    { file: "-", directory: "d", pipe: "p", socket: "s", device: "c" }[type];
  const { month, day, hour, minute } = calendar(mtimeNs);
  const time = `${month} ${day.padStart(2)} ${hour}:${minute}`;
  return `${letter} ${String(nlink).padStart(2)} ${
    String(size).padStart(9)
  } ${time} ${name}\n`;
}
