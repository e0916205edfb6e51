// What a figure of a lesson is made of: the trace of a small world from its zero
// on, marks for lanes that the trace does not have (clients, a queue), and the
// numbers that questions and tasks are about. Plain data; it knows no screen.

import type { TraceEvent, World } from "../kernel/mod.ts";

/** What a mark can say of its lane: some of the states of the timeline. */
export type StoryState =
  | "run"
  | "ready"
  | "net"
  | "disk"
  | "timer"
  | "lock"
  | "event"
  | "callback";

/** From this moment on a lane of the story is so; null: it ends. */
export interface StoryMark {
  at: number;
  lane: string;
  state: StoryState | null;
  label: string;
  /** The sentence for who asks why. */
  about: string;
}

export interface Recording {
  /** Their clock begins with the figure; what came before has times below 0. */
  events: TraceEvent[];
  story: StoryMark[];
  /** Lanes of the story in their order: those above the threads, those below. */
  above: string[];
  below: string[];
  endNs: number;
  /** Kinds of lanes that say nothing here. */
  hidden: string[];
  facts: Record<string, number>;
  /** Of the whole trace. */
  hash: string;
}

/** Gathers the marks of a world; its lanes are shown in the order of their names' coming. */
export class Story {
  readonly marks: StoryMark[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  mark(lane: string, state: StoryState, label: string, about = label): void {
    this.marks.push({ at: this.#world.now, lane, state, label, about });
  }

  end(lane: string): void {
    const at = this.#world.now;
    this.marks.push({ at, lane, state: null, label: "", about: "" });
  }
}

export interface RecordingPlan {
  world: World;
  fromNs: number;
  toNs: number;
  facts: Record<string, number>;
  story?: Story;
  above?: string[];
  below?: string[];
  /** Names of the threads by their number; a thread without one has no lane. */
  threads: Record<number, string>;
  hidden?: string[];
  /** Cables are drawn, too. */
  network?: boolean;
}

/** The recording of a world that has run. */
export function recorded(plan: RecordingPlan): Recording {
  const { world, fromNs, toNs, facts, story } = plan;
  const events: TraceEvent[] = [];
  for (const event of world.trace.events()) {
    if (event.at > toNs) break;
    const kept = keptEvent(event, plan);
    if (kept !== null) events.push(shifted(kept, fromNs));
  }
  const marks = story?.marks ?? [];
  return {
    events,
    story: marks.filter(({ at }) => at <= toNs)
      .map((mark) => ({ ...mark, at: mark.at - fromNs })),
    above: plan.above ?? [],
    below: plan.below ?? [],
    endNs: toNs - fromNs,
    hidden: plan.hidden ?? [],
    hash: world.trace.hash,
    facts,
  };
}

/** Of the first machine, and of its cables if they are wanted; threads by their names. */
function keptEvent(event: TraceEvent, plan: RecordingPlan): TraceEvent | null {
  if (event.kind === "net_tx") return plan.network === true ? event : null;
  if (event.machine !== 0) return null;
  if (event.kind === "thread_create") {
    const name = plan.threads[event.tid];
    return name === undefined ? null : { ...event, name };
  }
  if (event.kind === "process_spawn") {
    return { ...event, name: plan.threads[event.pid] ?? event.name };
  }
  const isNamed = (tid: number) => plan.threads[tid] !== undefined;
  if (event.kind === "sched_switch") {
    const next = isNamed(event.next) ? event.next : 0;
    return { ...event, tid: isNamed(event.tid) ? event.tid : 0, next };
  }
  return event.tid === 0 || isNamed(event.tid) ? event : null;
}

function shifted(event: TraceEvent, fromNs: number): TraceEvent {
  const at = event.at - fromNs;
  if (event.kind !== "net_tx") return { ...event, at };
  return { ...event, at, arriveNs: event.arriveNs - fromNs };
}

/** Ns as ms. */
export function inMs(ns: number): number {
  return ns / 1_000_000;
}
