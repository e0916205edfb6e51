// How long an answer takes: the smoothed round trip and the time after which a
// segment counts as lost (RFC 6298). One segment is timed at a time, and none
// that was sent twice (Karn). Times are whole ns. It knows no segment and arms
// no timer.

import { RTO_FIRST_NS, RTO_MAX_NS, RTO_MIN_NS } from "./params.ts";

export class RoundTrip {
  /** Smoothed, ns; 0: not yet measured. */
  smoothedNs = 0;
  #variationNs = 0;
  #timeoutNs = RTO_FIRST_NS;
  #backoff = 1;
  /** The segment being timed ends here; −1: none is. */
  #timedEnd = -1;
  #timedAtNs = 0;

  /** After so long without an answer a segment is lost. */
  get timeoutNs(): number {
    return Math.min(this.#timeoutNs * this.#backoff, RTO_MAX_NS);
  }

  /** New bytes up to `end` were sent. */
  sent(end: number, now: number): void {
    if (this.#timedEnd >= 0) return;
    this.#timedEnd = end;
    this.#timedAtNs = now;
  }

  /** Something was sent again: what answers may answer either. */
  sentAgain(): void {
    this.#timedEnd = -1;
  }

  /** Everything before `sequence` is acknowledged. */
  acknowledged(sequence: number, now: number): void {
    this.#backoff = 1;
    if (this.#timedEnd < 0 || sequence < this.#timedEnd) return;
    this.#timedEnd = -1;
    this.#measured(now - this.#timedAtNs);
  }

  /** It timed out: the next one waits twice as long. */
  timedOut(): void {
    this.#backoff *= 2;
    this.#timedEnd = -1;
  }

  #measured(ns: number): void {
    if (this.smoothedNs === 0) {
      this.smoothedNs = ns;
      this.#variationNs = Math.floor(ns / 2);
    } else {
      const off = Math.abs(this.smoothedNs - ns);
      this.#variationNs = Math.floor((3 * this.#variationNs + off) / 4);
      this.smoothedNs = Math.floor((7 * this.smoothedNs + ns) / 8);
    }
    const timeout = this.smoothedNs + 4 * this.#variationNs;
    this.#timeoutNs = Math.max(timeout, RTO_MIN_NS);
  }
}
