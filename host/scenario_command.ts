// `kettle scenario`: lists the scenarios; runs one and shows its styles side by
// side; sweeps one of its parameters, all of it or one shard, as text, JSON or
// CSV; draws a map of two. Its status is 1 if something is not as the scenario expects. What the
// scenarios are is not known here.

import process from "node:process";
import { SCENARIOS } from "../scenarios/catalog.ts";
import {
  MAP_LEGEND,
  mapHead,
  mapRow,
  parseMap,
  runMap,
} from "../scenarios/map.ts";
import { listText, resultText, sweepLines } from "../scenarios/report.ts";
import { runScenario } from "../scenarios/run.ts";
import {
  type Result,
  type Scenario,
  type Values,
  valuesOf,
} from "../scenarios/scenario.ts";
import {
  csv,
  parseShard,
  parseSweep,
  rowsOf,
  runSweep,
  verdict,
} from "../scenarios/sweep.ts";
import { nearest } from "../userland/lib/nearest.ts";
import {
  type CommandLine,
  type OptionTable,
  readOptions,
  UsageError,
  wholeNumber,
} from "./options.ts";

const NOT_AS_EXPECTED = 1;

/** After the name; --param may come several times. */
export const SCENARIO_OPTIONS: OptionTable = {
  param: { value: "X=N", about: "sets a parameter; more than one: X=N,Y=M" },
  seed: { value: "N", about: "everything drawn by chance comes from it (1)" },
  sweep: {
    value: "X=A..B",
    about: "runs it for a range of values: A..B, A..B/POINTS or A,B,C",
  },
  map: {
    value: "'X=… Y=…'",
    about: "runs it for two ranges, and draws where the claim holds",
  },
  shard: { value: "I/N", about: "of a sweep only every N-th point from I on" },
  json: { about: "a line of JSON for each result" },
  csv: { about: "a row for each style" },
};

export function scenarioCommand({ given, rest }: CommandLine): number {
  const [name, ...more] = rest;
  if (name === undefined) {
    console.log(listText(SCENARIOS));
    return 0;
  }
  const it = scenarioNamed(name);
  const own = readScenarioOptions(more);
  if (own.rest.length > 0) {
    throw new UsageError(
      `scenario takes one name: ${own.rest[0]} is left over`,
    );
  }
  try {
    return runIt(it, { ...given, ...own.given });
  } catch (error) {
    const isUsage = error instanceof TypeError || error instanceof RangeError;
    throw isUsage ? new UsageError(error.message) : error;
  }
}

type Given = CommandLine["given"];

/** Several --param become one. */
function readScenarioOptions(words: string[]): CommandLine {
  const params: string[] = [], others: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--param") params.push(words[++i] ?? "");
    else if (word.startsWith("--param=")) params.push(word.slice(8));
    else others.push(word);
  }
  const line = readOptions(others, SCENARIO_OPTIONS);
  if (params.length > 0) line.given.param = params.join(",");
  return line;
}

function runIt(it: Scenario, given: Given): number {
  const params = readParams(it, given.param);
  const seed = wholeNumber("seed", String(given.seed ?? "1"));
  if (given.map !== undefined) {
    return drawMap(it, String(given.map), { params, seed });
  }
  const output = outputOf(it, given);
  if (given.sweep === undefined) {
    if (given.shard !== undefined) {
      throw new UsageError("--shard needs --sweep");
    }
    return output.add(runScenario(it, { params, seed }));
  }
  const sweep = parseSweep(it, String(given.sweep));
  const shard = given.shard === undefined
    ? undefined
    : parseShard(String(given.shard));
  let status = 0;
  for (const result of runSweep(it, sweep, { params, seed, shard })) {
    status = Math.max(status, output.add(result));
  }
  return status;
}

function drawMap(
  it: Scenario,
  text: string,
  options: { params: Values; seed: number },
): number {
  const map = parseMap(it, text);
  console.log(mapHead(map));
  let isAsExpected = true;
  for (const row of runMap(it, map, options)) {
    console.log(mapRow(it, map, row));
    isAsExpected &&= row.every((result) => verdict(it, result) === "");
  }
  console.log(MAP_LEGEND);
  return isAsExpected ? 0 : NOT_AS_EXPECTED;
}

/** Prints each result as it comes; gives the status. */
function outputOf(
  it: Scenario,
  { json, csv: asCsv, sweep }: Given,
): { add: (result: Result) => number } {
  let isFirst = true;
  const lines = sweep === undefined
    ? null
    : sweepLines(it, String(sweep).split("=")[0]!);
  const print = (result: Result) => {
    if (json) console.log(JSON.stringify(result));
    else if (asCsv) process.stdout.write(csv(rowsOf(it, result), isFirst));
    else if (lines === null) console.log(resultText(it, result));
    else console.log((isFirst ? `${lines.head}\n` : "") + lines.line(result));
    isFirst = false;
  };
  return {
    add(result) {
      print(result);
      return verdict(it, result) === "" ? 0 : NOT_AS_EXPECTED;
    },
  };
}

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find(({ id, number }) =>
    id === name || `c${number}` === name.toLowerCase()
  );
  if (found !== undefined) return found;
  const near = nearest(name, SCENARIOS.map(({ id }) => id));
  const hint = near === null
    ? "kettle scenario lists them"
    : `Did you mean ${near}?`;
  throw new UsageError(`there is no scenario ${name}. ${hint}`);
}

/** `x=1,y=2` */
function readParams(it: Scenario, text: string | boolean | undefined): Values {
  const params: Record<string, number> = {};
  if (text === undefined) return params;
  for (const part of String(text).split(",")) {
    const [, name = "", value = ""] = /^([\w-]+)=(-?[\d.]+)$/.exec(part) ?? [];
    if (name === "") {
      throw new UsageError(`--param takes NAME=NUMBER: received ${part}`);
    }
    params[name] = Number(value);
  }
  valuesOf(it, params);
  return params;
}
