// C3: the same two requests, each waited for. The thread is paused for as long as
// the devices take; whether the CPU is idle, too, is another question.

import { us } from "../mod.ts";
import type { TraceEvent } from "../kernel/mod.ts";
import {
  ANSWER,
  atOnce,
  besideWork,
  diskNs,
  figureWorld,
  inTurn,
  LATENCY_NS,
  waitedNs,
  WORK,
} from "./figure_world.ts";
import { near, of, scenario, that, type Values } from "./scenario.ts";

const DISK_US = 7_900, WIRE_US = 2 * LATENCY_NS / us + 9;
/** The gain is worth a word. */
const SHARE = 0.05;

const BODIES = { block: inTurn, submit: atOnce, busy: besideWork };

/** With (1) and (2) one after the other, or at once, ns. */
function answerNs({ answer }: Values): number {
  return (answer! + WIRE_US) * us;
}

export default scenario({
  id: "pause",
  number: 3,
  title: "Paused",
  claim: "A thread that makes a blocking call is paused until the device has " +
    "done, and does nothing meanwhile; so its waits add up.",
  params: { work: WORK, answer: ANSWER },
  styles: {
    block: "one after the other, each waited for",
    submit: "both under way at once",
    busy: "as block, and another thread that computes",
  },
  world(p, seed, style, change) {
    const body = BODIES[style as keyof typeof BODIES];
    const trial = figureWorld(body, p, seed, change);
    const facts = () => {
      const events = trial.events();
      const { endNs } = trial.seen;
      return {
        endNs,
        diskNs: diskNs(events),
        waitedNs: waitedNs(events, events[0]?.tid ?? 0),
        cpuIdleNs: idleNs(events),
      };
    };
    return { ...trial, facts };
  },
  holds: (result) =>
    of(result, "block").facts.endNs! >
      (1 + SHARE) * of(result, "submit").facts.endNs!,
  crossover: {
    param: "work",
    holds: "below",
    at: (p) => DISK_US / SHARE - (p.answer! + WIRE_US),
    about: "beside much work a wait is hardly noticed",
  },
  expect(result, p) {
    const block = of(result, "block").facts, busy = of(result, "busy").facts;
    const submit = of(result, "submit").facts;
    const workNs = p.work! * us;
    near(
      block.endNs!,
      block.diskNs! + workNs + answerNs(p),
      "all in turn",
      0.01,
    );
    near(
      submit.endNs!,
      Math.max(submit.diskNs!, workNs + answerNs(p)),
      "both at once",
      0.01,
    );
    near(
      block.waitedNs!,
      block.diskNs! + answerNs(p),
      "the thread is paused for what the devices take",
      0.01,
    );
    near(block.cpuIdleNs!, block.waitedNs!, "the CPU idles with it", 0.01);
    that(
      busy.cpuIdleNs! < 0.05 * busy.waitedNs!,
      "with another thread the CPU has something to do while the one is paused",
    );
  },
  misleads:
    "The thread is idle; the CPU is idle only if nobody else is ready. With " +
    "a second thread that computes, the first one is paused as long as " +
    "before and the CPU is busy throughout. The two must be told apart.",
  text:
    "The two requests of the figure, each waited for: 8 ms for the disk, 1 " +
    "ms of work, half a millisecond for the other machine, one after the " +
    "other: 9.5 ms. For 8.5 of them the thread was paused. With both under " +
    "way at once it is a little over 8 ms, the longer of the two.",
  mutants: [
    {
      name: "nobody waits",
      about: "the blocking program submits",
      instead: { block: "submit" },
    },
    {
      name: "a second CPU",
      about: "the other thread has a CPU of its own",
      machine: { cpus: 2 },
    },
  ],
  small: {},
});

/** How long a CPU had no thread. */
function idleNs(events: readonly TraceEvent[]): number {
  let sum = 0;
  const since = new Map<number, number>();
  for (const event of events) {
    if (event.kind !== "sched_switch") continue;
    const from = since.get(event.cpu);
    if (from !== undefined) sum += event.at - from;
    since.delete(event.cpu);
    if (event.next === 0) since.set(event.cpu, event.at);
  }
  return sum;
}
