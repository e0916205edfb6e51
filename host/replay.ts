// A run once more: the same world, the same log of inputs, to any instant. That
// is how time goes back, how a link shows what was seen, and how a bug report is
// read. Programs are compiled when the run asks for them; it makes no difference
// to the run. It does not know where the log comes from.

import type { Loaded, ProgramLoader, Wanted } from "../kernel/program.ts";
import type { Input, RunOptions, RunReason, World } from "../kernel/world.ts";

export interface ReplayOptions {
  log: readonly Input[];
  loader: ProgramLoader & { compile(wanted: Wanted): Promise<void> };
  /** Boots the world as it was booted then, and lets no time pass. */
  boot(programs: ProgramLoader): World;
  /** Gives the host its turn, now and then; a rejection ends the replay. */
  breathe?(): Promise<void>;
}

/** Steps between two breaths: some 20 ms. */
const STEPS_EACH = 50_000;

export class Replay {
  readonly world: World;
  readonly #options: ReplayOptions;
  readonly #programs: HeldBack;
  #log: readonly Input[];
  #next = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#programs = new HeldBack(options.loader);
    this.world = options.boot(this.#programs);
  }

  /** Inputs of the log that are still to come. */
  get inputsLeft(): number {
    return this.#log.length - this.#next;
  }

  /** Goes on by another log, if that run was the same as far as this one has come; false: it was not. */
  follow(log: readonly Input[]): boolean {
    for (let i = 0; i < this.#next; i++) {
      const input = log[i];
      if (input === undefined || !isSame(input, this.#log[i]!)) return false;
    }
    const next = log[this.#next];
    if (next !== undefined && next.step < this.world.steps) return false;
    this.#log = log;
    return true;
  }

  /** On to `atNs`, with every input up to then, or before then. Time only goes on: for an earlier one make a new replay. */
  async to(atNs: number, inputs: "up to" | "before" = "up to"): Promise<void> {
    const lastNs = inputs === "up to" ? atNs : atNs - 1;
    for (;;) {
      const input = this.#log[this.#next];
      if (input === undefined || input.atNs > lastNs) break;
      await this.#toStep(input);
      this.#next++;
      this.world.inputAgain(input);
    }
    this.#programs.heldAt = null;
    await this.#until({ untilNs: atNs }, () => this.world.now >= atNs);
  }

  /** Somebody else lets it run on from here, and gives it the inputs that are left: `next` is the first of them. */
  leaveTo(next: () => Input | null): void {
    this.#programs.heldAt = () => {
      const input = next();
      return input?.stalled === true && this.world.steps >= input.step;
    };
  }

  /** The inputs that are still to come. */
  get future(): readonly Input[] {
    return this.#log.slice(this.#next);
  }

  /** To the step at which an input came: with the world stalled, if it was then. */
  async #toStep({ step, stalled }: Input): Promise<void> {
    const { world } = this;
    this.#programs.heldAt = stalled ? () => world.steps === step : null;
    await this.#until({}, () => world.steps >= step, step);
  }

  async #until(
    options: RunOptions,
    isThere: () => boolean,
    lastStep = Infinity,
  ): Promise<void> {
    const { world } = this;
    const { loader, breathe } = this.#options;
    while (!isThere()) {
      const steps = Math.min(STEPS_EACH, lastStep - world.steps);
      const { reason } = world.run({ ...options, steps });
      const { wanted } = world;
      if (wanted !== null && !isThere()) await loader.compile(wanted);
      else if (ENDS.includes(reason)) return;
      if (!isThere()) await breathe?.();
    }
  }
}

/** Whether two runs were given the same at the same step. */
function isSame(one: Input, other: Input): boolean {
  const names = Object.keys({ ...one, ...other }) as (keyof Input)[];
  return names.every((name) => one[name] === other[name]);
}

/** Nothing more happens by itself. */
const ENDS: readonly RunReason[] = ["done", "idle", "deadlock", "panic"];

/** A loader that has a program a moment later where the log says that it had not. */
class HeldBack implements ProgramLoader {
  heldAt: (() => boolean) | null = null;

  constructor(readonly loader: ProgramLoader) {}

  load(...wanted: Parameters<ProgramLoader["load"]>): Loaded | null {
    return this.heldAt?.() ? null : this.loader.load(...wanted);
  }

  fresh(...wanted: Parameters<NonNullable<ProgramLoader["fresh"]>>) {
    return this.loader.fresh?.(...wanted) ?? null;
  }
}
