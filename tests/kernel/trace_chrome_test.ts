// The Chrome export: well-formed, nested, and telling what the trace tells.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { chromeTrace } from "../../kernel/trace_chrome.ts";
import { diskPart, figure } from "../scenarios/figure.ts";

interface Entry {
  ph: string;
  name: string;
  pid: number;
  tid: number;
  ts?: number;
  dur?: number;
  id?: string;
}

function entriesOf(run: ReturnType<typeof figure>): Entry[] {
  return JSON.parse(chromeTrace(run.world)).traceEvents;
}

for (const door of ["block", "poll", "push"] as const) {
  test(`every slice of the ${door} figure that begins also ends, inside the one around it`, () => {
    const open = new Map<string, number[]>();
    for (const { ph, pid, tid, ts } of entriesOf(figure(door))) {
      const key = `${pid}/${tid}`;
      const stack = open.get(key) ?? [];
      open.set(key, stack);
      if (ph === "B") stack.push(ts!);
      if (ph === "E") assert(stack.pop()! <= ts!);
    }
    assertEquals([...open.values()].flat(), []);
  });
}

test("the disk's phases stand one after another and last as long as they did", () => {
  const run = figure("poll");
  const { startedAt, phases } = diskPart(run);
  const zero = (run.zero + startedAt) / 1000;
  const slices = entriesOf(run).filter(({ ph, name, ts }) =>
    ph === "X" && ts! >= zero &&
    ["overhead", "seek", "settle", "rotate", "transfer"].includes(name)
  );
  const wanted = phases.filter((ns) => ns > 0);
  slices.length = wanted.length; // what the file is read ahead is behind
  assertEquals(slices.map(({ dur }) => Math.round(dur! * 1000)), wanted);
  slices.reduce((end, { ts, dur }) => {
    assert(Math.abs(ts! - end) < 0.001);
    return ts! + dur!;
  }, zero);
});

test("each request of the poll figure is an async slice with one beginning and one end", () => {
  const requests = entriesOf(figure("poll")).filter(({ ph }) =>
    ph === "b" || ph === "e"
  );
  const ids = new Set(requests.map(({ id }) => id));
  assertEquals(ids.size, 2);
  for (const id of ids) {
    const mine = requests.filter((each) => each.id === id);
    assertEquals(mine.map(({ ph }) => ph), ["b", "e"]);
  }
});
