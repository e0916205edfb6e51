// The folded trace of a session: what the timeline shows, and since when. The
// timeline follows the present command: from its first program to the end of its
// last, if it starts any; the shell's own work around them is not what was asked
// for.

import type { Machine, TraceEvent, World } from "../../kernel/mod.ts";
import { DEFAULT_MODEL, HDD_MODELS } from "../../kernel/dev/hdd_model.ts";
import { DiskModel, type DriveView } from "../disk/disk_model.ts";
import { type NetMap, NetModel, type NetView } from "../network/net_model.ts";
import type { FromRunner, ToRunner } from "../protocol.ts";
import { type LaneView, TraceModel } from "../trace/trace_model.ts";
import { explain, type Explanation } from "../trace/why.ts";

type View = Extract<ToRunner, { kind: "view" }>;
type Slices = Omit<Extract<FromRunner, { kind: "slices" }>, "kind">;

const OVERVIEW_EVERY_MS = 250;
const OVERVIEW_COLUMNS = 800;

export class Recording {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #model = new TraceModel();
  readonly #drive: DiskModel;
  readonly #network: NetModel;
  #overviewAt = 0;
  /** The shell that was given the present command. */
  #shellPid = 0;
  /** Programs of the present command that were started, and those that live. */
  #started = 0;
  readonly #alive = new Set<number>();
  /** What the page shows; null before it has said so. */
  view: View | null = null;
  /** When the present command began. */
  episodeNs = 0;
  /** When its last program ended; Infinity before that. */
  episodeEndNs = Infinity;

  constructor(world: World, machine: Machine) {
    this.#world = world;
    this.#machine = machine;
    const { model } = machine.settings.disk;
    this.#drive = new DiskModel(
      HDD_MODELS.find(({ name }) => name === model) ?? DEFAULT_MODEL,
    );
    this.#network = new NetModel(mapOf(world));
  }

  /** A command was entered in the shell with that pid. */
  begin(shellPid: number): void {
    this.fold();
    this.episodeNs = this.#world.now;
    this.episodeEndNs = Infinity;
    this.#shellPid = shellPid;
    this.#started = 0;
    this.#alive.clear();
  }

  /** Takes in what happened since. */
  fold(): void {
    const { trace, now } = this.#world;
    for (const event of trace.events(this.#model.nextSeq)) {
      this.#model.add(event);
      this.#network.add(event);
      if (event.machine !== this.#machine.index) continue;
      this.#drive.add(event);
      this.#follow(event);
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

  /** The drive as it is now. */
  drive(): DriveView {
    this.fold();
    return this.#drive.at(this.#model.now);
  }

  /** The network as it is now. */
  network(): NetView {
    this.fold();
    return this.#network.at(this.#model.now);
  }

  /** The lane of a thread that is there; 0 is the kernel, and then the drive's. */
  laneOf(tid: number): string | null {
    return tid === 0
      ? `${this.#machine.index}/disk`
      : this.#model.laneOf(this.#machine.index, tid);
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

  #follow(event: TraceEvent): void {
    const { kind, at, pid } = event;
    if (kind === "process_exit" && this.#alive.delete(pid)) {
      if (this.#alive.size === 0) this.episodeEndNs = at;
    }
    if (kind !== "process_spawn" || event.ppid !== this.#shellPid) return;
    if (this.#started++ === 0) this.episodeNs = at;
    this.#alive.add(pid);
    this.episodeEndNs = Infinity;
  }
}

/** What is plugged together. */
function mapOf({ machines, switches, cables }: World): NetMap {
  const names = (ends: { name: string }[]) => ends.map(({ name }) => name);
  return {
    machines: names(machines),
    switches: names(switches),
    cables: cables.map(({ id, ends: [a, b], latencyNs }) => ({
      id,
      ends: [a.machine.name, b.machine.name],
      latencyNs,
      bitsPerSecond: Math.min(a.bitsPerSecond, b.bitsPerSecond),
    })),
  };
}
