// The world: one clock, one seed, one trace, and the machines and cables that
// live on them. `run` lets time pass until something said in its options, or
// until nothing is due; then it tells whether all is done, the world is idle
// (the host may still type), or some threads wait for each other. It knows no
// wall clock: pacing is the host's.

import { Clock } from "./clock.ts";
import type { Cpu } from "./cpu.ts";
import { deadlockReport } from "./deadlock.ts";
import { Machine } from "./kernel.ts";
import type { MachineOptions } from "./machine_options.ts";
import {
  Cable,
  type CableOptions,
  Switch,
  type SwitchOptions,
} from "./net/mod.ts";
import { TIME_MAX_NS } from "./params.ts";
import type { Process } from "./process.ts";
import { NO_LOADER, type ProgramLoader, type Wanted } from "./program.ts";
import { Trace } from "./trace.ts";
import { blame } from "./trap.ts";

export interface WorldOptions {
  /** Everything that is drawn by chance comes from it. */
  seed?: number;
  /** Who compiles programs; without one only functions run. */
  programs?: ProgramLoader;
  /** false: record nothing (the run is the same). */
  trace?: boolean;
  traceBytesMax?: number;
}

export interface RunOptions {
  /** Stop when the clock would pass this, ns. */
  untilNs?: number;
  /** Stop when this process has ended (or its machine has lost power), or this is true. */
  until?: Process | (() => boolean);
  /** Stop after this much time, ns. */
  budgetNs?: number;
  /** Stop after this many steps. */
  steps?: number;
}

export type RunReason =
  | "done"
  | "idle"
  | "deadlock"
  | "until"
  | "budget"
  | "host"
  | "panic";
export interface RunResult {
  reason: RunReason;
  /** In words: who waits for whom, what went wrong; "" when there is nothing to say. */
  report: string;
}

/** Something from outside, at the step where it came: the log makes a run repeatable. */
export interface Input {
  atNs: number;
  step: number;
  machine: number;
  /** The world was waiting for a program to be compiled. */
  stalled?: true;
  keys?: string;
  columns?: number;
  rows?: number;
  /** The host starts a program on the console. */
  login?: Login;
  /** The host ends a process. */
  kill?: number;
  /** The host saves a file, gives it another name, or removes it. */
  path?: string;
  text?: string;
  movedTo?: string;
  removed?: true;
  /** Somebody pulls the plug, or puts it back. */
  power?: "off" | "on";
  /** Somebody listens at /dev/host from now on. */
  host?: true;
  /** And answers what was asked there. */
  answer?: { id: number; text: string };
}

/** What the host tells a machine; when, the world knows. */
export type InputNow = Omit<Input, "atNs" | "step" | "stalled">;

/** What runs at the console: getty's part. */
export interface Login {
  path: string;
  args: string[];
  name?: string;
  cwd?: string;
  env?: Record<string, string>;
}

export class World {
  readonly clock = new Clock();
  readonly trace: Trace;
  readonly seed: number;
  readonly programs: ProgramLoader;
  readonly machines: Machine[] = [];
  readonly cables: Cable[] = [];
  readonly switches: Switch[] = [];
  /** What came from outside so far. */
  readonly log: Input[] = [];
  /** What the host has to compile before time goes on. */
  wanted: Wanted | null = null;
  #retry: (() => void) | null = null;
  #goOn: (() => void) | null = null;
  /** Which machine the host compiles for. */
  #stalled: Machine | null = null;
  /** Came while time passed; for the end of the present step. */
  #inputs: InputNow[] = [];
  #panic: string | null = null;
  #running = false;
  #stopped = false;
  #cpus: Cpu[] = [];

  // How far a CPU may go on in place: see cpu.ts.
  inPlaceUntil = -1;
  steps = 0;
  stepLimit = Infinity;
  /** How many of the clock's entries keep no world from being done. */
  background = 0;

  constructor(options: WorldOptions = {}) {
    this.seed = options.seed ?? 1;
    this.programs = options.programs ?? NO_LOADER;
    this.trace = new Trace({
      on: options.trace ?? true,
      bytesMax: options.traceBytesMax,
    });
  }

  /** Virtual time, ns. */
  get now(): number {
    return this.clock.now;
  }

  /** Adds a machine and switches it on. */
  boot(options: MachineOptions = {}): Machine {
    const taken = this.machines.some((other) => other.name === options.name);
    if (taken) {
      throw new TypeError(`there is a machine "${options.name}" already`);
    }
    const machine = new Machine(this, this.machines.length, options);
    this.machines.push(machine);
    this.#cpus.push(...machine.cpus);
    return machine;
  }

  /** A switch, for cables to end in. */
  switch(options: SwitchOptions = {}): Switch {
    const name = options.name ?? `switch${this.switches.length}`;
    const made = new Switch(this.clock, { ...options, name });
    this.switches.push(made);
    return made;
  }

  /** Joins two machines, or a machine and a switch, by a cable. */
  cable(
    a: Machine | Switch,
    b: Machine | Switch,
    options: CableOptions = {},
  ): Cable {
    const cable = new Cable(this.cables.length, a, b, options, this.seed);
    this.cables.push(cable);
    for (const end of [a, b]) {
      if (end instanceof Machine && !end.isOn) end.network.powerOff();
    }
    for (const each of this.switches) each.forgetWays();
    return cable;
  }

  machine(name: string): Machine | undefined {
    return this.machines.find((machine) => machine.name === name);
  }

  // ----------------------------------------------------------- time passes

  run(options: RunOptions = {}): RunResult {
    if (this.#panic !== null) return { reason: "panic", report: this.#panic };
    if (this.#running) throw new Error("world.run inside world.run");
    this.#running = true;
    this.#stopped = false;
    try {
      const result = this.#run(options);
      this.#takeInputs();
      return result;
    } catch (error) {
      this.#panic = `Kernel panic at ${this.now} ns: ${text(error)}`;
      return { reason: "panic", report: this.#panic };
    } finally {
      this.#running = false;
      this.inPlaceUntil = -1;
    }
  }

  /** Ends the present run, from inside it: its reason is "budget". */
  stop(): void {
    this.#stopped = true;
    this.inPlaceUntil = -1;
  }

  /** One thing happens; false when nothing is due. */
  step(): boolean {
    const before = this.steps;
    this.run({ steps: 1 });
    return this.steps > before;
  }

  /** The next thing due, ns; Infinity when nothing is. */
  get nextDue(): number {
    const cpu = this.#nextCpu();
    return Math.min(this.clock.nextDue, cpu === null ? Infinity : cpu.due);
  }

  #run(options: RunOptions): RunResult {
    const { untilNs = TIME_MAX_NS, budgetNs = TIME_MAX_NS } = options;
    const until = untilFunction(options.until);
    const budgetEnds = Math.min(this.now + budgetNs, TIME_MAX_NS);
    const limit = Math.min(untilNs, budgetEnds);
    this.stepLimit = options.steps === undefined
      ? Infinity
      : this.steps + options.steps;
    this.#again();
    const waits = untilNs < TIME_MAX_NS || options.steps !== undefined;
    const why = this.#loop(limit, until, waits);
    if (why === "limit") return this.#stoppedAt(limit, untilNs <= budgetEnds);
    if (why === "quiet") return this.#quiet(options);
    return { reason: why, report: "" };
  }

  #loop(
    limit: number,
    until: (() => boolean) | null,
    waitsForBackground: boolean,
  ): RunReason | "limit" | "quiet" {
    const { clock } = this;
    const only = this.#cpus.length === 1 ? this.#cpus[0]! : null;
    const alone = only !== null && until === null;
    for (;;) {
      if (this.wanted !== null) return "host";
      if (until !== null && until()) return "until";
      if (this.steps >= this.stepLimit || this.#stopped) return "budget";
      if (this.#inputs.length > 0) this.#takeInputs();
      const cpu = only === null
        ? this.#nextCpu()
        : only.due < Infinity
        ? only
        : null;
      const due = cpu === null
        ? clock.nextDue
        : Math.min(cpu.due, clock.nextDue);
      if (due === Infinity) return "quiet";
      if (cpu === null && !waitsForBackground && this.#onlyBackground) {
        return "quiet";
      }
      if (due > limit) return "limit";
      this.steps++;
      clock.now = due;
      if (cpu !== null && comesFirst(cpu, clock)) {
        this.inPlaceUntil = alone ? limit : -1;
        runOrBlame(cpu);
      } else {
        clock.takeNext().fire();
      }
    }
  }

  /** Nothing is due but the kernel's own timers: the flusher's. */
  get isQuiet(): boolean {
    return this.#nextCpu() === null && this.wanted === null &&
      this.clock.pending === this.background;
  }

  get #onlyBackground(): boolean {
    return this.background > 0 && this.clock.pending === this.background;
  }

  #nextCpu(): Cpu | null {
    let next: Cpu | null = null;
    for (const cpu of this.#cpus) {
      if (cpu.due === Infinity) continue;
      if (
        next === null || cpu.due < next.due ||
        (cpu.due === next.due && cpu.seq < next.seq)
      ) next = cpu;
    }
    return next;
  }

  #stoppedAt(limit: number, byUntil: boolean): RunResult {
    this.clock.now = Math.max(this.now, limit);
    return { reason: byUntil ? "until" : "budget", report: "" };
  }

  /** Nothing is due. */
  #quiet(options: RunOptions): RunResult {
    const report = deadlockReport(this);
    if (options.untilNs !== undefined && options.untilNs < TIME_MAX_NS) {
      this.clock.now = Math.max(this.now, options.untilNs);
    }
    if (report !== "") return { reason: "deadlock", report };
    const alive = this.machines.some((machine) => machine.processes.size > 0);
    return { reason: alive ? "idle" : "done", report: "" };
  }

  /** Threads that wait for each other and that nobody else can wake, in words; "" if there are none. */
  get deadlocks(): string {
    return deadlockReport(this);
  }

  // ----------------------------------------------------------- the host

  /** A program has to be compiled; `retry` runs when time goes on. */
  stall(machine: Machine, wanted: Wanted, retry: () => void): void {
    this.wanted = wanted;
    this.#retry = retry;
    this.#stalled = machine;
    this.inPlaceUntil = -1;
  }

  /** What the CPU does once the trap that stalls has its effect. */
  thenGoOn(goOn: () => void): void {
    this.#goOn = goOn;
  }

  #again(): void {
    const retry = this.#retry, goOn = this.#goOn;
    this.#unstall();
    retry?.();
    if (this.wanted === null) goOn?.();
    else this.#goOn = goOn; // it wants something else as well
  }

  #unstall(): void {
    this.wanted =
      this.#retry =
      this.#goOn =
      this.#stalled =
        null;
  }

  /** The power of a machine is gone: the host need not compile for it. */
  machineIsOff(machine: Machine): void {
    if (this.#stalled === machine) this.#unstall();
  }

  /** Something comes from outside, now or at the end of the present step; it is logged. */
  input(input: InputNow): void {
    const machine = this.machines[input.machine];
    if (machine === undefined) return;
    machine.accept(input);
    if (!this.#running) return this.#apply(input);
    this.#inputs.push(input);
    this.inPlaceUntil = -1;
  }

  #takeInputs(): void {
    for (let i = 0; i < this.#inputs.length; i++) this.#apply(this.#inputs[i]!);
    this.#inputs = [];
  }

  #apply(input: InputNow): void {
    const stalled = this.wanted === null ? {} : { stalled: true as const };
    this.log.push({ atNs: this.now, step: this.steps, ...stalled, ...input });
    this.machines[input.machine]!.takeInput(input);
  }

  /** Runs a log again: the same inputs at the same steps. Programs must be there (else: host/replay.ts). */
  replay(log: readonly Input[]): void {
    for (const input of log) {
      const { step } = input;
      if (step > this.steps) this.run({ steps: step - this.steps });
      this.inputAgain(input);
    }
  }

  /** An input of another run's log, at its step, which this run has reached. */
  inputAgain({ atNs, step: _, stalled: __, ...input }: Input): void {
    this.clock.now = Math.max(this.now, atNs); // nothing was due until then
    this.input(input);
  }

  /** A process has ended: whoever runs until then looks. */
  processEnded(): void {
    this.inPlaceUntil = -1;
  }
}

/** What a program smuggled into a call must not stop the world. */
function runOrBlame(cpu: Cpu): void {
  try {
    cpu.run();
  } catch (error) {
    if (cpu.thread === null || !blame(cpu.thread)) throw error;
  }
}

/** The CPU's due comes before the queue's. */
function comesFirst(cpu: Cpu, clock: Clock): boolean {
  return cpu.due < clock.nextDue ||
    (cpu.due === clock.nextDue && cpu.seq < clock.nextSeq);
}

function untilFunction(until: RunOptions["until"]): (() => boolean) | null {
  if (until === undefined || typeof until === "function") return until ?? null;
  return () => until.exit !== null || until.lost;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
