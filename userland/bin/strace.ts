// strace COMMAND, or strace -p PID: every call a program makes, with what it gave,
// the requests it submitted or pushed when they complete, and signals. A column of
// µs since the first call stands before each line, or -r, -t, -tt, -ttt as Linux
// has them. Reads the kernel's trace in /proc, nothing else.

import { open, type Program, type Routine, SysError, write } from "kettle";
import { options, usageError } from "../lib/args.ts";
import type { CallLogOptions } from "../lib/call_log.ts";
import { callFilter } from "../lib/call_sets.ts";
import type { SumOrder } from "../lib/call_sums.ts";
import { startFailure, startProblem } from "../lib/command.ts";
import { attach, follow, Out } from "../lib/tracer.ts";

const USAGE = {
  name: "strace",
  synopsis: "[-cCfTrtzZ] [-e CALLS] [-o FILE] {-p PIDS | COMMAND [ARG]…}",
  about: "Runs a command and shows every call it makes.",
  options: {
    "-f": "its children, too",
    "-T": "how long each call took, in s",
    "-c": "only a table: calls, errors and time by name",
    "-C": "the table after the lines",
    "-S ORDER": "the table by time, calls, errors or name",
    "-e CALLS": "only these, by comma; %file %desc %network %process %signal " +
      "%door %time %lock; ! for all others; signal=none",
    "-o FILE": "into a file, not to standard error",
    "-p PIDS": "programs that run already, by comma, until ^C",
    "-r": "with the time since the line before",
    "-t": "with the time of day; -tt with µs, -ttt in s since 1970",
    "-z": "only calls that succeeded",
    "-Z": "only calls that failed",
  },
  stops: true,
};
type Given = Record<string, string | true | undefined>;
const ORDERS: readonly string[] = ["time", "calls", "errors", "name"];

export default function* main(args: string[]): Program {
  const { given, operands: command, order } = yield* options(args, USAGE);
  const clocks = order.filter(({ key }) => key === "t").length;
  const pids = given.p === undefined ? [] : String(given.p).split(",");
  for (const pid of pids) {
    if (!/^\d+$/.test(pid)) {
      yield* usageError(USAGE, `Invalid process id: '${pid}'`);
    }
  }
  if (command.length === 0 && pids.length === 0) {
    yield* usageError(USAGE, "must have PROG [ARGS] or -p PID");
  }
  if (given.S !== undefined && !ORDERS.includes(String(given.S))) {
    yield* usageError(USAGE, `invalid sortby: '${given.S}'`);
  }
  const lists = order.filter(({ key }) => key === "e")
    .map(({ value }) => String(value));
  const how = yield* logOptions(given, clocks, lists);
  try {
    const fd = given.o === undefined ? 2 : yield* open(String(given.o), "w");
    const out = new Out(fd, {
      lines: given.c === undefined,
      table: given.c !== undefined || given.C !== undefined,
      order: given.S as SumOrder | undefined,
    });
    return command.length > 0
      ? yield* follow(command, how, out)
      : yield* attach(pids.map(Number), how, out);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("strace", error) + "\n");
    return startFailure(error);
  }
}

function* logOptions(
  given: Given,
  clocks: number,
  lists: string[],
): Routine<CallLogOptions> {
  const list = lists.findLast((each) => !each.startsWith("signal="));
  const filter = callFilter((list ?? "all").replace(/^trace=/, ""));
  if ("unknown" in filter) {
    yield* usageError(USAGE, `invalid system call '${filter.unknown}'`);
  }
  const clock = (["us", "clock", "clock us", "epoch"] as const)[clocks];
  return {
    follow: given.f !== undefined,
    times: given.T !== undefined,
    stamp: given.r !== undefined ? "relative" : clock ?? "epoch",
    wanted: "test" in filter ? filter.test : () => true,
    outcome: given.z ? "ok" : given.Z ? "failed" : "any",
    signals: !lists.includes("signal=none"),
  };
}
