// What a drive has in its buffer because it read on: after a read, as long as
// nobody needs the head elsewhere, the sectors that pass are kept. Nothing
// happens for that: what has passed is a function of the clock. It knows the
// geometry and the time it is told, and neither requests nor data.
//
// The segment is a ring of so many sectors: the head waits at its end when all of
// it is ahead of what was asked for, and goes on, when the sector comes by again,
// as soon as some of it is taken.
//
// Divergence from a real drive: one segment, where such drives have several; and
// the buffer of writes is apart (hdd_write_cache.ts).

import { type Geometry, TURN } from "./hdd_geometry.ts";

export class ReadSegment {
  /** Sectors from here on are in the buffer … */
  #first = 0;
  /** … and up to here at `#sinceNs`; more have passed since, if the head stayed. */
  #end = 0;
  #sinceNs = 0;
  /** The head stays and reads on, up to here. */
  #limit = 0;
  #active = false;

  constructor(
    readonly geometry: Geometry,
    /** How many sectors it reads on. */
    readonly sectors: number,
  ) {}

  /** A read of the sectors up to `end` has just left the head behind them. */
  begin(first: number, end: number, now: number): void {
    this.#first = first;
    this.#end = end;
    this.#sinceNs = now;
    this.#limit = Math.min(end + this.sectors, this.geometry.capacity);
    this.#active = true;
  }

  /** The head is needed elsewhere. */
  stop(now: number): void {
    this.#end = this.endAt(now);
    this.#active = false;
  }

  /** Up to which sector it has read by now. */
  endAt(now: number): number {
    if (!this.#active) return this.#end;
    const most = this.#limit - this.#end;
    return this.#end +
      this.geometry.passed(this.#end, now - this.#sinceNs, most);
  }

  /** Where the head is because it read on: the last sector that passed; −1: it did not. */
  headAt(now: number): number {
    return this.#active ? this.endAt(now) - 1 : -1;
  }

  /** When the last of these sectors is, or will be, in the buffer, ns; −1: they have to be read. */
  readyNs(lba: number, sectors: number, now: number): number {
    const end = this.endAt(now), wanted = lba + sectors;
    if (lba < Math.max(this.#first, end - this.sectors) || lba > end) return -1;
    if (wanted <= end) return now;
    if (!this.#active || end === this.#limit) return -1;
    return this.#sinceNs + this.geometry.passNs(this.#end, wanted - this.#end);
  }

  /** Sectors up to `end` are taken out of the buffer: it reads on behind them. */
  taken(end: number, now: number): void {
    if (!this.#active) return;
    const limit = Math.min(end + this.sectors, this.geometry.capacity);
    if (limit <= this.#limit) return;
    if (this.endAt(now) === this.#limit) this.#goOnFrom(this.#limit, now);
    this.#limit = limit;
  }

  /** It stood still at `end`: that sector has to come by first. */
  #goOnFrom(end: number, now: number): void {
    const { geometry } = this;
    const last = end - 1;
    const behind = geometry.angleOf(geometry.locate(last)) +
      geometry.sweep(last, 1);
    const ahead = (behind - geometry.angleAt(now) + 2 * TURN) % TURN;
    this.#end = end;
    this.#sinceNs = now + geometry.turnNs(ahead);
  }

  /** These sectors are written: what the buffer has of them is old. */
  forget(lba: number, sectors: number): void {
    if (lba < this.#limit && lba + sectors > this.#first) this.clear();
  }

  clear(): void {
    this.#active = false;
    this.#first = this.#end = 0;
  }
}
