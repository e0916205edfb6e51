// One parameter over a range: the points, which of them belong to one shard, and
// what was measured at each, as rows and as CSV. Where it runs is not known here.

import { runScenario } from "./run.ts";
import {
  check,
  type Result,
  type Scenario,
  type StyleResult,
  type Values,
  valuesOf,
} from "./scenario.ts";

/** Points of a range that does not say how many. */
const POINTS = 20;

export interface Sweep {
  param: string;
  points: number[];
}

/** `threads=1..128`, `threads=1..128/8` (so many points), or `threads=1,8,64`. */
export function parseSweep(it: Scenario, text: string): Sweep {
  const [, param = "", range = ""] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  const points = pointsOf(range);
  if (param === "" || points === null) {
    throw new TypeError(
      `a sweep is NAME=FROM..TO, NAME=FROM..TO/POINTS or NAME=A,B,C: received ${text}`,
    );
  }
  const { value, min } = it.params[param] ?? { value: 0, min: 0 };
  const isWhole = Number.isInteger(value) && Number.isInteger(min);
  const rounded = points.map((point) => isWhole ? Math.round(point) : point);
  const all = [...new Set(rounded)];
  for (const point of all) valuesOf(it, { [param]: point });
  return { param, points: all };
}

function pointsOf(range: string): number[] | null {
  const [, from, to, count] =
    /^(-?[\d.]+)\.\.(-?[\d.]+)(?:\/(\d+))?$/.exec(range) ?? [];
  if (from === undefined || to === undefined) {
    const listed = range.split(",").map(Number);
    return listed.every(Number.isFinite) ? listed : null;
  }
  const first = Number(from), last = Number(to);
  const whole = Math.abs(last - first) + 1;
  const points = Math.max(2, Number(count ?? Math.min(POINTS, whole)));
  const step = (last - first) / (points - 1);
  const all = Array.from({ length: points }, (_, i) => first + i * step);
  return all.every(Number.isFinite) ? all : null;
}

export interface Shard {
  /** From 0. */
  index: number;
  of: number;
}

/** `0/4` to `3/4`. */
export function parseShard(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (of !== undefined && shard.index < shard.of) return shard;
  throw new TypeError(`a shard is I/N, from 0/N to (N−1)/N: received ${text}`);
}

/** Every n-th: neighbours, which take about as long, go to different shards. */
export function pointsOfShard<T>(
  points: readonly T[],
  { index, of }: Shard,
): T[] {
  return points.filter((_, i) => i % of === index);
}

/** A sweep's results, point by point as they come. */
export function* runSweep(
  it: Scenario,
  { param, points }: Sweep,
  options: { params?: Values; seed?: number; shard?: Shard } = {},
): Generator<Result> {
  const { params = {}, seed = 1, shard = { index: 0, of: 1 } } = options;
  for (const point of pointsOfShard(points, shard)) {
    yield runScenario(it, {
      params: { ...params, [param]: point },
      seed,
      trace: false,
    });
  }
}

/** What the scenario says to a result; "" if all is as expected. */
export function verdict(it: Scenario, result: Result): string {
  try {
    check(it, result);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** One flat row for each style: for tables, and for other programs. */
export function rowsOf(
  it: Scenario,
  result: Result,
): Record<string, string | number>[] {
  const wrong = verdict(it, result);
  return Object.values(result.styles).map((style) => ({
    scenario: it.id,
    seed: result.seed,
    ...result.params,
    style: style.style,
    holds: result.holds ? 1 : 0,
    asExpected: wrong === "" ? 1 : 0,
    ...numbersOf(style),
  }));
}

/** Everything of a style as one flat row. */
export function numbersOf(style: StyleResult): Record<string, string | number> {
  const { style: _style, series: _series, latency, facts, ...rest } = style;
  return { ...rest, ...latency, ...facts };
}

/** Rows as CSV (RFC 4180); the first row's names are the header. */
export function csv(
  rows: readonly Record<string, string | number>[],
  withHeader = true,
): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) =>
    names.map((name) => field(row[name] ?? "")).join(",")
  );
  if (withHeader) lines.unshift(names.map(field).join(","));
  return lines.map((line) => line + "\r\n").join("");
}

function field(value: string | number): string {
  const isNone = typeof value === "number" && !Number.isFinite(value);
  const text = isNone ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
