// Two parameters over their ranges, or three: where the claim holds, and which style
// answers most, computed point by point and drawn in letters. A third parameter is
// a map for each of its values.

import { runScenario } from "./run.ts";
import type { Result, Scenario, StyleResult, Values } from "./scenario.ts";
import { parseSweep, type Sweep, verdict } from "./sweep.ts";

export interface ClaimMap {
  across: Sweep;
  down: Sweep;
  /** A map for each; null: there is one. */
  deep: Sweep | null;
}

/** `share=1..50/8 clients=4,16,64`: the first goes across, the second down; a third gives several maps. */
export function parseMap(it: Scenario, text: string): ClaimMap {
  const [across, down, deep, ...more] = text.trim().split(/\s+/);
  if (across === undefined || down === undefined || more.length > 0) {
    throw new TypeError(
      `a map is two sweeps or three, "X=A..B Y=C..D": received ${text}`,
    );
  }
  const map = {
    across: parseSweep(it, across),
    down: parseSweep(it, down),
    deep: deep === undefined ? null : parseSweep(it, deep),
  };
  const names = [map.across, map.down, map.deep].map((each) => each?.param);
  if (new Set(names).size < 3) {
    throw new TypeError(`a map's sweeps are of different parameters: ${text}`);
  }
  return map;
}

/** What is set at each of its points: row by row, map by map. */
export function pointsOfMap({ across, down, deep }: ClaimMap): Values[] {
  const maps = deep === null
    ? [{}]
    : deep.points.map((z) => ({ [deep.param]: z }));
  return maps.flatMap((map) =>
    down.points.flatMap((y) =>
      across.points.map((x) => ({
        ...map,
        [down.param]: y,
        [across.param]: x,
      }))
    )
  );
}

/** A row of results for each point down. */
export function* runMap(
  it: Scenario,
  map: ClaimMap,
  { params = {}, seed = 1 }: { params?: Values; seed?: number } = {},
): Generator<Result[]> {
  const points = pointsOfMap(map), columns = map.across.points.length;
  for (let i = 0; i < points.length; i += columns) {
    yield points.slice(i, i + columns).map((point) =>
      runScenario(it, { params: { ...params, ...point }, seed, trace: false })
    );
  }
}

// ------------------------------------------------------------- who is best

/** One answers more by so much, or it is a draw. */
export const BETTER = 1.02;

/** The same if only so many answers were counted: those of who is inside come all at once, just before the end of the count or just after. */
export function betterBy(
  { clients = 1, threads = 1 }: Values,
  ok: number,
): number {
  return BETTER + Math.min(clients, threads) / Math.max(1, ok);
}

/** Who answers most; "" if nobody is asked, "=" if it is a draw. */
export function bestOf({ styles, params }: Result): string {
  const rate = ({ perSecond }: StyleResult) => perSecond;
  const [first, second] = Object.values(styles)
    .sort((a, b) => rate(b) - rate(a));
  if (first === undefined || rate(first) === 0) return "";
  if (second === undefined) return first.style;
  const better = betterBy(params, second.ok);
  return rate(first) > better * rate(second) ? first.style : "=";
}

/** So many letters of a style's name that no two begin alike. */
function lettersOf(it: Scenario): number {
  const names = Object.keys(it.styles);
  let letters = 1;
  while (
    new Set(names.map((name) => name.slice(0, letters))).size < names.length
  ) {
    letters++;
  }
  return letters;
}

// ------------------------------------------------------------- as letters

export function mapLegend(it: Scenario): string {
  const claim =
    "# the claim holds   . it does not   ? not what the scenario expects";
  const letters = lettersOf(it);
  const styles = Object.keys(it.styles)
    .map((name) => `${name.slice(0, letters)} ${name}`).join("   ");
  return `${claim}\nand who answers most: ${styles}   = nobody`;
}

/** The points across, written above the rows. */
export function mapHead({ across, down }: ClaimMap): string {
  const cells = across.points.map((x) => short(x).padStart(CELL));
  return `${down.param.padStart(LABEL)}${cells.join("")}  ${across.param}`;
}

/** Above each of several maps. */
export function mapTitle({ deep }: ClaimMap, result: Result): string | null {
  return deep === null
    ? null
    : `${deep.param} ${short(result.params[deep.param]!)}`;
}

export function mapRow(
  it: Scenario,
  { down }: ClaimMap,
  row: readonly Result[],
): string {
  const y = row[0]!.params[down.param]!;
  const letters = lettersOf(it);
  const marks = row.map((result) => {
    const mark = result.holds ? "#" : ".";
    const best = bestOf(result).slice(0, letters);
    const claim = verdict(it, result) === "" ? mark : "?";
    return (claim + best).padStart(CELL);
  });
  return `${short(y).padStart(LABEL)}${marks.join("")}`;
}

const LABEL = 10, CELL = 7;

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
