// What `perf stat` counts, from trace events: what some processes did, and what
// the machine did meanwhile that belongs to no process (interrupts, the disk, the
// network). Does not read anything.

import type { TraceEvent } from "./trace.ts";

export interface PerfEvent {
  name: string;
  about: string;
  /** Counted for the whole machine: no process is behind it. */
  machine?: boolean;
}

/** Everything that can be counted, in the order in which it is shown. */
export const PERF_EVENTS: readonly PerfEvent[] = [
  { name: "task-clock", about: "CPU time, in ms" },
  { name: "context-switches", about: "times a thread left its CPU" },
  { name: "cpu-migrations", about: "times a thread went to another CPU" },
  { name: "traps", about: "calls of the kernel" },
  { name: "requests", about: "submitted or pushed requests" },
  { name: "callbacks", about: "pushed callbacks and signal handlers" },
  { name: "signals", about: "signals delivered" },
  { name: "cache-hits", about: "blocks found in the page cache" },
  { name: "cache-misses", about: "blocks that had to be read" },
  { name: "interrupts", about: "interrupts of devices", machine: true },
  {
    name: "softirqs",
    about: "work that interrupts left for later",
    machine: true,
  },
  { name: "disk-requests", about: "requests given to the disk", machine: true },
  { name: "packets-sent", about: "packets sent", machine: true },
  { name: "packets-received", about: "packets received", machine: true },
  { name: "packets-dropped", about: "packets dropped", machine: true },
];

export class PerfCounts {
  readonly counts = new Map<string, number>(
    PERF_EVENTS.map(({ name }) => [name, 0]),
  );
  readonly #pids: Set<number> | null;
  /** When each thread that runs got its CPU. */
  #running = new Map<number, { pid: number; sinceNs: number }>();
  #lastCpu = new Map<number, number>();
  #owners = new Map<number, number>();

  /** Of these processes and those they start; null: of all. */
  constructor(pids: Iterable<number> | null) {
    this.#pids = pids === null ? null : new Set(pids);
  }

  add(event: TraceEvent): void {
    const { kind, pid, ppid } = event;
    if (kind === "process_spawn" && this.#pids?.has(Number(ppid))) {
      this.#pids.add(pid);
    }
    this.#addMachine(event);
    if (kind === "sched_switch") this.#addSwitch(event);
    if (kind === "thread_create") this.#owners.set(event.tid, pid);
    if (!this.#has(pid)) return;
    if (kind === "sys_enter") this.#count("traps");
    if (kind === "request_submit") this.#count("requests");
    if (kind === "callback_enter") this.#count("callbacks");
    if (kind === "signal_deliver") this.#count("signals");
    if (kind === "page_hit") this.#count("cache-hits", Number(event.count));
    if (kind === "page_miss") this.#count("cache-misses", Number(event.count));
  }

  /** Threads that run at the end have run until then. */
  finish(endNs: number): void {
    for (const { pid, sinceNs } of this.#running.values()) {
      if (this.#has(pid)) this.#count("task-clock", endNs - sinceNs);
    }
    this.#running.clear();
  }

  #addMachine({ kind }: TraceEvent): void {
    if (kind === "irq_enter") this.#count("interrupts");
    if (kind === "softirq_enter") this.#count("softirqs");
    if (kind === "block_issue") this.#count("disk-requests");
    if (kind === "net_tx") this.#count("packets-sent");
    if (kind === "net_rx") this.#count("packets-received");
    if (kind === "net_drop") this.#count("packets-dropped");
  }

  /** One thread leaves a CPU, another gets it. */
  #addSwitch(event: TraceEvent): void {
    const { at, cpu, pid, tid } = event;
    const next = Number(event.next);
    if (tid !== 0) this.#owners.set(tid, pid);
    const run = this.#running.get(tid);
    this.#running.delete(tid);
    if (this.#has(pid) && tid !== 0) {
      if (run !== undefined) this.#count("task-clock", at - run.sinceNs);
      if (tid !== next) this.#count("context-switches");
    }
    const owner = this.#owners.get(next);
    if (next === 0 || owner === undefined) return;
    this.#running.set(next, { pid: owner, sinceNs: at });
    const lastCpu = this.#lastCpu.get(next) ?? cpu;
    this.#lastCpu.set(next, cpu);
    if (lastCpu !== cpu && this.#has(owner)) this.#count("cpu-migrations");
  }

  #has(pid: number): boolean {
    return this.#pids === null ? pid !== 0 : this.#pids.has(pid);
  }

  #count(name: string, count = 1): void {
    this.counts.set(name, this.counts.get(name)! + count);
  }
}

/** One or several runs of the same. */
export interface PerfRun {
  counts: Map<string, number>;
  elapsedNs: number;
  /** null: not known (nothing was started). */
  userNs: number | null;
  systemNs: number | null;
}

/** What a person reads, as Linux's perf prints it. */
export function statText(
  what: string,
  runs: readonly PerfRun[],
  names: readonly string[],
): string {
  const times = runs.length > 1 ? ` (${runs.length} runs)` : "";
  const second = (of: (run: PerfRun) => number, words: string) =>
    `${(mean(runs, of) / 1e9).toFixed(9).padStart(18)} seconds ${words}`;
  const elapsed = (run: PerfRun) => run.elapsedNs;
  const isKnown = runs.every(({ userNs }) => userNs !== null);
  return [
    "",
    ` Performance counter stats for '${what}'${times}:`,
    "",
    ...names.map((name) => eventRow(name, runs)),
    "",
    second(elapsed, "time elapsed") + spread(runs, elapsed),
    ...(isKnown
      ? [
        "",
        second(({ userNs }) => userNs!, "user"),
        second(({ systemNs }) => systemNs!, "sys"),
      ]
      : []),
    "",
    "",
  ].join("\n");
}

/** How much, its rate, and how far the mean may be off. */
function eventRow(name: string, runs: readonly PerfRun[]): string {
  const of = ({ counts }: PerfRun) => counts.get(name)!;
  const taskNs = mean(runs, ({ counts }) => counts.get("task-clock")!);
  const elapsedNs = mean(runs, (run) => run.elapsedNs);
  const value = mean(runs, of);
  const [number, unit, note] = name === "task-clock"
    ? [(value / 1e6).toFixed(4), "msec", utilized(taskNs, elapsedNs)]
    : [shownCount(value), "", rate(value, taskNs, elapsedNs, name)];
  const cells = `${number.padStart(18)} ${unit.padEnd(4)} ${name.padEnd(24)}`;
  return `${cells} # ${note}${spread(runs, of)}`.trimEnd();
}

function mean(
  runs: readonly PerfRun[],
  of: (run: PerfRun) => number,
): number {
  return runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
}

/** How far the mean of some runs may be off: its standard error in percent. */
function spread(
  runs: readonly PerfRun[],
  of: (run: PerfRun) => number,
): string {
  if (runs.length < 2) return "";
  const middle = mean(runs, of);
  const squares = runs.reduce(
    (sum, run) => sum + (of(run) - middle) * (of(run) - middle),
    0,
  );
  const error = Math.sqrt(squares / (runs.length - 1) / runs.length);
  const percent = middle === 0 ? 0 : 100 * error / middle;
  return `  ( +- ${percent.toFixed(2).padStart(5)}% )`;
}

/** For programs to read: value, unit, event, with something between. */
export function separated(
  { counts }: PerfRun,
  names: readonly string[],
  separator: string,
): string {
  return names.map((name) => {
    const value = counts.get(name)!;
    return name === "task-clock"
      ? [(value / 1e6).toFixed(6), "msec", name].join(separator)
      : [value, "", name].join(separator);
  }).join("\n") + "\n";
}

function shownCount(value: number): string {
  const [whole = "", rest] =
    (Number.isInteger(value) ? String(value) : value.toFixed(1)).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

function utilized(taskNs: number, elapsedNs: number): string {
  const cpus = elapsedNs === 0 ? 0 : taskNs / elapsedNs;
  return `${cpus.toFixed(3).padStart(8)} CPUs utilized`;
}

/** Of a process per second of its CPU time, as Linux has it; of the machine per second that passed. */
function rate(
  value: number,
  taskNs: number,
  elapsedNs: number,
  name: string,
): string {
  const isMachine = PERF_EVENTS.find((event) => event.name === name)?.machine;
  const overNs = isMachine ? elapsedNs : taskNs;
  const perSecond = overNs === 0 ? 0 : value * 1e9 / overNs;
  const [scaled, letter] = perSecond >= 1e6
    ? [perSecond / 1e6, "M/sec"]
    : perSecond >= 1e3
    ? [perSecond / 1e3, "K/sec"]
    : [perSecond, "/sec"];
  const of = isMachine ? " (whole machine)" : "";
  return `${scaled.toFixed(3).padStart(8)} ${letter}${of}`;
}
