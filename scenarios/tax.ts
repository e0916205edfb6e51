// C8: few tasks. What a framework costs each request, where nobody has to wait
// for anybody.

import { us } from "../mod.ts";
import { SWITCH_US } from "./costs.ts";
import { near, of, scenario, type Values } from "./scenario.ts";
import { fixed, site } from "./site.ts";
import { COMPUTE, IO, serverOf, TAX, THREADS } from "./styles.ts";

/** Slower by so much is worth a word. */
const SHARE = 0.01;

/** One request by itself, ns. The thread it goes to is another than the last, if there are several. */
function oneNs(style: string, { compute, io, tax, threads }: Values): number {
  const switchUs = threads! > 1 ? SWITCH_US : 0;
  return (compute! + io! + (style === "block" ? switchUs : tax!)) * us;
}

/** With waits up to this the tax is more than that share, ns. */
function noticeableNs(p: Values): number {
  const blockNs = oneNs("block", { ...p, io: 0 });
  const submitNs = oneNs("submit", { ...p, io: 0 });
  return Math.max(0, (submitNs - (1 + SHARE) * blockNs) / SHARE);
}

export default scenario({
  id: "tax",
  number: 8,
  title: "The tax",
  claim:
    "With only a few requests under way, a framework for asynchronous I/O " +
    "makes each of them take longer.",
  params: {
    threads: THREADS,
    io: { ...IO, value: 200 },
    compute: COMPUTE,
    tax: TAX,
    requests: { min: 10, max: 10_000, value: 200, unit: "", about: "in all" },
  },
  styles: {
    block: "so many threads that wait",
    submit: "one thread, an event loop, with the tax",
  },
  world: (p, seed, style, change) =>
    site({
      seed,
      change,
      server: serverOf(style, p),
      load: {
        clients: 1,
        requests: p.requests!,
        compute: fixed(p.compute!),
        io: fixed(p.io!),
      },
    }),
  holds: (result) =>
    of(result, "submit").latency.p50Ns >=
      (1 + SHARE) * of(result, "block").latency.p50Ns,
  crossover: {
    param: "io",
    holds: "below",
    at: (p) => noticeableNs(p) / us,
    about: "with longer waits the tax is less than a hundredth of the whole",
  },
  expect(result, p) {
    for (const style of ["block", "submit"]) {
      near(of(result, style).latency.p50Ns, oneNs(style, p), style, 0.01);
    }
  },
  misleads:
    "It takes a short wait to see it. Beside the 10 ms of a disk the tax is " +
    "half a hundredth, and nobody notices. And it is a parameter here: what " +
    "a real framework adds has to be measured, and for some it is next to " +
    "nothing.",
  text: "One client, one request at a time, 0.1 ms of work and 0.2 ms of " +
    "waiting. The blocking server takes 0.31 ms, two switches included; the " +
    "event loop takes 0.36 ms, since its framework adds 60 µs. That is a " +
    "sixth more. With a wait of 10 ms it is 10.11 and 10.16 ms, and not " +
    "worth a word. (A CPU that was idle takes up the thread it had before " +
    "without a switch, so the blocking server is in fact a switch faster " +
    "than that.)",
  mutants: [
    {
      name: "untaxed",
      about: "the event loop pays no tax",
      instead: { submit: "submit untaxed" },
    },
    {
      name: "dear switches",
      about: "a switch takes 100 µs instead of 5",
      machine: { costs: { contextSwitchNs: 100_000 } },
    },
  ],
  small: { requests: 40 },
});
