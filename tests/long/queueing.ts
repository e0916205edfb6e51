// The HTTP servers as queues, with so many requests that a standard error is less
// than 2 % of what it belongs to.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { isWithin, rowText } from "../oracle/oracle.ts";
import { ORACLES, queueRows } from "../oracle/queueing.ts";

for (const oracle of ORACLES) {
  const { number, system } = oracle;
  test(`${number}. ${system.name} is as the formula says`, () => {
    const rows = queueRows(oracle);
    assertEquals(rows.filter((row) => !isWithin(row)).map(rowText), []);
    for (const { what, error, reference } of rows) {
      assert(error < 0.02 * reference, `${what}: ±${error}`);
    }
  });
}
