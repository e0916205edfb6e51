// What a screen of so many pixel columns needs of a lane, as typed arrays that
// go from the worker to the page as they are. Slices too small to draw become
// columns of the state with most time in them. It knows lanes, not painting.

import { type Lane, STATE_COUNT } from "./lane.ts";
import { type State, STATE_NAMES } from "./states.ts";

/** Slices in the order of time. */
export interface SliceColumns {
  starts: Float64Array;
  ends: Float64Array;
  /** Numbers of states, in the order of the palette. */
  states: Uint8Array;
  /** {@link DENSE}, {@link OPEN}. */
  flags: Uint8Array;
  /** Places in `texts`. */
  labels: Uint16Array;
  texts: string[];
}

/** Stands for many slices too small to draw. */
export const DENSE = 1;
/** It has not ended yet. */
export const OPEN = 2;

/** One slice of them. */
export interface SliceView {
  start: number;
  end: number;
  state: State;
  label: string;
  dense: boolean;
  open: boolean;
}

/** Narrower slices are painted per pixel column. */
export const DENSE_PX = 5;

export function* slicesOf(columns: SliceColumns): Iterable<SliceView> {
  for (let i = 0; i < columns.starts.length; i++) yield sliceAt(columns, i);
}

export function sliceAt(columns: SliceColumns, index: number): SliceView {
  const flags = columns.flags[index]!;
  return {
    start: columns.starts[index]!,
    end: columns.ends[index]!,
    state: STATE_NAMES[columns.states[index]!]!,
    label: columns.texts[columns.labels[index]!]!,
    dense: (flags & DENSE) !== 0,
    open: (flags & OPEN) !== 0,
  };
}

export const NO_SLICES: SliceColumns = {
  starts: new Float64Array(0),
  ends: new Float64Array(0),
  states: new Uint8Array(0),
  flags: new Uint8Array(0),
  labels: new Uint16Array(0),
  texts: [""],
};

/** Room to write in, used again for each lane. */
class Scratch {
  starts = new Float64Array(0);
  ends = new Float64Array(0);
  states = new Uint8Array(0);
  flags = new Uint8Array(0);
  labels = new Uint16Array(0);
  readonly numbers = new Map<string, number>();
  count = 0;

  clear(most: number): void {
    this.count = 0;
    this.numbers.clear();
    this.numbers.set("", 0);
    if (this.starts.length >= most) return;
    this.starts = new Float64Array(most);
    this.ends = new Float64Array(most);
    this.states = new Uint8Array(most);
    this.flags = new Uint8Array(most);
    this.labels = new Uint16Array(most);
  }

  push(
    start: number,
    end: number,
    state: number,
    flags: number,
    label: string,
  ): void {
    const at = this.count++;
    this.starts[at] = start;
    this.ends[at] = end;
    this.states[at] = state;
    this.flags[at] = flags;
    let number = this.numbers.get(label);
    if (number === undefined) {
      this.numbers.set(label, number = this.numbers.size);
    }
    this.labels[at] = number;
  }

  /** A column joins the one before it when both look the same. */
  pushColumn(start: number, end: number, state: number, gap: number): void {
    const last = this.count - 1;
    const joins = last >= 0 && this.flags[last] === DENSE &&
      this.states[last] === state && start - this.ends[last]! < gap;
    if (joins) this.ends[last] = end;
    else this.push(start, end, state, DENSE, "");
  }

  taken(): SliceColumns {
    const { count } = this;
    return {
      starts: this.starts.slice(0, count),
      ends: this.ends.slice(0, count),
      states: this.states.slice(0, count),
      flags: this.flags.slice(0, count),
      labels: this.labels.slice(0, count),
      texts: [...this.numbers.keys()],
    };
  }
}

const scratch = new Scratch();
const times = new Float64Array(STATE_COUNT);

/** The slices of a span, thinned for `columns` pixels; nothing lies after `now`. */
export function columnsOf(
  lane: Lane,
  from: number,
  to: number,
  columns: number,
  now: number,
): SliceColumns {
  const px = (to - from) / columns;
  const stop = Math.min(to, now);
  // Two slices a column at most, and what sticks out at the edges.
  scratch.clear(2 * columns + 8);
  let painted = -Infinity;
  let column = 0;
  for (let i = lane.firstEndingAfter(from); i < lane.length;) {
    const start = lane.startOf(i);
    if (start > to || start >= now) break;
    const end = Math.min(lane.endOf(i), now);
    if (end - start >= DENSE_PX * px) {
      const flags = lane.endOf(i) > now ? OPEN : 0;
      scratch.push(start, end, lane.stateOf(i), flags, lane.labelOf(i));
      painted = end;
      column = Math.floor((end - from) / px);
      i++;
      continue;
    }
    column = Math.max(column, Math.floor((start - from) / px), 0);
    const left = from + column * px;
    const right = left + px;
    if (left >= stop) break;
    column++;
    const next = Math.max(lane.firstStartingAt(right, i), i + 1);
    const state = mostly(lane, i, next, left, Math.min(right, stop));
    const free = Math.max(left, painted);
    if (state >= 0 && right > free) {
      scratch.pushColumn(free, right, state, px / 2);
    }
    // What sticks out of the column goes on in the next one.
    i = lane.endOf(next - 1) > right ? next - 1 : next;
  }
  return scratch.taken();
}

/** The state with most time of a column; −1 if nothing lies in it. */
function mostly(
  lane: Lane,
  first: number,
  end: number,
  from: number,
  to: number,
): number {
  times.fill(0);
  lane.addTimes(times, first, end, from, to);
  let most = -1;
  for (let state = 0; state < STATE_COUNT; state++) {
    if (times[state]! > 0 && (most < 0 || times[state]! > times[most]!)) {
      most = state;
    }
  }
  return most;
}
