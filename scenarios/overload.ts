// The overload lab: a server that has room for all, a burst that is too much for a
// moment, and clients who try again when nobody answers in time. What they do then
// decides whether it comes back. What is counted is answers in time at the end, when
// the burst is long over, and work done for who has left.

import { ms, s } from "../mod.ts";
import type { LoadPlan } from "../userland/lib/load.ts";
import { NO_COSTS } from "./costs.ts";
import { WIRE_NS } from "./full_queue.ts";
import {
  near,
  of,
  type Result,
  type Sample,
  scenario,
  that,
  type Values,
} from "./scenario.ts";
import { pool } from "./servers.ts";
import { fixed, READY_NS, site } from "./site.ts";

const WORKERS = 2, IO_MS = 10;
/** Requests a second that can be answered. */
const CAPACITY = WORKERS * 1000 / IO_MS;
/** The burst comes after this part of the time, the end is judged by the last. */
const BURST_AT = 0.1, LAST = 0.25;
/** With waits that double from this on. */
const FIRST_PAUSE_MS = 100;
/** Of their requests, by clients who keep account. */
const BUDGET = 0.1;

function rate({ load }: Values): number {
  return load! / 100 * CAPACITY;
}

/** Places in the queue from which one is served in time. */
function shortest({ timeout }: Values): number {
  return Math.max(1, Math.floor((timeout! / IO_MS - 1) * WORKERS));
}

/** How the clients of a style try again. */
function habit(style: string, p: Values): Partial<LoadPlan> {
  const retries = p.retries!, pauseNs = p.pause! * ms;
  switch (style) {
    case "once":
      return { retries: 0 };
    case "backoff":
      return { retries, pauseNs: FIRST_PAUSE_MS * ms, backoff: 2, jitter: 0.5 };
    case "budget":
      return { retries, pauseNs, retryShare: BUDGET };
    default:
      return { retries, pauseNs };
  }
}

/** Answers in time, a second, of those who came in the last part. */
function goodput(samples: readonly Sample[], { seconds }: Values): number {
  const fromNs = READY_NS + (1 - LAST) * seconds! * s;
  const good = samples.filter(({ beganNs, ending }) =>
    ending === "ok" && beganNs >= fromNs
  );
  return good.length / (LAST * seconds!);
}

/** Of those in the queue after the burst, who wait too long. */
function tooMany(p: Values): number {
  const inside = Math.min(p.backlog!, p.burst!) + WORKERS;
  return Math.max(0, inside - shortest(p));
}

/** The queue is short again in time to be judged, if so many more come than once each. */
function isDrained(p: Values, more = 0): boolean {
  const perSecond = CAPACITY - (1 + more) * rate(p);
  return tooMany(p) < perSecond * (0.9 - BURST_AT - LAST) * p.seconds!;
}

/** With every retry more come than can be answered, and until all of them do the queue is not short again. */
function staysDown(p: Values, load: number): boolean {
  const perSecond = rate({ load }), tries = p.retries! + 1;
  let left = tooMany(p);
  for (let k = 1; k <= tries; k++) {
    const lessPerSecond = Math.max(0, CAPACITY - k * perSecond);
    left -= lessPerSecond * (p.timeout! + p.pause!) / 1000;
  }
  return left > 0 && tries * perSecond >= CAPACITY;
}

/** From this load on it stays down, %. */
function edge(p: Values): number {
  if (!isDrained(p)) return Infinity; // for nobody it is over
  let load = 100 / (p.retries! + 1);
  while (load <= 100 && !staysDown(p, load)) load += 0.25;
  return load > 100 ? Infinity : load;
}

function share(result: Result, style: string): number {
  return of(result, style).facts.goodput! / rate(result.params);
}

export default scenario({
  id: "overload",
  number: 17,
  title: "Trying again",
  claim:
    "Clients who try again when nobody answers can keep a server down that " +
    "has room for all of them, long after what was too much for it is over.",
  params: {
    load: {
      min: 5,
      max: 90,
      value: 80,
      unit: "%",
      about: "of what can be answered, comes",
    },
    retries: { min: 1, max: 10, value: 3, unit: "", about: "each tries again" },
    pause: {
      min: 1,
      max: 1000,
      value: 10,
      unit: "ms",
      about: "before it does",
    },
    timeout: {
      min: 20,
      max: 1000,
      value: 100,
      unit: "ms",
      about: "a client waits",
    },
    backlog: { min: 1, max: 512, value: 64, unit: "", about: "places to wait" },
    burst: {
      min: 0,
      max: 500,
      value: 100,
      unit: "",
      about: "come at once, and once",
    },
    refuses: {
      min: 0,
      max: 1,
      value: 1,
      unit: "",
      about: "a full queue: 1 refuses, 0 drops",
    },
    seconds: {
      min: 1,
      max: 60,
      value: 10,
      unit: "s",
      about: "the crowd comes",
    },
  },
  styles: {
    once: "who was not answered in time gives up",
    retry: "tries again after a short pause",
    backoff: "tries again after pauses that double, and are left to chance",
    budget: "tries again, but in all only a tenth more than it asks",
    short: "as retry, with a queue no longer than clients are patient",
  },
  world(p, seed, style, change) {
    const backlog = style === "short"
      ? Math.min(p.backlog!, shortest(p))
      : p.backlog!;
    const limits = {
      timeoutNs: p.timeout! * ms + 10 * WIRE_NS,
      io: fixed(IO_MS * 1000),
    };
    const trial = site({
      seed,
      change,
      machine: {
        costs: NO_COSTS,
        backlogPolicy: p.refuses! < 0.5 ? "drop" : "reset",
      },
      wireNs: WIRE_NS,
      server: pool({ backlog, workers: WORKERS, taxNs: 0 }),
      load: {
        rate: rate(p),
        arrivals: "even",
        requests: Math.round(rate(p) * p.seconds!),
        ...limits,
        ...habit(style, p),
      },
      ...p.burst! > 0 && {
        beside: {
          clients: p.burst!,
          requests: p.burst!,
          ...limits,
          key: "burst",
        },
        besideAfterNs: BURST_AT * p.seconds! * s,
      },
    });
    const facts = () => {
      const late = trial.late!();
      const ok = trial.samples.filter(({ ending }) => ending === "ok").length;
      return {
        goodput: goodput(trial.samples, p),
        wasted: late / Math.max(1, ok + late),
        tries: 1 + trial.retries() / Math.max(1, trial.samples.length),
      };
    };
    return { ...trial, facts };
  },
  holds: (result) =>
    share(result, "once") > 0.9 && share(result, "retry") < 0.5,
  crossover: {
    param: "load",
    holds: "above",
    at: edge,
    about:
      "if all that could come, with every retry, can be answered, it comes back by itself",
  },
  expect(result, p) {
    if (!isDrained(p)) return;
    const few = 0.05 + 2 / (rate(p) * LAST * p.seconds!);
    const comesBack = (style: string) =>
      near(
        share(result, style),
        1,
        `${style}, answered in time at the end`,
        few,
      );
    comesBack("once");
    comesBack("short");
    that(
      of(result, "short").facts.wasted! < 0.01,
      "a short queue works for nobody who has left",
    );
    if (isDrained(p, 2 * BUDGET)) comesBack("budget");
    if (!result.holds) return;
    that(
      of(result, "retry").facts.wasted! > 0.5,
      "where it stays down, most work is for nobody",
    );
  },
  misleads:
    "The server is busy all the time and answers 200 a second: by its own " +
    "numbers it was never better. And longer pauses look like the remedy, " +
    "but who comes in any case comes with all his retries, only later: " +
    "what counts is how many tries there are, not when.",
  text:
    "A server that can answer 200 a second is asked by 160. A burst of 100 " +
    "fills its queue, and whoever now stands at its end waits for 330 ms, of " +
    "which he has 100. If he gives up, the queue is worked off in two " +
    "seconds. If he tries again, three times, 640 a second stand at the " +
    "queue instead of 160; it stays full, each answer goes to somebody who " +
    "has left, and so it remains, though the burst is long over. A shorter " +
    "queue, or clients who keep their retries to a tenth, and it comes back.",
  mutants: [
    {
      name: "patient after all",
      about: "who tries again gives up",
      instead: { retry: "once" },
    },
    {
      name: "as long as the others",
      about: "the short queue is as long as the other",
      instead: { short: "retry" },
    },
  ],
  small: { load: 60, seconds: 2 },
});
