// An assignment: what a student is to write, as data and functions. It says in
// which world the program runs for a seed, what must hold there, what earns
// points, and when a run is given up. It runs nothing: play.ts does, and grade.ts
// adds up.

import { nearest } from "../kernel/mod.ts";
import type { MachineOptions } from "../kernel/mod.ts";
import type { Run } from "./run.ts";

/** The world of one seed: the program's machine, and what is round it. */
export interface Setup {
  /** Of the machine the program runs on, without its name and its files. */
  machine?: Omit<MachineOptions, "name" | "files" | "disk"> & {
    disk?: Omit<NonNullable<MachineOptions["disk"]>, "image">;
  };
  /** What lies on its disk: path → text. */
  files?: Readonly<Record<string, string>>;
  args?: readonly string[];
  /** Other machines, switches and cables, as in a world file; without cables, each machine has one to the program's. */
  machines?: readonly OtherMachine[];
  switches?: readonly object[];
  cables?: readonly object[];
  /** From when on the program is to be ready: what it holds then is no leak later. 0: what is there before it starts. */
  readyNs?: number;
}

export interface OtherMachine extends Omit<MachineOptions, "files"> {
  name: string;
  files?: Readonly<Record<string, string>>;
  programs?: readonly { run: string; args?: string[]; atNs?: number }[];
}

/** What a check has found; the words are for the student. */
export interface Finding {
  ok: boolean;
  /** `at most 8 threads` */
  expected: string;
  /** `201 threads` */
  seen: string;
  /** Where to look, ns; the end of the run if it is not said. */
  atNs?: number;
}

export interface Rule {
  name: string;
  check: (run: Run) => Finding;
  /** In which runs: those to the end (if not said), those that lose their power, or both. */
  runs?: "whole" | "cut" | "all";
}

export interface Goal extends Rule {
  points: number;
  /** Another goal, by name: without it this one has no points. Who does nothing is quick. */
  needs?: string;
}

export interface Assignment {
  id: string;
  title: string;
  /** What the student reads. */
  text: string;
  world: (seed: number) => Setup;
  /** A run is over when the program has ended; or when all programs of this machine have. */
  over?: string;
  /** The same world again, and the power of the program's machine goes at each of these times; chosen after a whole run. */
  cuts?: (whole: Run, seed: number) => number[];
  /** What must hold: while one of them does not, no goal counts. */
  invariants: readonly Rule[];
  goals: readonly Goal[];
  /** The seeds a student may try; the others are the teacher's. */
  seeds: readonly number[];
  budget: Budget;
}

export interface Budget {
  /** Virtual time, ns. */
  timeNs: number;
  /** Things that happen in the world. */
  steps?: number;
}

/** Enough for some 100,000 calls; a loop that only calls reaches it in a second of yours. */
export const STEPS_DEFAULT = 1_000_000;

const NAMES = [
  "id",
  "title",
  "text",
  "world",
  "over",
  "cuts",
  "invariants",
  "goals",
  "seeds",
  "budget",
];

/** Checks that an assignment is whole, and gives it back. */
export function assignment(it: Assignment): Assignment {
  const wrong = (what: string) =>
    new TypeError(`assignment ${it.id ?? "without an id"}: ${what}`);
  for (const name of Object.keys(it)) {
    if (NAMES.includes(name)) continue;
    throw wrong(
      `it has no ${name}. The nearest is "${nearest(name, NAMES)}"`,
    );
  }
  if (!/^[a-z][a-z0-9-]*$/.test(it.id ?? "")) {
    throw wrong("its id is small letters, digits and -");
  }
  if (typeof it.world !== "function") {
    throw wrong("world is a function of the seed");
  }
  if (!(it.goals?.length > 0)) throw wrong("it has no goal");
  if (!(it.seeds?.length > 0)) throw wrong("it has no seed");
  if (!(it.budget?.timeNs > 0)) throw wrong("budget.timeNs is a time in ns");
  for (const { name, points } of it.goals) {
    if (Number.isSafeInteger(points) && points > 0) continue;
    throw wrong(`the points of "${name}" are a whole number above 0`);
  }
  for (const { name, needs } of it.goals) {
    if (needs === undefined || it.goals.some((goal) => goal.name === needs)) {
      continue;
    }
    throw wrong(`"${name}" needs a goal "${needs}", and there is none`);
  }
  const names = [...it.invariants, ...it.goals].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw wrong(`two are called "${twice}"`);
  return it;
}

/** A rule that earns points; if it needs another goal, only with that. */
export function goal(points: number, rule: Rule, needs?: string): Goal {
  return needs === undefined ? { ...rule, points } : { ...rule, points, needs };
}

/** A function of the assignment threw: it is wrong, and not the program. */
export class AssignmentError extends Error {}

/** Calls a function of the assignment. */
export function checked<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { message } = error as Error;
    throw new AssignmentError(`"${name}" of the assignment fails: ${message}`);
  }
}
