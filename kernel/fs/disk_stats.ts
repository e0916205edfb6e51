// What a drive has done since the machine was switched on, counted as Linux's
// /proc/diskstats counts (Documentation/admin-guide/iostats.rst). It is told when
// a request is given to the drive and when it is done.

/** Reads, writes or flushes: how many, how much, how long they took together. */
export interface Done {
  count: number;
  sectors: number;
  ns: number;
}

export class DiskStats {
  readonly read: Done = { count: 0, sectors: 0, ns: 0 };
  readonly write: Done = { count: 0, sectors: 0, ns: 0 };
  readonly flush: Done = { count: 0, sectors: 0, ns: 0 };
  /** Requests in the drive and before it. */
  inFlight = 0;
  #busyNs = 0;
  #weightedNs = 0;
  /** Until when the two above are counted. */
  #sinceNs = 0;

  issued(now: number): void {
    this.#count(now);
    this.inFlight++;
  }

  /** `what` is one of the three above. */
  completed(now: number, what: Done, sectors: number, ns: number): void {
    this.#count(now);
    this.inFlight--;
    what.count++;
    what.sectors += sectors;
    what.ns += ns;
  }

  /** It was taken back: as if it had never been, but for the time it waited. */
  withdrawn(now: number): void {
    this.#count(now);
    this.inFlight--;
  }

  /** How long anything was in flight, ns. */
  busyNs(now: number): number {
    this.#count(now);
    return this.#busyNs;
  }

  /** The same, times how many: the integral of the queue's length, ns. */
  weightedNs(now: number): number {
    this.#count(now);
    return this.#weightedNs;
  }

  #count(now: number): void {
    const passed = now - this.#sinceNs;
    this.#sinceNs = now;
    if (this.inFlight === 0) return;
    this.#busyNs += passed;
    this.#weightedNs += passed * this.inFlight;
  }
}
