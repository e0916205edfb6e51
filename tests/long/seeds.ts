// Many seeds: each run is the same twice, and differs from its neighbour's.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { hashes } from "../determinism/scenarios.ts";

const SEEDS = 100;

test(`${SEEDS} seeds give the same traces twice`, () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const told = hashes(seed);
    assertEquals(hashes(seed), told, `seed ${seed}`);
    seen.add(told["crowd, 1 cpus, rr"]!);
  }
  assert(seen.size === SEEDS, "every seed has a run of its own");
});
