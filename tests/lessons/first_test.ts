// The figure of the first visit: its steps stand at events of the trace, in their
// order, in both vocabularies; its lines are those of the calls that are made; and
// each way's trace is one, whichever words tell it.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { FIGURES } from "../../lessons/figures.ts";
import {
  CODE,
  lineMarks,
  PARTING,
  stepsOf,
  type Way,
  WAYS,
} from "../../lessons/first.ts";

const ways = Object.keys(WAYS) as Way[];
const record = (way: Way) => FIGURES.first!({}, way);

test("a blocking request has five steps, a polled one six, a pushed one five", () => {
  const counts = ways.map((way) => stepsOf(record(way).events, way).length);
  assertEquals(counts, [5, 6, 5]);
});

test("steps come in the order of their events, each in two vocabularies", () => {
  for (const way of ways) {
    const steps = stepsOf(record(way).events, way);
    const times = steps.map(({ at }) => at);
    assertEquals(times, [...times].sort((a, b) => a - b), way);
    for (const { words } of steps) {
      assert(words.kernel !== words.restaurant);
      assertMatch(words.kernel, /kernel|thread|callback|call|handle/i);
    }
  }
});

test("the event of (2) is taken half a millisecond late by who looks, at once by who is called", () => {
  const at = (way: Way, index: number) =>
    stepsOf(record(way).events, way)[index]!.at;
  assertEquals(Math.round((at("poll", 5) - at("poll", 4)) / 10_000), 50);
  assert(at("push", 3) - at("poll", 4) < 5_000);
});

test("the lit line is one that makes the call", () => {
  for (const way of ways) {
    const { events } = record(way);
    const marks = lineMarks(events, way);
    assert(marks.length > 3);
    for (const event of events) {
      if (event.kind !== "sys_enter" || event.call === "clock") continue;
      const line = marks.findLast(({ at }) => at <= event.at)?.line ?? 0;
      if (event.at < 0) continue;
      assertMatch(
        CODE[way][line - 1]!,
        new RegExp(`\\b${event.call}\\(`),
        `${way} at ${event.at}`,
      );
    }
  }
});

test("a run has one hash, and another way another", () => {
  const hashes = ways.map((way) => record(way).hash);
  assertEquals(hashes, ways.map((way) => record(way).hash));
  assertEquals(new Set(hashes).size, 3);
});

test("where the stories part is said of each way", () => {
  assertMatch(PARTING.poll, /push/);
  assertMatch(PARTING.push, /Poll/);
});
