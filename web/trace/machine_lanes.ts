// The lanes of one machine and what is known of whoever they show: its CPUs,
// threads with their requests, disk, cables and sockets. It knows how the state
// of a thread looks on its lane and on its CPU's; what changes a state is fold.ts.

import { Lane } from "./lane.ts";
import { link } from "./links.ts";
import type { State } from "./states.ts";

/** A process, also after its end. */
export interface ProcessRecord {
  pid: number;
  parent: string;
  name: string;
  /** Infinity before that. */
  endedNs: number;
  /** As in "with status 0". */
  ending: string;
  /** Its parent took its status; Infinity before that. */
  reapedNs: number;
}

export interface Thread {
  lane: Lane;
  tid: number;
  pid: number;
  process: ProcessRecord | null;
  bornNs: number;
  /** Infinity while it lives. */
  endedNs: number;
  alive: boolean;
  /** The CPU it is on, or −1. */
  cpu: number;
  /** The CPU was given to it and nothing it did came since. */
  switching: boolean;
  /** What it is in, as `read(3, 4096)`; empty between calls. */
  call: string;
  callName: string;
  /** Where in its program that call is. */
  site: number;
  computing: boolean;
  /** Callbacks it is inside of: what each one is for. */
  callbacks: string[];
  /** Its state when it is on no CPU. */
  off: State;
  about: string;
  /** The signal that stopped it, or "". */
  stoppedBy: string;
  /** When its callbacks were held back from then on, and let in. */
  masks: { at: number; holds: boolean }[];
  rows: RequestRow[];
}

export interface RequestRow {
  lane: Lane;
  /** The request that holds the row, or 0. */
  id: number;
}

/** A submitted or pushed request that the program has not heard the last of. */
export interface Pending {
  /** Numbers are a process's own. */
  key: string;
  id: number;
  row: RequestRow;
  call: string;
  pushed: boolean;
  /** What it waits for. */
  state: State;
  text: string;
  complete: boolean;
  /** When its event was posted last. */
  postedNs: number;
  /** Events posted and not yet taken. */
  untaken: number;
}

export interface Processor {
  lane: Lane;
  thread: Thread | null;
  /** An interrupt holds it until then; Infinity is none. */
  interruptEndNs: number;
  device: string;
}

/** A transfer that the drive has been given. */
export interface Transfer {
  kind: string;
  /** Who issued it, and when; null is the kernel itself. */
  lane: Lane | null;
  at: number;
}

export interface MachineLanes {
  index: number;
  name: string;
  cpus: Processor[];
  /** By tid: the last thread that had it. */
  threads: Map<number, Thread>;
  /** Every thread there was, oldest first. */
  history: Thread[];
  processes: Map<number, ProcessRecord>;
  /** By process and number: {@link requestOf} finds them. */
  requests: Map<string, Pending>;
  disk: Lane | null;
  /** One for each cable it sends on. */
  cables: Lane[];
  /** By number: a socket, and what is known of it. */
  sockets: Map<number, Socket>;
  /** `pid:fd` → what reading it waits for. */
  descriptors: Map<string, State>;
  transfers: Map<number, Transfer>;
  /** What happened last on a device or request: it is why others wake up. */
  cause: { lane: Lane; at: number } | null;
  /** Who woke up at the moment, by no cause known yet. */
  woken: { lane: Lane; at: number }[];
  threadCount: number;
}

export interface Socket {
  lane: Lane;
  /** As TCP calls it. */
  state: string;
  /** Connections that are not yet accepted. */
  waiting: number;
}

/** More threads than this are not kept on show; the oldest dead go first. */
const THREADS_MAX = 1000;

export function newMachine(index: number): MachineLanes {
  return {
    index,
    name: "",
    cpus: [],
    threads: new Map(),
    history: [],
    processes: new Map(),
    requests: new Map(),
    disk: null,
    cables: [],
    sockets: new Map(),
    descriptors: new Map(),
    transfers: new Map(),
    cause: null,
    woken: [],
    threadCount: 0,
  };
}

export function processorOf(machine: MachineLanes, number: number): Processor {
  return machine.cpus[number] ??= {
    lane: new Lane(
      `${machine.index}/cpu${number}`,
      "cpu",
      `cpu ${number}`,
      machine.index,
    ),
    thread: null,
    interruptEndNs: Infinity,
    device: "",
  };
}

export function threadOf(
  machine: MachineLanes,
  event: { tid: number; pid: number; at: number },
): Thread {
  return threadByTid(machine, event.tid, event.pid, event.at);
}

export function threadByTid(
  machine: MachineLanes,
  tid: number,
  pid: number,
  at: number,
): Thread {
  let thread = machine.threads.get(tid);
  if (thread === undefined) {
    thread = newThread(machine, tid, pid, at);
    machine.threads.set(tid, thread);
    machine.history.push(thread);
    if (machine.history.length > THREADS_MAX) forgetThread(machine);
  }
  return thread;
}

export function newThread(
  machine: MachineLanes,
  tid: number,
  pid: number,
  at: number,
): Thread {
  const id = `${machine.index}/tid${tid}.${machine.threadCount++}`;
  const process = machine.processes.get(pid) ?? null;
  const name = process?.name ?? `thread ${tid}`;
  const lane = new Lane(id, "thread", name, machine.index);
  lane.note = String(tid);
  return {
    lane,
    tid,
    pid,
    process,
    bornNs: at,
    endedNs: Infinity,
    alive: true,
    cpu: -1,
    switching: false,
    call: "",
    callName: "",
    site: 0,
    computing: false,
    callbacks: [],
    off: "ready",
    about: "",
    stoppedBy: "",
    masks: [],
    rows: [],
  };
}

/** The thread that ended longest ago loses its lane. */
export function forgetThread(machine: MachineLanes): void {
  const index = machine.history.findIndex((thread) => !thread.alive);
  if (index < 0) return;
  const [thread] = machine.history.splice(index, 1) as [Thread];
  if (machine.threads.get(thread.tid) === thread) {
    machine.threads.delete(thread.tid);
  }
}

export function* lanesOf(machine: MachineLanes): Iterable<Lane> {
  for (const cpu of machine.cpus) yield cpu.lane;
  for (const thread of machine.history) {
    yield thread.lane;
    for (const row of thread.rows) yield row.lane;
  }
  if (machine.disk !== null) yield machine.disk;
  yield* machine.cables;
  for (const { lane } of machine.sockets.values()) yield lane;
}

/** Its lane stays: what happened is still to be seen. */
export function endThread(
  machine: MachineLanes,
  thread: Thread,
  at: number,
): void {
  if (thread.alive) thread.endedNs = at;
  thread.alive = false;
  thread.lane.close(at);
  for (const row of thread.rows) freeRow(row, at);
  const cpu = machine.cpus[thread.cpu];
  thread.cpu = -1;
  if (cpu === undefined || cpu.thread !== thread) return;
  cpu.thread = null;
  if (cpu.interruptEndNs === Infinity) cpu.lane.close(at);
}

export function freeRow(row: RequestRow, at: number): void {
  row.lane.close(at);
  row.id = 0;
}

/** Puts the thread's present state on its lane and on its CPU's. */
export function show(machine: MachineLanes, thread: Thread, at: number): void {
  const cpu = machine.cpus[thread.cpu];
  if (cpu === undefined) return showOff(thread, at);
  if (cpu.interruptEndNs === Infinity) showOnCpu(cpu, thread, at);
}

export function showOff(thread: Thread, at: number): void {
  const { lane, off, about, site, stoppedBy } = thread;
  if (stoppedBy !== "") {
    return lane.set(at, "event", "stopped", `stopped: ${stoppedBy}`, 0, site);
  }
  const { call } = thread;
  const label = off === "ready" ? "ready" : about || call;
  lane.set(at, off, label, call || about, 0, site);
}

export function showOnCpu(cpu: Processor, thread: Thread, at: number): void {
  const state = onCpuState(thread);
  const { lane, site } = thread;
  const callback = thread.callbacks.at(-1);
  const switches = thread.switching && state === "kernel";
  const label = state === "run"
    ? "running"
    : callback ?? (switches ? "switch" : thread.callName);
  const about = callback ?? thread.call;
  lane.set(at, state, label, switches ? `switch: ${about}` : about, 0, site);
  cpu.lane.set(at, state, lane.name);
}

export function onCpuState(thread: Thread): State {
  if (thread.computing) return thread.callbacks.length > 0 ? "callback" : "run";
  return thread.callbacks.length > 0 ? "callback" : "kernel";
}

/** A thread wakes up: by what was done at that moment, or by who does it. */
export function noteWakeup(
  machine: MachineLanes,
  { lane }: Thread,
  at: number,
): void {
  const { cause } = machine;
  if (cause !== null && cause.at === at) link(cause.lane, at, lane, at);
  else machine.woken.push({ lane, at });
}

/** A thread's call ended: who woke up at that moment was woken by it. */
export function noteWaker(
  machine: MachineLanes,
  { lane }: Thread,
  at: number,
): void {
  if (machine.woken.length === 0) return;
  for (const woken of machine.woken.splice(0)) {
    if (woken.at === at && woken.lane !== lane) link(lane, at, woken.lane, at);
  }
}
