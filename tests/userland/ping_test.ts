// ping over a cable, over one that loses, and to who is not there.

import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { newMachine, Session, sh } from "./programs.ts";

function ping(command: string, loss = 0) {
  const { world, machine } = newMachine();
  const far = world.boot({ name: "far" });
  world.cable(machine, far, { latencyNs: 10_000_000, loss });
  const [program, ...args] = command.split(" ");
  const process = machine.spawn(`/bin/${program}`, args);
  world.run({ until: process, budgetNs: 60e9 });
  const status = process.exit !== null && "status" in process.exit
    ? process.exit.status
    : -1;
  return { stdout: process.stdout, stderr: process.stderr, status };
}

test("ping tells the round trip of each echo, and a summary", () => {
  const { stdout, status } = ping("ping -c 3 far");
  assertEquals(status, 0);
  assertMatch(stdout, /^PING far: 56 data bytes, 84 all in all\n/);
  assertMatch(stdout, /^64 bytes from far: seq=3 time=20\.\d+ ms$/m);
  assertMatch(stdout, /^--- far: 3 sent, 3 received, 0% lost$/m);
  assertMatch(stdout, /^min\/avg\/max = 20\.\d+\/20\.\d+\/20\.\d+ ms$/m);
});

test("ping says when no answer comes, and counts what was lost", () => {
  const { stdout } = ping("ping -c 20 -i 0.1 -W 0.5 far", 0.4);
  assertMatch(stdout, /^no answer to \d+$/m);
  assertMatch(stdout, /^--- far: 20 sent, \d+ received, [3-9]\d% lost$/m);
  assertEquals(ping("ping -c 2 -W 0.1 far", 1).status, 1);
});

test("^C ends ping with the summary", () => {
  const session = new Session({});
  session.type("ping localhost\r", 2.5e9);
  const shown = session.type("\x03", 1e9);
  assertMatch(shown, /^\^C\n--- localhost: 3 sent, 3 received, 0% lost\nmin/);
  assertMatch(session.type("echo $?\r"), /^echo \$\?\n0\n/);
});

test("ping to oneself takes no cable, and to nowhere says so", () => {
  assertMatch(
    sh("ping -c 1 localhost").stdout,
    /64 bytes from localhost: seq=1 time=0\.\d+ ms/,
  );
  const { stderr, status } = ping("ping -c 1 mars");
  assertEquals(status, 2);
  assertMatch(stderr, /ping: mars: ENETUNREACH, no cable leads there/);
});

test("ping refuses no host, two hosts, and wrong numbers", () => {
  for (const wrong of ["ping", "ping a b", "ping -c x a", "ping -i x a"]) {
    assertEquals(sh(wrong).status, 2, wrong);
  }
});
