// iostat [-x] [-d] [-y] [INTERVAL [COUNT]]: what the disk does: requests and KiB a
// second, how long each takes, how many are under way, how much of the time it is
// busy. Since the machine was switched on, then for each interval of so many
// seconds. The columns are those of sysstat's iostat -x.

import { print, type Program, type Routine, s, sleep } from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { fileText } from "../lib/proc.ts";

const USAGE = {
  name: "iostat",
  synopsis: "[-x] [-d] [-y] [INTERVAL [COUNT]]",
  about: "Tells what the disk has done, every INTERVAL seconds, COUNT times.",
  options: {
    "-x": "all columns; they are shown without it too",
    "-d": "only disks; there is nothing else to show",
    "-y": "not what was before the first interval",
  },
};

/** What /proc/diskstats says of a disk, and when. */
interface Sample {
  atS: number;
  name: string;
  reads: number;
  readSectors: number;
  readMs: number;
  writes: number;
  writeSectors: number;
  writeMs: number;
  busyMs: number;
  weightedMs: number;
  flushes: number;
}

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const [interval, times, more] = operands;
  if (more !== undefined) yield* usageError(USAGE, `extra operand '${more}'`);
  const intervalNs = interval === undefined ? 0 : Number(interval) * s;
  if (interval !== undefined && !(intervalNs >= 1 && intervalNs < Infinity)) {
    yield* usageError(USAGE, `invalid number: '${interval}'`);
  }
  let left = yield* count(USAGE, times, interval === undefined ? 1 : Infinity);
  if (left === 0) yield* usageError(USAGE, `invalid number: '${times}'`);
  let before = yield* sample();
  if (given.y === undefined || interval === undefined) {
    yield* print(report(null, before));
    left--;
  }
  while (left-- > 0) {
    yield* sleep(Math.round(intervalNs));
    const now = yield* sample();
    yield* print("\n" + report(before, now));
    before = now;
  }
}

function* sample(): Routine<Sample> {
  const stats = yield* fileText("/proc/diskstats");
  const uptime = yield* fileText("/proc/uptime");
  const [, , name, ...fields] = stats.trim().split(/ +/);
  const f = fields.map(Number);
  return {
    atS: Number(uptime.split(" ")[0]),
    name: name!,
    reads: f[0]!,
    readSectors: f[2]!,
    readMs: f[3]!,
    writes: f[4]!,
    writeSectors: f[6]!,
    writeMs: f[7]!,
    busyMs: f[9]!,
    weightedMs: f[10]!,
    flushes: f[15]!,
  };
}

/** What happened between two samples; from the beginning if there is one only. */
function report(before: Sample | null, now: Sample): string {
  const since = (key: Exclude<keyof Sample, "name">) =>
    now[key] - (before?.[key] ?? 0);
  const seconds = Math.max(since("atS"), 1e-9);
  const reads = since("reads"), writes = since("writes");
  const each = (ms: number, count: number) => count === 0 ? 0 : ms / count;
  const columns: [string, number][] = [
    ["r/s", reads / seconds],
    ["rkB/s", since("readSectors") / 2 / seconds],
    ["r_await", each(since("readMs"), reads)],
    ["w/s", writes / seconds],
    ["wkB/s", since("writeSectors") / 2 / seconds],
    ["w_await", each(since("writeMs"), writes)],
    ["f/s", since("flushes") / seconds],
    ["aqu-sz", since("weightedMs") / 1000 / seconds],
    ["%util", Math.min(100, since("busyMs") / 10 / seconds)],
  ];
  const cells = (values: string[]) =>
    values.map((value) => value.padStart(7)).join(" ");
  const head = cells(columns.map(([title]) => title));
  const row = cells(columns.map(([, value]) => value.toFixed(2)));
  return `Device ${head}\n${now.name.padEnd(6)} ${row}\n`;
}
