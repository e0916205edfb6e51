// The HTTP servers as queues, with so many requests that a standard error is less
// than 3.5 % of the mean that it belongs to, and 10 % of the tails.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { isWithin, rowText } from "../oracle/oracle.ts";
import { ORACLES, queueRows } from "../oracle/queueing.ts";

/** Of the requests that bring the errors to 2 and 6 %: those take eight minutes. */
const SHARE = 0.35;

for (const oracle of ORACLES) {
  const { number, system } = oracle;
  test(`${number}. ${system.name} is as the formula says`, () => {
    const rows = queueRows(oracle, SHARE, true);
    assertEquals(rows.filter((row) => !isWithin(row)).map(rowText), []);
    for (const { what, error, reference, isTail } of rows) {
      const most = isTail ? 0.1 : 0.035;
      assert(error < most * reference, `${what}: ±${error}`);
    }
  });
}
