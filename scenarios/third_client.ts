// C4: two threads that wait, and a third client. What is compared is who waits,
// and that the CPU has nothing to do meanwhile.

import { type Main, us } from "../mod.ts";
import { SWITCH_US } from "./costs.ts";
import { exactly, near, of, scenario, that, type Values } from "./scenario.ts";
import { loop, pool } from "./servers.ts";
import { fixed, site } from "./site.ts";

const BACKLOG = 128;

function serverOf(style: string, p: Values): Main {
  const plan = { backlog: BACKLOG, workers: p.workers!, taxNs: 0 };
  if (style === "one more") return pool({ ...plan, workers: p.workers! + 1 });
  return style === "block" ? pool(plan) : loop({ ...plan, workers: 1 });
}

export default scenario({
  id: "third-client",
  number: 4,
  title: "The third client",
  claim: "With two threads that wait for I/O, a third client is kept in the " +
    "kernel's queue until one of them is free.",
  params: {
    clients: { min: 1, max: 100, value: 3, unit: "", about: "come at once" },
    workers: {
      min: 1,
      max: 64,
      value: 2,
      unit: "",
      about: "threads that serve",
    },
    io: {
      min: 100,
      max: 1_000_000,
      value: 10_000,
      unit: "µs",
      about: "of waiting in each request",
    },
  },
  styles: {
    block: "so many threads; each waits with its client",
    submit: "one thread, which waits for all at once",
  },
  world: (p, seed, style, change) =>
    site({
      seed,
      change,
      server: serverOf(style, p),
      load: { clients: p.clients!, requests: p.clients!, io: fixed(p.io!) },
    }),
  holds: (result) =>
    of(result, "block").latency.maxNs >
      1.5 * of(result, "submit").latency.maxNs,
  crossover: {
    param: "clients",
    holds: "above",
    at: (p) => p.workers!,
    about:
      "as long as there is a thread for each client nobody waits for another",
  },
  expect(result, p) {
    const { clients = 0, workers = 0, io = 0 } = p;
    const block = of(result, "block"), submit = of(result, "submit");
    const rounds = Math.ceil(clients / workers);
    const share = 0.03 + 3 * SWITCH_US / io;
    near(
      block.latency.maxNs,
      rounds * io * us,
      "the last client's time",
      share,
    );
    near(
      block.latency.p50Ns,
      Math.ceil(Math.ceil(clients / 2) / workers) * io * us,
      "the median",
      share,
    );
    exactly(
      block.queueMost,
      Math.max(0, clients - workers),
      "the queue's peak",
    );
    near(submit.latency.maxNs, io * us, "everybody's time where nobody waits");
    exactly(block.ok + submit.ok, 2 * clients, "answers");
    that(
      block.busyNs < 0.05 * block.elapsedNs,
      "the CPU idles while clients wait",
    );
  },
  misleads:
    "Nothing in the numbers. But the threads idle, not the CPU: with other " +
    "work it would be busy.",
  text:
    "Three clients come at once and two threads serve them. The first two " +
    "have their answers after one wait, the third after two: until then it " +
    "was in no thread's hands. The kernel has accepted the connection and " +
    "nobody has taken it. The CPU had next to nothing to do all the time.",
  mutants: [
    {
      name: "a thread more",
      about: "the server has one thread more than it says",
      instead: { block: "one more" },
    },
    {
      name: "nobody waits",
      about: "the blocking server submits",
      instead: { block: "submit" },
    },
  ],
  small: {},
});
