// What a machine tells programs about each of its processes: the files of
// /proc/<pid>, and the rows of /proc/processes. Laid out as Linux's (proc(5)).
//
// Divergence from Linux: there are no symbolic links, so cwd and fd/N are files
// that hold the name, and self is a directory; wchan and syscall are in words;
// requests, which Linux lacks, lists what the kernel does for the process while
// it does other things.

import type { Accounting } from "./accounting.ts";
import { callText } from "./call_text.ts";
import type { OpenFile } from "./file.ts";
import type { Machine } from "./kernel.ts";
import { PROCESS_BYTES, WEIGHT_DEFAULT } from "./params.ts";
import type { Process } from "./process.ts";
import { Pushed, type Submission } from "./queue.ts";
import { EXITED, READY, RUNNING, type Thread, WAITING } from "./thread.ts";
import type { TraceEvent } from "./trace.ts";
import type { WaitKind } from "./wait_queue.ts";
import { operationText, whyNotRunning } from "./wait_words.ts";

/** What Linux counts CPU time in: USER_HZ is 100. */
export const TICK_NS = 10_000_000;
const PAGE_BYTES = 4096;

type Files = Record<string, () => string>;
type TraceStream = (
  wanted: (event: TraceEvent) => boolean,
  reader: number,
) => { read(): string };

/** The text files of a process, by name; `task/12/stat` is in a directory. */
export function pidFiles(
  machine: Machine,
  sums: Accounting,
  pid: number,
): Files {
  const process = machine.processes.get(pid);
  if (process === undefined) return {};
  const files: Files = {
    cmdline: () => nulls([process.name, ...process.args]),
    comm: () => `${process.name}\n`,
    cwd: () => `${process.cwd}\n`,
    environ: () =>
      nulls(Object.entries(process.environment).map(([k, v]) => `${k}=${v}`)),
    requests: () => requestsText(process),
    schedstat: () => scheduledText(sums, process, [...process.threads.keys()]),
    stat: () => statLine(process, sums),
    statm: () => statmText(process),
    status: () => statusText(process, sums),
    syscall: () => callLine(process.mainThread),
    wchan: () => whyOf(process),
  };
  for (const [fd, file] of process.files.list()) {
    files[`fd/${fd}`] = () => `${file.object.describe()}\n`;
    files[`fdinfo/${fd}`] = () => descriptorText(file);
  }
  for (const thread of process.threads.values()) {
    addThread(files, sums, thread);
  }
  return files;
}

function addThread(files: Files, sums: Accounting, thread: Thread): void {
  const { tid, process } = thread;
  const at = `task/${tid}`;
  files[`${at}/comm`] = () => `${thread.name}\n`;
  files[`${at}/schedstat`] = () => scheduledText(sums, process, [tid]);
  files[`${at}/syscall`] = () => callLine(thread);
  files[`${at}/wchan`] = () => whyNotRunning(thread) || "0";
}

/** The streams of a process. */
export function pidStreams(
  machine: Machine,
  pid: number,
  reader: TraceStream,
): Record<string, (by: number) => { read(): string }> {
  return machine.processes.has(pid)
    ? { trace: (by) => reader((event) => event.pid === pid, by) }
    : {};
}

// ------------------------------------------------------------- rows

type StateLetter = "R" | "S" | "D" | "T" | "Z";

const STATE_WORDS: Record<StateLetter, string> = {
  R: "running",
  S: "sleeping",
  D: "disk sleep",
  T: "stopped",
  Z: "zombie",
};

export interface ThreadRow {
  tid: number;
  name: string;
  state: StateLetter;
  /** The kind of wait, and in words what it waits for. */
  wait: WaitKind | "";
  why: string;
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

/** A line of /proc/processes. */
export function processRow(process: Process, sums: Accounting): object {
  const { pid, threads } = process;
  const times = sums.process(pid, threads.keys());
  return {
    pid,
    ppid: process.parent!.pid,
    group: process.group,
    name: process.name,
    args: process.args,
    kernel: process.isKernel,
    state: stateOf(process),
    waits: whyOf(process),
    cpuNs: times.userNs + times.systemNs,
    userNs: times.userNs,
    systemNs: times.systemNs,
    queuedNs: times.queuedNs,
    childUserNs: times.childUserNs,
    childSystemNs: times.childSystemNs,
    startNs: times.startNs,
    voluntary: times.voluntary,
    involuntary: times.involuntary,
    niceness: nicenessOf(process.mainThread!),
    memoryBytes: memoryBytes(process),
    tty: hasTerminal(process),
    requests: process.submissions.size,
    threads: threadsOf(process).map((thread) => threadRow(thread, sums)),
  };
}

/** Of one that has ended only the first is still something. */
function threadsOf({ zombie, threads, mainThread }: Process): Thread[] {
  return zombie ? [mainThread!] : [...threads.values()];
}

function threadRow(thread: Thread, sums: Accounting): ThreadRow {
  const { tid, name } = thread;
  const times = sums.thread(tid);
  return {
    tid,
    name,
    state: threadState(thread),
    wait: thread.waitsFor?.waitsFor?.kind ?? "",
    why: whyNotRunning(thread),
    call: thread.state === WAITING ? callText(thread.frame.call) : "",
    cpu: thread.cpu?.index ?? 0,
    niceness: nicenessOf(thread),
    userNs: times?.userNs ?? 0,
    systemNs: times?.systemNs ?? 0,
    queuedNs: times?.queuedNs ?? 0,
    startNs: times?.startNs ?? 0,
    voluntary: times?.voluntary ?? 0,
    involuntary: times?.involuntary ?? 0,
  };
}

/** The weight of a thread as Linux tells it: a step is a quarter, −10 to 10. */
function nicenessOf({ weight }: Thread): number {
  let nearest = 0, distance = Infinity;
  let stepped = WEIGHT_DEFAULT * 9.313225746154785; // 1.25 ** 10
  for (let niceness = -10; niceness <= 10; niceness++) {
    const off = Math.abs(Math.max(1, Math.round(stepped)) - weight);
    if (off < distance) [nearest, distance] = [niceness, off];
    stepped /= 1.25;
  }
  return nearest;
}

function threadState(thread: Thread): StateLetter {
  const { state, stopped } = thread;
  if (state === EXITED) return "Z";
  if (stopped) return "T";
  if (state === RUNNING || state === READY) return "R";
  return thread.waitsFor?.waitsFor?.kind === "disk" ? "D" : "S";
}

/** The busiest of its threads speaks for it. */
function stateOf(process: Process): StateLetter {
  if (process.zombie) return "Z";
  if (process.stoppedBy !== null) return "T";
  const states = [...process.threads.values()].map(threadState);
  return states.includes("R") ? "R" : states.includes("D") ? "D" : "S";
}

/** Why its first thread is not running, or the one that speaks for it. */
function whyOf(process: Process): string {
  if (process.zombie) return whyNotRunning(process.mainThread!);
  const letter = stateOf(process);
  const threads = [...process.threads.values()];
  const speaker = threads.find((thread) => threadState(thread) === letter);
  return speaker === undefined ? "" : whyNotRunning(speaker);
}

function memoryBytes({ zombie, threads, machine }: Process): number {
  if (zombie) return 0;
  const stacks = [...threads.values()].filter(({ state }) => state !== EXITED);
  return PROCESS_BYTES + stacks.length * machine.memory.stackBytes;
}

function hasTerminal({ files, machine }: Process): boolean {
  for (const [fd, { object }] of files.list()) {
    if (fd <= 2 && object === machine.tty) return true;
  }
  return false;
}

// ------------------------------------------------------------- texts

/** The 52 fields of Linux; what Kettle has not is 0. */
function statLine(process: Process, sums: Accounting): string {
  const { pid, name, group, parent, threads, machine } = process;
  const times = sums.update().process(pid, threads.keys());
  const ticks = (ns: number) => Math.floor(ns / TICK_NS);
  const tty = hasTerminal(process) ? 1025 : 0; // tty1, as Linux numbers it
  const fields = [
    ...[stateOf(process), parent!.pid, group, group],
    ...[tty, tty === 0 ? -1 : machine.tty.foreground],
    ...[0, 0, 0, 0, 0], // flags, faults
    ...[ticks(times.userNs), ticks(times.systemNs)],
    ...[ticks(times.childUserNs), ticks(times.childSystemNs)],
    ...[20 + nicenessOf(process.mainThread!)],
    ...[
      nicenessOf(process.mainThread!),
      threads.size,
      0,
      ticks(times.startNs - sums.bootNs),
    ],
    ...[memoryBytes(process), memoryBytes(process) / PAGE_BYTES],
  ];
  const rest = new Array<number>(52 - 2 - fields.length).fill(0);
  return `${pid} (${name}) ${[...fields, ...rest].join(" ")}\n`;
}

function statmText(process: Process): string {
  const pages = memoryBytes(process) / PAGE_BYTES;
  return `${pages} ${pages} 0 0 0 ${pages} 0\n`;
}

function statusText(process: Process, sums: Accounting): string {
  const { pid, threads, parent } = process;
  const times = sums.update().process(pid, threads.keys());
  const state = stateOf(process);
  const kilobytes = `${memoryBytes(process) / 1024} kB`.padStart(11);
  const rows: [string, unknown][] = [
    ["Name", process.name],
    ["State", `${state} (${STATE_WORDS[state]})`],
    ["Tgid", pid],
    ["Pid", pid],
    ["PPid", parent!.pid],
    ["FDSize", [...process.files.list()].length],
    ["VmSize", kilobytes],
    ["VmRSS", kilobytes],
    ["Threads", threads.size],
    ...signalRows(process),
    ["voluntary_ctxt_switches", times.voluntary],
    ["nonvoluntary_ctxt_switches", times.involuntary],
    ["Requests", process.submissions.size],
    ["Waits", whyOf(process)],
  ];
  return rows.map(([name, value]) => `${name}:\t${value}\n`).join("");
}

/** Sets of signals as 16 hexadecimal digits: bit n − 1 is signal n. */
function signalRows(process: Process): [string, string][] {
  const set = (bits: number) => (bits >>> 1).toString(16).padStart(16, "0");
  const main = process.mainThread;
  let ignored = 0, caught = 0;
  for (let number = 1; number < 32; number++) {
    const action = process.signals.get(number);
    if (action === "ign") ignored |= 1 << number;
    else if (typeof action === "object") caught |= 1 << number;
  }
  return [
    ["SigPnd", set(main?.pendingSignals ?? 0)],
    ["SigBlk", set((main?.mask ?? 0) & ~1)],
    ["SigIgn", set(ignored)],
    ["SigCgt", set(caught)],
  ];
}

/** On a CPU, ready for one, turns: in ns, as Linux has them. */
function scheduledText(
  sums: Accounting,
  { pid }: Process,
  tids: number[],
): string {
  const one = tids.length === 1 && tids[0] !== pid
    ? sums.update().thread(tids[0]!)
    : undefined;
  const times = one ?? sums.update().process(pid, tids);
  const { userNs, systemNs, queuedNs, turns } = times;
  return `${userNs + systemNs} ${queuedNs} ${turns}\n`;
}

function callLine(thread: Thread | undefined): string {
  return thread === undefined || thread.state !== WAITING
    ? "running\n"
    : `${callText(thread.frame.call)}\n`;
}

/** Offset and flags of a descriptor, flags in octal. */
function descriptorText({ offset, flags }: OpenFile): string {
  return `pos:\t${offset}\nflags:\t0${flags.toString(8)}\n`;
}

/** Who waits for what: each thread's own call, and then doors 2 and 3. */
function requestsText(process: Process): string {
  const calls = [...process.threads.values()].flatMap((thread) =>
    thread.waitsFor === null ? [] : [
      `call  thread ${thread.tid}  ${callText(thread.frame.call)}  ` +
      `${whyNotRunning(thread)}`,
    ]
  );
  const others = [...process.submissions.values()].map((each) =>
    `${each instanceof Pushed ? "push" : "submit"}  #${each.id}  ` +
    `${callText(each.call)}  ${progressOf(each)}`
  );
  return [...calls, ...others].map((line) => `${line}\n`).join("");
}

function progressOf(submission: Submission): string {
  if (!submission.final) return operationText(submission);
  return submission instanceof Pushed
    ? "done: its callback has not run"
    : "done: its event is not taken";
}

function nulls(texts: readonly string[]): string {
  return texts.map((text) => `${text}\0`).join("");
}
