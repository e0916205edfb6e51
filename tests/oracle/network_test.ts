// The network is held against Ethernet's arithmetic, the RFCs and Linux: to the
// nanosecond wherever the reference is a whole number of them. The same figures
// with their references are printed by `deno task oracle`.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  backlogs,
  bursts,
  frameTimes,
  goodput,
  handshake,
  jumboTime,
  nagle,
  packetRates,
  slowStart,
  synAckRetries,
  synRetries,
} from "./network.ts";
import { isWithin, type Row, rowText } from "./oracle.ts";

function hold(rows: readonly Row[]): void {
  const off = rows.filter((row) => !isWithin(row));
  assertEquals(off.map(rowText), []);
}

test("a frame takes its bytes and 20 more at the line rate", () => {
  hold([...frameTimes(), ...jumboTime()]);
});

test("bursts of frames, and datagrams without end, go back to back", () => {
  hold([...bursts(), ...packetRates()]);
});

test("one program sends another within 1 % of 949.28 Mb/s, with the CPU's costs and without", () => {
  hold(goodput(4));
});

test("connect takes one round trip, accept one and a half, the first byte two and its service", () => {
  for (const latencyNs of [0, 5_000, 50_000_000]) hold(handshake(latencyNs));
});

test("SYN and SYN+ACK are repeated, and given up, at Linux's times", () => {
  hold([...synRetries(), ...synAckRetries()]);
});

test("a backlog admits as many as Linux's, and the others at their next SYN", () => {
  hold(backlogs());
});

test("slow start takes 1 to 10 round trips for 1,460 bytes to 10 MiB, to the nanosecond", () => {
  hold(slowStart());
});

test("Nagle's rule and a delayed acknowledgement stall for 40 ms, and without the rule nothing does", () => {
  for (const latencyNs of [5_000, 250_000, 10_000_000]) hold(nagle(latencyNs));
});
