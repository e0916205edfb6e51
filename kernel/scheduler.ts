// Who runs next: the policies, each a small strategy over the ready threads of a
// machine. A policy sees what a thread has used when it becomes ready again; when
// to ask it is the CPU's business.
//
//   rr     first come, first served, a quantum each
//   fcfs   first come, first served, until it waits
//   fair   the least virtual run time first: CPU time used, divided by weight
//          (Linux's CFS; setpriority is the weight)
//   mlfq   three levels: who uses up an allotment goes down one, whatever it did
//          in between; all go up again every second (OSTEP, chapter 8)
//
// Divergence from Linux: one run queue for all CPUs; `fair` has turns of one
// length and neither deadlines nor a bonus for sleepers.

import type { Clock } from "./clock.ts";
import { MLFQ_BOOST_NS, MLFQ_LEVELS, WEIGHT_DEFAULT } from "./params.ts";
import { RunQueue } from "./run_queue.ts";
import { RUNNING, type Thread } from "./thread.ts";

export const SCHEDULERS = ["rr", "fcfs", "fair", "mlfq"] as const;
export type SchedulerName = typeof SCHEDULERS[number];

export interface Scheduler {
  readonly name: SchedulerName;
  /** Threads that are ready. */
  readonly length: number;
  /** Length of the turn that a thread begins, ns; Infinity: until it waits. */
  turnNs(thread: Thread): number;
  /** Becomes ready, at the end, or in front of its like if it may preempt. */
  enqueue(thread: Thread, front?: boolean): void;
  /** Takes the next, or null. */
  pick(): Thread | null;
  /** Takes out one that is killed or stopped. */
  remove(thread: Thread): void;
  /** The ready threads in order, for looking. */
  list(): Thread[];
}

export function makeScheduler(
  name: SchedulerName,
  quantumNs: number,
  clock: Clock,
): Scheduler {
  switch (name) {
    case "rr":
      return new InTurn(name, quantumNs);
    case "fcfs":
      return new InTurn(name, Infinity);
    case "fair":
      return new Fair(quantumNs, clock);
    case "mlfq":
      return new Mlfq(quantumNs, clock);
  }
}

class InTurn extends RunQueue implements Scheduler {
  readonly #quantumNs: number;

  constructor(readonly name: SchedulerName, quantumNs: number) {
    super();
    this.#quantumNs = quantumNs;
  }

  turnNs(): number {
    return this.#quantumNs;
  }
}

/** What the thread has used since it was last asked, ns. */
function takeUsed(thread: Thread): number {
  const usedNs = thread.usedNs - thread.accountedNs;
  thread.accountedNs = thread.usedNs;
  return usedNs;
}

/** CPU time on the scale of `fair`: the more weight, the less it counts. */
function virtual(ns: number, { weight }: Thread): number {
  return ns * WEIGHT_DEFAULT / weight;
}

class Fair implements Scheduler {
  readonly name = "fair";
  readonly #quantumNs: number;
  /** By virtual run time; equal ones in the order in which they came. */
  #threads: Thread[] = [];
  /** Picked and not back yet, and when. */
  readonly #picked = new Map<Thread, number>();
  readonly #clock: Clock;
  /** The least of all, which never falls: who comes new or has slept starts here. */
  #least = 0;

  constructor(quantumNs: number, clock: Clock) {
    this.#quantumNs = quantumNs;
    this.#clock = clock;
  }

  get length(): number {
    return this.#threads.length;
  }

  turnNs(): number {
    return this.#quantumNs;
  }

  enqueue(thread: Thread): void {
    const comesFromCpu = this.#picked.delete(thread);
    thread.virtualNs += virtual(takeUsed(thread), thread);
    if (!comesFromCpu) {
      this.#raiseLeast();
      thread.virtualNs = Math.max(thread.virtualNs, this.#least);
    }
    this.#threads.splice(this.#placeOf(thread.virtualNs), 0, thread);
  }

  /** Those on a CPU have gone on since they were picked. */
  #raiseLeast(): void {
    let least = this.#threads[0]?.virtualNs ?? Infinity;
    for (const [thread, atNs] of this.#picked) {
      const ranNs = virtual(this.#clock.now - atNs, thread);
      least = Math.min(least, thread.virtualNs + ranNs);
    }
    if (least < Infinity) this.#least = Math.max(this.#least, least);
  }

  /** Behind all that have run as much, or less. */
  #placeOf(virtualNs: number): number {
    const threads = this.#threads;
    let low = 0, high = threads.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (threads[middle]!.virtualNs <= virtualNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  pick(): Thread | null {
    for (const thread of this.#picked.keys()) {
      if (thread.state !== RUNNING) this.#picked.delete(thread); // it waits
    }
    const thread = this.#threads.shift() ?? null;
    if (thread === null) return null;
    this.#picked.set(thread, this.#clock.now);
    return thread;
  }

  remove(thread: Thread): void {
    this.#threads = this.#threads.filter((other) => other !== thread);
  }

  list(): Thread[] {
    return [...this.#threads];
  }
}

class Mlfq implements Scheduler {
  readonly name = "mlfq";
  readonly #quantumNs: number;
  readonly #clock: Clock;
  readonly #levels = Array.from({ length: MLFQ_LEVELS }, () => new RunQueue());
  /** How often all have gone up. */
  #boosts = 0;

  constructor(quantumNs: number, clock: Clock) {
    this.#quantumNs = quantumNs;
    this.#clock = clock;
  }

  get length(): number {
    return this.#levels.reduce((sum, { length }) => sum + length, 0);
  }

  /** Each level has twice that of the one above; an allotment is as long, however it is used up. */
  turnNs(thread: Thread): number {
    return this.#quantumNs * 2 ** thread.level;
  }

  enqueue(thread: Thread, front = false): void {
    this.#boost();
    const usedNs = takeUsed(thread);
    if (thread.boosts !== this.#boosts) this.#toTop(thread);
    else thread.allotmentNs -= usedNs;
    while (thread.allotmentNs <= 0) {
      thread.level = Math.min(thread.level + 1, MLFQ_LEVELS - 1);
      thread.allotmentNs += this.turnNs(thread);
    }
    this.#levels[thread.level]!.enqueue(thread, front);
  }

  pick(): Thread | null {
    this.#boost();
    for (const level of this.#levels) {
      if (level.length > 0) return level.pick();
    }
    return null;
  }

  remove(thread: Thread): void {
    this.#levels[thread.level]!.remove(thread);
  }

  list(): Thread[] {
    return this.#levels.flatMap((level) => level.list());
  }

  #toTop(thread: Thread): void {
    thread.boosts = this.#boosts;
    thread.level = 0;
    thread.allotmentNs = this.#quantumNs;
  }

  /** Once a second all go up, so that nobody starves. */
  #boost(): void {
    const boosts = 1 + Math.floor(this.#clock.now / MLFQ_BOOST_NS);
    if (boosts === this.#boosts) return;
    this.#boosts = boosts;
    const [top, ...lower] = this.#levels;
    for (const thread of top!.list()) this.#toTop(thread);
    for (const level of lower) {
      for (let each = level.pick(); each !== null; each = level.pick()) {
        this.#toTop(each);
        top!.enqueue(each);
      }
    }
  }
}
