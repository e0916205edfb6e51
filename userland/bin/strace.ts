// strace [-f] [-T] [-c] COMMAND [ARG]…: runs a command and shows its calls, with
// the time since its first. Reads the kernel's trace in /proc, nothing else.

import {
  clock,
  ms,
  open,
  type Program,
  submit,
  SysError,
  wait,
  waitpid,
  write,
} from "kettle";
import { options, usageError } from "../lib/args.ts";
import { spawnCommand, startFailure, startProblem } from "../lib/command.ts";
import { CallLog } from "../lib/call_log.ts";
import { openTrace, TraceReader } from "../lib/trace.ts";

const USAGE = {
  name: "strace",
  synopsis: "[-f] [-T] [-c] COMMAND [ARG]…",
  about: "Runs a command and shows every call it makes.",
  options: {
    "-f": "its children, too",
    "-T": "how long each call took",
    "-c": "only a table: calls, errors and time by name",
  },
};
/** How often the trace is looked at while the command runs. */
const LOOK_NS = 50 * ms;

export default function* main(args: string[]): Program {
  const own = args.findIndex((arg) => !arg.startsWith("-"));
  const end = own < 0 ? args.length : own;
  const { given } = yield* options(args.slice(0, end), USAGE);
  if (own < 0) return yield* usageError(USAGE, "must have a command");
  try {
    return yield* follow(args.slice(own), given);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("strace", error) + "\n");
    return startFailure(error);
  }
}

function* follow(command: string[], given: Record<string, unknown>): Program {
  const all = given.f ? yield* openTrace() : null;
  const startNs = yield* clock();
  const child = yield* spawnCommand(command);
  const reader = all ??
    new TraceReader(yield* open(`/proc/${child}/trace`));
  const log = new CallLog(child, { follow: !!given.f, times: !!given.T });
  const ending = yield* submit(waitpid(child));
  while (true) {
    const ended = yield* wait(ending, { timeout: LOOK_NS });
    const events = yield* reader.until(yield* clock());
    const lines = events.filter(({ at }) => at >= startNs)
      .map((event) => log.add(event)).join("");
    if (!given.c && lines !== "") yield* write(2, lines);
    if (ended === null) continue;
    if (given.c) yield* write(2, log.summary());
    return ended.ok ? ended.value.status ?? 1 : 1;
  }
}
