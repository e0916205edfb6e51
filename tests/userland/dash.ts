// What the tests of the shell share: a list of commands with what dash gave for
// each, run in Kettle and, where the build machine has a dash, asked again there.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { newMachine } from "./programs.ts";

export interface Case {
  command: string;
  stdout: string;
  status: number;
}

export const DASH = "/usr/bin/dash";

/** The cases of a JSON file beside this one. */
export function readCases(file: string): Case[] {
  return JSON.parse(
    readFileSync(new URL(file, import.meta.url), "utf8"),
  ) as Case[];
}

/** A test for each case, and one that the list says what dash says. */
export function testCases(cases: readonly Case[]): void {
  const run = runner(cases.length);
  for (const [index, { command, stdout, status }] of cases.entries()) {
    test(`sh gives what dash gives: ${command.replaceAll("\n", "⏎")}`, () => {
      const { stderr, ...result } = run(command, index);
      assertEquals(result, { stdout, status }, stderr);
    });
  }
  test("the list says what dash on this machine says", {
    skip: !existsSync(DASH),
  }, () => {
    for (const { command, stdout, status } of cases) {
      assertEquals(runDash(command), { stdout, status }, command);
    }
  });
}

const MINUTE_NS = 60_000_000_000;

/** Runs commands on one machine, each in an empty home of its own. */
export function runner(count: number) {
  const { world, machine } = newMachine();
  const homes = Array.from({ length: count }, (_, index) => `/home/${index}`);
  world.run({ until: machine.spawn("/bin/mkdir", homes) });
  return (command: string, index: number) => {
    const HOME = homes[index]!;
    const process = machine.spawn("/bin/sh", ["-c", command], {
      cwd: HOME,
      env: { HOME },
    });
    const { reason } = world.run({ until: process, budgetNs: MINUTE_NS });
    assertEquals(reason, "until", command);
    const { stdout, stderr, exit } = process;
    const status = exit !== null && "status" in exit ? exit.status : undefined;
    return { stdout, stderr, status };
  };
}

export function runDash(command: string): { stdout: string; status: number } {
  const home = mkdtempSync(join(tmpdir(), "kettle-dash-"));
  // Nothing of this process's own environment, which an engine may hand on.
  const clean = ["-i", "PATH=/usr/bin:/bin", `HOME=${home}`, "LC_ALL=C.UTF-8"];
  try {
    const words = [...clean, DASH, "-c", command];
    const stdout = execFileSync("/usr/bin/env", words, {
      cwd: home,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return { stdout, status: 0 };
  } catch (error) {
    const { stdout, status } = error as { stdout: string; status: number };
    return { stdout, status };
  } finally {
    rmSync(home, { recursive: true });
  }
}
