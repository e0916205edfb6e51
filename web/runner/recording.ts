// The folded trace of a session: what the timeline shows, and since when. The
// timeline follows the present command: from its first program to the end of its
// last, if it starts any; the shell's own work around them is not what was asked
// for.

import type { Machine, TraceEvent, World } from "../../kernel/mod.ts";
import type { Chosen, PanelName, PanelView } from "../panels/panel_list.ts";
import { PanelModels } from "../panels/panel_models.ts";
import type { LoadedProgram } from "../../kernel/program.ts";
import { DiskView } from "./disk_view.ts";
import type {
  FromRunner,
  Measure,
  Purpose,
  Step,
  ToRunner,
} from "../protocol.ts";
import type { Lane } from "../trace/lane.ts";
import { eventsIn } from "../trace/slice_events.ts";
import { type LaneView, TraceModel } from "../trace/trace_model.ts";
import {
  explain,
  type Explanation,
  lostWords,
  type SourceLine,
} from "../trace/why.ts";

type View = Extract<ToRunner, { kind: "view" }>;
type Slices = Omit<Extract<FromRunner, { kind: "slices" }>, "kind">;

const OVERVIEW_EVERY_MS = 250;
const OVERVIEW_COLUMNS = 800;
/** The lane of the overview. */
const OVERVIEW_LANE: ReadonlySet<string> = new Set(["0/cpu0"]);
/** Where the files of programs are. */
const SOURCE_FOLDERS = ["/home", "/bin", "/lib", "/sh", "/servers"];
/** Calls that start a program, which may have to be compiled. */
const STARTS = /^(spawn|exec)\(/;

export class Recording {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #model = new TraceModel();
  readonly #panels: PanelModels;
  /** By name: they know the lines of their calls. */
  readonly #programs: Map<string, LoadedProgram>;
  #overviewAt = 0;
  /** The shell that was given the present command. */
  #shellPid = 0;
  /** Programs of the present command that were started, and those that live. */
  #started = 0;
  readonly #alive = new Set<number>();
  /** What the page shows; null before it has said so. */
  view: View | null = null;
  /** Lanes that were told of last. */
  laneCount = 0;
  /** When the present command began. */
  episodeNs = 0;
  /** When its last program ended; Infinity before that. */
  episodeEndNs = Infinity;

  /** `programs`: those that were loaded, by name. */
  constructor(
    world: World,
    machine: Machine,
    programs = new Map<string, LoadedProgram>(),
  ) {
    this.#programs = programs;
    this.#world = world;
    this.#machine = machine;
    this.#panels = new PanelModels(world, machine);
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
      this.#panels.add(event);
      if (event.machine !== this.#machine.index) continue;
      this.#follow(event);
    }
    this.#model.now = now;
    if (trace.firstSeq > this.#model.lost) this.#forget();
    this.#notePrograms();
  }

  /** Lanes begin where the trace does. */
  #forget(): void {
    const { trace } = this.#world;
    for (const { at, seq } of trace.events(trace.firstSeq)) {
      return this.#model.forgetBefore(at, seq);
    }
  }

  /** Programs that run now, for the lines of their calls. */
  #notePrograms(): void {
    for (const { name, program } of this.#machine.processes.values()) {
      if (program !== null) this.#programs.set(name, program);
    }
  }

  /** The lanes of the page's view. */
  slices(): Slices | null {
    if (this.view === null) return null;
    this.fold();
    const { fromNs, toNs, columns, wanted, marginNs } = this.view;
    const { now, lost } = this.#model;
    const shown = wanted === undefined ? null : new Set(wanted);
    const lanes = this.#model.view(fromNs, toNs, columns, shown, marginNs);
    this.laneCount = lanes.length;
    const overview = this.#overview(now);
    const lostText = lost === 0 ? "" : lostWords(this.#model);
    return { now, fromNs, toNs, lanes, overview, lost: lostText };
  }

  /** What these panels show now. */
  panels(panels: Iterable<PanelName>, isMoving: boolean): Iterable<PanelView> {
    this.fold();
    const { now } = this.#model;
    const window = this.view ?? { fromNs: 0, toNs: now };
    return this.#panels.views(panels, now, window, isMoving);
  }

  /** The lane of a thread that is there, or of a request of its; thread 0 is the kernel, and then the drive's. */
  laneOf({ tid, request }: Chosen): string | null {
    const { index } = this.#machine;
    if (tid === 0) return `${index}/disk`;
    const own = this.#model.laneOf(index, tid);
    if (own === null || request === 0) return own;
    const thread = this.#model.threadOf(this.#model.lane(own)!);
    const row = thread?.rows.find(({ id }) => id === request);
    return row?.lane.id ?? own;
  }

  /** Whose lane it is, and which request lies there at a moment; null: nobody's. */
  chosen(laneId: string, at: number): Chosen | null {
    const tid = this.#model.tidOf(laneId);
    if (tid === null) return null;
    const own = this.#model.laneOf(this.#machine.index, tid);
    const lane = own === null ? null : this.#model.lane(own);
    const thread = lane === null ? null : this.#model.threadOf(lane);
    const request = this.#model.lane(laneId)?.at(at)?.request ?? 0;
    return { tid, pid: thread?.pid ?? 0, request };
  }

  /** Why; and of a chosen slice the line of its call, and what happened in it. */
  explain(
    laneId: string,
    at: number,
    purpose: Purpose = "hover",
    step: Step = 0,
  ): Explanation | null {
    this.fold();
    const there = step === 0 ? at : this.#beside(laneId, at, step);
    if (there === null) return null;
    const explanation = explain(this.#model, laneId, there);
    if (explanation === null) return null;
    this.#tellCompiling(explanation);
    if (purpose === "hover") return explanation;
    const { start, end } = explanation;
    const lane = this.#model.lane(laneId)!;
    const { trace } = this.#world;
    const { events, more } = eventsIn(trace, this.#model, lane, start, end);
    const source = this.#sourceOf(lane, explanation);
    return { ...explanation, events, moreEvents: more, source };
  }

  /** When the slice after, before or nearest to a moment begins. */
  #beside(laneId: string, at: number, step: Step): number | null {
    const lane = this.#model.lane(laneId);
    if (lane === null) return null;
    if (step === "near") {
      if (lane.at(at) !== null) return at;
      const before = lane.before(at);
      const after = lane.slice(lane.firstEndingAfter(at));
      if (before === null || after === null) {
        return (before ?? after)?.start ?? at;
      }
      const isNext = after.start - at < at - before.end;
      return (isNext ? after : before).start;
    }
    const slice = step < 0
      ? lane.before(at)
      : lane.slice(lane.firstEndingAfter(at));
    if (slice === null || slice.start >= this.#model.now) return null;
    return slice.start;
  }

  /** How long what took in a span of time, and how much happened. */
  measure(fromNs: number, toNs: number, laneId: string | null): Measure {
    this.fold();
    const events = this.#seqAt(toNs) - this.#seqAt(fromNs);
    const lane = laneId === null ? null : this.#model.lane(laneId);
    const shares = this.#model.shares(fromNs, toNs, lane);
    return { fromNs, toNs, events, shares };
  }

  /** Seq of the first event at or after a moment. */
  #seqAt(moment: number): number {
    const { trace } = this.#world;
    for (const { at, seq } of trace.events(this.#model.seqBefore(moment))) {
      if (at >= moment) return seq;
    }
    return trace.length;
  }

  #sourceOf(lane: Lane, { site }: Explanation): SourceLine | null {
    if (site === 0) return null;
    const process = this.#model.threadOf(lane)?.process;
    const program = this.#programs.get(process?.name ?? lane.name);
    const [, name, line] =
      /^(.*):(\d+)$/.exec(program?.describeSite?.(site) ?? "") ?? [];
    if (name === undefined) return null;
    return { path: this.#pathOf(name), line: Number(line) };
  }

  /** A file of that name, where programs are looked for. */
  #pathOf(name: string): string {
    const disk = new DiskView(this.#machine); // peek would fill the cache
    for (const folder of SOURCE_FOLDERS) {
      for (
        const path of [
          `${folder}/${name}`,
          `${folder}/${name.replace(/\.ts$/, "")}`,
        ]
      ) {
        if (disk.stat(path) !== null) return path;
      }
    }
    return name;
  }

  /** It starts a program that is with the compiler: no time passes for that. */
  #tellCompiling(explanation: Explanation): void {
    const { wanted } = this.#world;
    const lane = this.#model.lane(explanation.laneId);
    const last = lane?.last ?? null;
    if (wanted === null || last === null || lane!.kind !== "thread") return;
    if (explanation.start !== last.start || last.end !== Infinity) return;
    if (!STARTS.test(last.about)) return;
    explanation.answer = [
      { text: `The compiler has ${wanted.path}`, style: "bold" },
      {
        text: `, which ${lane!.name} starts. That takes none of the ` +
          "machine's time: its clock stands still until the answer is there.",
        style: "plain",
      },
    ];
  }

  /** When the next slice of a lane begins that is known already: what a drive will do, what is on a cable. */
  nextStart(laneId: string): number | null {
    this.fold();
    const lane = this.#model.lane(laneId);
    if (lane === null) return null;
    const index = lane.firstStartingAt(this.#model.now + 1, 0);
    return index < lane.length ? lane.startOf(index) : null;
  }

  /** Answers whether anything has happened on a lane since the last time. */
  watch(laneId: string): () => boolean {
    const { trace } = this.#world;
    const lane = this.#model.lane(laneId);
    const tid = this.#model.tidOf(laneId);
    if (lane?.kind === "thread" && tid !== null) {
      let seen = trace.length;
      return () => {
        const events = trace.events(seen);
        seen = trace.length;
        for (const event of events) if (event.tid === tid) return true;
        return false;
      };
    }
    const present = () => {
      this.fold();
      const last = this.#model.lane(laneId)?.last;
      return `${last?.start} ${last?.end} ${last?.state}`;
    };
    const before = present();
    return () => present() !== before;
  }

  /** The whole recording of cpu 0, now and then. */
  #overview(now: number): LaneView[] {
    const time = performance.now();
    if (time - this.#overviewAt < OVERVIEW_EVERY_MS) return [];
    this.#overviewAt = time;
    return this.#model.view(0, now, OVERVIEW_COLUMNS, OVERVIEW_LANE)
      .slice(0, 1);
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
