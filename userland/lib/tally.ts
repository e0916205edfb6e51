// What a load generator counts: how many requests ended how, how long each took,
// how many were under way. Knows no socket. Times are ns, all whole, so that the
// sum of all times inside equals the area under the number inside, exactly
// (Little's law); both are kept, each by itself.

import { percentiles, s } from "kettle";

export type Ending = "ok" | "refused" | "timedOut" | "failed";

export interface Summary {
  sent: number;
  ok: number;
  /** Connections that were turned away, or that nobody answered. */
  refused: number;
  /** Given up by the client, whose own limit had passed. */
  timedOut: number;
  /** Reset, cut short, or an answer that is no success. */
  failed: number;
  retries: number;
  /** Answers that came after the client had given up: wasted work. */
  late: number;
  fromNs: number;
  toNs: number;
  perSecond: number;
  /** Of those that ended well, ns. */
  meanNs: number;
  percentilesNs: Record<string, number>;
  /** Of all, however they ended: time inside, and the area under how many were. */
  insideNs: number;
  areaNs: number;
  meanInside: number;
}

export type Observer = (
  beganNs: number,
  atNs: number,
  ending: Ending,
) => void;

const POINTS = [50, 90, 95, 99, 99.9, 100];

export class Tally {
  readonly counts: Record<Ending, number> = {
    ok: 0,
    refused: 0,
    timedOut: 0,
    failed: 0,
  };
  retries = 0;
  late = 0;
  sent = 0;
  /** Times of those that ended well, ns, in the order of their ends. */
  readonly times: number[] = [];
  /** Told of every end: when it was due, when it ended, how. */
  observe: Observer | null = null;
  #inside = 0;
  #area = new ExactSum();
  #insideTimes = new ExactSum();
  #lastNs: number;

  constructor(readonly fromNs: number) {
    this.#lastNs = fromNs;
  }

  get inside(): number {
    return this.#inside;
  }

  get ended(): number {
    const { ok, refused, timedOut, failed } = this.counts;
    return ok + refused + timedOut + failed;
  }

  /** A request was due at an instant, perhaps a little before the last event. */
  begin(atNs: number): void {
    this.#moveTo(atNs);
    this.#area.add(this.#lastNs - atNs);
    this.#inside++;
    this.sent++;
  }

  /** It has ended; `beganNs` as told at its beginning. */
  end(beganNs: number, atNs: number, ending: Ending): void {
    this.#moveTo(atNs);
    this.#area.add(atNs - this.#lastNs);
    this.#inside--;
    this.#insideTimes.add(atNs - beganNs);
    this.counts[ending]++;
    if (ending === "ok") this.times.push(atNs - beganNs);
    this.observe?.(beganNs, atNs, ending);
  }

  /** The area grows up to an instant; an earlier one changes nothing. */
  #moveTo(atNs: number): void {
    if (atNs <= this.#lastNs) return;
    this.#area.add(this.#inside * (atNs - this.#lastNs));
    this.#lastNs = atNs;
  }

  summary(): Summary {
    const { fromNs, times } = this;
    const toNs = this.#lastNs;
    const spanNs = Math.max(toNs - fromNs, 1);
    const sum = times.reduce((all, time) => all + time, 0);
    const at = percentiles(times, POINTS);
    return {
      sent: this.sent,
      ...this.counts,
      retries: this.retries,
      late: this.late,
      fromNs,
      toNs,
      perSecond: times.length * s / spanNs,
      meanNs: times.length === 0 ? 0 : sum / times.length,
      percentilesNs: Object.fromEntries(
        POINTS.map((point, i) => [`p${point}`, times.length ? at[i]! : 0]),
      ),
      insideNs: this.#insideTimes.value,
      areaNs: this.#area.value,
      meanInside: this.#area.value / spanNs,
    };
  }
}

const LIMB = 1e15;

/** A sum of whole numbers beyond 2⁵³; equal sums give equal values. */
class ExactSum {
  #high = 0;
  /** From 0 up to, not including, the limb. */
  #low = 0;

  add(amount: number): void {
    const sum = this.#low + amount % LIMB;
    const carry = Math.floor(sum / LIMB);
    this.#low = sum - carry * LIMB;
    this.#high += Math.trunc(amount / LIMB) + carry;
  }

  get value(): number {
    return this.#high * LIMB + this.#low;
  }
}

/** What a person reads. */
export function summaryText(it: Summary): string {
  const seconds = ((it.toNs - it.fromNs) / s).toFixed(3);
  const row = (name: string, value: string) => `${name.padEnd(12)} ${value}`;
  const p = it.percentilesNs;
  const lines = [
    row("requests", `${it.sent} in ${seconds} s, ${it.retries} sent again`),
    row("answered", `${it.ok}, ${it.perSecond.toFixed(1)} a second`),
    row("refused", String(it.refused)),
    row("timed out", String(it.timedOut)),
    row("failed", String(it.failed)),
    row("wasted", `${it.late} answers came when nobody waited any more`),
    row(
      "latency",
      `mean ${duration(it.meanNs)}  p50 ${duration(p.p50!)}  ` +
        `p90 ${duration(p.p90!)}  p99 ${duration(p.p99!)}  ` +
        `p99.9 ${duration(p["p99.9"]!)}  max ${duration(p.p100!)}`,
    ),
    row("inside", `${it.meanInside.toFixed(3)} requests at a time, on average`),
  ];
  return lines.join("\n") + "\n";
}

/** `12.345 ms`, in a unit that suits. */
export function duration(ns: number): string {
  if (ns < 1_000_000) return `${(ns / 1_000).toFixed(1)} µs`;
  if (ns < 10 * s) return `${(ns / 1_000_000).toFixed(3)} ms`;
  return `${(ns / s).toFixed(3)} s`;
}
