// What a drive has in its buffers: what it read on, what it has taken and not yet
// written; and the deadline policy.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { makePolicy } from "../../kernel/dev/hdd_policy.ts";
import { SECTOR_BYTES } from "../../kernel/dev/platter.ts";
import { RandomStream } from "../../kernel/random.ts";
import { driveBench } from "./hdd_bench.ts";

const TURN_NS = 8_333_333;
const MS = 1e6;

function sectors(count: number, byte: number): Uint8Array {
  return new Uint8Array(count * SECTOR_BYTES).fill(byte);
}

// ------------------------------------------------------------- read-ahead

test("small reads in sequence lose no turn, also when the host thinks in between", () => {
  for (const thinkNs of [0, 100_000, 500_000]) {
    const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
    disk.submit(0);
    disk.run();
    const start = disk.clock.now;
    for (let i = 1; i <= 200; i++) {
      disk.clock.now += thinkNs;
      disk.submit(i * 8);
      disk.run();
    }
    const each = (disk.clock.now - start) / 200 - thinkNs;
    assert(each < 0.25 * MS, `${each} ns after ${thinkNs}`);
    assert(disk.services.slice(1).every(({ cached }) => cached));
  }
});

test("without read-ahead each of them loses a turn", () => {
  const disk = driveBench(makePolicy("fcfs"));
  for (let i = 0; i < 20; i++) {
    disk.submit(i * 8);
    disk.run();
  }
  assert(disk.clock.now > 19 * TURN_NS);
});

test("a read in one piece and the same read in small pieces take nearly the same time", () => {
  const whole = driveBench(makePolicy("fcfs"), { readAhead: true });
  whole.submit(0, 8_000);
  whole.run();
  const pieces = driveBench(makePolicy("fcfs"), { readAhead: true });
  for (let lba = 0; lba < 8_000; lba += 64) {
    pieces.submit(lba, 64);
    pieces.run();
  }
  const ratio = pieces.clock.now / whole.clock.now;
  assert(ratio > 0.99 && ratio < 1.1, `${ratio}`);
});

test("it reads on only so far: what lies beyond has to be sought again", () => {
  const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
  disk.submit(0);
  disk.run();
  disk.clock.now += 100 * MS;
  disk.submit(8 + 2_048 - 8);
  disk.run();
  disk.clock.now += 100 * MS;
  disk.submit(20_000);
  disk.run();
  assertEquals(disk.services.map(({ cached }) => cached), [false, true, false]);
});

test("a read elsewhere ends it: what had passed by then is still there", () => {
  const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
  disk.submit(0);
  disk.run();
  disk.clock.now += 1 * MS; // some 368 sectors pass
  disk.submit(4_000_000);
  disk.run();
  disk.submit(8);
  disk.run();
  assertEquals(disk.services.map(({ cached }) => cached), [
    false,
    false,
    false,
  ]);
});

test("what is written is not read from the buffer", () => {
  const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
  disk.submit(0);
  disk.run();
  disk.clock.now += 5 * MS;
  disk.submit(16, 8, true, sectors(8, 7));
  disk.run();
  const into = sectors(8, 0);
  disk.submit(16, 8, false, into);
  disk.run();
  assertEquals(into, sectors(8, 7));
  assertEquals(disk.services[2]!.cached, false);
});

test("read-ahead changes when data comes, never what it is", () => {
  const random = new RandomStream(5, "read-ahead");
  for (let round = 0; round < 20; round++) {
    const disk = driveBench(makePolicy("satf"), {
      readAhead: true,
      writeCache: round % 2 === 1,
    });
    const model = new Uint8Array(400);
    for (let i = 0; i < 60; i++) {
      const lba = random.integer(390), count = 1 + random.integer(10);
      if (random.integer(2) === 0) {
        model.fill(i, lba, lba + count);
        disk.submit(
          lba,
          count,
          true,
          sectors(count, i),
          random.integer(3) === 0,
        );
      } else {
        const into = sectors(count, 255);
        disk.submit(lba, count, false, into);
        disk.run();
        for (let j = 0; j < count; j++) {
          assertEquals(into[j * SECTOR_BYTES], model[lba + j]);
        }
      }
      disk.run();
      disk.clock.now += random.integer(3 * MS);
    }
  }
});

// ------------------------------------------------------------- write cache

test("without a write cache, writing one sector again and again takes a turn each time", () => {
  const disk = driveBench(makePolicy("fcfs"));
  disk.submit(1_000, 1, true);
  disk.run();
  const start = disk.clock.now;
  for (let i = 0; i < 120; i++) {
    disk.submit(1_000, 1, true);
    disk.run();
  }
  const each = (disk.clock.now - start) / 120;
  assert(Math.abs(each - TURN_NS) < 2, `${each} ns`); // 120 a second
});

test("with one, a write is done when the drive has it, and the platter gets it later", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  disk.submit(5_000_000, 8, true, sectors(8, 9));
  while (disk.done.length === 0) disk.step();
  assert(disk.clock.now < 0.6 * MS, `${disk.clock.now} ns`);
  const into = sectors(8, 0);
  disk.platter.read(5_000_000, into);
  assertEquals(into, sectors(8, 0));
  disk.run();
  disk.platter.read(5_000_000, into);
  assertEquals(into, sectors(8, 9));
});

test("what the cache holds is lost with the power, and FLUSH is there to prevent it", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  disk.submit(5_000_000, 8, true, sectors(8, 9));
  while (disk.done.length < 1) disk.step();
  disk.flush();
  while (disk.done.length < 2) disk.step();
  assert(disk.clock.now > 1 * MS);
  disk.submit(6_000_000, 8, true, sectors(8, 3));
  while (disk.done.length < 3) disk.step();
  disk.hdd.freeze();
  const into = sectors(8, 0);
  disk.platter.read(5_000_000, into);
  assertEquals(into, sectors(8, 9));
  disk.platter.read(6_000_000, into);
  assertEquals(into, sectors(8, 0));
  assertEquals(disk.clock.pending, 0);
});

test("a write with FUA is on the platter when it is done", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  disk.submit(5_000_000, 8, true, sectors(8, 1));
  disk.submit(5_000_004, 8, true, sectors(8, 2), true);
  while (!disk.done.some(({ id }) => id === 2)) disk.step();
  const into = sectors(8, 0);
  disk.platter.read(5_000_004, into);
  assertEquals(into, sectors(8, 2));
  disk.run(); // the older one comes after it, and does not undo it
  disk.platter.read(5_000_000, into);
  assertEquals(
    into.filter((_, i) => i % SECTOR_BYTES === 0),
    Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2),
  );
});

test("a full cache makes the next write wait until something is on the platter", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  for (let i = 0; i < 20; i++) disk.submit(i * 1_000_000, 4_096, true);
  while (disk.done.length < 20) disk.step();
  assert(disk.hdd.dirtySectors <= 65_536);
  assert(disk.done[19]!.at - disk.done[14]!.at > 20 * MS);
  disk.run();
  assertEquals(disk.hdd.dirtySectors, 0);
});

// ------------------------------------------------------------- deadline

test("deadline serves upwards in batches of reads, and writes after two batches at the latest", () => {
  const disk = driveBench(makePolicy("deadline"));
  disk.submit(9e8); // in service at once
  for (let i = 0; i < 3; i++) disk.submit(1e9 + i * 8, 8, true);
  for (let i = 0; i < 28; i++) disk.submit(2e9 + i * 8);
  let refill = 0;
  disk.onDone(() => {
    if (refill++ < 40) disk.submit(3e9 + refill * 8);
  });
  disk.run();
  const firstWrite = disk.done.findIndex(({ id }) => id >= 2 && id <= 4);
  assert(firstWrite >= 16 && firstWrite <= 49, `${firstWrite}`);
});

test("deadline serves a read whose time has come before those that lie nearer", () => {
  const disk = driveBench(makePolicy("deadline"));
  disk.submit(4e9);
  disk.submit(7_000_000_000); // far up, never reached by going upwards
  for (let i = 0; i < 25; i++) disk.submit(5e9 + i * 800_000);
  let position = 5e9 + 25 * 800_000;
  disk.onDone(() => {
    if (disk.done.length < 300) disk.submit(position += 800_000);
  });
  disk.run();
  const far = disk.done.find(({ id }) => id === 2)!;
  assert(far.at > 500 * MS && far.at < 900 * MS, `${far.at / MS} ms`);
  const look = driveBench(makePolicy("sstf"));
  assertEquals(look.hdd.queueDepth, 32);
});
