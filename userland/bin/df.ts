// df [-h] [-i] [PATH]…: how full the disk is.

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
    synopsis: "[-h] [-i] [PATH]…",
    about: "Tells how much of each file system is used, and is free.",
    options: {
      "-h, --human-readable": "sizes like 1.5M",
      "-i, --inodes": "files in place of bytes",
    },
  });
  const { rows, status } = yield* mounts(operands);
  if (rows.length === 0) return status;
  const human = given.h !== undefined;
  const cells = given.i !== undefined
    ? rows.map(inodeRow)
    : rows.map((row) => byteRow(row, human));
  yield* print(table([head(given.i !== undefined, human), ...cells], [0, 5]));
  return status;
}

function head(inodes: boolean, human: boolean): string[] {
  const numbers = inodes
    ? ["Inodes", "IUsed", "IFree", "IUse%"]
    : human
    ? ["Size", "Used", "Avail", "Use%"]
    : ["1K-blocks", "Used", "Available", "Use%"];
  return ["Filesystem", ...numbers, "Mounted on"];
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

function inodeRow({ device, where, statfs }: Mounted): string[] {
  const { inodes, freeInodes } = statfs;
  const used = inodes - freeInodes;
  const counts = [inodes, used, freeInodes].map(String);
  return [device, ...counts, percent(used, inodes), where];
}

/** Rounded up, as df does; a file system that keeps nothing has none. */
function percent(used: number, all: number): string {
  return all === 0 ? "-" : `${Math.ceil(used * 100 / all)}%`;
}
