// Real time for a world: lets virtual time pass at a chosen speed, in slices
// short enough that keys are heard between them. A thin wrapper over world.run:
// what happens in the world does not depend on how it is paced. The real clock
// is handed in, so that the page, the terminal and the tests can each give one.

import type { Machine } from "../kernel/kernel.ts";
import type { Process } from "../kernel/process.ts";
import type { Wanted } from "../kernel/program.ts";
import type { Input, RunOptions, RunResult, World } from "../kernel/world.ts";
import { Alarm, type HostClock, Pace, SliceSize } from "./pace.ts";

export type { HostClock };

export type DriverState =
  /** Time passes. */
  | "running"
  /** Nothing is due: only something from outside can go on, and time rests (or goes on to when the kernel writes back what is dirty). */
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
  /** Inputs of a run like this that are still to come: they do so at their steps, until somebody else gives one. */
  future?: readonly Input[];
  /** Somebody has: from here on it is another run. */
  onBranch?: () => void;
  /** It stands until play(). */
  paused?: boolean;
  onState?: (state: DriverState) => void;
  /** Time has passed: a good moment to draw. */
  onSlice?: () => void;
}

/** Longest real sleep: a timer further away is looked at again after it. */
const DELAY_MAX_MS = 60_000;
/** In slow motion, virtual time that a key may use at full speed to be echoed. */
export const ECHO_NS = 1_000_000;
const ECHO_STEPS_MAX = 10_000;

export class Driver {
  readonly world: World;
  readonly #options: DriverOptions;
  readonly #pace: Pace;
  readonly #alarm: Alarm;
  readonly #slices: SliceSize;
  #state: DriverState = "running";
  #paused = false;
  #stopped = false;
  /** Run to here as fast as it goes, then pause; null: follow the clock. */
  #goalNs: number | null = null;
  /** Inside world.run: what is said now comes from the world itself. */
  #busy = false;
  #compiling: Promise<void> | null = null;
  #future: Input[];
  /** Idle, but the kernel's own timers are due some time: time goes on. */
  #flusherWaits = false;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.world = options.world;
    this.#pace = new Pace(options.world, options.clock, options.speed ?? 1);
    this.#alarm = new Alarm(options.clock);
    this.#slices = new SliceSize(options.clock);
    this.#future = [...options.future ?? []];
    this.#paused = options.paused ?? false;
  }

  /** The inputs that still come by themselves. */
  get future(): readonly Input[] {
    return this.#future;
  }

  /** The next of them; null: there is none. */
  get nextInput(): Input | null {
    return this.#future[0] ?? null;
  }

  get state(): DriverState {
    return this.#state;
  }
  get paused(): boolean {
    return this.#paused;
  }
  get speed(): number {
    return this.#pace.speed;
  }
  set speed(speed: number) {
    if (!(speed > 0)) throw new RangeError(`speed must be above 0: ${speed}`);
    this.#catchUp();
    this.#pace.speed = speed;
    this.#pace.anchor();
    this.#alarm.ring();
  }

  // ----------------------------------------------------------- verbs

  pause(): void {
    this.#catchUp();
    this.#paused = true;
    this.#goalNs = null;
    this.#alarm.ring();
  }

  play(): void {
    this.#paused = false;
    this.#pace.anchor();
    this.#alarm.ring();
  }

  /** On by one event, and stays paused; false when nothing is due. */
  async step(): Promise<boolean> {
    this.pause();
    await this.#compileWanted();
    const stepped = this.#inputIsNext ? this.#inputNow() : this.world.step();
    await this.#compileWanted();
    this.#options.onSlice?.();
    return stepped;
  }

  /** As fast as it goes until this instant, then paused. */
  runTo(atNs: number): void {
    this.#goalNs = atNs;
    this.#paused = false;
    this.#alarm.ring();
  }

  /** Does not wait for the next event: it is now. */
  skip(): void {
    const { nextDue } = this.world;
    if (this.#busy || this.world.wanted !== null) return;
    if (this.#inputIsNext) this.#inputNow();
    else if (nextDue === Infinity) return;
    else this.#run({ untilNs: nextDue });
    this.#pace.anchor();
    this.#alarm.ring();
  }

  /** Ends `run`. */
  stop(): void {
    this.#stopped = true;
    this.#alarm.ring();
  }

  /** Something from outside enters the world, at the virtual time it is now. */
  input(enter: () => void): void {
    if (this.#future.length > 0) {
      this.#future = [];
      this.#options.onBranch?.();
    }
    if (!this.#paused && this.#goalNs === null) this.#catchUp();
    enter();
    if (this.#state === "idle" && !this.#flusherWaits) this.#pace.anchor();
    this.#alarm.ring();
  }

  /** Keys for a machine's console. Slow motion does not slow their echo. */
  type(machine: Machine, text: string): void {
    this.input(() => machine.type(text));
    const isLine = /[\r\n]/.test(text);
    if (this.#busy || this.#paused || this.speed >= 1 || isLine) return;
    const budgetNs = ECHO_NS, steps = ECHO_STEPS_MAX;
    if (this.world.wanted === null) this.#run({ budgetNs, steps });
    this.#pace.anchor();
  }

  // ----------------------------------------------------------- the loop

  /** Lets time pass until `until` has ended, the world is done or broke, or stop(). */
  async run(until?: Process): Promise<RunResult> {
    this.#pace.anchor();
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
        if (this.#inputIsNext && this.nextInput!.stalled) return false;
        await this.#compileWanted();
        this.#pace.anchor();
        return false;
      case "panic":
        return true;
      case "done":
        return this.nextInput === null || await this.#idle();
      case "idle":
      case "deadlock":
        return await this.#idle();
      case "until": {
        this.#reachedGoal();
        const ms = this.#paused ? 0 : this.#untilNextMs;
        await this.#rest("running", Math.min(ms, DELAY_MAX_MS));
        return false;
      }
      case "budget":
        await this.#rest("running", 0);
        return false;
    }
  }

  /** Nothing is due; true is never: somebody may type. */
  async #idle(): Promise<boolean> {
    this.#reachedGoal();
    if (this.#paused) return false;
    // It should have had more to do: it is another run, and nothing comes again.
    if (!this.#inputIsNext) this.#future = [];
    if (this.nextInput !== null && !this.#paused) {
      await this.#rest("running", Math.min(this.#untilNextMs, DELAY_MAX_MS));
      return false;
    }
    if (this.#flusherWaits && !this.#paused) {
      this.#setState("idle");
      await this.#alarm.rest(Math.min(this.#pace.untilDueMs, DELAY_MAX_MS));
    } else await this.#rest("idle", DELAY_MAX_MS);
    return false;
  }

  #over(result: RunResult): RunResult {
    this.#setState("over");
    return result;
  }

  /** As much as is due by now, and not longer than a slice. */
  #slice(until?: Process): RunResult {
    const { world } = this;
    const before = world.steps;
    this.#setState("running");
    if (this.#inputIsNext) return this.#comeAgain();
    const { steps } = this.#slices;
    const result = this.#slices.measure(
      () => this.#run({ until, steps, ...this.#limit() }),
      () => world.steps - before,
    );
    const tooMuch = result.reason === "budget" && this.#slices.wasLong;
    if (tooMuch && this.#pace.behindNs > 0) this.#pace.anchor();
    this.#flusherWaits = result.reason === "until" && world.isQuiet &&
      world.background > 0;
    // Asked without a time, the world says what it is, and no time passes.
    return this.#flusherWaits ? this.#run({}) : result;
  }

  /** The step of an input that comes by itself is reached: nothing happens before it. */
  get #inputIsNext(): boolean {
    const next = this.nextInput;
    return next !== null && this.world.steps >= next.step;
  }

  /** It comes when its time does. */
  #comeAgain(): RunResult {
    const { untilNs = Infinity } = this.#limit();
    const { atNs } = this.nextInput!;
    if (untilNs < atNs) return { reason: "until", report: "" };
    this.#inputNow();
    return { reason: "budget", report: "" };
  }

  #inputNow(): true {
    this.world.inputAgain(this.#future.shift()!);
    return true;
  }

  /** How far the next slice may go; without end when nothing holds it. */
  #limit(): RunOptions {
    const { limitNs = Infinity } = this.#options;
    const untilNs = Math.min(this.#goalNs ?? this.#pace.presentNs, limitNs);
    return untilNs === Infinity ? {} : { untilNs };
  }

  #run(options: RunOptions): RunResult {
    const { untilNs } = options;
    if (untilNs !== undefined && untilNs < this.world.now) {
      return { reason: "until", report: "" };
    }
    const next = this.nextInput;
    if (next !== null) {
      const left = next.step - this.world.steps;
      if (left <= 0) return { reason: "until", report: "" };
      const { steps = Infinity } = options;
      options = { ...options, steps: Math.min(steps, left) };
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

  /** Real time until something happens, the next input included. */
  get #untilNextMs(): number {
    return this.#inputIsNext
      ? this.#pace.untilMs(this.nextInput!.atNs)
      : this.#pace.untilDueMs;
  }

  #reachedGoal(): void {
    if (this.#goalNs === null) return;
    this.#goalNs = null;
    this.#paused = true;
  }

  // ----------------------------------------------------------- real time

  /** Before something enters: what was due before it has happened. */
  #catchUp(): void {
    const passes = this.#state === "running" || this.#flusherWaits;
    if (this.#busy || this.#paused || !passes) return;
    if (this.world.wanted !== null || this.speed === Infinity) return;
    const { presentNs: untilNs } = this.#pace;
    this.#run({ untilNs, steps: this.#slices.steps });
  }

  /** Gives the host its turn: for so long, or until something is said. */
  async #rest(state: DriverState, ms: number): Promise<void> {
    this.#setState(state);
    await this.#alarm.rest(ms);
    if (state !== "running") this.#pace.anchor();
  }

  #setState(state: DriverState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}
