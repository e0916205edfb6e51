// The port numbers of one machine: who has bound which, and the next free one
// for those who do not care.
//
// Divergence from Linux: connections of a listener that was closed do not hold
// its port, and there is no TIME_WAIT, so `reuseAddress` changes nothing.

import type { ErrorCode } from "../abi.ts";
import { EPHEMERAL_FIRST, EPHEMERAL_LAST } from "./params.ts";

export class Ports<S> {
  #bound = new Map<number, S>();
  #next = EPHEMERAL_FIRST;

  get(port: number): S | null {
    return this.#bound.get(port) ?? null;
  }

  /** Takes `port`, or with 0 a free one. */
  take(port: number, socket: S): number | ErrorCode {
    if (port === 0) port = this.#free();
    if (port === 0 || this.#bound.has(port)) return "EADDRINUSE";
    this.#bound.set(port, socket);
    return port;
  }

  release(port: number): void {
    this.#bound.delete(port);
  }

  /** A free port of those that are given out, in turn; 0: none. */
  #free(): number {
    for (let tries = EPHEMERAL_FIRST; tries <= EPHEMERAL_LAST; tries++) {
      const port = this.#next;
      this.#next = port === EPHEMERAL_LAST ? EPHEMERAL_FIRST : port + 1;
      if (!this.#bound.has(port)) return port;
    }
    return 0;
  }
}
