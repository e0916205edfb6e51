// The figure of the article, to the nanosecond. Every number below is made of
// the stated costs (kernel/params.ts), the wire arithmetic of a 1 Gb/s card and
// the disk's own phases as it traced them. UPDATE_GOLDEN=1 writes the golden
// traces anew; look at the difference before you commit it.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  diskPart,
  figure,
  goldenTrace,
  LATENCY_NS,
  PEER_NS,
  WORK_NS,
} from "./figure.ts";

const TRAP_NS = 200, IRQ_NS = 1_500, PACKET_NS = 1_000, CALLBACK_NS = 1_200;
/** Copying 4096 and 512 bytes at 100 ns/KiB. */
const COPY_4096_NS = 400, COPY_512_NS = 50;
/** A frame of 64 and of 570 bytes with 20 of preamble and gap, at 1 Gb/s. */
const FRAME_1_NS = 672, FRAME_512_NS = 4_720;

/** From the write of the question to the arrival of the answer. */
const ANSWER_NS = FRAME_1_NS + LATENCY_NS + // the question is on its way
  IRQ_NS + PACKET_NS + TRAP_NS + PEER_NS + // the peer takes it and works
  TRAP_NS + COPY_512_NS + FRAME_512_NS + LATENCY_NS; // and answers

test("polling: event (2) comes before (1), and the time is the longer wait plus stated costs", () => {
  const run = figure("poll");
  const { startedAt, serviceNs } = diskPart(run);
  const asked = 3 * TRAP_NS + WORK_NS; // submit, clock, compute, write
  assertEquals(run.order, [2, 1]);
  assertEquals(startedAt, TRAP_NS);
  assertEquals(run.called1, 2 * TRAP_NS);
  assertEquals(run.called2, asked + 2 * TRAP_NS);
  assertEquals(run.returned1, TRAP_NS + serviceNs);
  assertEquals(run.returned2, asked + ANSWER_NS);
  assertEquals(run.end, run.returned1 + IRQ_NS + COPY_4096_NS + TRAP_NS);
});

test("blocking: the time is both waits and the work between them", () => {
  const run = figure("block");
  const { serviceNs } = diskPart(run);
  const first = TRAP_NS + serviceNs + IRQ_NS + COPY_4096_NS;
  assertEquals(run.order, [1, 2]);
  assertEquals(run.returned1, first + TRAP_NS);
  const asked = run.returned1 + WORK_NS + TRAP_NS;
  assertEquals(run.called2, asked + TRAP_NS);
  assertEquals(
    run.returned2,
    asked + ANSWER_NS + IRQ_NS + PACKET_NS + COPY_512_NS + TRAP_NS,
  );
  assertEquals(run.end, run.returned2);
});

test("pushing: the same events at the same times, each with its callback", () => {
  const run = figure("push"), poll = figure("poll");
  assertEquals(run.order, [2, 1]);
  assertEquals([run.returned1, run.returned2], [
    poll.returned1,
    poll.returned2,
  ]);
  assertEquals(
    run.end,
    run.returned1 + IRQ_NS + CALLBACK_NS + COPY_4096_NS + TRAP_NS,
  );
});

test("polling works during the waits in which blocking does nothing", () => {
  const [block, poll] = [figure("block"), figure("poll")];
  const { serviceNs } = diskPart(block);
  assert(poll.end < block.end - WORK_NS);
  assert(poll.end - serviceNs < 5_000, "nothing but the disk is waited for");
});

for (const door of ["block", "poll", "push"] as const) {
  test(`the ${door} figure leaves its golden trace`, () => {
    const folder = join(import.meta.dirname!, "..", "golden");
    const file = join(folder, `figure_${door}.trace`);
    const trace = goldenTrace(figure(door));
    if (process.env.UPDATE_GOLDEN === "1") {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, trace);
    }
    assertEquals(trace, readFileSync(file, "utf8"));
  });
}
