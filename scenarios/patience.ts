// C6: clients that give up while they wait in the queue. What the server does for
// them it does for nobody. A second server looks before it serves.

import {
  accept,
  bind,
  close,
  join,
  listen,
  type Main,
  ms,
  type Program,
  read,
  ready,
  type Routine,
  socket,
  thread,
  write,
} from "../mod.ts";
import { NO_COSTS } from "./costs.ts";
import { lineFor, OVERLOAD_PARAMS, WIRE_NS } from "./full_queue.ts";
import { exactly, of, scenario, that, type Values } from "./scenario.ts";
import {
  ANSWER,
  askBackend,
  pool,
  PORT,
  toBackend,
  workOf,
} from "./servers.ts";
import { fixed, site } from "./site.ts";

/** What the wire takes, back and forth for the handshake and the request, and then some. */
const ROUND_TRIPS_NS = 10 * WIRE_NS;

/** Like the pool, but who has left is not served. */
function looking(p: Values): Main {
  return function* main(): Program {
    const listener = yield* socket();
    yield* bind(listener, { port: PORT });
    yield* listen(listener, p.backlog!);
    const threads: number[] = [];
    for (let i = 0; i < p.workers!; i++) {
      threads.push(yield* thread(serveWhoIsThere, listener));
    }
    for (const tid of threads) yield* join(tid);
  };
}

function* serveWhoIsThere(listener: number): Routine {
  const backend = yield* toBackend();
  while (true) {
    const client = yield* accept(listener);
    const { ioNs } = workOf(yield* read(client, 4096));
    const { rdhup } = yield* ready(client, "out");
    if (!rdhup) {
      yield* askBackend(backend, ioNs);
      yield* write(client, ANSWER);
    }
    yield* close(client);
  }
}

export default scenario({
  id: "patience",
  number: 6,
  title: "Giving up in the queue",
  claim: "If the queue is long enough, clients give up before they reach its " +
    "end, and most of what the server does is for nobody.",
  params: {
    ...OVERLOAD_PARAMS,
    timeout: {
      min: 1,
      max: 10_000,
      value: 80,
      unit: "ms",
      about: "a client waits",
    },
  },
  styles: {
    serve: "serves whom it finds in the queue",
    look: "looks first whether the client is still there",
    short: "a queue no longer than its clients are patient",
  },
  world: (p, seed, style, change) =>
    site({
      seed,
      change,
      machine: { costs: NO_COSTS, backlogPolicy: "reset" },
      wireNs: WIRE_NS,
      server: style === "look"
        ? looking(p)
        : pool({ backlog: backlogOf(p, style), workers: p.workers!, taxNs: 0 }),
      load: {
        rate: p.rate!,
        arrivals: "even",
        requests: Math.round(p.rate! * p.seconds!),
        timeoutNs: p.timeout! * ms + ROUND_TRIPS_NS,
        io: fixed(p.io! * 1000),
      },
    }),
  holds: (result) => of(result, "serve").late > of(result, "serve").ok,
  crossover: {
    param: "timeout",
    holds: "below",
    at: (p) => medianNs(lineFor(p).timesNs) / ms,
    about:
      "who is patient for longer than a full queue takes is served in time",
  },
  expect(result, p) {
    const { timesNs, refused } = lineFor(p);
    const serve = of(result, "serve"), look = of(result, "look");
    const inTime = timesNs.filter((ns) => ns <= p.timeout! * ms).length;
    exactly(serve.refused, refused, "turned away");
    exactly(serve.ok + serve.late, timesNs.length, "served");
    exactly(serve.ok, inTime, "served in time");
    exactly(serve.late, timesNs.length - inTime, "served for nobody");
    that(look.late <= serve.late, "who looks does no more for nobody");
    if (shortest(p) < 1) return;
    const short = of(result, "short");
    exactly(short.late, 0, "a queue that is short enough wastes");
    exactly(
      short.ok,
      lineFor({ ...p, backlog: backlogOf(p, "short") }).timesNs.length,
      "and all it serves is in time",
    );
  },
  misleads:
    "Throughput looks perfect: the server answers 200 a second and is never " +
    "idle. What counts is answers in time. A longer queue, which turns away " +
    "fewer, makes it worse. And looking whether the client is still there " +
    "helps less than one would think: whose turn it is has waited 72 ms, is " +
    "still there, and leaves while he is served.",
  text: "The crowd is that of the full queue, and a client waits 80 ms. Each " +
    "place in the queue is 5 ms of waiting, so who gets one of the last " +
    "gives up before he is served, and his answer is made all the same. Of " +
    "the 1,616 that are served only 72 are in time. Had they waited 100 ms, " +
    "all would have been. With 128 places instead of 16 fewer are turned " +
    "away, and nearly all that are let in wait in vain. What helps is a " +
    "shorter queue: with 14 places nobody who is let in waits for more than " +
    "80 ms, and the server works for the living only.",
  mutants: [
    {
      name: "long after all",
      about: "the short queue is as long as the other",
      instead: { short: "serve" },
    },
    {
      name: "a slow kernel",
      about: "a switch takes 2 ms",
      machine: { costs: { contextSwitchNs: 2_000_000 } },
    },
  ],
  small: { seconds: 0.5 },
});

/** As many places as nobody in them waits too long. */
function shortest({ timeout, io, workers }: Values): number {
  return Math.floor((timeout! / io! - 1) * workers!);
}

function backlogOf(p: Values, style: string): number {
  return style === "short"
    ? Math.max(1, Math.min(p.backlog!, shortest(p)))
    : p.backlog!;
}

function medianNs(timesNs: readonly number[]): number {
  const sorted = [...timesNs].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
