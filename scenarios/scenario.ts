// A scenario: one claim about waiting for I/O as an experiment. It says what is
// claimed, which numbers can be turned, how each style is set up, what must come
// out, and where the claim stops being true. The runner sets the world up once
// for each style, with the same seed, and gives plain data. It prints nothing.

import { percentiles } from "../mod.ts";
import {
  type Machine,
  type MachineOptions,
  nearest,
  type Process,
  type World,
} from "../kernel/mod.ts";
import { type Costs, Measure } from "./measure.ts";

export interface Param {
  min: number;
  max: number;
  value: number;
  /** "" is a plain number. */
  unit: string;
  about: string;
}
export type Values = Readonly<Record<string, number>>;

export type Ending = "ok" | "refused" | "timedOut" | "failed";

/** One request as its client saw it. */
export interface Sample {
  beganNs: number;
  endedNs: number;
  ending: Ending;
}

/** A world that is ready to run, and what is looked at in it. */
export interface Trial {
  world: World;
  /** The machine whose costs are compared. */
  machine: Machine;
  samples: Sample[];
  /** Answers that came when nobody waited any more. */
  late?: () => number;
  /** When it is over; without one, when nothing can happen any more. */
  until?: Process | (() => boolean);
  untilNs?: number;
  /** Requests that ended before this are not counted: the crowd was still gathering. */
  fromNs?: number;
  /** Whatever else was seen. */
  facts?: () => Record<string, number>;
}

/** Something changed that must make the expectation fail. */
export interface Change {
  /** Options of the machine that is looked at; a cost given goes before the scenario's. */
  machine?: MachineOptions;
  /** Style → the style whose program it runs instead. */
  instead?: Readonly<Record<string, string>>;
}
export type Mutant = Change & { name: string; about: string };

export interface Crossover {
  /** The claim holds on one side of this value of this parameter. */
  param: string;
  holds: "below" | "above";
  /** Where; Infinity: it holds, or fails, everywhere. */
  at: (p: Values) => number;
  about: string;
}

export interface Scenario {
  id: string;
  /** Its place in the list of claims: C1 to C15. */
  number: number;
  title: string;
  /** What is claimed, in our words. */
  claim: string;
  params: Readonly<Record<string, Param>>;
  /** Name → what it is. */
  styles: Readonly<Record<string, string>>;
  world: (p: Values, seed: number, style: string, change: Change) => Trial;
  /** Is the claim true of what was measured? */
  holds: (result: Result) => boolean;
  crossover: Crossover;
  /** Throws a sentence if what was measured is not what must be. */
  expect: (result: Result, p: Values) => void;
  /** Where a demonstration in good faith would deceive. */
  misleads: string;
  /** What a reader sees, as paragraphs. */
  text: string;
  mutants: readonly Mutant[];
  /** Values for a quick run. */
  small: Values;
}

export interface Latency {
  meanNs: number;
  p50Ns: number;
  p90Ns: number;
  p99Ns: number;
  p999Ns: number;
  maxNs: number;
}

export interface StyleResult extends Costs {
  style: string;
  requests: number;
  ok: number;
  refused: number;
  timedOut: number;
  failed: number;
  late: number;
  /** Of those that ended well. */
  latency: Latency;
  perSecond: number;
  /** Virtual time that passed. */
  elapsedNs: number;
  facts: Record<string, number>;
  traceHash: string;
}

export interface Result {
  id: string;
  seed: number;
  params: Values;
  styles: Record<string, StyleResult>;
  holds: boolean;
}

/** Checks that a scenario is whole, and gives it back. */
export function scenario(it: Scenario): Scenario {
  const wrong = (what: string) => new TypeError(`scenario ${it.id}: ${what}`);
  for (const [name, { min, max, value }] of Object.entries(it.params)) {
    if (!(min <= value && value <= max)) {
      throw wrong(`${name} is ${value}, not from ${min} to ${max}`);
    }
  }
  valuesOf(it, it.small);
  if (!(it.crossover.param in it.params)) {
    throw wrong(`it has no parameter ${it.crossover.param}`);
  }
  if (it.mutants.length === 0) throw wrong("nothing can make it fail");
  return it;
}

/** The values of all parameters; throws a sentence about one that is wrong. */
export function valuesOf(it: Scenario, given: Values): Values {
  const values: Record<string, number> = {};
  for (const [name, param] of Object.entries(it.params)) {
    values[name] = param.value;
  }
  for (const [name, value] of Object.entries(given)) {
    const param = it.params[name];
    if (param === undefined) {
      const known = Object.keys(it.params);
      throw new TypeError(
        `${it.id} has no parameter "${name}". The nearest is "${
          nearest(name, known)
        }"`,
      );
    }
    const { min, max } = param;
    if (!Number.isFinite(value) || value < min || value > max) {
      throw new RangeError(
        `${it.id}: ${name} goes from ${min} to ${max}: received ${value}`,
      );
    }
    values[name] = value;
  }
  return values;
}

export interface RunScenarioOptions {
  params?: Values;
  seed?: number;
  change?: Change;
  /** Only these; all, if not said. */
  styles?: readonly string[];
}

/** Runs every style in a world of its own. */
export function runScenario(
  it: Scenario,
  { params = {}, seed = 1, change = {}, styles }: RunScenarioOptions = {},
): Result {
  const values = valuesOf(it, params);
  const results: Record<string, StyleResult> = {};
  for (const style of styles ?? Object.keys(it.styles)) {
    results[style] = runStyle(it, values, seed, style, change);
  }
  const result = {
    id: it.id,
    seed,
    params: values,
    styles: results,
    holds: false,
  };
  if (styles === undefined) result.holds = it.holds(result);
  return result;
}

function runStyle(
  it: Scenario,
  p: Values,
  seed: number,
  style: string,
  change: Change,
): StyleResult {
  const played = change.instead?.[style] ?? style;
  return runTrial(
    it.world(p, seed, played, change),
    `${it.id}, ${style}`,
    style,
  );
}

/** Runs one world to its end and tells what was seen; `where` is for what goes wrong. */
export function runTrial(
  trial: Trial,
  where: string,
  style: string,
): StyleResult {
  const { world, machine, until, untilNs } = trial;
  const measure = new Measure(machine);
  const { reason, report } = world.run({ until, untilNs });
  if (reason === "panic" || reason === "deadlock") {
    throw new Error(`${where}: ${reason}: ${report}`);
  }
  return {
    style,
    ...outcomes(trial),
    ...measure.costs(),
    elapsedNs: world.now,
    facts: trial.facts?.() ?? {},
    traceHash: world.trace.hash,
  };
}

function outcomes(trial: Trial) {
  const { fromNs = 0 } = trial;
  const counted = trial.samples.filter(({ endedNs }) => endedNs >= fromNs);
  const count = (what: Ending) =>
    counted.filter(({ ending }) => ending === what).length;
  const times = counted.filter(({ ending }) => ending === "ok")
    .map(({ beganNs, endedNs }) => endedNs - beganNs);
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

/** A window that was set; or from the first request to the last answer. */
function spanNs(
  { fromNs, untilNs }: Trial,
  counted: readonly Sample[],
): number {
  const began = counted.map(({ beganNs }) => beganNs);
  const ended = counted.map(({ endedNs }) => endedNs);
  const first = fromNs ?? began.reduce((a, b) => Math.min(a, b), Infinity);
  const last = untilNs ?? ended.reduce((a, b) => Math.max(a, b), 0);
  return counted.length === 0 ? 0 : last - first;
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

// ------------------------------------------------------------- expectations

/** How near to the crossover the claim is not judged: a share of it. */
const MARGIN = 0.1;

/** The scenario's own expectation, and that the claim holds on its side of the crossover only. */
export function check(it: Scenario, result: Result): void {
  it.expect(result, result.params);
  const { param, at, holds } = it.crossover;
  const edge = at(result.params), value = result.params[param]!;
  if (Math.abs(value - edge) <= MARGIN * edge && value !== edge) return;
  const wanted = holds === "below" ? value < edge : value > edge;
  that(
    result.holds === wanted,
    `the claim ${wanted ? "holds" : "fails"} with ${param} ${value}, ` +
      `${holds} ${edge} it is true: measured ${result.holds}`,
  );
}

/** One style of a result. */
export function of(result: Result, style: string): StyleResult {
  const found = result.styles[style];
  if (found === undefined) throw new TypeError(`nobody ran ${style}`);
  return found;
}

/** Something must be true. */
export function that(isTrue: boolean, sentence: string): void {
  if (!isTrue) throw new Error(`expected: ${sentence}`);
}

/** A number must be exactly so. */
export function exactly(actual: number, wanted: number, what: string): void {
  that(actual === wanted, `${what} is ${wanted}: measured ${actual}`);
}

/** A number must be so, up to a share of it, 3 % if not said. */
export function near(
  actual: number,
  wanted: number,
  what: string,
  share = 0.03,
): void {
  that(
    Math.abs(actual - wanted) <= share * Math.abs(wanted),
    `${what} is ${wanted} ±${share * 100} %: measured ${actual}`,
  );
}
