// Waiting for a job in the foreground and letting a stopped one go on: who has
// the terminal, and what the user is told when a job stops or dies. Does not
// start anything.

import { kill, type Routine, tcsetpgrp } from "kettle";
import { endingText, isEnded, isStopped, type Job, jobStatus } from "./jobs.ts";
import type { Shell } from "./shell.ts";

/** Waits until a job ends or stops; then the terminal comes back to the shell. */
export function* waitForeground(shell: Shell, job: Job): Routine<number> {
  job.background = false;
  let hasty = shell.interactive;
  while (!isEnded(job)) {
    if (isStopped(job)) {
      if (!hasty || !wantedTerminal(job)) break;
      // It asked for the terminal before the shell had handed it over.
      hasty = false;
      yield* resume(job);
    }
    if (!(yield* shell.collect())) break;
  }
  if (shell.interactive && job.group > 0) yield* tcsetpgrp(0, shell.group);
  if (isStopped(job)) {
    job.background = true;
    job.reported = true;
    yield* shell.tell(`\n${shell.jobs.describe(job)}\n`);
    return jobStatus(job);
  }
  shell.jobs.remove(job);
  const signal = job.processes.at(-1)!.ended?.signal;
  // ^C was for the whole line, not only for the command that got it.
  const struck = job.processes.some(({ ended }) => ended?.signal === "INT");
  if (shell.interactive && struck) shell.interrupted = true;
  else if (shell.interactive && signal !== undefined && signal !== "PIPE") {
    yield* shell.tell(endingText(signal) + "\n");
  }
  return jobStatus(job);
}

function wantedTerminal(job: Job): boolean {
  return job.processes.some(({ stopped }) =>
    stopped === "TTIN" || stopped === "TTOU"
  );
}

/** Lets a stopped job go on. */
export function* resume(job: Job): Routine {
  for (const process of job.processes) process.stopped = null;
  job.reported = true;
  yield* kill(-job.group, "CONT");
}

/** Before a prompt: which background jobs have ended or stopped since the last. */
export function* reportJobs(shell: Shell): Routine {
  while (yield* shell.collect(true));
  for (const job of [...shell.jobs.all]) {
    if (!job.background || job.reported) continue;
    if (!isEnded(job) && !isStopped(job)) continue;
    yield* shell.tell(shell.jobs.describe(job) + "\n");
    job.reported = true;
  }
  for (const job of [...shell.jobs.all]) {
    if (isEnded(job)) shell.jobs.remove(job);
  }
}
