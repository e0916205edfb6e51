// A timer that does something again at given times after its start, and at last
// gives up. It knows the clock and two callbacks.

import type { Due } from "../clock.ts";
import type { NetworkMachine } from "./machine.ts";

export interface RetryPlan {
  /** ns after the start. */
  again: readonly number[];
  giveUpNs: number;
  onAgain: () => void;
  onGiveUp: () => void;
}

export class Retry implements Due {
  #machine: NetworkMachine;
  #plan: RetryPlan;
  #startNs: number;
  #times = 0;
  #token = -1;

  constructor(machine: NetworkMachine, plan: RetryPlan) {
    this.#machine = machine;
    this.#plan = plan;
    this.#startNs = machine.clock.now;
    this.#arm();
  }

  fire(): void {
    this.#ended();
    const { again, onAgain, onGiveUp } = this.#plan;
    if (this.#times++ >= again.length) return onGiveUp();
    this.#arm();
    onAgain();
  }

  cancel(): void {
    if (this.#token < 0) return;
    this.#machine.clock.cancel(this.#token);
    this.#ended();
  }

  #arm(): void {
    const { again, giveUpNs } = this.#plan;
    const afterNs = again[this.#times] ?? giveUpNs;
    const { clock } = this.#machine;
    this.#token = clock.schedule(this.#startNs + afterNs, this);
    this.#machine.timerStarted();
  }

  #ended(): void {
    this.#token = -1;
    this.#machine.timerEnded();
  }
}
