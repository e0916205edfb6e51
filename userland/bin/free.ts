// free [-h]: how much memory the machine has, what its processes use, and what the
// page cache has of the rest (it gives it back when somebody needs it).

import { open, print, type Program, readAll, text } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { humanSize } from "../lib/sizes.ts";

const USAGE = {
  name: "free",
  synopsis: "[-h]",
  about: "Tells in KiB how much memory there is, and who has it.",
  options: { "-h, --human": "sizes like 1.5M" },
};

export default function* main(args: string[]): Program {
  const { given, operands: [extra] } = yield* options(args, USAGE);
  if (extra !== undefined) yield* usageError(USAGE, `extra operand '${extra}'`);
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
  ].map((bytes) =>
    given.h === undefined ? String(bytes / 1024) : humanSize(bytes)
  );
  const titles = ["total", "used", "free", "buff/cache", "dirty", "available"];
  const row = (texts: string[]) =>
    texts.map((text) => text.padStart(11)).join("");
  yield* print(`    ${row(titles)}\nMem:${row(cells)}`);
}
