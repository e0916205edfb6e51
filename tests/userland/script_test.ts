// Scripts that something other than the shell starts: the kernel looks at `#!`.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { sh } from "./programs.ts";

const FILES = {
  "/home/greet": "#!/bin/sh\necho hello $1 from $0\nexit 3\n",
  "/home/usr": "#! /usr/bin/sh -x\necho usr\n",
  "/home/show": "#!/bin/cat\nshown\n",
  "/home/deep": "#!/home/greet\n",
  "/home/round": "#!/home/round\n",
  "/home/lost": "#!/bin/nothing\n",
};

function run(command: string) {
  const { stdout, stderr, status } = sh(command, { files: FILES });
  return [stdout, stderr, status];
}

test("time, env and xargs run scripts, by whatever their first line names", () => {
  assertEquals(run("env ./greet you"), ["hello you from ./greet\n", "", 3]);
  assertEquals(run("env ./show"), ["#!/bin/cat\nshown\n", "", 0]);
  assertEquals(run("echo a b | xargs -n 1 ./greet").slice(0, 1), [
    "hello a from ./greet\nhello b from ./greet\n",
  ]);
  assertEquals(run("env ./usr"), ["usr\n", "+ echo usr\n", 0]);
  assertEquals(run("env ./deep"), ["hello ./deep from /home/greet\n", "", 3]);
});

test("a script whose interpreter is not there, or is itself, is refused", () => {
  const missing = "env: './lost': No such file or directory\n";
  assertEquals(run("env ./lost"), ["", missing, 127]);
  const [, round, status] = run("env ./round");
  assertEquals(/from one to another/.test(String(round)), true, String(round));
  assertEquals(status, 126);
});
