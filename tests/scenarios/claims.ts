// The outcomes that were predicted for each claim, by two small simulations of
// their own, beside what Kettle measures with the same costs. Counts are exact,
// times within 3 %; where another figure is right, the row says which and why. Run as a program it
// prints the table.

import { runScenario } from "../../scenarios/run.ts";
import type { Result, StyleResult, Values } from "../../scenarios/scenario.ts";
import { SCENARIOS } from "../../scenarios/catalog.ts";

export interface ClaimRow {
  claim: string;
  what: string;
  predicted: number;
  measured: number;
  /** 0 is exactly. */
  share: number;
  unit: string;
  /** Another figure is right here, and why. */
  instead?: number;
  because?: string;
}

type Figure = [
  what: string,
  unit: string,
  style: string,
  figure: (style: StyleResult) => number,
  predicted: number,
  options?: { share?: number; instead?: number; because?: string },
];

interface Case {
  id: string;
  params?: Values;
  /** Only these styles are needed. */
  styles?: string[];
  figures: Figure[];
}

const EXACT = { share: 0 };
const meanMs = (it: StyleResult) => it.latency.meanNs / 1e6;
const maxMs = (it: StyleResult) => it.latency.maxNs / 1e6;
const p50Us = (it: StyleResult) => it.latency.p50Ns / 1e3;
const p90Ms = (it: StyleResult) => it.latency.p90Ns / 1e6;
const p99Ms = (it: StyleResult) => it.latency.p99Ns / 1e6;
const rate = (it: StyleResult) => it.perSecond;
const fact = (name: string, unit = 1) => (it: StyleResult) =>
  it.facts[name]! / unit;
const makespan = fact("makespanNs", 1e9);
const lostShare = (it: StyleResult) => 100 * it.refused / it.requests;
const cpu = (it: StyleResult) => 100 * it.facts.cpuShare!;

/** Of the CPU time what was paid for switches, with so many pieces of so many µs. */
const switchShare = (burstUs: number) => (it: StyleResult) =>
  100 * (1 - it.facts.pieces! * burstUs * 1000 / it.busyNs);

const SWITCH_NOTE =
  "a thread that finds its next client waiting saves one of the two switches; it is 9,091 if each client has a thread";

export const CASES: Case[] = [
  {
    id: "six-steps",
    figures: [
      ["steps in order, once each", "", "submit", fact("steps"), 6, EXACT],
      ["thread blocked", "ns", "submit", fact("waitedNs"), 0, EXACT],
    ],
  },
  {
    id: "order",
    figures: [
      ["first event", "", "two devices", fact("firstDone"), 2, EXACT],
      ["results by handle", "", "two devices", fact("matched"), 2, EXACT],
      ["event (1)", "ms", "two devices", fact("ended1Ns", 1e6), 8],
      ["event (2)", "ms", "two devices", fact("ended2Ns", 1e6), 1.5],
      [
        "first event, one device",
        "",
        "one device",
        fact("firstDone"),
        1,
        EXACT,
      ],
    ],
  },
  {
    id: "pause",
    figures: [
      ["elapsed, blocking", "ms", "block", fact("endNs", 1e6), 9.5],
      ["elapsed, at once", "ms", "submit", fact("endNs", 1e6), 8],
      ["thread blocked", "ms", "block", fact("waitedNs", 1e6), 8.5],
      [
        "CPU idle, with another thread",
        "ms",
        "busy",
        fact("cpuIdleNs", 1e6),
        0,
        EXACT,
      ],
    ],
  },
  {
    id: "third-client",
    figures: [
      ["first two", "ms", "block", (it) => it.latency.p50Ns / 1e6, 10],
      ["the third", "ms", "block", maxMs, 20],
      ["queue's peak", "", "block", (it) => it.queueMost, 1, EXACT],
    ],
  },
  {
    id: "full-queue",
    styles: ["reset", "poisson", "drop"],
    figures: [
      ["turned away of 2,000", "", "reset", (it) => it.refused, 384, EXACT],
      ["share turned away", "%", "reset", lostShare, 19.2],
      ["first turned away", "ms", "reset", fact("firstRefusedMs"), 328, {
        instead: 320,
        because:
          "at equal times the newcomer comes before the end of a service, as it must where a handshake goes before it; then it is 320",
      }],
      ["turned away, policy drop", "", "drop", (it) => it.refused, 0, EXACT],
    ],
  },
  {
    id: "full-queue",
    params: { rate: 199 },
    styles: ["reset"],
    figures: [
      ["turned away at 199/s", "", "reset", (it) => it.refused, 0, EXACT],
    ],
  },
  {
    id: "patience",
    styles: ["serve"],
    figures: [
      ["served", "", "serve", (it) => it.ok + it.late, 1616, EXACT],
      ["in time, of 80 ms", "", "serve", (it) => it.ok, 72, EXACT],
      ["goodput", "%", "serve", (it) => 100 * it.ok / it.requests, 3.6],
    ],
  },
  {
    id: "patience",
    params: { timeout: 100 },
    styles: ["serve"],
    figures: [["late, of 100 ms", "", "serve", (it) => it.late, 0, EXACT]],
  },
  {
    id: "patience",
    params: { backlog: 128 },
    styles: ["serve"],
    figures: [
      ["turned away, backlog 128", "", "serve", (it) => it.refused, 272, EXACT],
      ["late, backlog 128", "", "serve", (it) => it.late, 1656, EXACT],
    ],
  },
  {
    id: "patience",
    params: { backlog: 128, timeout: 10_000 },
    styles: ["serve"],
    figures: [["worst, backlog 128", "ms", "serve", maxMs, 650]],
  },
  {
    id: "many-clients",
    styles: ["block", "submit"],
    figures: [
      ["plateau, 8 threads", "/s", "block", rate, 791],
      ["plateau, event loop", "/s", "submit", rate, 6250],
      ["mean, 8 threads", "ms", "block", meanMs, 324],
      ["mean, event loop", "ms", "submit", meanMs, 41],
    ],
  },
  {
    id: "many-clients",
    params: { threads: 63, seconds: 0.5 },
    styles: ["block"],
    figures: [["63 threads tie", "/s", "block", rate, 6250]],
  },
  {
    id: "many-clients",
    params: { threads: 92, seconds: 0.5 },
    styles: ["block"],
    figures: [["92 threads", "/s", "block", rate, 9091]],
  },
  {
    id: "many-clients",
    params: { threads: 128, seconds: 0.5 },
    styles: ["block"],
    figures: [["128 threads", "/s", "block", rate, 9091, {
      instead: 9524,
      because: SWITCH_NOTE,
    }]],
  },
  {
    id: "many-clients",
    params: { threads: 256, seconds: 0.5 },
    styles: ["block"],
    figures: [["256 threads", "/s", "block", rate, 9091]],
  },
  {
    id: "tax",
    figures: [
      ["one request, blocking", "µs", "block", p50Us, 310],
      ["one request, event loop", "µs", "submit", p50Us, 360],
    ],
  },
  {
    id: "tax",
    params: { io: 10_000 },
    figures: [
      ["10 ms, blocking", "µs", "block", p50Us, 10_110],
      ["10 ms, event loop", "µs", "submit", p50Us, 10_160],
    ],
  },
  {
    id: "thousands",
    figures: [
      ["256 stacks", "/s", "block", rate, 256],
      ["event loops", "/s", "submit", rate, 5000],
    ],
  },
  {
    id: "crunching",
    figures: [
      ["makespan, one thread", "s", "block", makespan, 1],
      ["makespan, in turns", "s", "threads", makespan, 1.005],
      ["makespan, event loop", "s", "submit", makespan, 1.006],
      ["mean, one after the other", "ms", "block", meanMs, 505],
      ["mean, in turns", "ms", "threads", meanMs, 955],
    ],
  },
  {
    id: "crunching",
    params: { work: 1, long: 1000 },
    styles: ["block", "threads"],
    figures: [
      ["short ones behind a long one", "ms", "block", meanMs, 1050.5],
      ["the same, in turns", "ms", "threads", meanMs, 51, { share: 0.1 }],
    ],
  },
  {
    id: "worker",
    figures: [
      ["p90 inline", "ms", "inline", p90Ms, 111],
      ["p99 inline", "ms", "inline", p99Ms, 192],
      ["p99, second CPU", "ms", "two CPUs", p99Ms, 0.1],
      ["p99, turns of 10 ms", "ms", "one CPU", p99Ms, 9.6],
      ["p99, who wakes up preempts", "ms", "preempts", p99Ms, 0.105],
      ["p99, no preemption", "ms", "in turn", p99Ms, 191],
    ],
  },
  {
    id: "worker",
    params: { quantum: 1000 },
    styles: ["one CPU"],
    figures: [["p99, turns of 1 ms", "ms", "one CPU", p99Ms, 1.1, {
      instead: 1.06,
      because: "1.06, or 1.1 as it is rounded there",
    }]],
  },
  {
    id: "one-per-cpu",
    figures: [
      ["lost, 20 µs pieces, 64 threads", "%", "64", switchShare(20), 20],
      ["lost, 20 µs pieces, 512 threads", "%", "512", switchShare(20), 20, {
        instead: 20.8,
        because:
          "each of the 512 threads ends with one more switch: 20.8 %, and 20 % with more pieces",
      }],
    ],
  },
  {
    id: "one-per-cpu",
    params: { burst: 10_000, work: 1000 },
    styles: ["64"],
    figures: [["lost, 10 ms pieces", "%", "64", switchShare(10_000), 0.05, {
      instead: 0.0564,
      because: "64 switches more than pieces, for the threads' ends: 0.056",
    }]],
  },
  {
    id: "one-per-cpu",
    params: { switch: 30 },
    styles: ["64"],
    figures: [["lost, cache refill of 30 µs", "%", "64", switchShare(20), 60]],
  },
  {
    id: "interrupted",
    styles: ["push", "poll", "unmasked", "masked"],
    figures: [
      ["reaction, called", "µs", "push", fact("reactionNs", 1e3), 2],
      ["reaction, looking", "µs", "poll", fact("reactionNs", 1e3), 50],
      ["CPU, called, 100/s", "%", "push", cpu, 0.05, {
        instead: 0.046,
        because: "92 events came by chance, not 100",
      }],
      ["CPU, looking, 100/s", "%", "poll", cpu, 1.03],
      ["lost updates, masked", "", "masked", fact("lost"), 0, EXACT],
    ],
  },
  {
    id: "interrupted",
    params: { rate: 100_000, seconds: 0.05 },
    styles: ["push", "poll"],
    figures: [
      ["CPU, called, 100,000/s", "%", "push", cpu, 50],
      ["CPU, looking, 100,000/s", "%", "poll", cpu, 31],
    ],
  },
  {
    id: "interrupted",
    params: { rate: 400_000, seconds: 0.02 },
    styles: ["push", "poll"],
    figures: [
      ["calls at most", "/s", "push", fact("handledPerSecond"), 200_000],
      ["looks at most", "/s", "poll", fact("handledPerSecond"), 330_000],
    ],
  },
  {
    id: "five-guys",
    figures: [
      ["same hash under both skins", "", "push", fact("sameHash"), 1, EXACT],
      [
        "sentences not in step",
        "",
        "push",
        (it) => it.facts.lines! - it.facts.inStep!,
        0,
        EXACT,
      ],
    ],
  },
];

/** Runs one case; seed 1. */
export function rowsOf({ id, params, styles, figures }: Case): ClaimRow[] {
  const it = SCENARIOS.find((each) => each.id === id)!;
  const result: Result = runScenario(it, { params, styles, trace: false });
  return figures.map(([what, unit, style, figure, predicted, options]) => ({
    claim: `C${it.number}`,
    what,
    unit,
    predicted,
    measured: figure(result.styles[style]!),
    share: options?.share ?? 0.03,
    instead: options?.instead,
    because: options?.because,
  }));
}

/** It is the predicted figure, or the one that is explained beside it. */
export function isAsPredicted(row: ClaimRow): boolean {
  const wanted = row.instead ?? row.predicted;
  return Math.abs(row.measured - wanted) <= row.share * Math.abs(wanted);
}

export function rowText(row: ClaimRow): string {
  const number = (value: number) => String(Number(value.toPrecision(5)));
  const mark = !isAsPredicted(row) ? "OFF" : row.because ? "explained:" : "";
  return [
    row.claim.padEnd(4),
    row.what.padEnd(32),
    number(row.predicted).padStart(9),
    number(row.measured).padStart(9),
    row.unit.padEnd(3),
    mark,
    row.because ?? "",
  ].join(" ").trimEnd();
}

if (import.meta.main) {
  for (const each of CASES) {
    for (const row of rowsOf(each)) console.log(rowText(row));
  }
}
