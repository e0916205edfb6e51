// Scenarios for somebody who turns their numbers: sliders from their parameters,
// runs, curves and maps in steps of a few milliseconds, each step with what is
// known by then. All of it is plain data, and can be left at any step. It runs in a
// worker of a browser as anywhere, draws nothing, and knows no page.

import { type Figure, figuresOf } from "./figures.ts";
import { bestOf, type ClaimMap } from "./map.ts";
import { last, type Progress, scenarioSteps } from "./run.ts";
import type { Result, Scenario, Values } from "./scenario.ts";
import { type Sweep, verdict } from "./sweep.ts";

export { type Figure, FIGURES, figuresOf } from "./figures.ts";

export interface Slider {
  name: string;
  min: number;
  max: number;
  value: number;
  /** "" is a plain number. */
  unit: string;
  about: string;
  /** Only whole numbers make sense. */
  isWhole: boolean;
  /** It goes over powers of ten: better slid over the logarithm. */
  isLog: boolean;
}

/** From here on a range is too wide for even steps. */
const WIDE = 100;

export function slidersOf(it: Scenario): Slider[] {
  return Object.entries(it.params).map(([name, param]) => ({
    name,
    ...param,
    isWhole: Number.isInteger(param.value) && Number.isInteger(param.min),
    isLog: param.min > 0 && param.max / param.min >= WIDE,
  }));
}

/** What only says how long it is looked at. */
const LENGTHS = ["seconds", "requests"];

/** The same question in a shorter run: no longer than the quick run of the tests. */
export function quickOf(it: Scenario, params: Values): Values {
  const quick: Record<string, number> = { ...params };
  for (const name of it.lengths ?? LENGTHS) {
    const short = it.small[name];
    const asked = params[name] ?? it.params[name]?.value;
    if (short === undefined || asked === undefined) continue;
    quick[name] = Math.min(asked, short);
  }
  return quick;
}

export interface LabOptions {
  params?: Values;
  seed?: number;
}

/** One run, with how it went over time. */
export function labSteps(
  it: Scenario,
  options: LabOptions = {},
): Generator<Progress, Result> {
  return scenarioSteps(it, { ...options, trace: false, series: true });
}

// ------------------------------------------------------------- a curve

export interface CurveLine {
  style: string;
  /** Name of a figure → its value at each point. */
  figures: Record<string, (number | null)[]>;
}

export interface Curve {
  param: string;
  /** Those that are known by now. */
  points: number[];
  lines: CurveLine[];
  figures: Pick<Figure, "name" | "unit">[];
  /** Is the claim true there? */
  holds: boolean[];
  /** As the scenario expects it there. */
  expected: boolean[];
  /** Where it should turn round, by arithmetic; null: nowhere. */
  crossoverAt: number | null;
}

export interface CurveProgress {
  share: number;
  /** What is being run. */
  point: number;
  curve: Curve;
}

/** A sweep as lines, a style each; after each step the points that are known. */
export function* curveSteps(
  it: Scenario,
  { param, points }: Sweep,
  { params = {}, seed = 1 }: LabOptions = {},
): Generator<CurveProgress, Curve> {
  const results: Result[] = [];
  let curve = curveOf(it, param, results);
  for (const [i, point] of points.entries()) {
    const at = { ...params, [param]: point };
    const steps = scenarioSteps(it, { params: at, seed, trace: false });
    let step = steps.next();
    for (; !step.done; step = steps.next()) {
      yield { share: (i + step.value.share) / points.length, point, curve };
    }
    results.push(step.value);
    curve = curveOf(it, param, results);
    yield { share: (i + 1) / points.length, point, curve };
  }
  return curve;
}

function curveOf(
  it: Scenario,
  param: string,
  results: readonly Result[],
): Curve {
  const figures = allFigures(results);
  const edge = results.length === 0 || param !== it.crossover.param
    ? Infinity
    : it.crossover.at(results[0]!.params);
  const line = (style: string): CurveLine => ({
    style,
    figures: Object.fromEntries(figures.map(({ name, of }) => [
      name,
      results.map(({ styles }) => of(styles[style]!)),
    ])),
  });
  return {
    param,
    points: results.map(({ params }) => params[param]!),
    lines: Object.keys(it.styles).map(line),
    figures: figures.map(({ name, unit }) => ({ name, unit })),
    holds: results.map(({ holds }) => holds),
    expected: results.map((result) => verdict(it, result) === ""),
    crossoverAt: Number.isFinite(edge) ? edge : null,
  };
}

/** Whatever says something at some point. */
function allFigures(results: readonly Result[]): Figure[] {
  const found = new Map<string, Figure>();
  for (const figure of results.flatMap(figuresOf)) {
    if (!found.has(figure.name)) found.set(figure.name, figure);
  }
  return [...found.values()];
}

// ------------------------------------------------------------- a map

export interface MapCell {
  holds: boolean;
  /** As the scenario expects it there. */
  expected: boolean;
  /** Who answers most; "" if nobody is asked, "=" if they are within 2 %. */
  best: string;
}

export interface MapGrid {
  across: Sweep;
  down: Sweep;
  /** Row by row, as far as they are known. */
  cells: MapCell[][];
}

/** A map of two parameters, cell by cell; a third is for whoever asks to turn. */
export function* mapSteps(
  it: Scenario,
  { across, down }: ClaimMap,
  { params = {}, seed = 1 }: LabOptions = {},
): Generator<{ share: number; grid: MapGrid }, MapGrid> {
  const grid: MapGrid = { across, down, cells: [] };
  const all = across.points.length * down.points.length;
  let done = 0;
  for (const y of down.points) {
    const row: MapCell[] = [];
    grid.cells.push(row);
    for (const x of across.points) {
      const at = { ...params, [down.param]: y, [across.param]: x };
      const run = scenarioSteps(it, { params: at, seed, trace: false });
      row.push(cellOf(it, last(run)));
      done++;
      yield { share: done / all, grid };
    }
  }
  return grid;
}

export function cellOf(it: Scenario, result: Result): MapCell {
  return {
    holds: result.holds,
    expected: verdict(it, result) === "",
    best: bestOf(result),
  };
}
