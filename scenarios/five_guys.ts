// C14: the same events told twice, in the words of the kernel and in those of a
// restaurant. Each sentence belongs to one event; the world does not know which
// words will be used.

import { compute, KiB, pause, push, read, us, write } from "../mod.ts";
import type { TraceEvent } from "../kernel/mod.ts";
import {
  ANSWER,
  atOnce,
  type Body,
  figureWorld,
  inTurn,
  WORK,
} from "./figure_world.ts";
import { exactly, of, scenario, that } from "./scenario.ts";

export type Words = "kernel" | "restaurant";

/** One sentence about one event. */
export interface Line {
  seq: number;
  atNs: number;
  text: string;
}

/** What happens → what it is called: in the kernel, in the restaurant. */
const SENTENCES: Record<string, [string, string]> = {
  submit: ["the thread hands a request over", "you say what you would like"],
  handle: ["it has a handle", "you have a slip with a number"],
  listed: [
    "the kernel keeps the request on its list",
    "the order goes to the kitchen",
  ],
  work: ["the thread works", "you sit down and get on with your things"],
  look: ["the thread looks for an event", "you look up at the board"],
  posted: ["the kernel posts the event", "your order is on the counter"],
  taken: ["the thread takes the event", "you pick it up"],
  called: ["the kernel interrupts the thread", "your number is called"],
  paused: ["the kernel pauses the thread", "you stand at the counter and wait"],
  woken: ["the kernel wakes the thread", "it is your turn again"],
  block: [
    "the thread makes a blocking call",
    "you order, and will not leave without it",
  ],
  results: [
    "the call returns with the result",
    "you leave the counter with your food",
  ],
};

/** Which sentence tells of an event; null: none does. */
function sentenceOf(event: TraceEvent): string | null {
  switch (event.kind) {
    case "sys_enter":
      if (event.call === "submit" || event.call === "push") return "submit";
      if (event.call === "compute") return "work";
      if (event.call === "wait" || event.call === "poll") return "look";
      return event.call === "read" ? "block" : null;
    case "sys_exit":
      if (event.call === "submit" || event.call === "push") return "handle";
      return event.call === "read" ? "results" : null;
    case "request_submit":
      return "listed";
    case "event_post":
      return "posted";
    case "event_take":
      return "taken";
    case "callback_enter":
      return "called";
    case "sched_switch":
      return event.prevState === "waiting" ? "paused" : null;
    case "sched_wakeup":
      return "woken";
    default:
      return null;
  }
}

/** A trace, told. */
export function tell(events: Iterable<TraceEvent>, words: Words): Line[] {
  const lines: Line[] = [];
  for (const event of events) {
    const sentence = sentenceOf(event);
    if (sentence === null) continue;
    const text = SENTENCES[sentence]![words === "kernel" ? 0 : 1];
    lines.push({ seq: event.seq, atNs: event.at, text });
  }
  return lines;
}

/** Both requests pushed: the kernel calls. */
const pushBoth: Body = function* ({ file, wire }, p, seen) {
  yield* push(read(file, 4 * KiB), (event) => {
    seen.order.push(1);
    seen.endedNs[1] = event.at - seen.zeroNs;
  });
  yield* compute(p.work! * us);
  yield* write(wire, "?");
  yield* push(read(wire, 512), (event) => {
    seen.order.push(2);
    seen.endedNs[2] = event.at - seen.zeroNs;
  });
  while (seen.order.length < 2) yield* pause();
};

const BODIES: Record<string, Body> = {
  poll: atOnce,
  push: pushBoth,
  block: inTurn,
};

/** How often a sentence is told, whichever the words. */
function times(lines: readonly Line[], sentence: string): number {
  return lines.filter(({ text }) => SENTENCES[sentence]!.includes(text)).length;
}

export default scenario({
  id: "five-guys",
  number: 14,
  title: "At the counter",
  claim:
    "A place where you get a number and are free until your order is ready " +
    "works as asynchronous I/O does.",
  params: { work: WORK, answer: ANSWER },
  styles: {
    poll: "you look at the board",
    push: "your number is called",
    block: "you wait at the counter for each order",
  },
  world(p, seed, style, change) {
    const trial = figureWorld(BODIES[style]!, p, seed, change);
    const facts = () => {
      const hash = trial.world.trace.hash;
      const kernel = tell(trial.events(), "kernel");
      const restaurant = tell(trial.events(), "restaurant");
      const { order, endNs } = trial.seen;
      return {
        lines: kernel.length,
        inStep: kernel.filter((it, i) =>
          it.seq === restaurant[i]?.seq && it.text !== restaurant[i]?.text
        ).length,
        sameHash: trial.world.trace.hash === hash ? 1 : 0,
        looks: times(restaurant, "look"),
        calls: times(restaurant, "called"),
        stands: times(restaurant, "block"),
        firstDone: order[0] ?? 0,
        endNs,
      };
    };
    return { ...trial, facts };
  },
  holds: (result) =>
    of(result, "push").facts.firstDone === 2 &&
    of(result, "block").facts.firstDone === 1,
  crossover: {
    param: "answer",
    holds: "below",
    at: (p) =>
      7_900 - p.work! - 109,
    about:
      "if the second order takes longer than the first, nobody is overtaken",
  },
  expect(result, p) {
    for (const style of ["poll", "push", "block"]) {
      const { lines, inStep, sameHash } = of(result, style).facts;
      that(lines! > 5, "there is something to tell");
      exactly(inStep!, lines!, "sentences in step, and not the same");
      exactly(sameHash!, 1, "telling changes nothing");
    }
    exactly(of(result, "push").facts.calls!, 2, "numbers called");
    exactly(
      of(result, "push").facts.looks!,
      0,
      "looks at the board by who is called",
    );
    exactly(
      of(result, "poll").facts.calls!,
      0,
      "numbers called where one looks",
    );
    that(of(result, "poll").facts.looks! > 0, "who is not called looks");
    exactly(of(result, "block").facts.stands!, 2, "waits at the counter");
    that(
      of(result, "block").facts.endNs! > of(result, "poll").facts.endNs!,
      "who waits for each order has them later",
    );
    if (p.work! > 0) {
      exactly(
        of(result, "poll").facts.firstDone!,
        of(result, "push").facts.firstDone!,
        "the order of the orders",
      );
    }
  },
  misleads:
    "In the restaurant a number is called: that is a push. In the list of " +
    "six steps the thread looks from time to time: that is a poll. The two " +
    "stories part at that step, so both are told here. And a cook can fry " +
    "several things at once, as a disk cannot.",
  text: "The figure's two requests as two orders. With a number in your hand " +
    "you sit down; the second order is ready first. Waiting at the counter " +
    "for each, you have the first after 8 minutes (let a millisecond be a " +
    "minute), go back to your things for one, and stand there again for " +
    "half a minute. It is the same trace, told in other words.",
  mutants: [
    {
      name: "no numbers",
      about: "who should be called looks at the board",
      instead: { push: "poll" },
    },
    {
      name: "a crowd at the counter",
      about: "who should sit down waits at the counter, too",
      instead: { poll: "block" },
    },
  ],
  small: {},
});
