// What /proc tells, for the programs that show it: processes, threads, sums of
// the kernel. One read each, so that all of it is of one moment. Knows no
// columns and no terminal.

import { close, open, readAll, type Routine, text } from "kettle";

export interface ThreadRow {
  tid: number;
  name: string;
  state: string;
  /** The kind of wait, "" for none; and in words why it is not running. */
  wait: string;
  why: string;
  /** The call it waits in. */
  call: string;
  cpu: number;
  niceness: number;
  userNs: number;
  systemNs: number;
  queuedNs: number;
  startNs: number;
  voluntary: number;
  involuntary: number;
}

export interface ProcessRow {
  pid: number;
  ppid: number;
  group: number;
  name: string;
  args: string[];
  /** A thread of the kernel's own. */
  kernel: boolean;
  state: string;
  waits: string;
  cpuNs: number;
  userNs: number;
  systemNs: number;
  queuedNs: number;
  /** Of the children that it has collected, and theirs. */
  childUserNs: number;
  childSystemNs: number;
  startNs: number;
  voluntary: number;
  involuntary: number;
  niceness: number;
  memoryBytes: number;
  /** It has the terminal open. */
  tty: boolean;
  /** Submitted or pushed, and not taken. */
  requests: number;
  threads: ThreadRow[];
}

export interface CpuTimes {
  userNs: number;
  systemNs: number;
  ioWaitNs: number;
  idleNs: number;
  irqNs: number;
  softirqNs: number;
}

/** Sums since boot. */
export interface Counters {
  atNs: number;
  bootNs: number;
  cpus: CpuTimes[];
  /** Over 1, 5 and 15 min. */
  loads: number[];
  running: number;
  blocked: number;
  traps: number;
  switches: number;
  callbacks: number;
  interrupts: number;
  softirqs: number;
  processes: number;
  pageHits: number;
  pageMisses: number;
  packetsIn: number;
  packetsOut: number;
  packetsDropped: number;
  memory: {
    totalBytes: number;
    usedBytes: number;
    cachedBytes: number;
    dirtyBytes: number;
  };
  diskReads: number;
  diskWrites: number;
  sectorsRead: number;
  sectorsWritten: number;
}

/** A whole file as text. */
export function* fileText(path: string): Routine<string> {
  const fd = yield* open(path);
  const content = text(yield* readAll(fd));
  yield* close(fd);
  return content;
}

/** Every process, in the order in which they began. */
export function* processes(): Routine<ProcessRow[]> {
  const lines = (yield* fileText("/proc/processes")).split("\n");
  return lines.filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ProcessRow);
}

export function* counters(): Routine<Counters> {
  return JSON.parse(yield* fileText("/proc/counters")) as Counters;
}

/** The command as it was typed; a thread of the kernel's is in brackets. */
export function commandLine({ name, args, kernel }: ProcessRow): string {
  return kernel ? `[${name}]` : [name, ...args].join(" ");
}

/** The parts of CPU time, of all CPUs together. */
export function cpuSum(cpus: readonly CpuTimes[]): CpuTimes {
  const sum = {
    userNs: 0,
    systemNs: 0,
    ioWaitNs: 0,
    idleNs: 0,
    irqNs: 0,
    softirqNs: 0,
  };
  const names = Object.keys(sum) as (keyof CpuTimes)[];
  for (const cpu of cpus) {
    names.forEach((name) => sum[name] += cpu[name]);
  }
  return sum;
}

/** What happened to CPU time between two moments. */
export function cpuSince(before: CpuTimes, now: CpuTimes): CpuTimes {
  return {
    userNs: now.userNs - before.userNs,
    systemNs: now.systemNs - before.systemNs,
    ioWaitNs: now.ioWaitNs - before.ioWaitNs,
    idleNs: now.idleNs - before.idleNs,
    irqNs: now.irqNs - before.irqNs,
    softirqNs: now.softirqNs - before.softirqNs,
  };
}

/** `0:02.345678`: minutes and seconds. Times are short here. */
export function cpuTime(ns: number, digits = 6): string {
  const seconds = (ns % 60e9 / 1e9).toFixed(digits).padStart(digits + 3, "0");
  return `${Math.floor(ns / 60e9)}:${seconds}`;
}
