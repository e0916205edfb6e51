// Every scenario with small numbers: on three seeds, with each of its mutants,
// and on both sides of its crossover. The full numbers are those of the long run.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { runScenario } from "../../scenarios/run.ts";
import { valuesOf } from "../../scenarios/scenario.ts";
import { diesOf, holdsFor, turnsRound } from "./trials.ts";

const SEEDS = [1, 2, 3];

for (const it of SCENARIOS) {
  test(`C${it.number} ${it.id}: ${it.claim}`, () => {
    for (const seed of SEEDS) holdsFor(it, seed);
  });
  test(`C${it.number} ${it.id}: beyond its crossover the claim is not true`, () => {
    turnsRound(it, 1);
  });
  for (const mutant of it.mutants) {
    test(`C${it.number} ${it.id} fails when ${mutant.about}`, () => {
      diesOf(it, mutant, 1);
    });
  }
}

test("the same seed gives the same traces and the same numbers", () => {
  const [it] = SCENARIOS;
  const run = () => runScenario(it!, { params: it!.small, seed: 7 });
  assertEquals(run(), run());
});

test("no two scenarios have a name or a number in common", () => {
  const ids = SCENARIOS.map(({ id }) => id);
  const numbers = SCENARIOS.map(({ number }) => number);
  assertEquals(new Set(ids).size, ids.length);
  assertEquals(new Set(numbers).size, numbers.length);
});

test("an unknown parameter is answered with the nearest known one", () => {
  const it = SCENARIOS.find(({ id }) => id === "full-queue")!;
  assertThrows(
    () => valuesOf(it, { backlogg: 3 }),
    TypeError,
    'full-queue has no parameter "backlogg". The nearest is "backlog"',
  );
  assertThrows(
    () => valuesOf(it, { backlog: 100_000 }),
    RangeError,
    "full-queue: backlog goes from 1 to 512: received 100000",
  );
});
