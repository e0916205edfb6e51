// Grading: a program is played in the worlds of all seeds, the rules of the
// assignment are checked, and what came out is a report: points, and for what
// failed what was expected, what was seen, and a link to the instant. It prints
// nothing, reads no disk, and runs in any engine: compiling is handed in.
//
// What was seen on a hidden seed is for the teacher alone (`reveal`): not the seed,
// nor the link, nor what the program or a check says there, since a program can
// print the world it is in.

import { startPrograms } from "../host/world_file.ts";
import { linkOf } from "../host/share.ts";
import { Replay } from "../host/replay.ts";
import {
  type Assignment,
  checked,
  type Finding,
  type Goal,
  type Rule,
} from "./assignment.ts";
import { endingFinding } from "./ending.ts";
import { guardEngine } from "./engine_guard.ts";
import {
  bootStage,
  play,
  stageOf,
  type Submission,
  type Tools,
} from "./play.ts";
import type { Run } from "./run.ts";

export interface GoalReport {
  name: string;
  points: number;
  of: number;
  /** In so many runs it was reached, of all in which it was looked at. */
  held: number;
  runs: number;
}

export interface Failure {
  rule: string;
  kind: "ending" | "invariant" | "goal";
  /** In so many runs. */
  times: number;
  /** The first of them; a hidden one only if none of the others fails. */
  hidden: boolean;
  /** null: it is not told. */
  seed: number | null;
  cutNs: number | null;
  expected: string | null;
  seen: string | null;
  atNs: number | null;
  /** What the program said on descriptor 2, the end of it. */
  said: string | null;
  /** The fragment of a link to the instant. */
  link: string | null;
}

export interface Report {
  assignment: string;
  title: string;
  program: string;
  points: number;
  of: number;
  goals: GoalReport[];
  failures: Failure[];
  seeds: readonly number[];
  hiddenSeeds: number;
  runs: number;
  /** Why it could not be run at all; "" if it could. */
  error: string;
}

export interface GradeOptions extends Tools {
  /** Seeds that the student does not know. */
  hidden?: readonly number[];
  /** For the teacher: hidden seeds are shown like the others. */
  reveal?: boolean;
  links?: boolean;
  /** Called before each run. */
  onRun?: (
    run: { seed: number; hidden: boolean; cutNs: number | null },
  ) => void;
}

export async function grade(
  it: Assignment,
  submission: Submission,
  options: GradeOptions,
): Promise<Report> {
  const changed = guardEngine();
  const error = await compileError(submission, options);
  const book = new Book(it);
  if (error !== "") return reportOf(it, submission, options, book, error);
  const seeds = [
    ...it.seeds.map((seed) => ({ seed, hidden: false })),
    ...(options.hidden ?? []).map((seed) => ({ seed, hidden: true })),
  ];
  for (const { seed, hidden } of seeds) {
    for await (const run of runsOf(it, submission, { seed, hidden, options })) {
      const what = changed();
      if (what !== "") {
        const error = `it changes ${what} of the engine, which judges it as ` +
          `well: nothing it does can be believed`;
        return reportOf(it, submission, options, new Book(it), error);
      }
      book.add(run, hidden, linker(it, submission, run, options));
    }
  }
  return reportOf(it, submission, options, book, "");
}

/** Compiles it; what is wrong, ready to print. */
async function compileError(
  { path, files }: Submission,
  { loader, image }: Tools,
): Promise<string> {
  const readFile = (path: string) => {
    const content = files[path] ?? image[path];
    return typeof content === "string" ? content : null;
  };
  const source = files[path];
  if (source === undefined) return `${path}: there is no such file`;
  await loader.compile({ path, source, readFile });
  const loaded = loader.load(path, source, readFile);
  if (loaded === null) return `${path}: it did not compile`;
  return "error" in loaded ? loaded.error : "";
}

interface SeedRuns {
  seed: number;
  hidden: boolean;
  options: GradeOptions;
}

/** The run to the end, and if that ends well, those that lose their power. */
async function* runsOf(
  it: Assignment,
  submission: Submission,
  { seed, hidden, options }: SeedRuns,
): AsyncGenerator<Run> {
  options.onRun?.({ seed, hidden, cutNs: null });
  const whole = await play(it, submission, { ...options, seed });
  yield whole;
  if (it.cuts === undefined || !endingFinding(it, whole).ok) return;
  for (const cutNs of checked("cuts", () => it.cuts!(whole, seed))) {
    options.onRun?.({ seed, hidden, cutNs });
    yield await play(it, submission, { ...options, seed, cutNs });
  }
}

type Link = (atNs: number) => Promise<string | null>;

/** Links to instants of a run; none where they would tell a hidden seed. */
function linker(
  it: Assignment,
  submission: Submission,
  run: Run,
  options: GradeOptions,
): Link {
  const { links = true, loader, image } = options;
  if (!links) return () => Promise.resolve(null);
  return async (atNs) => {
    const stage = stageOf(it, submission, run.seed);
    const replay = new Replay({
      log: run.world.log,
      loader,
      boot(programs) {
        const { file, world } = bootStage(stage, { loader: programs, image });
        startPrograms(world, file);
        return world;
      },
    });
    await replay.to(atNs);
    const { seed, world: { log } } = run;
    return await linkOf({
      files: stage.files,
      world: stage.content,
      params: {},
      seed,
      log,
      speed: SPEED,
      view: [Math.max(0, atNs - VIEW_NS), atNs + VIEW_NS / 5],
      atNs,
      hash: replay.world.trace.hash,
    });
  };
}

/** What the page shows at first: 10 ms before the instant, slowed 1,000 times. */
const VIEW_NS = 10_000_000, SPEED = 0.001;

/** Adds up the runs. */
class Book {
  readonly #it: Assignment;
  readonly #held = new Map<string, number>();
  readonly #looked = new Map<string, number>();
  readonly failures = new Map<
    string,
    { failure: Failure; link: Link | null }
  >();
  runs = 0;

  constructor(it: Assignment) {
    this.#it = it;
  }

  add(run: Run, hidden: boolean, link: Link): void {
    this.runs++;
    const { invariants, goals } = this.#it;
    const ending = endingFinding(this.#it, run);
    if (!ending.ok) {
      this.#fails(ENDING, "ending", ending, { run, hidden, link });
      for (const goal of goals) this.#count(goal, run, false);
      return;
    }
    for (const rule of invariants) {
      const finding = this.#look(rule, run);
      if (finding === null || finding.ok) continue;
      this.#fails(rule.name, "invariant", finding, { run, hidden, link });
    }
    for (const goal of goals) {
      const finding = this.#look(goal, run);
      if (finding === null) continue;
      this.#count(goal, run, finding.ok);
      if (finding.ok) continue;
      this.#fails(goal.name, "goal", finding, { run, hidden, link });
    }
  }

  countOf(name: string): { held: number; runs: number } {
    const held = this.#held.get(name) ?? 0;
    return { held, runs: this.#looked.get(name) ?? 0 };
  }

  isReached(name: string): boolean {
    const { held, runs } = this.countOf(name);
    return runs > 0 && held === runs;
  }

  #look(rule: Rule, run: Run): Finding | null {
    return isFor(rule, run) ? checked(rule.name, () => rule.check(run)) : null;
  }

  #count(goal: Goal, run: Run, held: boolean): void {
    if (!isFor(goal, run)) return;
    const { name } = goal;
    this.#looked.set(name, (this.#looked.get(name) ?? 0) + 1);
    if (held) this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
  }

  #fails(
    rule: string,
    kind: Failure["kind"],
    { expected, seen, atNs }: Finding,
    { run, hidden, link }: { run: Run; hidden: boolean; link: Link },
  ): void {
    const known = this.failures.get(rule);
    if (known !== undefined) return void known.failure.times++;
    const failure: Failure = {
      rule,
      kind,
      times: 1,
      hidden,
      seed: run.seed,
      cutNs: run.cutNs,
      expected,
      seen,
      atNs: atNs ?? run.cutNs ?? run.endedNs,
      said: lastLines(run.stderr),
      link: null,
    };
    this.failures.set(rule, { failure, link });
  }
}

export const ENDING = "it ends well";

function isFor({ runs = "whole" }: Rule, { cutNs }: Run): boolean {
  return runs === "all" || (runs === "cut") === (cutNs !== null);
}

const LINES_SAID = 3, LINE_MAX = 300;

function lastLines(text: string): string | null {
  const lines = text.trimEnd().split("\n").slice(-LINES_SAID);
  const said = lines.map((line) => line.slice(0, LINE_MAX)).join("\n");
  return said === "" ? null : said;
}

/** The report on a program that could not be judged. */
export function unjudged(
  it: Assignment,
  submission: Submission,
  { hidden, error }: { hidden: readonly number[]; error: string },
): Promise<Report> {
  return reportOf(it, submission, { hidden }, new Book(it), error);
}

async function reportOf(
  it: Assignment,
  { path }: Submission,
  { hidden = [], reveal = false }: Pick<GradeOptions, "hidden" | "reveal">,
  book: Book,
  error: string,
): Promise<Report> {
  const broken = [...book.failures.values()].some(({ failure }) =>
    failure.kind !== "goal"
  );
  const goals = it.goals.map(({ name, points, needs }): GoalReport => {
    const { held, runs } = book.countOf(name);
    const counts = error === "" && !broken && book.isReached(name) &&
      (needs === undefined || book.isReached(needs));
    return { name, points: counts ? points : 0, of: points, held, runs };
  });
  const failures: Failure[] = [];
  for (const { failure, link } of book.failures.values()) {
    if (failure.hidden && !reveal) failures.push(withheld(failure));
    else {
      failures.push({ ...failure, link: await link!(failure.atNs!) });
    }
  }
  const sum = (field: "points" | "of") =>
    goals.reduce((all, goal) => all + goal[field], 0);
  return {
    assignment: it.id,
    title: it.title,
    program: path.slice(path.lastIndexOf("/") + 1),
    points: sum("points"),
    of: sum("of"),
    goals,
    failures,
    seeds: it.seeds,
    hiddenSeeds: hidden.length,
    runs: book.runs,
    error,
  };
}

/** Of a hidden seed a student learns which rule, and no more. */
function withheld(failure: Failure): Failure {
  return {
    ...failure,
    seed: null,
    cutNs: null,
    expected: null,
    seen: null,
    atNs: null,
    said: null,
  };
}
