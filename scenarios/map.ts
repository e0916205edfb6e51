// Two parameters over their ranges: where in that plane the claim holds, computed
// point by point and drawn in letters.

import { runScenario } from "./run.ts";
import type { Result, Scenario, Values } from "./scenario.ts";
import { parseSweep, type Sweep, verdict } from "./sweep.ts";

export interface ClaimMap {
  across: Sweep;
  down: Sweep;
}

/** `share=1..50/8 clients=4,16,64`: the first goes across, the second down. */
export function parseMap(it: Scenario, text: string): ClaimMap {
  const [across, down, ...more] = text.trim().split(/\s+/);
  if (across === undefined || down === undefined || more.length > 0) {
    throw new TypeError(
      `a map is two sweeps, "X=A..B Y=C..D": received ${text}`,
    );
  }
  return { across: parseSweep(it, across), down: parseSweep(it, down) };
}

/** A row of results for each point down. */
export function* runMap(
  it: Scenario,
  { across, down }: ClaimMap,
  { params = {}, seed = 1 }: { params?: Values; seed?: number } = {},
): Generator<Result[]> {
  for (const y of down.points) {
    yield across.points.map((x) =>
      runScenario(it, {
        params: { ...params, [down.param]: y, [across.param]: x },
        seed,
        trace: false,
      })
    );
  }
}

export const MAP_LEGEND =
  "# the claim holds   . it does not   ? not what the scenario expects";

/** The points across, written above the rows. */
export function mapHead({ across, down }: ClaimMap): string {
  const cells = across.points.map((x) => short(x).padStart(CELL));
  return `${down.param.padStart(LABEL)}${cells.join("")}  ${across.param}`;
}

export function mapRow(
  it: Scenario,
  { down }: ClaimMap,
  row: readonly Result[],
): string {
  const y = row[0]!.params[down.param]!;
  const marks = row.map((result) => {
    const mark = result.holds ? "#" : ".";
    return (verdict(it, result) === "" ? mark : "?").padStart(CELL);
  });
  return `${short(y).padStart(LABEL)}${marks.join("")}`;
}

const LABEL = 10, CELL = 7;

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
