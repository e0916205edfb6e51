// Many runs of one scenario on all cores: workers take a style of a point each, as
// they become free; results come in the order of the points, whoever was first. With
// one job there are no workers, and the results are the same. It prints nothing.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { resultOf, runScenario } from "../scenarios/run.ts";
import type {
  Result,
  Scenario,
  StyleResult,
  Values,
} from "../scenarios/scenario.ts";
import type { Done, Task } from "./scenario_worker.ts";

export interface JobOptions {
  seed: number;
  /** With a trace, for its hash: it takes twice as long. */
  trace?: boolean;
  /** Workers at most; as many as there are cores, if not said. */
  jobs?: number;
  /** Called when some of all runs are done. */
  onProgress?: (done: number, of: number) => void;
  /** Nobody wants the rest any more. */
  signal?: AbortSignal;
}

/** The results of the points, in their order. */
export async function* runPoints(
  it: Scenario,
  points: readonly Values[],
  {
    seed,
    trace = false,
    jobs = availableParallelism(),
    onProgress,
    signal,
  }: JobOptions,
): AsyncGenerator<Result> {
  const styles = Object.keys(it.styles);
  const tasks = points.flatMap((params, i) =>
    styles.map((style, k): Task => ({
      number: i * styles.length + k,
      scenario: it.id,
      params,
      seed,
      style,
      trace,
    }))
  );
  const workers = Math.min(jobs, Math.max(2, tasks.length));
  if (workers <= 1) {
    return yield* oneByOne(it, points, { seed, trace, onProgress });
  }
  const pool = new Pool(tasks, workers, onProgress);
  signal?.addEventListener(
    "abort",
    () => pool.fail(new Error("it was stopped")),
  );
  try {
    for (const [i, params] of points.entries()) {
      const found: Record<string, StyleResult> = {};
      for (const [k, style] of styles.entries()) {
        found[style] = await pool.results[i * styles.length + k]!.promise;
      }
      yield resultOf(it, params, seed, found);
    }
  } finally {
    await pool.end();
  }
}

async function* oneByOne(
  it: Scenario,
  points: readonly Values[],
  { seed, trace, onProgress }: JobOptions,
): AsyncGenerator<Result> {
  for (const [i, params] of points.entries()) {
    yield runScenario(it, { params, seed, trace });
    onProgress?.(i + 1, points.length);
  }
}

class Pool {
  readonly results: PromiseWithResolvers<StyleResult>[];
  readonly #tasks: readonly Task[];
  readonly #workers: Worker[];
  readonly #onProgress: JobOptions["onProgress"];
  #next = 0;
  #done = 0;

  constructor(
    tasks: readonly Task[],
    workers: number,
    onProgress: JobOptions["onProgress"],
  ) {
    this.#tasks = tasks;
    this.#onProgress = onProgress;
    this.results = tasks.map(() => Promise.withResolvers<StyleResult>());
    // Who waits for the first that failed need not hear of the others.
    for (const { promise } of this.results) promise.catch(() => {});
    this.#workers = Array.from({ length: workers }, () => this.#hire());
  }

  #hire(): Worker {
    const worker = new Worker(new URL("./scenario_worker.ts", import.meta.url));
    worker.on("message", (done: Done) => {
      this.#take(done);
      this.#give(worker);
    });
    worker.on("error", (error: Error) => this.fail(error));
    this.#give(worker);
    return worker;
  }

  #give(worker: Worker): void {
    const task = this.#tasks[this.#next];
    if (task === undefined) return;
    this.#next++;
    worker.postMessage(task);
  }

  #take({ number, style, error }: Done): void {
    const result = this.results[number]!;
    if (style !== undefined) result.resolve(style);
    else result.reject(new Error(error));
    this.#onProgress?.(++this.#done, this.#tasks.length);
  }

  /** Nobody gets what is not there yet. */
  fail(error: Error): void {
    for (const { reject } of this.results) reject(error);
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
