// The clock's queue against a plain list: order of time, ties in order of
// asking, and what is cancelled never happens.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { Clock } from "../../kernel/clock.ts";

/** A small generator of its own: the same numbers everywhere. */
function drawsFrom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below;
  };
}

interface Expected {
  due: number;
  order: number;
  token: number;
}

/** A clock and the list it must agree with. */
class Pair {
  readonly clock = new Clock();
  readonly fired: number[] = [];
  readonly expected: Expected[] = [];
  #order = 0;

  schedule(due: number): void {
    const order = ++this.#order;
    const token = this.clock.schedule(due, {
      fire: () => void this.fired.push(order),
    });
    this.expected.push({ due, order, token });
  }

  cancel(index: number): void {
    const [gone] = this.expected.splice(index, 1);
    this.clock.cancel(gone!.token);
  }

  /** Takes the next of both. */
  pop(): void {
    const { clock, expected, fired } = this;
    let first = 0;
    for (let i = 1; i < expected.length; i++) {
      if (comesBefore(expected[i]!, expected[first]!)) first = i;
    }
    const [next] = expected.splice(first, 1);
    assertEquals(clock.nextDue, next!.due);
    clock.now = clock.nextDue;
    clock.takeNext().fire();
    assertEquals(fired.at(-1), next!.order);
  }
}

function comesBefore(a: Expected, b: Expected): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function play(seed: number, steps: number, spread: number): void {
  const draw = drawsFrom(seed);
  const pair = new Pair();
  for (let i = 0; i < steps; i++) {
    const { clock, expected } = pair;
    const what = draw(10);
    if (what < 5) pair.schedule(clock.now + draw(spread));
    else if (what < 8 && expected.length > 0) {
      pair.cancel(draw(expected.length));
    } else if (expected.length > 0) pair.pop();
    assertEquals(clock.pending, expected.length, `seed ${seed}, step ${i}`);
  }
  while (pair.expected.length > 0) pair.pop();
  assertEquals(pair.clock.nextDue, Infinity);
}

test("what is due comes in order of time, ties in order of asking, the cancelled never", () => {
  const seed = 2_012;
  console.log(`seeds ${seed} to ${seed + 39}`);
  for (let i = 0; i < 20; i++) {
    play(seed + i, 1_000, 10); // many ties
    play(seed + 20 + i, 1_000, 1_000_000);
  }
});

test("equal times keep the order in which they were asked for", () => {
  const clock = new Clock();
  const fired: number[] = [];
  for (let i = 0; i < 1_000; i++) {
    clock.schedule(5, { fire: () => void fired.push(i) });
  }
  while (clock.pending > 0) clock.takeNext().fire();
  assertEquals(fired, Array.from({ length: 1_000 }, (_, i) => i));
});

test("the queue lives through cancelling almost everything", () => {
  const clock = new Clock();
  const tokens = Array.from(
    { length: 5_000 },
    (_, i) => clock.schedule(i, { fire: () => {} }),
  );
  tokens.forEach((token, i) => {
    if (i % 100 !== 0) clock.cancel(token);
  });
  assertEquals(clock.pending, 50);
  const dues = [];
  while (clock.pending > 0) {
    dues.push(clock.nextDue);
    clock.takeNext();
  }
  assertEquals(dues, Array.from({ length: 50 }, (_, i) => i * 100));
});

test("nothing can be asked for in the past", () => {
  const clock = new Clock();
  clock.now = 10;
  assertThrows(() => clock.schedule(9, { fire: () => {} }), Error, "before");
});
