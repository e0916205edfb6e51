// Whatever happens to a connection. A few seeds of what tests/long/bad_cables.ts
// runs a thousand of, and what single losses cost.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { life } from "./net_life.ts";
import { repair } from "./net_repair.ts";
import { socketCalls } from "./net_socket_calls.ts";
import { trouble } from "./net_trouble.ts";

test("40 connections whose two ends do anything at any time lose no byte and leave nothing", () => {
  for (let seed = 1; seed <= 40; seed++) life(seed);
});

test("clients that are left in peace get every byte: 20 servers on bad cables, with slow, leaving and killed clients", () => {
  for (let seed = 1; seed <= 20; seed++) trouble(seed);
});

test("4 worlds of random socket calls end with nothing left and no panic", () => {
  let calls = 0, failed = 0;
  for (let seed = 1; seed <= 4; seed++) {
    const counts = socketCalls(seed);
    calls += counts.calls;
    failed += counts.failed;
  }
  // They do something, and are told of something.
  assert(calls > 8_000, `${calls} calls`);
  assert(failed > calls / 10 && failed < calls / 2, `${failed} of ${calls}`);
});

test("the same seed gives the same run, bad cables and cuts and all", () => {
  for (let seed = 100; seed < 103; seed++) {
    assertEquals(trouble(seed), trouble(seed));
  }
});

test("a lost segment goes out again once, and costs a round trip and half the window", () => {
  const { lost, again, ms } = repair(0.01, 40);
  assert(lost > 50, `${lost} lost`);
  assert(again >= lost && again <= lost * 1.05, `${again} again for ${lost}`);
  // Without a loss 5,205 ms. Sums of 40 transfers; without the halving 6,341 ms,
  // with time-outs instead of fast retransmits 21,797 ms.
  assert(ms > 8_500 && ms < 11_500, `${ms} ms`);
});
