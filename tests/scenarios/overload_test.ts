// The overload lab with its own numbers, over time: before the burst all is well with
// everybody; what comes after it depends on how often clients try again.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import overload from "../../scenarios/overload.ts";
import { runScenario } from "../../scenarios/run.ts";
import type { StyleResult, Values } from "../../scenarios/scenario.ts";

const SECONDS = 5;

/** Of those who came in each fifth of the time, the share that was answered in time. */
function answered({ series }: StyleResult): number[] {
  const { began, ok, windowNs } = series!;
  const each = Math.round(SECONDS / 5 * 1e9 / windowNs);
  const sum = (counts: number[], i: number) =>
    counts.slice(i * each, (i + 1) * each).reduce((a, b) => a + b, 0);
  return [1, 2, 3, 4].map((i) => sum(ok, i) / sum(began, i));
}

function run(params: Values, ...styles: string[]) {
  const all = { seconds: SECONDS, ...params };
  return runScenario(overload, {
    params: all,
    styles,
    trace: false,
    series: true,
  })
    .styles;
}

test("who tries only once has his server back soon", () => {
  const { once } = run({}, "once");
  assert(answered(once!).at(-1)! > 0.95);
});

test("who tries again has his server down for good", () => {
  const { retry } = run({}, "retry");
  assert(answered(retry!).every((share) => share < 0.1), "down to the end");
  // All the time the server is busy: two threads, 10 ms each.
  const perSecond = (retry!.ok + retry!.late) / SECONDS;
  assert(perSecond > 190, `${perSecond} answers a second`);
  assert(retry!.facts.wasted! > 0.85);
});

test("without a burst nobody is late, however often he would try", () => {
  const { retry } = run({ burst: 0 }, "retry");
  assertEquals([retry!.timedOut, retry!.late, retry!.facts.tries], [0, 0, 1]);
});

test("longer pauses save a server only where there is much room", () => {
  const goodput = (load: number) =>
    run({ load }, "backoff").backoff!.facts.goodput! / (2 * load);
  assert(goodput(30) > 0.9 && goodput(80) < 0.3);
});

test("a full queue that says nothing is no better than one that refuses", () => {
  const { retry, short } = run({ refuses: 0 }, "retry", "short");
  assert(retry!.facts.goodput! < 40, `${retry!.facts.goodput}`);
  assertEquals(short!.facts.wasted, 0);
});
