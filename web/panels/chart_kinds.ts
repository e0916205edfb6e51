// Which charts there are: the lines of each, how they are told apart by colour and
// dash, how a value is written, and what a chart says in a sentence. From a view;
// nothing here draws.

import { duration, grouped } from "../parts/units.ts";
import type { ChartsView, Line } from "./charts_model.ts";

export interface ChartLine {
  name: string;
  /** The token of its colour. */
  token: string;
  dash: number[];
  of(view: ChartsView): Line;
  write(value: number): string;
  /** It counts something else than the first: it has a scale of its own. */
  isOther?: boolean;
}

export interface ChartKind {
  id: string;
  title: string;
  lines: ChartLine[];
  /** Where its scale ends; null: with the data. */
  most: number | null;
  sentence(view: ChartsView): string;
}

const SOLID: number[] = [], DASHED = [6, 3], DOTTED = [2, 3];
const NOTHING = "Run something, or move the timeline to where something ran.";

export const CHARTS: readonly ChartKind[] = [
  {
    id: "latency",
    title: "Latency",
    most: null,
    lines: [
      {
        name: "p50",
        token: "--s-run",
        dash: SOLID,
        of: ({ latency }) => latency.p50,
        write: duration,
      },
      {
        name: "p95",
        token: "--e-ready",
        dash: DASHED,
        of: ({ latency }) => latency.p95,
        write: duration,
      },
      {
        name: "p99",
        token: "--e-callback",
        dash: DOTTED,
        of: ({ latency }) => latency.p99,
        write: duration,
      },
    ],
    sentence: ({ overall: { count, p50, p95, p99 } }) =>
      count === 0
        ? `No request of the disk or the network ended in this window. ${NOTHING}`
        : `${grouped(count)} ${
          count === 1 ? "request" : "requests"
        } of the disk or the network: half took up to ${
          duration(p50)
        }, 95 % up to ${duration(p95)}, 99 % up to ${duration(p99)}.`,
  },
  {
    id: "cpu",
    title: "CPU",
    most: 100,
    lines: [
      {
        name: "busy",
        token: "--s-run",
        dash: SOLID,
        of: ({ busy }) => busy,
        write: percent,
      },
      {
        name: "interrupts",
        token: "--s-kernel",
        dash: DASHED,
        of: ({ interrupt }) => interrupt,
        write: percent,
      },
      {
        name: "idle",
        token: "--line-strong",
        dash: DOTTED,
        of: ({ idle }) => idle,
        write: percent,
      },
    ],
    sentence: ({ busy, interrupt, idle }) =>
      `The CPU worked ${percent(mean(busy))} of this window, interrupts took ${
        percent(mean(interrupt))
      }, and ${percent(mean(idle))} it was idle.`,
  },
  {
    id: "disk",
    title: "Disk",
    most: 100,
    lines: [
      {
        name: "busy",
        token: "--s-seek",
        dash: SOLID,
        of: ({ diskBusy }) => diskBusy,
        write: percent,
      },
      {
        name: "in the queue",
        token: "--e-callback",
        dash: DASHED,
        of: ({ diskQueue }) => diskQueue,
        write: (value) => value.toFixed(1),
        isOther: true,
      },
    ],
    sentence: ({ diskBusy, diskQueue }) =>
      mean(diskBusy) === 0
        ? `The drive did nothing in this window. ${NOTHING}`
        : `The drive worked ${percent(mean(diskBusy))} of this window, with ${
          few(mean(diskQueue))
        } requests at it on average.`,
  },
  {
    id: "network",
    title: "Network",
    most: null,
    lines: [
      {
        name: "sent",
        token: "--s-packet",
        dash: SOLID,
        of: ({ sent }) => sent,
        write: rate,
      },
      {
        name: "received",
        token: "--e-keys",
        dash: DASHED,
        of: ({ received }) => received,
        write: rate,
      },
    ],
    sentence: ({ sent, received }) =>
      mean(sent) + mean(received) === 0
        ? `No packet went through the card in this window. ${NOTHING}`
        : `The card sent ${rate(mean(sent))} and received ${
          rate(mean(received))
        } on average.`,
  },
  {
    id: "pending",
    title: "Pending",
    most: null,
    lines: [{
      name: "pending requests",
      token: "--ink",
      dash: SOLID,
      of: ({ pending }) => pending,
      write: (value) => grouped(Math.round(value)),
    }],
    sentence: ({ pending }) => {
      const most = Math.max(0, ...values(pending));
      return `At most ${grouped(most)} ${
        most === 1 ? "request was" : "requests were"
      } pending at once.`;
    },
  },
];

function few(value: number): string {
  return value > 0 && value < 0.05 ? "under 0.1" : value.toFixed(1);
}

function percent(value: number): string {
  if (value === 0) return "0 %";
  if (value < 0.1) return "under 0.1 %";
  return `${value.toFixed(value < 10 ? 1 : 0)} %`;
}

function values(line: Line): number[] {
  return line.filter((value) => value !== null);
}

function mean(line: Line): number {
  const all = values(line);
  return all.length === 0 ? 0 : all.reduce((a, b) => a + b, 0) / all.length;
}

/** 950 b/s, 12.4 kb/s, 1.20 Mb/s */
export function rate(bitsPerSecond: number): string {
  if (bitsPerSecond < 1000) return `${Math.round(bitsPerSecond)} b/s`;
  const [value, unit] = bitsPerSecond < 1e6
    ? [bitsPerSecond / 1e3, "kb/s"]
    : bitsPerSecond < 1e9
    ? [bitsPerSecond / 1e6, "Mb/s"]
    : [bitsPerSecond / 1e9, "Gb/s"];
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ${unit}`;
}
