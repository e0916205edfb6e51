// The drive as the trace tells of it: made events whose every time is known, and
// a real run, where the model and the kernel's own drive must agree.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { O_DIRECT, open, read, sleep, submit, wait } from "../../mod.ts";
import { Geometry, TURN } from "../../kernel/dev/hdd_geometry.ts";
import { DEFAULT_MODEL } from "../../kernel/dev/hdd_model.ts";
import { World } from "../../kernel/mod.ts";
import { DiskModel, type DriveView } from "../../web/disk/disk_model.ts";
import {
  countWords,
  sentenceOf,
  turningWords,
} from "../../web/disk/disk_words.ts";
import { made } from "./made_events.ts";

const GEOMETRY = new Geometry(DEFAULT_MODEL);
const LBA = 4_000_000_000;
const PLACE = GEOMETRY.locate(LBA);
const TRANSFER = GEOMETRY.turnNs(GEOMETRY.sweep(LBA, 8));
/** overhead, seek, settle, rotate, transfer: each of these ns. */
const PHASES = [1_000, 4_000, 0, 3_000, TRANSFER];

function at(now: number, more: Parameters<typeof made>[0] = []): DriveView {
  const model = new DiskModel(DEFAULT_MODEL);
  const events = made([
    [0, 0, "machine_boot", { cpus: 1, name: "kettle" }],
    [0, 7, "process_spawn", { ppid: 0, group: 7, name: "cat" }],
    [100, 7, "block_issue", { id: 1, lba: LBA, sectors: 8, write: "read" }],
    [100, 0, "block_start", {
      id: 1,
      phases: `${PHASES.join(" ")} ${PLACE.cylinder}`,
    }],
    [200, 0, "block_issue", { id: 2, lba: 800, sectors: 16, write: "write" }],
    ...more,
  ]);
  for (const event of events) model.add(event);
  return model.at(now);
}

test("the arm stands during the overhead, moves with the seek, and has arrived after it", () => {
  const arms = [1_000, 1_100, 2_100, 3_100, 4_100, 5_100, 6_000]
    .map((now) => at(now).arm / PLACE.cylinder);
  assertEquals(arms, [0, 0, 0.125, 0.5, 0.875, 1, 1]);
});

test("each phase has its words and what is left of it; those that take no time are not named", () => {
  const words = (now: number) => sentenceOf(at(now));
  assertEquals(
    words(600),
    "The controller reads the command of #1: 500 ns left.",
  );
  assertStringIncludes(words(2_100), "The arm seeks to cylinder ");
  assertStringIncludes(words(2_100), "3.00 µs left");
  assertStringIncludes(
    words(6_100),
    "waits for the platter to turn to sector 4,000,000,000: 2.00 µs left",
  );
  assertStringIncludes(words(8_200), "8 sectors pass the head to be read");
  assertEquals(
    at(2_100).phases.map(({ name, leftNs }) => [name, leftNs]),
    [["seek", 3_000], ["turn", 3_000], ["transfer", TRANSFER]],
  );
});

test("who waits is listed with place, process and age; the kernel's own as the kernel's", () => {
  const view = at(5_000);
  assertEquals(view.serving?.who, "cat 7");
  assertEquals(
    view.waiting.map((
      { id, what, cylinder, who, sinceNs },
    ) => [id, what, cylinder, who, sinceNs]),
    [[2, "write", 0, "kernel", 200]],
  );
});

test("when it is done the arm rests where the last sector was", () => {
  const end = 100 + PHASES.reduce((a, b) => a + b, 0);
  const view = at(end + 50, [[end, 0, "block_complete", { id: 1, lba: LBA }]]);
  assertEquals([view.serving, view.arm], [null, PLACE.cylinder]);
  assertEquals(view.counts.reads, 1);
  assertStringIncludes(sentenceOf(view), "1 request waits");
});

test("what the drive's buffer serves does not move the arm", () => {
  const view = at(300, [
    [210, 0, "block_issue", { id: 3, lba: 8, sectors: 8, write: "read" }],
    [210, 0, "block_start", { id: 3, phases: "162000 0 0 0 6824 5" }],
  ]);
  assertEquals([view.serving?.id, view.waiting.length], [1, 1]);
  const alone = new DiskModel(DEFAULT_MODEL);
  for (
    const event of made([
      [0, 7, "block_issue", { id: 3, lba: LBA, sectors: 8, write: "read" }],
      [0, 0, "block_start", { id: 3, phases: "162000 0 0 0 6824 5" }],
    ])
  ) alone.add(event);
  assertEquals(alone.at(9).arm, 0);
  assertStringIncludes(sentenceOf(alone.at(9)), "from the drive's own buffer");
});

test("the platter's angle is a function of the time", () => {
  const turnNs = 60e9 / DEFAULT_MODEL.rpm;
  const angles = [0, turnNs / 4, turnNs / 2, turnNs * 5]
    .map((now) => Math.round(at(Math.round(now) + 1e9).angle * 1000) / 1000);
  const begin = angles[0]!;
  assertEquals(
    angles.map((angle) => Math.round(((angle - begin + 1) % 1) * 100) / 100),
    [0, 0.25, 0.5, 0],
  );
  assertStringIncludes(turningWords(at(0)), "120 times a second");
});

test("the page cache's hits and misses are counted, and the journal's commits", () => {
  const view = at(400, [
    [300, 7, "page_hit", { block: 1, count: 3 }],
    [300, 7, "page_miss", { block: 9, count: 1 }],
    [300, 7, "journal_commit", { sequence: 1, blocks: 4, data: 2 }],
  ]);
  assertEquals(countWords(view), [
    ["drive", "0 reads, 0 writes"],
    ["page cache", "3 hits, 1 miss, 75 % hits"],
    ["journal", "1 commit"],
  ]);
});

test("without power nobody waits", () => {
  const view = at(500, [[400, 0, "machine_off"]]);
  assertEquals([view.serving, view.waiting], [null, []]);
});

test("on a real run it agrees with the drive at every moment", () => {
  const world = new World();
  const content = new Uint8Array(4096 * 40).fill(1);
  const files = { "/home/a": content, "/srv/b": content, "/tmp/c": content };
  const machine = world.boot({ files, disk: { readAhead: false } });
  machine.spawn(function* main() {
    const handles = [];
    for (const path of ["/home/a", "/srv/b", "/tmp/c"]) {
      const fd = yield* open(path, O_DIRECT);
      for (let i = 0; i < 3; i++) {
        handles.push(yield* submit(read(fd, 8192)));
      }
    }
    for (const handle of handles) yield* wait(handle);
    yield* sleep(1);
  });
  const model = new DiskModel(DEFAULT_MODEL);
  const { hdd } = machine.files.device;
  let seen = 0, moments = 0, seeks = 0;
  while (world.step()) {
    for (const event of world.trace.events(seen)) model.add(event);
    seen = world.trace.length;
    const view = model.at(world.now);
    const inDrive = view.waiting.length + (view.serving === null ? 0 : 1);
    assertEquals(inDrive, hdd.pending);
    assertEquals(view.serving?.id, hdd.current?.request.id);
    assertEquals(view.angle, hdd.geometry.angleAt(world.now) / TURN);
    if (view.phases.some(({ name }) => name === "seek")) seeks++;
    moments++;
  }
  assert(moments > 20, String(moments));
  assert(seeks > 0);
  assertEquals(model.at(world.now).arm, hdd.cylinder);
});
