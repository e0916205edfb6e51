// What the CPUs and threads of one machine did, in ns and counts: the sums of
// /proc/stat and its like. Added up from the trace when somebody asks, up to
// now: nothing is counted while the machine runs. A world that records no trace has
// zeros here, and what the trace forgot before anybody asked is not in the counts.
// It knows no text and no file.
//
// Divergence from Linux: the load is sampled every 5 s exactly, and time in
// interrupts is taken from what the CPU did meanwhile, to the nanosecond.

import type { Machine } from "./kernel.ts";
import type { TraceEvent, TraceKind } from "./trace.ts";

/** How often the load is sampled: Linux's LOAD_FREQ. */
const LOAD_SAMPLE_NS = 5_000_000_000;
/** 1/exp(5 s / 1, 5, 15 min) in units of 1/2048, as Linux has them. */
const LOAD_DECAYS = [1884, 2014, 2037] as const;
const LOAD_ONE = 2048;
/** Messages that are kept, the oldest dropped first. */
const MESSAGES_MAX = 256;

/** Where the time of a CPU went, ns. They add up to the time since boot. */
export interface CpuTimes {
  userNs: number;
  systemNs: number;
  /** Nothing to do, while some thread waits for the disk. */
  ioWaitNs: number;
  idleNs: number;
  irqNs: number;
  /** Frames taken from a card after its interrupt. */
  softirqNs: number;
}

interface CpuState extends CpuTimes {
  /** The thread on it; 0: none. */
  tid: number;
  lastTid: number;
  sinceNs: number;
  /** Taken by interrupts and not yet booked. */
  irqDebtNs: number;
  softirqDebtNs: number;
  /** Left of the switch to the present thread. */
  switchDebtNs: number;
}

/** What one thread has used. */
export interface ThreadTimes {
  pid: number;
  startNs: number;
  userNs: number;
  systemNs: number;
  /** Ready, and another had the CPU. */
  queuedNs: number;
  /** Times it got a CPU. */
  turns: number;
  /** Times it left the CPU to wait, and because its turn was over. */
  voluntary: number;
  involuntary: number;
}

/** What is known of a process beside its threads. */
interface ProcessState {
  name: string;
  ppid: number;
  /** Where in the trace it begins. */
  firstSeq: number;
  /** Its threads that have ended, together. */
  ended: ThreadTimes;
  /** What its children had used that it has collected, and theirs. */
  childUserNs: number;
  childSystemNs: number;
}

interface ThreadState extends ThreadTimes {
  state: "running" | "ready" | "waiting" | "stopped" | "exited";
  onDisk: boolean;
  queuedSinceNs: number;
  inCompute: boolean;
  /** What it was in when callbacks came, the innermost last. */
  interrupted: boolean[];
}

export interface Message {
  atNs: number;
  text: string;
}

export class Accounting {
  readonly cpus: CpuState[];
  readonly interrupts = new Map<string, number>();
  readonly counts = {
    traps: 0,
    switches: 0,
    callbacks: 0,
    interrupts: 0,
    softirqs: 0,
    processes: 0,
    pageHits: 0,
    pageMisses: 0,
    packetsIn: 0,
    packetsOut: 0,
    packetsDropped: 0,
  };
  readonly messages: Message[] = [];
  #threads = new Map<number, ThreadState>();
  #processes = new Map<number, ProcessState>();
  #next: number;
  #onDisk = 0;
  #active = 0;
  #loads: [number, number, number] = [0, 0, 0];
  #sampleNs: number;
  readonly bootNs: number;

  /** Of what happens from now on. */
  constructor(readonly machine: Machine) {
    const { now } = machine.clock;
    this.bootNs = now;
    this.#sampleNs = now + LOAD_SAMPLE_NS;
    this.#next = machine.trace.length;
    this.cpus = machine.cpus.map(() => ({
      userNs: 0,
      systemNs: 0,
      ioWaitNs: 0,
      idleNs: 0,
      irqNs: 0,
      softirqNs: 0,
      tid: 0,
      lastTid: 0,
      sinceNs: now,
      irqDebtNs: 0,
      softirqDebtNs: 0,
      switchDebtNs: 0,
    }));
  }

  /** Adds up what has happened since the last time. */
  update(): this {
    const { trace, index, clock } = this.machine;
    const end = trace.length;
    for (const event of trace.events(this.#next)) {
      if (event.seq >= end) break;
      if (event.machine !== index) continue;
      this.#sampleUntil(event.at);
      this.#take(event);
    }
    this.#next = end;
    this.#sampleUntil(clock.now);
    for (const cpu of this.cpus) this.#book(cpu, clock.now);
    return this;
  }

  /** Threads that run or could, or wait for the disk, averaged over 1, 5 and 15 min. */
  get loads(): number[] {
    return this.#loads.map((load) => load / LOAD_ONE);
  }
  /** Threads that wait for the disk. */
  get blocked(): number {
    return this.#onDisk;
  }

  thread(tid: number): ThreadTimes | undefined {
    return this.#threads.get(tid);
  }

  /** A process's threads together, those that have ended too. */
  process(
    pid: number,
    tids: Iterable<number>,
  ): ThreadTimes & { childUserNs: number; childSystemNs: number } {
    const state = this.#processes.get(pid);
    const { childUserNs = 0, childSystemNs = 0 } = state ?? {};
    const sum = { ...(state?.ended ?? noTimes(pid, Infinity)) };
    for (const tid of tids) {
      const times = this.#threads.get(tid);
      if (times !== undefined) addTimes(sum, times);
    }
    if (sum.startNs === Infinity) sum.startNs = this.bootNs;
    return { ...sum, childUserNs, childSystemNs };
  }

  /** Where in the trace a process begins. */
  firstSeq(pid: number): number {
    return this.#processes.get(pid)?.firstSeq ?? 0;
  }

  // ----------------------------------------------------------- events

  #take(event: TraceEvent): void {
    const take = TAKERS[event.kind];
    if (take !== undefined) take(this, event as never);
  }

  threadCreated({ tid, pid, at }: TraceEvent): void {
    this.#threads.set(tid, {
      ...noTimes(pid, at),
      state: "ready",
      onDisk: false,
      queuedSinceNs: at,
      inCompute: false,
      interrupted: [],
    });
    this.#active++;
  }

  threadEnded({ tid, pid, at }: TraceEvent): void {
    const thread = this.#threads.get(tid);
    if (thread === undefined) return;
    this.#enter(thread, "exited", at);
    const process = this.#processes.get(pid);
    if (process !== undefined) addTimes(process.ended, thread);
    this.#threads.delete(tid);
  }

  processBegan(event: TraceEvent & { kind: "process_spawn" }): void {
    const { pid, ppid, name, seq } = event;
    this.counts.processes++;
    this.#processes.set(pid, {
      name,
      ppid,
      firstSeq: seq,
      ended: noTimes(pid, Infinity),
      childUserNs: 0,
      childSystemNs: 0,
    });
  }

  processNamed({ pid }: TraceEvent, name: string): void {
    const process = this.#processes.get(pid);
    if (process !== undefined) process.name = name;
  }

  /** Its parent has collected it: what it used is its parent's children's. */
  processReaped({ pid }: TraceEvent): void {
    const process = this.#processes.get(pid);
    this.#processes.delete(pid);
    const parent = this.#processes.get(process?.ppid ?? 0);
    if (process === undefined || parent === undefined) return;
    const { ended, childUserNs, childSystemNs } = process;
    parent.childUserNs += ended.userNs + childUserNs;
    parent.childSystemNs += ended.systemNs + childSystemNs;
  }

  woken({ tid, at }: TraceEvent): void {
    const thread = this.#threads.get(tid);
    if (thread !== undefined) this.#enter(thread, "ready", at);
  }

  waitsFor({ tid, at }: TraceEvent, why: string): void {
    const thread = this.#threads.get(tid);
    if (thread !== undefined) this.#enter(thread, "waiting", at, why);
  }

  switched(event: TraceEvent & { kind: "sched_switch" }): void {
    const { cpu: index, at, tid, next, prevState, why } = event;
    const cpu = this.cpus[index]!;
    this.#book(cpu, at);
    if (tid !== next) this.counts.switches++;
    const left = this.#threads.get(tid);
    if (left !== undefined && prevState !== "") {
      if (prevState === "waiting") left.voluntary++;
      else if (prevState === "ready") left.involuntary++;
      this.#enter(left, prevState, at, why);
    }
    cpu.tid = next;
    cpu.switchDebtNs = 0;
    const thread = this.#threads.get(next);
    if (next === 0 || thread === undefined) return;
    if (next !== cpu.lastTid) {
      cpu.switchDebtNs = this.machine.costs.contextSwitchNs;
    }
    cpu.lastTid = next;
    thread.turns++;
    this.#enter(thread, "running", at);
  }

  entered(event: TraceEvent & { kind: "sys_enter" }): void {
    this.counts.traps++;
    if (event.call === "compute") this.#computes(event, true);
  }

  left(event: TraceEvent & { kind: "sys_exit" }): void {
    if (event.call === "compute") this.#computes(event, false);
  }

  #computes({ tid, cpu, at }: TraceEvent, inCompute: boolean): void {
    const thread = this.#threads.get(tid);
    if (thread === undefined) return;
    this.#book(this.cpus[cpu]!, at);
    thread.inCompute = inCompute;
  }

  /** What it cost to get into a callback was no work of the program. */
  callbackBegan({ tid, cpu, at }: TraceEvent): void {
    this.counts.callbacks++;
    const thread = this.#threads.get(tid);
    if (thread === undefined) return;
    const state = this.cpus[cpu]!;
    this.#book(state, at);
    if (thread.inCompute) {
      const costNs = Math.min(this.machine.costs.callbackNs, thread.userNs);
      thread.userNs -= costNs;
      thread.systemNs += costNs;
      state.userNs -= costNs;
      state.systemNs += costNs;
    }
    thread.interrupted.push(thread.inCompute);
    thread.inCompute = false;
  }

  callbackEnded({ tid, cpu, at }: TraceEvent): void {
    const thread = this.#threads.get(tid);
    if (thread === undefined) return;
    this.#book(this.cpus[cpu]!, at);
    thread.inCompute = thread.interrupted.pop() ?? false;
  }

  interrupted({ at }: TraceEvent, device: string, costNs: number): void {
    const [cpu] = this.cpus;
    this.#book(cpu!, at);
    cpu!.irqDebtNs += costNs;
    this.counts.interrupts++;
    this.interrupts.set(device, (this.interrupts.get(device) ?? 0) + 1);
  }

  leftForLater({ at }: TraceEvent, costNs: number): void {
    const [cpu] = this.cpus;
    this.#book(cpu!, at);
    cpu!.softirqDebtNs += costNs;
    this.counts.softirqs++;
  }

  /** A message of the kernel's, about a process if there is one. */
  note(text: string, { atNs, pid }: { atNs: number; pid: number }): void {
    const name = this.#processes.get(pid)?.name;
    const about = pid === 0 ? "" : `${name ?? "process"}[${pid}]: `;
    const words = text.startsWith(`${name}: `)
      ? text.slice(name!.length + 2)
      : text;
    this.messages.push({ atNs, text: about + words });
    if (this.messages.length > MESSAGES_MAX) this.messages.shift();
  }

  // ----------------------------------------------------------- booking

  #enter(
    thread: ThreadState,
    state: ThreadState["state"],
    at: number,
    why = "",
  ): void {
    if (thread.state === "ready") thread.queuedNs += at - thread.queuedSinceNs;
    if (state === "ready") thread.queuedSinceNs = at;
    const wasActive = isActive(thread);
    thread.state = state;
    this.#setOnDisk(thread, state === "waiting" && why === "disk", at);
    this.#active += Number(isActive(thread)) - Number(wasActive);
  }

  #setOnDisk(thread: ThreadState, onDisk: boolean, at: number): void {
    if (thread.onDisk === onDisk) return;
    for (const cpu of this.cpus) this.#book(cpu, at);
    thread.onDisk = onDisk;
    this.#onDisk += onDisk ? 1 : -1;
  }

  /** Books the time of a CPU up to a moment. */
  #book(cpu: CpuState, at: number): void {
    let left = at - cpu.sinceNs;
    cpu.sinceNs = at;
    const irqNs = Math.min(left, cpu.irqDebtNs);
    cpu.irqDebtNs -= irqNs;
    cpu.irqNs += irqNs;
    left -= irqNs;
    const softirqNs = Math.min(left, cpu.softirqDebtNs);
    cpu.softirqDebtNs -= softirqNs;
    cpu.softirqNs += softirqNs;
    left -= softirqNs;
    const thread = this.#threads.get(cpu.tid);
    if (thread === undefined) {
      if (this.#onDisk > 0) cpu.ioWaitNs += left;
      else cpu.idleNs += left;
      return;
    }
    const switchNs = Math.min(left, cpu.switchDebtNs);
    cpu.switchDebtNs -= switchNs;
    const userNs = thread.inCompute ? left - switchNs : 0;
    cpu.userNs += userNs;
    thread.userNs += userNs;
    cpu.systemNs += left - userNs;
    thread.systemNs += left - userNs;
  }

  #sampleUntil(at: number): void {
    for (; this.#sampleNs <= at; this.#sampleNs += LOAD_SAMPLE_NS) {
      const active = (this.#active + this.#onDisk) * LOAD_ONE;
      LOAD_DECAYS.forEach((decay, i) => {
        const load = this.#loads[i]! * decay + active * (LOAD_ONE - decay);
        const up = active >= this.#loads[i]! ? LOAD_ONE - 1 : 0;
        this.#loads[i] = Math.floor((load + up) / LOAD_ONE);
      });
    }
  }
}

/** It runs, or it could. */
function isActive({ state }: ThreadState): boolean {
  return state === "running" || state === "ready";
}

function noTimes(pid: number, startNs: number): ThreadTimes {
  return {
    pid,
    startNs,
    userNs: 0,
    systemNs: 0,
    queuedNs: 0,
    turns: 0,
    voluntary: 0,
    involuntary: 0,
  };
}

function addTimes(sum: ThreadTimes, times: ThreadTimes): void {
  sum.startNs = Math.min(sum.startNs, times.startNs);
  sum.userNs += times.userNs;
  sum.systemNs += times.systemNs;
  sum.queuedNs += times.queuedNs;
  sum.turns += times.turns;
  sum.voluntary += times.voluntary;
  sum.involuntary += times.involuntary;
}

/** What each kind of event adds; the others add nothing. */
const TAKERS: {
  [K in TraceKind]?: (
    sums: Accounting,
    event: Extract<TraceEvent, { kind: K }>,
  ) => void;
} = {
  process_spawn: (sums, event) => sums.processBegan(event),
  process_exec: (sums, event) => sums.processNamed(event, event.name),
  process_exit(sums, { at, pid, signal }) {
    if (signal !== "") sums.note(`killed by SIG${signal}`, { atNs: at, pid });
  },
  process_reap: (sums, event) => sums.processReaped(event),
  thread_create: (sums, event) => sums.threadCreated(event),
  thread_exit: (sums, event) => sums.threadEnded(event),
  sched_wakeup: (sums, event) => sums.woken(event),
  sched_wait: (sums, event) => sums.waitsFor(event, event.why),
  sched_switch: (sums, event) => sums.switched(event),
  sys_enter: (sums, event) => sums.entered(event),
  sys_exit: (sums, event) => sums.left(event),
  callback_enter: (sums, event) => sums.callbackBegan(event),
  callback_exit: (sums, event) => sums.callbackEnded(event),
  irq_enter: (sums, event) =>
    sums.interrupted(event, event.device, event.costNs),
  softirq_enter: (sums, event) => sums.leftForLater(event, event.costNs),
  page_hit: (sums, { count }) => sums.counts.pageHits += count,
  page_miss: (sums, { count }) => sums.counts.pageMisses += count,
  net_rx: (sums) => sums.counts.packetsIn++,
  net_tx: (sums) => sums.counts.packetsOut++,
  net_drop: (sums) => sums.counts.packetsDropped++,
  note: (sums, { at, pid, text }) => sums.note(text, { atNs: at, pid }),
};
