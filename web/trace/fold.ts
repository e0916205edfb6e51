// What each trace event does to the lanes of its machine: one small function a
// kind. It reads events and nothing else.

import type { TraceEvent } from "../../kernel/trace.ts";
import { Lane } from "./lane.ts";
import {
  endThread,
  lanesOf,
  type MachineLanes,
  type Processor,
  processorOf,
  show,
  showOnCpu,
  type Thread,
  threadByTid,
  threadOf,
} from "./machine_lanes.ts";
import {
  endRequest,
  noteDescriptors,
  requestOf,
  showRequest,
  submitRequest,
  takeEvent,
} from "./request_rows.ts";
import type { State } from "./states.ts";
import { grouped } from "../parts/units.ts";

type Of<K extends TraceEvent["kind"]> = Extract<TraceEvent, { kind: K }>;

/** What is waited for there is better told by the call. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(["disk", "keys", ""]);
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
    thread.callbacks.push(request?.text ?? (event.what || `#${event.id}`));
    takeEvent(machine, event);
    show(machine, thread, event.at);
  },
  callback_exit: (machine, event) => {
    const thread = threadOf(machine, event);
    thread.callbacks.pop();
    show(machine, thread, event.at);
  },
  request_submit: submitRequest,
  request_complete: (machine, event) => {
    const request = requestOf(machine, event);
    if (request === undefined) return;
    request.complete = true;
    showRequest(request, event.at);
  },
  request_cancel: (machine, event) => {
    const request = requestOf(machine, event);
    if (request !== undefined) endRequest(machine, request, event.at);
  },
  event_post: (machine, event) => {
    const request = requestOf(machine, event);
    if (request === undefined) return;
    request.untaken++;
    showRequest(request, event.at);
  },
  event_take: takeEvent,
  block_issue: (machine, { id, write }) => {
    machine.writes.set(id, write);
  },
  block_start: startBlock,
  block_complete: (machine, { id, at }) => {
    machine.writes.delete(id);
    machine.disk?.cut(at);
  },
};

function boot(machine: MachineLanes, event: Of<"machine_boot">): void {
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
function createThread(machine: MachineLanes, event: Of<"thread_create">): void {
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

function exitProcess(machine: MachineLanes, event: Of<"process_exit">): void {
  for (const thread of machine.threads.values()) {
    if (thread.pid === event.pid) endThread(machine, thread, event.at);
  }
  machine.processes.delete(event.pid);
}

/** `tid` leaves the CPU for `next`; 0 is nobody. */
function switchThreads(machine: MachineLanes, event: Of<"sched_switch">): void {
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
  if (event.prevState === "ready") return "ready";
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

/** The five parts of a disk access lie one after the other. */
function startBlock(machine: MachineLanes, event: Of<"block_start">): void {
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
