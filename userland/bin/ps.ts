// ps: the processes of this machine, one a line: who it is, its state (R runs or
// could, S sleeps, D waits for the disk, T is stopped, Z ended and was not waited
// for), its CPU time, and why it is not running. -L and -T show threads.

import { isatty, print, type Program, ttymode, write } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { calendar } from "../lib/calendar.ts";
import {
  commandLine,
  type Counters,
  counters,
  cpuTime,
  processes,
  type ProcessRow,
  type ThreadRow,
} from "../lib/proc.ts";
import { humanSize } from "../lib/sizes.ts";

const USAGE = {
  name: "ps",
  synopsis: "[-e] [-f] [-L | -T] [-o COLUMNS] [-p PIDS] [aux]",
  about: "Lists the processes of this machine and what each waits for.",
  options: {
    "-e": "nothing: all are shown",
    "-A": "nothing: all are shown",
    "-a": "nothing: all are shown",
    "-f": "full: group, start, whole command",
    "-l": "with memory and switches",
    "-L": "a line for each thread",
    "-T": "a line for each thread",
    "-o, --format COLUMNS": "which columns, by comma; NAME=TITLE; - for a list",
    "-p, --pid PIDS": "only these, by comma",
    "-C NAMES": "only commands of these names",
    "--ppid PIDS": "only children of these",
    "--sort COLUMN": "in this order; with - in front the largest first",
    "--no-headers": "no titles",
    "-w": "lines as long as they are, however wide the terminal",
  },
};

/** A line to be: a process, or one of its threads. */
interface Line {
  process: ProcessRow;
  thread: ThreadRow | null;
  now: Counters;
}

interface Column {
  title: string;
  left?: boolean;
  value: (line: Line) => string;
  /** What to sort by, if not the text. */
  key?: (line: Line) => number;
}

const number = (
  title: string,
  of: (line: Line) => number,
): Column => ({ title, value: (line) => String(of(line)), key: of });

const usedNs = ({ process, thread }: Line) =>
  thread === null ? process.cpuNs : thread.userNs + thread.systemNs;
const startNs = ({ process, thread }: Line) => (thread ?? process).startNs;

/** Share of the time since it began. */
function percent(line: Line): number {
  const aliveNs = line.now.atNs - startNs(line);
  return aliveNs <= 0 ? 0 : 100 * usedNs(line) / aliveNs;
}

const time = (title: string, of: (line: Line) => number): Column => ({
  title,
  value: (line) => cpuTime(of(line)),
  key: of,
});

const COLUMNS: Record<string, Column> = {
  pid: number("PID", ({ process }) => process.pid),
  ppid: number("PPID", ({ process }) => process.ppid),
  pgid: number("PGID", ({ process }) => process.group),
  tid: number("TID", ({ process, thread }) => thread?.tid ?? process.pid),
  thr: number("THR", ({ process }) => process.threads.length),
  nlwp: number("NLWP", ({ process }) => process.threads.length),
  requests: number("REQ", ({ process }) => process.requests),
  ni: number("NI", ({ process, thread }) => (thread ?? process).niceness),
  pri: number(
    "PRI",
    ({ process, thread }) => 20 + (thread ?? process).niceness,
  ),
  state: {
    title: "ST",
    left: true,
    value: ({ process, thread }) => thread?.state ?? process.state,
  },
  tty: {
    title: "TTY",
    left: true,
    value: ({ process }) => process.tty ? "console" : "?",
  },
  time: time("TIME", usedNs),
  utime: time("UTIME", ({ process, thread }) => (thread ?? process).userNs),
  stime: time("STIME", ({ process, thread }) => (thread ?? process).systemNs),
  queued: time("QUEUED", ({ process, thread }) => (thread ?? process).queuedNs),
  etime: time("ELAPSED", (line) => line.now.atNs - startNs(line)),
  start: { title: "START", value: startText, key: startNs },
  pcpu: {
    title: "%CPU",
    value: (line) => percent(line).toFixed(1),
    key: percent,
  },
  pmem: {
    title: "%MEM",
    value: ({ process, now }) =>
      (100 * process.memoryBytes / now.memory.totalBytes).toFixed(1),
    key: ({ process }) => process.memoryBytes,
  },
  rss: number("RSS", ({ process }) => process.memoryBytes / 1024),
  size: {
    title: "SIZE",
    value: ({ process }) => humanSize(process.memoryBytes),
    key: ({ process }) => process.memoryBytes,
  },
  nvcsw: number("VCSW", ({ process, thread }) => (thread ?? process).voluntary),
  nivcsw: number(
    "IVCSW",
    ({ process, thread }) => (thread ?? process).involuntary,
  ),
  psr: number(
    "PSR",
    ({ process, thread }) => (thread ?? process.threads[0])?.cpu ?? 0,
  ),
  comm: {
    title: "COMMAND",
    left: true,
    value: ({ process, thread }) =>
      thread === null || thread.name === process.name
        ? process.name
        : `${process.name}/${thread.name}`,
  },
  args: {
    title: "COMMAND",
    left: true,
    value: ({ process }) => commandLine(process),
  },
  call: {
    title: "CALL",
    left: true,
    value: ({ process, thread }) => (thread ?? process.threads[0])?.call || "-",
  },
  wchan: {
    title: "WAITS FOR",
    left: true,
    value: ({ process, thread }) => (thread?.why ?? process.waits) || "-",
  },
};

/** Other names of columns. */
const ALIASES: Record<string, string> = {
  "%cpu": "pcpu",
  "%mem": "pmem",
  c: "pcpu",
  cmd: "args",
  command: "args",
  cputime: "time",
  lwp: "tid",
  nice: "ni",
  pgrp: "pgid",
  rssize: "rss",
  s: "state",
  spid: "tid",
  stat: "state",
  stime: "start",
  systime: "stime",
  thcount: "nlwp",
  tname: "tty",
  tt: "tty",
  ucmd: "comm",
  vsize: "rss",
  vsz: "rss",
  waits: "wchan",
  why: "wchan",
};

/** Longest cell that is not the last of its line. */
const CELL_MAX = 48;

const FORMATS = {
  plain: "pid,ppid,state,thr,time,comm,wchan",
  full: "pid,ppid,pgid,state,start,time,wchan,args",
  long: "pid,ppid,pgid,state,ni,thr,rss,nvcsw,nivcsw,time,comm,wchan",
  user: "pid,pcpu,pmem,rss,tty,state,start,time,wchan,args",
  threads: "pid,tid,state,time,comm,wchan",
  // Where there is little room it is for what they wait for.
  narrow: "pid,state,comm,wchan",
  narrowThreads: "pid,tid,state,comm,wchan",
};
const NARROW_COLUMNS = 72;

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  for (const word of operands) {
    if (!/^-?[auxewfTH]+$/.test(word)) {
      yield* usageError(USAGE, `error: unsupported option '${word}'`);
    }
  }
  const letters = operands.join("");
  const threads = given.L !== undefined || given.T !== undefined ||
    /[TH]/.test(letters);
  const width = given.w === undefined && !letters.includes("w")
    ? yield* terminalWidth()
    : Infinity;
  const columns = chosen(given, letters, threads, width < NARROW_COLUMNS);
  if (typeof columns === "string") {
    return yield* fail(`unknown user-defined format specifier "${columns}"`);
  }
  const wanted = selection(given);
  if (wanted === null) return yield* fail("process ID list syntax error");
  const rows = (yield* processes()).filter(wanted);
  const now = yield* counters();
  const lines = rows.flatMap((process): Line[] =>
    threads
      ? process.threads.map((thread) => ({ process, thread, now }))
      : [{ process, thread: null, now }]
  );
  if (given.sort !== undefined && !sort(lines, String(given.sort))) {
    return yield* fail(`unknown sort specifier "${given.sort}"`);
  }
  const titles = given["no-headers"] === undefined;
  const text = tableText(columns, lines, titles, width);
  if (text !== "") yield* print(text);
  return lines.length > 0 ? 0 : 1;
}

function* fail(message: string): Program {
  yield* write(
    2,
    `error: ${message}\nTry 'ps --help' for more information.\n`,
  );
  return 1;
}

/** The columns asked for, or the name of one that is none. */
function chosen(
  given: Record<string, string | true | undefined>,
  letters: string,
  threads: boolean,
  isNarrow: boolean,
): Column[] | string {
  const format = given.o !== undefined
    ? String(given.o)
    : threads
    ? FORMATS[isNarrow ? "narrowThreads" : "threads"]
    : letters.includes("u")
    ? FORMATS.user
    : given.l !== undefined
    ? FORMATS.long
    : given.f !== undefined || letters.includes("f")
    ? FORMATS.full
    : FORMATS[isNarrow ? "narrow" : "plain"];
  const columns: Column[] = [];
  for (const word of format.split(/[ ,]+/).filter((word) => word !== "")) {
    const [name = "", ...title] = word.split("=");
    const column = columnOf(name);
    if (column === undefined) return name;
    columns.push(
      title.length === 0 ? column : { ...column, title: title.join("=") },
    );
  }
  return columns;
}

function columnOf(name: string): Column | undefined {
  const key = ALIASES[name] ?? name;
  return Object.hasOwn(COLUMNS, key) ? COLUMNS[key] : undefined;
}

/** Which processes were asked for; null: a number is none. */
function selection(
  given: Record<string, string | true | undefined>,
): ((row: ProcessRow) => boolean) | null {
  const list = (value: string | true | undefined) =>
    value === undefined ? null : String(value).split(/[ ,]+/);
  const pids = list(given.p), parents = list(given.ppid), names = list(given.C);
  const numbers = [...pids ?? [], ...parents ?? []];
  if (!numbers.every((pid) => /^\d+$/.test(pid))) return null;
  if (pids === null && parents === null && names === null) return () => true;
  return ({ pid, ppid, name }) =>
    (pids?.includes(String(pid)) ?? false) ||
    (parents?.includes(String(ppid)) ?? false) ||
    (names?.includes(name) ?? false);
}

function sort(lines: Line[], order: string): boolean {
  const [, sign, name = ""] = /^([+-]?)(.*)$/.exec(order)!;
  const column = columnOf(name);
  if (column === undefined) return false;
  const way = sign === "-" ? -1 : 1;
  const { key, value } = column;
  lines.sort((a, b) =>
    way *
    (key === undefined
      ? value(a) < value(b) ? -1 : Number(value(a) > value(b))
      : key(a) - key(b))
  );
  return true;
}

function* terminalWidth() {
  return (yield* isatty(1)) ? (yield* ttymode(1)).columns : Infinity;
}

function startText(line: Line): string {
  const { hour, minute, second } = calendar(startNs(line));
  return `${hour}:${minute}:${second}`;
}

function tableText(
  columns: Column[],
  lines: Line[],
  titles: boolean,
  width: number,
): string {
  const rows = lines.map((line) =>
    columns.map(({ value }, i) =>
      i < columns.length - 1 ? cut(value(line)) : value(line)
    )
  );
  if (titles && columns.some(({ title }) => title !== "")) {
    rows.unshift(columns.map(({ title }) => title));
  }
  const widths = columns.map(({ title }, i) =>
    Math.max([...title].length, ...rows.map((row) => [...row[i]!].length))
  );
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const gap = " ".repeat(widths[i]! - [...cell].length);
      return columns[i]!.left ? cell + gap : gap + cell;
    });
    return [...cells.join("  ").trimEnd()].slice(0, width).join("") + "\n";
  }).join("");
}

/** So that one long cell does not push away all that follows. */
function cut(cell: string): string {
  const characters = [...cell];
  return characters.length <= CELL_MAX
    ? cell
    : `${characters.slice(0, CELL_MAX - 1).join("")}…`;
}
