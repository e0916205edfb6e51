// On a terminal of 50 columns, as beside the figure on the page: what matters
// most is still there, and nothing is broken over lines.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Session } from "./programs.ts";
import { Screen } from "./screen.ts";

async function shown(...commands: string[]): Promise<string[]> {
  const screen = new Screen(new Session({}), 50, 40);
  for (const command of commands) await screen.type(`${command}\r`);
  return screen.rows.map((row) => row.trimEnd()).filter((row) => row !== "");
}

test("help fits, a thing on two rows", async () => {
  const rows = await shown("help");
  assert(rows.includes("kettle$ help"), rows.join("\n"));
  assertEquals(rows[rows.indexOf("kettle$ help") + 1], "hello");
  assertMatch(rows.join("\n"), /^ {2}the manual: .* or help NAME$/m);
  assertEquals(rows.length, 1 + 2 * 12 + 1);
});

test("ps and top leave columns out, not what a process waits for", async () => {
  const ps = await shown("sleep 9 & ps", "ps -L");
  assert(ps.includes("PID  ST  COMMAND  WAITS FOR"), ps.join("\n"));
  assertMatch(ps.join("\n"), /^ {2}3 {2}S {3}sleep {4}timer: 9\.0 s of its/m);
  assert(ps.includes("PID  TID  ST  COMMAND  WAITS FOR"), ps.join("\n"));
  const top = await shown("sleep 9 & top");
  assert(top.includes("  PID S  %CPU COMMAND    WAITS FOR"), top.join("\n"));
  assertMatch(top.join("\n"), /^ {4}3 S {3}0\.0 sleep {6}timer: /m);
});

test("columns that are asked for are given, and a pipe has room for all", async () => {
  const rows = await shown("ps -o pid,time,comm", "ps | head -n 1");
  assertMatch(rows.join("\n"), /^PID +TIME {2}COMMAND$/m);
  assertMatch(rows.join("\n"), /^PID {2}PPID {2}ST {2}THR +TIME {2}COMMAND/m);
});
