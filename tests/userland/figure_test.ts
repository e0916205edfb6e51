// The three programs of the figure and their mirror: two machines, a cable, one
// read from the disk and one from the network, by each door.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import mirror from "../../userland/servers/mirror.ts";
import { newMachine } from "./programs.ts";

function figure(name: string, args: string[] = []) {
  const { world, machine } = newMachine({
    files: { "/srv/logo": "k".repeat(8192) },
  });
  const other = world.boot({ name: "mirror" });
  world.cable(machine, other, { latencyNs: 50_000 });
  other.spawn(mirror, ["80"], { name: "mirror" });
  const process = machine.spawn(`/bin/${name}`, args);
  const { reason, report } = world.run({ until: process, budgetNs: 1e9 });
  assertEquals(process.exit, { status: 0 }, reason + report);
  const lines = process.stdout.trimEnd().split("\n");
  return {
    stderr: process.stderr,
    lines: lines.map((line) => line.slice(17)),
    ms: lines.map(parseFloat),
  };
}

test("by blocking, the time is both waits and the work between them", () => {
  const { lines, ms } = figure("figure_block");
  assertEquals(lines, [
    "read (1) called",
    "read (1) returned: 4096 bytes",
    "read (2) called",
    "read (2) returned: 512 bytes",
  ]);
  const [called1, returned1, called2, returned2] = ms;
  assert(returned1! - called1! > 1, "the disk takes milliseconds");
  assert(called2! - returned1! >= 1 && called2! - returned1! < 1.1);
  assert(returned2! - called2! > 0.4 && returned2! - called2! < 0.6);
});

test("by polling, event (2) comes before (1) and the waits overlap", () => {
  const block = figure("figure_block");
  const { lines, ms } = figure("figure_poll");
  assertEquals(lines.filter((line) => line.includes("happened")), [
    "event (2) happened: 512 bytes",
    "event (1) happened: 4096 bytes",
  ]);
  assertEquals(lines[2], "a look at (1): not yet");
  assert(ms.at(-1)! < block.ms.at(-1)!);
});

test("by pushing, the callbacks run in the order in which the reads are done", () => {
  const { lines, ms } = figure("figure_push");
  assertEquals(lines, [
    "read (1) pushed",
    "read (2) pushed",
    "callback (2) runs: 512 bytes",
    "callback (1) runs: 4096 bytes",
  ]);
  assertMatch(String(ms[1]), /^1\.0/);
});

test("the timeline shows the work, the waits, the packets and the callbacks", () => {
  const { stderr } = figure("timeline", ["figure_push"]);
  assertMatch(stderr, /^figure_push .*B disk \.*C?R+B?\.*C?B event.*C/m);
  assertMatch(stderr, /^kettle>mirror +.*F/m);
  assertMatch(stderr, /^mirror>kettle +.*N/m);
});

test("without the other machine the program says what is missing", () => {
  const { world, machine } = newMachine({ files: { "/srv/logo": "k" } });
  const process = machine.spawn("/bin/figure_block", []);
  world.run({ until: process, budgetNs: 2e11 });
  assertMatch(process.stderr, /^figure_block: connect.*E[A-Z]+, /);
});
