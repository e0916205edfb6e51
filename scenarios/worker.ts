// C11: an event loop with many short requests, and one that takes long to compute.
// Done in the loop it holds up everybody; handed to a worker it depends on who
// decides which of the two has the CPU.

import {
  accept,
  bind,
  close,
  compute,
  listen,
  type Main,
  ms,
  pipe,
  type Program,
  read,
  type Routine,
  socket,
  submit,
  text,
  thread,
  us,
  wait,
  write,
} from "../mod.ts";
import type { MachineOptions } from "../kernel/mod.ts";
import { REQUEST_US, SWITCH_US } from "./costs.ts";
import {
  near,
  of,
  type Result,
  scenario,
  that,
  type Values,
} from "./scenario.ts";
import { ANSWER, PORT, workOf } from "./servers.ts";
import { fixed, site } from "./site.ts";

const BACKLOG = 4096;
/** What computes for longer than this is handed over. */
const LONG_NS = 5 * ms;
const FIRST_JOB_MS = 20;

interface Hands {
  /** Where the loop writes jobs, and where it reads what is done. */
  jobs: number;
  done: number;
}

/** An event loop; without hands it does everything itself. */
function loopWith(hasWorker: boolean): Main {
  return function* main(): Program {
    const listener = yield* socket();
    yield* bind(listener, { port: PORT });
    yield* listen(listener, BACKLOG);
    const hands = hasWorker ? yield* hire() : null;
    yield* submit(accept(listener), { multishot: true });
    while (true) {
      for (const event of yield* wait()) {
        if (!event.ok) continue;
        if (event.call === "accept") {
          yield* submit(read(event.value, 4096), { tag: event.value });
        } else if (event.call === "read") {
          yield* take(event.tag as number, event.value, hands);
        }
      }
    }
  };
}

/** A request, or what the worker has done. */
function* take(fd: number, arrived: Uint8Array, hands: Hands | null): Routine {
  if (hands !== null && fd === hands.done) {
    yield* submit(read(hands.done, 64), { tag: hands.done });
    return yield* answer(Number(text(arrived)));
  }
  const { computeNs } = workOf(arrived);
  if (hands !== null && computeNs > LONG_NS) {
    yield* write(hands.jobs, `${fd} ${computeNs}\n`);
    return;
  }
  yield* compute(computeNs);
  yield* answer(fd);
}

function* answer(fd: number): Routine {
  yield* write(fd, ANSWER);
  yield* close(fd);
}

/** A worker thread behind two pipes. */
function* hire(): Routine<Hands> {
  const [toDo, jobs] = yield* pipe();
  const [done, hasDone] = yield* pipe();
  yield* thread(function* worker(): Routine {
    while (true) {
      const [fd, computeNs] = text(yield* read(toDo, 64)).split(" ").map(
        Number,
      );
      yield* compute(computeNs!);
      yield* write(hasDone, `${fd}\n`);
    }
  });
  yield* submit(read(done, 64), { tag: done });
  return { jobs, done };
}

function optionsOf(style: string, p: Values): MachineOptions {
  const quantumNs = p.quantum! * us;
  switch (style) {
    case "two CPUs":
      return { cpus: 2, quantumNs };
    case "preempts":
      return { wakeupPreemption: true, quantumNs };
    case "in turn":
      return { scheduler: "fcfs" };
    default:
      return { quantumNs };
  }
}

/** The k-th that comes after the job began waits so long for a loop that does it itself, ms. */
function heldUpMs(k: number, p: Values): number {
  const gapMs = 1000 / p.rate!;
  return p.job! - k * (gapMs - REQUEST_US / 1000);
}

/** Requests that are worse off than 99 in 100. */
function worst(p: Values): number {
  return Math.round(p.rate! * p.seconds!) / 100;
}

function p99Ms(result: Result, style: string): number {
  return of(result, style).latency.p99Ns / ms;
}

export default scenario({
  id: "worker",
  number: 11,
  title: "Somebody else's work",
  claim:
    "A server should hand requests that take much computing to a worker, so " +
    "that the others do not have to wait for them.",
  params: {
    job: {
      min: 10,
      max: 1000,
      value: 200,
      unit: "ms",
      about: "of CPU time, once",
    },
    rate: {
      min: 500,
      max: 5000,
      value: 1000,
      unit: "/s",
      about: "short requests",
    },
    quantum: {
      min: 500,
      max: 1_000_000,
      value: 10_000,
      unit: "µs",
      about: "a turn, where two share a CPU",
    },
    seconds: {
      min: 0.05,
      max: 10,
      value: 1,
      unit: "s",
      about: "the crowd comes",
    },
  },
  styles: {
    inline: "the loop does it itself",
    "two CPUs": "a worker with a CPU of its own",
    "one CPU": "a worker on the same CPU, in turns",
    preempts: "the same, and who wakes up goes first",
    "in turn": "the same, and nobody is interrupted",
  },
  world(p, seed, style, change) {
    const jobAtMs = FIRST_JOB_MS + seed * 37 % 10;
    return site({
      seed,
      change,
      machine: optionsOf(style, p),
      server: loopWith(style !== "inline"),
      load: {
        rate: p.rate!,
        arrivals: "even",
        requests: Math.round(p.rate! * p.seconds!),
        compute: fixed(REQUEST_US),
      },
      beside: {
        rate: 1000 / jobAtMs,
        arrivals: "even",
        requests: 1,
        compute: fixed(p.job! * 1000),
        key: "job",
      },
    });
  },
  holds: (result) => p99Ms(result, "one CPU") < p99Ms(result, "inline") / 2,
  crossover: {
    param: "quantum",
    holds: "below",
    at: (p) => heldUpMs(worst(p), p) / 2 * 1000,
    about:
      "on one CPU it is the scheduler that helps: with turns as long as the job a worker is no good",
  },
  expect(result, p) {
    const alone = REQUEST_US / 1000;
    const share = 0.05 + 1 / p.job!;
    near(p99Ms(result, "inline"), heldUpMs(worst(p), p), "p99 inline", share);
    near(p99Ms(result, "in turn"), heldUpMs(worst(p), p), "p99 in turn", share);
    near(p99Ms(result, "two CPUs"), alone, "p99 with a second CPU", 0.1);
    near(
      p99Ms(result, "preempts"),
      alone + SWITCH_US / 1000,
      "p99 where who wakes up goes first",
    );
    const turnMs = p.quantum! / 1000;
    if (turnMs > p.job! / 2) return;
    that(
      p99Ms(result, "one CPU") < turnMs + 2 * alone,
      "nobody waits for more than a turn",
    );
    that(
      p99Ms(result, "one CPU") > 0.6 * turnMs,
      "and some wait for most of one",
    );
  },
  misleads:
    "On one CPU it is not the pool that helps but the scheduler. With turns " +
    "of 10 ms some short requests wait for nearly 10, with turns of 1 ms " +
    "for 1.1; if who wakes up goes first, not at all; and where nobody is " +
    "interrupted the worker is as bad as no worker. Handing over is not " +
    "free either: two pipes and two switches.",
  text:
    "A thousand short requests a second, 0.1 ms each, and one that computes " +
    "for 200 ms. Done in the loop, it makes one in ten wait for more than " +
    "110 ms. A worker on a second CPU takes it off their hands: they do not " +
    "notice it at all. On the same CPU it depends.",
  mutants: [
    {
      name: "no worker",
      about: "the loop with a second CPU does it itself",
      instead: { "two CPUs": "inline" },
    },
    {
      name: "dear switches",
      about: "a switch takes 1 ms instead of 5 µs",
      machine: { costs: { contextSwitchNs: 1 * ms } },
    },
  ],
  small: { job: 40, seconds: 0.1, quantum: 8_000 },
});
