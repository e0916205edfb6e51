// The world of the article's figure: one thread that reads (1) from a hard disk
// and (2) from a machine at the other end of a cable, with some work between
// them. The file is open, its inode in memory and the socket connected before it
// begins. The machine costs what a real one costs.

import {
  accept,
  bind,
  clock,
  compute,
  connect,
  type Event,
  fstat,
  type Handle,
  KiB,
  listen,
  ms,
  open,
  type Program,
  random,
  read,
  type Routine,
  sleep,
  socket,
  submit,
  thread,
  us,
  wait,
  write,
} from "../mod.ts";
import { type MachineOptions, type TraceEvent, World } from "../kernel/mod.ts";
import type { Change, Param, Trial, Values } from "./scenario.ts";
import { changed } from "./site.ts";

const PORT = 80;
export const LATENCY_NS = 50 * us;
const BLOCK_BYTES = 4 * KiB, ANSWER_BYTES = 512;
/** A turn of the platter at 7,200 a minute; begun at this angle, read (1) takes about 8 ms. */
const TURN_NS = 25_000_000 / 3, ANGLE_NS = 101_700 * us;
/** Seeds differ by whole turns and by this. */
const JITTER_NS = 200 * us;

export const WORK: Param = {
  min: 0,
  max: 1_000_000,
  value: 1000,
  unit: "µs",
  about: "of work between the two requests",
};
export const ANSWER: Param = {
  min: 0,
  max: 100_000,
  value: 400,
  unit: "µs",
  about: "until the other machine answers",
};

/** What the thread saw, in ns since it began. */
export interface Seen {
  zeroNs: number;
  endNs: number;
  /** The numbers of the requests, in the order in which they ended. */
  order: number[];
  endedNs: Record<number, number>;
  /** Results that came back with the handle of their own request. */
  matched: number;
}

/** The body of a program: from clock zero to its end. */
export type Body = (
  fds: { file: number; wire: number },
  p: Values,
  seen: Seen,
) => Routine;

export interface FigureTrial extends Trial {
  seen: Seen;
  /** Events of the first machine from clock zero to the end. */
  events: () => TraceEvent[];
}

export function figureWorld(
  body: Body,
  p: Values,
  seed: number,
  change: Change,
  options: MachineOptions = {},
): FigureTrial {
  const world = new World({ seed });
  const machine = world.boot({
    ...changed(options, change),
    name: "kettle",
    files: {
      "/srv/logo": "k".repeat(BLOCK_BYTES),
      "/srv/other": "o".repeat(BLOCK_BYTES),
    },
  });
  const mirror = world.boot({ name: "mirror" });
  world.cable(machine, mirror, { latencyNs: LATENCY_NS });
  mirror.spawn(function* peer(): Program {
    yield* answerOnce((p.answer ?? 0) * us);
  });
  const seen: Seen = {
    zeroNs: 0,
    endNs: 0,
    order: [],
    endedNs: {},
    matched: 0,
  };
  const process = machine.spawn(function* figure(): Program {
    const fds = yield* prepare();
    seen.zeroNs = yield* clock();
    yield* body(fds, p, seen);
    seen.endNs = (yield* clock()) - seen.zeroNs;
  });
  const events = () =>
    [...world.trace.events()].filter(({ machine, at }) =>
      machine === 0 && at >= seen.zeroNs && at <= seen.zeroNs + seen.endNs
    );
  return { world, machine, samples: [], until: process, seen, events };
}

function* answerOnce(afterNs: number): Routine {
  const listener = yield* socket();
  yield* bind(listener, { port: PORT });
  yield* listen(listener);
  const fd = yield* accept(listener);
  yield* read(fd, 1);
  yield* sleep(afterNs);
  yield* write(fd, new Uint8Array(ANSWER_BYTES));
  yield* read(fd, 1); // until the other closes
}

function* prepare(): Routine<{ file: number; wire: number }> {
  const file = yield* open("/srv/logo");
  yield* fstat(file);
  const wire = yield* socket();
  yield* sleep(1 * ms); // the peer listens by now
  yield* connect(wire, { host: "mirror", port: PORT });
  const turns = Math.floor(100 * (yield* random("turns")));
  const jitterNs = JITTER_NS * (yield* random("jitter"));
  const until = Math.round(ANGLE_NS + turns * TURN_NS + jitterNs);
  yield* sleep({ until });
  return { file, wire };
}

/** One after the other, each waited for. */
export const inTurn: Body = function* ({ file, wire }, p, seen) {
  yield* read(file, BLOCK_BYTES);
  yield* ended(1, seen);
  yield* compute(p.work! * us);
  yield* write(wire, "?");
  yield* read(wire, ANSWER_BYTES);
  yield* ended(2, seen);
};

/** Both under way at once. */
export const atOnce: Body = function* ({ file, wire }, p, seen) {
  const first = yield* submit(read(file, BLOCK_BYTES));
  yield* compute(p.work! * us);
  yield* write(wire, "?");
  const second = yield* submit(read(wire, ANSWER_BYTES));
  yield* takeBoth(first, second, seen);
};

/** Both from one disk, which does one thing after the other. */
export const oneDevice: Body = function* ({ file }, p, seen) {
  const other = yield* open("/srv/other");
  yield* fstat(other);
  const first = yield* submit(read(file, BLOCK_BYTES));
  yield* compute(p.work! * us);
  const second = yield* submit(read(other, BLOCK_BYTES));
  yield* takeBoth(first, second, seen);
};

/** As `inTurn`, while another thread computes all the time. */
export const besideWork: Body = function* (fds, p, seen) {
  let isOver = false;
  yield* thread(function* other(): Routine {
    while (!isOver) yield* compute(100 * us);
  });
  yield* inTurn(fds, p, seen);
  isOver = true;
};

function* ended(number: number, seen: Seen): Routine {
  seen.order.push(number);
  seen.endedNs[number] = (yield* clock()) - seen.zeroNs;
}

function* takeBoth(
  first: Handle<"read">,
  second: Handle<"read">,
  seen: Seen,
): Routine {
  while (seen.order.length < 2) {
    for (const event of yield* wait()) {
      if (event.handle === first) note(event, 1, seen);
      if (event.handle === second) note(event, 2, seen);
    }
  }
}

function note(event: Event, number: number, seen: Seen): void {
  seen.order.push(number);
  seen.endedNs[number] = event.at - seen.zeroNs;
  if (event.call !== "read" || !event.ok) return;
  const wanted = number === 1 ? 107 /* k */ : event.value[0];
  if (event.value[0] === wanted) seen.matched++;
}

/** What the disk took for read (1), from its own phases. */
export function diskNs(events: readonly TraceEvent[]): number {
  const start = events.find(({ kind }) => kind === "block_start");
  const phases = (start as { phases?: string } | undefined)?.phases ?? "";
  const numbers = phases.split(" ").map(Number).slice(0, 5);
  return numbers.reduce((sum, ns) => sum + ns, 0);
}

/** How long a thread waited, from leaving the CPU until somebody woke it. */
export function waitedNs(events: readonly TraceEvent[], tid: number): number {
  let sum = 0, since = -1;
  for (const event of events) {
    if (event.tid !== tid) continue;
    if (event.kind === "sched_switch" && event.prevState === "waiting") {
      since = event.at;
    } else if (event.kind === "sched_wakeup" && since >= 0) {
      sum += event.at - since;
      since = -1;
    }
  }
  return sum;
}
