// Slices thinned for a screen: what a pixel column shows is what a plain look at
// each slice gives, whatever was added, cut, dropped and forgotten before.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import { Lane } from "../../web/trace/lane.ts";
import {
  columnsOf,
  DENSE_PX,
  slicesOf,
  type SliceView,
} from "../../web/trace/slice_columns.ts";
import { type State, STATE_NAMES } from "../../web/trace/states.ts";

interface Plain {
  start: number;
  end: number;
  state: State;
}

const STATES_USED: State[] = ["run", "kernel", "ready", "disk"];

/** A lane, and beside it the same in the simplest way. */
class Pair {
  readonly lane = new Lane("0/x", "thread", "x", 0);
  plain: Plain[] = [];
  at = 0;

  set(length: number, state: State): void {
    const last = this.plain.at(-1);
    if (last?.end === Infinity && last.state === state) {
      this.at += length;
      return;
    }
    this.#end();
    this.plain.push({ start: this.at, end: Infinity, state });
    this.lane.set(this.at, state, state);
    this.at += length;
  }

  idle(length: number): void {
    this.lane.close(this.at);
    this.#end();
    this.at += length;
  }

  cut(back: number): void {
    this.at = Math.max(0, this.at - back);
    this.lane.cut(this.at);
    this.#end();
  }

  /** Nothing is open beyond the present, and nothing lasted no time. */
  #end(): void {
    this.plain = this.plain.filter(({ start }) => start < this.at);
    const last = this.plain.at(-1);
    if (last !== undefined && last.end > this.at) last.end = this.at;
  }
}

type Step = { what: "set" | "idle" | "cut"; length: number; state: State };

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom("set", "set", "set", "set", "idle", "cut"),
  length: fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 0, max: 3000 }),
  ),
  state: fc.constantFrom(...STATES_USED),
});

function played(steps: Step[]): Pair {
  const pair = new Pair();
  for (const { what, length, state } of steps) {
    if (what === "set") pair.set(length, state);
    else if (what === "idle") pair.idle(length);
    else pair.cut(length % 50);
  }
  return pair;
}

/** What each pixel column shows, by looking at every slice. */
function naive(
  plain: Plain[],
  from: number,
  px: number,
  columns: number,
  now: number,
): (State | null)[] {
  const wide = (slice: Plain) =>
    Math.min(slice.end, now) - slice.start >= DENSE_PX * px;
  return Array.from({ length: columns }, (_, column) => {
    const left = from + column * px;
    const right = Math.min(left + px, now, from + columns * px);
    const inside = plain.filter(({ start, end }) =>
      start < right && end > left
    );
    const [first] = inside;
    if (first === undefined) return null;
    if (wide(first)) return first.start <= left ? first.state : null;
    const times = new Map<State, number>();
    for (const { start, end, state } of inside) {
      const spent = Math.min(end, right) - Math.max(start, left);
      times.set(state, (times.get(state) ?? 0) + spent);
    }
    const states = STATE_NAMES.filter((state) => times.has(state));
    return states.reduce((a, b) => times.get(b)! > times.get(a)! ? b : a);
  });
}

function shown(slices: SliceView[], left: number, px: number): State | null {
  const middle = left + px / 2;
  const found = slices.find(({ start, end }) =>
    start <= middle && end > middle
  );
  return found?.state ?? null;
}

test("each pixel column shows the state with most time in it, as a plain count finds it", () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 900, size: "max" }),
      fc.integer({ min: 1, max: 64 }),
      fc.nat(3000),
      (steps, px, from) => {
        const { lane, plain, at } = played(steps);
        const columns = 200;
        const now = Math.max(1, at);
        const to = from + columns * px;
        const slices = [...slicesOf(columnsOf(lane, from, to, columns, now))];
        const wanted = naive(plain, from, px, columns, now);
        wanted.forEach((state, column) => {
          if (state === null) return;
          const left = from + column * px;
          const dense = slices.some((each) =>
            each.dense && each.start <= left && each.end >= left + px
          );
          const whole = slices.some((each) =>
            !each.dense && each.start <= left && each.end >= left + px
          );
          if (!dense && !whole) return; // an edge, in part painted
          assertEquals(shown(slices, left, px), state, `column ${column}`);
        });
        for (const { start, end } of slices) assert(end > start);
      },
    ),
    { numRuns: 150 },
  );
});

test("every slice wide enough is shown as it is, and every column with something in it shows something", () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 900, size: "max" }),
      fc.integer({ min: 1, max: 64 }),
      (steps, px) => {
        const { lane, plain, at } = played(steps);
        const columns = 300;
        const now = Math.max(1, at);
        const to = columns * px;
        const slices = [...slicesOf(columnsOf(lane, 0, to, columns, now))];
        for (const { start, end, state } of plain) {
          const stop = Math.min(end, now);
          if (start >= Math.min(to, now) || stop <= start) continue;
          const covers = slices.some((each) =>
            each.start < Math.max(stop, start + px) && each.end > start
          );
          assert(covers, `nothing at ${start}`);
          if (stop - start < DENSE_PX * px) continue;
          const same = slices.find((each) =>
            !each.dense && each.start === start
          );
          assertEquals([same?.end, same?.state], [stop, state]);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("what is forgotten leaves the rest as it was", () => {
  const { lane, plain, at } = played(
    Array.from({ length: 5000 }, (_, i) => ({
      what: "set" as const,
      length: 1 + i * 7 % 13,
      state: STATES_USED[i % 4]!,
    })),
  );
  const middle = Math.floor(at / 2);
  const before = columnsOf(lane, middle, at, 100, at);
  lane.forgetBefore(middle);
  assertEquals(columnsOf(lane, middle, at, 100, at), before);
  assert(lane.length <= plain.length / 2 + 100);
  assert(lane.startOf(0) > middle - 1000);
});

test("a million slices fill a screen without each being looked at", () => {
  const lane = new Lane("0/x", "thread", "x", 0);
  for (let i = 0; i < 1_000_000; i++) {
    lane.set(i * 100, STATES_USED[i % 4]!, "x");
  }
  const now = 100_000_000;
  let looks = 0;
  const endOf = lane.endOf.bind(lane);
  lane.endOf = (index) => (looks++, endOf(index));
  const columns = columnsOf(lane, 0, now, 1000, now);
  assert(columns.starts.length <= 1000);
  assert(looks < 10_000, `${looks} looks`);
});
