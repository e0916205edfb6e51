// /proc/self, and going through all files there are: it ends, though some files
// of /proc tell of being read.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { sh } from "./programs.ts";

function output(command: string): string {
  const { stdout, stderr } = sh(command);
  assertEquals(stderr, "");
  return stdout;
}

test("/proc/self is the directory of whoever looks", () => {
  assertEquals(output("cat /proc/self/comm"), "cat\n");
  assertEquals(output("read -r a < /proc/self/comm; echo $a"), "sh\n");
  assertMatch(output("cat /proc/self/status"), /^Name:\tcat\nState:\tR/);
  assertEquals(output("head -n 1 /proc/./self/../self/comm"), "head\n");
  const long = output("ls -l /proc/self");
  assertMatch(long, /^-r?.* cmdline$/m);
  assertMatch(long, /^d.* fd$/m);
});

test("who goes to /proc/self is in the directory of its number, and stays there", () => {
  const text = output(
    "cd /proc/self; /bin/pwd; echo $$; cat comm; cd ..; /bin/pwd",
  );
  const [where, pid, ...rest] = text.trim().split("\n");
  assertEquals([where, ...rest], [`/proc/${pid}`, "sh", "/proc"]);
});

test("self is listed once in /proc and is nothing elsewhere", () => {
  assertEquals(output("ls /proc | grep -cx self"), "1\n");
  const { stderr } = sh("cat /self/comm; cd /proc/1; cat self");
  assertEquals(stderr.match(/No such file/g)?.length, 3);
});

test("grep -r over all there is ends, in little time", () => {
  const { stdout, stderr, status, world } = sh("grep -rc zqx / ; echo $?");
  assertEquals([stderr, status], ["", 0]);
  assertMatch(stdout, /^\/bin\/grep:0$/m);
  assertMatch(stdout, /^\/proc\/self\/trace:\d+$/m);
  assert(!stdout.includes("trace_pipe"), "a pipe was read");
  assert(!/^\/dev/m.test(stdout), "a device was read");
  assert(world.now < 2e9, `${world.now} ns`);
});

test("a file that is the output as well is not searched, as GNU grep says", () => {
  const { stdout, stderr } = sh("echo x > a; grep -r x . > b; echo $?; cat b");
  assertEquals(stdout, "2\n./a:x\n");
  assertEquals(stderr, "grep: ./b: input file is also the output\n");
  assertEquals(output("echo x > a; grep -c x a >> a; cat a"), "x\n1\n");
});

test("a file named twice counts once, one of /proc has no size to count", () => {
  assertEquals(
    output("echo x > a; du a a; du -c a a | tail -n 1"),
    "4\ta\n4\ttotal\n",
  );
  assertMatch(output("du -s /proc /"), /^0\t\/proc\n[1-9]\d*\t\/\n$/);
});
