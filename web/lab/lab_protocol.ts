// What the lab asks of its worker, and what it hears. Plain data: the scenarios
// themselves, with their worlds, stay in the worker.

import type { Curve, MapGrid, Slider } from "../../scenarios/lab.ts";

/** A scenario as the page needs it: its words and its sliders. */
export interface LabScenario {
  id: string;
  number: number;
  title: string;
  claim: string;
  /** Name → what it is. */
  styles: Record<string, string>;
  sliders: Slider[];
  crossover: { param: string; holds: "below" | "above"; about: string };
  misleads: string;
  text: string;
}

/** What is to be run: numbers that differ from the scenario's own. */
export interface LabSetting {
  id: string;
  params: Record<string, number>;
  seed: number;
}

export type ToLab =
  | { kind: "list" }
  | { kind: "open"; fragment: string }
  | { kind: "run"; number: number; setting: LabSetting; isQuick: boolean }
  | { kind: "curve"; number: number; setting: LabSetting; sweep: string }
  | { kind: "map"; number: number; setting: LabSetting; map: string };

export interface LabFigure {
  name: string;
  unit: string;
  /** By style; null: it says nothing there. */
  values: Record<string, number | null>;
}

/** How a style went over time: requests in each window. */
export interface LabSeries {
  windowMs: number;
  ok: number[];
  lost: number[];
  /** 0 to 100 %, ms. */
  quantilesMs: number[];
}

export interface LabReport {
  setting: LabSetting;
  /** What was run, which may be shorter than what was asked for. */
  params: Record<string, number>;
  isShorter: boolean;
  holds: boolean;
  /** "" if all is as the scenario expects it. */
  verdict: string;
  /** Where the claim turns round, by arithmetic; null: nowhere. */
  crossoverAt: number | null;
  figures: LabFigure[];
  series: Record<string, LabSeries>;
  link: string;
}

export type FromLab =
  | { kind: "list"; scenarios: LabScenario[] }
  | { kind: "opened"; setting: LabSetting | null; fault: string }
  | { kind: "progress"; number: number; share: number; words: string }
  | { kind: "report"; number: number; report: LabReport }
  | { kind: "curve"; number: number; curve: Curve; isDone: boolean }
  | { kind: "map"; number: number; grid: MapGrid; isDone: boolean }
  | { kind: "fault"; number: number; sentence: string };
