// The file and text tools against GNU's: each command of coreutils_cases.json was
// run with the real tools, whose versions are in that file; here it must give the
// same output, messages and status. Where Kettle differs the case says why.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { readCases, runInKettle } from "./coreutils_machine.ts";

const { cases, files } = readCases();
const results = runInKettle(cases, files);

cases.forEach((row, number) => {
  const { command, stdout, stderr, status, differs } = row;
  test(`as the real tools: ${command.replaceAll("\n", "⏎")}`, () => {
    const { why: _, ...instead } = differs ?? { why: "" };
    assertEquals(results[number], { stdout, stderr, status, ...instead });
  });
});

test("there are cases of every tool, and each deviation says why", () => {
  assert(cases.length >= 250);
  for (const { differs } of cases) {
    if (differs !== undefined) assert(differs.why.length > 10);
  }
});
