// The drives one can have, as data with their sources, and the seek curve. A
// model knows no time and no queue; where a sector lies is in hdd_geometry.ts.
//
// Seek curve (Ruemmler & Wilkes, IEEE Computer 27(3), 1994): a + b·√d for
// d < k cylinders, c + e·d from there on. The parameters are least-squares fits
// to the seek tables that Western Digital published with DiskSim 4.0. Where a fit
// is poor, points of the table itself are used, and √d between them.

/** Cylinders from `firstCylinder` on have `sectorsPerTrack` sectors of 512 bytes on each track. */
export interface Zone {
  firstCylinder: number;
  sectorsPerTrack: number;
}

export interface SeekFit {
  /** To the next cylinder, where the curve is too far from the table there. */
  nextNs?: number;
  aNs: number;
  bNs: number;
  k: number;
  cNs: number;
  eNs: number;
}

/** Distance in cylinders, time in ns; the nearest first, from 1 on. */
export type SeekPoints = readonly (readonly [distance: number, ns: number])[];

export interface HddModel {
  name: string;
  source: string;
  rpm: number;
  cylinders: number;
  /** Surfaces, one head each. */
  heads: number;
  /** Outermost first. */
  zones: readonly Zone[];
  seek: SeekFit | SeekPoints;
  /** The controller reads the command. */
  overheadNs: number;
  /** To another surface of the same cylinder, in place of a seek. */
  headSwitchNs: number;
  /** A write needs the head steadier than a read. */
  writeSettleNs: number;
  /** The controller finds what is asked in its buffer. */
  readHitNs: number;
  /** It takes what is written into its write cache. */
  writeHitNs: number;
  /** One sector over the bus between drive and machine. */
  busSectorNs: number;
  /** How far it reads on after a read, in sectors. */
  segmentSectors: number;
  /** What its write cache holds, in sectors. */
  writeCacheSectors: number;
  /** How far the first sector moves on from track to track, in 1/1,000,000 of a turn. */
  trackSkew: number;
  /** The same from the last track of a cylinder to the next cylinder. */
  cylinderSkew: number;
}

const WDSIM = "westerndigitalcorporation/DiskSim at 84d646391ac7";

/** `count` zones of equally many cylinders, tracks shrinking evenly from `outer` to `inner` sectors. */
function evenZones(
  cylinders: number,
  count: number,
  outer: number,
  inner: number,
): Zone[] {
  return Array.from({ length: count }, (_, zone) => ({
    firstCylinder: Math.floor(cylinders * zone / count),
    sectorsPerTrack: Math.round(outer - (outer - inner) * zone / (count - 1)),
  }));
}

/** Zones from two lists, as data sheets give them. */
function listedZones(first: number[], sectors: number[]): Zone[] {
  return first.map((firstCylinder, zone) => ({
    firstCylinder,
    sectorsPerTrack: sectors[zone]!,
  }));
}

/** The default: a 7200 rpm nearline drive of 4 TB. */
const NEARLINE_4TB: HddModel = {
  name: "nearline-4tb",
  source: `${WDSIM}, G4_LBA_64bit_4T (fit over 1,492 points, rms 0.147 ms); ` +
    "zones simplified to 59 of equal width",
  rpm: 7200,
  cylinders: 310_194,
  heads: 10,
  zones: evenZones(310_194, 59, 3072, 1560),
  seek: {
    aNs: 1_414_300,
    bNs: 19_548,
    k: 68_243,
    cNs: 4_530_500,
    eNs: 31.31,
  },
  overheadNs: 162_000,
  headSwitchNs: 1_000,
  writeSettleNs: 0,
  readHitNs: 162_000,
  writeHitNs: 456_000,
  busSectorNs: 853, // SATA 6 Gb/s: 600 MB/s
  segmentSectors: 2_048, // a share of the 64 MiB that such drives have
  writeCacheSectors: 65_536, // the half of it
  trackSkew: 141_700,
  cylinderSkew: 141_700,
};

/** A fast server drive of 1999. */
const CHEETAH_9LP: HddModel = {
  name: "cheetah-9lp",
  source: `${WDSIM}, valid/cheetah9LP (fit over 106 points, rms 0.061 ms)`,
  rpm: 10_045,
  cylinders: 6_962,
  heads: 12,
  zones: listedZones(
    [0, 848, 1645, 2394, 3098, 3759, 4381, 4966, 5516, 6032, 6518],
    [254, 245, 238, 227, 217, 209, 201, 189, 181, 174, 167],
  ),
  seek: {
    nextNs: 831_000,
    aNs: 1_068_500,
    bNs: 97_308,
    k: 1_114,
    cNs: 3_110_800,
    eNs: 1_078.92,
  },
  overheadNs: 284_000,
  headSwitchNs: 30_000,
  writeSettleNs: 461_000,
  readHitNs: 66_000,
  writeHitNs: 500_000,
  busSectorNs: 6_400, // Ultra2 SCSI: 80 MB/s
  segmentSectors: 561, // 3 segments in the original
  writeCacheSectors: 561,
  trackSkew: 381_890,
  cylinderSkew: 523_622,
};

/** A desktop drive of 1997. */
const BARRACUDA: HddModel = {
  name: "barracuda",
  source:
    `${WDSIM}, valid/barracuda, ST32171W (10 points of its table; the fit is 0.36 ms off at some)`,
  rpm: 7200,
  cylinders: 5_172,
  heads: 5,
  zones: listedZones(
    [0, 1129, 2354, 2763, 3100, 3389, 3702, 4015, 4328, 4617, 4930],
    [186, 185, 177, 170, 163, 157, 148, 141, 135, 126, 119],
  ),
  seek: [
    [1, 1_943_000],
    [5, 2_176_000],
    [52, 3_785_000],
    [517, 6_170_000],
    [1_034, 8_248_000],
    [1_724, 9_577_000],
    [2_586, 11_606_000],
    [3_879, 14_215_000],
    [4_913, 16_458_000],
    [4_986, 16_679_000],
  ],
  overheadNs: 613_000,
  headSwitchNs: 100_000,
  writeSettleNs: 0,
  readHitNs: 82_000,
  writeHitNs: 929_000,
  busSectorNs: 12_800, // Ultra Wide SCSI: 40 MB/s
  segmentSectors: 281, // 3 segments in the original
  writeCacheSectors: 281,
  trackSkew: 198_925,
  cylinderSkew: 279_570,
};

// The two drives of chapter 37 of Operating Systems: Three Easy Pieces. The book
// gives the mean seek, the speed and the transfer rate; cylinders follow from the
// capacity. The curve goes through the data sheet's track-to-track seek and has
// the book's mean; sectors a track are such that the rate with skew is the book's.
const OSTEP = "OSTEP ch. 37, figure 37.5, and the drive's data sheet";

/** Cheetah 15K.5: 4 ms, 15,000 rpm, 125 MB/s. */
const CHEETAH_15K5: HddModel = {
  name: "cheetah-15k5",
  source: OSTEP,
  rpm: 15_000,
  cylinders: 68_200,
  heads: 8,
  zones: [{ firstCylinder: 0, sectorsPerTrack: 1_074 }],
  seek: {
    aNs: 169_828,
    bNs: 30_172,
    k: 13_640,
    cNs: 2_817_027,
    eNs: 64.266,
  },
  overheadNs: 0,
  headSwitchNs: 100_000,
  writeSettleNs: 500_000, // 3.5 ms to read, 4.0 to write
  readHitNs: 50_000,
  writeHitNs: 100_000,
  busSectorNs: 1_600, // Ultra320 SCSI: 320 MB/s
  segmentSectors: 1_024,
  writeCacheSectors: 16_384, // the half of 16 MiB
  trackSkew: 100_000,
  cylinderSkew: 100_000,
};

/** Barracuda ES.2: 9 ms, 7,200 rpm, 105 MB/s. */
const BARRACUDA_ES2: HddModel = {
  name: "barracuda-es2",
  source: OSTEP,
  rpm: 7_200,
  cylinders: 129_857,
  heads: 8,
  zones: [{ firstCylinder: 0, sectorsPerTrack: 1_880 }],
  seek: {
    aNs: 755_157,
    bNs: 44_843,
    k: 25_971,
    cNs: 5_727_348,
    eNs: 86.808,
  },
  overheadNs: 0,
  headSwitchNs: 500_000,
  writeSettleNs: 1_000_000, // 8.5 ms to read, 9.5 to write
  readHitNs: 50_000,
  writeHitNs: 100_000,
  busSectorNs: 1_707, // SATA 3 Gb/s: 300 MB/s
  segmentSectors: 1_024,
  writeCacheSectors: 16_384,
  trackSkew: 100_000,
  cylinderSkew: 100_000,
};

export const DEFAULT_MODEL = NEARLINE_4TB;
export const HDD_MODELS: readonly HddModel[] = [
  NEARLINE_4TB,
  CHEETAH_9LP,
  BARRACUDA,
  CHEETAH_15K5,
  BARRACUDA_ES2,
];

/** Moving the arm `distance` cylinders, in whole ns. */
export function seekNs(model: HddModel, distance: number): number {
  if (distance === 0) return 0;
  if ("length" in model.seek) return between(model.seek, distance);
  const { nextNs, aNs, bNs, k, cNs, eNs } = model.seek;
  if (distance === 1 && nextNs !== undefined) return nextNs;
  return Math.round(
    distance < k ? aNs + bNs * Math.sqrt(distance) : cNs + eNs * distance,
  );
}

/** Beyond the last point as between the last two. */
function between(points: SeekPoints, distance: number): number {
  let i = 1;
  while (i < points.length - 1 && points[i]![0] < distance) i++;
  const [near, nearNs] = points[i - 1]!, [far, farNs] = points[i]!;
  const from = Math.sqrt(near);
  const share = (Math.sqrt(distance) - from) / (Math.sqrt(far) - from);
  return Math.round(nearNs + share * (farNs - nearNs));
}
