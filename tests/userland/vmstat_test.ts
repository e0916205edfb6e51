// vmstat: its lines against the trace, added up here; options, bad options.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { sh } from "./programs.ts";

function output(command: string): string {
  const { stdout, stderr, status } = sh(command);
  assertEquals({ stderr, status }, { stderr: "", status: 0 });
  return stdout;
}

/** The numbers of each line that is no header. */
function rows(text: string): number[][] {
  return text.split("\n").filter((line) => /^ *\d/.test(line))
    .map((line) => line.trim().split(/ +/).slice(0, 13).map(Number));
}

test("the lines of vmstat -C add up to what the trace says", () => {
  const { stdout, world } = sh(
    "{ sleep 0.15; cat /bin/ls /bin/sh | wc > n; sync; } & vmstat -C 0.1 8; wait",
  );
  const lines = rows(stdout);
  assertEquals(lines.length, 8);
  const sum = (column: number) =>
    lines.reduce((total, line) => total + line[column]!, 0);
  let until = 0, entered = 0;
  for (const event of world.trace.events()) {
    if (event.kind === "sys_enter") entered = event.seq;
    if (event.kind !== "sys_exit" || event.call !== "read") continue;
    if (event.result.startsWith('"{\\"atNs')) until = entered;
  }
  let interrupts = 0, switches = 0;
  const sectors = { read: 0, write: 0 };
  const issued = new Map<number, { write: string; sectors: number }>();
  for (const event of world.trace.events()) {
    if (event.seq > until) break;
    if (event.kind === "irq_enter") interrupts++;
    if (event.kind === "sched_switch" && event.tid !== event.next) switches++;
    if (event.kind === "block_issue") issued.set(event.id, event);
    if (event.kind === "block_complete") {
      const { write, sectors: count } = issued.get(event.id)!;
      if (write === "read" || write === "write") sectors[write] += count;
    }
  }
  assertEquals(
    [sum(5), sum(6), sum(7), sum(8)],
    [
      Math.floor(sectors.read / 2),
      Math.floor(sectors.write / 2),
      interrupts,
      switches,
    ],
  );
  assert(sectors.read > 0 && sectors.write > 0 && interrupts > 5);
});

test("us, sy, id and wa are whole percent that add up to 100", () => {
  const lines = rows(
    output(
      "dd if=/dev/hda of=/dev/null bs=64K skip=999 count=99 status=none & vmstat 0.01 9; wait",
    ),
  );
  for (const line of lines) {
    const [us, sy, id, wa] = line.slice(9) as [number, number, number, number];
    assertEquals(us + sy + id + wa, 100, line.join(" "));
  }
  assert(lines.some((line) => line[12]! > 50)); // it waits for the disk
  assert(lines.some((line) => line[1]! === 1)); // so somebody is blocked
});

test("a second of interval gives rates: 8 reads of 64 KiB are 512 KiB", () => {
  const [line] = rows(output(
    "{ sleep 0.5; dd if=/dev/hda of=/dev/null bs=64K count=8 skip=999 " +
      "status=none; } & vmstat -y 1 1; wait",
  ));
  assert(line![5]! >= 512 && line![5]! < 900, String(line));
});

test("vmstat has titles once or again and again, times, and a list of sums", () => {
  assertMatch(
    output("vmstat"),
    /^procs -+memory-+ -+io-+ -+system-+ -+cpu-+\n r {2}b +free +cache +dirty +bi +bo +in +cs +us +sy +id +wa\n *\d/,
  );
  const titles = (command: string) => output(command).match(/^procs/gm)!.length;
  assertEquals([titles("vmstat 0.01 41"), titles("vmstat -n 0.01 41")], [3, 1]);
  assertMatch(output("vmstat -t 1 2"), /\d {2}10:00:00\n.*\d {2}10:00:01\n$/);
  assertEquals(rows(output("vmstat -y 0.1 3")).length, 3);
  const sums = output("vmstat -s");
  assertMatch(sums, /^ +65536 K total memory\n/);
  assertMatch(sums, /^ +\d+ CPU context switches$/m);
});

test("vmstat says what it does not understand", () => {
  const cases: [string, RegExp][] = [
    ["vmstat x", /^vmstat: failed to parse argument: 'x'\n/],
    ["vmstat 0", /^vmstat: delay must be positive\n/],
    ["vmstat 1 x", /^vmstat: invalid number: 'x'\n/],
    ["vmstat 1 2 3", /^vmstat: extra operand '3'\n/],
    ["vmstat -Z", /^vmstat: invalid option -- 'Z'\n/],
  ];
  for (const [command, message] of cases) {
    const { stderr, status } = sh(command);
    assertMatch(stderr, message);
    assertEquals(status, 1);
  }
  const { stderr, status } = sh("vmstat 0.1 | head -n 1");
  assertEquals({ stderr, status }, { stderr: "", status: 0 });
});
