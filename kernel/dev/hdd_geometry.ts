// Where a sector lies, at which angle it begins, and how far the platter turns
// while sectors pass the heads: what follows from a model's numbers. It knows
// the time only as an argument.

import type { HddModel } from "./hdd_model.ts";

/** Where a sector is. */
export interface Place {
  cylinder: number;
  head: number;
  /** Its number on the track. */
  sector: number;
  sectorsPerTrack: number;
}

/**
 * Sectors are numbered along a track, then over the heads of a cylinder, then
 * inwards. Angles are whole numbers of 1/60,000,000,000 of a turn: in one ns
 * the platter turns by exactly `rpm` of them, so no rounding gathers.
 */
export const TURN = 60_000_000_000;
const TURN_PER_MILLIONTH = TURN / 1_000_000;

export class Geometry {
  readonly capacity: number;
  /** First sector of each zone. */
  #zoneFirst: number[] = [];

  constructor(readonly model: HddModel) {
    const { zones, cylinders, heads } = model;
    let lba = 0;
    zones.forEach((zone, i) => {
      this.#zoneFirst.push(lba);
      const end = zones[i + 1]?.firstCylinder ?? cylinders;
      lba += (end - zone.firstCylinder) * heads * zone.sectorsPerTrack;
    });
    this.capacity = lba;
  }

  locate(lba: number): Place {
    const index = this.#zoneOf(lba);
    const { firstCylinder, sectorsPerTrack } = this.model.zones[index]!;
    const offset = lba - this.#zoneFirst[index]!;
    const track = Math.floor(offset / sectorsPerTrack);
    const { heads } = this.model;
    return {
      cylinder: firstCylinder + Math.floor(track / heads),
      head: track % heads,
      sector: offset % sectorsPerTrack,
      sectorsPerTrack,
    };
  }

  /** The angle at which a sector begins. */
  angleOf(place: Place): number {
    const { heads, trackSkew, cylinderSkew } = this.model;
    const skew = place.cylinder * ((heads - 1) * trackSkew + cylinderSkew) +
      place.head * trackSkew;
    const start = Math.floor(place.sector * TURN / place.sectorsPerTrack);
    return (start + (skew % 1_000_000) * TURN_PER_MILLIONTH) % TURN;
  }

  /** The angle under the heads at `now` ns. */
  angleAt(now: number): number {
    return ((now % TURN) * this.model.rpm) % TURN;
  }

  /** Time to turn by an angle, rounded up to whole ns. */
  turnNs(angle: number): number {
    return Math.ceil(angle / this.model.rpm);
  }

  /** The angle by which the platter turns while `sectors` from `lba` on pass the heads. */
  sweep(lba: number, sectors: number): number {
    const { heads, trackSkew, cylinderSkew } = this.model;
    let angle = 0;
    while (sectors > 0) {
      const place = this.locate(lba);
      const count = Math.min(sectors, place.sectorsPerTrack - place.sector);
      angle += Math.ceil(count * TURN / place.sectorsPerTrack);
      lba += count;
      sectors -= count;
      if (sectors > 0) {
        const skew = place.head === heads - 1 ? cylinderSkew : trackSkew;
        angle += skew * TURN_PER_MILLIONTH;
      }
    }
    return angle;
  }

  /** Time until `sectors` have passed the heads, when the one before `lba` has just done so. */
  passNs(lba: number, sectors: number): number {
    const before = lba - 1;
    return this.turnNs(this.sweep(before, sectors + 1) - this.sweep(before, 1));
  }

  /** How many sectors from `lba` on, at most so many, pass in `ns` when the one before has just done so. */
  passed(lba: number, ns: number, most: number): number {
    const angle = ns * this.model.rpm;
    let low = 0, high = most;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const needed = this.sweep(lba - 1, middle + 1) - this.sweep(lba - 1, 1);
      if (needed <= angle) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #zoneOf(lba: number): number {
    let low = 0, high = this.#zoneFirst.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#zoneFirst[middle]! <= lba) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
