// C7: a crowd, few threads, and one thread that does not wait. Who serves more,
// and whom it takes longer.

import { ms, s, us } from "../mod.ts";
import { equalPlaces, perSecond, timeNs } from "./model.ts";
import { near, of, scenario, type Values } from "./scenario.ts";
import { fixed, READY_NS, site } from "./site.ts";
import { COMPUTE, IO, modelOf, serverOf, TAX, THREADS } from "./styles.ts";

/** A crowd that has settled comes round and round: whole rounds are counted. */
export function window(p: Values, style: string) {
  const roundNs = timeNs(modelOf(style, p), p.clients!);
  const fromNs = READY_NS + Math.ceil(roundNs + p.io! * us);
  const rounds = Math.max(1, Math.round(p.seconds! * s / roundNs));
  return { fromNs, untilNs: fromNs + Math.round(rounds * roundNs) };
}

export default scenario({
  id: "many-clients",
  number: 7,
  title: "More clients, sooner",
  claim:
    "One thread that keeps many requests under way serves more clients, and " +
    "each of them sooner, than a few threads that wait.",
  params: {
    clients: { min: 1, max: 480, value: 256, unit: "", about: "at all times" },
    threads: THREADS,
    io: { ...IO, min: 100 },
    compute: { ...COMPUTE, min: 1 },
    tax: TAX,
    seconds: { min: 0.01, max: 10, value: 1, unit: "s", about: "counted" },
  },
  styles: {
    block: "so many threads that wait",
    submit: "one thread, an event loop",
    push: "one thread that is interrupted",
  },
  world(p, seed, style, change) {
    const trial = site({
      seed,
      change,
      server: serverOf(style, p),
      load: {
        clients: p.clients!,
        compute: fixed(p.compute!),
        io: fixed(p.io!),
      },
    });
    return { ...trial, ...window(p, style) };
  },
  holds: (result) =>
    of(result, "submit").perSecond > of(result, "block").perSecond &&
    of(result, "submit").latency.meanNs < of(result, "block").latency.meanNs,
  crossover: {
    param: "threads",
    holds: "below",
    at: (p) =>
      Math.min(
        equalPlaces(modelOf("block", p), modelOf("submit", p)),
        fewClients(p),
      ),
    about:
      "with enough threads the blocking server is as good, and with more it is better: it pays no tax",
  },
  expect(result, p) {
    for (const style of ["block", "submit", "push"]) {
      const measured = of(result, style);
      const model = modelOf(style, p);
      const share = tolerance(style, p);
      const { perSecond: rate, latency: { meanNs } } = measured;
      near(rate, perSecond(model, p.clients!), `${style}, a second`, share);
      near(meanNs, timeNs(model, p.clients!), `${style}, mean time`, share);
      const inside = rate * meanNs / s;
      near(inside, p.clients!, `${style}, inside by Little's law`, 2 * share);
    }
  },
  misleads:
    "Eight threads are a choice. With 63 the blocking server serves as many " +
    "as the event loop, and with 92 and more nearly half as many again, " +
    "because it pays no tax. (If 256 have a thread each it is 9,100 a " +
    "second; with 100 to 200 a little more, since a thread that finds its " +
    "next client waiting saves a switch.) What the event loop does better " +
    "is to need no such number.",
  text:
    "256 clients always have a request under way: 10 ms of waiting and 0.1 " +
    "ms of work. Eight threads can wait for eight of them, which makes 791 " +
    "answers a second and a third of a second for each. One thread that " +
    "waits for all of them at once is held up by its CPU alone: 6,250 a " +
    "second, 41 ms each. But turn the number of threads up.",
  mutants: [
    {
      name: "waits after all",
      about: "the event loop is the blocking server",
      instead: { submit: "block" },
    },
    {
      name: "dear switches",
      about: "a switch takes 1 ms instead of 5 µs",
      machine: { costs: { contextSwitchNs: 1 * ms } },
    },
  ],
  small: { clients: 48, threads: 4, io: 2_000, seconds: 0.03 },
});

/** Answers come in bursts of who is inside: a short count may miss one of them. */
export function tolerance(style: string, p: Values): number {
  const model = modelOf(style, p);
  const burst = Math.min(p.clients!, model.places);
  return Math.max(0.03, burst / (p.seconds! * perSecond(model, p.clients!)));
}

/** So few that each has a thread; then the one who pays no tax is better. */
function fewClients(p: Values): number {
  const submit = modelOf("submit", p);
  const inside = p.clients! * submit.cpuNs <= submit.cpuNs + submit.ioNs;
  return inside ? p.clients! : Infinity;
}
