// free: how much memory the machine has, what its processes use, and what the
// page cache has of the rest (it gives it back when somebody needs it).

import { open, print, type Program, readAll, text } from "kettle";
import { options } from "../lib/args.ts";
import { table } from "../lib/sizes.ts";

export default function* main(args: string[]): Program {
  yield* options(args, {
    name: "free",
    synopsis: "",
    about: "Tells in KiB how much memory there is, and who has it.",
  });
  const fd = yield* open("/proc/meminfo");
  const memory = JSON.parse(text(yield* readAll(fd))) as {
    totalBytes: number;
    usedBytes: number;
    cachedBytes: number;
    dirtyBytes: number;
  };
  const { totalBytes, usedBytes, cachedBytes, dirtyBytes } = memory;
  const available = totalBytes - usedBytes;
  const free = Math.max(0, available - cachedBytes);
  const cells = [
    totalBytes,
    usedBytes,
    free,
    cachedBytes,
    dirtyBytes,
    available,
  ].map((bytes) => String(bytes / 1024));
  yield* print(table([
    ["", "total", "used", "free", "cache", "dirty", "available"],
    ["Mem:", ...cells],
  ], [0]));
}
