// Plays one run: boots the world of a seed, starts the program in it, and lets
// time pass until it is over, or has used its budget, or its power goes. The same
// world can be had again from a link, step by step: what is booted is a world
// file, and what comes from outside is in its log. It judges nothing.

import { startPrograms } from "../host/world_file.ts";
import {
  makeWorld,
  type Started,
  type WorldFile,
  worldOf,
} from "../host/world_file.ts";
import { waitingText } from "../host/report.ts";
import type { Image } from "../host/base_files.ts";
import type { Process, ProgramLoader } from "../kernel/mod.ts";
import type { RunReason, Wanted, World } from "../kernel/mod.ts";
import { costsOf } from "../scenarios/run.ts";
import {
  type Assignment,
  checked,
  type Setup,
  STEPS_DEFAULT,
} from "./assignment.ts";
import { type Ending, Run } from "./run.ts";

/** A student's program: where it stands in the machine, and all its files. */
export interface Submission {
  path: string;
  /** Path in the machine → text; the program itself as well. */
  files: Readonly<Record<string, string>>;
}

export interface Tools {
  loader: ProgramLoader & { compile(wanted: Wanted): Promise<void> };
  /** What is on every disk. */
  image: Image;
  /** Gives whoever grades its turn, now and then; a rejection ends it. */
  breathe?(): Promise<void>;
}

/** The name of the machine the program runs on. */
const MACHINE = "kettle";
/** Steps between two breaths: some 20 ms. */
const STEPS_EACH = 20_000;
/** After the end: connections close, what was started is done. */
const SETTLE_NS = 100_000_000;

/** What a link needs to have the same world. */
export interface Stage {
  /** Of the world file. */
  content: Record<string, unknown>;
  /** Of the program's machine. */
  files: Record<string, string>;
}

/** The world of a seed as a world file. */
export function stageOf(
  it: Assignment,
  { path, files }: Submission,
  seed: number,
): Stage {
  const setup: Setup = it.world(seed);
  const { machines = [], switches = [], args = [] } = setup;
  const cables = setup.cables ??
    machines.map(({ name }) => ({ between: [MACHINE, name] }));
  const first = {
    ...setup.machine,
    name: MACHINE,
    programs: [{ run: path, args: [...args] }],
  };
  const content = { seed, machines: [first, ...machines], switches, cables };
  return { content, files: sorted({ ...setup.files, ...files }) };
}

/** As a link has them: the order of files is their order on the disk. */
function sorted(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(files).sort().map((path) => [path, files[path]!]),
  );
}

/** Boots it; the programs are not yet started. */
export function bootStage(
  { content, files }: Stage,
  { loader: programs, image }: { loader: ProgramLoader; image: Image },
) {
  const file = worldOf(structuredClone(content));
  file.machines[0]!.options.files = files;
  return { file, world: makeWorld(file, { programs, image }) };
}

export interface PlayOptions extends Tools {
  seed: number;
  /** When its power goes, and comes back. */
  cutNs?: number;
}

export async function play(
  it: Assignment,
  submission: Submission,
  { seed, cutNs, ...tools }: PlayOptions,
): Promise<Run> {
  const { world, process, programs, fresh, isOver } = begin(
    it,
    submission,
    seed,
    tools,
  );
  const { machine } = process;
  const player = new Player(world, it, tools);
  await player.to(isOver.readyNs);
  const before = isOver.readyNs === 0 ? fresh : machine.snapshot().counts;
  const ending = cutNs === undefined
    ? await player.toTheEnd(process, isOver.others)
    : await player.to(cutNs);
  const endedNs = Math.min(world.now, process.endedAt);
  const costs = costsOf(machine);
  if (cutNs !== undefined) {
    machine.pullPlug();
    machine.powerOn();
  } else if (ending.how === "exited" || ending.how === "served") {
    await player.to(world.now + SETTLE_NS);
  }
  const after = machine.snapshot().counts;
  const what = { seed, world, process, programs, before, after };
  return new Run({ ...what, cutNs: cutNs ?? null, ending, endedNs, costs });
}

/** Boots the world and starts its programs. What is wrong here is the assignment. */
function begin(
  it: Assignment,
  submission: Submission,
  seed: number,
  tools: Tools,
) {
  return checked("world", () => {
    const { readyNs = 0 } = it.world(seed);
    const { file, world } = bootStage(stageOf(it, submission, seed), tools);
    const fresh = world.machines[0]!.snapshot().counts;
    const programs: Started[] = [];
    const others = watched(it, file, programs);
    startPrograms(world, file, (each) => programs.push(each));
    const { process } = programs[0]!;
    return { world, process, programs, fresh, isOver: { readyNs, others } };
  });
}

/** Whether all whose end is the end of the run have ended; it is asked at every step. null: only the program's own counts. */
function watched(
  { over }: Assignment,
  file: WorldFile,
  started: readonly Started[],
): (() => boolean) | null {
  if (over === undefined) return null;
  const found = file.machines.find(({ options }) => options.name === over);
  const count = found?.programs.length ?? 0;
  if (count === 0) {
    throw new TypeError(`over: no program starts on a machine "${over}"`);
  }
  const live: Process[] = [];
  let known = 0;
  return () => {
    while (known < started.length) {
      const each = started[known++]!;
      if (each.machine === over) live.push(each.process);
    }
    return live.length === count && live.every(({ exit }) => exit !== null);
  };
}

/** Lets time pass, and has compiled what the world asks for. */
class Player {
  readonly #world: World;
  readonly #tools: Tools;
  readonly #timeNs: number;
  readonly #steps: number;

  constructor(world: World, { budget }: Assignment, tools: Tools) {
    this.#world = world;
    this.#tools = tools;
    this.#timeNs = budget.timeNs;
    this.#steps = budget.steps ?? STEPS_DEFAULT;
  }

  /** To an instant, unless the steps are used up before. */
  async to(untilNs: number): Promise<Ending> {
    const world = this.#world;
    while (world.now < untilNs && world.steps < this.#steps) {
      const { reason } = world.run({ untilNs, steps: this.#slice });
      if (!await this.#compiled() && reason === "panic") break;
    }
    return { how: "cut" };
  }

  async toTheEnd(
    process: Process,
    othersAreDone: (() => boolean) | null,
  ): Promise<Ending> {
    const world = this.#world;
    const isOver = () => process.exit !== null || othersAreDone?.() === true;
    for (;;) {
      const { reason, report } = world.run({
        until: othersAreDone === null ? process : isOver,
        budgetNs: this.#timeNs - world.now,
        steps: this.#slice,
      });
      if (await this.#compiled()) continue;
      if (this.#wasSlice(reason)) continue;
      if (reason === "panic") return { how: "panic", report };
      if (process.exit !== null) return exitOf(process);
      if (isOver()) return { how: "served" };
      if (reason === "deadlock") return { how: "deadlock", report };
      if (reason !== "budget") {
        return { how: "waits", report: waitingText(world) };
      }
      const { deadlocks } = world;
      if (deadlocks !== "") return { how: "deadlock", report: deadlocks };
      const how = world.steps >= this.#steps ? "steps" : "time";
      return { how, report: whereabouts(process) };
    }
  }

  get #slice(): number {
    return Math.min(STEPS_EACH, this.#steps - this.#world.steps);
  }

  /** It stopped for a breath, and not for good. */
  #wasSlice(reason: RunReason): boolean {
    const { now, steps } = this.#world;
    return reason === "budget" && now < this.#timeNs && steps < this.#steps;
  }

  async #compiled(): Promise<boolean> {
    await this.#tools.breathe?.();
    const { wanted } = this.#world;
    if (wanted === null) return false;
    await this.#tools.loader.compile(wanted);
    return true;
  }
}

function exitOf({ exit }: Process): Ending {
  return "status" in exit!
    ? { how: "exited", status: exit.status }
    : { how: "killed", signal: exit!.signal };
}

/** `Its thread 2 is in read(3, 10) (copy.ts:7).`, for each of them, or the first three. */
function whereabouts(process: Process): string {
  const texts: string[] = [];
  for (const thread of process.threads.values()) {
    const operation = thread.waitsFor;
    const call = thread.frame.call ?? operation?.call;
    if (call === null || call === undefined) continue;
    const at = process.siteText(call.site);
    texts.push(`${call.name}${at === "" ? "" : ` (${at})`}`);
  }
  const shown = texts.slice(0, 3).join(", ");
  if (texts.length === 0) return "";
  const more = texts.length > 3 ? ` and ${texts.length - 3} more` : "";
  return `It was in ${shown}${more}.`;
}
