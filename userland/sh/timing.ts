// The word `time`: how long a pipeline took by the virtual clock, and how much CPU
// time its processes used, in their own code and in the kernel. The lines are
// those of the program of that name.

import { clock, getpid, type Routine } from "kettle";
import { processes } from "../lib/proc.ts";
import type { Shell } from "./shell.ts";

interface Used {
  userNs: number;
  systemNs: number;
}

export function* runTimed(
  shell: Shell,
  style: "plain" | "posix",
  pipeline: () => Routine<number>,
): Routine<number> {
  const before = yield* usedByChildren();
  const begin = yield* clock();
  try {
    return yield* pipeline();
  } finally {
    const tookNs = (yield* clock()) - begin;
    const after = yield* usedByChildren();
    yield* shell.tell(
      line("real", tookNs, style) +
        line("user", after.userNs - before.userNs, style) +
        line("sys", after.systemNs - before.systemNs, style),
    );
  }
}

function* usedByChildren(): Routine<Used> {
  const pid = yield* getpid();
  const own = (yield* processes()).find((row) => row.pid === pid);
  const { childUserNs: userNs = 0, childSystemNs: systemNs = 0 } = own ?? {};
  return { userNs, systemNs };
}

function line(name: string, ns: number, style: "plain" | "posix"): string {
  return style === "posix"
    ? `${name} ${(ns / 1e9).toFixed(2)}\n`
    : `${name} ${(ns / 1e6).toFixed(3)} ms\n`;
}
