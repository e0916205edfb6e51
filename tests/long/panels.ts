// The fold that the panels are made of, in many more worlds than every day.

import { assert } from "@std/assert";
import { test } from "node:test";
import { compare, KINDS } from "../web/panel_truth.ts";
import { randomWorld } from "../web/random_world.ts";

const SEEDS = 120;

for (const [name, options] of KINDS) {
  test(`in ${SEEDS} worlds the fold is what the kernel has: ${name}`, () => {
    let instants = 0;
    for (let seed = 100; seed < 100 + SEEDS; seed++) {
      instants += compare(randomWorld(seed, options), seed).length;
    }
    assert(instants > SEEDS * 30, `only ${instants} instants`);
  });
}
