// The numbers of a result by name, unit and how to read them off: the rows of a
// table, the columns of a plot. One list for terminal and page. What a scenario
// adds of its own (`facts`) comes after them. It draws nothing.

import { MiB, ms } from "../mod.ts";
import type { Result, StyleResult } from "./scenario.ts";

export interface Figure {
  name: string;
  /** "" is a plain number. */
  unit: "ms" | "/s" | "%" | "MiB" | "";
  /** null: it says nothing here. */
  of: (style: StyleResult) => number | null;
}

export const FIGURES: readonly Figure[] = [
  asked("answered", (it) => it.ok),
  asked("refused", (it) => it.refused),
  asked("timed out", (it) => it.timedOut),
  asked("failed", (it) => it.failed),
  asked("for nobody", (it) => it.late),
  asked("a second", (it) => it.perSecond, "/s"),
  time("mean", (it) => it.latency.meanNs),
  time("p50", (it) => it.latency.p50Ns),
  time("p90", (it) => it.latency.p90Ns),
  time("p99", (it) => it.latency.p99Ns),
  time("p99.9", (it) => it.latency.p999Ns),
  time("max", (it) => it.latency.maxNs),
  plain("CPU busy", busyPercent, "%"),
  plain("traps", (it) => it.traps),
  plain("switches", (it) => it.switches),
  plain("interrupts", (it) => it.interrupts),
  plain("callbacks", (it) => it.callbacks),
  plain("queue's peak", (it) => it.queueMost),
  plain("memory", (it) => it.memoryBytes / MiB, "MiB"),
];

type Read = (style: StyleResult) => number;

function plain(name: string, of: Read, unit: Figure["unit"] = ""): Figure {
  return { name, unit, of };
}

/** Of scenarios in which somebody asks. */
function asked(name: string, of: Read, unit: Figure["unit"] = ""): Figure {
  return { name, unit, of: (it) => it.requests > 0 ? of(it) : null };
}

/** Of requests that were answered. */
function time(name: string, of: Read): Figure {
  return { name, unit: "ms", of: (it) => it.ok > 0 ? of(it) / ms : null };
}

function busyPercent({ busyNs, idleNs }: StyleResult): number {
  return 100 * busyNs / Math.max(1, busyNs + idleNs);
}

/** Those that say something of some style, and what the scenario adds of its own. */
export function figuresOf(result: Result): Figure[] {
  const styles = Object.values(result.styles);
  const says = FIGURES.filter(({ of }) => styles.some((it) => of(it)));
  const facts = new Set(styles.flatMap(({ facts }) => Object.keys(facts)));
  return [...says, ...[...facts].map(factFigure)];
}

/** Of a scenario's own: `endNs` is `end`, in ms. */
function factFigure(name: string): Figure {
  const isTime = name.endsWith("Ns");
  return {
    name: name.replace(/Ns$/, ""),
    unit: isTime ? "ms" : "",
    of({ facts }) {
      const value = facts[name];
      if (value === undefined || !Number.isFinite(value)) return null;
      return isTime ? value / ms : value;
    },
  };
}
