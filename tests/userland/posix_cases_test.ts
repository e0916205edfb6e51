// Further shell cases from POSIX, with what dash 0.5.12 gave for each. Where a
// dash is on the build machine it is asked again, so that the list stays true.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { sh } from "./programs.ts";

interface Case {
  command: string;
  stdout: string;
  status: number;
}

const CASES = JSON.parse(
  readFileSync(new URL("posix_cases.json", import.meta.url), "utf8"),
) as Case[];
const DASH = "/usr/bin/dash";

for (const { command, stdout, status } of CASES) {
  test(`sh gives what dash gives: ${command.replaceAll("\n", "⏎")}`, () => {
    const result = sh(command);
    assertEquals(
      { stdout: result.stdout, status: result.status },
      { stdout, status },
      result.stderr + result.reason,
    );
  });
}

test("the list says what dash on this machine says", {
  skip: !existsSync(DASH),
}, () => {
  for (const { command, stdout, status } of CASES) {
    assertEquals(runDash(command), { stdout, status }, command);
  }
});

function runDash(command: string): { stdout: string; status: number } {
  const home = mkdtempSync(join(tmpdir(), "kettle-dash-"));
  const env = { PATH: "/usr/bin:/bin", HOME: home, LC_ALL: "C.UTF-8" };
  try {
    const stdout = execFileSync(DASH, ["-c", command], {
      cwd: home,
      env,
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
