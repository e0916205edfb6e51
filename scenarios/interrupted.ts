// C13: to be called, or to look. The same events reach a program that is
// interrupted for each and one that looks at fixed times. Beside it: what an
// interruption can do to the code that it interrupts, and a push that tells when
// more can be written.

import {
  accept,
  bind,
  compute,
  connect,
  KiB,
  listen,
  masked,
  ms,
  poll,
  type Program,
  push,
  random,
  read,
  type Routine,
  s,
  sleep,
  socket,
  submit,
  us,
  write,
} from "../mod.ts";
import { type MachineOptions, type TraceEvent, World } from "../kernel/mod.ts";
import { exponential } from "../userland/lib/variates.ts";
import { FREE, NO_COSTS, WIRE } from "./costs.ts";
import {
  type Change,
  exactly,
  near,
  of,
  type Result,
  scenario,
  that,
  type Trial,
  type Values,
} from "./scenario.ts";
import { changed } from "./site.ts";

/** What it costs to be called, to look, and to do what there is to do. */
const CALL_NS = 2 * us, LOOK_NS = 1 * us, HANDLE_NS = 3 * us;
const MACHINE: MachineOptions = {
  costs: { ...NO_COSTS, callbackNs: CALL_NS, syscallNs: LOOK_NS },
  nic: { rxRing: 4096 },
};
const PORT = 80, START_NS = 1 * ms;
/** Work of the main program between two looks at the clock. */
const SLICE_NS = 50 * us;
/** Between reading a number and writing it back. */
const UPDATE_NS = 10 * us;
const PIECE_BYTES = 32 * KiB;

interface Tally {
  handled: number;
  /** Work that the main program got done, ns. */
  workedNs: number;
  updates: number;
  counter: number;
  pieces: number;
}

function endNs(p: Values): number {
  return START_NS + Math.round(p.seconds! * s);
}

type Body = (fd: number, p: Values, tally: Tally, now: () => number) => Routine;

/** Called for each event; works all the time. */
const pushBody: Body = function* (fd, p, tally, now) {
  yield* push(read(fd, 1), { multishot: true }, function* (): Routine {
    yield* compute(HANDLE_NS);
    tally.handled++;
  });
  while (now() < endNs(p)) {
    yield* compute(SLICE_NS);
    tally.workedNs += SLICE_NS;
  }
};

/** Looks once in a period, handles what has come, works for the rest. */
const pollBody: Body = function* (fd, p, tally, now) {
  yield* submit(read(fd, 1), { multishot: true });
  while (now() < endNs(p)) {
    const events = yield* poll();
    for (const _ of events) {
      yield* compute(HANDLE_NS);
      tally.handled++;
    }
    const usedNs = LOOK_NS + events.length * HANDLE_NS;
    const restNs = Math.max(0, p.period! * us - usedNs);
    yield* compute(restNs);
    tally.workedNs += restNs;
  }
};

/** Callback and main program add to one number, the main program taking its time. */
function sharing(isMasked: boolean): Body {
  return function* (fd, p, tally, now) {
    yield* push(read(fd, 1), { multishot: true }, () => {
      tally.handled++;
      tally.counter++;
    });
    while (now() < endNs(p)) {
      const update = function* (): Routine {
        const before = tally.counter;
        yield* compute(UPDATE_NS);
        tally.counter = before + 1;
        tally.updates++;
      };
      if (isMasked) yield* masked(update);
      else yield* update();
      yield* compute(UPDATE_NS);
    }
  };
}

/** Called when more can be written, too. */
const feedBody: Body = function* (fd, p, tally, now) {
  const feed = function* (): Routine {
    yield* push(write(fd, new Uint8Array(PIECE_BYTES)), function* (event) {
      if (!event.ok) return;
      tally.pieces++;
      if (now() < endNs(p)) yield* feed();
    });
  };
  yield* feed();
  while (now() < endNs(p)) {
    yield* compute(SLICE_NS);
    tally.workedNs += SLICE_NS;
  }
};

const BODIES: Record<string, Body> = {
  push: pushBody,
  poll: pollBody,
  unmasked: sharing(false),
  masked: sharing(true),
  feed: feedBody,
};

/** From an event's coming to its being taken, in the order in which they came, ns. */
function reactions(events: Iterable<TraceEvent>): number[] {
  const posted: number[] = [], times: number[] = [];
  for (const event of events) {
    if (event.machine !== 0 || event.at < START_NS) continue;
    if (event.kind === "event_post") posted.push(event.at);
    const isTaken = event.kind === "event_take" ||
      event.kind === "callback_enter";
    if (isTaken && posted.length > times.length) {
      times.push(event.at - posted[times.length]!);
    }
  }
  return times;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) /
    Math.max(1, values.length);
}

/** A mean of times that are spread evenly over a period may be off by so much, in 100,000 times never. */
function chance({ rate, seconds }: Values): number {
  return 4.5 * 0.58 / Math.sqrt(rate! * seconds!);
}

/** CPU time that events took, as a share. */
function share(result: Result, style: string): number {
  return of(result, style).facts.cpuShare!;
}

type Facts = Record<string, number>;

/** How soon each learns of an event, and what it costs. */
function expectTimes(push: Facts, poll: Facts, p: Values): void {
  const periodNs = p.period! * us;
  const calledShare = p.rate! * (CALL_NS + HANDLE_NS) / s;
  if (calledShare < 0.3) {
    // Some come while another is handled, by chance a few more or less.
    const others = 0.03 + 2 * calledShare + 10 / (p.rate! * p.seconds!);
    near(push.reactionNs!, CALL_NS, "reaction of who is called", others);
    near(poll.reactionNs!, periodNs / 2, "of who looks", others + chance(p));
  }
  if (calledShare < 0.9) {
    const called = push.handledPerSecond! * (CALL_NS + HANDLE_NS) / s;
    const looked = LOOK_NS / periodNs +
      poll.handledPerSecond! * HANDLE_NS / s;
    const slice = SLICE_NS / (p.seconds! * s);
    near(push.cpuShare!, called, "CPU for calls", 0.03 + slice / called);
    near(poll.cpuShare!, looked, "CPU for looks", 0.03 + slice / looked);
  } else {
    const most = s / (CALL_NS + HANDLE_NS);
    near(push.handledPerSecond!, most, "as many calls as there can be", 0.05);
  }
}

function trialOf(
  p: Values,
  seed: number,
  style: string,
  change: Change,
): Trial {
  const world = new World({ seed });
  const machine = world.boot({ ...changed(MACHINE, change), name: "kettle" });
  const source = world.boot({ name: "source", ...FREE });
  world.cable(machine, source, WIRE);
  const tally = { handled: 0, workedNs: 0, updates: 0, counter: 0, pieces: 0 };
  source.spawn(style === "feed" ? reader : events(p));
  const until = machine.spawn(function* main(): Program {
    const fd = yield* socket();
    yield* sleep(START_NS / 2);
    yield* connect(fd, { host: "source", port: PORT });
    yield* sleep({ until: START_NS });
    yield* BODIES[style]!(fd, p, tally, () => world.now);
  });
  const facts = () => factsOf(world, tally);
  return { world, machine, samples: [], until, facts };
}

function factsOf(world: World, tally: Tally): Record<string, number> {
  const { handled, workedNs, updates, counter, pieces } = tally;
  const spanNs = world.now - START_NS;
  return {
    handledPerSecond: handled * s / spanNs,
    cpuShare: 1 - workedNs / spanNs,
    reactionNs: mean(reactions(world.trace.events())),
    lost: updates === 0 ? 0 : handled + updates - counter,
    pieces,
  };
}

export default scenario({
  id: "interrupted",
  number: 13,
  title: "To be called, or to look",
  claim:
    "If the kernel interrupts the thread when something has happened, it " +
    "learns of it sooner, and need not look in vain.",
  params: {
    rate: {
      min: 10,
      max: 400_000,
      value: 100,
      unit: "/s",
      about: "events, by chance",
    },
    period: {
      min: 10,
      max: 10_000,
      value: 100,
      unit: "µs",
      about: "from look to look",
    },
    seconds: { min: 0.01, max: 10, value: 1, unit: "s", about: "counted" },
  },
  styles: {
    push: "is called for each event",
    poll: "looks at fixed times",
    unmasked: "is called in the middle of an update",
    masked: "holds calls back during an update",
    feed: "is called when more can be written",
  },
  world: (p, seed, style, change) => trialOf(p, seed, style, change),
  holds: (result) =>
    of(result, "push").facts.reactionNs! <
      of(result, "poll").facts.reactionNs! &&
    share(result, "push") < share(result, "poll"),
  crossover: {
    param: "rate",
    holds: "below",
    at: (p) => LOOK_NS / (p.period! * us) * s / CALL_NS,
    about:
      "with many events one look finds several, and being called for each is dearer",
  },
  expect(result, p) {
    const push = of(result, "push").facts, poll = of(result, "poll").facts;
    expectTimes(push, poll, p);
    that(
      of(result, "unmasked").facts.lost! > 0,
      "an unmasked update loses some",
    );
    exactly(of(result, "masked").facts.lost!, 0, "lost by a masked update");
    that(
      of(result, "feed").facts.pieces! > 1,
      "a push tells when more can be written",
    );
  },
  misleads:
    "At 100,000 events a second it is the other way round: each call costs " +
    "2 µs, and one look finds ten. At 200,000 a second who is called does " +
    "nothing else any more, and the main program stands still; who looks " +
    "goes on to 330,000. And a call can come in the middle of an update: " +
    "what the callback added is overwritten. Held back during the update, " +
    "nothing is lost. (In Kettle the network card interrupts the kernel in " +
    "both cases; here that is free, since the question is how the thread " +
    "learns of it.)",
  text:
    "A hundred events a second. Who is called reacts after 2 µs and spends " +
    "a twentieth of a percent of the CPU on it. Who looks every 100 µs " +
    "reacts after 50 on average, and spends one percent, nearly all of it " +
    "on looks that find nothing.",
  mutants: [
    {
      name: "dear calls",
      about: "a callback takes 80 µs to enter",
      machine: { costs: { callbackNs: 80_000 } },
    },
    {
      name: "a mask that is forgotten",
      about: "the masked update is not masked",
      instead: { masked: "unmasked" },
    },
  ],
  small: { rate: 2000, seconds: 0.02 },
});

/** Sends a byte for each event, by chance. */
function events(p: Values) {
  return function* source(): Program {
    const fd = yield* oneClient();
    let atNs = START_NS;
    for (let i = 0;; i++) {
      atNs += Math.round(
        exponential(yield* random(`event/${i}`)) * s / p.rate!,
      );
      if (atNs >= endNs(p)) break;
      yield* sleep({ until: atNs });
      yield* write(fd, "!");
    }
    yield* sleep({ until: endNs(p) + 1 * s });
  };
}

/** Reads what it is sent, a little later. */
function* reader(): Program {
  const fd = yield* oneClient();
  while ((yield* read(fd, PIECE_BYTES)).length > 0) yield* sleep(1 * ms);
}

function* oneClient(): Routine<number> {
  const listener = yield* socket();
  yield* bind(listener, { port: PORT });
  yield* listen(listener);
  return yield* accept(listener);
}
