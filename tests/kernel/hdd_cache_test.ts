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

test("after a pause the buffer is full, and from there on it is the platter's pace again", () => {
  const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
  disk.submit(0);
  disk.run();
  disk.clock.now += 200 * MS;
  const start = disk.clock.now;
  const piece = 256, pieces = 400;
  for (let i = 0; i < pieces; i++) {
    disk.submit(8 + i * piece, piece);
    disk.run();
  }
  const rate = pieces * piece * 512 / (disk.clock.now - start) * 1e3;
  assert(rate > 150 && rate < 170, `${rate} MB/s`); // 165.3 less a turn, plus 1 MiB
});

test("the buffer keeps what it has place for: what was read long before is gone", () => {
  const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
  for (let lba = 0; lba < 40_000; lba += 2_000) {
    disk.submit(lba, 2_000);
    disk.run();
  }
  disk.submit(39_000);
  disk.run();
  disk.submit(8);
  disk.run();
  assertEquals(disk.services.slice(-2).map(({ cached }) => cached), [
    true,
    false,
  ]);
});

test("a read elsewhere ends it, and gives the buffer to what follows there", () => {
  const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
  disk.submit(0);
  disk.run();
  disk.clock.now += 1 * MS;
  for (const lba of [4_000_000, 4_000_008, 8]) {
    disk.submit(lba);
    disk.run();
  }
  assertEquals(disk.services.map(({ cached }) => cached), [
    false,
    false,
    true,
    false,
  ]);
});

test("a write elsewhere ends it: what had passed by then is still there, and no more", () => {
  const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
  disk.submit(0);
  disk.run();
  disk.clock.now += 1 * MS; // some 368 sectors pass
  disk.submit(4_000_000, 8, true);
  disk.run();
  disk.clock.now += 50 * MS;
  for (const lba of [300, 800]) {
    disk.submit(lba);
    disk.run();
  }
  assertEquals(disk.services.map(({ cached }) => cached), [
    false,
    false,
    true,
    false,
  ]);
});

test("reading on, the arm goes along to the next cylinder", () => {
  const disk = driveBench(makePolicy("fcfs"), { readAhead: true });
  const cylinderSectors = 10 * 3_072;
  disk.submit(cylinderSectors - 16);
  disk.run();
  disk.clock.now += 50 * MS;
  disk.submit(2 * cylinderSectors - 8); // the last of cylinder 1, beyond the buffer
  disk.run();
  const [, second] = disk.services;
  assertEquals([second!.cached, second!.cylinder], [false, 1]);
  assertEquals(second!.seekNs, 1_000); // another head, no seek
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

test("a cached write of what the arm is writing comes after it", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  disk.submit(5_000_000, 8, true, sectors(8, 1), true);
  disk.submit(5_000_004, 8, true, sectors(8, 2));
  disk.submit(6_000_000, 8, true, sectors(8, 3));
  disk.run();
  assertEquals(disk.done.map(({ id }) => id), [3, 1, 2]);
  const into = sectors(8, 0);
  disk.platter.read(5_000_004, into);
  assertEquals(into, sectors(8, 2));
});

test("reads go before what nobody waits for, and a flush gets through any number of reads", () => {
  const disk = driveBench(makePolicy("sstf"), { writeCache: true });
  const random = new RandomStream(4, "flush");
  const cached = [1e9, 3e9, 5e9, 7e9];
  disk.submit(0);
  for (const lba of cached) disk.submit(lba, 8, true);
  let reads = 1_000;
  disk.onDone(({ write }) => {
    if (!write && --reads > 0) disk.submit(random.integer(7e9));
  });
  for (let i = 0; i < 16; i++) disk.submit(random.integer(7e9));
  while (reads > 500) disk.step();
  assertEquals(disk.hdd.dirtySectors, 32);
  const { id } = disk.flush();
  while (!disk.done.some((it) => it.id === id)) disk.step();
  assertEquals(disk.hdd.dirtySectors, 0);
  assert(reads > 300, `${reads} reads left`);
});

test("a full cache makes the next write wait until something is on the platter", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  for (let i = 0; i < 40; i++) disk.submit(i * 4_096, 4_096, true);
  while (disk.done.length < 40) {
    disk.step();
    assert(disk.hdd.dirtySectors <= 65_536);
  }
  const at = (n: number) => disk.done[n]!.at;
  assert(at(14) - at(4) < 41 * MS, `${at(14) - at(4)}`); // at the pace of the bus
  const pace = 10 * 4_096 * 512 / 165.3e6 * 1e9; // of the platter
  assert(Math.abs((at(39) - at(29)) / pace - 1) < 0.2, `${at(39) - at(29)}`);
  disk.run();
  assertEquals(disk.hdd.dirtySectors, 0);
});

test("a cached write does not wait for the arm", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  disk.submit(7e9); // a read far away
  disk.submit(5_000_000, 8, true, sectors(8, 9));
  disk.run();
  assertEquals(disk.done.map(({ id }) => id), [2, 1]);
  assertEquals(disk.done[0]!.at, 456_000 + 8 * 853);
});

test("writing the same sector again and again into the cache takes its place once", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  disk.submit(7e9); // keeps the arm away
  for (let i = 0; i < 20; i++) {
    disk.submit(5_000_000, 8, true, sectors(8, i));
  }
  while (disk.done.length < 20) disk.step();
  assertEquals(disk.hdd.dirtySectors, 8);
  disk.run();
  const into = sectors(8, 0);
  disk.platter.read(5_000_000, into);
  assertEquals(into, sectors(8, 19));
});

test("what is written again while it is on its way to the platter is written once more", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  disk.submit(5_000_000, 8, true, sectors(8, 1));
  while (disk.done.length < 1) disk.step(); // the arm moves now
  disk.submit(5_000_000, 8, true, sectors(8, 2));
  while (disk.done.length < 2) disk.step();
  assertEquals(disk.hdd.dirtySectors, 16);
  const into = sectors(8, 0);
  disk.submit(5_000_000, 8, false, into);
  while (disk.done.length < 3) disk.step();
  assertEquals(into, sectors(8, 2)); // from the cache, before any of it is written
  while (disk.hdd.dirtySectors === 16) disk.step();
  disk.platter.read(5_000_000, into);
  assertEquals(into, sectors(8, 1)); // what was on its way
  disk.run();
  disk.platter.read(5_000_000, into);
  assertEquals(into, sectors(8, 2));
});

test("a flush waits for what came before it and not for what comes after", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  disk.submit(1e9, 8, true, sectors(8, 1));
  while (disk.done.length < 1) disk.step();
  disk.flush(); // request 2
  for (let i = 0; i < 25; i++) disk.submit(5e9 + i * 1e6, 8, true);
  while (!disk.done.some(({ id }) => id === 2)) disk.step();
  const into = sectors(8, 0);
  disk.platter.read(1e9, into);
  assertEquals(into, sectors(8, 1));
  assert(disk.hdd.dirtySectors > 0);
});

test("without a write cache a flush takes no time and asks nothing of the arm", () => {
  const disk = driveBench();
  disk.submit(5e9);
  disk.flush();
  disk.run();
  assertEquals(disk.done[0], { id: 2, at: 0 });
  assertEquals(disk.done.length, 2);
});

test("a full cache of 4 KiB writes is emptied in order of access time, not in order of arrival", () => {
  const disk = driveBench(makePolicy("fcfs"), { writeCache: true });
  const random = new RandomStream(2, "destage");
  const { capacity } = disk.hdd.geometry;
  const writes = 2_000;
  for (let i = 0; i < writes; i++) {
    disk.submit(random.integer(capacity - 8), 8, true);
  }
  disk.run();
  const perSecond = writes / disk.clock.now * 1e9;
  assert(perSecond > 230 && perSecond < 400, `${perSecond}`);
});

/** Four areas of 16 sectors, far apart; each sector's writes in order, and how many of them must be on the platter. */
class Written {
  readonly values: number[][] = Array.from({ length: 64 }, () => [0]);
  readonly durable: number[] = new Array(64).fill(0);

  lba(cell: number): number {
    return Math.floor(cell / 16) * 1e9 + cell % 16;
  }

  add(first: number, count: number, value: number): void {
    for (let i = first; i < first + count; i++) this.values[i]!.push(value);
  }

  /** What is written by now is on the platter. */
  settle(first = 0, count = 64): void {
    for (let i = first; i < first + count; i++) {
      this.durable[i] = this.values[i]!.length - 1;
    }
  }
}

test("after a power cut each sector has what was flushed, or something written later, whole", () => {
  const random = new RandomStream(9, "power cut");
  let lost = 0;
  for (let round = 0; round < 300; round++) {
    const disk = driveBench(makePolicy("satf"), {
      readAhead: true,
      writeCache: true,
    });
    const written = new Written();
    const until = (id: number) => {
      while (!disk.done.some((it) => it.id === id)) disk.step();
    };
    for (let i = 1; i <= 12; i++) {
      const area = random.integer(4) * 16, from = random.integer(12);
      const count = 1 + random.integer(4), first = area + from;
      const fua = random.integer(6) === 0;
      if (random.integer(5) === 0) {
        until(disk.flush().id);
        written.settle();
      } else {
        written.add(first, count, i);
        const data = sectors(count, i);
        until(disk.submit(written.lba(first), count, true, data, fua).id);
        if (fua) written.settle(first, count);
      }
      disk.clock.now = Math.min(
        disk.clock.now + random.integer(2 * MS),
        disk.clock.nextDue,
      );
    }
    disk.hdd.freeze();
    assertEquals([disk.clock.pending, disk.hdd.dirtySectors], [0, 0]);
    for (let cell = 0; cell < 64; cell++) {
      const seen = sectors(1, 255);
      disk.platter.read(written.lba(cell), seen);
      assert(seen.every((byte) => byte === seen[0]), "torn");
      const values = written.values[cell]!;
      const allowed = values.slice(written.durable[cell]);
      assert(allowed.includes(seen[0]!), `${seen[0]} of ${allowed}`);
      if (seen[0] !== values.at(-1)) lost++;
    }
  }
  assert(lost > 100, `${lost}`); // the cuts do lose what was only cached
});

// ------------------------------------------------------------- deadline

/** The order in which a policy serves a queue of which nothing else is known than where, when and whether it writes. */
function served(
  queue: { lba: number; write?: boolean; arrivedNs?: number }[],
  now = 0,
): number[] {
  const policy = makePolicy("deadline");
  const left = queue.map(({ lba, write = false, arrivedNs = 0 }) => ({
    lba,
    write,
    arrivedNs,
    sectors: 8,
    cylinder: lba,
  }));
  const order: number[] = [];
  const arm = {
    now,
    cylinder: 0,
    lastCylinder: 199,
    nextLba: 0,
    positioningNs: () => 0,
  };
  while (left.length > 0) {
    const { index } = policy.choose(left, arm);
    order.push(left.splice(index, 1)[0]!.lba);
  }
  return order;
}

test("deadline goes upwards for 16, and on from there if nothing has waited too long", () => {
  const queue = Array.from({ length: 20 }, (_, i) => ({ lba: 200 - i }));
  const upwards = queue.map(({ lba }) => lba).reverse();
  assertEquals(served(queue), upwards);
  // 500 ms later: each batch begins with the oldest; 16 upwards of it, if there are.
  const late = served(queue, 500e6);
  assertEquals(late.slice(0, 3), [200, 199, 198]);
});

test("deadline takes the oldest of a kind when nothing lies further up", () => {
  assertEquals(
    served([{ lba: 50, write: true }, { lba: 30 }, { lba: 90 }]),
    [30, 90, 50],
  );
  const policy = makePolicy("deadline");
  const at = (lba: number) => ({
    lba,
    write: false,
    arrivedNs: 0,
    sectors: 8,
    cylinder: 0,
  });
  const arm = {
    now: 0,
    cylinder: 0,
    lastCylinder: 0,
    nextLba: 0,
    positioningNs: () => 0,
  };
  assertEquals(policy.choose([at(183)], arm).index, 0);
  assertEquals(policy.choose([at(65), at(14), at(37)], arm).index, 0);
  assertEquals(policy.choose([at(14), at(37), at(124)], arm).index, 2);
});

test("deadline serves writes after two batches of reads, or when their 5 s are over by then", () => {
  const reads = Array.from({ length: 48 }, (_, i) => ({ lba: i }));
  const order = served([{ lba: 500, write: true }, ...reads]);
  assertEquals(order.indexOf(500), 32);
  const many = Array.from({ length: 96 }, (_, i) => ({
    lba: i,
    write: i >= 64,
  }));
  const kinds = served(many).map((lba) => lba >= 64 ? "W" : "r").join("");
  assertEquals(kinds.match(/r+|W+/g)!.map((it) => it.length), [32, 16, 32, 16]);
  const writes = [{ lba: 900, write: true }, { lba: 500, write: true }];
  assertEquals(served(writes, 4_999e6), [500, 900]);
  assertEquals(served(writes, 5_000e6), [900, 500]);
});

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
