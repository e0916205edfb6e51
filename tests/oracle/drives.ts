// What the drives are held against: seek tables and media rates of the real ones
// (Western Digital's DiskSim files), the two drives of OSTEP's figure 37.6.

import { Geometry } from "../../kernel/dev/hdd_geometry.ts";
import {
  HDD_MODELS,
  type HddModel,
  seekNs,
} from "../../kernel/dev/hdd_model.ts";
import { makePolicy } from "../../kernel/dev/hdd_policy.ts";
import { RandomStream } from "../../kernel/random.ts";
import { driveBench } from "../kernel/hdd_bench.ts";
import type { Row } from "./oracle.ts";

export function modelNamed(name: string): HddModel {
  return HDD_MODELS.find((model) => model.name === name)!;
}

interface SeekTable {
  /** To the next cylinder, ms. */
  next: number;
  /** Share of the cylinders → ms. */
  at: [number, number][];
  /** Cylinders → ms. */
  full: [number, number];
}

/** From the measured tables. */
const SEEK_SAMPLES: Record<string, SeekTable> = {
  "cheetah-9lp": {
    next: 0.831,
    at: samples(1.263, 1.940, 3.628, 4.561, 5.644, 6.879, 8.690, 10.247),
    full: [6_894, 10.627],
  },
  "barracuda": {
    next: 1.943,
    at: samples(2.176, 3.785, 6.170, 8.248, 9.577, 11.606, 14.215, 16.458),
    full: [4_986, 16.679],
  },
  "nearline-4tb": {
    next: 1.6, // 1.4 to 1.8
    at: samples(1.520, 2.548, 4.841, 6.300, 7.800, 9.400, 11.800, 13.800),
    full: [310_098, 14.2],
  },
};

function samples(...ms: number[]): [number, number][] {
  return [0.001, 0.01, 0.1, 0.2, 1 / 3, 0.5, 0.75, 0.95]
    .map((share, i) => [share, ms[i]!]);
}

/** Single seeks: ±0.25 ms where a fit stands for the table, ±0.01 ms where the table itself does. */
export function seekSamples(): Row[] {
  return Object.entries(SEEK_SAMPLES).flatMap(([name, { next, at, full }]) => {
    const model = modelNamed(name);
    const distances: [number, number, string][] = [
      [1, next, "to the next cylinder"],
      ...at.map(([share, ms]): [number, number, string] => [
        Math.round(share * model.cylinders),
        ms,
        `${(share * 100).toFixed(1)} %`,
      ]),
      [...full, "full"],
    ];
    return distances.map(([distance, ms, text]) => ({
      what: `${name} seek ${text}`,
      unit: "ms",
      reference: ms,
      measured: seekNs(model, distance) / 1e6,
      tolerance: { amount: "length" in model.seek ? 0.01 : 0.25 },
    }));
  });
}

/** The mean over uniform pairs of cylinders. */
export function meanSeeks(): Row[] {
  const means: [string, number][] = [
    ["cheetah-9lp", 5.467],
    ["barracuda", 9.325],
    ["nearline-4tb", 7.447],
    ["cheetah-15k5", 4],
    ["barracuda-es2", 9],
  ];
  return means.map(([name, reference]) => ({
    what: `${name} mean random seek`,
    unit: "ms",
    reference,
    measured: meanSeekNs(modelNamed(name)) / 1e6,
    tolerance: { share: 0.005 },
  }));
}

/** P(d) = 2(C − d)/C² for uniform cylinders. */
function meanSeekNs(model: HddModel): number {
  const { cylinders } = model;
  let sum = 0;
  for (let d = 1; d < cylinders; d++) {
    sum += seekNs(model, d) * (cylinders - d);
  }
  return 2 * sum / cylinders ** 2;
}

/** Reading one whole track, outermost and innermost: MB/s without skew. */
export function mediaRates(): Row[] {
  const rates: [string, number, number][] = [
    ["cheetah-9lp", 21.77, 14.31],
    ["barracuda", 11.43, 7.31],
    ["nearline-4tb", 188.74, 95.85],
  ];
  return rates.flatMap(([name, outer, inner]) => {
    const model = modelNamed(name);
    const { capacity } = new Geometry(model);
    const last = model.zones.at(-1)!.sectorsPerTrack;
    return [
      mediaRate(`${name} outermost track`, model, 0, outer),
      mediaRate(`${name} innermost track`, model, capacity - last, inner),
    ];
  });
}

function mediaRate(
  what: string,
  model: HddModel,
  lba: number,
  reference: number,
): Row {
  const disk = driveBench(makePolicy("fcfs"), { model });
  const { sectorsPerTrack } = disk.hdd.geometry.locate(lba);
  disk.submit(lba, sectorsPerTrack);
  disk.run();
  const measured = sectorsPerTrack * 512 / disk.services[0]!.transferNs * 1e3;
  return {
    what,
    unit: "MB/s",
    reference,
    measured,
    tolerance: { share: 0.003 },
  };
}

/** Reading in order from the outermost track, skew and all: 188.7 / 1.1417. */
export function sequentialRates(): Row[] {
  const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
  const sectors = 200 * 2_048, piece = 256;
  disk.submit(0, piece);
  disk.run();
  const start = disk.clock.now;
  for (let lba = piece; lba < sectors; lba += piece) {
    disk.submit(lba, piece);
    disk.run();
  }
  const bytes = (sectors - piece) * 512;
  return [{
    what: "nearline-4tb in order, 128 KiB a read",
    unit: "MB/s",
    reference: 165.3,
    measured: bytes / (disk.clock.now - start) * 1e3,
    tolerance: { share: 0.01 },
  }];
}

/** OSTEP figure 37.6, its arithmetic done exactly: 4 KB at random, 100 MB in order. */
export function ostepTable(reads = 20_000): Row[] {
  const drives: [string, number, number, number, number][] = [
    ["cheetah-15k5", 6.032768, 0.678959, 806, 124.07],
    ["barracuda-es2", 13.205676, 0.310170, 965.55, 103.57],
  ];
  return drives.flatMap(([name, randomMs, randomRate, wholeMs, wholeRate]) => {
    const model = modelNamed(name);
    const random = randomReadMs(model, reads);
    const whole = hundredMegabytesMs(model);
    const row = (
      what: string,
      unit: string,
      reference: number,
      measured: number,
    ) => ({
      what: `${name} ${what}`,
      unit,
      reference,
      measured,
      tolerance: { share: 0.03 },
    });
    return [
      row("4 KB at random", "ms", randomMs, random),
      row("4 KB at random", "MB/s", randomRate, 4.096 / random),
      row("100 MB in order", "ms", wholeMs, whole),
      row("100 MB in order", "MB/s", wholeRate, 1e5 / whole),
    ];
  });
}

function randomReadMs(model: HddModel, reads: number): number {
  const disk = driveBench(makePolicy("fcfs"), { model });
  const random = new RandomStream(1, "ostep");
  for (let i = 0; i < reads; i++) {
    disk.submit(random.integer(disk.hdd.geometry.capacity - 8));
    disk.run();
  }
  return disk.clock.now / reads / 1e6;
}

/** Somewhere, so with a seek and a turn before it. */
function hundredMegabytesMs(model: HddModel): number {
  const random = new RandomStream(2, "ostep");
  const sectors = Math.round(1e8 / 512), tries = 50;
  const disk = driveBench(makePolicy("fcfs"), { model });
  for (let i = 0; i < tries; i++) {
    disk.submit(random.integer(disk.hdd.geometry.capacity - sectors), sectors);
    disk.run();
  }
  return disk.clock.now / tries / 1e6;
}
