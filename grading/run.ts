// One run of a student's program, over: how it ended, what it wrote, what it cost,
// what is on the disk. Checks read it; they change nothing. It does not know how
// the run was made.

import type { Counts, Machine, Process, World } from "../kernel/mod.ts";
import type { TraceEvent } from "../kernel/mod.ts";
import type { Costs } from "../scenarios/scenario.ts";

/** How a run ended; `report` is the kernel's own words. */
export type Ending =
  | { how: "exited"; status: number }
  | { how: "killed"; signal: string }
  /** Others are done, and it goes on: a server. */
  | { how: "served" }
  /** Threads wait for each other. */
  | { how: "deadlock"; report: string }
  /** It waits for something that nobody will send. */
  | { how: "waits"; report: string }
  | { how: "time"; report: string }
  | { how: "steps"; report: string }
  /** The power went, as it was to. */
  | { how: "cut" }
  | { how: "panic"; report: string };

export interface RunParts {
  seed: number;
  cutNs: number | null;
  world: World;
  process: Process;
  ending: Ending;
  endedNs: number;
  costs: Costs;
  before: Counts;
  after: Counts;
  programs: readonly { machine: string; name: string; process: Process }[];
}

export class Run {
  readonly seed: number;
  /** When the power went; null: it did not. */
  readonly cutNs: number | null;
  readonly world: World;
  /** The machine of the program. */
  readonly machine: Machine;
  readonly process: Process;
  readonly ending: Ending;
  /** When the program ended, or the run was over, ns. */
  readonly endedNs: number;
  readonly costs: Costs;
  /** What its machine held before, and what after. */
  readonly before: Counts;
  readonly after: Counts;
  readonly #programs: RunParts["programs"];

  constructor(parts: RunParts) {
    this.seed = parts.seed;
    this.cutNs = parts.cutNs;
    this.world = parts.world;
    this.process = parts.process;
    this.machine = parts.process.machine;
    this.ending = parts.ending;
    this.endedNs = parts.endedNs;
    this.costs = parts.costs;
    this.before = parts.before;
    this.after = parts.after;
    this.#programs = parts.programs;
  }

  get stdout(): string {
    return this.process.stdout;
  }
  get stderr(): string {
    return this.process.stderr;
  }

  /** What the first program of another machine has written. */
  stdoutOf(machine: string): string {
    const found = this.#programs.find((each) => each.machine === machine);
    if (found === undefined) throw new TypeError(`nothing runs on ${machine}`);
    return found.process.stdout;
  }

  /** A file of its machine as a program would read it; null if there is none. */
  file(path: string): string | null {
    const bytes = this.machine.files.peek(path);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  }

  /** The files under a directory, in name order. */
  files(directory: string): string[] {
    return this.machine.files.listFiles(directory);
  }

  /** What happened on its machine, or on another. */
  *events(machine: string = this.machine.name): Generator<TraceEvent> {
    const { index } = this.world.machine(machine)!;
    for (const event of this.world.trace.events()) {
      if (event.machine === index) yield event;
    }
  }

  /** What the program did, and those it started. */
  *ownEvents(): Generator<TraceEvent> {
    const own = new Set([this.process.pid]);
    for (const event of this.events()) {
      if (event.kind === "process_spawn" && own.has(event.ppid)) {
        own.add(event.pid);
      }
      if (own.has(event.pid)) yield event;
    }
  }
}
