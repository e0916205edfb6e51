// stat FILE…: what the kernel knows of a file: inode number, type, size, links,
// time of change.

import { print, type Program, stat } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { calendar } from "../lib/calendar.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "stat",
  synopsis: "FILE…",
  about: "Tells what the kernel knows of a file.",
};

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  let status = 0;
  for (const file of operands) {
    try {
      const { ino, type, size, nlink, mtimeNs } = yield* stat(file);
      const at = calendar(mtimeNs);
      const day = `${at.year}-${at.monthNumber}-${at.day.padStart(2, "0")}`;
      yield* print(`  File: ${file}\n  Type: ${type}\n  Size: ${size} bytes`);
      yield* print(` Inode: ${ino}   Links: ${nlink}`);
      yield* print(`Modify: ${day} ${at.hour}:${at.minute}:${at.second}`);
    } catch (error) {
      status = yield* complain("stat", error);
    }
  }
  return status;
}
