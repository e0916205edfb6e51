// stat [-c FORMAT | --printf FORMAT] FILE…: what the kernel knows of a file: inode
// number, type, size, links, blocks, time of change.

import { print, type Program, type Stat, stat, write } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { calendar } from "../lib/calendar.ts";
import { addEscaped, ByteText } from "../lib/escape.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "stat",
  synopsis: "[-c FORMAT] FILE…",
  about: "Tells what the kernel knows of a file.",
  options: {
    "-c, --format FORMAT":
      "%n name, %s size, %F type, %i inode, %h links, %b blocks of %B bytes, %y %Y time, %o block",
    "--printf FORMAT": "the same with \\n and \\t, and no newline added",
  },
};
const TYPES = {
  file: "regular file",
  directory: "directory",
  pipe: "fifo",
  socket: "socket",
  device: "character special file",
};
/** The file system's block. */
const BLOCK_BYTES = 4096;

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  let status = 0;
  for (const file of operands) {
    try {
      const found = yield* stat(file);
      if (given.printf !== undefined) {
        yield* write(1, escaped(formatted(String(given.printf), file, found)));
      } else if (given.c !== undefined) {
        yield* write(1, `${formatted(String(given.c), file, found)}\n`);
      } else yield* print(described(file, found));
    } catch (error) {
      status = yield* complain("stat", error, `cannot statx '${file}'`);
    }
  }
  return status;
}

function described(file: string, found: Stat): string {
  const { ino, type, size, nlink, blocks, mtimeNs } = found;
  const what = type === "file" && size === 0
    ? "regular empty file"
    : TYPES[type];
  return `  File: ${file}\n` +
    `  Size: ${String(size).padEnd(10)} Blocks: ${
      String(blocks).padEnd(10)
    } IO Block: ${BLOCK_BYTES}   ${what}\n` +
    ` Inode: ${String(ino).padEnd(10)} Links: ${nlink}\n` +
    `Modify: ${timeOf(mtimeNs)}`;
}

/** 2012-09-18 10:00:00.000000000 +0000 */
function timeOf(mtimeNs: number): string {
  const at = calendar(mtimeNs);
  const day = `${at.year}-${at.monthNumber}-${at.day.padStart(2, "0")}`;
  const fraction = String(mtimeNs % 1_000_000_000).padStart(9, "0");
  return `${day} ${at.hour}:${at.minute}:${at.second}.${fraction} +0000`;
}

function formatted(format: string, file: string, found: Stat): string {
  const values: Record<string, string | number> = {
    n: file,
    N: `'${file}'`,
    s: found.size,
    F: found.type === "file" && found.size === 0
      ? "regular empty file"
      : TYPES[found.type],
    i: found.ino,
    h: found.nlink,
    b: found.blocks,
    B: 512,
    o: BLOCK_BYTES,
    y: timeOf(found.mtimeNs),
    Y: calendar(found.mtimeNs).epoch,
    "%": "%",
  };
  return format.replace(
    /%([-0]?\d*)(?:\.\d+)?(.)/g,
    (_, width: string, letter) => {
      const value = String(values[letter] ?? "?");
      const columns = Math.abs(Number(width));
      if (width.startsWith("-")) return value.padEnd(columns);
      return value.padStart(columns, width.startsWith("0") ? "0" : " ");
    },
  );
}

function escaped(text: string): Uint8Array {
  const output = new ByteText();
  addEscaped(output, text, "\\ooo");
  return output.bytes();
}
