// The HTTP servers as queues, with so many requests that a standard error is less
// than 2 % of the mean that it belongs to, and 6 % of the tails.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { isWithin, rowText } from "../oracle/oracle.ts";
import { ORACLES, queueRows } from "../oracle/queueing.ts";

for (const oracle of ORACLES) {
  const { number, system } = oracle;
  test(`${number}. ${system.name} is as the formula says`, () => {
    const rows = queueRows(oracle);
    assertEquals(rows.filter((row) => !isWithin(row)).map(rowText), []);
    for (const { what, error, reference, isTail } of rows) {
      const most = isTail ? 0.06 : 0.02;
      assert(error < most * reference, `${what}: ±${error}`);
    }
  });
}
