// A long file is written back and somebody reads another: the sweep of the arm
// follows the file upwards, and the reader behind it must not wait to its end.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  clock,
  close,
  type Main,
  MiB,
  ms,
  open,
  read,
  s,
  sleep,
  write,
} from "kettle";
import type { PolicyName } from "../../kernel/dev/hdd_policy.ts";
import { assertTraceAddsUp, boot } from "../conformance/doors.ts";

const CHUNK = new Uint8Array(1 * MiB);

/** Writes without end. */
const writer: Main = function* writer() {
  const fd = yield* open("/home/big", "w");
  for (;;) yield* write(fd, CHUNK);
};

/** Reads files that are not in memory, one after another; gives how long each took. */
function reader(tookNs: number[]): Main {
  return function* reader() {
    yield* sleep(200 * ms);
    for (let i = 0; i < 4; i++) {
      const before = yield* clock();
      const fd = yield* open(`/bin/${i}`);
      yield* read(fd, 4096);
      yield* close(fd);
      tookNs.push((yield* clock()) - before);
    }
  };
}

const FILES = Object.fromEntries(
  Array.from({ length: 4 }, (_, i) => [`/bin/${i}`, "x".repeat(4096)]),
);

function readTimes(policy: PolicyName): { tookNs: number[]; bytes: number } {
  const { world, machine } = boot({ files: FILES, disk: { policy } });
  machine.files.disk.cache.forget();
  const tookNs: number[] = [];
  machine.spawn(writer);
  const process = machine.spawn(reader(tookNs));
  world.run({ until: process, untilNs: 60 * s });
  assertTraceAddsUp(world);
  return { tookNs, bytes: machine.files.device.stats.write.sectors * 512 };
}

test("a read waits no longer than two portions and its turn, under every policy", () => {
  for (const policy of ["c-look", "deadline"] as const) {
    const { tookNs } = readTimes(policy);
    assertEquals(tookNs.length, 4, policy);
    // The directory, the inode and the data: each up to 75 ms, and its portion.
    const worst = Math.max(...tookNs);
    assert(worst < 500 * ms, `${policy}: ${worst / ms} ms`);
  }
});

test("the writer goes on meanwhile", () => {
  const { tookNs, bytes } = readTimes("c-look");
  const seconds = tookNs.reduce((sum, ns) => sum + ns, 0.2 * s) / s;
  const rate = bytes / MiB / seconds;
  assert(rate > 40, `${rate} MiB/s`);
});
