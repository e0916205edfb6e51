// A lane: one row of the timeline, a sequence of slices that do not overlap.
// It knows how to grow at its end, how to find the slice at a moment and how to
// thin itself out for a screen of so many pixel columns. It does not know what
// the slices mean.

import type { State } from "./states.ts";

export type LaneKind = "cpu" | "thread" | "request" | "disk" | "network";

export interface Slice {
  start: number;
  /** Infinity while it lasts. */
  end: number;
  state: State;
  /** Words for the slice, when it is wide enough. */
  label: string;
  /** For the sentence: the call with its arguments, or what is waited for. */
  about: string;
  /** The request it belongs to; 0 is none. */
  request: number;
}

/** What a screen needs of a slice; `dense` stands for many too small to draw. */
export interface SliceView {
  start: number;
  end: number;
  state: State;
  label: string;
  dense: boolean;
  /** It has not ended yet. */
  open: boolean;
}

/** Beyond this many slices the older half of a lane is forgotten. */
const SLICES_MAX = 200_000;
/** Narrower slices are painted per pixel column. */
const DENSE_PX = 5;

export class Lane {
  // One column for each field of a slice.
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #states: State[] = [];
  readonly #labels: string[] = [];
  readonly #abouts: string[] = [];
  readonly #requests: number[] = [];
  /** Text at the right of the name. */
  note = "";

  constructor(
    readonly id: string,
    readonly kind: LaneKind,
    public name: string,
    readonly machine: number,
  ) {}

  get length(): number {
    return this.#starts.length;
  }

  /** True while the last slice has no end. */
  get open(): boolean {
    return this.length > 0 && this.#ends[this.length - 1] === Infinity;
  }

  get last(): Slice | null {
    return this.#slice(this.length - 1);
  }

  /** From `at` on the lane is in this state; the same again changes nothing. */
  set(
    at: number,
    state: State,
    label: string,
    about = label,
    request = 0,
  ): void {
    const last = this.length - 1;
    if (last >= 0 && this.#ends[last] === Infinity) {
      const same = this.#states[last] === state &&
        this.#labels[last] === label && this.#abouts[last] === about &&
        this.#requests[last] === request;
      if (same) return;
      this.close(at);
    }
    this.#append(at, Infinity, state, label, about, request);
  }

  /** Ends the open slice; one that took no time never was. */
  close(at: number): void {
    if (!this.open) return;
    const last = this.length - 1;
    if (this.#starts[last]! >= at) this.#drop();
    else this.#ends[last] = at;
  }

  /** A slice whose end is known. */
  add(
    start: number,
    end: number,
    state: State,
    label: string,
    about: string,
    request = 0,
  ): void {
    this.close(start);
    if (end > start) this.#append(start, end, state, label, about, request);
  }

  /** Nothing of the lane lies after `at`. */
  cut(at: number): void {
    while (this.length > 0 && this.#starts[this.length - 1]! >= at) {
      this.#drop();
    }
    const last = this.length - 1;
    if (last >= 0 && this.#ends[last]! > at) this.#ends[last] = at;
  }

  /** The slice that covers the moment, or null. */
  at(moment: number): Slice | null {
    const index = this.#firstEndingAfter(moment);
    if (index >= this.length || this.#starts[index]! > moment) return null;
    return this.#slice(index);
  }

  /** The slice after (1) or before (−1) the one that starts at `start`. */
  beside(start: number, step: 1 | -1): Slice | null {
    return this.#slice(this.#firstEndingAfter(start) + step);
  }

  /** True if any slice touches the span. */
  touches(from: number, to: number): boolean {
    const index = this.#firstEndingAfter(from);
    return index < this.length && this.#starts[index]! <= to;
  }

  /** The slices of a span, thinned for `columns` pixels; nothing lies after `now`. */
  view(from: number, to: number, columns: number, now: number): SliceView[] {
    const nsPerPixel = (to - from) / columns;
    const thin = new Thinner(from, nsPerPixel);
    const views: SliceView[] = [];
    for (let i = this.#firstEndingAfter(from); i < this.length; i++) {
      const start = this.#starts[i]!;
      if (start > to || start >= now) break;
      const open = this.#ends[i]! > now;
      const end = open ? now : this.#ends[i]!;
      if (end - start < DENSE_PX * nsPerPixel) {
        thin.add(start, end, this.#states[i]!, views);
        continue;
      }
      thin.flush(views);
      const label = this.#labels[i]!;
      views.push({
        start,
        end,
        state: this.#states[i]!,
        label,
        dense: false,
        open,
      });
    }
    thin.flush(views);
    return views;
  }

  /** All slices of a span, as they are, at most `limit`. */
  list(from: number, to: number, limit: number): Slice[] {
    const slices: Slice[] = [];
    for (let i = this.#firstEndingAfter(from); i < this.length; i++) {
      if (this.#starts[i]! > to || slices.length >= limit) break;
      slices.push(this.#slice(i)!);
    }
    return slices;
  }

  #append(
    start: number,
    end: number,
    state: State,
    label: string,
    about: string,
    request: number,
  ): void {
    if (this.length >= SLICES_MAX) this.#forget(SLICES_MAX / 2);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#states.push(state);
    this.#labels.push(label);
    this.#abouts.push(about);
    this.#requests.push(request);
  }

  #drop(): void {
    for (const column of this.#columns()) column.pop();
  }

  /** The oldest slices go. */
  #forget(count: number): void {
    for (const column of this.#columns()) column.splice(0, count);
  }

  #columns(): unknown[][] {
    return [
      this.#starts,
      this.#ends,
      this.#states,
      this.#labels,
      this.#abouts,
      this.#requests,
    ];
  }

  #slice(index: number): Slice | null {
    if (index < 0 || index >= this.length) return null;
    return {
      start: this.#starts[index]!,
      end: this.#ends[index]!,
      state: this.#states[index]!,
      label: this.#labels[index]!,
      about: this.#abouts[index]!,
      request: this.#requests[index]!,
    };
  }

  /** Slices do not overlap, so ends ascend as starts do. */
  #firstEndingAfter(moment: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! > moment) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Gathers slices too small to draw: each pixel column gets the state with most time. */
class Thinner {
  #column = -1;
  readonly #times = new Map<State, number>();
  #run: SliceView | null = null;

  constructor(readonly from: number, readonly nsPerPixel: number) {}

  add(start: number, end: number, state: State, views: SliceView[]): void {
    let at = start;
    do {
      const column = Math.floor((at - this.from) / this.nsPerPixel);
      if (column !== this.#column) this.#finishColumn(views);
      this.#column = column;
      const stop = Math.min(end, this.from + (column + 1) * this.nsPerPixel);
      const spent = Math.max(stop - at, 1);
      this.#times.set(state, (this.#times.get(state) ?? 0) + spent);
      at = Math.max(stop, at + 1);
    } while (at < end);
  }

  flush(views: SliceView[]): void {
    this.#finishColumn(views);
    if (this.#run !== null) views.push(this.#run);
    this.#run = null;
  }

  #finishColumn(views: SliceView[]): void {
    if (this.#times.size === 0) return;
    const [state] = [...this.#times].reduce((a, b) => b[1] > a[1] ? b : a);
    this.#times.clear();
    const start = this.from + this.#column * this.nsPerPixel;
    const end = start + this.nsPerPixel;
    const run = this.#run;
    if (
      run !== null && run.state === state &&
      start - run.end < this.nsPerPixel / 2
    ) {
      run.end = end;
      return;
    }
    if (run !== null) views.push(run);
    this.#run = { start, end, state, label: "", dense: true, open: false };
  }
}
