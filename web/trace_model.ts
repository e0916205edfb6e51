// The fold of the trace into lanes: what each CPU, thread, request and device
// was doing when. It reads trace events and nothing else (no kernel state, no
// DOM), so the same code serves the page, the static figure and the tests.
//
// Code takes no virtual time: a thread on a CPU is running inside compute, in a
// callback inside a callback, and in the kernel otherwise.

import type { TraceEvent } from "../kernel/trace.ts";
import { Lane, type LaneKind, type Slice, type SliceView } from "./lane.ts";
import type { State } from "./states.ts";
import {
  LINE_BITS_PER_SECOND,
  WIRE_OVERHEAD_BYTES,
} from "../kernel/net/params.ts";
import { grouped, moment } from "./units.ts";

/** One row as a screen gets it. */
export interface LaneView {
  id: string;
  kind: LaneKind;
  name: string;
  note: string;
  slices: SliceView[];
}

type Of<K extends TraceEvent["kind"]> = Extract<TraceEvent, { kind: K }>;

interface Thread {
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

interface RequestRow {
  lane: Lane;
  /** The request that holds the row, or 0. */
  id: number;
}

/** A submitted or pushed request that the program has not heard the last of. */
interface Pending {
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

interface Processor {
  lane: Lane;
  thread: Thread | null;
  /** An interrupt holds it until then; Infinity is none. */
  interruptEndNs: number;
  device: string;
}

interface Machine {
  index: number;
  name: string;
  cpus: Processor[];
  /** By tid: the last thread that had it. */
  threads: Map<number, Thread>;
  /** Every thread there was, oldest first. */
  history: Thread[];
  processes: Map<number, string>;
  requests: Map<number, Pending>;
  disk: Lane | null;
  /** `pid:fd` → what reading it waits for. */
  descriptors: Map<string, State>;
  writes: Map<number, string>;
  threadCount: number;
}

const DESCRIPTORS: { [call: string]: State } = {
  open: "disk",
  socket: "net",
  accept: "net",
  pipe: "event",
};
const WAITS_BY_CALL: { [call: string]: State } = {
  sleep: "timer",
  connect: "net",
  accept: "net",
  futexWait: "lock",
  waitpid: "event",
  join: "event",
  nop: "event",
  chain: "event",
};
/** What is waited for there is better told by the call. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(["disk", "keys", ""]);
/** The machine with the console. */
const SHOWN_MACHINE = 0;
/** More threads than this are not kept on show; the oldest dead go first. */
const THREADS_MAX = 1000;

export class TraceModel {
  readonly #machines = new Map<number, Machine>();
  /** One lane for each cable and direction. */
  readonly #cables = new Map<string, Lane>();
  /** CPUs that an interrupt holds. */
  #interrupts: Processor[] = [];
  #nextSeq = 0;
  #now = 0;

  /** Seq of the first event it has not seen. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The moment it shows: at least that of the last event. */
  get now(): number {
    return this.#now;
  }

  set now(at: number) {
    if (at > this.#now) this.#now = at;
    if (this.#interrupts.length > 0) this.#endInterrupts(this.#now);
  }

  get isEmpty(): boolean {
    return this.#nextSeq === 0;
  }

  /** Folds in what happened since. */
  addAll(events: Iterable<TraceEvent>): void {
    for (const event of events) this.add(event);
  }

  add(event: TraceEvent): void {
    this.#nextSeq = event.seq + 1;
    this.now = event.at;
    const machine = this.#machineOf(event);
    if (event.kind === "net_tx") return sendPacket(this.#cables, event);
    if (event.kind === "irq_enter") {
      this.#interrupts.push(startInterrupt(machine, event));
    }
    const apply = HANDLERS[event.kind] as Handler | undefined;
    apply?.(machine, event);
  }

  /** The lanes of the first machine and its cables, in the order they are drawn in. */
  *lanes(): Iterable<Lane> {
    const machine = this.#machines.get(SHOWN_MACHINE);
    if (machine !== undefined) yield* lanesOf(machine);
    yield* this.#cables.values();
  }

  lane(id: string): Lane | null {
    for (const lane of this.lanes()) if (lane.id === id) return lane;
    return null;
  }

  /** The thread that a lane is of, or hangs under; null for other lanes. */
  tidOf(id: string): number | null {
    for (const { history } of this.#machines.values()) {
      for (const { lane, tid, rows } of history) {
        if (lane.id === id || rows.some((row) => row.lane.id === id)) {
          return tid;
        }
      }
    }
    return null;
  }

  /** What the machine was doing in a span, for a screen of so many columns. */
  view(fromNs: number, toNs: number, columns: number): LaneView[] {
    const views: LaneView[] = [];
    for (const lane of this.lanes()) {
      const always = lane.kind !== "thread" && lane.kind !== "request";
      if (!always && !lane.touches(fromNs, Math.min(toNs, this.#now))) continue;
      const { id, kind, name, note } = lane;
      const slices = lane.view(fromNs, toNs, columns, this.#now);
      if (!always && slices.length === 0) continue;
      views.push({ id, kind, name, note, slices });
    }
    return views;
  }

  /** Who has the CPUs and what the disk does at a moment: for the sentence. */
  slicesAt(kind: LaneKind, at: number): { lane: Lane; slice: Slice }[] {
    const found: { lane: Lane; slice: Slice }[] = [];
    for (const lane of this.lanes()) {
      if (lane.kind !== kind) continue;
      const slice = lane.at(at);
      if (slice !== null) found.push({ lane, slice });
    }
    return found;
  }

  /** The thread's state as of the last event, for "now running". */
  runningNames(): string[] {
    const names: string[] = [];
    for (const machine of this.#machines.values()) {
      for (const cpu of machine.cpus) {
        if (cpu.thread === null) continue;
        names.push(`${cpu.thread.lane.name} (pid ${cpu.thread.pid})`);
      }
    }
    return names;
  }

  #machineOf(event: TraceEvent): Machine {
    let machine = this.#machines.get(event.machine);
    if (machine === undefined) {
      machine = newMachine(event.machine);
      this.#machines.set(event.machine, machine);
    }
    return machine;
  }

  #endInterrupts(at: number): void {
    const over = this.#interrupts.filter((cpu) => cpu.interruptEndNs <= at);
    if (over.length === 0) return;
    this.#interrupts = this.#interrupts.filter((cpu) => !over.includes(cpu));
    for (const cpu of over) endInterrupt(cpu);
  }
}

// ------------------------------------------------------------- what each event does

type Handler = (machine: Machine, event: TraceEvent) => void;

const HANDLERS: {
  [K in TraceEvent["kind"]]?: (machine: Machine, event: Of<K>) => void;
} = {
  machine_boot: boot,
  machine_off: (machine, { at }) => {
    for (const lane of lanesOf(machine)) lane.cut(at);
  },
  process_spawn: (machine, { pid, name }) => {
    machine.processes.set(pid, name);
  },
  process_exit: exitProcess,
  thread_create: createThread,
  thread_exit: (machine, event) => {
    const thread = machine.threads.get(event.tid);
    if (thread !== undefined) endThread(machine, thread, event.at);
  },
  sys_enter: (machine, event) => {
    const thread = threadOf(machine, event);
    thread.callName = event.call;
    thread.call = `${event.call}(${event.args})`;
    thread.computing = event.call === "compute";
    show(machine, thread, event.at);
  },
  sys_exit: (machine, event) => {
    const thread = threadOf(machine, event);
    noteDescriptors(machine, event);
    thread.call = thread.callName = "";
    thread.computing = false;
    // No time passes until its next call or its end.
    if (thread.cpu >= 0) thread.lane.close(event.at);
  },
  sched_wakeup: (machine, event) => {
    const thread = threadOf(machine, event);
    thread.off = "ready";
    thread.about = "";
    show(machine, thread, event.at);
  },
  sched_switch: switchThreads,
  callback_enter: (machine, event) => {
    const thread = threadOf(machine, event);
    const request = machine.requests.get(event.id);
    thread.callbacks.push(request?.text ?? (event.what || `#${event.id}`));
    takeEvent(machine, event.id, event.at);
    show(machine, thread, event.at);
  },
  callback_exit: (machine, event) => {
    const thread = threadOf(machine, event);
    thread.callbacks.pop();
    show(machine, thread, event.at);
  },
  request_submit: submitRequest,
  request_complete: (machine, { id, at }) => {
    const request = machine.requests.get(id);
    if (request === undefined) return;
    request.complete = true;
    showRequest(request, at);
  },
  request_cancel: (machine, { id, at }) => {
    const request = machine.requests.get(id);
    if (request !== undefined) endRequest(machine, request, at);
  },
  event_post: (machine, { id, at }) => {
    const request = machine.requests.get(id);
    if (request === undefined) return;
    request.untaken++;
    showRequest(request, at);
  },
  event_take: (machine, { id, at }) => takeEvent(machine, id, at),
  block_issue: (machine, { id, write }) => {
    machine.writes.set(id, write);
  },
  block_start: startBlock,
  block_complete: (machine, { id, at }) => {
    machine.writes.delete(id);
    machine.disk?.cut(at);
  },
};

function boot(machine: Machine, event: Of<"machine_boot">): void {
  machine.name = event.name;
  for (let cpu = 0; cpu < event.cpus; cpu++) processorOf(machine, cpu);
  machine.disk = new Lane(
    `${machine.index}/disk`,
    "disk",
    "disk",
    event.machine,
  );
  machine.disk.note = "hda";
}

/** A process that becomes another program keeps its lane, under the new name. */
function createThread(machine: Machine, event: Of<"thread_create">): void {
  const old = machine.threads.get(event.tid);
  const becomes = old?.pid === event.pid && machine.processes.has(event.pid);
  if (old !== undefined && !becomes) {
    endThread(machine, old, event.at);
    machine.threads.delete(event.tid);
  }
  const thread = threadOf(machine, event);
  thread.alive = true;
  if (event.name !== "") thread.lane.name = event.name;
  show(machine, thread, event.at);
}

function exitProcess(machine: Machine, event: Of<"process_exit">): void {
  for (const thread of machine.threads.values()) {
    if (thread.pid === event.pid) endThread(machine, thread, event.at);
  }
  machine.processes.delete(event.pid);
}

/** Its lane stays: what happened is still to be seen. */
function endThread(machine: Machine, thread: Thread, at: number): void {
  thread.alive = false;
  thread.lane.close(at);
  for (const row of thread.rows) freeRow(row, at);
  const cpu = machine.cpus[thread.cpu];
  thread.cpu = -1;
  if (cpu === undefined || cpu.thread !== thread) return;
  cpu.thread = null;
  if (cpu.interruptEndNs === Infinity) cpu.lane.close(at);
}

/** `tid` leaves the CPU for `next`; 0 is nobody. */
function switchThreads(machine: Machine, event: Of<"sched_switch">): void {
  const cpu = processorOf(machine, event.cpu);
  const previous = machine.threads.get(event.tid);
  if (previous !== undefined && event.tid !== event.next) {
    leaveCpu(machine, previous, event);
  }
  cpu.thread = null;
  if (event.next === 0) return cpu.lane.close(event.at);
  const next = threadByTid(machine, event.next, event.pid);
  cpu.thread = next;
  next.cpu = event.cpu;
  show(machine, next, event.at);
}

function leaveCpu(
  machine: Machine,
  thread: Thread,
  event: Of<"sched_switch">,
): void {
  thread.cpu = -1;
  thread.off = offState(event);
  thread.about = SAYS_NOTHING.has(event.why) ? "" : event.target;
  if (event.prevState === "exited") endThread(machine, thread, event.at);
  else if (thread.alive) show(machine, thread, event.at);
}

function offState(event: Of<"sched_switch">): State {
  if (event.prevState === "ready") return "ready";
  return event.prevState === "waiting" && event.why !== ""
    ? event.why
    : "event";
}

function startInterrupt(
  machine: Machine,
  event: Of<"irq_enter">,
): Processor {
  const cpu = processorOf(machine, event.cpu);
  cpu.interruptEndNs = event.at + event.costNs;
  cpu.device = event.device;
  const about = `interrupt: ${event.device}`;
  cpu.lane.set(event.at, "kernel", event.device, about);
  cpu.thread?.lane.set(event.at, "kernel", event.device, about);
  return cpu;
}

function endInterrupt(cpu: Processor): void {
  const at = cpu.interruptEndNs;
  cpu.interruptEndNs = Infinity;
  if (cpu.thread === null) cpu.lane.close(at);
  else showOnCpu(cpu, cpu.thread, at);
}

function submitRequest(machine: Machine, event: Of<"request_submit">): void {
  const thread = threadOf(machine, event);
  const text = `${event.call}(${event.args})`;
  let row = thread.rows.find((row) => row.id === 0);
  if (row === undefined) {
    const id = `${thread.lane.id}/${thread.rows.length}`;
    row = { lane: new Lane(id, "request", "", machine.index), id: 0 };
    thread.rows.push(row);
  }
  row.id = event.id;
  row.lane.name = `#${event.id} ${event.call}`;
  row.lane.note = event.door;
  const request = {
    id: event.id,
    row,
    call: event.call,
    state: waitOf(machine, event),
    text,
    complete: false,
    untaken: 0,
  };
  machine.requests.set(event.id, request);
  showRequest(request, event.at);
}

/** What a descriptor is, as its making told: reading it waits for that. */
function noteDescriptors(machine: Machine, event: Of<"sys_exit">): void {
  const kind = event.ok ? DESCRIPTORS[event.call] : undefined;
  if (kind === undefined) return;
  for (const fd of event.result.match(/\d+/g) ?? []) {
    machine.descriptors.set(`${event.pid}:${fd}`, kind);
  }
}

/** Pending, or done with its event still to be taken. */
function showRequest(request: Pending, at: number): void {
  const { id, row, call, state, text, complete, untaken } = request;
  if (untaken > 0) {
    const about = `${text} is done; nobody has taken its event yet`;
    row.lane.set(at, "posted", "event posted", about, id);
  } else if (complete) row.lane.close(at);
  else {
    row.lane.set(at, state, `#${id} ${call}`, text, id);
  }
}

function takeEvent(machine: Machine, id: number, at: number): void {
  const request = machine.requests.get(id);
  if (request === undefined) return;
  request.untaken = Math.max(0, request.untaken - 1);
  if (request.complete && request.untaken === 0) {
    endRequest(machine, request, at);
  } else showRequest(request, at);
}

function endRequest(machine: Machine, request: Pending, at: number): void {
  machine.requests.delete(request.id);
  freeRow(request.row, at);
}

/** What a request most likely waits for: from its name, or its descriptor. */
function waitOf(machine: Machine, event: Of<"request_submit">): State {
  const byName = WAITS_BY_CALL[event.call];
  if (byName !== undefined) return byName;
  const fd = /^\d+/.exec(event.args)?.[0];
  if (fd === undefined) return "disk";
  const standard: State = fd === "0" ? "keys" : "event";
  const unknown = Number(fd) <= 2 ? standard : "disk";
  return machine.descriptors.get(`${event.pid}:${fd}`) ?? unknown;
}

function freeRow(row: RequestRow, at: number): void {
  row.lane.close(at);
  row.id = 0;
}

/** The five parts of a disk access lie one after the other. */
function startBlock(machine: Machine, event: Of<"block_start">): void {
  const lane = machine.disk;
  if (lane === null) return;
  const [overhead, seek, settle, rotate, transfer, cylinder] = event.phases
    .split(" ").map(Number) as [number, number, number, number, number, number];
  const what = machine.writes.get(event.id) === "write" ? "write" : "read";
  const request = event.id;
  let at = event.at;
  const phase = (ns: number, state: State, label: string, about: string) => {
    lane.add(at, at + ns, state, label, about, request);
    at += ns;
  };
  phase(overhead, "timer", "overhead", "its controller reads the command");
  phase(
    seek + settle,
    "seek",
    `seek to cylinder ${grouped(cylinder)}`,
    `the arm moves to cylinder ${grouped(cylinder)}`,
  );
  phase(rotate, "turn", "turn", "the platter turns until the sector comes by");
  phase(
    transfer,
    "transfer",
    `transfer, ${what}`,
    `the sectors go by: ${what}`,
  );
}

/** From the first bit on the wire to the last, then on its way. */
function sendPacket(
  cables: Map<string, Lane>,
  event: Of<"net_tx">,
): void {
  const { at, arriveNs, bytes, info } = event;
  const key = `cable${event.cable}.${event.machine}`;
  let lane = cables.get(key);
  if (lane === undefined) {
    lane = new Lane(key, "network", "network", event.machine);
    lane.note = `to ${/>(\S+)/.exec(info)?.[1] ?? ""}`;
    cables.set(key, lane);
  }
  const bits = (bytes + WIRE_OVERHEAD_BYTES) * 8;
  const sentNs = at + Math.ceil(bits * 1e9 / LINE_BITS_PER_SECOND);
  const about = `${info}, ${grouped(bytes)} bytes, arrives at ${
    moment(arriveNs)
  }`;
  const label = info.replace(/^\S+ /, "");
  lane.cut(at);
  lane.add(at, Math.min(sentNs, arriveNs), "packet", label, about);
  lane.add(sentNs, arriveNs, "cable", label, about);
}

// ------------------------------------------------------------- showing

/** Puts the thread's present state on its lane and on its CPU's. */
function show(machine: Machine, thread: Thread, at: number): void {
  const cpu = machine.cpus[thread.cpu];
  if (cpu === undefined) return showOff(thread, at);
  if (cpu.interruptEndNs === Infinity) showOnCpu(cpu, thread, at);
}

function showOff(thread: Thread, at: number): void {
  const { off, about } = thread;
  const what = about || thread.call;
  const label = off === "ready" ? "ready" : what;
  thread.lane.set(at, off, label, what);
}

function showOnCpu(cpu: Processor, thread: Thread, at: number): void {
  const state = onCpuState(thread);
  const { name } = thread.lane;
  const callback = thread.callbacks.at(-1);
  const label = state === "run" ? "running" : callback ?? thread.callName;
  thread.lane.set(at, state, label, callback ?? thread.call);
  cpu.lane.set(at, state, name);
}

function onCpuState(thread: Thread): State {
  if (thread.computing) return thread.callbacks.length > 0 ? "callback" : "run";
  return thread.callbacks.length > 0 ? "callback" : "kernel";
}

// ------------------------------------------------------------- finding

function newMachine(index: number): Machine {
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

function processorOf(machine: Machine, number: number): Processor {
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

function threadOf(
  machine: Machine,
  event: { tid: number; pid: number },
): Thread {
  return threadByTid(machine, event.tid, event.pid);
}

function threadByTid(machine: Machine, tid: number, pid: number): Thread {
  let thread = machine.threads.get(tid);
  if (thread === undefined) {
    thread = newThread(machine, tid, pid);
    machine.threads.set(tid, thread);
    machine.history.push(thread);
    if (machine.history.length > THREADS_MAX) forgetThread(machine);
  }
  return thread;
}

function newThread(machine: Machine, tid: number, pid: number): Thread {
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
function forgetThread(machine: Machine): void {
  const index = machine.history.findIndex((thread) => !thread.alive);
  if (index < 0) return;
  const [thread] = machine.history.splice(index, 1) as [Thread];
  if (machine.threads.get(thread.tid) === thread) {
    machine.threads.delete(thread.tid);
  }
}

function* lanesOf(machine: Machine): Iterable<Lane> {
  for (const cpu of machine.cpus) yield cpu.lane;
  for (const thread of machine.history) {
    yield thread.lane;
    for (const row of thread.rows) yield row.lane;
  }
  if (machine.disk !== null) yield machine.disk;
}
