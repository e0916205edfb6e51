// `kettle compare`: every server meets the same crowd, and the table says so.

import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { stopCompiler } from "../../host/compile_native.ts";
import { compareCommand } from "../../host/compare_command.ts";
import { UsageError } from "../../host/options.ts";
import type { StyleResult } from "../../scenarios/scenario.ts";

/** What it prints, and its status. */
async function typed(
  given: Record<string, string | boolean>,
  ...rest: string[]
): Promise<{ out: string[]; err: string[]; status: number }> {
  const out: string[] = [], err: string[] = [];
  const { log, error } = console;
  console.log = (line: string) => void out.push(line);
  console.error = (line: string) => void err.push(line);
  try {
    return { out, err, status: await compareCommand({ given, rest }) };
  } finally {
    Object.assign(console, { log, error });
    await stopCompiler();
  }
}

test("all servers meet the same arrivals, and one program twice gives one trace", async () => {
  const { out, status } = await typed(
    { requests: "40", rate: "200", json: true },
    "http_block",
    "http_submit",
    "http_block",
  );
  assertEquals(status, 0);
  const [block, submit, again] = out.map((line) =>
    JSON.parse(line) as StyleResult
  );
  assertEquals(block!.facts.lastDueNs, submit!.facts.lastDueNs);
  assertEquals(block, again);
  assert(submit!.latency.meanNs < block!.latency.meanNs);
});

test("arguments come in quotes, and a file of the host is a program, too", async () => {
  const { out, status } = await typed(
    { requests: "16" },
    "http_pool -w 8",
    "userland/servers/http_pool.ts",
  );
  assertEquals(status, 0);
  assert(/http_pool -w 8 +userland\/servers\/http_pool.ts/.test(out[0]!));
  assert(/answered +16 +16/.test(out[0]!));
});

test("what cannot run is named", async () => {
  const missing = await typed({}, "nosuch");
  assertEquals(missing.err, ["kettle compare: nosuch: no such program"]);
  assertEquals(missing.status, 1);
  await assertRejects(() => typed({}), UsageError, "compare takes programs");
  await assertRejects(() => typed({ io: "long" }, "x"), UsageError, "--io");
});
