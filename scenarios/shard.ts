// A shard's results as lines of JSON, and shards put together to the whole sweep:
// a first line says of which sweep and which shard they are, so that nothing is
// missing, doubled or mixed up. Reads text; what a file is, it does not know.

import { type Plan, pointsIn, pointsOf } from "./plan.ts";
import type { Result, Scenario } from "./scenario.ts";
import type { Shard } from "./sweep.ts";

const FORMAT = "kettle shard 1";

interface Header {
  format: string;
  shard: string;
  plan: Plan;
}

/** Shards that do not fit together: its message is for whoever merges. */
export class ShardError extends Error {}

/** The line before the results. */
export function shardHead(plan: Plan, { index, of }: Shard): string {
  const head: Header = { format: FORMAT, shard: `${index}/${of}`, plan };
  return JSON.stringify(head);
}

/** A result, with what JSON has no number for as text. */
export function shardLine(result: Result): string {
  return JSON.stringify(
    result,
    (_, value) =>
      typeof value === "number" && !Number.isFinite(value)
        ? String(value)
        : value,
  );
}

export interface ShardFile {
  name: string;
  text: string;
}

interface Part {
  name: string;
  plan: Plan;
  shard: Shard;
  results: Result[];
}

export interface Merged {
  it: Scenario;
  plan: Plan;
  results: Result[];
}

/** All results of the sweep, in its order. Throws a ShardError if they are not all of one. */
export function merge(
  files: readonly ShardFile[],
  all: readonly Scenario[],
): Merged {
  const parts = files.map((file) => partOf(file));
  const first = parts[0];
  if (first === undefined) throw new ShardError("there is nothing to merge");
  const { plan, shard: { of } } = first;
  for (const part of parts) checkSame(first, part);
  checkComplete(parts, of);
  const it = all.find(({ id }) => id === plan.scenario);
  if (it === undefined) {
    throw new ShardError(
      `${first.name}: no scenario is called ${plan.scenario}`,
    );
  }
  for (const part of parts) checkPoints(it, part);
  const byIndex = [...parts].sort((a, b) => a.shard.index - b.shard.index);
  const results = pointsOf(it, plan).map((_, i) =>
    byIndex[i % of]!.results[Math.floor(i / of)]!
  );
  return { it, plan, results };
}

function partOf({ name, text }: ShardFile): Part {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const { format, shard, plan } = parsed<Header>(name, 1, lines[0] ?? "null") ??
    {};
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(String(shard)) ?? [];
  if (format !== FORMAT || of === undefined || plan === undefined) {
    throw new ShardError(
      `${name} is no shard of a sweep: make it with --shard I/N --json`,
    );
  }
  const results = lines.slice(1).map((line, i) =>
    parsed<Result>(name, i + 2, line)!
  );
  return {
    name,
    plan,
    shard: { index: Number(index), of: Number(of) },
    results,
  };
}

function parsed<T>(name: string, line: number, text: string): Partial<T> & T {
  try {
    return JSON.parse(text, (_, value) => revived(value)) ?? {};
  } catch {
    throw new ShardError(
      `${name}, line ${line}: it is no JSON, or was cut off`,
    );
  }
}

function revived(value: unknown): unknown {
  const isNumber = value === "Infinity" || value === "-Infinity" ||
    value === "NaN";
  return isNumber ? Number(value) : value;
}

function checkSame(first: Part, part: Part): void {
  const isSame = JSON.stringify(part.plan) === JSON.stringify(first.plan);
  if (!isSame) {
    throw new ShardError(
      `${part.name} is of another sweep than ${first.name}: ` +
        `${planText(part.plan)}, not ${planText(first.plan)}`,
    );
  }
  if (part.shard.of === first.shard.of) return;
  throw new ShardError(
    `${part.name} is one of ${part.shard.of} shards, ` +
      `${first.name} is one of ${first.shard.of}`,
  );
}

function planText({ scenario, kind, range, params, seed }: Plan): string {
  const set = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const given = set.length > 0 ? ` --param ${set.join(",")}` : "";
  return `${scenario} --${kind} "${range}"${given} --seed ${seed}`;
}

function checkComplete(parts: readonly Part[], of: number): void {
  const names = new Map<number, string>();
  for (const { name, shard: { index } } of parts) {
    const other = names.get(index);
    if (other !== undefined) {
      throw new ShardError(
        `${other} and ${name} are both shard ${index}/${of}`,
      );
    }
    names.set(index, name);
  }
  const all = Array.from({ length: of }, (_, index) => index);
  const missing = all.filter((index) => !names.has(index));
  if (missing.length === 0) return;
  throw new ShardError(
    `of ${of} shards ${missing.length} ${
      missing.length === 1 ? "is" : "are"
    } missing: ${missing.map((index) => `${index}/${of}`).join(", ")}`,
  );
}

function checkPoints(it: Scenario, { name, plan, shard, results }: Part): void {
  const points = pointsIn(it, plan, shard);
  if (results.length !== points.length) {
    throw new ShardError(
      `${name} has ${results.length} of its ${points.length} points`,
    );
  }
  for (const [i, point] of points.entries()) {
    const { id, seed, params } = results[i]!;
    const isIt = id === plan.scenario && seed === plan.seed &&
      JSON.stringify(params) === JSON.stringify(point);
    if (!isIt) {
      throw new ShardError(`${name}, line ${i + 2}: it is not of this shard`);
    }
  }
}
