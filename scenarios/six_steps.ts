// C1: one request from its beginning to its end, step by step, for a program that
// works meanwhile and looks now and then. The steps are read off the trace.

import { compute, KiB, poll, read, submit, us } from "../mod.ts";
import type { TraceEvent } from "../kernel/mod.ts";
import { type Body, diskNs, figureWorld, waitedNs } from "./figure_world.ts";
import { exactly, near, of, scenario, that } from "./scenario.ts";

/** Entering and leaving the kernel, by default. */
const TRAP_US = 0.2;
/** Of the time of the I/O so much goes into work. */
const SHARE = 0.9;

/** Works, and looks after each piece of work. */
const workAndLook: Body = function* ({ file }, p, seen) {
  const handle = yield* submit(read(file, 4 * KiB));
  let event = yield* poll(handle);
  while (event === null) {
    yield* compute(Math.round(p.chunk! * us));
    event = yield* poll(handle);
  }
  seen.order.push(1);
  seen.endedNs[1] = event.at - seen.zeroNs;
};

/** Waits, and does nothing meanwhile. */
const justWait: Body = function* ({ file }, _p, seen) {
  yield* read(file, 4 * KiB);
  seen.order.push(1);
};

/** Each step once, at the place of its first event in the trace; −1 if it is missing or came twice. */
function steps(events: readonly TraceEvent[]): number[] {
  const is: ((event: TraceEvent) => boolean)[] = [
    (it) => it.kind === "sys_enter" && it.call === "submit",
    (it) => it.kind === "request_submit",
    (it) => it.kind === "block_issue",
    (it) => it.kind === "sys_exit" && it.call === "submit",
    (it) => it.kind === "event_post",
    (it) => it.kind === "event_take",
  ];
  return is.map((matches) => {
    const found = events.filter(matches);
    return found.length === 1 ? found[0]!.seq : -1;
  });
}

/** Declared work between the submission and the event, ns. */
function workedNs(events: readonly TraceEvent[]): number {
  let sum = 0, since = -1;
  for (const { kind, at, ...event } of events) {
    const call = (event as { call?: string }).call;
    if (kind === "sys_enter" && call === "compute") since = at;
    if (kind === "event_post") return sum + (since < 0 ? 0 : at - since);
    if (kind === "sys_exit" && call === "compute") {
      sum += at - since;
      since = -1;
    }
  }
  return sum;
}

export default scenario({
  id: "six-steps",
  number: 1,
  title: "Six steps",
  claim:
    "A program hands its request over, gets a handle at once, and works on; " +
    "the kernel does the rest and leaves an event, which the program picks " +
    "up.",
  params: {
    chunk: {
      min: 0.1,
      max: 20_000,
      value: 100,
      unit: "µs",
      about: "of work between two looks",
    },
  },
  styles: { submit: "hands over, works, and looks now and then" },
  world(p, seed, style, change) {
    const body = style === "block" ? justWait : workAndLook;
    const trial = figureWorld(body, p, seed, change);
    const facts = () => {
      const events = trial.events();
      const places = steps(events);
      const looks = events.filter((it) =>
        it.kind === "sys_enter" && it.call === "poll"
      );
      const at = (kind: string) =>
        events.find((it) => it.kind === kind)?.at ?? 0;
      return {
        steps: places.filter((seq, i) => seq > (places[i - 1] ?? -1)).length,
        looks: looks.length,
        workedNs: workedNs(events),
        ioNs: at("event_post") - at("request_submit"),
        diskNs: diskNs(events),
        lateNs: at("event_take") - at("event_post"),
        waitedNs: waitedNs(events, events[0]?.tid ?? 0),
      };
    };
    return { ...trial, facts };
  },
  holds(result) {
    const { steps, workedNs, ioNs } = of(result, "submit").facts;
    return steps === 6 && workedNs! > SHARE * ioNs!;
  },
  crossover: {
    param: "chunk",
    holds: "above",
    at: () => TRAP_US * SHARE / (1 - SHARE),
    about: "who looks all the time spends it looking: each look is a call",
  },
  expect(result, p) {
    const { steps, waitedNs, looks, workedNs, ioNs, lateNs, diskNs } =
      of(result, "submit").facts;
    exactly(steps!, 6, "steps, each once and in their order");
    exactly(waitedNs!, 0, "time for which the thread waits");
    that(workedNs! > 0, "the thread works while the disk does");
    near(ioNs!, diskNs!, "from submission to event the disk's own time");
    that(
      lateNs! <= (p.chunk! + 2 * TRAP_US + 3) * us,
      "the event lies no longer than a piece of work takes",
    );
    const notWorked = ioNs! - workedNs!;
    near(
      notWorked,
      looks! * TRAP_US * us,
      "what was not work is the price of looking",
      0.1 + 3 / looks!,
    );
  },
  misleads: "If looking were free one could look for ever in no time, and a " +
    "simulation that makes it so either stops or flatters. Each look costs " +
    "a call. And picking up late is a price, too: who works for long pieces " +
    "finds the event long after it came.",
  text: "One read from a disk. The call takes 0.2 µs and gives a handle; the " +
    "disk is at it for 8 ms; meanwhile the thread does 80 pieces of work " +
    "and looks after each. It is never paused. The event is posted once and " +
    "taken once. Turn the pieces down to a microsecond, and most of the " +
    "time goes into looking.",
  mutants: [
    {
      name: "waits after all",
      about: "the program makes a blocking read",
      instead: { submit: "block" },
    },
    {
      name: "free looks",
      about: "a call costs nothing",
      machine: { costs: { syscallNs: 0 } },
    },
  ],
  small: {},
});
