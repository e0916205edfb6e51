// C10: tasks that only compute. One CPU does one thing at a time, whoever waits
// for whom.

import { ms, us } from "../mod.ts";
import { SWITCH_US } from "./costs.ts";
import {
  near,
  of,
  type Result,
  scenario,
  that,
  type Values,
} from "./scenario.ts";
import { fixed, READY_NS, site } from "./site.ts";
import { serverOf, TAX } from "./styles.ts";

/** A turn begins with the switch, and the answer must still be in it. */
const BESIDE_WORK_NS = (SWITCH_US + 1) * us;

/** All work, one after the other, ns. */
function workNs({ tasks, work, io }: Values, extraUs: number): number {
  return tasks! * (work! * ms + io! * us + extraUs * us);
}

/** Whole quanta that a thread is given before its work is done. */
function turns({ work, quantum }: Values): number {
  return Math.ceil(work! * 1000 / quantum!);
}

/** Behind a long task: one after the other all wait for it, in turns nobody does. */
function expectShortOnes(result: Result, p: Values): void {
  const block = of(result, "block"), threads = of(result, "threads");
  const inTurnNs = (p.tasks! + 1) * p.work! * ms;
  near(
    block.latency.meanNs,
    p.long! * ms + inTurnNs / 2,
    "the mean of the short ones, behind the long one",
  );
  that(
    threads.latency.maxNs < 1.1 * inTurnNs,
    "in turns the short ones wait for each other only",
  );
}

export default scenario({
  id: "crunching",
  number: 10,
  title: "Nothing but work",
  claim:
    "Tasks that only compute gain nothing from asynchronous I/O, and lose " +
    "what it costs.",
  params: {
    tasks: { min: 1, max: 450, value: 100, unit: "", about: "come at once" },
    work: {
      min: 1,
      max: 100,
      value: 10,
      unit: "ms",
      about: "of CPU time each",
    },
    io: {
      min: 0,
      max: 100_000,
      value: 0,
      unit: "µs",
      about: "of waiting each",
    },
    quantum: {
      min: 100,
      max: 100_000,
      value: 1000,
      unit: "µs",
      about: "a turn",
    },
    tax: TAX,
    long: {
      min: 0,
      max: 10_000,
      value: 0,
      unit: "ms",
      about: "of CPU time of one more task that comes first; 0 is none",
    },
  },
  styles: {
    block: "one thread, one task after the other",
    threads: "a thread for each task, in turns",
    submit: "one thread, an event loop, with the tax",
  },
  world(p, seed, style, change) {
    const threads = style === "threads" ? p.tasks! : 1;
    const trial = site({
      seed,
      change,
      machine: { quantumNs: p.quantum! * us + BESIDE_WORK_NS },
      server: serverOf(style === "threads" ? "block" : style, {
        ...p,
        threads,
      }),
      load: {
        clients: p.tasks!,
        requests: p.tasks!,
        compute: fixed(p.work! * 1000),
        io: fixed(p.io!),
      },
      ...p.long! > 0 && {
        beside: { requests: 1, compute: fixed(p.long! * 1000), key: "long" },
      },
    });
    const facts = () => {
      const ends = trial.samples.map(({ endedNs }) => endedNs);
      return { makespanNs: Math.max(...ends) - READY_NS };
    };
    return { ...trial, facts };
  },
  holds: (result) =>
    of(result, "submit").facts.makespanNs! >=
      of(result, "block").facts.makespanNs!,
  crossover: {
    param: "io",
    holds: "below",
    at: (p) => Math.max(0.001, p.tasks! * p.tax! / (p.tasks! - 1 || 1)),
    about: "as soon as each task waits for longer than the tax, it pays",
  },
  expect(result, p) {
    if (p.io! > 0) return;
    if (p.long! > 0) return expectShortOnes(result, p);
    const block = of(result, "block"), threads = of(result, "threads");
    const submit = of(result, "submit");
    near(block.facts.makespanNs!, workNs(p, 0), "all done, one by one");
    near(submit.facts.makespanNs!, workNs(p, p.tax!), "all done, event loop");
    near(
      threads.facts.makespanNs!,
      workNs(p, SWITCH_US * turns(p)),
      "all done, in turns",
    );
    near(
      block.latency.meanNs,
      workNs(p, 0) * (p.tasks! + 1) / 2 / p.tasks!,
      "mean",
    );
    const paidNs = submit.facts.makespanNs! - block.facts.makespanNs!;
    near(paidNs, p.tasks! * p.tax! * us, "what the event loop pays", 0.1);
    if (turns(p) > 2 && p.tasks! > 10) {
      that(
        threads.latency.meanNs > 1.5 * block.latency.meanNs,
        "in turns everybody is late",
      );
    }
  },
  misleads:
    "The mean turns the claim round: one after the other it is 505 ms, in " +
    "turns of 1 ms it is 955, though the last is done at the same time. So " +
    "what must be compared is when all is done. With one long task before " +
    "many short ones it is the other way: then turns are what helps the " +
    "short ones.",
  text: "A hundred tasks of 10 ms of work each make a second of work, in " +
    "whatever order and however many threads. The event loop needs 6 ms " +
    "more, its tax. There is nothing to wait for, so there is nothing to " +
    "gain.",
  mutants: [
    {
      name: "two CPUs",
      about: "the machine has a second CPU",
      machine: { cpus: 2 },
    },
    {
      name: "untaxed",
      about: "the event loop pays no tax",
      instead: { submit: "submit untaxed" },
    },
  ],
  small: { tasks: 30 },
});
