// A scenario: one claim about waiting for I/O as an experiment. It says what is
// claimed, which numbers can be turned, how each style is set up, what must come
// out, and where the claim stops being true. run.ts sets the world up once for each
// style, with the same seed, and gives plain data. It prints nothing.

import {
  type Machine,
  type MachineOptions,
  nearest,
  type Process,
  type World,
} from "../kernel/mod.ts";
import { scenarioLink } from "./scenario_link.ts";

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
  /** Requests there will be in all, if that is known: to tell how far it is. */
  requests?: number;
  /** Requests that ended before this are not counted: the crowd was still gathering. */
  fromNs?: number;
  /** Whatever else was seen. */
  facts?: () => Record<string, number>;
}

/** How a world differs from the scenario's own. */
export interface Change {
  /** false: it records no trace, unless the scenario reads it. */
  trace?: boolean;
  /** Options of the machine that is looked at; a cost given goes before the scenario's. */
  machine?: MachineOptions;
  /** Style → the style whose program it runs instead. */
  instead?: Readonly<Record<string, string>>;
}
/** Something changed that must make the expectation fail. */
export type Mutant = Omit<Change, "trace"> & { name: string; about: string };

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
  /** Its place in the list of claims: C1 to C15; more are our own. */
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
  /** Parameters that only say how long it is looked at; seconds and requests, if not said. */
  lengths?: readonly string[];
}

/** What a run cost the machine that is looked at. */
export interface Costs {
  /** Over all CPUs of the machine. */
  busyNs: number;
  idleNs: number;
  traps: number;
  switches: number;
  interrupts: number;
  callbacks: number;
  /** Stacks and processes at their most. */
  memoryBytes: number;
  /** Connections that waited to be accepted, at their most. */
  queueMost: number;
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
  /** When the first that was not answered came to its end, or the slowest answer, or all. */
  worstAtNs: number;
  facts: Record<string, number>;
  /** "" if nothing was recorded. */
  traceHash: string;
  /** If it was asked for. */
  series?: Series;
}

/** How a run went, over time. */
export interface Series {
  /** Windows of this length, the first from `fromNs` on. */
  windowNs: number;
  fromNs: number;
  /** In each window: requests that began, and that ended so. */
  began: number[];
  ok: number[];
  refused: number[];
  timedOut: number[];
  failed: number[];
  /** Of those that ended well: 0 %, 1 % … 100 % took at most so long. */
  quantilesNs: number[];
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
    const param = Object.hasOwn(it.params, name) ? it.params[name] : undefined;
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

// ------------------------------------------------------------- expectations

/** How near to the crossover the claim is not judged: a share of it. */
const MARGIN = 0.1;

/** Something is not as expected: where, too, so that one can go and look. */
export class Unexpected extends Error {
  constructor(
    sentence: string,
    readonly style: string,
    readonly link: string,
  ) {
    super(`${sentence}\n  to be seen at ${link}`);
  }
}

/** The scenario's own expectation, and that the claim holds on its side of the crossover only. */
export function check(it: Scenario, result: Result): void {
  let style = Object.keys(result.styles)[0] ?? "";
  const watched = watching(result, (name) => style = name);
  try {
    it.expect(watched, result.params);
    checkClaim(it, result);
  } catch (error) {
    const { params, seed } = result;
    const atNs = result.styles[style]?.worstAtNs;
    const link = scenarioLink(it, { params, seed, style, atNs });
    throw new Unexpected((error as Error).message, style, link);
  }
}

/** Says whose numbers are looked at: the last are those that are wrong. */
function watching(result: Result, look: (style: string) => void): Result {
  const styles = new Proxy(result.styles, {
    get(all, name) {
      if (typeof name === "string" && name in all) look(name);
      return Reflect.get(all, name);
    },
  });
  return { ...result, styles };
}

function checkClaim(it: Scenario, result: Result): void {
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
