// Results of a scenario as text, JSON or CSV, one after the other as they come. A
// whole sweep, and shards of one that were merged, go through here alike, so that
// they come out the same to the byte. Where it is shown is not known here.

import {
  mapHead,
  mapLegend,
  mapRow,
  mapTitle,
  parseMap,
} from "../scenarios/map.ts";
import type { Plan } from "../scenarios/plan.ts";
import { resultText, sweepLines } from "../scenarios/report.ts";
import type { Result, Scenario } from "../scenarios/scenario.ts";
import { shardHead, shardLine } from "../scenarios/shard.ts";
import { csv, rowsOf, type Shard, verdict } from "../scenarios/sweep.ts";

export type Format = "text" | "json" | "csv";

/** Shows a text, and ends its line. */
export type Print = (text: string) => void;

export interface ResultOutput {
  add(result: Result): void;
  end(): void;
  /** Everything was as the scenario expects. */
  readonly isAsExpected: boolean;
}

export interface OutputOptions {
  format: Format;
  print: Print;
  /** null: it is one run. */
  plan: Plan | null;
  /** It is one of several. */
  shard?: Shard;
}

export function outputOf(it: Scenario, options: OutputOptions): ResultOutput {
  const { add, end } = writerOf(it, options);
  let isAsExpected = true;
  return {
    add(result) {
      isAsExpected &&= verdict(it, result) === "";
      add(result);
    },
    end,
    get isAsExpected() {
      return isAsExpected;
    },
  };
}

type Writer = Pick<ResultOutput, "add" | "end">;

function writerOf(it: Scenario, options: OutputOptions): Writer {
  const { format, print, plan, shard } = options;
  if (format === "json") return jsonWriter(print, plan, shard);
  if (format === "csv") return csvWriter(it, print);
  if (plan === null) {
    return { add: (result) => print(resultText(it, result)), end: () => {} };
  }
  return plan.kind === "sweep"
    ? sweepWriter(it, print, plan)
    : mapWriter(it, print, plan);
}

/** A shard begins with what it is of. */
function jsonWriter(print: Print, plan: Plan | null, shard?: Shard): Writer {
  const isPart = plan !== null && shard !== undefined;
  if (isPart) print(shardHead(plan, shard));
  return {
    add: (result) => print(isPart ? shardLine(result) : JSON.stringify(result)),
    end: () => {},
  };
}

function csvWriter(it: Scenario, print: Print): Writer {
  let isFirst = true;
  return {
    add(result) {
      print(csv(rowsOf(it, result), isFirst).replace(/\n$/, ""));
      isFirst = false;
    },
    end: () => {},
  };
}

function sweepWriter(it: Scenario, print: Print, { range }: Plan): Writer {
  const { head, line } = sweepLines(it, range.split("=")[0]!);
  print(head);
  return { add: (result) => print(line(result)), end: () => {} };
}

function mapWriter(it: Scenario, print: Print, { range }: Plan): Writer {
  const map = parseMap(it, range);
  let row: Result[] = [], rows = 0;
  return {
    add(result) {
      if (rows === 0 && row.length === 0) {
        const title = mapTitle(map, result);
        if (title !== null) print(title);
        print(mapHead(map));
      }
      row.push(result);
      if (row.length < map.across.points.length) return;
      print(mapRow(it, map, row));
      row = [];
      rows = (rows + 1) % map.down.points.length;
      if (rows === 0) print("");
    },
    end: () => print(mapLegend(it)),
  };
}
