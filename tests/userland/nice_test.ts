// nice and renice: what a command gets of the CPU under the scheduler fair.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { compute, ms, type Program } from "kettle";
import { nicenessOf, weightOf } from "../../userland/lib/niceness.ts";
import { newMachine, sh } from "./programs.ts";

function* spin(): Program {
  for (;;) yield* compute(1 * ms);
}

test("a niceness is a weight and back", () => {
  for (let niceness = -10; niceness <= 10; niceness++) {
    assertEquals(weightOf(nicenessOf(weightOf(niceness))), weightOf(niceness));
  }
  assertEquals([-20, -10, 0, 3, 10, 20].map(weightOf), [93, 93, 10, 5, 1, 1]);
  assertEquals(nicenessOf(10), 0);
});

test("nice tells its own niceness, adds to it, and children keep it", () => {
  assertEquals(
    sh("nice; nice -n 5 nice; nice -n -3 nice nice").stdout,
    "0\n5\n7\n",
  );
  assertEquals(sh("nice -n 5 sh -c 'nice & wait'").stdout, "5\n");
  assertEquals(sh("nice -n 100 nice").stdout, `${nicenessOf(1)}\n`);
});

test("under fair a nice command gets as much less as its niceness says", () => {
  const { world, machine } = newMachine({
    machine: { scheduler: "fair" },
    programs: { "/bin/spin": spin },
    files: { "/bin/spin": "" },
  });
  machine.spawn("/bin/sh", ["-c", "nice -n 3 spin & spin"]);
  world.run({ untilNs: 4_000 * ms });
  const used = [...machine.processes.values()]
    .filter(({ name }) => name === "spin")
    .map(({ mainThread }) => mainThread!.usedNs);
  assertEquals(used.length, 2);
  const [less, more] = used.sort((a, b) => a - b) as [number, number];
  assert(Math.abs(more / less - 2) < 0.05, `${more / less}`);
});

test("renice changes a process that runs, and says what it was", () => {
  assertMatch(
    sh("sleep 1 & renice 5 $!; renice -n -2 $!; kill $!").stdout,
    /^(\d+): old priority 0, new priority 5\n\1: old priority 5, new priority -2\n$/,
  );
});

test("renice names who is not there, and refuses what is no number", () => {
  const { status, stderr } = sh("renice 5 9999");
  assertEquals([status, stderr], [1, "renice: 9999: no such process\n"]);
  for (const wrong of ["renice", "renice x 1", "renice 5"]) {
    assertEquals(sh(wrong).status, 1, wrong);
  }
});
