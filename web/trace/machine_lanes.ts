// The lanes of one machine and what is known of whoever they show: its CPUs,
// threads with their requests, and disk. It knows how the state of a thread
// looks on its lane and on its CPU's; what changes a state is fold.ts.

import { Lane } from "./lane.ts";
import type { State } from "./states.ts";

export interface Thread {
  lane: Lane;
  tid: number;
  pid: number;
  alive: boolean;
  /** The CPU it is on, or −1. */
  cpu: number;
  /** What it is in, as `read(3, 4096)`; empty between calls. */
  call: string;
  callName: string;
  computing: boolean;
  /** Callbacks it is inside of: what each one is for. */
  callbacks: string[];
  /** Its state when it is on no CPU. */
  off: State;
  about: string;
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
  /** What it waits for. */
  state: State;
  text: string;
  complete: boolean;
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

export interface MachineLanes {
  index: number;
  name: string;
  cpus: Processor[];
  /** By tid: the last thread that had it. */
  threads: Map<number, Thread>;
  /** Every thread there was, oldest first. */
  history: Thread[];
  processes: Map<number, string>;
  /** By process and number: {@link requestOf} finds them. */
  requests: Map<string, Pending>;
  disk: Lane | null;
  /** `pid:fd` → what reading it waits for. */
  descriptors: Map<string, State>;
  writes: Map<number, string>;
  threadCount: number;
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
    descriptors: new Map(),
    writes: new Map(),
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
  event: { tid: number; pid: number },
): Thread {
  return threadByTid(machine, event.tid, event.pid);
}

export function threadByTid(
  machine: MachineLanes,
  tid: number,
  pid: number,
): Thread {
  let thread = machine.threads.get(tid);
  if (thread === undefined) {
    thread = newThread(machine, tid, pid);
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
): Thread {
  const id = `${machine.index}/tid${tid}.${machine.threadCount++}`;
  const name = machine.processes.get(pid) ?? `thread ${tid}`;
  const lane = new Lane(id, "thread", name, machine.index);
  lane.note = String(tid);
  return {
    lane,
    tid,
    pid,
    alive: true,
    cpu: -1,
    call: "",
    callName: "",
    computing: false,
    callbacks: [],
    off: "ready",
    about: "",
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
}

/** Its lane stays: what happened is still to be seen. */
export function endThread(
  machine: MachineLanes,
  thread: Thread,
  at: number,
): void {
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
  const { off, about } = thread;
  const what = about || thread.call;
  const label = off === "ready" ? "ready" : what;
  thread.lane.set(at, off, label, what);
}

export function showOnCpu(cpu: Processor, thread: Thread, at: number): void {
  const state = onCpuState(thread);
  const { name } = thread.lane;
  const callback = thread.callbacks.at(-1);
  const label = state === "run" ? "running" : callback ?? thread.callName;
  thread.lane.set(at, state, label, callback ?? thread.call);
  cpu.lane.set(at, state, name);
}

export function onCpuState(thread: Thread): State {
  if (thread.computing) return thread.callbacks.length > 0 ? "callback" : "run";
  return thread.callbacks.length > 0 ? "callback" : "kernel";
}
