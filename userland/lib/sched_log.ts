// Who ran when, who waited for what, and who was ready while another had the CPU:
// from trace events to the tables of `perf sched`. Does not read anything.

import type { TraceEvent } from "./trace.ts";

type State = "running" | "ready" | "waiting" | "gone";

interface Slice {
  fromNs: number;
  toNs: number;
  state: State;
}

interface Task {
  tid: number;
  pid: number;
  name: string;
  state: State;
  sinceNs: number;
  /** When it last left a CPU. */
  outNs: number | null;
  waitNs: number;
  delayNs: number;
  runNs: number;
  /** Sums. */
  ranNs: number;
  waitedNs: number;
  delayedNs: number;
  turns: number;
  maxDelayNs: number;
  maxDelayAtNs: number;
  slices: Slice[];
}

/** A turn of a thread on a CPU: a line of `perf sched timehist`. */
interface Turn {
  /** When it ended. */
  atNs: number;
  cpu: number;
  task: Task;
  waitNs: number;
  delayNs: number;
  runNs: number;
  /** What it left the CPU for. */
  why: string;
}

interface Switch {
  atNs: number;
  cpu: number;
  task: Task | null;
}

export class SchedLog {
  readonly turns: Turn[] = [];
  readonly switches: Switch[] = [];
  readonly #tasks = new Map<number, Task>();
  /** Threads that have ended; their numbers may be used again. */
  readonly #gone: Task[] = [];
  readonly #names = new Map<number, string>();
  #fromNs = Infinity;
  #toNs = 0;
  #cpus = 1;

  /** What a process is called that began before the log. */
  knows(pid: number, name: string): void {
    this.#names.set(pid, name);
  }

  add(event: TraceEvent): void {
    const { kind, at, pid, tid } = event;
    if (kind === "process_spawn" || kind === "process_exec") {
      this.knows(pid, String(event.name));
    }
    if (kind === "thread_create") this.#created(event);
    if (kind === "sched_switch") this.#switched(event);
    const task = this.#tasks.get(tid);
    if (task === undefined) return;
    this.#fromNs = Math.min(this.#fromNs, at);
    this.#toNs = Math.max(this.#toNs, at);
    if (kind === "sched_wakeup") this.#enter(task, "ready", at);
    if (kind === "process_exec") task.name = String(event.name);
    if (kind === "thread_exit") {
      this.#enter(task, "gone", at);
      this.#gone.push(task);
      this.#tasks.delete(tid);
    }
  }

  finish(endNs: number): void {
    this.#toNs = Math.max(this.#toNs, endNs);
    for (const task of this.#tasks.values()) {
      this.#enter(task, task.state, endNs);
    }
  }

  get tasks(): Task[] {
    return [...this.#gone, ...this.#tasks.values()]
      .filter(({ ranNs, delayedNs, waitedNs }) => ranNs + delayedNs + waitedNs)
      .sort((a, b) => a.tid - b.tid);
  }

  #created({ at, pid, tid, name }: TraceEvent): void {
    this.#tasks.set(tid, newTask(tid, pid, String(name), "ready", at));
  }

  #switched(event: TraceEvent): void {
    const { at, cpu, pid, tid, prevState } = event;
    const next = Number(event.next);
    this.#cpus = Math.max(this.#cpus, cpu + 1);
    const left = this.#known(tid, pid, at);
    if (left !== null && prevState !== "") {
      const wasRunning = left.state === "running";
      const state = prevState === "waiting" || prevState === "ready"
        ? prevState
        : "gone";
      this.#enter(left, state, at);
      left.outNs = at;
      const why = prevState === "waiting"
        ? String(event.target || event.why || "waits")
        : prevState === "ready"
        ? "its turn was over"
        : String(prevState);
      const { waitNs, delayNs, runNs } = left;
      if (wasRunning) {
        const task = left;
        this.turns.push({ atNs: at, cpu, task, waitNs, delayNs, runNs, why });
      }
    }
    const task = next === 0 ? null : this.#tasks.get(next) ?? null;
    this.switches.push({ atNs: at, cpu, task });
    if (task !== null) this.#gotCpu(task, at);
  }

  #gotCpu(task: Task, at: number): void {
    task.delayNs = task.state === "ready" ? at - task.sinceNs : 0;
    task.waitNs = task.outNs === null ? 0 : at - task.outNs;
    task.turns += 1;
    if (task.delayNs > task.maxDelayNs) {
      task.maxDelayNs = task.delayNs;
      task.maxDelayAtNs = at;
    }
    this.#enter(task, "running", at);
  }

  /** One that was there before the log began is known from its first event on. */
  #known(tid: number, pid: number, at: number): Task | null {
    if (tid === 0) return null;
    const found = this.#tasks.get(tid);
    if (found !== undefined) return found;
    const name = this.#names.get(pid) ?? `pid ${pid}`;
    const task = newTask(tid, pid, name, "gone", at);
    this.#tasks.set(tid, task);
    return task;
  }

  #enter(task: Task, state: State, at: number): void {
    const tookNs = at - task.sinceNs;
    if (task.state === "running") {
      task.runNs = tookNs;
      task.ranNs += tookNs;
    }
    if (task.state === "ready") task.delayedNs += tookNs;
    if (task.state === "waiting") task.waitedNs += tookNs;
    if (tookNs > 0 && task.state !== "gone") {
      const { sinceNs: fromNs, state } = task;
      task.slices.push({ fromNs, toNs: at, state });
    }
    task.state = state;
    task.sinceNs = at;
  }

  // ----------------------------------------------------------- tables

  /** A line for each turn, in the order of their ends. */
  timehist(): string {
    const lines = this.turns.map((turn) =>
      [
        seconds(turn.atNs).padStart(15),
        `[${String(turn.cpu).padStart(4, "0")}] `,
        nameOf(turn.task).padEnd(24),
        ms(turn.waitNs),
        ms(turn.delayNs),
        ms(turn.runNs),
        ` ${turn.why}`,
      ].join(" ").trimEnd()
    );
    return [
      "           time    cpu   task name                 wait time  sch delay   run time  then",
      "                         [tid/pid]                    (msec)     (msec)     (msec)",
      "--------------- ------   ------------------------ ---------- ---------- ----------  ----",
      ...lines,
      "",
    ].join("\n");
  }

  /** Sums of each thread. */
  summary(): string {
    const lines = this.tasks.map((task) =>
      [
        nameOf(task).padEnd(24),
        String(task.turns).padStart(8),
        ms(task.ranNs),
        ms(task.waitedNs),
        ms(task.delayedNs),
      ].join(" ")
    );
    return [
      "Runtime summary             sched-in   run-time  wait-time  sch-delay",
      "                             (count)     (msec)     (msec)     (msec)",
      "---------------------------------------------------------------------",
      ...lines,
      "",
    ].join("\n");
  }

  /** How long each thread was ready and had to wait for a CPU; the worst first. */
  latency(): string {
    const rule = ` ${"-".repeat(98)}`;
    const rows = this.tasks.filter(({ turns }) => turns > 0)
      .sort((a, b) => average(b) - average(a));
    const lines = rows.map((task) =>
      [
        `  ${`${task.name}:${task.tid}`.padEnd(22)}`,
        `${ms(task.ranNs)} ms `,
        String(task.turns).padStart(8) + " ",
        ` avg: ${ms(average(task))} ms `,
        ` max: ${ms(task.maxDelayNs)} ms `,
        ` max at: ${seconds(task.maxDelayAtNs).padStart(13)} s`,
      ].join("|")
    );
    const ranNs = rows.reduce((sum, { ranNs }) => sum + ranNs, 0);
    const turns = rows.reduce((sum, row) => sum + row.turns, 0);
    return [
      rule,
      "  Task                  |  Runtime ms  |  Count  |  Avg delay ms       |  Max delay ms       |  Max delay end",
      rule,
      ...lines,
      rule,
      `  TOTAL:                |${ms(ranNs)} ms |${
        String(turns).padStart(8)
      } |`,
      rule,
      "",
    ].join("\n");
  }

  /** A line for each switch: what each CPU runs; who is new is named. */
  map(): string {
    const running: (Task | null)[] = new Array(this.#cpus).fill(null);
    const letters = new Map<Task, string>();
    const lines = this.switches.map(({ atNs, cpu, task }) => {
      running[cpu] = task;
      const isNew = task !== null && !letters.has(task);
      if (isNew) letters.set(task, shortName(letters.size));
      const cells = running.map((each, i) => {
        const mark = i === cpu ? "*" : " ";
        return `${mark}${each === null ? ". " : letters.get(each)!}`;
      });
      const named = isNew ? ` ${letters.get(task)} => ${nameOf(task)}` : "";
      return `  ${cells.join(" ")}  ${seconds(atNs)} secs${named}`;
    });
    return [...lines, ""].join("\n");
  }

  /** A row for each thread: # runs, = is ready, . waits. */
  timeline(columns: number): string {
    const width = Math.max(10, columns - 20);
    const fromNs = Math.min(this.#fromNs, this.#toNs);
    const spanNs = Math.max(1, this.#toNs - fromNs);
    const end = `${(spanNs / 1e6).toFixed(3)} ms`;
    const rows = this.tasks.map((task) => {
      const cells = drawn(task.slices, { fromNs, spanNs, width });
      return `${nameOf(task).slice(0, 18).padEnd(19)} ${cells}`.trimEnd();
    });
    return [
      `${" ".repeat(20)}0${end.padStart(width - 1)}`,
      ...rows,
      "# runs  = ready, another has the CPU  . waits",
      "",
    ].join("\n");
  }
}

function newTask(
  tid: number,
  pid: number,
  name: string,
  state: State,
  sinceNs: number,
): Task {
  return {
    ...{ tid, pid, name, state, sinceNs, outNs: null, slices: [] },
    ...{ waitNs: 0, delayNs: 0, runNs: 0, ranNs: 0, waitedNs: 0 },
    ...{ delayedNs: 0, turns: 0, maxDelayNs: 0, maxDelayAtNs: 0 },
  };
}

function average({ delayedNs, turns }: Task): number {
  return turns === 0 ? 0 : delayedNs / turns;
}

/** `sh[2]`, or for another thread `server[12/3]`. */
function nameOf({ name, tid, pid }: Task): string {
  return tid === pid ? `${name}[${tid}]` : `${name}[${tid}/${pid}]`;
}

function shortName(number: number): string {
  const letter = String.fromCharCode(65 + Math.floor(number / 10) % 26);
  return `${letter}${number % 10}`;
}

/** For each column the state that lasted longest in it; who runs is shown, however short. */
function drawn(
  slices: Slice[],
  { fromNs, spanNs, width }: { fromNs: number; spanNs: number; width: number },
): string {
  const best: string[] = new Array(width).fill(" ");
  const most: number[] = new Array(width).fill(0);
  for (const slice of slices) {
    const from = (slice.fromNs - fromNs) * width / spanNs;
    const to = (slice.toNs - fromNs) * width / spanNs;
    for (let at = Math.floor(from); at <= Math.min(width - 1, to); at += 1) {
      const share = slice.state === "running"
        ? 1
        : Math.min(to, at + 1) - Math.max(from, at);
      if (share <= most[at]!) continue;
      most[at] = share;
      best[at] = LETTERS[slice.state];
    }
  }
  return best.join("");
}

const LETTERS: Record<State, string> = {
  running: "#",
  ready: "=",
  waiting: ".",
  gone: " ",
};

function ms(ns: number): string {
  return (ns / 1e6).toFixed(4).padStart(10);
}

function seconds(ns: number): string {
  return (ns / 1e9).toFixed(9);
}
