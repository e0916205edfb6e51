// 10,000 power cuts: see tests/kernel/power_cuts_test.ts. A failure prints the
// seed and the cut with which that test shows it again.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { runChain } from "../kernel/power_kit.ts";

const FIRST_SEED = 1_000;
const CHAINS = 1_000;
const CUTS_PER_CHAIN = 10;

test("after 10,000 power cuts at random times the disk is whole, what was synced is there, and the rest is old or new", () => {
  const startMs = performance.now();
  const failures: string[] = [];
  let cuts = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CHAINS; seed++) {
    const result = runChain({ seed, cuts: CUTS_PER_CHAIN });
    cuts += result.cuts;
    if (result.failure !== null) failures.push(result.failure);
  }
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const last = FIRST_SEED + CHAINS - 1;
  console.log(`${cuts} cuts, seeds ${FIRST_SEED} to ${last}, ${seconds} s`);
  assertEquals(failures, []);
  assertEquals(cuts, CHAINS * CUTS_PER_CHAIN);
});
