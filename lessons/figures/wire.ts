// Figures with one thread, a disk and another machine at the end of a cable: the
// world of the article's illustration, with the bodies that the lessons need.

import {
  compute,
  KiB,
  poll,
  push,
  read,
  type Routine,
  submit,
  thread,
  us,
  write,
} from "../../mod.ts";
import type { TraceEvent } from "../../kernel/mod.ts";
import {
  type Body,
  figureWorld,
  inTurn,
  type Seen,
  waitedNs,
} from "../../scenarios/figure_world.ts";
import { inMs, recorded, type Recording } from "../recording.ts";

/** What a control or a tab says, in µs and counts. */
type Values = Readonly<Record<string, number>>;

const SEED = 1;
const BLOCK_BYTES = 4 * KiB, ANSWER_BYTES = 512;
const WORK_US = 1000, ANSWER_US = 400;

/** Two reads, each waited for; between them as much work as is asked for. */
export function waiting({ work = WORK_US }: Values): Recording {
  return played(inTurn, { work, answer: ANSWER_US }, { showsCpu: true });
}

/** The same beside threads that compute until it is over. */
export function beside({ others = 0 }: Values): Recording {
  const body: Body = function* (fds, p, seen) {
    let isOver = false;
    for (let i = 0; i < others; i++) {
      yield* thread(function* busy(): Routine {
        while (!isOver) yield* compute(100 * us);
      });
    }
    yield* inTurn(fds, p, seen);
    isOver = true;
  };
  return played(body, { work: WORK_US, answer: ANSWER_US }, {
    others,
    showsCpu: true,
  });
}

/** One read handed over; work in pieces, and a look after each. */
export function handle({ chunk = 500 }: Values): Recording {
  const body: Body = function* ({ file }, _p, seen) {
    const handle = yield* submit(read(file, BLOCK_BYTES));
    let event = yield* poll(handle);
    while (event === null) {
      yield* compute(chunk * us);
      event = yield* poll(handle);
    }
    took(seen, 1, event.at);
  };
  return played(body, {});
}

/** Both reads under way at once: looked for after every piece of work, or waited for. */
export function looking(
  { answer = ANSWER_US, chunk = WORK_US }: Values,
  style: string,
): Recording {
  const bodies: Record<string, Body> = {
    block: inTurn,
    poll: pollBoth(chunk),
    push: pushBoth(chunk),
  };
  return played(bodies[style]!, { work: WORK_US, answer });
}

function pollBoth(chunk: number): Body {
  return function* ({ file, wire }, p, seen) {
    const first = yield* submit(read(file, BLOCK_BYTES));
    yield* compute(p.work! * us);
    yield* write(wire, "?");
    yield* submit(read(wire, ANSWER_BYTES));
    while (seen.order.length < 2) {
      for (const event of yield* poll()) {
        took(seen, event.handle === first ? 1 : 2, event.at);
      }
      if (seen.order.length < 2) yield* compute(chunk * us);
    }
  };
}

function pushBoth(chunk: number): Body {
  return function* ({ file, wire }, p, seen) {
    yield* push(read(file, BLOCK_BYTES), (event) => took(seen, 1, event.at));
    yield* compute(p.work! * us);
    yield* write(wire, "?");
    yield* push(read(wire, ANSWER_BYTES), (event) => took(seen, 2, event.at));
    while (seen.order.length < 2) yield* compute(chunk * us);
  };
}

function took(seen: Seen, number: number, at: number): void {
  seen.order.push(number);
  seen.endedNs[number] = at - seen.zeroNs;
}

/** Runs a body and tells what came of it. */
function played(
  body: Body,
  p: Values,
  { others = 0, showsCpu = false } = {},
): Recording {
  const trial = figureWorld(body, p, SEED, {});
  trial.world.run({ until: trial.until });
  const { seen } = trial;
  const events = trial.events();
  const main = events.find(({ tid }) => tid !== 0)?.tid ?? 0;
  const threads: Record<number, string> = { [main]: "main" };
  const created = events.filter(({ kind }) => kind === "thread_create");
  created.forEach(({ tid }, i) => threads[tid] = `busy ${i + 1}`);
  return recorded({
    world: trial.world,
    fromNs: seen.zeroNs,
    toNs: seen.zeroNs + seen.endNs,
    threads,
    hidden: showsCpu ? [] : ["cpu"],
    network: true,
    facts: { ...factsOf(events, main, seen), others },
  });
}

function factsOf(
  events: readonly TraceEvent[],
  main: number,
  seen: Seen,
): Record<string, number> {
  const end = seen.zeroNs + seen.endNs;
  const waited = waitedNs(events, main);
  const worked = computedNs(events, main);
  const taken = takenNs(events, main).map((at) => at - seen.zeroNs);
  const first = seen.order[0] ?? 0;
  const heard = first === 0 ? 0 : taken[0] ?? seen.endedNs[first] ?? 0;
  const posted = seen.endedNs[first] ?? 0;
  return {
    totalMs: inMs(seen.endNs),
    pausedMs: inMs(waited),
    pausedShare: waited / seen.endNs,
    workedMs: inMs(worked),
    workedShare: worked / seen.endNs,
    busyShare: busyNs(events, end) / seen.endNs,
    looks: events.filter((it) => it.kind === "sys_enter" && it.call === "poll")
      .length,
    first,
    heardMs: inMs(heard),
    lateUs: (heard - posted) / us,
  };
}

/** When events were taken or callbacks began. */
function takenNs(events: readonly TraceEvent[], tid: number): number[] {
  return events.filter((it) =>
    it.tid === tid &&
    (it.kind === "event_take" || it.kind === "callback_enter")
  ).map(({ at }) => at);
}

/** Declared work of a thread. Callbacks that cut it take no work of their own. */
function computedNs(events: readonly TraceEvent[], tid: number): number {
  let sum = 0, since = -1, stolen = 0;
  for (const event of events) {
    if (event.tid !== tid && event.kind !== "irq_enter") continue;
    if (event.kind === "irq_enter" && since >= 0) stolen += event.costNs;
    if (event.kind === "sys_enter" && event.call === "compute") {
      since = event.at;
      stolen = 0;
    }
    if (event.kind === "sys_exit" && event.call === "compute" && since >= 0) {
      sum += event.at - since - stolen;
      since = -1;
    }
  }
  return sum;
}

/** How long the CPU had a thread. */
function busyNs(events: readonly TraceEvent[], end: number): number {
  const first = events[0]?.at ?? end;
  let sum = 0, since = first;
  let isBusy = true;
  for (const event of events) {
    if (event.kind !== "sched_switch") continue;
    if (isBusy) sum += event.at - since;
    since = event.at;
    isBusy = event.next !== 0;
  }
  return isBusy ? sum + end - since : sum;
}
