// How much one end may have on its way: the congestion window of Reno, with
// NewReno's recovery (RFC 5681, RFC 6582). It grows by what is acknowledged in
// slow start, by one segment a round trip beyond the threshold, halves when a
// segment is lost, and begins anew when nothing comes back for a whole time-out.
// It counts bytes and sequence numbers, and knows no segment and no clock.
//
// Divergence from Linux: Reno where Linux has CUBIC since 2.6.19; no SACK, so one
// lost segment is repaired in each round trip; no slow start after an idle time.

import { INITIAL_WINDOW_BYTES, MSS_BYTES } from "./params.ts";

/** Duplicate acknowledgements that mean a loss (RFC 5681 §3.2). */
const DUPLICATES = 3;
/** Least threshold (RFC 5681 §3.1). */
const THRESHOLD_MIN_BYTES = 2 * MSS_BYTES;

export class Congestion {
  /** Bytes that may be on their way. */
  window = INITIAL_WINDOW_BYTES;
  threshold = Infinity;
  #duplicates = 0;
  /** Recovery lasts until this is acknowledged; −1: there is none. */
  #recover = -1;

  /**
   * `bytes` more are acknowledged, up to `sequence`. True: the segment that
   * follows is lost as well and has to be sent again (a partial
   * acknowledgement).
   */
  acknowledged(sequence: number, bytes: number): boolean {
    this.#duplicates = 0;
    if (this.#recover < 0) {
      this.#grow(bytes);
      return false;
    }
    if (sequence >= this.#recover) {
      this.#recover = -1;
      this.window = this.threshold;
      return false;
    }
    this.window = Math.max(MSS_BYTES, this.window - bytes + MSS_BYTES);
    return true;
  }

  /**
   * The same was acknowledged again: a later segment has arrived. True: the
   * first that is not acknowledged is lost, and has to be sent again.
   * `highest` is the end of what was sent, `flight` the bytes on their way.
   */
  duplicate(highest: number, flight: number): boolean {
    if (this.#recover >= 0) {
      this.window += MSS_BYTES; // one has left the network
      return false;
    }
    if (++this.#duplicates < DUPLICATES) return false;
    this.#recover = highest;
    this.#halve(flight);
    this.window = this.threshold + DUPLICATES * MSS_BYTES;
    return true;
  }

  /** Nothing came back in time: everything on its way counts as lost. */
  timedOut(flight: number): void {
    this.#halve(flight);
    this.#recover = -1;
    this.#duplicates = 0;
    this.window = MSS_BYTES;
  }

  #grow(bytes: number): void {
    this.window += this.window < this.threshold
      ? Math.min(bytes, MSS_BYTES)
      : Math.ceil(MSS_BYTES * MSS_BYTES / this.window);
  }

  #halve(flight: number): void {
    this.threshold = Math.max(Math.floor(flight / 2), THRESHOLD_MIN_BYTES);
  }
}
