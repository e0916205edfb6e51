// The ready examples and the text beside them: YAML that can be read, commands and
// options that exist, as many shards as are merged.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { readOptions } from "../../host/options.ts";
import {
  MERGE_OPTIONS,
  SCENARIO_OPTIONS,
} from "../../host/scenario_command.ts";
import { SCENARIOS } from "../../scenarios/catalog.ts";
import { pointsIn } from "../../scenarios/plan.ts";
import { openScenarioLink } from "../../scenarios/scenario_link.ts";
import { parseShard } from "../../scenarios/sweep.ts";

const ROOT = join(import.meta.dirname!, "../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const TASKS = JSON.parse(read("deno.json")).tasks;

// deno-lint-ignore no-explicit-any
type Yaml = any;

async function parsed(path: string): Promise<Yaml[]> {
  const name = "deno-std/yaml/mod.js"; // it has no types
  const { parseAll } = await import(name);
  return parseAll(read(path));
}

/** The words of a command as a shell has them, with these variables. */
function wordsOf(line: string, variables: Record<string, string>): string[] {
  let command = line;
  for (const [name, value] of Object.entries(variables)) {
    command = command.replaceAll(name, value);
  }
  command = command.replace(/ > .*| \|\| .*| +#.*/, "");
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare!);
}

/** It exists, with each of its options; gives how many points it runs. */
function checkCommand(words: string[]): number {
  const [deno, task, ...rest] = words.filter((word) => word !== "--quiet");
  assertEquals([deno, task], ["deno", "task"]);
  const [command = "", name, ...options] = rest;
  assert(command in TASKS, `deno task ${command}`);
  if (command !== "scenario" || name === undefined) return 0;
  if (name === "merge") {
    const flags = options.filter((word) => word.startsWith("-"));
    readOptions(flags, MERGE_OPTIONS);
    return 0;
  }
  if (name.startsWith("#")) openScenarioLink(name, SCENARIOS);
  if (name.startsWith("#")) return 1;
  const it = SCENARIOS.find(({ id }) => id === name)!;
  assert(it !== undefined, name);
  const { given } = readOptions(options, SCENARIO_OPTIONS);
  const { sweep, map, shard = "0/1", seed = 1 } = given;
  if (sweep === undefined && map === undefined) return 1;
  const kind = sweep === undefined ? "map" : "sweep";
  const range = String(sweep ?? map);
  const plan = {
    scenario: it.id,
    kind,
    range,
    params: {},
    seed: Number(seed),
  } as const;
  return pointsIn(it, plan, parseShard(String(shard))).length;
}

test("the matrix of GitHub Actions runs every point once, and merges", async () => {
  const [{ on, env, jobs }] = await parsed("examples/github_actions.yaml");
  const { index } = jobs.shard.strategy.matrix;
  assertEquals(index, Array.from({ length: env.SHARDS }, (_, i) => i));
  const inputs = on.workflow_dispatch.inputs;
  const runs = (job: string) =>
    jobs[job].steps.flatMap((step: Yaml) => step.run ?? []) as string[];
  let points = 0;
  for (const i of index) {
    for (const run of runs("shard")) {
      points += checkCommand(wordsOf(run, {
        "${{ inputs.scenario }}": inputs.scenario.default,
        "${{ inputs.sweep }}": inputs.sweep.default,
        "${{ matrix.index }}": String(i),
        $SHARDS: String(env.SHARDS),
      }));
    }
  }
  assertEquals(points, 100);
  assertEquals(jobs.merge.needs, "shard");
  for (const run of runs("merge")) checkCommand(wordsOf(run, {}));
  const versions = read("examples/github_actions.yaml").match(
    /deno-version: .*/g,
  )!;
  assertEquals([...new Set(versions)], [`deno-version: ${denoVersion()}`]);
});

test("the Indexed Job of Kubernetes has a pod for each shard", async () => {
  const [job, claim] = await parsed("examples/kubernetes_job.yaml");
  const { completionMode, completions, parallelism, template } = job.spec;
  assertEquals([job.kind, completionMode], ["Job", "Indexed"]);
  assert(parallelism <= completions);
  const [container] = template.spec.containers;
  assertEquals(container.env, [{ name: "SHARDS", value: String(completions) }]);
  let points = 0;
  for (let i = 0; i < completions; i++) {
    points += checkCommand(wordsOf(container.args[0], {
      $JOB_COMPLETION_INDEX: String(i),
      $SHARDS: String(completions),
    }));
  }
  assertEquals(points, 100);
  const [volume] = template.spec.volumes;
  assertEquals(volume.persistentVolumeClaim.claimName, claim.metadata.name);
  const image = `FROM denoland/deno:${denoVersion()}`;
  assert(read("examples/Dockerfile").includes(image));
});

test("every command in the text on sweeps exists", () => {
  const commands = read("docs/sweeps.md").split("\n")
    .filter((line) => line.startsWith("deno task"));
  assert(commands.length > 10);
  for (const command of commands) checkCommand(wordsOf(command, {}));
});

/** The one that newcomers get. */
function denoVersion(): string {
  return /deno@([\d.]+)/.exec(read("package.json"))![1]!;
}
