// Every scenario on many seeds: 50 on Deno, 10 on Bun (SEEDS says otherwise), the
// mutants on seeds that the everyday run does not use, the same results without a
// trace, and, on Deno, the whole table of predicted outcomes with the full numbers.

import process from "node:process";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { CASES, isAsPredicted, rowsOf, rowText } from "../scenarios/claims.ts";
import {
  countsExactly,
  diesOf,
  holdsFor,
  isSameUntraced,
  turnsRound,
} from "../scenarios/trials.ts";

const IS_DENO = "Deno" in globalThis;
const FIRST_SEED = Number(process.env.SEED ?? 1_000);
const SEEDS = Number(process.env.SEEDS ?? (IS_DENO ? 50 : 10));

for (const it of SCENARIOS) {
  test(`C${it.number} ${it.id} is as expected on ${SEEDS} seeds from ${FIRST_SEED} on`, () => {
    for (let i = 0; i < SEEDS; i++) {
      const seed = FIRST_SEED + i;
      try {
        holdsFor(it, seed);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`);
      }
    }
  });
  test(`C${it.number} ${it.id}: its mutants fail, and its claim turns round, on other seeds`, () => {
    for (const seed of [FIRST_SEED, FIRST_SEED + 1]) {
      for (const mutant of it.mutants) diesOf(it, mutant, seed);
      turnsRound(it, seed);
    }
  });
}

for (const it of SCENARIOS) {
  test(`C${it.number} ${it.id}: without a trace the results are the same, and counters are exact`, () => {
    isSameUntraced(it, FIRST_SEED);
    countsExactly(it, FIRST_SEED, Object.keys(it.styles));
  });
}

/** Two engines leave the same traces: once is enough. */
for (const each of IS_DENO ? CASES : []) {
  const number = SCENARIOS.find(({ id }) => id === each.id)!.number;
  const what = JSON.stringify(each.params ?? {});
  test(`C${number} ${each.id} ${what}: counts exactly, times within 3 %, as predicted`, () => {
    const off = rowsOf(each).filter((row) => !isAsPredicted(row));
    assertEquals(off.map(rowText), []);
  });
}
