// The lists of top: what the machine and its processes did between two looks, as
// lines of text. Knows no terminal and no keys.

import { type Routine, s } from "kettle";
import { calendar } from "./calendar.ts";
import {
  commandLine,
  type Counters,
  counters,
  cpuSince,
  cpuSum,
  cpuTime,
  processes,
  type ProcessRow,
} from "./proc.ts";

export type Order = "cpu" | "memory" | "time" | "pid";

export interface TopOptions {
  order: Order;
  /** A line for each thread. */
  threads: boolean;
  /** Whole commands, not names. */
  commands: boolean;
  /** Only those that used the CPU. */
  busy: boolean;
  /** Only these. */
  pids: number[] | null;
}

/** What there is at a moment. */
export interface Look {
  now: Counters;
  rows: ProcessRow[];
}

export function* look(): Routine<Look> {
  const rows = yield* processes();
  return { rows, now: yield* counters() };
}

interface Line {
  pid: number;
  tid: number;
  niceness: number;
  state: string;
  usedNs: number;
  /** CPU time since the look before. */
  sinceNs: number;
  memoryBytes: number;
  command: string;
  why: string;
}

/** Lines above the list. */
const HEADER_LINES = 7;
/** With less, only what matters most of each process is shown. */
const NARROW_COLUMNS = 72;
/** Of a whole command no more, so that there is room for what it waits for. */
const COMMAND_CELLS = 32;

export class TopView {
  #before: Look | null = null;
  #current: Look | null = null;

  constructor(readonly options: TopOptions) {}

  take(look: Look): void {
    this.#before = this.#current;
    this.#current = look;
  }

  /** What there was to be seen last, in a field of so many cells. */
  lines(columns: number, rows: number, message = ""): string[] {
    const current = this.#current!;
    const before = this.#before?.now ?? null;
    const list = this.#list().slice(0, Math.max(0, rows - HEADER_LINES));
    const isNarrow = columns < NARROW_COLUMNS;
    return [
      clockLine(current.now),
      this.#stateLine(),
      cpuLine(before, current.now),
      memoryLine(current.now),
      kernelLine(before, current.now),
      message,
      this.#titles(isNarrow),
      ...list.map((line) => this.#row(line, isNarrow)),
    ].map((line) => [...line].slice(0, columns).join("").trimEnd());
  }

  // ----------------------------------------------------------- the list

  #list(): Line[] {
    const { busy, pids, order } = this.options;
    const lines = this.#current!.rows
      .filter(({ pid }) => pids === null || pids.includes(pid))
      .flatMap((row) => this.#linesOf(row))
      .filter(({ sinceNs }) => !busy || sinceNs > 0);
    const key: Record<Order, (line: Line) => number> = {
      cpu: ({ sinceNs }) => sinceNs,
      memory: ({ memoryBytes }) => memoryBytes,
      time: ({ usedNs }) => usedNs,
      pid: ({ tid }) => tid,
    };
    return lines.sort((a, b) => key[order](b) - key[order](a) || a.tid - b.tid);
  }

  #linesOf(row: ProcessRow): Line[] {
    const { threads, commands } = this.options;
    const before = this.#before?.rows.find(({ pid, startNs }) =>
      pid === row.pid && startNs === row.startNs
    );
    const { pid, memoryBytes } = row;
    const command = commands ? commandLine(row) : row.name;
    if (!threads) {
      const sinceNs = row.cpuNs - (before?.cpuNs ?? 0);
      const { state, niceness, cpuNs: usedNs, waits: why } = row;
      const tid = pid;
      const shared = { pid, tid, niceness, state, memoryBytes };
      return [{ ...shared, usedNs, sinceNs, command, why }];
    }
    return row.threads.map((thread) => {
      const { tid, state, niceness, why, name } = thread;
      const last = before?.threads.find((each) => each.tid === tid);
      const usedNs = thread.userNs + thread.systemNs;
      const sinceNs = usedNs - (last?.userNs ?? 0) - (last?.systemNs ?? 0);
      const own = name === row.name ? command : `${command}/${name}`;
      return {
        ...{ pid, tid, niceness, state, usedNs, sinceNs, memoryBytes, why },
        command: own,
      };
    });
  }

  #titles(isNarrow: boolean): string {
    const first = this.options.threads ? "  PID   TID" : "  PID";
    if (isNarrow) return `${first} S  %CPU COMMAND    WAITS FOR`;
    return `${first}  NI S  %CPU  %MEM      TIME+ COMMAND          WAITS FOR`;
  }

  #row(line: Line, isNarrow: boolean): string {
    const { now } = this.#current!;
    const percent = (100 * line.sinceNs / this.#spanNs).toFixed(1).padStart(5);
    const numbers = [
      String(line.pid).padStart(5),
      ...(this.options.threads ? [String(line.tid).padStart(5)] : []),
    ];
    const why = line.why || "-";
    if (isNarrow) {
      const command = line.command.slice(0, COMMAND_CELLS).padEnd(10);
      return [...numbers, line.state, percent, command, why].join(" ");
    }
    return [
      ...numbers,
      String(line.niceness).padStart(3),
      line.state,
      percent,
      (100 * line.memoryBytes / now.memory.totalBytes).toFixed(1).padStart(5),
      cpuTime(line.usedNs, 4).padStart(10),
      line.command.slice(0, COMMAND_CELLS).padEnd(16),
      why,
    ].join(" ");
  }

  /** Since the look before, or since boot. */
  get #spanNs(): number {
    const { atNs, bootNs } = this.#current!.now;
    return Math.max(1, atNs - (this.#before?.now.atNs ?? bootNs));
  }

  #stateLine(): string {
    const { rows } = this.#current!;
    const { threads } = this.options;
    const states = threads
      ? rows.flatMap((row) => row.threads.map(({ state }) => state))
      : rows.map(({ state }) => state);
    const count = (letters: string) =>
      states.filter((state) => letters.includes(state)).length;
    const cells: [number, string][] = [
      [states.length, "total"],
      [count("R"), "running"],
      [count("SD"), "sleeping"],
      [count("T"), "stopped"],
      [count("Z"), "zombie"],
    ];
    const text = cells.map(([number, word]) =>
      `${String(number).padStart(3)} ${word}`
    );
    return `${threads ? "Threads" : "Tasks"}: ${text.join(", ")}`;
  }
}

// ------------------------------------------------------------- the header

function clockLine({ atNs, bootNs, loads }: Counters): string {
  const { hour, minute, second } = calendar(atNs);
  const up = ((atNs - bootNs) / s).toFixed(3);
  const average = loads.map((load) => load.toFixed(2)).join(", ");
  return `top - ${hour}:${minute}:${second} up ${up} s,  load average: ${average}`;
}

function cpuLine(before: Counters | null, now: Counters): string {
  const all = cpuSum(now.cpus);
  const spent = before === null ? all : cpuSince(cpuSum(before.cpus), all);
  const sum = Object.values(spent).reduce((a: number, b: number) => a + b, 0);
  const cell = (ns: number, name: string) =>
    `${(sum === 0 ? 0 : 100 * ns / sum).toFixed(1).padStart(5)} ${name}`;
  return "%Cpu(s):" + [
    cell(spent.userNs, "us"),
    cell(spent.systemNs, "sy"),
    cell(spent.idleNs, "id"),
    cell(spent.ioWaitNs, "wa"),
    cell(spent.irqNs, "hi"),
    cell(spent.softirqNs, "si"),
  ].join(", ");
}

function memoryLine({ memory }: Counters): string {
  const { totalBytes, usedBytes, cachedBytes, dirtyBytes } = memory;
  const cell = (bytes: number, name: string) =>
    `${(bytes / (1024 * 1024)).toFixed(1).padStart(8)} ${name}`;
  return "MiB Mem :" + [
    cell(totalBytes, "total"),
    cell(Math.max(0, totalBytes - usedBytes - cachedBytes), "free"),
    cell(usedBytes, "used"),
    cell(cachedBytes, "buff/cache"),
    cell(dirtyBytes, "dirty"),
  ].join(", ");
}

/** Per second: what a real top has no room for. */
function kernelLine(before: Counters | null, now: Counters): string {
  const seconds = Math.max(1, now.atNs - (before?.atNs ?? now.bootNs)) / s;
  const names = ["traps", "switches", "interrupts", "callbacks"] as const;
  const cells = names.map((name) => {
    const perSecond = (now[name] - (before?.[name] ?? 0)) / seconds;
    return `${String(Math.round(perSecond)).padStart(7)} ${name}`;
  });
  return `a second:${cells.join(", ")}`;
}
