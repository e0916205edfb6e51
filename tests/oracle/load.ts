// The drive under load. Closed loop: so many requests always inside, compared
// with an independent simulator of 40 lines (uniform cylinders and angles, one
// surface, a mean track). Open: Poisson arrivals, compared with the formula of
// Pollaczek and Khinchine for the same service times.

import type { HddModel } from "../../kernel/dev/hdd_model.ts";
import { makePolicy, type PolicyName } from "../../kernel/dev/hdd_policy.ts";
import { RandomStream } from "../../kernel/random.ts";
import { driveBench } from "../kernel/hdd_bench.ts";
import { modelNamed } from "./drives.ts";
import type { Row } from "./oracle.ts";

/** The drive as the reference has it: one surface, tracks all of the mean length, no skew. */
function plain(name: string, sectorsPerTrack: number): HddModel {
  return {
    ...modelNamed(name),
    heads: 1,
    zones: [{ firstCylinder: 0, sectorsPerTrack }],
    trackSkew: 0,
    cylinderSkew: 0,
  };
}

export const PLAIN_4TB = plain("nearline-4tb", 2_540);
export const PLAIN_9LP = plain("cheetah-9lp", 210);

export interface ClosedLoop {
  perSecond: number;
  /** Longest from submission to end, ms. */
  maxMs: number;
}

/** Random 4 KiB reads, `depth` of them always in the drive. */
export function closedLoop(
  model: HddModel,
  policy: PolicyName,
  depth: number,
  reads: number,
): ClosedLoop {
  const disk = driveBench(makePolicy(policy), { model });
  const random = new RandomStream(11, `${policy} ${depth}`);
  const { capacity } = disk.hdd.geometry;
  const since = new Map<number, number>();
  let submitted = 0, maxNs = 0;
  const next = () => {
    if (submitted++ >= reads) return;
    const { id } = disk.submit(random.integer(capacity - 8));
    since.set(id, disk.clock.now);
  };
  disk.onDone(({ id }) => {
    maxNs = Math.max(maxNs, disk.clock.now - since.get(id)!);
    since.delete(id);
    next();
  });
  for (let i = 0; i < depth; i++) next();
  disk.run();
  return { perSecond: reads / (disk.clock.now / 1e9), maxMs: maxNs / 1e6 };
}

export const DEPTHS = [1, 2, 4, 8, 16, 32];
export const POLICIES_COMPARED: PolicyName[] = [
  "fcfs",
  "sstf",
  "c-look",
  "satf",
];
const FOUR_TB: Record<string, number[]> = {
  "fcfs": [84.7, 84.7, 84.7, 84.7, 84.7, 84.7],
  "sstf": [84.7, 95.8, 107.0, 118.8, 130.4, 140.5],
  "c-look": [84.7, 88.1, 100.4, 114.2, 128.5, 140.1],
  "satf": [84.7, 100.3, 117.5, 137.1, 161.9, 191.1],
};
const CHEETAH: Record<string, number[]> = {
  "fcfs": [111.4, 111.4, 111.4, 111.4, 111.4, 111.4],
  "sstf": [111.4, 125.0, 139.2, 153.2, 167.7, 180.3],
  "c-look": [111.4, 115.6, 130.3, 148.4, 165.4, 179.0],
  "satf": [111.4, 131.7, 152.7, 175.4, 201.4, 232.9],
};

/** Reads per second by policy and depth, ±2 % at 20,000 requests. */
export function closedLoops(
  reads = 20_000,
  depths: readonly number[] = DEPTHS,
): Row[] {
  return [
    ...closedLoopRows("nearline-4tb", PLAIN_4TB, FOUR_TB, reads, depths),
    ...closedLoopRows("cheetah-9lp", PLAIN_9LP, CHEETAH, reads, depths),
  ];
}

function closedLoopRows(
  name: string,
  model: HddModel,
  table: Record<string, number[]>,
  reads: number,
  depths: readonly number[],
): Row[] {
  return POLICIES_COMPARED.flatMap((policy) =>
    depths.map((depth) => ({
      what: `${name} ${policy}, ${depth} in the drive`,
      unit: "/s",
      reference: table[policy]![DEPTHS.indexOf(depth)]!,
      measured: closedLoop(model, policy, depth, reads).perSecond,
      tolerance: { share: 0.02 },
    }))
  );
}

// ------------------------------------------------------------- open

/** Mean and deviation of one service and of its seek, ms. */
export function serviceMoments(reads = 200_000): Row[] {
  const disk = driveBench(makePolicy("fcfs"), { model: PLAIN_4TB });
  const random = new RandomStream(3, "moments");
  const service = new Moments(), seek = new Moments();
  for (let i = 0; i < reads; i++) {
    const before = disk.clock.now;
    disk.submit(random.integer(disk.hdd.geometry.capacity - 8));
    disk.run();
    service.add((disk.clock.now - before) / 1e6);
    seek.add(disk.services[0]!.seekNs / 1e6);
    disk.services.length = disk.done.length = 0;
  }
  const row = (what: string, reference: number, measured: number) => ({
    what: `nearline-4tb ${what}`,
    unit: "ms",
    reference,
    measured,
    tolerance: { share: 0.01 },
  });
  return [
    row("service, mean", 11.801652, service.mean),
    row("service, deviation", 3.611028, service.deviation),
    row("seek, mean", 7.446739, seek.mean),
    row("seek, deviation", 2.693045, seek.deviation),
  ];
}

class Moments {
  #count = 0;
  #sum = 0;
  #squares = 0;

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    this.#squares += value * value;
  }

  get mean(): number {
    return this.#sum / this.#count;
  }

  get deviation(): number {
    return Math.sqrt(this.#squares / this.#count - this.mean ** 2);
  }
}

/** Arrivals a second → mean time in the system, ms (Pollaczek–Khinchine). */
export const POISSON: [perSecond: number, ms: number][] = [
  [20, 13.795],
  [40, 17.572],
  [60, 27.456],
  [80, 120.858],
];

/** Mean time in the system with Poisson arrivals, first come first served, ±3 %. */
export function poisson(
  perSecond: number,
  reference: number,
  reads: number,
  seed = 1,
): Row {
  const disk = driveBench(makePolicy("fcfs"), { model: PLAIN_4TB });
  const random = new RandomStream(seed, `poisson ${perSecond}`);
  const { capacity } = disk.hdd.geometry;
  const arrived: number[] = [];
  let sum = 0, ended = 0, taken = 0;
  disk.onDone(() => {
    sum += disk.clock.now - arrived[taken++]!;
    ended++;
    disk.services.length = disk.done.length = 0;
    if (taken > 100_000) {
      arrived.splice(0, taken);
      taken = 0;
    }
  });
  const arrival = {
    left: reads,
    fire() {
      arrived.push(disk.clock.now);
      disk.submit(random.integer(capacity - 8));
      if (--this.left > 0) this.schedule();
    },
    schedule() {
      // Math.log differs between engines in the last bit; a mean does not mind.
      const gap = -Math.log(1 - random.integer(2 ** 31) / 2 ** 31);
      disk.clock.schedule(
        disk.clock.now + Math.round(gap * 1e9 / perSecond),
        this,
      );
    },
  };
  arrival.schedule();
  disk.run();
  return {
    what: `nearline-4tb, ${perSecond} random reads a second`,
    unit: "ms",
    reference,
    measured: sum / ended / 1e6,
    tolerance: { share: 0.03 },
  };
}
