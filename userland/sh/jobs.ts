// The table of jobs: which processes belong to a pipeline, which of them ended
// or stopped, and how that is told. Keeps what waitpid brings; does not start
// processes and does not know the terminal.

import { type ChildStatus, type SignalName, SIGNALS } from "kettle";

export interface JobProcess {
  pid: number;
  /** What waitpid said when it ended. */
  ended: ChildStatus | null;
  stopped: SignalName | null;
}

export interface Job {
  id: number;
  /** Its process group; 0 if it has none of its own. */
  group: number;
  processes: JobProcess[];
  text: string;
  background: boolean;
  /** Its present state was told to the user. */
  reported: boolean;
  /** Higher is more recent: for `%+` and `%-`. */
  recency: number;
}

const ENDINGS = new Map<SignalName, string>([
  ["HUP", "Hangup"],
  ["INT", "Interrupt"],
  ["QUIT", "Quit"],
  ["KILL", "Killed"],
  ["USR1", "User defined signal 1"],
  ["USR2", "User defined signal 2"],
  ["PIPE", "Broken pipe"],
  ["ALRM", "Alarm clock"],
  ["TERM", "Terminated"],
]);
const STOPS = new Map<SignalName, string>([
  ["TSTP", "Stopped"],
  ["STOP", "Stopped (signal)"],
  ["TTIN", "Stopped (tty input)"],
  ["TTOU", "Stopped (tty output)"],
]);

export class Jobs {
  #jobs: Job[] = [];
  /** Of the shell that this one is a copy of: to be listed and signalled, not waited for. */
  readonly inherited: readonly Job[];
  #recency = 0;
  /** Children that ended and belong to no job (yet): `$(…)`. */
  #unclaimed = new Map<number, ChildStatus>();

  constructor(inherited: readonly Job[] = []) {
    this.inherited = inherited;
  }

  /** Every job of this shell, by number. */
  get all(): readonly Job[] {
    return this.#jobs;
  }

  /** Those of the shell above, too, until there are own ones. */
  get listed(): readonly Job[] {
    return this.#jobs.length > 0 ? this.#jobs : this.inherited;
  }

  add(job: Pick<Job, "group" | "processes" | "text" | "background">): Job {
    const id = Math.max(0, ...this.#jobs.map((other) => other.id)) + 1;
    const added = { ...job, id, reported: false, recency: ++this.#recency };
    this.#jobs.push(added);
    return added;
  }

  remove(job: Job): void {
    this.#jobs = this.#jobs.filter((other) => other !== job);
  }

  /** Records what waitpid brought. */
  record(change: ChildStatus): void {
    for (const job of this.#jobs) {
      const process = job.processes.find(({ pid }) => pid === change.pid);
      if (process === undefined || process.ended !== null) continue;
      job.reported = false;
      process.stopped = change.stopped ?? null;
      if (change.stopped !== undefined) job.recency = ++this.#recency;
      else if (change.continued !== true) process.ended = change;
      return;
    }
    if (change.stopped === undefined && change.continued !== true) {
      this.#unclaimed.set(change.pid, change);
    }
  }

  /** The end of a child that is in no job, once. */
  claim(pid: number): ChildStatus | undefined {
    const change = this.#unclaimed.get(pid);
    this.#unclaimed.delete(pid);
    return change;
  }

  /** The jobs for `%+` and `%-`: stopped ones first, then the most recent. */
  ranked(): Job[] {
    return this.listed.filter((job) => job.background).sort((a, b) =>
      Number(isStopped(b)) - Number(isStopped(a)) || b.recency - a.recency
    );
  }

  /** `%1`, `%+`, `%%`, `%-`, `%sle`, `%?eep`; null if there is none or more than one. */
  find(name = "%+"): Job | null {
    const what = name.replace(/^%/, "");
    const ranked = this.ranked();
    if (what === "" || what === "+" || what === "%") return ranked[0] ?? null;
    if (what === "-") return ranked[1] ?? ranked[0] ?? null;
    const matches = ranked.filter((job) =>
      /^\d+$/.test(what)
        ? job.id === Number(what)
        : what.startsWith("?")
        ? job.text.includes(what.slice(1))
        : job.text.startsWith(what)
    );
    return matches.length === 1 ? matches[0]! : null;
  }

  /** `[1] + Stopped  sleep 30` */
  describe(job: Job): string {
    const rank = this.ranked().indexOf(job);
    const mark = rank === 0 ? "+" : rank === 1 ? "-" : " ";
    return `[${job.id}] ${mark} ${jobState(job)}  ${job.text}`;
  }
}

export function isEnded(job: Job): boolean {
  return job.processes.every(({ ended }) => ended !== null);
}

export function isStopped(job: Job): boolean {
  return job.processes.some(({ ended, stopped }) =>
    ended === null && stopped !== null
  );
}

function jobState(job: Job): string {
  if (isStopped(job)) {
    const { stopped } = job.processes.find(({ stopped }) => stopped !== null)!;
    return STOPS.get(stopped!) ?? "Stopped";
  }
  if (!isEnded(job)) return "Running";
  const last = job.processes.at(-1)!.ended!;
  if (last.signal !== undefined) return endingText(last.signal);
  return last.status === 0 ? "Done" : `Done(${last.status})`;
}

/** What the user is told about a death: `Terminated`. */
export function endingText(signal: SignalName): string {
  return ENDINGS.get(signal) ?? `Killed by SIG${signal}`;
}

/** `$?` of a child: its status, or 128 + the signal's number. */
export function exitStatus(change: ChildStatus): number {
  const signal = change.signal ?? change.stopped;
  if (signal !== undefined) return 128 + SIGNALS[signal];
  return change.status ?? 0;
}

/** `$?` of a job: that of its last process. */
export function jobStatus(job: Job): number {
  const last = job.processes.at(-1)!;
  if (last.ended !== null) return exitStatus(last.ended);
  const stopped = job.processes.find(({ stopped }) => stopped !== null);
  return stopped === undefined ? 0 : 128 + SIGNALS[stopped.stopped!];
}
