// perf sched: who ran when and who waited, while a command ran, or between two
// moments that `perf sched record` has written down: the kernel's trace has the
// rest. perf trace is strace by another name.

import {
  clock,
  exec,
  isatty,
  open,
  print,
  type Program,
  type Routine,
  SysError,
  ttymode,
  waitpid,
  write,
} from "kettle";
import { options, usageError } from "./args.ts";
import { spawnCommand, startFailure, startProblem } from "./command.ts";
import { fileText, processes } from "./proc.ts";
import { SchedLog } from "./sched_log.ts";
import { openTrace, TraceReader } from "./trace.ts";

const USAGE = {
  name: "perf sched",
  synopsis: "{record | timehist | latency | map | timeline} [-s] [-i FILE] " +
    "[COMMAND [ARG]…]",
  about: "Shows who ran when, and how long everybody waited.",
  options: {
    "-s, --summary": "timehist: only the sums of each thread",
    "-S, --with-summary": "timehist: the sums after the lines",
    "-i, --input FILE": "what perf sched record has written (perf.data)",
    "-o, --output FILE": "record: where to (perf.data)",
  },
  trouble: 129,
  stops: true,
};
const VIEWS: readonly string[] = ["timehist", "latency", "map", "timeline"];
const DATA = "perf.data";

interface Span {
  fromNs: number;
  toNs: number;
}

export function* perfSched(args: string[]): Program {
  const named = args[0] !== undefined && !args[0].startsWith("-");
  const isView = named && (VIEWS.includes(args[0]!) || args[0] === "record");
  const view = isView ? args[0]! : "timehist";
  const { given, operands: command } = yield* options(
    isView ? args.slice(1) : args,
    USAGE,
  );
  try {
    if (view === "record") {
      if (command.length === 0) yield* usageError(USAGE, "needs a command");
      return yield* record(command, String(given.o ?? DATA));
    }
    const log = command.length > 0
      ? yield* logOf(command)
      : yield* logOfFile(String(given.i ?? DATA), given.i !== undefined);
    yield* print(yield* shown(log, view, given));
    return 0;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("perf", error) + "\n");
    return startFailure(error);
  }
}

/** `strace -f` with the same arguments. */
export function* perfTrace(args: string[]): Program {
  yield* exec("/bin/strace", ["-f", ...args]);
}

function* shown(
  log: SchedLog,
  view: string,
  given: Record<string, string | true | undefined>,
): Routine<string> {
  if (view === "latency") return log.latency();
  if (view === "map") return log.map();
  if (view === "timeline") {
    return log.timeline((yield* isatty(1)) ? (yield* ttymode(1)).columns : 80);
  }
  if (given.s !== undefined) return log.summary();
  return log.timehist() +
    (given.S === undefined ? "" : "\n" + log.summary());
}

function* logOf(command: string[]): Routine<SchedLog> {
  const reader = yield* openTrace();
  const fromNs = yield* clock();
  yield* waitpid(yield* spawnCommand(command));
  return yield* filled(reader, { fromNs, toNs: yield* clock() });
}

/** Of the moments in a file; without one of all that the trace still has. */
function* logOfFile(path: string, mustBe: boolean): Routine<SchedLog> {
  let span: Span = { fromNs: 0, toNs: yield* clock() };
  try {
    span = JSON.parse(yield* fileText(path)) as Span;
  } catch (error) {
    if (!(error instanceof SysError) || mustBe) throw error;
  }
  return yield* filled(new TraceReader(yield* open("/proc/trace")), span);
}

function* filled(reader: TraceReader, { fromNs, toNs }: Span) {
  const log = new SchedLog();
  for (const { pid, name } of yield* processes()) log.knows(pid, name);
  yield* reader.each(toNs, (event) => {
    const { kind, at, pid, name } = event;
    if (at >= fromNs) log.add(event);
    else if (kind === "process_spawn" || kind === "process_exec") {
      log.knows(pid, String(name));
    }
  });
  log.finish(toNs);
  return log;
}

function* record(command: string[], path: string): Program {
  const fromNs = yield* clock();
  const { status } = yield* waitpid(yield* spawnCommand(command));
  const span: Span = { fromNs, toNs: yield* clock() };
  yield* write(yield* open(path, "w"), JSON.stringify(span) + "\n");
  const seconds = (ns: number) => (ns / 1e9).toFixed(6);
  yield* write(
    2,
    `[ perf sched: ${seconds(fromNs)} s to ${seconds(span.toNs)} s, ` +
      `written to ${path}; the trace has the rest ]\n`,
  );
  return status ?? 1;
}
