// perf stat: what a command made the machine do, counted. perf sched: who ran
// when, how long everybody waited, and for a CPU. perf trace: strace. All of it
// from the kernel's trace in /proc. There is no perf record: see below.

import { type Program, write } from "kettle";
import { helpText, type Usage } from "../lib/args.ts";
import { nearest } from "../lib/nearest.ts";
import { perfList, perfStat } from "../lib/perf_stat.ts";
import { perfSched, perfTrace } from "../lib/perf_sched.ts";

const USAGE: Usage = {
  name: "perf",
  synopsis: "{stat | sched | trace | list} [OPTION]… [COMMAND [ARG]…]",
  about: "Counts what a command makes the machine do, or shows who ran when.",
  options: {
    "stat COMMAND": "counts: CPU time, switches, traps, disk, packets",
    "sched COMMAND": "who ran, who waited: timehist, latency, map, timeline",
    "trace COMMAND": "its calls, as strace -f shows them",
    "list": "what can be counted",
  },
};
const COMMANDS: Record<string, (args: string[]) => Program> = {
  stat: perfStat,
  sched: perfSched,
  trace: perfTrace,
  list: perfList,
};
/** What a real perf has, and why this one has it not. */
const ABSENT: Record<string, string> = {
  record: NO_SAMPLES("record"),
  report: NO_SAMPLES("report"),
  annotate: NO_SAMPLES("annotate"),
  script: "perf script: the trace is text already: cat /proc/trace",
  top: "perf top: there are no samples; top shows who uses the CPU",
};

function NO_SAMPLES(name: string): string {
  return `perf ${name}: there are no samples. Code between two calls takes no ` +
    "virtual time here, so no sample could fall into it. perf stat counts, " +
    "perf sched shows who ran, strace -c where the calls are";
}

export default function* main(args: string[]): Program {
  const [name = "", ...rest] = args;
  const run = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (run !== undefined) return yield* run(rest);
  if (name === "" || name === "--help" || name === "-h" || name === "help") {
    yield* write(name === "" ? 2 : 1, helpText(USAGE));
    return name === "" ? 1 : 0;
  }
  const near = nearest(name, [...Object.keys(COMMANDS)]);
  const hint = near === null ? "" : ` Did you mean ${near}?`;
  const why = Object.hasOwn(ABSENT, name)
    ? ABSENT[name]
    : `perf: '${name}' is not a perf-command. See 'perf --help'.${hint}`;
  yield* write(2, `${why}\n`);
  return 1;
}
