// The folded trace of a session: what the timeline shows, and since when. The
// timeline follows the present command: from the moment it was entered, and from
// its first program on when it starts one.

import type { Machine, TraceEvent, World } from "../kernel/mod.ts";
import type { FromRunner, ToRunner } from "./protocol.ts";
import { type LaneView, TraceModel } from "./trace_model.ts";
import { explain, type Explanation } from "./why.ts";

type View = Extract<ToRunner, { kind: "view" }>;
type Slices = Omit<Extract<FromRunner, { kind: "slices" }>, "kind">;

const OVERVIEW_EVERY_MS = 250;
const OVERVIEW_COLUMNS = 800;

export class Recording {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #model = new TraceModel();
  #overviewAt = 0;
  /** Who starts the programs of the present command, until one was started; 0 after that. */
  #parent = 0;
  /** What the page shows; null before it has said so. */
  view: View | null = null;
  /** When the present command began. */
  episodeNs = 0;

  constructor(world: World, machine: Machine) {
    this.#world = world;
    this.#machine = machine;
  }

  /** A command was entered in the shell with that pid. */
  begin(shellPid: number): void {
    this.fold();
    this.episodeNs = this.#world.now;
    this.#parent = shellPid;
  }

  /** Takes in what happened since. */
  fold(): void {
    const { trace, now } = this.#world;
    for (const event of trace.events(this.#model.nextSeq)) {
      this.#model.add(event);
      if (event.kind === "process_spawn") this.#spawned(event);
    }
    this.#model.now = now;
  }

  /** The lanes of the page's view. */
  slices(): Slices | null {
    if (this.view === null) return null;
    this.fold();
    const { fromNs, toNs, columns } = this.view;
    const { now } = this.#model;
    const lanes = this.#model.view(fromNs, toNs, columns);
    return { now, fromNs, toNs, lanes, overview: this.#overview(now) };
  }

  explain(laneId: string, at: number): Explanation | null {
    this.fold();
    return explain(this.#model, laneId, at);
  }

  tidOf(laneId: string): number | null {
    return this.#model.tidOf(laneId);
  }

  /** The whole recording of cpu 0, now and then. */
  #overview(now: number): LaneView[] {
    const time = performance.now();
    if (time - this.#overviewAt < OVERVIEW_EVERY_MS) return [];
    this.#overviewAt = time;
    return this.#model.view(0, now, OVERVIEW_COLUMNS).slice(0, 1);
  }

  #spawned(event: Extract<TraceEvent, { kind: "process_spawn" }>): void {
    if (event.machine !== this.#machine.index) return;
    if (event.ppid !== this.#parent) return;
    this.#parent = 0;
    this.episodeNs = event.at;
  }
}
