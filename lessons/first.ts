// The figure of the first visit: two requests in three ways. Its programs as one
// reads them, which line belongs to which call, and its steps, told in the words
// of the kernel and in those of a restaurant: the same events, the same trace.

import type { TraceEvent } from "../kernel/mod.ts";
import type { StyleName } from "./chapter.ts";

export type Way = "block" | "poll" | "push";

export const WAYS: Readonly<Record<Way, StyleName & { lead: string }>> = {
  block: {
    name: "Block",
    line: "stand and watch the kettle",
    lead: "Here one thread waits for a disk, then for the network. Press Play.",
  },
  poll: {
    name: "Poll",
    line: "walk off, look in now and then",
    lead:
      "The same two requests. This time the thread works on, and looks in now and then.",
  },
  push: {
    name: "Push",
    line: "wait for the whistle",
    lead:
      "The same two requests. The thread works on, and the kernel calls it when one is done.",
  },
};

/** What runs; both things it reads from are open already. */
export const CODE: Readonly<Record<Way, readonly string[]>> = {
  block: [
    "// logo is a file, peer another machine",
    "const a = yield* read(logo, 4096);   // (1)",
    "",
    "yield* compute(1 * ms);              // work",
    "",
    'yield* write(peer, "?");',
    "const b = yield* read(peer, 512);    // (2)",
  ],
  poll: [
    "// logo is a file, peer another machine",
    "yield* submit(read(logo, 4096));     // (1)",
    "yield* compute(1 * ms);              // work",
    "",
    'yield* write(peer, "?");',
    "yield* submit(read(peer, 512));      // (2)",
    "",
    "for (let left = 2; left > 0;) {",
    "  left -= (yield* poll()).length;    // look",
    "  if (left) yield* compute(1 * ms);  // work",
    "}",
  ],
  push: [
    "// logo is a file, peer another machine",
    "let left = 2;",
    "function whistle() { left--; }",
    "",
    "yield* push(read(logo, 4096), whistle); // (1)",
    "yield* compute(1 * ms);                 // work",
    "",
    'yield* write(peer, "?");',
    "yield* push(read(peer, 512), whistle);  // (2)",
    "",
    "while (left) yield* compute(1 * ms);    // work",
  ],
};

/** Lines, from 1, of the first, second, … call of a name; the last one stays. */
const LINES: Readonly<
  Record<Way, Readonly<Record<string, readonly number[]>>>
> = {
  block: { read: [2, 7], compute: [4], write: [6] },
  poll: { submit: [2, 6], compute: [3, 10], write: [5], poll: [9] },
  push: { push: [5, 9], compute: [6, 11], write: [8], callback: [3] },
};

/** From this moment on the thread is at that line. */
export interface LineMark {
  at: number;
  line: number;
}

/** Where the thread is in its program, call by call. */
export function lineMarks(events: readonly TraceEvent[], way: Way): LineMark[] {
  const marks: LineMark[] = [];
  const counts = new Map<string, number>();
  const mark = (name: string, at: number) => {
    const lines = LINES[way][name];
    if (lines === undefined || at < 0) return;
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    marks.push({ at, line: lines[Math.min(count, lines.length - 1)]! });
  };
  for (const event of events) {
    if (event.kind === "sys_enter") mark(event.call, event.at);
    if (event.kind === "callback_enter") mark("callback", event.at);
    if (event.kind === "callback_exit") {
      const before = marks.findLast(({ line }) => line !== 3);
      if (before !== undefined) marks.push({ at: event.at, line: before.line });
    }
  }
  return marks;
}

// ------------------------------------------------------------- steps

export type Vocabulary = "kernel" | "restaurant";

export interface Step {
  at: number;
  words: Readonly<Record<Vocabulary, string>>;
}

type Finder = (events: readonly TraceEvent[]) => TraceEvent | undefined;
type StepRow = readonly [Finder, string, string];

function first(
  kind: TraceEvent["kind"],
  matches: (event: TraceEvent) => boolean = () => true,
): Finder {
  return (events) =>
    events.find((it) => it.at >= 0 && it.kind === kind && matches(it));
}

function second(
  kind: TraceEvent["kind"],
  matches: (event: TraceEvent) => boolean = () => true,
): Finder {
  return (events) =>
    events.filter((it) => it.at >= 0 && it.kind === kind && matches(it))[1];
}

const calls = (name: string) => (event: TraceEvent) =>
  (event as { call?: string }).call === name;

const STEPS: Readonly<Record<Way, readonly StepRow[]>> = {
  block: [
    [
      first("sys_enter", calls("read")),
      "The thread tells the kernel what it wants to read.",
      "You say what you would like to eat.",
    ],
    [
      first("block_issue"),
      "The kernel puts the request on its list, and asks the disk.",
      "The order goes to the kitchen.",
    ],
    [
      first(
        "sched_switch",
        (it) => it.kind === "sched_switch" && it.prevState === "waiting",
      ),
      "The kernel puts the thread aside.",
      "You stand at the counter, and so does everybody behind you.",
    ],
    [
      first("sched_wakeup"),
      "The disk is done; the kernel wakes the thread.",
      "Your food is on the counter.",
    ],
    [
      first("sys_exit", calls("read")),
      "The call returns, with the bytes.",
      "You take it and go. Only now can you order the next thing.",
    ],
  ],
  poll: [
    [
      second("sys_enter", calls("submit")),
      "The thread hands request (2) over.",
      "You order a second thing.",
    ],
    [
      second("sys_exit", calls("submit")),
      "It has a handle at once.",
      "You have a slip with a number.",
    ],
    [
      second("request_submit"),
      "The kernel has it on its list, beside (1).",
      "Both orders are in the kitchen.",
    ],
    [
      (events) => computeAfter(events, 2),
      "The thread works, and looks after each piece of work.",
      "You sit down and work, and look up at the board now and then.",
    ],
    [
      first("event_post"),
      "The kernel posts the event of (2).",
      "The second thing is ready first. Its number is on the board.",
    ],
    [
      first("event_take"),
      "The thread looks, and takes it.",
      "You look up, see your number, and fetch it.",
    ],
  ],
  push: [
    [
      second("sys_enter", calls("push")),
      "The thread hands (2) over, with what to do then.",
      "You order a second thing, and leave your name.",
    ],
    [
      second("request_submit"),
      "The kernel has it on its list, beside (1).",
      "Both orders are in the kitchen.",
    ],
    [
      (events) => computeAfter(events, 2),
      "The thread works. It never looks.",
      "You sit down and work, and do not look up.",
    ],
    [
      first("callback_enter"),
      "(2) is done: the kernel interrupts the thread.",
      "Your number is called.",
    ],
    [
      first("callback_exit"),
      "The callback has run; the thread goes on where it was.",
      "You have fetched it, and go on with your work.",
    ],
  ],
};

/** The first work after so many requests were handed over. */
function computeAfter(
  events: readonly TraceEvent[],
  requests: number,
): TraceEvent | undefined {
  const handed = events.filter((it) => it.kind === "request_submit");
  const last = handed[requests - 1];
  return events.find((it) =>
    last !== undefined && it.seq > last.seq && it.kind === "sys_enter" &&
    it.call === "compute"
  );
}

/** The steps of a way, each at its event. */
export function stepsOf(events: readonly TraceEvent[], way: Way): Step[] {
  return STEPS[way].flatMap(([find, kernel, restaurant]) => {
    const event = find(events);
    if (event === undefined) return [];
    return [{ at: event.at, words: { kernel, restaurant } }];
  });
}

/** Where the two stories part. */
export const PARTING: Readonly<Record<Way, string>> = {
  block:
    "Nobody runs a restaurant like this: one order at a time, and the whole line waits for it.",
  poll:
    "Here the stories part. A restaurant that calls your number pushes; in the six steps the thread looks for itself, at a board. To be called, choose Push.",
  push:
    "Here the stories part. Your number is called, as in the restaurant; but the six steps have a look now and then instead, and that is Poll.",
};
