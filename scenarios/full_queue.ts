// C5: more requests than the server can answer, and a queue with an end. The same
// crowd at equal distances with both policies of a full queue, and a crowd that
// comes by chance.

import { ms, s, us } from "../mod.ts";
import { NO_COSTS } from "./costs.ts";
import { lineOf } from "./queue.ts";
import {
  exactly,
  of,
  type Sample,
  scenario,
  that,
  type Values,
} from "./scenario.ts";
import { pool } from "./servers.ts";
import { fixed, site } from "./site.ts";

/** A wire that is nearly free, so that it is always clear who comes first. */
export const WIRE_NS = 10 * us;

export function lineFor(p: Values) {
  return lineOf({
    perSecond: p.rate!,
    seconds: p.seconds!,
    workers: p.workers!,
    backlog: p.backlog!,
    serviceNs: p.io! * ms,
  });
}

/** Requests a second that can be answered. */
export function capacity(p: Values): number {
  return p.workers! * 1000 / p.io!;
}

/** Even if fewer come than on average, by four deviations, not all find a place. */
function surelyTooMany(p: Values): boolean {
  const coming = p.rate! * p.seconds!;
  const room = capacity(p) * p.seconds! + p.backlog! + p.workers!;
  return coming - 4 * Math.sqrt(coming) > room;
}

/** When the first was turned away, after the first that came. */
function firstRefusedMs(samples: Sample[]): number {
  const earliest = (some: readonly Sample[]) =>
    some.reduce((low, { beganNs }) => Math.min(low, beganNs), Infinity);
  const first = earliest(samples);
  const at = earliest(samples.filter(({ ending }) => ending === "refused"));
  return (at - first) / ms;
}

export const OVERLOAD_PARAMS = {
  rate: { min: 1, max: 1000, value: 250, unit: "/s", about: "requests" },
  backlog: { min: 1, max: 512, value: 16, unit: "", about: "places to wait" },
  workers: { min: 1, max: 64, value: 2, unit: "", about: "threads that serve" },
  io: { min: 1, max: 1000, value: 10, unit: "ms", about: "of waiting in each" },
  seconds: { min: 0.1, max: 60, value: 8, unit: "s", about: "the crowd comes" },
};

export default scenario({
  id: "full-queue",
  number: 5,
  title: "The queue is full",
  claim:
    "If requests come faster than they are answered, the queue fills up, " +
    "and from then on new ones are turned away.",
  params: OVERLOAD_PARAMS,
  styles: {
    reset: "equal distances; a full queue refuses",
    drop: "equal distances; a full queue says nothing, and clients knock again",
    poisson: "the same number by chance; a full queue refuses",
  },
  world(p, seed, style, change) {
    const trial = site({
      seed,
      change,
      machine: {
        costs: NO_COSTS,
        backlogPolicy: style === "drop" ? "drop" : "reset",
      },
      wireNs: WIRE_NS,
      server: pool({ backlog: p.backlog!, workers: p.workers!, taxNs: 0 }),
      load: {
        rate: p.rate!,
        arrivals: style === "poisson" ? "poisson" : "even",
        requests: Math.round(p.rate! * p.seconds!),
        io: fixed(p.io! * 1000),
      },
    });
    const facts = () => ({ firstRefusedMs: firstRefusedMs(trial.samples) });
    return { ...trial, facts };
  },
  holds: (result) => of(result, "reset").refused > 0,
  crossover: {
    param: "rate",
    holds: "above",
    at: (p) => capacity(p) + p.backlog! / p.seconds!,
    about: "up to what can be answered nobody is turned away, if all come at " +
      "equal distances; by chance some are, before that",
  },
  expect(result, p) {
    const line = lineFor(p);
    const reset = of(result, "reset");
    exactly(reset.refused, line.refused, "turned away");
    exactly(reset.ok, line.timesNs.length, "answered");
    if (line.refused > 0) {
      const late = reset.facts.firstRefusedMs! - line.firstRefusedNs / ms;
      that(Math.abs(late) < 0.001, `the first is turned away when it must be`);
    }
    const drop = of(result, "drop");
    exactly(drop.refused, 0, "refused by who says nothing");
    if (line.refused > 0) {
      that(
        drop.latency.maxNs > 1 * s,
        "who is not heard knocks again after a second",
      );
      exactly(reset.queueMost, p.backlog!, "the longest queue");
    }
    const poisson = of(result, "poisson");
    exactly(
      poisson.ok + poisson.refused,
      poisson.requests,
      "all accounted for",
    );
    if (surelyTooMany(p)) {
      that(poisson.refused > 0, "by chance some are turned away, too");
    }
  },
  misleads:
    "What a client sees depends on a setting. By default Linux drops what " +
    "does not fit: to the client it looks as if nobody answered, and it " +
    "comes again after a second, in the midst of others. A refusal is only " +
    "seen with the policy reset. The queue belongs to one socket, not to " +
    "the machine. And with equal distances the edge is sharp; people come " +
    "by chance, and then some are turned away below it.",
  text:
    "Two threads answer 200 requests a second, and 250 come. Fifty a second " +
    "are too many; they fill 16 places in a third of a second, and from " +
    "then on one in five is turned away. A longer queue would put that off " +
    "and change nothing else. At 199 a second nobody is turned away at all.",
  mutants: [
    {
      name: "says nothing",
      about: "the kernel drops where it should refuse",
      machine: { backlogPolicy: "drop" },
    },
    {
      name: "a slow kernel",
      about: "a switch takes a millisecond, so less can be answered",
      machine: { costs: { contextSwitchNs: 1_000_000 } },
    },
  ],
  small: { seconds: 0.5 },
});
