// df [-a] [-h] [-i] [-T] [PATH]…: how full the disk is. What keeps nothing (/dev, /proc)
// is shown with -a, or if a path leads there.

import {
  open,
  print,
  type Program,
  readAll,
  type Routine,
  type StatFs,
  statfs,
  text,
} from "kettle";
import { options } from "../lib/args.ts";
import { humanSize, table } from "../lib/sizes.ts";
import { complain } from "../lib/stdio.ts";

interface Mounted {
  device: string;
  where: string;
  statfs: StatFs;
}

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, {
    name: "df",
    synopsis: "[-a] [-h] [-i] [-T] [PATH]…",
    about: "Tells how much of each file system is used, and is free.",
    options: {
      "-a, --all": "those that keep nothing too",
      "-h, --human-readable": "sizes like 1.5M",
      "-i, --inodes": "files in place of bytes",
      "-k": "nothing: sizes are in KiB",
      "-T, --print-type": "what kind of file system it is, too",
    },
  });
  const { rows: found, status } = yield* mounts(operands);
  const keepsNothing = ({ statfs }: Mounted) => statfs.blocks === 0;
  const all = given.a !== undefined || operands.length > 0;
  const rows = all ? found : found.filter((row) => !keepsNothing(row));
  if (rows.length === 0) return status;
  const human = given.h !== undefined;
  const row = given.i !== undefined ? inodeRow : byteRow;
  const typed = (cells: string[], type: string) =>
    given.T === undefined ? cells : cells.toSpliced(1, 0, type);
  const cells = rows.map((mounted) =>
    typed(row(mounted, human), mounted.statfs.mount)
  );
  const titles = typed(head(given.i !== undefined, human), "Type");
  const left = given.T === undefined ? [0, 5] : [0, 1, 6];
  yield* print(table([titles, ...cells], left));
  return status;
}

function head(inodes: boolean, human: boolean): string[] {
  const numbers = inodes
    ? ["Inodes", "IUsed", "IFree", "IUse%"]
    : human
    ? ["Size", "Used", "Avail", "Use%"]
    : ["1K-blocks", "Used", "Available", "Use%"];
  const wide = numbers.map((title) => title.padStart(title === "Use%" ? 4 : 5));
  return ["Filesystem".padEnd(14), ...wide, "Mounted on"];
}

/** Those that hold the paths; without paths, all. */
function* mounts(
  paths: string[],
): Routine<{ rows: Mounted[]; status: number }> {
  const lines = text(yield* readAll(yield* open("/proc/mounts")));
  const known = lines.trimEnd().split("\n").map((line) => line.split(" "));
  const rows: Mounted[] = [];
  let status = 0;
  for (const path of paths.length === 0 ? known.map(([, at]) => at!) : paths) {
    try {
      const found = yield* statfs(path);
      const [device = "?", where = "?"] = known.find(([, , type]) =>
        type === found.mount
      ) ?? [];
      rows.push({ device, where, statfs: found });
    } catch (error) {
      status = yield* complain("df", error);
    }
  }
  return { rows, status };
}

function byteRow({ device, where, statfs }: Mounted, human: boolean): string[] {
  const { blocks, freeBlocks, blockBytes } = statfs;
  const size = (count: number) =>
    human ? humanSize(count * blockBytes) : String(count * blockBytes / 1024);
  const used = blocks - freeBlocks;
  const sizes = [blocks, used, freeBlocks].map(size);
  return [device, ...sizes, percent(used, blocks), where];
}

function inodeRow(
  { device, where, statfs }: Mounted,
  human: boolean,
): string[] {
  const { inodes, freeInodes } = statfs;
  const used = inodes - freeInodes;
  const counts = [inodes, used, freeInodes].map(human ? humanSize : String);
  return [device, ...counts, percent(used, inodes), where];
}

/** Rounded up, as df does; a file system that keeps nothing has none. */
function percent(used: number, all: number): string {
  return all === 0 ? "-" : `${Math.ceil(used * 100 / all)}%`;
}
