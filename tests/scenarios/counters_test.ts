// What the kernel counts as it goes is what its trace adds up to, to the last
// nanosecond, and a run that records nothing has the same results.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { costsOf } from "../../scenarios/run.ts";
import { valuesOf } from "../../scenarios/scenario.ts";
import { TraceCosts } from "./trace_costs.ts";
import { isSameUntraced } from "./trials.ts";

const SEED = 4;

for (const it of SCENARIOS) {
  test(`${it.id}: the kernel's counters are exactly what the trace gives`, () => {
    const values = valuesOf(it, it.small);
    for (const style of Object.keys(it.styles)) {
      const { world, machine, until, untilNs } = it.world(
        values,
        SEED,
        style,
        {},
      );
      const traced = new TraceCosts(machine);
      world.run({ until, untilNs });
      assertEquals(costsOf(machine), traced.costs(), style);
    }
  });
}

for (const id of ["patience", "interrupted", "one-per-cpu"]) {
  test(`${id}: without a trace the results are the same`, () => {
    isSameUntraced(SCENARIOS.find((each) => each.id === id)!, SEED);
  });
}
