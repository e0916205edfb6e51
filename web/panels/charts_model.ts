// What the charts draw: how long requests took, what the CPUs, the drive and the
// network did, how much was pending, in each part of a window of time. It folds
// the events of one machine; it does not draw.

import type { TraceEvent } from "../../kernel/trace.ts";
import { Level, percentile, Samples } from "./series.ts";

/** A value for each part of the window; null: nothing to tell. */
export type Line = (number | null)[];

export interface ChartsView {
  now: number;
  fromNs: number;
  toNs: number;
  /** Where each part begins, ns. */
  at: number[];
  /** Requests that waited for the disk or the network, by when they were done, ns. */
  latency: { p50: Line; p95: Line; p99: Line };
  /** The same over the whole window. */
  overall: { count: number; p50: number; p95: number; p99: number };
  /** How many took how long: from 2^i ns on, of those with i in order. */
  histogram: { fromNs: number; count: number }[];
  /** Parts of the time of all CPUs, in %. */
  busy: Line;
  interrupt: Line;
  idle: Line;
  /** Part of the time, in %, and requests at the drive on average. */
  diskBusy: Line;
  diskQueue: Line;
  /** Bits a second. */
  sent: Line;
  received: Line;
  /** The most at once. */
  pending: Line;
}

const PARTS = 96;
/** Shorter latencies are counted with this. */
export const SHORTEST_NS = 64;
/** Of more, some are left out: an estimate does. */
const SORTED_MAX = 20_000;

interface Under {
  sinceNs: number;
  /** It has waited for the disk or the network. */
  waited: boolean;
}

export class ChartsModel {
  readonly #latencies = new Samples();
  readonly #cpus: Level[] = [];
  /** CPU 0 serves an interrupt: while it is busy (1), while it is not (2). */
  readonly #interrupts = new Level();
  #heldUntilNs = 0;
  readonly #drive = new Level();
  readonly #sent = new Samples();
  readonly #received = new Samples();
  readonly #pending = new Level();
  /** Calls by thread, and requests by process and number. */
  readonly #calls = new Map<number, Under>();
  readonly #requests = new Map<string, Under & { pid: number }>();
  readonly #waiting = new Set<number>();
  readonly #inDrive = new Set<number>();
  /** Requests that the drive serves, of those; and whether there are any. */
  #serving = 0;
  readonly #driveWorks = new Level();

  /** Events of one machine, in order. */
  add(event: TraceEvent): void {
    this.#endInterrupt(event.at);
    const take = TAKERS[event.kind] as
      | ((model: ChartsModel, event: TraceEvent) => void)
      | undefined;
    take?.(this, event);
  }

  /** The parts of a window, as of `now`. */
  view(fromNs: number, toNs: number, now: number): ChartsView {
    this.#endInterrupt(now);
    const from = Math.max(0, fromNs);
    const stepNs = Math.max(1, (toNs - from) / PARTS);
    const at = Array.from({ length: PARTS }, (_, i) => from + i * stepNs);
    const line = (of: (start: number, end: number) => number | null) =>
      at.map((start) => {
        const end = Math.min(start + stepNs, now);
        return end > start ? of(start, end) : null;
      });
    const rate = (samples: Samples) =>
      line((start, end) => samples.sum(start, end) * 8e9 / (end - start));
    const parts = at.map((start) => this.#sorted(start, start + stepNs));
    const percent = (part: number) =>
      parts.map((sorted) => percentile(sorted, part));
    const cpu = at.map((start) =>
      this.#cpuParts(start, Math.min(start + stepNs, now))
    );
    return {
      now,
      fromNs: from,
      toNs,
      at,
      latency: { p50: percent(0.5), p95: percent(0.95), p99: percent(0.99) },
      ...this.#overall(from, Math.min(toNs, now)),
      busy: cpu.map((each) => each?.busy ?? null),
      interrupt: cpu.map((each) => each?.interrupt ?? null),
      idle: cpu.map((each) => each?.idle ?? null),
      diskBusy: line((start, end) => this.#driveBusy(start, end)),
      diskQueue: line((start, end) => this.#drive.over(start, end).mean),
      sent: rate(this.#sent),
      received: rate(this.#received),
      pending: line((start, end) => this.#pending.over(start, end).most),
    };
  }

  // ----------------------------------------------------------- folding

  boot(cpus: number, at: number): void {
    for (let i = 0; i < cpus; i++) this.#cpus[i] ??= new Level();
    this.off(at);
  }

  off(at: number): void {
    for (const cpu of this.#cpus) cpu.set(at, 0);
    this.#calls.clear();
    this.#requests.clear();
    this.#waiting.clear();
    this.#inDrive.clear();
    this.#drive.set(at, 0);
    this.#serving = 0;
    this.#driveWorks.set(at, 0);
    this.#countPending(at);
  }

  enter(tid: number, at: number): void {
    this.#calls.set(tid, { sinceNs: at, waited: false });
  }

  leave(tid: number, at: number): void {
    const call = this.#calls.get(tid);
    this.#calls.delete(tid);
    if (call?.waited === true) this.#latencies.add(at, at - call.sinceNs);
  }

  waits(tid: number, why: string, at: number): void {
    const call = this.#calls.get(tid);
    if (call !== undefined && (why === "disk" || why === "net")) {
      call.waited = true;
    }
    this.#waiting.add(tid);
    this.#countPending(at);
  }

  goesOn(tid: number, at: number): void {
    if (this.#waiting.delete(tid)) this.#countPending(at);
  }

  submit(pid: number, id: number, call: string, at: number): void {
    const waited = call !== "sleep" && call !== "nop" && call !== "waitpid";
    this.#requests.set(`${pid}/${id}`, { pid, sinceNs: at, waited });
    this.#countPending(at);
  }

  complete(pid: number, id: number, at: number, isDone: boolean): void {
    const key = `${pid}/${id}`;
    const request = this.#requests.get(key);
    if (request === undefined) return;
    this.#requests.delete(key);
    if (isDone && request.waited) {
      this.#latencies.add(at, at - request.sinceNs);
    }
    this.#countPending(at);
  }

  processEnds(pid: number, at: number): void {
    for (const [key, request] of this.#requests) {
      if (request.pid === pid) this.#requests.delete(key);
    }
    this.#countPending(at);
  }

  cpuTakes(cpu: number, tid: number, at: number): void {
    (this.#cpus[cpu] ??= new Level()).set(at, tid === 0 ? 0 : 1);
  }

  /** One that comes while another has the CPU takes it after that. */
  interruptTakes(costNs: number, at: number): void {
    const isBusy = (this.#cpus[0]?.last ?? 0) > 0;
    this.#heldUntilNs = Math.max(this.#heldUntilNs, at) + costNs;
    if (this.#interrupts.last === 0) this.#interrupts.set(at, isBusy ? 1 : 2);
  }

  issue(id: number, at: number): void {
    this.#inDrive.add(id);
    this.#drive.set(at, this.#inDrive.size);
  }

  serve(at: number): void {
    this.#serving++;
    this.#driveWorks.set(at, 1);
  }

  served(id: number, at: number): void {
    this.#inDrive.delete(id);
    this.#drive.set(at, this.#inDrive.size);
    this.#serving = Math.max(0, this.#serving - 1);
    if (this.#serving === 0) this.#driveWorks.set(at, 0);
  }

  packet(isSent: boolean, bytes: number, at: number): void {
    (isSent ? this.#sent : this.#received).add(at, bytes);
  }

  // ----------------------------------------------------------- adding up

  #countPending(at: number): void {
    this.#pending.set(at, this.#waiting.size + this.#requests.size);
  }

  #endInterrupt(now: number): void {
    if (this.#interrupts.last === 0 || this.#heldUntilNs > now) return;
    this.#interrupts.set(this.#heldUntilNs, 0);
  }

  #sorted(fromNs: number, toNs: number): number[] {
    const count = this.#latencies.count(fromNs, toNs);
    const stride = Math.ceil(count / (SORTED_MAX / PARTS)) || 1;
    return this.#latencies.within(fromNs, toNs, stride).sort((a, b) => a - b);
  }

  #overall(
    fromNs: number,
    toNs: number,
  ): Pick<ChartsView, "overall" | "histogram"> {
    const count = this.#latencies.count(fromNs, toNs);
    const stride = Math.ceil(count / SORTED_MAX) || 1;
    const sorted = this.#latencies.within(fromNs, toNs, stride)
      .sort((a, b) => a - b);
    const of = (part: number) => percentile(sorted, part) ?? 0;
    return {
      overall: { count, p50: of(0.5), p95: of(0.95), p99: of(0.99) },
      histogram: histogramOf(sorted, stride),
    };
  }

  #cpuParts(
    fromNs: number,
    toNs: number,
  ): { busy: number; interrupt: number; idle: number } | null {
    if (toNs <= fromNs || this.#cpus.length === 0) return null;
    const count = this.#cpus.length;
    let taken = 0;
    for (const cpu of this.#cpus) taken += cpu.over(fromNs, toNs).mean;
    const [whileBusy, whileIdle] = this.#interruptParts(fromNs, toNs);
    const interrupt = (whileBusy + whileIdle) / count;
    const busy = Math.max(0, taken - whileBusy) / count;
    return {
      busy: 100 * busy,
      interrupt: 100 * interrupt,
      idle: 100 * Math.max(0, 1 - busy - interrupt),
    };
  }

  /** Parts of the time that interrupts took: from a thread, and from nobody. */
  #interruptParts(fromNs: number, toNs: number): [number, number] {
    const { most } = this.#interrupts.over(fromNs, toNs);
    if (most === 0) return [0, 0];
    return [
      this.#interrupts.partAt(1, fromNs, toNs),
      this.#interrupts.partAt(2, fromNs, toNs),
    ];
  }

  #driveBusy(fromNs: number, toNs: number): number {
    return 100 * this.#driveWorks.over(fromNs, toNs).mean;
  }
}

/** By powers of two, from the shortest to the longest. */
function histogramOf(
  sorted: readonly number[],
  stride: number,
): ChartsView["histogram"] {
  if (sorted.length === 0) return [];
  const powerOf = (ns: number) =>
    31 - Math.clz32(Math.max(1, ns / SHORTEST_NS)) + 6;
  const first = powerOf(sorted[0]!);
  const last = powerOf(sorted[sorted.length - 1]!);
  const bars = Array.from({ length: last - first + 1 }, (_, i) => ({
    fromNs: 2 ** (first + i),
    count: 0,
  }));
  for (const ns of sorted) bars[powerOf(ns) - first]!.count += stride;
  return bars;
}

const TAKERS: {
  [K in TraceEvent["kind"]]?: (
    model: ChartsModel,
    event: Extract<TraceEvent, { kind: K }>,
  ) => void;
} = {
  machine_boot: (model, { cpus, at }) => model.boot(cpus, at),
  machine_off: (model, { at }) => model.off(at),
  process_exec: (model, { pid, at }) => model.processEnds(pid, at),
  process_exit: (model, { pid, at }) => model.processEnds(pid, at),
  thread_exit: (model, { tid, at }) => model.goesOn(tid, at),
  sys_enter: (model, { tid, at }) => model.enter(tid, at),
  sys_exit: (model, { tid, at }) => model.leave(tid, at),
  sched_wakeup: (model, { tid, at }) => model.goesOn(tid, at),
  sched_wait: (model, { tid, why, at }) => model.waits(tid, why, at),
  sched_switch: (model, { cpu, tid, next, prevState, why, at }) => {
    if (prevState === "waiting") model.waits(tid, why, at);
    model.cpuTakes(cpu, next, at);
  },
  request_submit: (model, { pid, id, call, at }) =>
    model.submit(pid, id, call, at),
  request_complete: (model, { pid, id, at }) =>
    model.complete(pid, id, at, true),
  request_drop: (model, { pid, id, at }) => model.complete(pid, id, at, false),
  irq_enter: (model, { costNs, at }) => model.interruptTakes(costNs, at),
  softirq_enter: (model, { costNs, at }) => model.interruptTakes(costNs, at),
  block_issue: (model, { id, at }) => model.issue(id, at),
  block_start: (model, { at }) => model.serve(at),
  block_complete: (model, { id, at }) => model.served(id, at),
  net_tx: (model, { cable, bytes, at }) => {
    if (cable >= 0) model.packet(true, bytes, at);
  },
  net_rx: (model, { cable, bytes, at }) => {
    if (cable >= 0) model.packet(false, bytes, at);
  },
};
