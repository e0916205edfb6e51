// Runs scenarios. Each style has a world of its own with the same seed; what was
// seen comes back as plain data. At once (`runScenario`), or in steps of some
// milliseconds that tell how far it is and can be left at any of them
// (`scenarioSteps`): the result is the same. It knows no page and no terminal.

import { percentiles } from "../mod.ts";
import type { Machine, World } from "../kernel/mod.ts";
import {
  type Change,
  type Costs,
  type Ending,
  type Latency,
  type Result,
  type Sample,
  type Scenario,
  type Series,
  type StyleResult,
  type Trial,
  type Values,
  valuesOf,
} from "./scenario.ts";

export interface RunScenarioOptions {
  params?: Values;
  seed?: number;
  change?: Change;
  /** Only these; all, if not said. */
  styles?: readonly string[];
  /** false: no trace, which takes half the time; results are the same but for its hash. */
  trace?: boolean;
  /** true: how each style went over time, too. */
  series?: boolean;
}

/** How far a run is. */
export interface Progress {
  /** From 0 to 1; never less than before. */
  share: number;
  style: string;
  /** Virtual time of its world, ns. */
  nowNs: number;
}

/** Of the world, between two looks at it: a few milliseconds of real time. */
const STEPS_EACH = 1_000;
const WINDOWS = 60;

/** Runs every style in a world of its own. */
export function runScenario(
  it: Scenario,
  options: RunScenarioOptions = {},
): Result {
  return last(scenarioSteps(it, options, Infinity));
}

/** The same in steps; whoever stops asking stops the run. */
export function* scenarioSteps(
  it: Scenario,
  options: RunScenarioOptions = {},
  stepsEach = STEPS_EACH,
): Generator<Progress, Result> {
  const { params = {}, seed = 1, change = {}, trace = true } = options;
  const values = valuesOf(it, params);
  const styles = options.styles ?? Object.keys(it.styles);
  const results: Record<string, StyleResult> = {};
  for (const [i, style] of styles.entries()) {
    const played = change.instead?.[style] ?? style;
    const trial = it.world(values, seed, played, { ...change, trace });
    const where = `${it.id}, ${style}`;
    for (
      const each of trialSteps(trial, { where, style, ...options }, stepsEach)
    ) {
      if (typeof each !== "number") results[style] = each;
      else {
        const share = (i + each) / styles.length;
        yield { share, style, nowNs: trial.world.now };
      }
    }
  }
  return options.styles === undefined
    ? resultOf(it, values, seed, results)
    : { id: it.id, seed, params: values, styles: results, holds: false };
}

/** What all styles together say. */
export function resultOf(
  it: Scenario,
  params: Values,
  seed: number,
  styles: Record<string, StyleResult>,
): Result {
  const result = { id: it.id, seed, params, styles, holds: false };
  return { ...result, holds: it.holds(result) };
}

/** What a generator comes to. */
export function last<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

// ------------------------------------------------------------- one world

interface TrialOptions {
  /** For what goes wrong. */
  where: string;
  style: string;
  series?: boolean;
}

/** Runs one world to its end and tells what was seen. */
export function runTrial(trial: Trial, options: TrialOptions): StyleResult {
  for (const each of trialSteps(trial, options, Infinity)) {
    if (typeof each !== "number") return each;
  }
  throw new Error("a run has an end");
}

/** How far it is, from 0 to 1, again and again; at last what was seen. */
export function* trialSteps(
  trial: Trial,
  { where, style, series }: TrialOptions,
  stepsEach = STEPS_EACH,
): Generator<number | StyleResult> {
  const { world, machine, until, untilNs } = trial;
  const isOver = untilFunction(until);
  for (let share = 0, wanted = "";;) {
    const end = world.steps + stepsEach;
    let isStep = false;
    const stop = () => {
      if (isOver()) return true;
      isStep = world.steps >= end;
      return isStep;
    };
    const { reason, report } = world.run({
      untilNs,
      until: stepsEach === Infinity ? until : stop,
    });
    if (reason === "panic" || reason === "deadlock") {
      throw new Error(`${where}: ${reason}: ${report}`);
    }
    if (reason === "host") wanted = wantedBy(world, where, wanted);
    else if (isStep) wanted = "";
    else break;
    share = Math.max(share, shareOf(trial));
    yield share;
  }
  yield {
    style,
    ...outcomes(trial),
    ...costsOf(machine),
    elapsedNs: world.now,
    worstAtNs: worstAt(trial),
    facts: trial.facts?.() ?? {},
    traceHash: world.trace.on ? world.trace.hash : "",
    ...series && { series: seriesOf(trial) },
  };
}

/** What the world waits for: whoever asks for the next step has compiled it by then. */
export function wantedBy(
  { wanted }: World,
  where: string,
  before: string,
): string {
  if (wanted!.path !== before) return wanted!.path;
  throw new Error(`${where}: nobody compiles ${before}`);
}

function untilFunction(until: Trial["until"]): () => boolean {
  if (until === undefined) return () => false;
  if (typeof until === "function") return until;
  return () => until.exit !== null || until.lost;
}

/** How much of it is done, as far as one can tell. */
function shareOf({ world, untilNs, requests, samples }: Trial): number {
  if (untilNs !== undefined) return Math.min(1, world.now / untilNs);
  if (requests === undefined) return 0;
  return Math.min(1, samples.length / Math.max(1, requests));
}

/** What a machine has cost so far. */
export function costsOf({ counters, cpus, world }: Machine): Costs {
  const busyNs = counters.busyNs(world.now);
  return {
    busyNs,
    idleNs: world.now * cpus.length - busyNs,
    traps: counters.traps,
    switches: counters.switches,
    interrupts: counters.interrupts,
    callbacks: counters.callbacks,
    memoryBytes: counters.memoryBytes,
    queueMost: counters.queueMost,
  };
}

// ------------------------------------------------------------- what was seen

function outcomes(trial: Trial) {
  const { fromNs = 0 } = trial;
  const counted = trial.samples.filter(({ endedNs }) => endedNs >= fromNs);
  const count = (what: Ending) =>
    counted.filter(({ ending }) => ending === what).length;
  const times = timesOf(counted);
  return {
    requests: counted.length,
    ok: times.length,
    refused: count("refused"),
    timedOut: count("timedOut"),
    failed: count("failed"),
    late: trial.late?.() ?? 0,
    latency: latencyOf(times),
    perSecond: times.length * 1e9 / Math.max(spanNs(trial, counted), 1),
  };
}

function timesOf(samples: readonly Sample[]): number[] {
  return samples.filter(({ ending }) => ending === "ok")
    .map(({ beganNs, endedNs }) => endedNs - beganNs);
}

/** A window that was set; or from the first request to the last answer. */
function spanNs(
  { fromNs, untilNs }: Trial,
  counted: readonly Sample[],
): number {
  const first = fromNs ?? least(counted.map(({ beganNs }) => beganNs));
  const end = untilNs ?? most(counted.map(({ endedNs }) => endedNs));
  return counted.length === 0 ? 0 : end - first;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

function latencyOf(times: number[]): Latency {
  if (times.length === 0) times = [0];
  const [p50, p90, p99, p999, max] = percentiles(
    times,
    [50, 90, 99, 99.9, 100],
  );
  return {
    meanNs: times.reduce((sum, time) => sum + time, 0) / times.length,
    p50Ns: p50!,
    p90Ns: p90!,
    p99Ns: p99!,
    p999Ns: p999!,
    maxNs: max!,
  };
}

/** The instant to look at. */
function worstAt({ samples, world }: Trial): number {
  const missed = samples.filter(({ ending }) => ending !== "ok");
  if (missed.length > 0) return least(missed.map(({ endedNs }) => endedNs));
  let worst: Sample | null = null, worstNs = -1;
  for (const sample of samples) {
    const { beganNs, endedNs } = sample;
    if (endedNs - beganNs <= worstNs) continue;
    worst = sample;
    worstNs = endedNs - beganNs;
  }
  return worst?.endedNs ?? world.now;
}

/** How it went, in windows of equal length from the first request to the end. */
function seriesOf({ samples, world }: Trial): Series {
  const first = least(samples.map(({ beganNs }) => beganNs));
  const fromNs = Number.isFinite(first) ? first : 0;
  const end = most(samples.map(({ endedNs }) => endedNs));
  const spanNs = Math.max((end || world.now) - fromNs, WINDOWS);
  const windowNs = Math.ceil(spanNs / WINDOWS);
  const empty = () => new Array<number>(WINDOWS).fill(0);
  const series = {
    windowNs,
    fromNs,
    began: empty(),
    ok: empty(),
    refused: empty(),
    timedOut: empty(),
    failed: empty(),
    quantilesNs: [] as number[],
  };
  const windowOf = (atNs: number) =>
    Math.min(WINDOWS - 1, Math.floor((atNs - fromNs) / windowNs));
  for (const { beganNs, endedNs, ending } of samples) {
    series.began[windowOf(beganNs)]!++;
    series[ending][windowOf(endedNs)]!++;
  }
  const times = timesOf(samples);
  const shares = Array.from({ length: 101 }, (_, i) => i);
  if (times.length > 0) series.quantilesNs = percentiles(times, shares);
  return series;
}
