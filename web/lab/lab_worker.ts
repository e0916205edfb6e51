/// <reference lib="webworker" />
// The worker behind the lab: it runs scenarios, sweeps and maps in steps of a few
// milliseconds, tells how far it is, and leaves what nobody wants any more: the
// last thing that was asked for is what is run. Only Kettle's own programs run.

import { SCENARIOS } from "../../scenarios/catalog.ts";
import { figuresOf } from "../../scenarios/figures.ts";
import {
  curveSteps,
  labSteps,
  mapSteps,
  quickOf,
  slidersOf,
} from "../../scenarios/lab.ts";
import { parseMap } from "../../scenarios/map.ts";
import type { Result, Scenario, Values } from "../../scenarios/scenario.ts";
import {
  openScenarioLink,
  scenarioLink,
} from "../../scenarios/scenario_link.ts";
import { parseSweep, verdict } from "../../scenarios/sweep.ts";
import type {
  FromLab,
  LabReport,
  LabScenario,
  LabSeries,
  LabSetting,
  ToLab,
} from "./lab_protocol.ts";

/** So long it works before it listens again. */
const SLICE_MS = 40;
/** The newest question; older ones are left where they are. */
let newest = 0;

onmessage = ({ data }: MessageEvent<ToLab>) => {
  if (data.kind === "list") {
    return tell({ kind: "list", scenarios: SCENARIOS.map(wordsOf) });
  }
  if (data.kind === "open") return tell(opened(data.fragment));
  newest = data.number;
  runAll(data).catch((error) =>
    tell({
      kind: "fault",
      number: data.number,
      sentence: error instanceof Error ? error.message : String(error),
    })
  );
};

function tell(message: FromLab): void {
  postMessage(message);
}

function wordsOf(it: Scenario): LabScenario {
  const { id, number, title, claim, styles, crossover, misleads, text } = it;
  const { param, holds, about } = crossover;
  return {
    id,
    number,
    title,
    claim,
    styles: { ...styles },
    sliders: slidersOf(it),
    crossover: { param, holds, about },
    misleads,
    text,
  };
}

function opened(fragment: string): FromLab {
  try {
    const { id, params, seed } = openScenarioLink(fragment, SCENARIOS);
    return { kind: "opened", setting: { id, params, seed }, fault: "" };
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    return { kind: "opened", setting: null, fault };
  }
}

async function runAll(
  asked: Extract<ToLab, { number: number }>,
): Promise<void> {
  const { number, setting } = asked;
  const it = scenarioOf(setting.id);
  const { params, seed } = setting;
  if (asked.kind === "run") {
    const run = asked.isQuick ? quickOf(it, params) : params;
    const result = await inSlices(
      number,
      labSteps(it, { params: run, seed }),
      ({
        share,
        style,
      }) => progress(number, share, style),
    );
    if (result === null) return;
    return tell({
      kind: "report",
      number,
      report: reportOf(it, setting, result),
    });
  }
  const quick = quickOf(it, params);
  if (asked.kind === "curve") {
    const steps = curveSteps(it, parseSweep(it, asked.sweep), {
      params: quick,
      seed,
    });
    const curve = await inSlices(number, steps, ({ share, point, curve }) => {
      progress(number, share, `at ${Math.round(point * 1000) / 1000}`);
      tell({ kind: "curve", number, curve, isDone: false });
    });
    if (curve !== null) tell({ kind: "curve", number, curve, isDone: true });
    return;
  }
  const steps = mapSteps(it, parseMap(it, asked.map), { params: quick, seed });
  const grid = await inSlices(number, steps, ({ share, grid }) => {
    progress(number, share, "");
    tell({ kind: "map", number, grid, isDone: false });
  });
  if (grid !== null) tell({ kind: "map", number, grid, isDone: true });
}

function progress(number: number, share: number, words: string): void {
  tell({ kind: "progress", number, share, words });
}

/** To the end, listening in between; null when something else was asked for. */
async function inSlices<Step, T>(
  number: number,
  steps: Generator<Step, T>,
  onStep: (step: Step) => void,
): Promise<T | null> {
  while (number === newest) {
    const until = performance.now() + SLICE_MS;
    let last: Step | null = null;
    while (performance.now() < until) {
      const step = steps.next();
      if (step.done) return step.value;
      last = step.value;
    }
    if (last !== null) onStep(last);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return null;
}

function scenarioOf(id: string): Scenario {
  const found = SCENARIOS.find((it) => it.id === id);
  if (found === undefined) throw new Error(`there is no scenario ${id}`);
  return found;
}

function reportOf(
  it: Scenario,
  setting: LabSetting,
  result: Result,
): LabReport {
  const asked: Values = setting.params;
  const edge = it.crossover.at(result.params);
  return {
    setting,
    params: { ...result.params },
    isShorter: Object.entries(result.params).some(([name, value]) =>
      value !== (asked[name] ?? it.params[name]!.value)
    ),
    holds: result.holds,
    verdict: verdict(it, result),
    crossoverAt: Number.isFinite(edge) ? edge : null,
    figures: figuresOf(result).map(({ name, unit, of }) => ({
      name,
      unit,
      values: Object.fromEntries(
        Object.entries(result.styles).map(([style, it]) => [style, of(it)]),
      ),
    })),
    series: seriesOf(result),
    link: scenarioLink(it, { params: asked, seed: setting.seed }),
  };
}

function seriesOf({ styles }: Result): Record<string, LabSeries> {
  const all: Record<string, LabSeries> = {};
  for (const [style, { series, requests, ok }] of Object.entries(styles)) {
    if (series === undefined || requests === 0) continue;
    all[style] = {
      windowMs: series.windowNs / 1e6,
      ok: [...series.ok],
      lost: series.refused.map((refused, i) =>
        refused + series.timedOut[i]! + series.failed[i]!
      ),
      quantilesMs: ok === 0 ? [] : series.quantilesNs.map((ns) => ns / 1e6),
    };
  }
  return all;
}
