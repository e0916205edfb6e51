// The HTTP servers are queues, and behave as queueing theory says. Each single
// request of an open system waits to the nanosecond as a recursion of ten lines
// says, and the recursion, with many requests, comes to the formulas. Closed
// systems are held to the formulas themselves, within their standard errors.
// tests/long has enough requests to make the errors of Kettle's own runs small.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { isWithin, rowText } from "./oracle.ts";
import {
  estimate,
  ORACLES,
  queueRows,
  recursion,
  rowsOf,
  runSystem,
  timeInside,
} from "./queueing.ts";
import { lawOf } from "../../userland/lib/variates.ts";
import pool from "../../userland/servers/http_pool.ts";

const OPEN = ORACLES.filter(({ system }) => system.plan.rate !== undefined);
const CLOSED = ORACLES.filter(({ system }) => system.plan.rate === undefined);
/** Share of the requests of tests/long. */
const RECURSION_SHARE = 0.15;
const CLOSED_SHARE = 0.03;

for (const { number, system } of OPEN) {
  test(`${number}. ${system.name}: every single request waits as the recursion says`, () => {
    const count = 2_000;
    const run = runSystem(system, count);
    const { fromNs, insideNs, areaNs } = run.tally.summary();
    assertEquals(insideNs, areaNs);
    const got = run.beganNs.map((beganNs, i) => [
      beganNs - fromNs,
      run.endedNs[i]! - fromNs,
      run.isOk[i],
    ]).sort((a, b) => Number(a[0]) - Number(b[0]));
    const { beganNs, endedNs, isOk } = recursion(system, count);
    const expected = beganNs.map((dueNs, i) => [dueNs, endedNs[i], isOk[i]]);
    assertEquals(got, expected);
  });
}

test("the recursion comes to the formulas", () => {
  const off = OPEN.flatMap((oracle) => {
    const count = Math.round(oracle.requests * RECURSION_SHARE);
    return rowsOf(oracle, recursion(oracle.system, count));
  }).filter((row) => !isWithin(row));
  assertEquals(off.map(rowText), []);
});

for (const oracle of CLOSED) {
  const { number, system } = oracle;
  test(`${number}. ${system.name} is as the formula says, and Little's law is exact`, () => {
    const off = queueRows(oracle, CLOSED_SHARE).filter((row) => !isWithin(row));
    assertEquals(off.map(rowText), []);
  });
}

test("a system with other arrivals than the formula's is found to be off", () => {
  const { system } = ORACLES[0]!;
  const slower = { ...system, plan: { ...system.plan, rate: 60 } };
  const { mean, error } = estimate(runSystem(slower, 5_000), timeInside);
  assert(Math.abs(mean - 0.05) > 3.5 * error, `${mean} ± ${error}`);
  assert(Math.abs(mean - 0.025) <= 3.5 * error, `${mean} ± ${error}`);
});

test("with c workers and backlog n exactly c + n are let in at once", () => {
  for (const [workers, backlog] of [[4, 0], [2, 8], [8, 128]] as const) {
    const { system } = ORACLES.find(({ number }) => number === "4")!;
    const args = ["-b", String(backlog), "-w", String(workers)];
    const plan = { ...system.plan, rate: 1e9, arrivals: "even" as const };
    const { isOk } = runSystem({ ...system, args, plan }, 500);
    assertEquals(isOk.filter(Boolean).length, workers + backlog);
  }
});

/** 80 ms, and who has waited exactly so long is still in time. */
const PATIENCE_NS = 80_000_001;

/** 250 requests a second at even distances, two workers of 10 ms: 200 a second. */
function overload(backlog: number, timeoutNs = Infinity) {
  const plan = {
    rate: 250,
    arrivals: "even" as const,
    io: lawOf("10000"),
    timeoutNs,
  };
  const args = ["-b", String(backlog), "-w", "2"];
  const run = runSystem({ name: "overload", server: pool, args, plan }, 2_000);
  const first = run.isOk.indexOf(false);
  const { counts, late } = run.tally;
  return {
    ...counts,
    late,
    firstLossNs: first < 0 ? -1 : run.endedNs[first]! - run.beganNs[0]!,
    longestNs: Math.max(
      ...run.endedNs.map((ns, i) => ns - run.beganNs[i]!),
    ),
  };
}

test("overloaded by a quarter, a server with 16 places turns away 384 of 2,000, the first at 328 ms", () => {
  const { ok, refused, firstLossNs } = overload(16);
  assertEquals([ok, refused, firstLossNs], [1616, 384, 328_000_000]);
});

test("with 128 places it turns away fewer, and lets the worst wait 650 ms", () => {
  const { ok, refused, longestNs } = overload(128);
  assertEquals([ok, refused, longestNs], [1728, 272, 650_000_000]);
});

test("if clients give up after 80 ms, it serves 1,616 and only 72 in time; after 100 ms, all in time", () => {
  const { ok, refused, timedOut, late } = overload(16, PATIENCE_NS);
  assertEquals([ok, refused, timedOut, late], [72, 384, 1544, 1544]);
  const patient = overload(16, 100_000_000);
  assertEquals([patient.ok, patient.late], [1616, 0]);
});

test("a longer queue only wastes more: 1,656 answers nobody waits for", () => {
  const { ok, refused, late } = overload(128, PATIENCE_NS);
  assertEquals([ok, refused, late], [72, 272, 1656]);
});
