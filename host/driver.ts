// Real time for a world: lets virtual time pass at a chosen speed, in slices
// short enough that keys are heard between them. A thin wrapper over world.run:
// what happens in the world does not depend on how it is paced. The real clock
// is handed in, so that the page, the terminal and the tests can each give one.

import type { Machine } from "../kernel/kernel.ts";
import type { Process } from "../kernel/process.ts";
import type { Wanted } from "../kernel/program.ts";
import type { RunOptions, RunResult, World } from "../kernel/world.ts";

/** Real time, in ms. */
export interface HostClock {
  now(): number;
  /** Resolves after a while, or when the signal aborts; it may reject then. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
}

export type DriverState =
  /** Time passes. */
  | "running"
  /** Nothing is due: only something from outside can go on, and time rests. */
  | "idle"
  | "paused"
  | "compiling"
  /** It has ended, or broke. */
  | "over";

export interface DriverOptions {
  world: World;
  /** Compiles what the world waits for. */
  compile: (wanted: Wanted) => Promise<void>;
  clock: HostClock;
  /** Virtual time per real time: 1 is real, 0.001 slowed a thousand times, Infinity as fast as it goes. */
  speed?: number;
  /** `run` ends with "budget" when virtual time comes here. */
  limitNs?: number;
  onState?: (state: DriverState) => void;
  /** Time has passed: a good moment to draw. */
  onSlice?: () => void;
}

/** Real time a slice may take, so that keys and the page are not kept waiting. */
const SLICE_MS = 8;
const FIRST_SLICE_STEPS = 2_000;
const SLICE_STEPS_MIN = 50;
const SLICE_STEPS_MAX = 1_000_000;
/** Longest real sleep: a timer further away is looked at again after it. */
const DELAY_MAX_MS = 60_000;
/** In slow motion, virtual time that a key may use at full speed to be echoed. */
export const ECHO_NS = 1_000_000;
const ECHO_STEPS_MAX = 10_000;

export class Driver {
  readonly world: World;
  readonly #options: DriverOptions;
  readonly #clock: HostClock;
  #speed: number;
  #state: DriverState = "running";
  #paused = false;
  #stopped = false;
  /** Run to here as fast as it goes, then pause; null: follow the clock. */
  #goalNs: number | null = null;
  #sliceSteps = FIRST_SLICE_STEPS;
  // Virtual time was `#anchorNs` when real time was `#anchorMs`.
  #anchorNs = 0;
  #anchorMs = 0;
  #alarm = new AbortController();
  /** Somebody rang since the last rest: the next is short. */
  #rung = false;
  /** Inside world.run: what is said now comes from the world itself. */
  #busy = false;
  #compiling: Promise<void> | null = null;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.world = options.world;
    this.#clock = options.clock;
    this.#speed = options.speed ?? 1;
    this.#anchor();
  }

  get state(): DriverState {
    return this.#state;
  }
  get paused(): boolean {
    return this.#paused;
  }
  get speed(): number {
    return this.#speed;
  }
  set speed(speed: number) {
    if (!(speed > 0)) throw new RangeError(`speed must be above 0: ${speed}`);
    this.#catchUp();
    this.#speed = speed;
    this.#anchor();
    this.#ring();
  }

  // ----------------------------------------------------------- verbs

  pause(): void {
    this.#catchUp();
    this.#paused = true;
    this.#goalNs = null;
    this.#ring();
  }

  play(): void {
    this.#paused = false;
    this.#anchor();
    this.#ring();
  }

  /** On by one event, and stays paused; false when nothing is due. */
  async step(): Promise<boolean> {
    this.pause();
    await this.#compileWanted();
    const stepped = this.world.step();
    await this.#compileWanted();
    this.#options.onSlice?.();
    return stepped;
  }

  /** As fast as it goes until this instant, then paused. */
  runTo(atNs: number): void {
    this.#goalNs = atNs;
    this.#paused = false;
    this.#ring();
  }

  /** Does not wait for the next event: it is now. */
  skip(): void {
    const { nextDue } = this.world;
    if (this.#busy || nextDue === Infinity) return;
    if (this.world.wanted !== null) return;
    this.#run({ untilNs: nextDue });
    this.#anchor();
    this.#ring();
  }

  /** Ends `run`. */
  stop(): void {
    this.#stopped = true;
    this.#ring();
  }

  /** Something from outside enters the world, at the virtual time it is now. */
  input(enter: () => void): void {
    if (!this.#paused && this.#goalNs === null) this.#catchUp();
    enter();
    if (this.#state === "idle") this.#anchor();
    this.#ring();
  }

  /** Keys for a machine's console. Slow motion does not slow their echo. */
  type(machine: Machine, text: string): void {
    this.input(() => machine.type(text));
    const isLine = /[\r\n]/.test(text);
    if (this.#busy || this.#paused || this.#speed >= 1 || isLine) return;
    const budgetNs = ECHO_NS, steps = ECHO_STEPS_MAX;
    if (this.world.wanted === null) this.#run({ budgetNs, steps });
    this.#anchor();
  }

  // ----------------------------------------------------------- the loop

  /** Lets time pass until `until` has ended, the world is done or broke, or stop(). */
  async run(until?: Process): Promise<RunResult> {
    this.#anchor();
    while (!this.#stopped) {
      if (this.#paused) {
        await this.#rest("paused", DELAY_MAX_MS);
        continue;
      }
      const result = this.#slice(until);
      this.#options.onSlice?.();
      if (until !== undefined && until.exit !== null) {
        return this.#over({ reason: "until", report: "" });
      }
      if (this.world.now >= (this.#options.limitNs ?? Infinity)) {
        return this.#over({ reason: "budget", report: "" });
      }
      if (await this.#afterSlice(result)) return this.#over(result);
    }
    return this.#over({ reason: "budget", report: "" });
  }

  /** What comes after a slice; true when it was the last. */
  async #afterSlice({ reason }: RunResult): Promise<boolean> {
    switch (reason) {
      case "host":
        await this.#compileWanted();
        this.#anchor();
        return false;
      case "done":
      case "panic":
        return true;
      case "idle":
      case "deadlock":
        return await this.#idle();
      case "until":
        this.#reachedGoal();
        await this.#rest("running", this.#untilDueMs());
        return false;
      case "budget":
        await this.#rest("running", 0);
        return false;
    }
  }

  /** Nothing is due; true is never: somebody may type. */
  async #idle(): Promise<boolean> {
    this.#reachedGoal();
    await this.#rest("idle", DELAY_MAX_MS);
    return false;
  }

  #over(result: RunResult): RunResult {
    this.#setState("over");
    return result;
  }

  /** As much as is due by now, and not longer than a slice. */
  #slice(until?: Process): RunResult {
    const beganMs = this.#clock.now();
    const before = this.world.steps;
    const steps = this.#sliceSteps;
    this.#setState("running");
    const result = this.#run({ until, steps, ...this.#limit() });
    const tookMs = this.#clock.now() - beganMs;
    this.#adjust(this.world.steps - before, tookMs);
    if (result.reason === "budget" && this.#speed !== Infinity) {
      if (this.#behindNs() > 0 && tookMs >= SLICE_MS / 2) this.#anchor();
    }
    return result;
  }

  /** How far the next slice may go; without end when nothing holds it. */
  #limit(): RunOptions {
    const present = this.#speed === Infinity ? Infinity : this.#presentNs();
    const { limitNs = Infinity } = this.#options;
    const untilNs = Math.min(this.#goalNs ?? present, limitNs);
    return untilNs === Infinity ? {} : { untilNs };
  }

  /** Slices of about SLICE_MS, whatever the steps cost. */
  #adjust(steps: number, tookMs: number): void {
    if (steps < this.#sliceSteps) return;
    const wanted = tookMs <= 0
      ? this.#sliceSteps * 2
      : this.#sliceSteps * (SLICE_MS / tookMs);
    const bounded = Math.min(wanted, this.#sliceSteps * 2, SLICE_STEPS_MAX);
    this.#sliceSteps = Math.max(SLICE_STEPS_MIN, Math.round(bounded));
  }

  #run(options: RunOptions): RunResult {
    const { untilNs } = options;
    if (untilNs !== undefined && untilNs < this.world.now) {
      return { reason: "until", report: "" };
    }
    this.#busy = true;
    try {
      return this.world.run(options);
    } finally {
      this.#busy = false;
    }
  }

  async #compileWanted(): Promise<void> {
    const { wanted } = this.world;
    if (wanted === null) return;
    const before = this.#state;
    this.#setState("compiling");
    this.#compiling ??= this.#options.compile(wanted)
      .finally(() => this.#compiling = null);
    await this.#compiling;
    this.#setState(before);
  }

  #reachedGoal(): void {
    if (this.#goalNs === null) return;
    this.#goalNs = null;
    this.#paused = true;
  }

  // ----------------------------------------------------------- real time

  #anchor(): void {
    this.#anchorNs = this.world.now;
    this.#anchorMs = this.#clock.now();
  }

  /** The virtual time that it is now, at this speed. */
  #presentNs(): number {
    const passedMs = this.#clock.now() - this.#anchorMs;
    return this.#anchorNs + Math.floor(passedMs * 1e6 * this.#speed);
  }

  #behindNs(): number {
    return this.#presentNs() - this.world.now;
  }

  /** Before something enters: what was due before it has happened. */
  #catchUp(): void {
    if (this.#busy || this.#paused || this.#state !== "running") return;
    if (this.world.wanted !== null || this.#speed === Infinity) return;
    const untilNs = this.#presentNs();
    this.#run({ untilNs, steps: this.#sliceSteps });
  }

  #untilDueMs(): number {
    const { nextDue } = this.world;
    if (this.#paused || nextDue === Infinity) return 0;
    if (this.#speed === Infinity) return 0;
    const ms = (nextDue - this.#presentNs()) / (1e6 * this.#speed);
    return Math.min(Math.max(ms, 0), DELAY_MAX_MS);
  }

  /** Gives the host its turn: for so long, or until something is said. */
  async #rest(state: DriverState, ms: number): Promise<void> {
    this.#setState(state);
    this.#alarm = new AbortController();
    const { signal } = this.#alarm;
    try {
      await this.#clock.delay(this.#rung ? 0 : ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    this.#rung = false;
    if (state !== "running") this.#anchor();
  }

  #ring(): void {
    this.#rung = true;
    this.#alarm.abort();
  }

  #setState(state: DriverState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}
