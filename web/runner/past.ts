// The way back in time. The past is the same run once more, up to then
// (host/replay.ts); of several wishes while that is under way the last counts.
// So that a step back takes no time, such a run is made ready while nothing
// happens. Here is also how far a run was ever seen. What runs then, and what is
// shown of it, is the session's.

import type { Playground } from "../../host/playground.ts";
import { Replay } from "../../host/replay.ts";
import type {
  Input,
  ProgramLoader,
  Trace,
  Wanted,
  World,
} from "../../kernel/mod.ts";
import { Output } from "./output.ts";
import type { FromRunner } from "../protocol.ts";

/** Events that are looked at together on the way to the one before. */
const LOOK_BACK_EVENTS = 256;
/** Time does not go back to before the shell is started, which is at 0. */
export const FIRST_NS = 1;

export interface PastOptions {
  loader: ProgramLoader & { compile(wanted: Wanted): Promise<void> };
  /** The world as it was booted, with nothing run yet. */
  boot(programs: ProgramLoader): Playground;
  send(message: FromRunner): void;
  /** Lets others have their turn. */
  breathe(): Promise<void>;
}

/** Where time stands now. */
export interface Arrival {
  world: World;
  /** What the console has shown until then, not yet sent. */
  output: Output;
  /** What came from outside later. */
  future: readonly Input[];
  /** Whoever runs it on says which of these it gives next. */
  leaveTo(next: () => Input | null): void;
}

/** A run on its way to where it is wanted. */
interface Rerun {
  replay: Replay;
  output: Output;
}

export class Past {
  /** How far the run was ever seen, ns. */
  seenNs = 0;
  readonly #options: PastOptions;
  #goalNs: number | null = null;
  /** Made ready for the next wish. */
  #spare: Promise<Rerun> | null = null;

  constructor(options: PastOptions) {
    this.#options = options;
  }

  get isUnderWay(): boolean {
    return this.#goalNs !== null;
  }

  /** Where time is, or is on its way to. */
  placeOf(world: World): number {
    return this.#goalNs ?? world.now;
  }

  /** Another place, while it is under way. */
  redirect(atNs: number): void {
    this.#goalNs = atNs;
  }

  /** To an instant of the run that left this log and came to `nowNs`, or to where it was redirected. */
  async travel(
    atNs: number,
    log: readonly Input[],
    nowNs: number,
  ): Promise<Arrival> {
    this.seenNs = Math.max(this.seenNs, nowNs);
    this.#goalNs = atNs;
    for (;;) {
      const goalNs: number = this.#goalNs;
      const arrival = await this.#replay(log, goalNs);
      if (this.#goalNs === goalNs) return arrival;
    }
  }

  /** The session is there. */
  arrived(): void {
    this.#goalNs = null;
  }

  /** Makes ready for a wish that is likely, unless something is: the run up to then. */
  prepare(log: readonly Input[], atNs: number): void {
    if (this.isUnderWay) return;
    this.#spare ??= this.#rerun(log, atNs);
  }

  async #replay(log: readonly Input[], atNs: number): Promise<Arrival> {
    const { replay, output } = await this.#takeSpare(log, atNs) ??
      await this.#rerun(log, atNs);
    await replay.to(atNs, "before");
    const { world, future } = replay;
    const leaveTo = (next: () => Input | null) => replay.leaveTo(next);
    return { world, output, future, leaveTo };
  }

  /** The one that was made ready, if it is not too far and the run is still the same. */
  async #takeSpare(
    log: readonly Input[],
    atNs: number,
  ): Promise<Rerun | null> {
    const spare = this.#spare;
    this.#spare = null;
    const rerun = await spare;
    if (rerun === null || rerun.replay.world.now > atNs) return null;
    return rerun.replay.follow(log) ? rerun : null;
  }

  async #rerun(log: readonly Input[], atNs: number): Promise<Rerun> {
    const { loader, boot, send, breathe } = this.#options;
    const output = new Output(send);
    const replay = new Replay({
      log,
      loader,
      breathe,
      boot: (programs) => {
        const { world, machine } = boot(programs);
        machine.console.onOutput = (bytes) => output.add(bytes);
        return world;
      },
    });
    await replay.to(atNs, "before");
    return { replay, output };
  }
}

/** The time of the last event before that time; null if there is none. */
export function eventBefore(trace: Trace, atNs: number): number | null {
  for (let end = trace.length; end > trace.firstSeq;) {
    const start = Math.max(trace.firstSeq, end - LOOK_BACK_EVENTS);
    let found: number | null = null;
    for (const { seq, at } of trace.events(start)) {
      if (seq >= end) break;
      if (at < atNs) found = at;
    }
    if (found !== null) return found;
    end = start;
  }
  return null;
}
