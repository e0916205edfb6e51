// How a run ended, as a finding: that it did so by itself and well is the first
// rule of every assignment. The kernel's own words stand in it: who waits for
// whom, which line looped.

import type { Assignment, Finding } from "./assignment.ts";
import type { Run } from "./run.ts";

export function endingFinding(it: Assignment, run: Run): Finding {
  const { over, budget } = it;
  const expected = over === undefined
    ? "it ends by itself, with status 0"
    : `it serves until ${over} is done`;
  const seen = endingText(run, budget.timeNs);
  const { ending } = run;
  const ok = ending.how === "cut" ||
    (over === undefined
      ? ending.how === "exited" && ending.status === 0
      : ending.how === "served");
  return { ok, expected, seen, atNs: run.endedNs };
}

function endingText({ ending, endedNs, world }: Run, timeNs: number): string {
  const at = `at ${(endedNs / 1e6).toFixed(3)} ms`;
  switch (ending.how) {
    case "exited":
      return `it ended with status ${ending.status} ${at}`;
    case "killed":
      return `it was killed by SIG${ending.signal} ${at}`;
    case "served":
    case "cut":
      return "so it did";
    case "deadlock":
      return ending.report;
    case "waits":
      return joined(`nothing more happens ${at}.`, ending.report);
    case "time":
      return joined(
        `it still ran after ${timeNs / 1e9} s of virtual time.`,
        ending.report,
      );
    case "steps":
      return joined(
        `${world.steps} steps had happened ${at}, and it still ran.`,
        ending.report,
      );
    case "panic":
      return ending.report;
  }
}

function joined(first: string, second: string): string {
  return second === "" ? first : `${first} ${second}`;
}
