import { test } from "node:test";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Geometry } from "../../kernel/dev/hdd_geometry.ts";
import {
  DEFAULT_MODEL,
  HDD_MODELS,
  seekNs,
} from "../../kernel/dev/hdd_model.ts";
import {
  makePolicy,
  POLICIES,
  type Policy,
  type PolicyName,
  Scan,
} from "../../kernel/dev/hdd_policy.ts";
import { Platter } from "../../kernel/dev/platter.ts";
import { driveBench as bench } from "./hdd_bench.ts";
import { RandomStream } from "../../kernel/random.ts";

const MS = 1e6;

test("a request from a resting arm costs overhead, seek, turn and transfer, to the ns", () => {
  const disk = bench();
  const { geometry } = disk.hdd;
  // Cylinder 100,000 lies in zone 19: 3072 − 19·1512/58, rounded, is 2577 sectors a track.
  const zone = DEFAULT_MODEL.zones[19]!;
  assertEquals(zone, { firstCylinder: 99892, sectorsPerTrack: 2577 });
  let lba = 0;
  while (geometry.locate(lba).cylinder < 100_000) lba += 2577;
  disk.submit(lba, 8);
  disk.run();
  const seek = Math.round(4_530_500 + 31.31 * geometry.locate(lba).cylinder);
  const arrive = 162_000 + seek;
  const turned = arrive * 7200 % 60e9;
  const target = geometry.angleOf(geometry.locate(lba));
  const rotate = Math.ceil(((target - turned + 60e9) % 60e9) / 7200);
  const transfer = Math.ceil(Math.ceil(8 * 60e9 / 2577) / 7200);
  assertEquals(transfer, 25_870);
  assertEquals(disk.services[0], {
    startNs: 0,
    overheadNs: 162_000,
    seekNs: seek,
    settleNs: 0,
    rotateNs: rotate,
    transferNs: transfer,
    cylinder: geometry.locate(lba).cylinder,
    endNs: arrive + rotate + transfer,
    cached: false,
  });
  assertEquals(disk.done, [{ id: 1, at: arrive + rotate + transfer }]);
});

test("the first sector of the disk, asked at time 0, comes by after one turn less the overhead", () => {
  const disk = bench();
  disk.submit(0, 1);
  disk.run();
  assertEquals(disk.services[0]!.seekNs, 0);
  // A turn is 8,333,333⅓ ns; a phase that does not divide is rounded up.
  assertEquals(disk.services[0]!.rotateNs, 8_333_334 - 162_000);
});

test("the angle under the heads is exact at any time up to 2^53 ns", () => {
  const geometry = new Geometry(DEFAULT_MODEL);
  for (const now of [1, 8_333_333, 60e9 + 1, 2 ** 53 - 1]) {
    const exact = Number(BigInt(now) * 7200n % 60_000_000_000n);
    assertEquals(geometry.angleAt(now), exact);
  }
});

test("every sector is found again in its place, and places go up with numbers", () => {
  for (const model of HDD_MODELS) {
    const geometry = new Geometry(model);
    const last = geometry.locate(geometry.capacity - 1);
    assertEquals(last.cylinder, model.cylinders - 1);
    assertEquals(last.head, model.heads - 1);
    assertEquals(last.sector, last.sectorsPerTrack - 1);
    const random = new RandomStream(1, model.name);
    for (let i = 0; i < 500; i++) {
      const lba = random.integer(geometry.capacity - 1);
      const a = geometry.locate(lba), b = geometry.locate(lba + 1);
      const position = (it: typeof a) =>
        (it.cylinder * model.heads + it.head) * 10_000 + it.sector;
      assert(position(a) < position(b));
      assert(a.sector < a.sectorsPerTrack && a.head < model.heads);
    }
  }
});

test("the default drive holds nearly 4 TB on 59 zones from 3072 to 1560 sectors a track", () => {
  const { zones } = DEFAULT_MODEL;
  assertEquals(zones.length, 59);
  assertEquals(zones[0]!.sectorsPerTrack, 3072);
  assertEquals(zones[58]!.sectorsPerTrack, 1560);
  const bytes = new Geometry(DEFAULT_MODEL).capacity * 512;
  assert(bytes > 3.6e12 && bytes < 4.0e12, `${bytes}`);
});

test("seek times meet the measured curves within 0.25 ms", () => {
  const samples: Record<string, number[]> = {
    "nearline-4tb": [1.520, 2.548, 4.841, 6.300, 7.800, 9.400, 11.800, 13.800],
    "cheetah-9lp": [1.263, 1.940, 3.628, 4.561, 5.644, 6.879, 8.690, 10.247],
  };
  const parts = [0.001, 0.01, 0.1, 0.2, 1 / 3, 0.5, 0.75, 0.95];
  for (const model of HDD_MODELS.filter(({ name }) => name in samples)) {
    parts.forEach((part, i) => {
      const ms = seekNs(model, Math.round(part * model.cylinders)) / MS;
      assertAlmostEquals(ms, samples[model.name]![i]!, 0.25);
    });
  }
  assertAlmostEquals(seekNs(DEFAULT_MODEL, 310_098) / MS, 14.2, 0.25);
});

test("the mean of a random seek is 7.447 ms on the default drive", () => {
  const { cylinders } = DEFAULT_MODEL;
  let sum = 0;
  for (let d = 1; d < cylinders; d++) {
    sum += 2 * (cylinders - d) / cylinders / cylinders *
      seekNs(DEFAULT_MODEL, d);
  }
  assertAlmostEquals(sum / MS, 7.447, 0.001);
});

test("a long read runs at the media rate of its zone less the skew", () => {
  const rate = (lba: number) => {
    const disk = bench();
    disk.submit(lba, 200_000);
    disk.run();
    return 200_000 * 512 / disk.services[0]!.transferNs * 1000;
  };
  const { capacity } = new Geometry(DEFAULT_MODEL);
  assertAlmostEquals(rate(0), 188.74 / 1.1417, 1);
  assertAlmostEquals(rate(capacity - 200_000), 95.85 / 1.1417, 1);
});

test("one request after the other in sequence misses a turn each time, without read-ahead", () => {
  const disk = bench();
  let lba = 0;
  disk.onDone(() => {
    if (lba < 100 * 8) disk.submit(lba += 8);
  });
  disk.submit(lba);
  disk.run();
  const perRead = disk.clock.now / 101;
  assertAlmostEquals(perRead / MS, 8.35, 0.05);
});

test("another head of the same cylinder costs a head switch in place of a seek", () => {
  const disk = bench();
  disk.submit(0);
  disk.submit(3072);
  disk.run();
  assertEquals(disk.services.map((it) => it.seekNs), [0, 1_000]);
});

test("a write settles where the model says so, a read does not", () => {
  const model = HDD_MODELS.find(({ name }) => name === "cheetah-9lp")!;
  const disk = bench(makePolicy("fcfs"), { model });
  disk.submit(1000, 8, true);
  disk.submit(2000, 8, false);
  disk.run();
  assertEquals(disk.services.map((it) => it.settleNs), [461_000, 0]);
});

/** IOPS of random 4 KiB reads with `depth` always in the drive. */
function closedLoop(policy: PolicyName, depth: number, reads = 4000): number {
  const disk = bench(makePolicy(policy));
  const random = new RandomStream(7, `${policy} ${depth}`);
  const { capacity } = disk.hdd.geometry;
  let submitted = 0;
  const next = () => {
    if (submitted++ < reads) {
      disk.submit(Math.floor(random.integer(capacity - 8) / 8) * 8);
    }
  };
  disk.onDone(next);
  for (let i = 0; i < depth; i++) next();
  disk.run();
  return reads / (disk.clock.now / 1e9);
}

test("random reads reach the rate of the drive, and better policies more at depth", () => {
  const fcfs = closedLoop("fcfs", 1);
  assertAlmostEquals(fcfs, 84.7, 84.7 * 0.03);
  assertAlmostEquals(closedLoop("fcfs", 16), fcfs, fcfs * 0.03);
  const cLook = closedLoop("c-look", 16);
  assertAlmostEquals(cLook, 128.5, 128.5 * 0.04);
  const satf = closedLoop("satf", 16);
  assertAlmostEquals(satf, 161.9, 161.9 * 0.04);
  assert(satf > closedLoop("sstf", 16));
});

/** The order in which a queue of cylinders is served, and the arm's travel. */
function travel(policy: Policy, start: number) {
  let cylinder = start, total = 0;
  const queue = [98, 183, 37, 122, 14, 124, 65, 67]
    .map((cylinder) => ({
      cylinder,
      lba: cylinder,
      sectors: 0,
      write: false,
      arrivedNs: 0,
    }));
  while (queue.length > 0) {
    const arm = {
      now: 0,
      cylinder,
      lastCylinder: 199,
      nextLba: cylinder,
      positioningNs: (it: { cylinder: number }) =>
        Math.abs(it.cylinder - cylinder),
    };
    const { index, via } = policy.choose(queue, arm);
    const next = queue.splice(index, 1)[0]!.cylinder;
    total += via === null
      ? Math.abs(next - cylinder)
      : Math.abs(via - cylinder) + Math.abs(next - via);
    cylinder = next;
  }
  return total;
}

test("the textbook queue moves the arm as far as the textbook says", () => {
  assertEquals(travel(makePolicy("fcfs"), 53), 640);
  assertEquals(travel(makePolicy("sstf"), 53), 236);
  assertEquals(travel(makePolicy("satf"), 53), 236); // without rotation the same
  assertEquals(travel(makePolicy("c-look"), 53), 322);
  // It knows no arm: upwards from where its last batch was, which is 0 at first.
  assertEquals(travel(makePolicy("deadline"), 53), 208);
  assertEquals(travel(new Scan(-1), 53), 236);
  assertEquals(travel(new Scan(1), 53), 331);
});

test("fcfs serves in order of arrival, c-look upwards and then from the lowest", () => {
  const order = (policy: PolicyName) => {
    const disk = bench(makePolicy(policy));
    for (const lba of [4e9, 5e9, 1e9, 3e9, 6e9, 2e9]) disk.submit(lba);
    disk.run();
    return disk.done.map(({ id }) => id);
  };
  assertEquals(order("fcfs"), [1, 2, 3, 4, 5, 6]);
  assertEquals(order("c-look"), [1, 2, 5, 3, 6, 4]);
});

test("the drive chooses among 32 requests and not one more", () => {
  const disk = bench(makePolicy("sstf"));
  disk.submit(0);
  for (let i = 1; i <= 31; i++) disk.submit(1e9 + i * 8);
  disk.submit(8); // the nearest, but it is the thirty-third
  disk.step();
  assertEquals(disk.hdd.pending, 32);
  disk.run();
  // It came into the queue when request 1 ended, and was nearest then.
  assertEquals(disk.done.slice(0, 2).map(({ id }) => id), [1, 33]);
});

test("a request is taken back only while it waits outside the drive", () => {
  const disk = bench(makePolicy("fcfs"), { queueDepth: 2 });
  const [serving, queued, outside] = [0, 8, 16].map((lba) => disk.submit(lba));
  assertEquals(disk.hdd.withdraw(serving!), false);
  assertEquals(disk.hdd.withdraw(queued!), false);
  assertEquals(disk.hdd.isOutside(outside!), true);
  assertEquals(disk.hdd.withdraw(outside!), true);
  assertEquals(disk.hdd.withdraw(outside!), false);
  disk.run();
  assertEquals(disk.done.map(({ id }) => id), [1, 2]);
  assertEquals(disk.hdd.pending, 0);
});

test("data is on the platter when the transfer ends, and not before", () => {
  const disk = bench();
  const data = new Uint8Array(4096).fill(7);
  disk.submit(80, 8, true, data);
  const seen = new Uint8Array(4096);
  disk.clock.now = disk.clock.nextDue - 1;
  disk.platter.read(80, seen);
  assertEquals(seen[0], 0);
  disk.run();
  disk.platter.read(80, seen);
  assertEquals(seen, data);
  const again = new Uint8Array(4096);
  disk.submit(80, 8, false, again);
  disk.run();
  assertEquals(again, data);
});

test("a power cut in a transfer leaves whole sectors, the first ones", () => {
  const disk = bench();
  disk.submit(0, 8, true, new Uint8Array(4096).fill(7));
  const { endNs, transferNs } = disk.services[0]!;
  disk.clock.now = endNs - Math.ceil(transferNs / 2) - 1;
  disk.hdd.freeze();
  const seen = new Uint8Array(4096);
  disk.platter.read(0, seen);
  assertEquals(seen.indexOf(0), 3 * 512);
  assertEquals(seen.lastIndexOf(7), 3 * 512 - 1);
  assertEquals([disk.clock.pending, disk.hdd.pending], [0, 0]);
});

test("a drive says what it does now, and how long still", () => {
  const disk = bench();
  const first = disk.submit(4e9);
  const second = disk.submit(0);
  assertEquals(disk.hdd.describe(first), "controller, 0.2 ms left");
  disk.clock.now = 200_000;
  const { cylinder, seekNs } = disk.services[0]!;
  const left = Math.ceil((162_000 + seekNs - 200_000) / 1e5) / 10;
  assertEquals(
    disk.hdd.describe(first),
    `seek to cylinder ${cylinder}, ${left} ms left`,
  );
  assertEquals(disk.hdd.describe(second), "in the drive's queue of 1");
  disk.run();
  assertEquals(disk.hdd.current, null);
});

test("every policy serves each request exactly once", () => {
  for (const name of Object.keys(POLICIES) as PolicyName[]) {
    const disk = bench(makePolicy(name), { queueDepth: 4 });
    const random = new RandomStream(3, name);
    for (let i = 0; i < 100; i++) disk.submit(random.integer(7e9));
    disk.run();
    const ids = disk.done.map(({ id }) => id).sort((a, b) => a - b);
    assertEquals(ids, Array.from({ length: 100 }, (_, i) => i + 1));
  }
});

test("a platter reads zeros where nothing was written, and keeps sectors apart", () => {
  const platter = new Platter(1000);
  platter.write(5, new Uint8Array(512 * 5).fill(9));
  const seen = new Uint8Array(512 * 12);
  platter.read(0, seen);
  const sectors = Array.from({ length: 12 }, (_, i) => seen[i * 512]);
  assertEquals(sectors, [0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 0, 0]);
  assertEquals([...platter.blocks()].map(([lba]) => lba), [0, 8]);
});
