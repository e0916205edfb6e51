// C12: the same work on four CPUs by few threads and by many. What a switch costs
// is paid once for each piece of work that ends in one.

import {
  compute,
  join,
  type Program,
  type Routine,
  sleep,
  thread,
  us,
  yieldCpu,
} from "../mod.ts";
import { World } from "../kernel/mod.ts";
import { NO_COSTS } from "./costs.ts";
import { exactly, near, of, scenario, that, type Values } from "./scenario.ts";
import { changed } from "./site.ts";

const CPUS = 4;
/** Longer than any piece: a turn ends where the piece does. */
const QUANTUM_NS = 1_000_000_000;
/** Less is not worth a word. */
const SHARE = 0.005;
const THREADS: Record<string, number> = { "4": 4, "64": 64, "512": 512 };

/** Pieces of work in all, a whole number for each thread. */
function pieces({ work, burst }: Values): number {
  const most = Math.max(...Object.values(THREADS));
  const wanted = CPUS * work! * 1000 / burst!;
  return most * Math.max(1, Math.round(wanted / most));
}

/** One piece after the other; in between it lets others, or waits. */
function* work(
  { count, burstNs, ioNs }: { count: number; burstNs: number; ioNs: number },
): Routine {
  for (let i = 0; i < count; i++) {
    yield* compute(burstNs);
    if (ioNs > 0) yield* sleep(ioNs);
    else yield* yieldCpu();
  }
}

/** With long pieces a switch between them is next to nothing. */
function isWorthAWord(p: Values): boolean {
  return p.switch! / (p.burst! + p.switch!) > SHARE;
}

/** All pieces without a single switch, ns. */
function idealNs(p: Values): number {
  return pieces(p) * p.burst! * us / CPUS;
}

export default scenario({
  id: "one-per-cpu",
  number: 12,
  title: "One for each CPU",
  claim: "One thread or process for each CPU is best: it saves the switches, " +
    "which are dear.",
  params: {
    burst: {
      min: 1,
      max: 100_000,
      value: 20,
      unit: "µs",
      about: "of work until a thread lets others",
    },
    switch: {
      min: 0,
      max: 1000,
      value: 5,
      unit: "µs",
      about: "a switch takes",
    },
    work: { min: 1, max: 10_000, value: 50, unit: "ms", about: "for each CPU" },
    io: {
      min: 0,
      max: 10_000,
      value: 0,
      unit: "µs",
      about: "of waiting after each piece; 0 is none",
    },
  },
  styles: {
    "4": "a thread for each CPU",
    "64": "sixteen for each CPU",
    "512": "128 for each CPU",
  },
  world(p, seed, style, change) {
    const threads = THREADS[style]!;
    const world = new World({ seed, trace: change.trace });
    const machine = world.boot(changed({
      name: "kettle",
      cpus: CPUS,
      quantumNs: QUANTUM_NS,
      memory: 2 ** 40,
      costs: { ...NO_COSTS, contextSwitchNs: Math.round(p.switch! * us) },
    }, change));
    const count = pieces(p) / threads;
    let makespanNs = 0;
    const until = machine.spawn(function* main(): Program {
      const share = { count, burstNs: p.burst! * us, ioNs: p.io! * us };
      const tids: number[] = [];
      while (tids.length < threads) tids.push(yield* thread(work, share));
      for (const tid of tids) yield* join(tid);
      makespanNs = world.now;
    });
    const facts = () => ({ makespanNs, pieces: pieces(p) });
    return { world, machine, samples: [], until, facts };
  },
  holds: (result) =>
    of(result, "4").facts.makespanNs! <
      (1 - SHARE) * of(result, "64").facts.makespanNs!,
  crossover: {
    param: "io",
    holds: "below",
    at: (p) => isWorthAWord(p) ? p.switch! : 0,
    about:
      "as soon as threads wait for longer than a switch takes, one for each CPU leaves it idle",
  },
  expect(result, p) {
    if (p.io! > 0) return;
    const share = Math.max(0.03, 2 * CPUS / pieces(p) * p.switch!);
    near(
      of(result, "4").facts.makespanNs!,
      idealNs(p),
      "one for each CPU",
      share,
    );
    that(
      of(result, "4").switches <= 4 * CPUS,
      "one for each CPU hardly ever switches",
    );
    for (const many of ["64", "512"]) {
      const { switches, facts, busyNs } = of(result, many);
      // One for each piece, and one for each thread's end.
      const expected = pieces(p) + THREADS[many]!;
      const paidNs = expected * p.switch! * us;
      near(switches, expected, `switches with ${many} threads`);
      near(
        facts.makespanNs!,
        idealNs(p) + paidNs / CPUS,
        `all done with ${many} threads`,
      );
      near(
        (busyNs - CPUS * idealNs(p)) / busyNs,
        paidNs / (CPUS * idealNs(p) + paidNs),
        `share lost to switches with ${many} threads`,
      );
    }
    exactly(of(result, "4").facts.pieces!, pieces(p), "pieces of work");
  },
  misleads:
    "The price is by the piece, not by the thread. With pieces of 20 µs a " +
    "fifth is lost, with turns of 10 ms a twentieth of a percent, however " +
    "many threads there are. What makes switches dear on real machines is " +
    "mostly the cache that has to be filled again: put 30 µs in, and short " +
    "pieces lose 60 %. And the rule is for threads that do not wait: with " +
    "blocking I/O one thread for each CPU leaves it idle.",
  text:
    "The same work on four CPUs, by 4, by 64 and by 512 threads, in pieces " +
    "of 20 µs. Four threads never meet. The others change places after each " +
    "piece and pay 5 µs for it: a fifth of all CPU time, and 512 pay no " +
    "more than 64.",
  mutants: [
    {
      name: "free switches",
      about: "a switch costs nothing",
      machine: { costs: { contextSwitchNs: 0 } },
    },
    {
      name: "many after all",
      about: "64 threads where there should be four",
      instead: { "4": "64" },
    },
  ],
  small: { work: 6 },
});
