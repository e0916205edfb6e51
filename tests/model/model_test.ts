// The model card says what the code says: constants equal, nothing missing. What
// moves when one is halved is measured by `deno task model` and, in the long run,
// again; here a few rows are.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DEFAULT_COSTS } from "../../kernel/mod.ts";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { CONSTANT_TABLES, MEASURED_TABLES, tableIn } from "./card.ts";
import { MACHINE } from "./constants.ts";
import { CONSTANTS, driveFigures, sensitivityOf } from "./sensitivity.ts";

const PAGE = readFileSync(
  fileURLToPath(new URL("../../docs/model.md", import.meta.url)),
  "utf8",
);

for (const [name, make] of Object.entries(CONSTANT_TABLES)) {
  test(`the model card has the constants of the code: ${name}`, () => {
    assertEquals(words(tableIn(PAGE, name)), words(make()));
  });
}

/** Lines are broken where they get too long. */
function words(text: string): string {
  return text.replace(/\s+/g, " ");
}

test("every cost is a row, with a reason, and was halved and doubled", () => {
  const names = MACHINE().map(({ name }) => name);
  for (const cost of Object.keys(DEFAULT_COSTS)) {
    assertEquals(names.includes(cost), true, cost);
    assertEquals(CONSTANTS.includes(cost), true, cost);
  }
  const silent = MACHINE().filter(({ about }) => about === "");
  assertEquals(silent, []);
});

test("each measured table has a row for what it measures", () => {
  for (const name of Object.keys(MEASURED_TABLES)) {
    assertEquals(tableIn(PAGE, name).split("\n").length > 5, true, name);
  }
  for (const name of CONSTANTS) {
    const row = tableIn(PAGE, "claims moved").includes(`\`${name}\``);
    assertEquals(row, true, name);
  }
});

test("a constant that a claim is about moves it", () => {
  const thousands = SCENARIOS.filter(({ number }) => number === 9);
  const stack = sensitivityOf("STACK_BYTES", thousands);
  assertEquals(stack.doubled.some(({ claim }) => claim === 9), true);
  const slow = driveFigures("rpm", 0.5), usual = driveFigures();
  const ratio = slow["1 MiB in a row"]! / usual["1 MiB in a row"]!;
  assertEquals(Math.round(ratio * 10), 20);
});
