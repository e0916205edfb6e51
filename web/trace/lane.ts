// A lane: one row of the timeline, a sequence of slices that do not overlap.
// It knows how to grow at its end, how to find the slice at a moment and how to
// forget its beginning. It does not know what the slices mean, nor how they
// look on a screen (slice_columns.ts).
//
// Every so many slices it keeps how long it has been in each state so far: so
// the time spent in a span is known without looking at each slice in it.

import { Links } from "./links.ts";
import { type State, STATE_NAMES } from "./states.ts";

export type LaneKind =
  | "cpu"
  | "thread"
  | "request"
  | "disk"
  | "network"
  | "socket";

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
  /** Where in its program the call is; 0 is unknown. */
  site: number;
}

/** A number for each state, in the order of the palette. */
export const STATE_COUNT = STATE_NAMES.length;
const CODES = Object.fromEntries(
  STATE_NAMES.map((name, code) => [name, code]),
) as Record<State, number>;

/** Slices between two sums. */
const BLOCK = 16;
const FIRST_CAPACITY = 16;

export class Lane {
  // One column for each field of a slice.
  #starts = new Float64Array(FIRST_CAPACITY);
  #ends = new Float64Array(FIRST_CAPACITY);
  #states = new Uint8Array(FIRST_CAPACITY);
  #requests = new Int32Array(FIRST_CAPACITY);
  #sites = new Int32Array(FIRST_CAPACITY);
  readonly #labels: string[] = [];
  readonly #abouts: string[] = [];
  #length = 0;
  /** Time in each state before slice b × BLOCK, for each b that is summed. */
  #sums = new Float64Array(0);
  #summed = 0;
  /** Where it comes from and goes to on other lanes. */
  readonly links = new Links();
  /** Text at the right of the name. */
  note = "";

  constructor(
    readonly id: string,
    readonly kind: LaneKind,
    public name: string,
    readonly machine: number,
  ) {}

  get length(): number {
    return this.#length;
  }

  /** True while the last slice has no end. */
  get open(): boolean {
    return this.#length > 0 && this.#ends[this.#length - 1] === Infinity;
  }

  get last(): Slice | null {
    return this.slice(this.#length - 1);
  }

  startOf(index: number): number {
    return this.#starts[index]!;
  }

  endOf(index: number): number {
    return this.#ends[index]!;
  }

  stateOf(index: number): number {
    return this.#states[index]!;
  }

  labelOf(index: number): string {
    return this.#labels[index]!;
  }

  /** From `at` on the lane is in this state; the same again changes nothing. */
  set(
    at: number,
    state: State,
    label: string,
    about = label,
    request = 0,
    site = 0,
  ): void {
    const last = this.#length - 1;
    if (last >= 0 && this.#ends[last] === Infinity) {
      const same = this.#states[last] === CODES[state] &&
        this.#labels[last] === label && this.#abouts[last] === about &&
        this.#requests[last] === request && this.#sites[last] === site;
      if (same) return;
      this.close(at);
    }
    this.#append(at, Infinity, state, label, about, request, site);
  }

  /** Ends the open slice; one that took no time never was. */
  close(at: number): void {
    if (!this.open) return;
    const last = this.#length - 1;
    if (this.#starts[last]! >= at) this.#drop();
    else this.#end(last, at);
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
    if (end > start) this.#append(start, end, state, label, about, request, 0);
  }

  /** Nothing of the lane lies after `at`. */
  cut(at: number): void {
    while (this.#length > 0 && this.#starts[this.#length - 1]! >= at) {
      this.#drop();
    }
    const last = this.#length - 1;
    if (last >= 0 && this.#ends[last]! > at) this.#end(last, at);
  }

  /** What lies before `at` is forgotten. */
  forgetBefore(at: number): void {
    this.links.forgetBefore(at);
    // Whole blocks, so that the sums stay where they are.
    const count = Math.floor(this.firstEndingAfter(at) / BLOCK) * BLOCK;
    if (count === 0) return;
    const columns = [
      this.#starts,
      this.#ends,
      this.#states,
      this.#requests,
      this.#sites,
    ];
    for (const column of columns) column.copyWithin(0, count, this.#length);
    this.#labels.splice(0, count);
    this.#abouts.splice(0, count);
    this.#length -= count;
    this.#sums.copyWithin(0, count / BLOCK * STATE_COUNT);
    this.#summed = Math.max(0, this.#summed - count / BLOCK);
  }

  /** The slice that covers the moment, or null. */
  at(moment: number): Slice | null {
    const index = this.firstEndingAfter(moment);
    if (index >= this.#length || this.#starts[index]! > moment) return null;
    return this.slice(index);
  }

  /** The slice after (1) or before (−1) the one that starts at `start`. */
  beside(start: number, step: 1 | -1): Slice | null {
    return this.slice(this.firstEndingAfter(start) + step);
  }

  /** The last slice that ends at or before the moment. */
  before(moment: number): Slice | null {
    return this.slice(this.firstEndingAfter(moment) - 1);
  }

  /** True if any slice touches the span. */
  touches(from: number, to: number): boolean {
    const index = this.firstEndingAfter(from);
    return index < this.#length && this.#starts[index]! <= to;
  }

  /** All slices of a span, as they are, at most `limit`. */
  list(from: number, to: number, limit: number): Slice[] {
    const slices: Slice[] = [];
    for (let i = this.firstEndingAfter(from); i < this.#length; i++) {
      if (this.#starts[i]! > to || slices.length >= limit) break;
      slices.push(this.slice(i)!);
    }
    return slices;
  }

  /** Slices do not overlap, so ends ascend as starts do. */
  firstEndingAfter(moment: number, from = 0): number {
    let low = from;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! > moment) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The first slice from `from` on that starts at or after the moment. */
  firstStartingAt(moment: number, from: number): number {
    let step = 1;
    let low = from;
    while (low + step < this.#length && this.#starts[low + step]! < moment) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step, this.#length);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! >= moment) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /**
   * Adds to `times` how long slices `first` up to (not including) `end` lasted
   * between two moments, by state.
   */
  addTimes(
    times: Float64Array,
    first: number,
    end: number,
    from: number,
    to: number,
  ): void {
    const whole = Math.ceil((first + 1) / BLOCK);
    const last = Math.floor((end - 1) / BLOCK);
    if (last <= whole) return this.#addEach(times, first, end, from, to);
    this.#sumUpTo(last);
    this.#addEach(times, first, whole * BLOCK, from, to);
    for (let state = 0; state < STATE_COUNT; state++) {
      times[state] = times[state]! +
        this.#sums[last * STATE_COUNT + state]! -
        this.#sums[whole * STATE_COUNT + state]!;
    }
    this.#addEach(times, last * BLOCK, end, from, to);
  }

  slice(index: number): Slice | null {
    if (index < 0 || index >= this.#length) return null;
    return {
      start: this.#starts[index]!,
      end: this.#ends[index]!,
      state: STATE_NAMES[this.#states[index]!]!,
      label: this.#labels[index]!,
      about: this.#abouts[index]!,
      request: this.#requests[index]!,
      site: this.#sites[index]!,
    };
  }

  #addEach(
    times: Float64Array,
    first: number,
    end: number,
    from: number,
    to: number,
  ): void {
    const starts = this.#starts, ends = this.#ends, states = this.#states;
    for (let i = first; i < end; i++) {
      const start = starts[i]! < from ? from : starts[i]!;
      const stop = ends[i]! > to ? to : ends[i]!;
      if (stop > start) times[states[i]!] = times[states[i]!]! + stop - start;
    }
  }

  /** Block `last` and all before it are summed; the open slice is in none. */
  #sumUpTo(last: number): void {
    if (this.#summed > last) return;
    if ((last + 1) * STATE_COUNT > this.#sums.length) {
      const wider = new Float64Array((last + 1) * 2 * STATE_COUNT);
      wider.set(this.#sums);
      this.#sums = wider;
    }
    for (let block = Math.max(1, this.#summed); block <= last; block++) {
      const at = block * STATE_COUNT;
      this.#sums.copyWithin(at, at - STATE_COUNT, at);
      const sum = this.#sums.subarray(at, at + STATE_COUNT);
      const first = (block - 1) * BLOCK;
      this.#addEach(sum, first, first + BLOCK, -Infinity, Infinity);
    }
    this.#summed = last + 1;
  }

  #append(
    start: number,
    end: number,
    state: State,
    label: string,
    about: string,
    request: number,
    site: number,
  ): void {
    const index = this.#length++;
    if (index === this.#starts.length) this.#grow();
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#states[index] = CODES[state];
    this.#requests[index] = request;
    this.#sites[index] = site;
    this.#labels.push(label);
    this.#abouts.push(about);
  }

  #grow(): void {
    this.#starts = doubled(this.#starts);
    this.#ends = doubled(this.#ends);
    this.#states = doubled(this.#states);
    this.#requests = doubled(this.#requests);
    this.#sites = doubled(this.#sites);
  }

  #end(index: number, at: number): void {
    this.#ends[index] = at;
    this.#unsum(index);
  }

  #drop(): void {
    this.#length--;
    this.#labels.pop();
    this.#abouts.pop();
    this.#unsum(this.#length);
  }

  /** A sum that counts this slice is wrong now. */
  #unsum(index: number): void {
    const right = Math.floor(index / BLOCK) + 1;
    if (this.#summed > right) this.#summed = right;
  }
}

type Column = Float64Array | Uint8Array | Int32Array;

function doubled<C extends Column>(column: C): C {
  const wider = new (column.constructor as new (length: number) => C)(
    column.length * 2,
  );
  wider.set(column);
  return wider;
}
