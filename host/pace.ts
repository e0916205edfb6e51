// The parts of pacing: which virtual time it is now at a speed, how large a
// slice of work may be, and a rest that can be cut short. They look at the real
// clock they are given and at the world's; they run nothing.

import type { World } from "../kernel/world.ts";

/** Real time, in ms. */
export interface HostClock {
  now(): number;
  /** Resolves after a while, or when the signal aborts; it may reject then. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
}

/** Virtual time per real time, from an instant at which both were known. */
export class Pace {
  // Virtual time was `#anchorNs` when real time was `#anchorMs`.
  #anchorNs = 0;
  #anchorMs = 0;

  constructor(
    readonly world: World,
    readonly clock: HostClock,
    public speed: number,
  ) {
    this.anchor();
  }

  /** From here on: what was missed so far is not made up for. */
  anchor(): void {
    this.#anchorNs = this.world.now;
    this.#anchorMs = this.clock.now();
  }

  /** The virtual time that it is now, at this speed; at full speed, any. */
  get presentNs(): number {
    if (this.speed === Infinity) return Infinity;
    const passedMs = this.clock.now() - this.#anchorMs;
    return this.#anchorNs + Math.floor(passedMs * 1e6 * this.speed);
  }

  /** How far the world is behind that. */
  get behindNs(): number {
    return this.presentNs - this.world.now;
  }

  /** Real time until the next thing is due; 0 when it is, or nothing is. */
  get untilDueMs(): number {
    const { nextDue } = this.world;
    return nextDue === Infinity ? 0 : this.untilMs(nextDue);
  }

  /** Real time until it is that time; 0 when it was. */
  untilMs(atNs: number): number {
    if (this.speed === Infinity) return 0;
    return Math.max(0, (atNs - this.presentNs) / (1e6 * this.speed));
  }
}

/** Real time a slice may take, so that keys and the page are not kept waiting. */
const SLICE_MS = 8;
const STEPS_FIRST = 2_000;
const STEPS_MIN = 50;
const STEPS_MAX = 1_000_000;

/** How many steps fit into a slice, learnt from those before. */
export class SliceSize {
  steps = STEPS_FIRST;
  /** The last slice used its time up. */
  wasLong = false;

  constructor(readonly clock: HostClock) {}

  /** Does a slice of work, and learns from how long its steps took. */
  measure<T>(work: () => T, stepsDone: () => number): T {
    const beganMs = this.clock.now();
    const result = work();
    const tookMs = this.clock.now() - beganMs;
    this.wasLong = tookMs >= SLICE_MS / 2;
    if (stepsDone() >= this.steps) this.#adjust(tookMs);
    return result;
  }

  #adjust(tookMs: number): void {
    const most = this.steps * 2;
    const wanted = tookMs <= 0 ? most : this.steps * (SLICE_MS / tookMs);
    const bounded = Math.min(wanted, most, STEPS_MAX);
    this.steps = Math.max(STEPS_MIN, Math.round(bounded));
  }
}

/** A rest that ends early when somebody rings; a ring before it is not lost. */
export class Alarm {
  #controller = new AbortController();
  #rung = false;

  constructor(readonly clock: HostClock) {}

  ring(): void {
    this.#rung = true;
    this.#controller.abort();
  }

  async rest(ms: number): Promise<void> {
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    try {
      await this.clock.delay(this.#rung ? 0 : ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    this.#rung = false;
  }
}
