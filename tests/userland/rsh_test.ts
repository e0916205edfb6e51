// rsh and rshd: a command line run on another machine, its two outputs apart, its
// status last, and what happens when either side goes away.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { test } from "node:test";
import { bytes } from "../../mod.ts";
import {
  dataFrame,
  exitFrame,
  FrameReader,
} from "../../userland/lib/remote.ts";
import rshd from "../../userland/servers/rshd.ts";
import { binFiles, newMachine } from "./programs.ts";

/** Two machines with all programs; rshd listens on the far one. */
function network() {
  const { world, machine } = newMachine();
  const far = world.boot({ name: "far", files: binFiles() });
  const cable = world.cable(machine, far);
  far.spawn(rshd, [], { name: "rshd" });
  world.run();
  const run = (command: string) => {
    const process = machine.spawn("/bin/sh", ["-c", command], { cwd: "/home" });
    const { reason } = world.run({ until: process, budgetNs: 60e9 });
    assertEquals(reason, "until", command);
    const { stdout, stderr, exit } = process;
    return {
      stdout,
      stderr,
      status: exit !== null && "status" in exit ? exit.status : -1,
    };
  };
  return { world, machine, far, cable, run };
}

test("rsh runs a command over there: its outputs stay apart, its status is rsh's", () => {
  const { run, machine, far } = network();
  assertEquals(run("rsh far 'pwd; echo bad >&2; echo tea >/tmp/cup; exit 3'"), {
    stdout: "/home\n",
    stderr: "bad\n",
    status: 3,
  });
  assertEquals(far.files.peek("/tmp/cup"), bytes("tea\n"));
  assertEquals(machine.files.peek("/tmp/cup"), null);
  assertEquals(run("rsh far echo one  two").stdout, "one two\n");
  assertEquals(run("rsh far 'kill -9 $$'").status, 137);
  assertEquals(run("rsh far false || echo no").stdout, "no\n");
});

test("rsh passes the options of the command on, and takes its own before the host", () => {
  const { run } = network();
  assertEquals(run("rsh far seq -s , 3").stdout, run("seq -s , 3").stdout);
  assertEquals(run("rsh -p 514 far echo a -p b").stdout, "a -p b\n");
  assertMatch(run("rsh far").stderr, /^rsh: must have a HOST and a COMMAND\n/);
  assertEquals(run("rsh").status, 255);
});

test("all of a long output comes, though the command ends before it is read", () => {
  const { run, far } = network();
  const { stdout, status } = run(
    "rsh far seq 20000 | tail -n 2; rsh far seq 9000 | wc -l",
  );
  assertEquals([stdout, status], ["19999\n20000\n9000\n", 0]);
  assertEquals(far.processes.size, 1);
});

test("the command has no input, and what it leaves in the background keeps nobody waiting", () => {
  const { run, far, world } = network();
  const begin = world.now;
  assertEquals(
    run("echo x | rsh far 'cat; sleep 100 & echo left'").stdout,
    "left\n",
  );
  assert(world.now - begin < 1e9);
  assertEquals(far.processes.size, 2);
});

test("when rsh is killed the command is hung up", () => {
  const { run, world, far } = network();
  run("rsh far sleep 100 & sleep 0.1; kill $!; wait");
  world.run({ budgetNs: 1e9 });
  assertEquals(far.processes.size, 1);
});

test("a client that reads no further ends the command as well", () => {
  const { run, world, far } = network();
  assertEquals(run("rsh far yes | head -n 2").stdout, "y\ny\n");
  world.run({ budgetNs: 2e9 });
  assertEquals(far.processes.size, 1);
  assertEquals(run("rsh far echo again").stdout, "again\n");
});

test("several commands run at once", () => {
  const { run, world } = network();
  const begin = world.now;
  const { stdout } = run(
    "for i in 1 2 3; do rsh far 'sleep 1; echo done' & done; wait",
  );
  assertEquals(stdout, "done\n".repeat(3));
  assert(world.now - begin < 2e9);
});

test("rsh says who does not answer, who breaks off, and who does not speak as rshd does", () => {
  const { run, far, world } = network();
  const said = (command: string) => {
    const { stderr, status } = run(command);
    assertEquals(status, 255);
    return stderr;
  };
  assertMatch(said("rsh nowhere ls"), /^rsh: nowhere: ENETUNREACH, /);
  assertMatch(said("rsh -p 99 far ls"), /^rsh: far: ECONNREFUSED, /);
  far.spawn("/bin/sh", ["-c", "echo hello, I am a stranger | nc -l 81"]);
  world.run({ budgetNs: 1e8 });
  assertMatch(
    said("rsh -p 81 far ls"),
    /^rsh: far: it does not speak as rshd does\n/,
  );
  far.spawn("/bin/sh", ["-c", "printf 'o 5\\nhel' | nc -l 82"]);
  world.run({ budgetNs: 1e8 });
  assertMatch(
    said("rsh -p 82 far ls"),
    /^rsh: far: the connection ended before/,
  );
});

test("frames are read however they are cut", () => {
  const parts = [
    dataFrame("o", bytes("tea\no 3\n")),
    dataFrame("e", bytes("")),
    exitFrame(7),
  ];
  const all = Uint8Array.from(parts.flatMap((part) => [...part]));
  for (const step of [1, 2, 5, all.length]) {
    const reader = new FrameReader();
    const got = [];
    for (let at = 0; at < all.length; at += step) {
      got.push(...reader.take(all.subarray(at, at + step)));
    }
    assertEquals(
      got.map((it) =>
        it.kind === "exit" ? it.status : [it.kind, it.data.length]
      ),
      [
        ["output", 8],
        ["error", 0],
        7,
      ],
    );
  }
  for (
    const bad of [
      "hello\n",
      "o x\n",
      "q 5\n",
      "a very long line without an end",
    ]
  ) {
    assertThrows(() => new FrameReader().take(bytes(bad)), RangeError);
  }
});
