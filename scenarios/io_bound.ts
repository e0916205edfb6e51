// C15: one point of the map of CPU share and crowd. A request takes the same time
// in all; a share of it is work, the rest is waiting. A sweep over both draws
// where the event loop is better.

import { ms, s } from "../mod.ts";
import { betterBy } from "./map.ts";
import { perSecond, timeNs } from "./model.ts";
import { tolerance, window } from "./many_clients.ts";
import { near, of, scenario, type Values } from "./scenario.ts";
import { fixed, site } from "./site.ts";
import { modelOf, serverOf, TAX, THREADS } from "./styles.ts";

/** The share as work and waiting, for the styles. */
function split(p: Values): Values {
  const compute = Math.max(1, Math.round(p.share! / 100 * p.request!));
  return { ...p, compute, io: p.request! - compute };
}

/** The share of CPU at which both give as much, in percent. */
function evenShare(p: Values): number {
  const isBetter = (share: number) => {
    const at = split({ ...p, share });
    const { fromNs, untilNs } = window(at, "block");
    const block = perSecond(modelOf("block", at), p.clients!);
    const better = betterBy(p, block * (untilNs - fromNs) / s);
    return perSecond(modelOf("submit", at), p.clients!) > better * block;
  };
  let low = 0.1, high = 100;
  if (!isBetter(low)) return 0;
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    if (isBetter(middle)) low = middle;
    else high = middle;
  }
  return high;
}

export default scenario({
  id: "io-bound",
  number: 15,
  title: "Where it pays",
  claim: "An app that spends most of its time waiting usually uses its CPU " +
    "better, and answers sooner, with asynchronous I/O.",
  params: {
    share: {
      min: 1,
      max: 99,
      value: 2,
      unit: "%",
      about: "of a request is work",
    },
    clients: { min: 1, max: 5000, value: 64, unit: "", about: "at all times" },
    request: {
      min: 1000,
      max: 1_000_000,
      value: 10_000,
      unit: "µs",
      about: "work and waiting together",
    },
    threads: THREADS,
    tax: TAX,
    seconds: { min: 0.01, max: 10, value: 0.3, unit: "s", about: "counted" },
  },
  styles: {
    block: "so many threads that wait",
    submit: "one thread, an event loop, with the tax",
  },
  world(p, seed, style, change) {
    const at = split(p);
    const trial = site({
      seed,
      change,
      backendConnections: p.clients!,
      server: serverOf(style, at),
      load: {
        clients: p.clients!,
        compute: fixed(at.compute!),
        io: fixed(at.io!),
      },
    });
    return { ...trial, ...window(at, style) };
  },
  holds(result) {
    const block = of(result, "block"), submit = of(result, "submit");
    const better = betterBy(result.params, block.ok);
    return submit.perSecond > better * block.perSecond &&
      submit.latency.meanNs < block.latency.meanNs;
  },
  crossover: {
    param: "share",
    holds: "below",
    at: evenShare,
    about:
      "from an eighth of CPU on, eight threads keep the CPU as busy as the event loop does",
  },
  expect(result, p) {
    const at = split(p);
    for (const style of ["block", "submit"]) {
      const measured = of(result, style), model = modelOf(style, at);
      const share = tolerance(style, at);
      near(measured.perSecond, perSecond(model, p.clients!), style, share);
      near(measured.latency.meanNs, timeNs(model, p.clients!), style, share);
    }
  },
  misleads:
    "One point proves nothing: each of two people can find one that proves " +
    "him right. Sweep the share, and the crowd: the event loop is better " +
    "where more clients wait than there are threads and the CPU is not yet " +
    "full.",
  text:
    "Requests of 10 ms; the slider says how much of that is work. With 2 % " +
    "the event loop answers nearly five times as many as eight threads. At " +
    "one eighth the eight threads keep the CPU busy, and from there on the " +
    "tax is all that is left of the difference. With eight clients or fewer " +
    "there is never anything to gain.",
  mutants: [
    {
      name: "waits after all",
      about: "the event loop is the blocking server",
      instead: { submit: "block" },
    },
    {
      name: "two CPUs",
      about: "the machine has a second CPU, and switches are dear",
      machine: { cpus: 2, costs: { contextSwitchNs: 1 * ms } },
    },
  ],
  small: { share: 5, clients: 32, threads: 4, request: 4000, seconds: 0.05 },
});
