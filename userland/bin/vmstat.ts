// vmstat [DELAY [COUNT]]: what the machine does, a line for each interval: threads
// that run or could (r) and that wait for the disk (b), memory and page cache in
// KiB, KiB read from and written to the disk a second (bi, bo), interrupts and
// context switches a second (in, cs), and where the CPU time went in percent. The
// first line is of the time since boot.

import { print, type Program, s, sleep } from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { calendar } from "../lib/calendar.ts";
import {
  type Counters,
  counters,
  cpuSince,
  cpuSum,
  type CpuTimes,
} from "../lib/proc.ts";

const USAGE = {
  name: "vmstat",
  synopsis: "[-n] [-t] [-y] [-C] [-s] [DELAY [COUNT]]",
  about: "Tells what the machine does, every DELAY seconds, COUNT times.",
  options: {
    "-n, --one-header": "the titles once, not again and again",
    "-t, --timestamp": "with the time of each line",
    "-y, --no-first": "not the line of the time since boot",
    "-C, --counts": "io and system as counts in the interval, not a second",
    "-s, --stats": "a list of all sums since boot",
  },
};
const GROUPS = "procs --------memory-------- ----io----- ---system--- " +
  "-------cpu-------";
const TITLES =
  " r  b     free   cache  dirty    bi    bo    in    cs  us  sy " +
  " id  wa";
/** Lines between two headers: a screen's. */
const HEADER_LINES = 20;

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const [delay, times, more] = operands;
  if (more !== undefined) yield* usageError(USAGE, `extra operand '${more}'`);
  if (given.s !== undefined) {
    yield* print(sums(yield* counters()));
    return 0;
  }
  const delayNs = delay === undefined ? s : Math.round(Number(delay) * s);
  if (!Number.isFinite(delayNs)) {
    yield* usageError(USAGE, `failed to parse argument: '${delay}'`);
  }
  if (delayNs <= 0) yield* usageError(USAGE, "delay must be positive");
  const lines = yield* count(USAGE, times, delay === undefined ? 1 : Infinity);
  const withTime = given.t !== undefined;
  let before: Counters | null = null;
  let shown = 0;
  for (let first = true; shown < lines; first = false) {
    if (!first) yield* sleep(delayNs);
    const now = yield* counters();
    if (!first || given.y === undefined) {
      const again = shown % HEADER_LINES === 0 && given.n === undefined;
      if (shown === 0 || again) yield* print(header(withTime));
      const perSecond = given.C === undefined;
      yield* print(line(before, now, { perSecond, withTime }));
      shown += 1;
    }
    before = now;
  }
  return 0;
}

function header(withTime: boolean): string {
  const [groups, titles] = withTime ? [" --clock--", "     time"] : ["", ""];
  return `${GROUPS}${groups}\n${TITLES} ${titles}`.trimEnd();
}

function line(
  before: Counters | null,
  now: Counters,
  { perSecond, withTime }: { perSecond: boolean; withTime: boolean },
): string {
  const seconds = (now.atNs - (before?.atNs ?? now.bootNs)) / s;
  const since = (
    key: "sectorsRead" | "sectorsWritten" | "interrupts" | "switches",
  ) => {
    // Whole KiB at both ends, so that the lines add up.
    const unit = key.startsWith("sectors") ? 2 : 1;
    const count = Math.floor(now[key] / unit) -
      Math.floor((before?.[key] ?? 0) / unit);
    return perSecond ? Math.round(count / Math.max(seconds, 1e-9)) : count;
  };
  const { totalBytes, usedBytes, cachedBytes, dirtyBytes } = now.memory;
  const free = Math.max(0, totalBytes - usedBytes - cachedBytes);
  const spent = before === null
    ? cpuSum(now.cpus)
    : cpuSince(cpuSum(before.cpus), cpuSum(now.cpus));
  const cells: [number, number][] = [
    [now.running - 1, 2], // without vmstat itself
    [now.blocked, 3],
    [free / 1024, 9],
    [cachedBytes / 1024, 8],
    [dirtyBytes / 1024, 7],
    [since("sectorsRead"), 6],
    [since("sectorsWritten"), 6],
    [since("interrupts"), 6],
    [since("switches"), 6],
    ...shares(spent).map((share): [number, number] => [share, 4]),
  ];
  const text = cells.map(([value, width]) =>
    ` ${String(value).padStart(width - 1)}`
  );
  const { hour, minute, second } = calendar(now.atNs);
  return text.join("") + (withTime ? `  ${hour}:${minute}:${second}` : "");
}

/** us, sy, id, wa in whole percent; they add up to 100. */
function shares(spent: CpuTimes): [number, number, number, number] {
  const system = spent.systemNs + spent.irqNs + spent.softirqNs;
  const all = spent.userNs + system + spent.idleNs + spent.ioWaitNs;
  const percent = (ns: number) => all === 0 ? 0 : Math.round(100 * ns / all);
  const us = percent(spent.userNs);
  const wa = percent(spent.ioWaitNs);
  const sy = Math.min(percent(system), 100 - us - wa);
  return [us, sy, 100 - us - sy - wa, wa];
}

/** As vmstat -s: a number and what it counts. */
function sums(now: Counters): string {
  const { totalBytes, usedBytes, cachedBytes, dirtyBytes } = now.memory;
  const spent = cpuSum(now.cpus);
  const rows: [number, string][] = [
    [totalBytes / 1024, "K total memory"],
    [usedBytes / 1024, "K used memory"],
    [cachedBytes / 1024, "K page cache"],
    [dirtyBytes / 1024, "K dirty"],
    [spent.userNs, "ns of user CPU time"],
    [spent.systemNs, "ns of system CPU time"],
    [spent.idleNs, "ns of idle CPU time"],
    [spent.ioWaitNs, "ns of idle CPU time while something waited for the disk"],
    [spent.irqNs, "ns in interrupts"],
    [spent.softirqNs, "ns in what interrupts left for later"],
    [now.sectorsRead / 2, "K read from the disk"],
    [now.sectorsWritten / 2, "K written to the disk"],
    [now.diskReads, "disk reads"],
    [now.diskWrites, "disk writes"],
    [now.pageHits, "page cache hits"],
    [now.pageMisses, "page cache misses"],
    [now.traps, "traps"],
    [now.callbacks, "callbacks"],
    [now.interrupts, "interrupts"],
    [now.softirqs, "soft interrupts"],
    [now.switches, "CPU context switches"],
    [now.packetsIn, "packets received"],
    [now.packetsOut, "packets sent"],
    [now.packetsDropped, "packets dropped"],
    [Math.floor(now.bootNs / s), "boot time, s of the virtual clock"],
    [now.processes, "processes started"],
  ];
  return rows.map(([value, what]) => `${String(value).padStart(15)} ${what}\n`)
    .join("");
}
