// The network card and the cable: wire arithmetic, rings, power.

import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { Clock } from "../../kernel/clock.ts";
import { type NicOptions, type Packet, wireNs } from "../../kernel/dev/nic.ts";
import { Cable, type CableOptions } from "../../kernel/net/mod.ts";
import { MSS_BYTES } from "../../kernel/net/params.ts";
import { ACK, Segment, SYN } from "../../kernel/net/segment.ts";
import { Trace } from "../../kernel/trace.ts";
import { TestMachine, us } from "./net_fixture.ts";

const GIGABIT = 1_000_000_000;

function segment(bytes: number, flags = ACK): Segment {
  const from = { host: "kettle", port: 1 }, to = { host: "mirror", port: 2 };
  return new Segment(from, to, flags, 0, 0, 0, new Uint8Array(bytes));
}

/** Two cards on a cable, and when each packet arrived at the second, which takes it at once. */
function makeCards(latencyNs: number, options: NicOptions = {}) {
  const clock = new Clock();
  const trace = new Trace();
  const a = new TestMachine("kettle", 0, clock, trace);
  const b = new TestMachine("mirror", 1, clock, trace);
  b.costs.interruptNs = b.costs.packetNs = 0;
  a.settings.nic = b.settings.nic = options;
  const bitsPerSecond = Math.max(GIGABIT, options.bitsPerSecond ?? 0);
  const [from, to] = new Cable(0, a, b, { latencyNs, bitsPerSecond }).ends;
  const arrivals: number[] = [];
  to.onPacket = () => arrivals.push(clock.now);
  const run = () => {
    while (clock.pending > 0) {
      clock.now = clock.nextDue;
      clock.takeNext().fire();
    }
  };
  return { clock, trace, a, b, from, to, arrivals, run };
}

test("a frame is what IP sends and 18 bytes, at least 64", () => {
  assertEquals(segment(0).frameBytes, 64);
  assertEquals(segment(0, SYN).frameBytes, 78);
  assertEquals(segment(6).frameBytes, 64);
  assertEquals(segment(7).frameBytes, 65);
  assertEquals(segment(MSS_BYTES).frameBytes, 1518);
});

test("a frame occupies the wire for its bytes and 20 more at the line rate", () => {
  const table = [[64, 672], [78, 784], [512, 4256], [1518, 12_304], [
    9018,
    72_304,
  ]] as const;
  for (const [frame, ns] of table) {
    assertEquals(wireNs(frame, GIGABIT), ns);
    assertEquals(wireNs(frame, GIGABIT / 10), ns * 10);
    assertEquals(wireNs(frame, GIGABIT * 10), Math.round(ns / 10));
  }
});

test("bursts take exactly the times of back-to-back frames", () => {
  const bursts = [
    [1000, 8_624],
    [14_600, 123_040],
    [65_536, 552_368],
    [1_048_576, 8_837_264],
  ] as const;
  for (const [bytes, expectedNs] of bursts) {
    let ns = 0;
    for (let left = bytes; left > 0; left -= MSS_BYTES) {
      ns += wireNs(segment(Math.min(left, MSS_BYTES)).frameBytes, GIGABIT);
    }
    assertEquals(ns, expectedNs);
  }
});

test("a burst at 10 Gb/s is as long as its bits: no rounding adds up", () => {
  const { from, arrivals, run } = makeCards(0, { bitsPerSecond: 10 * GIGABIT });
  for (let i = 0; i < 5; i++) from.send(segment(MSS_BYTES));
  for (let i = 0; i < 5; i++) from.send(segment(0));
  run();
  // 1230.4 ns each, then 67.2
  assertEquals(arrivals.slice(0, 5), [1230, 2461, 3691, 4922, 6152]);
  assertEquals(arrivals.slice(5), [6219, 6286, 6354, 6421, 6488]);
});

test("most frames a second and the goodput ceiling are those of Ethernet", () => {
  const perSecond = (frame: number) =>
    Math.floor(GIGABIT / wireNs(frame, GIGABIT));
  assertEquals([64, 78, 512, 1518, 9018].map(perSecond), [
    1_488_095,
    1_275_510,
    234_962,
    81_274,
    13_830,
  ]);
  const goodput = MSS_BYTES * 8 / wireNs(1518, GIGABIT);
  assertAlmostEquals(goodput, 0.94928, 0.00001);
});

test("a packet arrives when its last bit is on the wire and the latency has passed", () => {
  const { from, arrivals, run } = makeCards(5 * us);
  from.send(segment(0, SYN));
  run();
  assertEquals(arrivals, [784 + 5_000]);
});

test("packets go back to back, and the two directions do not disturb each other", () => {
  const { clock, from, to, arrivals, run } = makeCards(5 * us);
  const back: number[] = [];
  from.onPacket = () => back.push(clock.now);
  for (let i = 0; i < 3; i++) from.send(segment(MSS_BYTES));
  to.send(segment(0));
  run();
  assertEquals(arrivals, [17_304, 29_608, 41_912]);
  assertEquals(back, [5_672]);
});

test("the slower of card and cable sets the rate", () => {
  const { from, arrivals, run } = makeCards(0, { bitsPerSecond: GIGABIT / 10 });
  from.send(segment(MSS_BYTES));
  run();
  assertEquals(arrivals, [123_040]);
});

test("a full transmit ring has no room until half of it is on the wire", () => {
  const { clock, from, arrivals, run } = makeCards(0, { txRing: 4 });
  let roomAt = -1;
  from.onRoom = () => roomAt = clock.now;
  for (let i = 0; i < 4; i++) {
    assertEquals(from.hasRoom, true);
    from.send(segment(0));
  }
  assertEquals(from.hasRoom, false);
  assertThrows(() => from.send(segment(0)), Error, "ring full");
  run();
  assertEquals(roomAt, 2 * 672);
  assertEquals(arrivals.length, 4);
  assertEquals(clock.pending, 0);
});

test("a ring of one sends frame after frame without a gap", () => {
  const { clock, from, arrivals, run } = makeCards(0, { txRing: 1 });
  let left = 5;
  const more = () => {
    while (left > 0 && from.hasRoom) {
      left--;
      from.send(segment(0));
    }
  };
  from.onRoom = more;
  more();
  run();
  assertEquals(arrivals, [672, 1344, 2016, 2688, 3360]);
  assertEquals(clock.pending, 0);
});

test("a receive ring drops what comes while it is full, and the trace says so", () => {
  const { b, trace, from, arrivals, run } = makeCards(0, { rxRing: 2 });
  b.costs.packetNs = 10 * us;
  for (let i = 0; i < 5; i++) from.send(segment(0));
  run();
  assertEquals(arrivals.length, 3);
  const drops = [...trace.events()].filter((event) =>
    event.kind === "net_drop"
  );
  assertEquals(drops.length, 2);
  assertEquals(
    drops.map((event) => event.kind === "net_drop" && event.info)[0],
    "kettle>mirror ACK: receive ring full",
  );
});

test("when the power goes, what is on the wire arrives and what is in the ring does not", () => {
  const { clock, from, arrivals, run } = makeCards(5 * us);
  for (let i = 0; i < 4; i++) from.send(segment(0));
  clock.now = 2 * 672;
  from.powerOff();
  run();
  assertEquals(arrivals, [5_672, 6_344]);
});

test("a packet for a machine that is off is dropped", () => {
  const { trace, from, to, arrivals, run } = makeCards(0);
  to.powerOff();
  from.send(segment(0));
  run();
  assertEquals(arrivals, []);
  const [drop] = [...trace.events()].filter((event) =>
    event.kind === "net_drop"
  );
  assertEquals(
    drop?.kind === "net_drop" && drop.info,
    "kettle>mirror ACK: nobody is there",
  );
});

test("a cable takes whole numbers only", () => {
  const { a, b } = makeCards(0);
  const cable = (options: CableOptions) => () => new Cable(1, a, b, options);
  assertThrows(cable({ latencyNs: -1 }), RangeError, "latencyNs");
  assertThrows(cable({ latencyNs: 0.5 }), RangeError, "latencyNs");
  assertThrows(cable({ bitsPerSecond: 0 }), RangeError, "bitsPerSecond");
});

test("a card takes whole numbers from 1", () => {
  for (const name of ["bitsPerSecond", "txRing", "rxRing"]) {
    for (const value of [0, 1.5, NaN, -1]) {
      const make = () => makeCards(0, { [name]: value });
      assertThrows(make, RangeError, name);
    }
  }
});

test("a card knows its neighbour by the name of the machine", () => {
  const { from, to } = makeCards(0);
  assertEquals([from.peerName, to.peerName], ["mirror", "kettle"]);
  const packet: Packet = segment(0);
  assertEquals(packet.describe(), "kettle>mirror ACK");
});
