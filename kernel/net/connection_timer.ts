// A timer of a connection: for what is on its way and unanswered, for a peer that
// has no room and may have, for an acknowledgement that is put off. It tells when
// the time is over, and does not know what is to be done then.
//
// As a background timer it keeps no world from being idle: a peer that takes
// nothing for ever would be asked for ever. It belongs to its connection, and is
// not counted apart.

import type { Due } from "../clock.ts";
import type { NetworkMachine } from "./machine.ts";

export interface TimerOwner {
  timeIsOver(timer: ConnectionTimer): void;
}

export class ConnectionTimer implements Due {
  #token = -1;
  #isBackground = false;

  constructor(
    readonly machine: NetworkMachine,
    readonly owner: TimerOwner,
  ) {}

  /** It runs, and time goes on for it. */
  get isArmed(): boolean {
    return this.#token >= 0 && !this.#isBackground;
  }

  start(timeoutNs: number, background: boolean): void {
    const { machine } = this;
    this.stop();
    const due = machine.clock.now + timeoutNs;
    this.#isBackground = background;
    if (background) {
      this.#token = machine.scheduleBackground(due, this);
      return;
    }
    this.#token = machine.clock.schedule(due, this);
  }

  stop(): void {
    if (this.#token < 0) return;
    const { machine } = this;
    if (this.#isBackground) machine.cancelBackground(this.#token);
    else machine.clock.cancel(this.#token);
    this.#token = -1;
  }

  fire(): void {
    this.#token = -1;
    this.owner.timeIsOver(this);
  }
}
