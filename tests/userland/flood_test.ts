// flood: datagrams at a rate, and how many of them come.

import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { binFiles, newMachine, sh } from "./programs.ts";

/** What a receiver prints while another machine sends; 40 ms. */
function flood(rate: number, nic: { napi?: boolean } = {}): string {
  const { world, machine } = newMachine({ machine: { nic } });
  const far = world.boot({ name: "far", costs: "none", files: binFiles() });
  world.cable(machine, far, { latencyNs: 0 });
  const receiver = machine.spawn("/bin/flood", ["-l", "-m", "40", "9"]);
  const sender = far.spawn("/bin/flood", [
    "-r",
    `${rate}`,
    "-m",
    "80",
    "kettle:9",
  ]);
  world.run({ until: receiver });
  assertEquals([receiver.stderr, sender.stderr], ["", ""]);
  return receiver.stdout;
}

test("flood tells how many datagrams come, ten times and in all", () => {
  const lines = flood(100_000).trimEnd().split("\n");
  assertEquals(lines.length, 11);
  assertEquals(lines[5], "100000 a second");
  assertEquals(lines[10], "received 4000");
});

test("flood shows the receive livelock of a machine that is interrupted for each frame", () => {
  const lines = flood(500_000, { napi: false }).trimEnd().split("\n");
  assertEquals(lines.slice(1, 9), Array(8).fill("0 a second"));
});

test("flood refuses what makes no sense", () => {
  for (
    const wrong of [
      "",
      "x",
      "a:9 b:9",
      "-r 0 a:9",
      "-m 0 a:9",
      "-m x a:9",
      "-z a:9",
    ]
  ) {
    assertEquals(sh(`flood ${wrong}`).status, 2, wrong);
  }
});

test("flood to oneself, and to nowhere", () => {
  assertMatch(sh("flood -r 1000 -m 10 9").stdout, /^sent 10 in 0\.0\d+ s$/m);
  const { status, stderr } = sh("flood -m 1 mars:9");
  assertEquals(status, 1);
  assertMatch(stderr, /flood: .*ENETUNREACH/);
});
