// `kettle scenario`: lists the scenarios; runs one and shows its styles side by
// side; sweeps one of its parameters or draws a map of two, on all cores, all of
// it or one shard; puts shards together. As text, JSON or CSV. Its status is 1 if
// something is not as the scenario expects. What the scenarios are is not known here.

import { readFileSync } from "node:fs";
import process from "node:process";
import { SCENARIOS } from "../scenarios/catalog.ts";
import { type Plan, pointsIn, WHOLE } from "../scenarios/plan.ts";
import { listText } from "../scenarios/report.ts";
import { runScenario } from "../scenarios/run.ts";
import { type Scenario, type Values, valuesOf } from "../scenarios/scenario.ts";
import { openScenarioLink } from "../scenarios/scenario_link.ts";
import { merge, ShardError } from "../scenarios/shard.ts";
import { parseShard, type Shard } from "../scenarios/sweep.ts";
import { nearest } from "../userland/lib/nearest.ts";
import {
  type CommandLine,
  type OptionTable,
  readOptions,
  UsageError,
  wholeNumber,
} from "./options.ts";
import { runPoints } from "./scenario_jobs.ts";
import {
  type Format,
  outputOf,
  type Print,
  type ResultOutput,
} from "./scenario_output.ts";

const NOT_AS_EXPECTED = 1, CANNOT_MERGE = 1;

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
    about: "for two ranges (or three): where the claim holds, who answers most",
  },
  jobs: { value: "N", about: "so many runs at once (one for each core)" },
  shard: {
    value: "I/N",
    about: "of a sweep or map only every N-th point from I (0 to N-1) on",
  },
  json: { about: "a line of JSON for each result" },
  csv: { about: "a row for each style" },
};

/** After the word merge. */
export const MERGE_OPTIONS: OptionTable = {
  json: SCENARIO_OPTIONS.json!,
  csv: SCENARIO_OPTIONS.csv!,
};

/** Where it shows what it has to show. */
export interface Screen {
  print: Print;
  /** What is wrong. */
  complain: Print;
  /** How far it is; "" when that is over. */
  progress?: (text: string) => void;
  /** Something else goes on here, which must not be held up. */
  isShared?: boolean;
  /** Nobody wants it any more. */
  signal?: AbortSignal;
}

const TERMINAL: Screen = {
  print: (text) => console.log(text),
  complain: (text) => console.error(text),
  progress: process.stderr.isTTY
    ? (text) => void process.stderr.write(`\r${text}\x1b[K`)
    : undefined,
};

export async function scenarioCommand(
  { given, rest }: CommandLine,
  screen: Screen = TERMINAL,
): Promise<number> {
  const [name, ...more] = rest;
  if (name === undefined) {
    screen.print(listText(SCENARIOS));
    return 0;
  }
  if (name === "merge") return mergeFiles(more, screen);
  const opened = opening(name);
  const it = scenarioNamed(opened.id);
  const own = readScenarioOptions([...opened.words, ...more]);
  if (own.rest.length > 0) {
    throw new UsageError(
      `scenario takes one name: ${own.rest[0]} is left over`,
    );
  }
  try {
    return await runIt(it, { ...given, ...own.given }, screen);
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

async function runIt(
  it: Scenario,
  given: Given,
  screen: Screen,
): Promise<number> {
  const params = readParams(it, given.param);
  const seed = wholeNumber("seed", String(given.seed ?? "1"));
  const plan = planOf(it, given, { params, seed });
  const shard = shardOf(given, plan);
  const { print } = screen;
  const output = outputOf(it, { format: formatOf(given), print, plan, shard });
  const points = plan === null
    ? [valuesOf(it, params)]
    : pointsIn(it, plan, shard ?? WHOLE);
  if (plan === null && !screen.isShared) {
    output.add(runScenario(it, { params, seed }));
    return ended(output);
  }
  const results = runPoints(it, points, {
    seed,
    trace: plan === null,
    jobs: screen.isShared ? Math.max(2, jobsOf(given) ?? 2) : jobsOf(given),
    onProgress: progressOn(screen),
    signal: screen.signal,
  });
  for await (const result of results) {
    screen.progress?.("");
    output.add(result);
  }
  return ended(output);
}

function ended(output: ResultOutput): number {
  output.end();
  return output.isAsExpected ? 0 : NOT_AS_EXPECTED;
}

function formatOf({ json, csv }: Given): Format {
  return json ? "json" : csv ? "csv" : "text";
}

/** null: one run. */
function planOf(
  it: Scenario,
  { sweep, map }: Given,
  { params, seed }: { params: Values; seed: number },
): Plan | null {
  if (sweep !== undefined && map !== undefined) {
    throw new UsageError("--sweep and --map are two things: give one");
  }
  const range = sweep ?? map;
  if (range === undefined) return null;
  const kind = sweep === undefined ? "map" : "sweep";
  return { scenario: it.id, kind, range: String(range), params, seed };
}

function shardOf({ shard }: Given, plan: Plan | null): Shard | undefined {
  if (shard === undefined) return undefined;
  if (plan === null) throw new UsageError("--shard needs --sweep or --map");
  return parseShard(String(shard));
}

function jobsOf({ jobs }: Given): number | undefined {
  if (jobs === undefined) return undefined;
  const count = wholeNumber("jobs", String(jobs));
  if (count === 0) throw new UsageError("--jobs takes at least 1: received 0");
  return count;
}

/** `12 of 400 runs, 3 s; 97 s to go` */
function progressOn({ progress }: Screen) {
  if (progress === undefined) return undefined;
  const beganMs = performance.now();
  return (done: number, of: number) => {
    const seconds = (performance.now() - beganMs) / 1000;
    const left = seconds * (of - done) / done;
    progress(
      done === of
        ? ""
        : `${done} of ${of} runs, ${seconds.toFixed(0)} s; ${
          left.toFixed(0)
        } s to go`,
    );
  };
}

// ------------------------------------------------------------- merge

/** Files and options in any order. */
function mergeFiles(words: string[], { print, complain }: Screen): number {
  const names = words.filter((word) => !word.startsWith("-"));
  const { given } = readOptions(
    words.filter((word) => word.startsWith("-")),
    MERGE_OPTIONS,
  );
  if (names.length === 0) {
    throw new UsageError(
      "merge takes the files of all shards: kettle scenario merge shard-*.json",
    );
  }
  try {
    const files = names.map((name) => ({ name, text: textOf(name) }));
    const { it, plan, results } = merge(files, SCENARIOS);
    const output = outputOf(it, { format: formatOf(given), print, plan });
    for (const result of results) output.add(result);
    return ended(output);
  } catch (error) {
    if (!(error instanceof ShardError)) throw error;
    complain(`kettle scenario merge: ${error.message}`);
    return CANNOT_MERGE;
  }
}

function textOf(name: string): string {
  try {
    return readFileSync(name, "utf8");
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw new ShardError(
      `${name}: ${code === "ENOENT" ? "there is no such file" : message}`,
    );
  }
}

// ------------------------------------------------------------- words

/** A name; or a link, #tax?io=5&seed=7, as the words that it stands for. */
function opening(name: string): { id: string; words: string[] } {
  if (!name.includes("#")) return { id: name, words: [] };
  const fragment = name.slice(name.indexOf("#"));
  try {
    const { id, params, seed } = openScenarioLink(fragment, SCENARIOS);
    const words = ["--seed", String(seed)];
    for (const [name, value] of Object.entries(params)) {
      words.push("--param", `${name}=${value}`);
    }
    return { id, words };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
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
