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

export class WriteCache {
  /** The oldest first. */
  readonly entries: Cached[] = [];
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

  fits(sectors: number): boolean {
    return this.#sectors + sectors <= this.capacity;
  }

  /** Takes sectors. What waits of them already gets the new bytes, so that the order of writing does not matter. */
  add(entry: Omit<Cached, "order" | "write">): void {
    const { lba, data, sectors } = entry;
    if (data !== null) this.overwrite(lba, data);
    this.entries.push({ ...entry, write: true, order: ++this.#lastOrder });
    this.#sectors += sectors;
  }

  /** It is on the platter. */
  remove(entry: Cached): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
    this.#sectors -= entry.sectors;
  }

  /** True when nothing is left that came up to then. */
  isWritten(order: number): boolean {
    return this.entries.every((entry) => entry.order > order);
  }

  /** True when one entry has all of these sectors. */
  covers(lba: number, sectors: number): boolean {
    return this.entries.some((entry) =>
      entry.lba <= lba && lba + sectors <= entry.lba + entry.sectors
    );
  }

  /** Puts what waits of these sectors over what was read from the platter. */
  overlay(lba: number, into: Uint8Array): void {
    for (const { lba: from, data } of this.entries) {
      if (data !== null) copyOverlap(from, data, lba, into);
    }
  }

  /** The same sectors are written past the cache: what waits of them is the same. */
  overwrite(lba: number, data: Uint8Array): void {
    for (const entry of this.entries) {
      if (entry.data !== null) copyOverlap(lba, data, entry.lba, entry.data);
    }
  }
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
