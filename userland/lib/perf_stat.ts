// perf stat: runs a command, or watches what runs, and tells what was counted
// meanwhile. What is counted, and how it is shown, is in perf_counts.ts.

import {
  clock,
  getpid,
  kill,
  open,
  pause,
  print,
  type Program,
  type Routine,
  sigaction,
  SysError,
  waitpid,
  write,
} from "kettle";
import { count, options, usageError } from "./args.ts";
import { spawnCommand, startFailure, startProblem } from "./command.ts";
import {
  PERF_EVENTS,
  PerfCounts,
  type PerfRun,
  separated,
  statText,
} from "./perf_counts.ts";
import { processes } from "./proc.ts";
import { strerror } from "./strerror.ts";
import { openTrace } from "./trace.ts";

const USAGE = {
  name: "perf stat",
  synopsis: "[-a | -p PIDS] [-e EVENTS] [-r COUNT] [-x TEXT] [COMMAND [ARG]…]",
  about: "Runs a command and counts what it makes the machine do.",
  options: {
    "-a, --all-cpus": "what all processes do meanwhile",
    "-p, --pid PIDS": "what these do meanwhile, by comma",
    "-e, --event EVENTS": "only these, by comma; perf list names them",
    "-r, --repeat COUNT": "so many times, and the mean",
    "-x, --field-separator TEXT":
      "a value, its unit and its name, for programs",
    "-o, --output FILE": "into a file, not to standard error",
  },
  trouble: 129,
  stops: true,
};

interface Watched {
  command: string[];
  /** null: all; empty: what the command starts. */
  pids: number[] | null;
}

export function* perfStat(args: string[]): Program {
  const { given, operands: command } = yield* options(args, USAGE);
  const names = yield* eventsOf(given.e);
  const pids = yield* pidsOf(given.p);
  if (command.length === 0 && pids.length === 0 && given.a === undefined) {
    yield* usageError(USAGE, "must have a command, -p or -a");
  }
  const watched = { command, pids: given.a === undefined ? pids : null };
  const times = yield* count(USAGE, given.r, 1);
  try {
    const fd = given.o === undefined ? 2 : yield* open(String(given.o), "w");
    const runs: (PerfRun & { status: number })[] = [];
    do runs.push(yield* runOnce(watched)); while (runs.length < times);
    const text = given.x === undefined
      ? statText(nameOf(watched), runs, names)
      : runs.map((run) => separated(run, names, String(given.x))).join("");
    yield* write(fd, text);
    return runs.at(-1)!.status;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("perf", error) + "\n");
    return startFailure(error);
  }
}

/** The names after -e; all there are without it. */
function* eventsOf(list: string | true | undefined): Routine<string[]> {
  const known = PERF_EVENTS.map(({ name }) => name);
  if (list === undefined) return known;
  const names = String(list).split(",");
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    yield* usageError(USAGE, `event syntax error: '${unknown}': see perf list`);
  }
  return names;
}

function* pidsOf(list: string | true | undefined): Routine<number[]> {
  const pids = list === undefined ? [] : String(list).split(",");
  if (!pids.every((pid) => /^\d+$/.test(pid))) {
    yield* usageError(USAGE, `Problems finding threads: '${list}'`);
  }
  return pids.map(Number);
}

export function* perfList(): Program {
  const rows = PERF_EVENTS.map(({ name, about, machine }) =>
    `  ${name.padEnd(20)} ${about}${machine ? " (whole machine)" : ""}`
  );
  yield* print(["List of what perf stat -e counts:", "", ...rows].join("\n"));
  return 0;
}

function nameOf({ command, pids }: Watched): string {
  if (pids === null) return "system wide";
  return pids.length > 0 ? `process id ${pids}` : command.join(" ");
}

function* runOnce(watched: Watched): Routine<PerfRun & { status: number }> {
  const { command, pids } = watched;
  const before = yield* childTimes();
  const reader = yield* openTrace();
  if (pids !== null) yield* checkPids(pids);
  const startNs = yield* clock();
  const child = command.length === 0 ? null : yield* spawnCommand(command);
  const status = yield* ending(child);
  const endNs = yield* clock();
  const counts = new PerfCounts(
    pids === null || pids.length > 0 ? pids : [child!],
  );
  yield* reader.each(endNs, (event) => {
    if (event.at >= startNs) counts.add(event);
  });
  counts.finish(endNs);
  const after = yield* childTimes();
  const own = child !== null && pids?.length === 0;
  return {
    counts: counts.counts,
    elapsedNs: endNs - startNs,
    userNs: own ? after.userNs - before.userNs : null,
    systemNs: own ? after.systemNs - before.systemNs : null,
    status,
  };
}

/** Waits for the command; without one for ^C. */
function* ending(child: number | null): Routine<number> {
  let isOver = false;
  yield* sigaction("INT", { fn: () => void (isOver = true), restart: true });
  if (child !== null) return (yield* waitpid(child)).status ?? 1;
  while (!isOver) yield* pause();
  return 0;
}

function* checkPids(pids: number[]): Routine {
  for (const pid of pids) {
    try {
      yield* kill(pid, 0);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* usageError(USAGE, `pid ${pid}: ${strerror(error)}`);
    }
  }
}

/** What the children that perf has collected used. */
function* childTimes(): Routine<{ userNs: number; systemNs: number }> {
  const pid = yield* getpid();
  const own = (yield* processes()).find((row) => row.pid === pid);
  return {
    userNs: own?.childUserNs ?? 0,
    systemNs: own?.childSystemNs ?? 0,
  };
}
