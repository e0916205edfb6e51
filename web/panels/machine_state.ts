// A machine as its trace tells of it: who runs, who is ready in which order, who
// waits for what, what is pending, which events nobody has taken, what memory is
// used for. One small function a kind of event. What the panels show is made of
// this by the models beside it; it reads events and nothing else, and how the
// machine was set up comes with it.

import { type TraceEvent } from "../../kernel/trace.ts";
import {
  closeOnExec,
  type Descriptors,
  inherited,
  noteCall,
} from "./descriptors.ts";
import { ReadyList } from "./ready_list.ts";

/** How the machine was set up. */
export interface Setup {
  scheduler: string;
  quantumNs: number;
  wakeupPreemption: boolean;
  memoryBytes: number;
  stackBytes: number;
  queueCapacity: number;
}

export interface ThreadState {
  tid: number;
  pid: number;
  name: string;
  state: "running" | "ready" | "waiting";
  /** Since when, ns. */
  sinceNs: number;
  /** What it waits for: a kind, and the words of the kernel. */
  why: string;
  target: string;
  cpu: number;
  /** The call it is in; "" between calls. */
  call: string;
  args: string;
  callSinceNs: number;
  /** What callbacks interrupted, the innermost last. */
  interrupted: { call: string; args: string; callSinceNs: number }[];
  /** Classes held back, as they were given: `"all"`, `["io"]`; "" is none. */
  mask: string;
  /** Calls of `mask` that are not yet back. */
  maskAsked: string;
}

/** Submitted or pushed, and its last event is not yet taken. */
export interface Submission {
  id: number;
  pid: number;
  tid: number;
  door: "submit" | "push";
  call: string;
  args: string;
  sinceNs: number;
  multishot: boolean;
  /** It will report no more. */
  final: boolean;
  /** Events posted and not taken. */
  untaken: number;
  /** Where they lie; 0 is the thread's own. Known from the first event on, or from the call. */
  queue: number;
}

export interface QueueState {
  id: number;
  capacity: number;
}

export interface ProcessState {
  pid: number;
  ppid: number;
  name: string;
  isStopped: boolean;
  isZombie: boolean;
  submissions: Map<number, Submission>;
  queues: Map<number, QueueState>;
  descriptors: Descriptors;
}

export interface CpuState {
  /** 0: none. */
  tid: number;
  sinceNs: number;
}

type Of<K extends TraceEvent["kind"]> = Extract<TraceEvent, { kind: K }>;

const STOPS: ReadonlySet<string> = new Set(["STOP", "TSTP", "TTIN", "TTOU"]);

export class MachineState {
  name = "";
  readonly processes = new Map<number, ProcessState>();
  readonly threads = new Map<number, ThreadState>();
  readonly cpus: CpuState[] = [];
  readonly ready: ReadyList;
  /** Blocks in the page cache, and those of them the platter lacks. */
  pages = 0;
  dirtyPages = 0;

  constructor(readonly setup: Setup) {
    this.ready = new ReadyList();
  }

  /** Events of one machine, in order. */
  add(event: TraceEvent): void {
    const apply = HANDLERS[event.kind] as
      | ((state: MachineState, event: TraceEvent) => void)
      | undefined;
    apply?.(this, event);
  }

  /** The submitted request that an event is about. */
  submission({ pid, id }: { pid: number; id: number }): Submission | undefined {
    return this.processes.get(pid)?.submissions.get(id);
  }

  /** It may run, unless it is stopped. */
  makeReady(thread: ThreadState, at: number, inFront: boolean): void {
    setState(thread, "ready", at);
    if (this.processes.get(thread.pid)?.isStopped === true) return;
    this.ready.add(thread.tid, inFront && this.setup.wakeupPreemption);
  }

  clear(): void {
    this.processes.clear();
    this.threads.clear();
    this.ready.clear();
    this.pages = this.dirtyPages = 0;
    for (const cpu of this.cpus) cpu.tid = 0;
  }
}

function setState(
  thread: ThreadState,
  state: ThreadState["state"],
  at: number,
  why = "",
  target = "",
): void {
  if (thread.state !== state || state === "waiting") thread.sinceNs = at;
  thread.state = state;
  thread.why = why;
  thread.target = target;
  if (state !== "running") thread.cpu = -1;
}

const HANDLERS: {
  [K in TraceEvent["kind"]]?: (state: MachineState, event: Of<K>) => void;
} = {
  machine_boot: (state, { cpus, name, at }) => {
    state.clear();
    state.name = name;
    for (let i = 0; i < cpus; i++) state.cpus[i] = { tid: 0, sinceNs: at };
  },
  machine_off: (state) => state.clear(),
  process_spawn: spawnProcess,
  process_exec: (state, { pid, name }) => {
    const process = state.processes.get(pid);
    if (process === undefined) return;
    process.name = name;
    process.submissions.clear();
    process.queues.clear();
    closeOnExec(process.descriptors);
  },
  process_exit: (state, { pid }) => {
    const process = state.processes.get(pid);
    if (process === undefined) return;
    process.isZombie = true;
    process.submissions.clear();
    process.queues.clear();
    process.descriptors.clear();
    for (const child of state.processes.values()) {
      if (child.ppid === pid) child.ppid = 1;
    }
  },
  process_reap: (state, { pid }) => {
    state.processes.delete(pid);
  },
  thread_create: createThread,
  thread_exit: (state, { tid }) => {
    state.threads.delete(tid);
    state.ready.remove(tid);
  },
  sched_wakeup: (state, { tid, at }) => {
    const thread = state.threads.get(tid);
    if (thread !== undefined) state.makeReady(thread, at, true);
  },
  sched_wait: (state, { tid, at, why, target }) => {
    const thread = state.threads.get(tid);
    if (thread !== undefined) setState(thread, "waiting", at, why, target);
  },
  sched_switch: switchThreads,
  sys_enter: enterCall,
  sys_exit: leaveCall,
  callback_enter: (state, event) => {
    const thread = state.threads.get(event.tid);
    if (thread !== undefined) {
      const { call, args, callSinceNs } = thread;
      thread.interrupted.push({ call, args, callSinceNs });
      thread.call = thread.args = "";
    }
    takeEvent(state, event);
  },
  callback_exit: (state, { tid }) => {
    const thread = state.threads.get(tid);
    const before = thread?.interrupted.pop();
    if (thread !== undefined && before !== undefined) {
      Object.assign(thread, before);
    }
  },
  request_submit: submitRequest,
  request_complete: (state, event) => {
    const submission = state.submission(event);
    if (submission === undefined) return;
    submission.final = true;
    const process = state.processes.get(event.pid);
    if (process === undefined || !event.ok) return;
    const { call, args } = submission;
    noteCall(process.descriptors, call, args, event.result);
  },
  request_drop: (state, { pid, id }) => {
    state.processes.get(pid)?.submissions.delete(id);
  },
  event_post: (state, event) => {
    const submission = state.submission(event);
    if (submission === undefined) return;
    submission.untaken++;
    submission.queue = submission.door === "push" ? 0 : event.queue;
  },
  event_take: takeEvent,
  signal_deliver: deliverSignal,
  page_cache: (state, { pages, dirty }) => {
    state.pages = pages;
    state.dirtyPages = dirty;
  },
};

function spawnProcess(state: MachineState, event: Of<"process_spawn">): void {
  const { pid, ppid, name } = event;
  const parent = state.processes.get(ppid);
  state.processes.set(pid, {
    pid,
    ppid,
    name,
    isStopped: false,
    isZombie: false,
    submissions: new Map(),
    queues: new Map(),
    descriptors: inherited(parent?.descriptors, spawnArgs(state, ppid)),
  });
}

/** What the call said by which that process makes a child. */
function spawnArgs(state: MachineState, pid: number): string {
  for (const thread of state.threads.values()) {
    if (thread.pid === pid && thread.call === "spawn") return thread.args;
  }
  return "";
}

function createThread(state: MachineState, event: Of<"thread_create">): void {
  const { tid, pid, name, at } = event;
  const process = state.processes.get(pid);
  const maker = makerOf(state, process);
  const thread: ThreadState = {
    tid,
    pid,
    name: name || (process?.name ?? `thread ${tid}`),
    state: "ready",
    sinceNs: at,
    why: "",
    target: "",
    cpu: -1,
    call: "",
    args: "",
    callSinceNs: at,
    interrupted: [],
    mask: maker?.mask ?? "",
    maskAsked: "",
  };
  state.threads.set(tid, thread);
  state.makeReady(thread, at, true);
}

/** Whose mask a new thread has: of the thread that makes it, or its process. */
function makerOf(
  state: MachineState,
  process: ProcessState | undefined,
): ThreadState | undefined {
  for (const thread of state.threads.values()) {
    const { pid, call } = thread;
    if (pid === process?.pid && call === "thread") return thread;
    if (pid === process?.ppid && call === "spawn") return thread;
  }
  return undefined;
}

/** `tid` leaves the CPU for `next`; 0 is nobody. */
function switchThreads(state: MachineState, event: Of<"sched_switch">): void {
  const { tid, next, at, prevState, why, target } = event;
  const left = state.threads.get(tid);
  if (left !== undefined) {
    if (prevState === "waiting") setState(left, "waiting", at, why, target);
    else if (prevState === "ready") state.makeReady(left, at, false);
    else if (prevState !== "") setState(left, "ready", at);
  }
  const cpu = state.cpus[event.cpu] ??= { tid: 0, sinceNs: at };
  cpu.tid = next;
  cpu.sinceNs = at;
  const taken = state.threads.get(next);
  if (taken === undefined) return;
  state.ready.pick(next);
  setState(taken, "running", at);
  taken.cpu = event.cpu;
}

function enterCall(state: MachineState, event: Of<"sys_enter">): void {
  const thread = state.threads.get(event.tid);
  if (thread === undefined) return;
  thread.call = event.call;
  thread.args = event.args;
  thread.callSinceNs = event.at;
  if (event.call === "mask") thread.maskAsked = event.args;
}

function leaveCall(state: MachineState, event: Of<"sys_exit">): void {
  const thread = state.threads.get(event.tid);
  if (thread === undefined) return;
  const { args } = thread;
  thread.call = thread.args = "";
  const process = state.processes.get(event.pid);
  if (!event.ok || process === undefined) return;
  noteCall(process.descriptors, event.call, args, event.result);
  if (event.call === "mask") {
    thread.mask = /^("none"|\[\])?$/.test(args) ? "" : args;
  } else if (event.call === "queue") {
    const id = Number(/\d+/.exec(event.result)?.[0] ?? 0);
    const given = /capacity: (\d+)/.exec(args)?.[1];
    const capacity = Number(given ?? state.setup.queueCapacity);
    process.queues.set(id, { id, capacity });
  }
}

function submitRequest(state: MachineState, event: Of<"request_submit">): void {
  const { id, pid, tid, door, call, args, at } = event;
  const asked = state.threads.get(tid)?.args ?? "";
  const options = asked.slice(call.length + args.length + 2);
  const queue = /queue: queue (\d+)/.exec(options)?.[1];
  state.processes.get(pid)?.submissions.set(id, {
    id,
    pid,
    tid,
    door,
    call,
    args,
    sinceNs: at,
    multishot: options.includes("multishot: true"),
    final: false,
    untaken: 0,
    queue: Number(queue ?? 0),
  });
}

/** Somebody takes it, or its callback begins. */
function takeEvent(
  state: MachineState,
  event: Of<"event_take"> | Of<"callback_enter">,
): void {
  const submission = state.submission(event);
  if (submission === undefined) return;
  submission.untaken--;
  if (!event.last) return;
  state.processes.get(event.pid)?.submissions.delete(event.id);
}

/** One that no program catches stops a process, or lets it go on. */
function deliverSignal(state: MachineState, event: Of<"signal_deliver">): void {
  const process = state.processes.get(event.pid);
  if (process === undefined || event.tid !== 0) return;
  const threads = [...state.threads.values()].filter(({ pid }) =>
    pid === event.pid
  );
  if (STOPS.has(event.signal)) {
    process.isStopped = true;
    for (const { tid } of threads) state.ready.remove(tid);
  } else if (event.signal === "CONT") {
    process.isStopped = false;
    for (const thread of threads) {
      if (thread.state === "ready") {
        state.makeReady(thread, event.at, true);
      }
    }
  }
}
