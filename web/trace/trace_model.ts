// The fold of the trace into lanes: what each CPU, thread, request and device
// was doing when. It reads trace events and nothing else (no kernel state, no
// DOM), so the same code serves the page, the static figure and the tests.
//
// Code takes no virtual time: a thread on a CPU is running inside compute, in a
// callback inside a callback, and in the kernel otherwise.

import type { TraceEvent } from "../../kernel/trace.ts";
import { sendPacket } from "./cable_lanes.ts";
import { endInterrupt, foldEvent, startInterrupt } from "./fold.ts";
import type { Lane, LaneKind, Slice, SliceView } from "./lane.ts";
import {
  lanesOf,
  type MachineLanes,
  newMachine,
  type Processor,
} from "./machine_lanes.ts";

/** One row as a screen gets it. */
export interface LaneView {
  id: string;
  kind: LaneKind;
  name: string;
  note: string;
  slices: SliceView[];
}

/** The machine with the console. */
const SHOWN_MACHINE = 0;
export class TraceModel {
  readonly #machines = new Map<number, MachineLanes>();
  /** One lane for each cable and direction. */
  readonly #cables = new Map<string, Lane>();
  /** CPUs that an interrupt holds. */
  readonly #interrupts = new Set<Processor>();
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
    if (this.#interrupts.size > 0) this.#endInterrupts(this.#now);
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
    if (event.kind === "irq_enter" || event.kind === "softirq_enter") {
      this.#interrupts.add(startInterrupt(machine, event));
    }
    foldEvent(machine, event);
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

  /** The lane of the thread that has this number now. */
  laneOf(machine: number, tid: number): string | null {
    return this.#machines.get(machine)?.threads.get(tid)?.lane.id ?? null;
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

  #machineOf(event: TraceEvent): MachineLanes {
    let machine = this.#machines.get(event.machine);
    if (machine === undefined) {
      machine = newMachine(event.machine);
      this.#machines.set(event.machine, machine);
    }
    return machine;
  }

  #endInterrupts(at: number): void {
    for (const cpu of this.#interrupts) {
      if (cpu.interruptEndNs > at) continue;
      this.#interrupts.delete(cpu);
      endInterrupt(cpu);
    }
  }
}
