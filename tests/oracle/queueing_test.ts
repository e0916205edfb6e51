// The HTTP servers are queues, and behave as queueing theory says. Here with few
// requests, each figure held to its own standard error; tests/long has enough of
// them to make the errors small.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { isWithin, rowText } from "./oracle.ts";
import {
  estimate,
  ORACLES,
  queueRows,
  runSystem,
  timeInside,
} from "./queueing.ts";

/** Enough for a look. The overloaded one takes longer to fill than that. */
const SHARE = 0.02;
const EVERYDAY = ORACLES.filter(({ number }) => number !== "6");

for (const oracle of EVERYDAY) {
  const { number, system } = oracle;
  test(`${number}. ${system.name} is as the formula says, and Little's law is exact`, () => {
    const off = queueRows(oracle, SHARE).filter((row) => !isWithin(row));
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
