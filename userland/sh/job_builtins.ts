// The builtins of signals and jobs: trap, kill, wait, jobs, fg, bg. They look at
// the table of jobs and send signals; the waiting itself is foreground.ts.

import {
  kill,
  type Routine,
  type SignalName,
  SIGNALS,
  SysError,
  tcsetpgrp,
} from "kettle";
import { parsed as parsedKill } from "../bin/kill.ts";
import { strerror } from "../lib/strerror.ts";
import { quoted, refuse, show } from "./builtin.ts";
import { resume, waitForeground } from "./foreground.ts";
import { exitStatus, isEnded, isStopped, type Job, jobStatus } from "./jobs.ts";
import { Interrupted, type Shell } from "./shell.ts";
import { setTrap, signalName } from "./trap.ts";

export function* trap(shell: Shell, args: string[]): Routine<number> {
  const words = args[0] === "--" ? args.slice(1) : args;
  if (words.length === 0) {
    for (const [signal, action] of shell.traps) {
      yield* shell.print(`trap -- ${quoted(action)} ${signal}\n`);
    }
    return 0;
  }
  const reset = words.length === 1 || words[0] === "-" ||
    signalName(words[0]!) !== null && /^\d+$/.test(words[0]!);
  const action = reset ? null : words[0]!;
  const names = reset && words[0] !== "-" ? words : words.slice(1);
  for (const name of names) {
    const signal = signalName(name);
    if (signal === null) {
      return yield* refuse(shell, `trap: ${name}: no such signal`, 1);
    }
    yield* setTrap(shell, signal, action);
  }
  return 0;
}

export function* killJobs(shell: Shell, args: string[]): Routine<number> {
  if (args[0] === "-l") {
    return yield* listSignals(shell, args.slice(1));
  }
  const { signal, targets } = parsedKill(args);
  if (signal === null) {
    return yield* refuse(shell, `kill: ${args[0]}: no such signal`, 1);
  }
  if (targets.length === 0) {
    return yield* refuse(
      shell,
      "usage: kill [-s SIGNAL | -SIGNAL] PID | %JOB …",
    );
  }
  let status = 0;
  for (const target of targets) {
    const problem = yield* killOne(shell, target, signal);
    if (problem === null) continue;
    yield* shell.complain(`kill: ${target}: ${problem}`);
    status = 1;
  }
  return status;
}

/** All names, or the name for a number or for the status of who died of it. */
function* listSignals(shell: Shell, numbers: string[]): Routine<number> {
  if (numbers.length === 0) {
    return yield* show(shell, Object.keys(SIGNALS).join(" ") + "\n");
  }
  for (const number of numbers) {
    const plain = Number(number) > 128 ? String(Number(number) - 128) : number;
    const name = signalName(plain);
    if (name === null || name === "EXIT") {
      return yield* refuse(shell, `kill: ${number}: no such signal`);
    }
    yield* shell.print((plain === name ? SIGNALS[name] : name) + "\n");
  }
  return 0;
}

function* killOne(
  shell: Shell,
  target: string,
  signal: SignalName | 0,
): Routine<string | null> {
  const job = target.startsWith("%") ? shell.jobs.find(target) : null;
  if (target.startsWith("%") && job === null) return "no such job";
  if (job === null && !/^-?\d+$/.test(target)) {
    return "arguments must be process ids or jobs";
  }
  const pids = job === null
    ? [Number(target)]
    : job.group > 0
    ? [-job.group]
    : job.processes.map(({ pid }) => pid);
  try {
    for (const pid of pids) yield* kill(pid, signal);
    // A stopped process takes no signal but this one.
    if (job !== null && isStopped(job) && signal !== 0) {
      if (signal === "TERM" || signal === "HUP") yield* resume(job);
    }
    return null;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return strerror(error);
  }
}

export function* wait(shell: Shell, args: string[]): Routine<number> {
  if (args.length === 0) {
    for (const job of [...shell.jobs.all]) yield* waitJob(shell, job);
    return 0;
  }
  let status = 0;
  for (const name of args) {
    const job = name.startsWith("%") ? shell.jobs.find(name) : shell.jobs.all
      .find(({ processes }) =>
        processes.some(({ pid }) => String(pid) === name)
      );
    if (!shell.jobs.all.includes(job!)) {
      yield* shell.complain(`wait: ${name}: not a child of this shell`);
      status = /^\d+$/.test(name) ? 127 : 2;
    } else status = yield* waitJob(shell, job!);
  }
  return status;
}

function* waitJob(shell: Shell, job: Job): Routine<number> {
  while (!isEnded(job) && !(shell.interactive && isStopped(job))) {
    if (!(yield* shell.collect())) break;
    if (shell.interrupted) throw new Interrupted();
    const [signal] = shell.pending;
    if (signal !== undefined) return exitStatus({ pid: 0, signal });
  }
  if (isEnded(job)) shell.jobs.remove(job);
  return jobStatus(job);
}

/** jobs [-l | -p] [%JOB…]: -l with the numbers of the processes, -p only those. */
export function* jobs(shell: Shell, args: string[]): Routine<number> {
  const option = /^-[lp]$/.test(args[0] ?? "") ? args[0] : "";
  const names = option === "" ? args : args.slice(1);
  while (yield* shell.collect(true));
  const wanted = names.map((name) => shell.jobs.find(name));
  if (wanted.includes(null)) {
    const name = names[wanted.indexOf(null)];
    return yield* refuse(shell, `jobs: ${name}: no such job`);
  }
  for (const job of [...shell.jobs.listed]) {
    const listed = names.length === 0 || wanted.includes(job);
    if (!job.background || !listed) continue;
    yield* shell.print(jobLine(shell, job, option) + "\n");
    if (option === "-p") continue;
    job.reported = true;
    if (isEnded(job)) shell.jobs.remove(job);
  }
  return 0;
}

function jobLine(shell: Shell, job: Job, option = ""): string {
  if (option === "-p") return String(job.processes[0]!.pid);
  const line = shell.jobs.describe(job);
  if (option !== "-l") return line;
  const pids = job.processes.map(({ pid }) => pid).join(" ");
  return line.replace(/^(\[\d+\] . )/, `$1${pids} `);
}

export function* foreground(shell: Shell, [name]: string[]): Routine<number> {
  const job = yield* jobArgument(shell, "fg", name);
  if (job === null) return 2;
  yield* shell.print(job.text + "\n");
  yield* tcsetpgrp(0, job.group);
  yield* resume(job);
  return yield* waitForeground(shell, job);
}

export function* background(shell: Shell, [name]: string[]): Routine<number> {
  const job = yield* jobArgument(shell, "bg", name);
  if (job === null) return 2;
  yield* resume(job);
  return yield* show(shell, `[${job.id}] ${job.text}\n`);
}

function* jobArgument(
  shell: Shell,
  builtin: string,
  name: string | undefined,
): Routine<Job | null> {
  const job = shell.interactive ? shell.jobs.find(name) : null;
  if (job !== null && !isEnded(job)) return job;
  const why = shell.interactive
    ? `${name ?? "%+"}: no such job`
    : "no job control in a script";
  yield* shell.complain(`${builtin}: ${why}`);
  return null;
}
