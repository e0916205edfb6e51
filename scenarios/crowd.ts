// Ten thousand clients, each of whom comes once and by chance. At which rate a
// server begins to turn them away depends on how many it can have under way. A
// sweep of the rate over 100 points is the largest experiment here: 4 million
// requests.

import { ms, us } from "../mod.ts";
import { REQUEST_US } from "./costs.ts";
import { WIRE_NS } from "./full_queue.ts";
import { perSecond } from "./model.ts";
import {
  near,
  of,
  type Result,
  scenario,
  that,
  type Values,
} from "./scenario.ts";
import { loop, pool, pushed } from "./servers.ts";
import { fixed, site } from "./site.ts";
import { modelOf, TAX, THREADS } from "./styles.ts";

/** Threads of the style that has plenty of them. */
const PLENTY = 256;

/** Requests a second that a style can answer, if there are always some. */
function capacity(style: string, p: Values): number {
  const threads = style === "threads" ? PLENTY : p.threads!;
  const model = style === "block" || style === "threads" ? "block" : "submit";
  const full = { ...p, compute: REQUEST_US, threads, clients: 1e6 };
  return perSecond(modelOf(model, full), full.clients);
}

/** How many find a place if more come than can be answered. */
function served(p: Values): number {
  const room = p.backlog! + p.threads!;
  return capacity("block", p) * p.clients! / p.rate! + room;
}

/** From this rate on the few threads turn some away. */
function fullFrom(p: Values): number {
  const free = p.clients! - p.backlog! - p.threads!;
  return free <= 0 ? Infinity : capacity("block", p) * p.clients! / free;
}

function refused(result: Result, style: string): number {
  return of(result, style).refused;
}

function serverOf(style: string, p: Values) {
  const plan = { backlog: p.backlog!, workers: 1, taxNs: p.tax! * us };
  if (style === "submit") return loop(plan);
  if (style === "push") return pushed(plan);
  const workers = style === "threads" ? PLENTY : p.threads!;
  return pool({ ...plan, workers, taxNs: 0 });
}

export default scenario({
  id: "crowd",
  number: 16,
  title: "Ten thousand, once each",
  claim:
    "Of a crowd that comes by chance, a server that can have many requests " +
    "under way turns nobody away where one with a few threads turns away " +
    "most.",
  params: {
    rate: {
      min: 10,
      max: 5000,
      value: 2000,
      unit: "/s",
      about: "clients come",
    },
    clients: {
      min: 100,
      max: 20_000,
      value: 10_000,
      unit: "",
      about: "in all",
    },
    threads: { ...THREADS, max: PLENTY },
    backlog: {
      min: 64,
      max: 512,
      value: 128,
      unit: "",
      about: "places to wait",
    },
    io: {
      min: 1000,
      max: 50_000,
      value: 10_000,
      unit: "µs",
      about: "of waiting in each request",
    },
    tax: { ...TAX, max: TAX.value },
  },
  styles: {
    block: "a few threads that wait",
    threads: `${PLENTY} threads that wait`,
    submit: "one thread, an event loop",
    push: "one thread that is interrupted",
  },
  world: (p, seed, style, change) =>
    site({
      seed,
      change,
      machine: { backlogPolicy: "reset" },
      wireNs: WIRE_NS,
      server: serverOf(style, p),
      load: {
        rate: p.rate!,
        requests: p.clients!,
        compute: fixed(REQUEST_US),
        io: fixed(p.io!),
      },
    }),
  holds: (result) => refused(result, "submit") < refused(result, "block"),
  crossover: {
    param: "rate",
    holds: "above",
    at: fullFrom,
    about: "as long as a few threads can answer all that come, nobody is " +
      "turned away by either",
  },
  expect(result, p) {
    for (const style of ["block", "threads", "submit", "push"]) {
      const { ok, refused, requests, latency } = of(result, style);
      that(ok + refused === requests, `${style} answers all that it lets in`);
      if (p.rate! > 0.5 * capacity(style, p)) continue;
      that(refused === 0, `${style} has room for all`);
      const aloneUs = p.io! + REQUEST_US;
      const oneUs = aloneUs + (isThreaded(style) ? 5 : p.tax!);
      near(
        latency.p50Ns,
        oneUs * us + 6 * WIRE_NS,
        `${style}, half of them`,
        0.1,
      );
    }
    if (p.rate! < 1.2 * fullFrom(p)) return;
    const share = 0.03 + 4 / Math.sqrt(p.clients!);
    near(of(result, "block").ok, served(p), "those who find a place", share);
    const longest = (p.backlog! / p.threads! + 1) * (p.io! + REQUEST_US) * us;
    near(of(result, "block").latency.maxNs, longest, "the longest wait", 0.2);
  },
  misleads:
    "Turning away is not the worst that can happen: who is let in by the few " +
    "threads waits for a whole queue, and a longer queue would turn away " +
    "fewer and make all of them wait longer. And it is the number of threads " +
    "that is small here, not that they wait: with 256 of them nobody is " +
    "turned away either, at the price of 64 MiB for their stacks.",
  text: "10,000 clients come by chance, 2,000 a second, and ask for 10 ms of " +
    "waiting and 0.1 ms of work. Eight threads can answer 791 a second: they " +
    "turn away six in ten, and the others wait for 170 ms. An event loop, a " +
    "thread that is interrupted and 256 threads answer all of them in 10 ms.",
  mutants: [
    {
      name: "waits after all",
      about: "the event loop is the server with a few threads",
      instead: { submit: "block" },
    },
    {
      name: "dear switches",
      about: "a switch takes 1 ms instead of 5 µs",
      machine: { costs: { contextSwitchNs: 1 * ms } },
    },
  ],
  lengths: ["clients"],
  small: { clients: 250, rate: 3000, backlog: 64, threads: 4, io: 5000 },
});

function isThreaded(style: string): boolean {
  return style === "block" || style === "threads";
}
