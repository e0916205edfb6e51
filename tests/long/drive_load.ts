// The drive under load for longer than the everyday run has time for: every depth
// of the closed loop, and a queue at 94 % of what the drive can do.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { closedLoops, POISSON, poisson } from "../oracle/load.ts";
import { isWithin, rowText } from "../oracle/oracle.ts";

test("random reads in a closed loop reach the rates of an independent simulator at every depth", () => {
  const off = closedLoops(40_000).filter((row) => !isWithin(row));
  assertEquals(off.map(rowText), []);
});

test("Poisson arrivals wait as Pollaczek and Khinchine say, also where nearly nothing is left", () => {
  const rows = POISSON.map(([rate, ms]) =>
    poisson(rate, ms, rate === 80 ? 4_000_000 : 1_000_000)
  );
  assertEquals(rows.filter((row) => !isWithin(row)).map(rowText), []);
});
