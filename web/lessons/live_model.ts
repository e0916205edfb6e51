// What a live figure shows: the rows of its recording with all that lies on them,
// the moments at which anything changes, and why a row was as it was, as far as
// that could be known at a moment. It knows no DOM.

import type { Recording, StoryMark } from "../../lessons/recording.ts";
import { duration, moment } from "../parts/units.ts";
import { Lane, type LaneKind, type Slice } from "../trace/lane.ts";
import type { State } from "../trace/states.ts";
import { TraceModel } from "../trace/trace_model.ts";
import { explain, type Explanation } from "../trace/why.ts";

/** A sentence about a slice, and from when to when it lasts. */
export type Why = Pick<
  Explanation,
  "laneId" | "start" | "end" | "question" | "answer"
>;

export interface FigureSlice {
  start: number;
  end: number;
  state: State;
  label: string;
  /** For a look: it is drawn as a tick. */
  isTick: boolean;
}

export interface FigureRow {
  id: string;
  /** Rows of one group lie together: a story, threads, CPUs, devices. */
  group: string;
  name: string;
  isRequest: boolean;
  /** Its words say it all: no letter, no name of a state. */
  isStory: boolean;
  slices: FigureSlice[];
}

/** Whatever there may be of a kind of lane, these are drawn. */
const SHOWN: ReadonlySet<LaneKind> = new Set<LaneKind>([
  "cpu",
  "thread",
  "request",
  "disk",
  "network",
]);
const SLICES_MAX = 10_000;
/** Narrower slices, as a share of the figure, are gathered into one of that width. */
const NARROW_SHARE = 0.003;
const LOOKS: ReadonlySet<string> = new Set(["poll"]);

export class LiveModel {
  readonly endNs: number;
  readonly recording: Recording;
  readonly rows: readonly FigureRow[];
  /** Ascending, without the ends of slices that nobody can see. */
  readonly moments: readonly number[];
  readonly #story = new Map<string, Lane>();
  #model = new TraceModel();
  #next = 0;
  #now = -Infinity;

  constructor(recording: Recording) {
    this.recording = recording;
    this.endNs = recording.endNs;
    this.#tellStory();
    this.#foldUpTo(this.endNs);
    this.rows = this.#allRows();
    this.moments = momentsOf(this.rows, this.endNs);
  }

  /** Why the row was as it was; as far as it could be known at `now`. */
  explain(rowId: string, at: number, now: number): Why | null {
    const lane = this.#story.get(rowId);
    if (lane !== undefined) return explainStory(lane, at, now);
    this.#foldUpTo(now);
    return explain(this.#model, rowId, at);
  }

  /** The row that the figure is about: its first thread. */
  get subject(): string {
    return this.rows.find(({ group }) => group === "thread")?.id ??
      this.rows[0]?.id ?? "";
  }

  /** The middle of what a row did for longest. */
  mostOf(rowId: string): number {
    const slices = this.rows.find(({ id }) => id === rowId)?.slices ?? [];
    const lasts = ({ start, end }: FigureSlice) => end - start;
    const most = slices.reduce<FigureSlice | null>(
      (a, b) => a === null || lasts(b) > lasts(a) ? b : a,
      null,
    );
    return most === null ? 0 : (most.start + most.end) / 2;
  }

  /** The first moment after (1) or the last before (−1) another. */
  momentBeside(at: number, step: 1 | -1): number {
    const found = step > 0
      ? this.moments.find((moment) => moment > at)
      : this.moments.findLast((moment) => moment < at);
    return found ?? (step > 0 ? this.endNs : 0);
  }

  #tellStory(): void {
    const { above, below, story } = this.recording;
    for (const name of [...above, ...below]) {
      this.#story.set(name, new Lane(name, "thread", name, 0));
    }
    for (const mark of story) this.#apply(mark);
  }

  #apply({ at, lane: name, state, label, about }: StoryMark): void {
    const lane = this.#story.get(name);
    if (lane === undefined) return;
    if (state === null) lane.close(at);
    else lane.set(at, state, label, about);
  }

  /** Time only goes on; for the past it begins again. */
  #foldUpTo(now: number): void {
    if (now < this.#now) {
      this.#model = new TraceModel();
      this.#next = 0;
    }
    this.#now = now;
    const { events } = this.recording;
    while (this.#next < events.length && events[this.#next]!.at <= now) {
      this.#model.add(events[this.#next++]!);
    }
    this.#model.now = now;
  }

  #allRows(): FigureRow[] {
    const { above, below, hidden } = this.recording;
    const told = (names: string[], group: string) =>
      names.map((name) => this.#row(this.#story.get(name)!, group));
    const folded = [...this.#model.lanes()].filter((lane) =>
      SHOWN.has(lane.kind) && !hidden.includes(lane.kind)
    );
    const rows = (...kinds: LaneKind[]) =>
      folded.filter(({ kind }) => kinds.includes(kind))
        .map((lane) => this.#row(lane, kinds[0]!))
        .filter(({ slices }) => slices.length > 0 || kinds[0] === "cpu");
    return [
      ...told(above, "above"),
      ...rows("thread", "request"),
      ...rows("cpu"),
      ...rows("disk", "network"),
      ...told(below, "below"),
    ];
  }

  #row(lane: Lane, group: string): FigureRow {
    const slices = lane.list(0, this.endNs, SLICES_MAX)
      .filter(({ start }) => start < this.endNs)
      .map((slice) => drawable(slice, this.endNs));
    return {
      id: lane.id,
      group,
      name: lane.kind === "network"
        ? `network ${lane.note}`
        : lane.kind === "request"
        ? lane.name.replace(/^#(\d+)/, "($1)")
        : lane.name,
      isRequest: lane.kind === "request",
      isStory: this.#story.has(lane.id),
      slices: gathered(slices, this.endNs * NARROW_SHARE),
    };
  }
}

function drawable(slice: Slice, endNs: number): FigureSlice {
  const { state, label } = slice;
  return {
    start: Math.max(0, slice.start),
    end: Math.min(slice.end, endNs),
    state,
    label,
    isTick: state === "kernel" && LOOKS.has(label),
  };
}

/** Neighbours too narrow to be seen become one, of the state that lasted longest. */
function gathered(slices: FigureSlice[], narrowNs: number): FigureSlice[] {
  const out: FigureSlice[] = [];
  let run: FigureSlice[] = [];
  const flush = () => {
    if (
      run.length === 1 || run.some(({ isTick }) => isTick) && run.length < 4
    ) {
      out.push(...run);
    } else if (run.length > 0) out.push(longest(run));
    run = [];
  };
  for (const slice of slices) {
    if (slice.end - slice.start >= narrowNs) {
      flush();
      out.push(slice);
      continue;
    }
    const first = run[0];
    if (first !== undefined && slice.end - first.start > narrowNs) flush();
    run.push(slice);
  }
  flush();
  return out;
}

function longest(run: FigureSlice[]): FigureSlice {
  const times = new Map<State, number>();
  for (const { state, start, end } of run) {
    times.set(state, (times.get(state) ?? 0) + end - start);
  }
  const [state] = [...times].reduce((a, b) => b[1] > a[1] ? b : a);
  const { start } = run[0]!, { end } = run.at(-1)!;
  return { start, end, state, label: "", isTick: false };
}

function momentsOf(rows: readonly FigureRow[], endNs: number): number[] {
  const all = new Set([0, endNs]);
  for (const { slices } of rows) {
    for (const { start, end } of slices) all.add(start).add(end);
  }
  return [...all].map((at) => Math.round(at)).sort((a, b) => a - b);
}

function explainStory(lane: Lane, at: number, now: number): Why {
  const slice = lane.at(at);
  const question = `What about ${lane.name}?`;
  if (slice === null || slice.start > now) {
    return {
      laneId: lane.id,
      start: at,
      end: at,
      question,
      answer: [{ text: `Nothing at ${moment(at)}.`, style: "bold" }],
    };
  }
  const lasts = Math.min(slice.end, now) - slice.start;
  const soFar = slice.end > now ? "so far" : "in all";
  return {
    laneId: lane.id,
    start: slice.start,
    end: Math.min(slice.end, now),
    question,
    answer: [
      { text: slice.about, style: "bold" },
      { text: ` ${duration(lasts)} ${soFar}.`, style: "plain" },
    ],
  };
}
