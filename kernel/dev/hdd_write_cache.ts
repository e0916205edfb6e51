// The write cache of a drive: sectors that it has taken and not yet written. It
// makes writes quick and forgets everything when the power goes; that is why
// there is FLUSH. It knows no time and no arm: hdd.ts decides what is written
// next and when.

import { SECTOR_BYTES } from "./platter.ts";

/** Sectors in a row that wait to be written. */
export interface Cached {
  readonly lba: number;
  readonly sectors: number;
  readonly write: true;
  readonly cylinder: number;
  readonly arrivedNs: number;
  /** A copy; null moves nothing. */
  readonly data: Uint8Array | null;
  /** In the order in which they came. */
  readonly order: number;
}

/** Among how many, the oldest, the drive chooses what it writes next. */
const WINDOW = 128;

export class WriteCache {
  /** The oldest first. */
  #entries: Cached[] = [];
  #sectors = 0;
  #lastOrder = 0;

  constructor(readonly capacity: number) {}

  /** The number of the last one that came. */
  get lastOrder(): number {
    return this.#lastOrder;
  }

  /** Sectors not yet written. */
  get dirtySectors(): number {
    return this.#sectors;
  }

  /** All of them, the oldest first. */
  get entries(): readonly Cached[] {
    return this.#entries;
  }

  /** Those of which one is written next. */
  get oldest(): readonly Cached[] {
    return this.#entries.slice(0, WINDOW);
  }

  fits(lba: number, sectors: number): boolean {
    return this.#sectors + sectors <= this.capacity ||
      this.covers(lba, sectors);
  }

  /** Takes sectors. What waits of them already gets the new bytes, so that the order of writing does not matter; except what is being written now. */
  add(entry: Omit<Cached, "order" | "write">, inFlight: Cached | null): void {
    const { lba, data, sectors } = entry;
    if (data !== null) this.overwrite(lba, data, inFlight);
    const waits = this.#entries.some((it) =>
      it !== inFlight && has(it, lba, sectors)
    );
    if (waits) return;
    this.#entries.push({ ...entry, write: true, order: ++this.#lastOrder });
    this.#sectors += sectors;
  }

  /** It is on the platter. */
  remove(entry: Cached): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#sectors -= entry.sectors;
  }

  /** The power is gone. */
  clear(): void {
    this.#entries = [];
    this.#sectors = 0;
  }

  /** True when nothing is left that came up to then. */
  isWritten(order: number): boolean {
    const [first] = this.#entries;
    return first === undefined || first.order > order;
  }

  /** True when one entry has all of these sectors. */
  covers(lba: number, sectors: number): boolean {
    return this.#entries.some((entry) => has(entry, lba, sectors));
  }

  /** Puts what waits of these sectors over what was read from the platter. */
  overlay(lba: number, into: Uint8Array): void {
    for (const { lba: from, data } of this.#entries) {
      if (data !== null) copyOverlap(from, data, lba, into);
    }
  }

  /** The same sectors are written past the cache: what waits of them is the same. */
  overwrite(lba: number, data: Uint8Array, inFlight: Cached | null): void {
    for (const entry of this.#entries) {
      if (entry.data === null || entry === inFlight) continue;
      copyOverlap(lba, data, entry.lba, entry.data);
    }
  }
}

function has(entry: Cached, lba: number, sectors: number): boolean {
  return entry.lba <= lba && lba + sectors <= entry.lba + entry.sectors;
}

/** Copies the sectors that both have. */
function copyOverlap(
  from: number,
  data: Uint8Array,
  to: number,
  into: Uint8Array,
): void {
  const first = Math.max(from, to);
  const end = Math.min(
    from + data.length / SECTOR_BYTES,
    to + into.length / SECTOR_BYTES,
  );
  if (first >= end) return;
  const part = data.subarray(
    (first - from) * SECTOR_BYTES,
    (end - from) * SECTOR_BYTES,
  );
  into.set(part, (first - to) * SECTOR_BYTES);
}
