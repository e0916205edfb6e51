// How a machine takes what its cards receive: interrupts, moderation, polling,
// the budget and the thread after it, and what offered load does to a program
// with and without polling.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { World } from "../../kernel/mod.ts";
import { Clock } from "../../kernel/clock.ts";
import type { NicOptions } from "../../kernel/dev/nic.ts";
import { Cable } from "../../kernel/net/mod.ts";
import { ACK, Segment } from "../../kernel/net/segment.ts";
import { Trace } from "../../kernel/trace.ts";
import { assertNothingLeaked } from "../conformance/doors.ts";
import { livelock, offer } from "../oracle/livelock.ts";
import { isWithin, rowText } from "../oracle/oracle.ts";
import { kill } from "../../mod.ts";
import { TestMachine, us } from "./net_fixture.ts";

function frame(): Segment {
  const from = { host: "kettle", port: 1 }, to = { host: "mirror", port: 2 };
  return new Segment(from, to, ACK, 0, 0, 0, new Uint8Array(0));
}

/** A card that gets frames of 64 bytes, 672 ns each, and when each was taken. */
function makeReceiver(options: NicOptions = {}) {
  const clock = new Clock();
  const a = new TestMachine("kettle", 0, clock, new Trace());
  const b = new TestMachine("mirror", 1, clock, new Trace());
  b.settings.nic = options;
  const [from, to] = new Cable(0, a, b, { latencyNs: 0 }).ends;
  const taken: number[] = [];
  to.onPacket = () => taken.push(clock.now);
  const runUntil = (untilNs: number) => {
    while (clock.pending > 0 && clock.nextDue <= untilNs) {
      clock.now = clock.nextDue;
      clock.takeNext().fire();
    }
    clock.now = untilNs;
  };
  return { clock, from, to, b, taken, runUntil };
}

test("the first frame interrupts; what comes while it is worked on is polled", () => {
  const { from, to, b, taken, runUntil } = makeReceiver();
  for (let i = 0; i < 3; i++) from.send(frame());
  runUntil(20 * us);
  // 672: interrupt and frame, 2.5 µs; then the two that wait, 1 µs each
  assertEquals(taken, [672, 3_172, 4_172]);
  assertEquals(to.counters.interrupts, 1);
  assertEquals(b.stolenNs, 1_500 + 3 * 1_000);
});

test("a card whose ring was found empty interrupts again", () => {
  const { from, to, taken, runUntil } = makeReceiver();
  from.send(frame());
  runUntil(3_172);
  from.send(frame());
  runUntil(20 * us);
  assertEquals(taken, [672, 3_844]);
  assertEquals(to.counters.interrupts, 2);
});

test("without polling each frame interrupts, one after the other", () => {
  const { from, to, b, taken, runUntil } = makeReceiver({ napi: false });
  for (let i = 0; i < 3; i++) from.send(frame());
  runUntil(20 * us);
  assertEquals(taken, [672, 3_172, 5_672]);
  assertEquals(to.counters.interrupts, 3);
  assertEquals(b.stolenNs, 3 * 2_500);
});

test("a moderated card lets frames gather until it may interrupt again", () => {
  const { from, to, taken, runUntil } = makeReceiver({ moderationNs: 50 * us });
  from.send(frame());
  runUntil(10 * us);
  for (let i = 0; i < 4; i++) from.send(frame());
  runUntil(100 * us);
  // the second interrupt is due 50 µs after the first, at 672 ns
  assertEquals(taken, [672, 50_672, 53_172, 54_172, 55_172]);
  assertEquals(to.counters.interrupts, 2);
});

test("a frame that comes just when a moderated interrupt is due makes no second one", () => {
  const { clock, from, to, taken, runUntil } = makeReceiver({
    moderationNs: 50 * us,
  });
  from.send(frame());
  runUntil(49 * us);
  // the first frame came at 672 ns, so the interrupt of this one is due at 50,672
  from.send(frame());
  clock.now = 50_000;
  from.send(frame()); // arrives at 50,672, before the interrupt that is due then
  runUntil(200 * us);
  assertEquals(taken, [672, 50_672, 53_172]);
  assertEquals(to.counters.interrupts, 2);
});

test("a moderated interrupt that is due when the power goes never comes", () => {
  const { clock, from, to, b, taken, runUntil } = makeReceiver({
    moderationNs: 50 * us,
  });
  from.send(frame());
  runUntil(10 * us);
  from.send(frame());
  runUntil(12 * us);
  b.network.powerOff();
  runUntil(100 * us);
  assertEquals(taken, [672]);
  assertEquals(to.received, 0);
  assertEquals(clock.pending, 0);
});

test("what a program gets saturates with polling and collapses without", () => {
  for (const row of livelock()) assert(isWithin(row), rowText(row));
});

test("ksoftirqd takes the rest of a long round, cannot be killed, and leaves nothing", () => {
  const seen: string[] = [];
  const { world, server, before } = offer({
    perSecond: 1_400_000,
    seconds: 0.01,
    trace: true,
    during: function* (machine) {
      for (const process of [...machine.processes.values()]) {
        if (process.name !== "ksoftirqd/0" || seen.length > 0) continue;
        try {
          yield* kill(process.pid, "KILL");
          seen.push("killed");
        } catch (error) {
          seen.push((error as { code: string }).code);
        }
      }
    },
  });
  assertEquals(seen, ["EPERM"]);
  assert(world.run().reason === "done");
  const names = [...server.processes.values()].map(({ name }) => name);
  assert(!names.includes("ksoftirqd/0"), names.join());
  assertNothingLeaked({ world, machine: server, before });
});

test("a card's options are checked", () => {
  const boot = (nic: NicOptions) => () => new World().boot({ nic });
  assertThrows(boot({ moderationNs: -1 }), RangeError, "nic.moderationNs");
  assertThrows(boot({ napi: 1 as never }), TypeError, "true or false");
  const both = { napi: false, moderationNs: 1 };
  assertThrows(boot(both), TypeError, "needs polling");
});
