// What a copy of the shell (a pipeline's part, `( )`, `$( )`) knows of the shell
// that it is a copy of, at the prompt: its jobs and its history.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Session, sh } from "./programs.ts";

/** `[1] 12`: what is said of a job that begins. */
const STARTED = /^\[\d+\] \d+$/;

/** What lines printed at the prompt, without prompts and echo. */
function printed(...lines: string[]): string[] {
  const session = new Session({});
  const shown: string[] = [];
  for (const line of lines) {
    const text = session.type(`${line}\r`, 2e9);
    shown.push(...text.split("\n").slice(1, -1));
  }
  return shown.filter((line) => !STARTED.test(line));
}

test("jobs are listed in a pipeline, and killed by $(jobs -p)", () => {
  assertEquals(printed("sleep 40 & sleep 50 &", "jobs | cat"), [
    "[1] - Running  sleep 40",
    "[2] + Running  sleep 50",
  ]);
  assertEquals(
    printed("sleep 40 & sleep 50 &", "jobs | wc -l; (jobs -p | wc -l)"),
    [
      "2",
      "2",
    ],
  );
  assertEquals(printed("sleep 40 &", "kill $(jobs -p); wait; jobs"), []);
  assertEquals(printed("sleep 40 &", "(kill %1); wait; echo over"), ["over"]);
});

test("a copy does not wait for what is not its child, and lists its own jobs first", () => {
  assertEquals(printed("sleep 40 &", "(wait; echo at once)"), ["at once"]);
  assertEquals(printed("sleep 40 &", "(wait %1; echo $?)").at(-1), "2");
  assertEquals(printed("sleep 40 &", "(sleep 1 & jobs)"), [
    "[1] + Running  sleep 1",
  ]);
});

test("in a script a copy has no jobs, as in dash", () => {
  const { stdout } = sh("sleep 1 & jobs | cat; echo [$(jobs -p)]");
  assertEquals(stdout, "[]\n");
});

test("history goes through a pipeline, and history N gives the last lines", () => {
  assertEquals(printed("echo a", "echo b", "history | tail -n 2"), [
    "a",
    "b",
    "    2  echo b",
    "    3  history | tail -n 2",
  ]);
  assertEquals(printed("echo a", "history 1").at(-1), "    2  history 1");
  assertEquals(printed("f() { history; }", "f | wc -l"), ["2"]);
  assertEquals(printed("history x; echo $?"), [
    "sh: history: x: numeric argument required",
    "2",
  ]);
});

test("what there is nothing for here is told with its reason", () => {
  const { stderr } = sh("chmod +x a; sudo ls; less f; killall x");
  assertEquals(stderr.trim().split("\n"), [
    "sh: chmod: not found; files have no permissions here",
    "sh: sudo: not found; there are no users here",
    "sh: less: not found; here it is cat",
    "sh: killall: not found; here it is pkill",
  ]);
});
