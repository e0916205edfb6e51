// The fold of the trace into lanes: what each CPU, thread, request, device and
// socket was doing when, on every machine. It reads trace events and nothing
// else (no kernel state, no DOM), so the same code serves the page, the static
// figure and the tests.
//
// Code takes no virtual time: a thread on a CPU is running inside compute, in a
// callback inside a callback, and in the kernel otherwise.

import type { TraceEvent } from "../../kernel/trace.ts";
import { sendPacket } from "./cable_lanes.ts";
import { endInterrupt, foldEvent, startInterrupt } from "./fold.ts";
import { type Lane, type LaneKind, type Slice, STATE_COUNT } from "./lane.ts";
import {
  lanesOf,
  type MachineLanes,
  newMachine,
  type Processor,
  type Thread,
} from "./machine_lanes.ts";
import { type State, STATE_NAMES } from "./states.ts";
import { columnsOf, NO_SLICES, type SliceColumns } from "./slice_columns.ts";

/** One row as a screen gets it. */
export interface LaneView {
  id: string;
  kind: LaneKind;
  name: string;
  note: string;
  /** The machine it is a row of. */
  machine: string;
  /** It is the machine with the console. */
  isHome: boolean;
  slices: SliceColumns;
}

/** Events between two marks of where in the trace a time lies. */
const MARK_EVERY = 1024;

export class TraceModel {
  readonly #machines = new Map<number, MachineLanes>();
  /** CPUs that an interrupt holds. */
  readonly #interrupts = new Set<Processor>();
  /** When each so many events happened, from the first that is kept. */
  readonly #marks: { seq: number; at: number }[] = [];
  #nextSeq = 0;
  #now = 0;
  #beginsNs = 0;
  #lost = 0;

  /** Seq of the first event it has not seen. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** What happened before that is forgotten; 0 if nothing is. */
  get beginsNs(): number {
    return this.#beginsNs;
  }

  /** How many events are forgotten. */
  get lost(): number {
    return this.#lost;
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
    if (event.seq % MARK_EVERY === 0) {
      this.#marks.push({ seq: event.seq, at: event.at });
    }
    const machine = this.#machineOf(event);
    if (event.kind === "net_tx") return sendPacket(machine, event);
    if (event.kind === "irq_enter" || event.kind === "softirq_enter") {
      this.#interrupts.add(startInterrupt(machine, event));
    }
    foldEvent(machine, event);
  }

  /** The trace has dropped its oldest events: lanes begin at `at`, too. */
  forgetBefore(at: number, seq: number): void {
    if (at <= this.#beginsNs && seq <= this.#lost) return;
    this.#beginsNs = at;
    this.#lost = seq;
    const first = this.#marks.findIndex((mark) => mark.seq >= seq);
    this.#marks.splice(0, first < 0 ? this.#marks.length : first);
    for (const lane of this.lanes()) lane.forgetBefore(at);
  }

  /** A seq at or before the first event of a moment. */
  seqBefore(at: number): number {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#marks[middle]!.at >= at) high = middle;
      else low = middle + 1;
    }
    return this.#marks[low - 1]?.seq ?? this.#lost;
  }

  /** All lanes in the order they are drawn in, one machine after the other. */
  *lanes(): Iterable<Lane> {
    for (const machine of this.#inOrder()) yield* lanesOf(machine);
  }

  lane(id: string): Lane | null {
    for (const lane of this.lanes()) if (lane.id === id) return lane;
    return null;
  }

  /** The thread that a lane is of; null for other lanes. */
  threadOf(lane: Lane): Thread | null {
    const history = this.#machines.get(lane.machine)?.history ?? [];
    return history.find((thread) => thread.lane === lane) ?? null;
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

  nameOf(machine: number): string {
    return this.#machines.get(machine)?.name ?? "";
  }

  /**
   * What the machines were doing in a span, for a screen of so many columns.
   * `wanted` are the lanes on screen: the others come without their slices. A
   * lane that does nothing but in the margins is left out.
   */
  view(
    fromNs: number,
    toNs: number,
    columns: number,
    wanted: ReadonlySet<string> | null = null,
    marginNs = 0,
  ): LaneView[] {
    const views: LaneView[] = [];
    const since = fromNs + marginNs;
    const until = Math.min(toNs - marginNs, this.#now);
    for (const machine of this.#inOrder()) {
      const isHome = machine.index === 0;
      for (const lane of lanesOf(machine)) {
        if (!this.#isShown(lane, isHome, since, until)) continue;
        const slices = wanted === null || wanted.has(lane.id)
          ? columnsOf(lane, fromNs, toNs, columns, this.#now)
          : NO_SLICES;
        const { id, kind, name, note } = lane;
        views.push({
          id,
          kind,
          name,
          note,
          machine: machine.name,
          isHome,
          slices,
        });
      }
    }
    return views;
  }

  /** Its CPUs, disk and cables are always there; the rest when it does something. */
  #isShown(
    lane: Lane,
    isHome: boolean,
    fromNs: number,
    until: number,
  ): boolean {
    const { kind } = lane;
    const stays = kind === "cpu" || isHome && kind === "disk" ||
      kind === "network" && lane.length > 0;
    return stays || lane.length > 0 && fromNs < until &&
        lane.touches(fromNs, until);
  }

  /** Who has the CPUs of a machine and what its disk does at a moment. */
  slicesAt(
    kind: "cpu" | "disk",
    at: number,
    index = 0,
  ): { lane: Lane; slice: Slice }[] {
    const machine = this.#machines.get(index);
    if (machine === undefined) return [];
    const lanes = kind === "cpu"
      ? machine.cpus.map(({ lane }) => lane)
      : machine.disk === null
      ? []
      : [machine.disk];
    const found: { lane: Lane; slice: Slice }[] = [];
    for (const lane of lanes) {
      const slice = lane.at(at);
      if (slice !== null) found.push({ lane, slice });
    }
    return found;
  }

  /** The other threads of a machine that are ready at a moment, longest first. */
  readyAt(at: number, index: number, except: Lane): string[] {
    const found: { name: string; since: number }[] = [];
    for (const { lane } of this.#machines.get(index)?.history ?? []) {
      if (lane === except) continue;
      const slice = lane.at(at);
      if (slice?.state !== "ready") continue;
      found.push({ name: lane.name, since: slice.start });
    }
    return found.sort((a, b) => a.since - b.since).map(({ name }) => name);
  }

  /** How long a lane, or else the CPUs of the first machine, spent in each state. */
  shares(
    fromNs: number,
    toNs: number,
    lane: Lane | null,
  ): { state: State; ns: number }[] {
    const cpus = this.#machines.get(0)?.cpus ?? [];
    const lanes = lane === null ? cpus.map(({ lane }) => lane) : [lane];
    const times = new Float64Array(STATE_COUNT);
    const to = Math.min(toNs, this.#now);
    for (const each of lanes) {
      const first = each.firstEndingAfter(fromNs);
      if (first >= each.length) continue;
      const end = each.firstStartingAt(to, first);
      each.addTimes(times, first, Math.max(end, first), fromNs, to);
    }
    return STATE_NAMES.map((state, code) => ({ state, ns: times[code]! }))
      .filter(({ ns }) => ns > 0).sort((a, b) => b.ns - a.ns);
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

  #inOrder(): MachineLanes[] {
    return [...this.#machines.values()].sort((a, b) => a.index - b.index);
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
