// A worker of scenario_jobs.ts: runs one style of one point at a time, and sends back
// what was measured.

import { parentPort } from "node:worker_threads";
import { SCENARIOS } from "../scenarios/catalog.ts";
import { runScenario } from "../scenarios/run.ts";
import type { StyleResult, Values } from "../scenarios/scenario.ts";

export interface Task {
  number: number;
  scenario: string;
  params: Values;
  seed: number;
  style: string;
  trace: boolean;
}

export interface Done {
  number: number;
  style?: StyleResult;
  /** What went wrong instead. */
  error?: string;
}

parentPort?.on("message", (task: Task) => {
  parentPort!.postMessage(done(task));
});

function done({ number, scenario, style, ...options }: Task): Done {
  try {
    const it = SCENARIOS.find(({ id }) => id === scenario)!;
    const result = runScenario(it, { ...options, styles: [style] });
    return { number, style: result.styles[style]! };
  } catch (error) {
    return { number, error: (error as Error).message };
  }
}
