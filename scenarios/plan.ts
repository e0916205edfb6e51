// Many runs of one scenario: a sweep of one parameter or a map of several, as a list
// of points. A shard is every n-th of them; shards are disjoint and together are all
// of it, so they can run anywhere and be put together again (shard.ts). It runs
// nothing.

import { parseMap, pointsOfMap } from "./map.ts";
import { type Scenario, type Values, valuesOf } from "./scenario.ts";
import { parseSweep, pointsOfShard, type Shard } from "./sweep.ts";

export interface Plan {
  /** The scenario's id. */
  scenario: string;
  kind: "sweep" | "map";
  /** As it was typed: `io=1..9`, or two of these. */
  range: string;
  params: Values;
  seed: number;
}

/** The parameters of every run, in the order in which they are shown. */
export function pointsOf(
  it: Scenario,
  { kind, range, params }: Plan,
): Values[] {
  if (kind === "sweep") {
    const { param, points } = parseSweep(it, range);
    return points.map((point) => valuesOf(it, { ...params, [param]: point }));
  }
  return pointsOfMap(parseMap(it, range)).map((point) =>
    valuesOf(it, { ...params, ...point })
  );
}

export const WHOLE: Shard = { index: 0, of: 1 };

/** Those that one shard runs. */
export function pointsIn(it: Scenario, plan: Plan, shard: Shard): Values[] {
  return pointsOfShard(pointsOf(it, plan), shard);
}
