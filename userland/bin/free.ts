// free: how much memory the machine has, what its processes use, and what the
// page cache has of the rest (it gives it back when somebody needs it).

import { print, type Program, s, sleep } from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { fileText } from "../lib/proc.ts";
import { humanSize } from "../lib/sizes.ts";

const USAGE = {
  name: "free",
  synopsis: "[-b | -k | -m | -g | -h] [-t] [-s SECONDS [-c COUNT]]",
  about: "Tells in KiB how much memory there is, and who has it.",
  options: {
    "-b, --bytes": "in bytes",
    "-k, --kibi": "in KiB",
    "-m, --mebi": "in MiB",
    "-g, --gibi": "in GiB",
    "-h, --human": "sizes like 1.5M",
    "-t, --total": "with a line for memory and swap together",
    "-s, --seconds N": "again and again, every N seconds",
    "-c, --count N": "so many times",
  },
};
const UNITS: [string, number][] = [
  ["b", 1],
  ["k", 1024],
  ["m", 1024 * 1024],
  ["g", 1024 * 1024 * 1024],
];

export default function* main(args: string[]): Program {
  const { given, operands: [extra] } = yield* options(args, USAGE);
  if (extra !== undefined) yield* usageError(USAGE, `extra operand '${extra}'`);
  const unit = UNITS.find(([name]) => given[name] !== undefined)?.[1] ?? 1024;
  const shown = given.h === undefined
    ? (kilobytes: number) => String(Math.floor(kilobytes * 1024 / unit))
    : (kilobytes: number) => humanSize(kilobytes * 1024);
  const seconds = given.s === undefined ? 1 : Number(given.s);
  if (!(seconds > 0 && seconds < 1e6)) {
    yield* usageError(USAGE, `seconds argument '${given.s}' failed`);
  }
  const times = yield* count(USAGE, given.c, given.s === undefined ? 1 : 1e9);
  for (let time = 0; time < times; time += 1) {
    if (time > 0) yield* sleep(Math.round(seconds * s));
    yield* print(report(yield* memory(), shown, given.t !== undefined));
    if (times > 1) yield* print("");
  }
}

/** /proc/meminfo, in KiB. */
function* memory() {
  const rows = (yield* fileText("/proc/meminfo")).matchAll(/^(\w+): +(\d+)/gm);
  return Object.fromEntries(
    [...rows].map(([, name, kb]) => [name, Number(kb)]),
  );
}

function report(
  memory: Record<string, number>,
  shown: (kilobytes: number) => string,
  withTotal: boolean,
): string {
  const of = (name: string) => memory[name] ?? 0;
  const total = of("MemTotal"), available = of("MemAvailable");
  const used = total - available;
  const row = (name: string, cells: string[]) =>
    name.padEnd(7) + cells.map((cell) => cell.padStart(11)).join("") + "\n";
  const numbers = [
    total,
    used,
    of("MemFree"),
    of("Cached"),
    of("Dirty"),
    available,
  ];
  const titles = ["total", "used", "free", "buff/cache", "dirty", "available"];
  const swap = withTotal ? row("Swap:", [0, 0, 0].map(shown)) : "";
  return row("", titles) + row("Mem:", numbers.map(shown)) + swap +
    (withTotal ? row("Total:", numbers.slice(0, 3).map(shown)) : "");
}
