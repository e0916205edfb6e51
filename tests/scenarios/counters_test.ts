// What the kernel counts as it goes is what its trace adds up to, to the last
// nanosecond, and a run that records nothing has the same results. Here for a style
// of each scenario; the long run has all.

import { test } from "node:test";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { countsExactly, isSameUntraced } from "./trials.ts";

const SEED = 4;

for (const it of SCENARIOS) {
  test(`${it.id}: the kernel's counters are exactly what the trace gives`, () => {
    countsExactly(it, SEED, Object.keys(it.styles).slice(-1));
  });
}

for (const id of ["patience", "interrupted", "one-per-cpu"]) {
  test(`${id}: without a trace the results are the same`, () => {
    isSameUntraced(SCENARIOS.find((each) => each.id === id)!, SEED);
  });
}
