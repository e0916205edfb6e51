// What each trace event does to the lanes of its machine: one small function a
// kind. It reads events and nothing else.

import type { TraceEvent } from "../../kernel/trace.ts";
import { Lane } from "./lane.ts";
import { link } from "./links.ts";
import {
  endThread,
  lanesOf,
  type MachineLanes,
  noteWaker,
  noteWakeup,
  type Processor,
  processorOf,
  show,
  showOnCpu,
  type Thread,
  threadByTid,
  threadOf,
} from "./machine_lanes.ts";
import {
  completeRequest,
  endRequest,
  noteDescriptors,
  requestOf,
  showRequest,
  submitRequest,
  takeEvent,
} from "./request_rows.ts";
import { noteQueue, noteTcpState } from "./socket_lanes.ts";
import type { State } from "./states.ts";
import { grouped } from "../parts/units.ts";

type Of<K extends TraceEvent["kind"]> = Extract<TraceEvent, { kind: K }>;

/** What is waited for there is better told by the call. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  "disk",
  "keys",
  "timer",
  "",
]);
const STOPS: ReadonlySet<string> = new Set(["STOP", "TSTP", "TTIN", "TTOU"]);
/** Masks of a thread that are kept. */
const MASKS_MAX = 10_000;

/** Folds one event into the lanes of its machine. */
export function foldEvent(machine: MachineLanes, event: TraceEvent): void {
  const apply = HANDLERS[event.kind] as Handler | undefined;
  apply?.(machine, event);
}

type Handler = (machine: MachineLanes, event: TraceEvent) => void;

const HANDLERS: {
  [K in TraceEvent["kind"]]?: (machine: MachineLanes, event: Of<K>) => void;
} = {
  machine_boot: boot,
  machine_off: powerOff,
  process_spawn: (machine, { pid, ppid, name }) => {
    machine.processes.set(pid, {
      pid,
      parent: machine.processes.get(ppid)?.name ?? "init",
      name,
      endedNs: Infinity,
      ending: "",
      reapedNs: Infinity,
    });
  },
  process_exec: (machine, { pid, name }) => {
    const process = machine.processes.get(pid);
    if (process !== undefined) process.name = name;
  },
  process_exit: exitProcess,
  process_reap: (machine, { pid, at }) => {
    const process = machine.processes.get(pid);
    if (process !== undefined) process.reapedNs = at;
    machine.processes.delete(pid);
  },
  thread_create: createThread,
  thread_exit: (machine, event) => {
    const thread = machine.threads.get(event.tid);
    if (thread !== undefined) endThread(machine, thread, event.at);
  },
  sys_enter: enterCall,
  sys_exit: exitCall,
  sched_wakeup: (machine, event) => {
    const thread = threadOf(machine, event);
    thread.off = "ready";
    thread.about = "";
    noteWakeup(machine, thread, event.at);
    show(machine, thread, event.at);
  },
  sched_wait: (machine, event) => {
    const thread = threadOf(machine, event);
    thread.off = event.why === "" ? "event" : event.why;
    thread.about = SAYS_NOTHING.has(event.why) ? "" : event.target;
    show(machine, thread, event.at);
  },
  sched_switch: switchThreads,
  callback_enter: (machine, event) => {
    const thread = threadOf(machine, event);
    const request = requestOf(machine, event);
    thread.switching = false;
    thread.callbacks.push(request?.text ?? (event.what || `#${event.id}`));
    takeEvent(machine, event);
    show(machine, thread, event.at);
  },
  callback_exit: (machine, event) => {
    const thread = threadOf(machine, event);
    thread.callbacks.pop();
    show(machine, thread, event.at);
  },
  signal_deliver: deliverSignal,
  request_submit: submitRequest,
  request_complete: completeRequest,
  request_cancel: (machine, event) => {
    const request = requestOf(machine, event);
    if (request !== undefined) endRequest(machine, request, event.at);
  },
  request_drop: (machine, event) => {
    const request = requestOf(machine, event);
    if (request !== undefined) endRequest(machine, request, event.at);
  },
  event_post: (machine, event) => {
    const request = requestOf(machine, event);
    if (request === undefined) return;
    request.untaken++;
    request.postedNs = event.at;
    showRequest(request, event.at);
  },
  event_take: takeEvent,
  block_issue: (machine, { id, write, tid, at }) => {
    const lane = machine.threads.get(tid)?.lane ?? null;
    machine.transfers.set(id, { kind: write, lane, at });
  },
  block_start: startBlock,
  block_complete: (machine, { id, at }) => {
    machine.transfers.delete(id);
    machine.disk?.cut(at);
    if (machine.disk !== null) machine.cause = { lane: machine.disk, at };
  },
  tcp_state: noteTcpState,
  listen_queue: noteQueue,
};

function boot(machine: MachineLanes, event: Of<"machine_boot">): void {
  machine.name = event.name;
  for (let cpu = 0; cpu < event.cpus; cpu++) processorOf(machine, cpu);
  if (machine.disk !== null) return; // the power came back
  machine.disk = new Lane(
    `${machine.index}/disk`,
    "disk",
    "disk",
    event.machine,
  );
  machine.disk.note = "hda";
}

function powerOff(machine: MachineLanes, { at }: Of<"machine_off">): void {
  for (const thread of machine.threads.values()) {
    if (!thread.alive) continue;
    endThread(machine, thread, at);
    if (thread.process !== null) thread.process.ending = "when the power went";
  }
  for (const lane of lanesOf(machine)) lane.cut(at);
  for (const cpu of machine.cpus) cpu.interruptEndNs = Infinity;
  machine.processes.clear();
  machine.requests.clear();
  machine.transfers.clear();
}

/** A process that becomes another program keeps its lane, under the new name. */
function createThread(machine: MachineLanes, event: Of<"thread_create">): void {
  const old = machine.threads.get(event.tid);
  const process = machine.processes.get(event.pid);
  const becomes = old?.pid === event.pid && process !== undefined &&
    process.endedNs === Infinity && old.process === process;
  if (old !== undefined && !becomes) {
    endThread(machine, old, event.at);
    machine.threads.delete(event.tid);
  }
  const thread = threadOf(machine, event);
  thread.alive = true;
  thread.endedNs = Infinity;
  if (event.name !== "") thread.lane.name = event.name;
  show(machine, thread, event.at);
}

function exitProcess(machine: MachineLanes, event: Of<"process_exit">): void {
  for (const thread of machine.threads.values()) {
    if (thread.pid !== event.pid) continue;
    noteWaker(machine, thread, event.at);
    endThread(machine, thread, event.at);
  }
  const process = machine.processes.get(event.pid);
  if (process === undefined) return;
  process.endedNs = event.at;
  process.ending = event.signal === ""
    ? `with status ${event.status}`
    : `by SIG${event.signal}`;
}

// ------------------------------------------------------------- calls

function enterCall(machine: MachineLanes, event: Of<"sys_enter">): void {
  const thread = threadOf(machine, event);
  thread.switching = false;
  thread.callName = event.call;
  thread.call = `${event.call}(${event.args})`;
  thread.site = event.site;
  thread.computing = event.call === "compute";
  show(machine, thread, event.at);
}

function exitCall(machine: MachineLanes, event: Of<"sys_exit">): void {
  const thread = threadOf(machine, event);
  if (event.call === "mask" && event.ok) noteMask(thread, event.at);
  noteDescriptors(machine, event);
  noteWaker(machine, thread, event.at);
  thread.switching = false;
  thread.call = thread.callName = "";
  thread.computing = false;
  // No time passes until its next call or its end.
  if (thread.cpu >= 0) thread.lane.close(event.at);
}

function noteMask(thread: Thread, at: number): void {
  const holds = /all|io/.test(thread.call.slice("mask".length));
  thread.masks.push({ at, holds });
  if (thread.masks.length > MASKS_MAX) thread.masks.splice(0, MASKS_MAX / 2);
}

/** What no handler takes stops a process, or lets it go on, or ends it. */
function deliverSignal(
  machine: MachineLanes,
  { pid, tid, signal, at }: Of<"signal_deliver">,
): void {
  const stops = STOPS.has(signal);
  if (tid !== 0 || !stops && signal !== "CONT") return;
  for (const thread of machine.threads.values()) {
    if (thread.pid !== pid || !thread.alive) continue;
    thread.stoppedBy = stops ? `SIG${signal}` : "";
    if (thread.cpu < 0) show(machine, thread, at);
  }
}

// ------------------------------------------------------------- CPUs

/** `tid` leaves the CPU for `next`; 0 is nobody. */
function switchThreads(machine: MachineLanes, event: Of<"sched_switch">): void {
  const cpu = processorOf(machine, event.cpu);
  const previous = machine.threads.get(event.tid);
  if (previous !== undefined && event.tid !== event.next) {
    leaveCpu(machine, previous, event);
  }
  cpu.thread = null;
  if (event.next === 0) {
    if (cpu.interruptEndNs === Infinity) cpu.lane.close(event.at);
    return;
  }
  const next = threadByTid(machine, event.next, event.pid, event.at);
  cpu.thread = next;
  next.cpu = event.cpu;
  next.switching = true;
  const { last } = next.lane;
  if (last?.state === "ready" && last.start < event.at) {
    link(next.lane, event.at, cpu.lane, event.at);
  }
  if (cpu.interruptEndNs < Infinity) holdBack(cpu, next, event.at);
  show(machine, next, event.at);
}

/** The CPU is its own already, and an interrupt has it first. */
function holdBack(cpu: Processor, { lane }: Thread, at: number): void {
  lane.set(at, "kernel", cpu.device, `interrupt: ${cpu.device}`);
}

function leaveCpu(
  machine: MachineLanes,
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
  if (event.prevState === "ready" || event.prevState === "stopped") {
    return "ready";
  }
  return event.prevState === "waiting" && event.why !== ""
    ? event.why
    : "event";
}

export function startInterrupt(
  machine: MachineLanes,
  event: Of<"irq_enter"> | Of<"softirq_enter">,
): Processor {
  const cpu = processorOf(machine, event.cpu);
  // One that comes while another has the CPU takes it after that.
  const held = cpu.interruptEndNs < Infinity ? cpu.interruptEndNs : 0;
  cpu.interruptEndNs = Math.max(held, event.at) + event.costNs;
  cpu.device = event.device;
  const about = `interrupt: ${event.device}`;
  cpu.lane.set(event.at, "kernel", event.device, about);
  cpu.thread?.lane.set(event.at, "kernel", event.device, about);
  return cpu;
}

export function endInterrupt(cpu: Processor): void {
  const at = cpu.interruptEndNs;
  cpu.interruptEndNs = Infinity;
  if (cpu.thread === null) cpu.lane.close(at);
  else showOnCpu(cpu, cpu.thread, at);
}

// ------------------------------------------------------------- the disk

/** The five parts of a disk access lie one after the other. */
function startBlock(machine: MachineLanes, event: Of<"block_start">): void {
  const lane = machine.disk;
  if (lane === null) return;
  const [overhead, seek, settle, rotate, transfer, cylinder] = event.phases
    .split(" ").map(Number) as [number, number, number, number, number, number];
  const issued = machine.transfers.get(event.id);
  const what = issued?.kind === "write" ? "write" : "read";
  if (issued !== undefined && issued.lane !== null) {
    link(issued.lane, issued.at, lane, event.at);
  }
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
