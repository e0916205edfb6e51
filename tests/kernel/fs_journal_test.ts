// The journal: what belongs together is on the platter together or not at all,
// whenever the power goes; and what was synced stays.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { Piece } from "../../kernel/fs/bitmaps.ts";
import { check } from "../../kernel/fs/check.ts";
import { readJournal, ringBlock } from "../../kernel/fs/journal_format.ts";
import { BLOCK_BYTES, JOURNAL_RING } from "../../kernel/fs/layout.ts";
import { Bench, pattern } from "./fs_kit.ts";

/** The power goes now: the same platter in another machine. */
function afterPowerCut(bench: Bench): Bench {
  bench.fs.powerOff();
  assertEquals(check(bench.platter), []);
  return bench.remounted();
}

function records(bench: Bench): number {
  return readJournal((block) => bench.fs.device.peek(block))!.records.length;
}

test("what was not synced is lost with the power, and nothing else", () => {
  const bench = new Bench({ files: { "/home/old": "old" } });
  bench.write("/home/new", "new");
  bench.unlink("/home/old");
  const again = afterPowerCut(bench);
  assertEquals(again.names("/home"), ["old"]);
  assertEquals(again.read("/home/old"), "old");
  again.assertClean();
});

test("fsync keeps the file, its name and everything that was done before it", () => {
  const bench = new Bench();
  bench.mkdir("/home/d");
  const file = bench.open("/home/d/f", "w");
  file.write(pattern(9_000));
  file.fsync();
  file.write("lost");
  const again = afterPowerCut(bench);
  assertEquals(again.readBytes("/home/d/f").subarray(0, 9_000), pattern(9_000));
  again.assertClean();
});

test("the record is on the platter before anything is written home, and replayed from there", () => {
  const bench = new Bench();
  const file = bench.open("/home/f", "w");
  file.write(pattern(5_000));
  file.fsync();
  assertEquals(records(bench), 1);
  bench.settle();
  assertEquals(records(bench), 0);
  file.close();
  bench.assertClean();
});

test("a record of which one sector is missing never happened", () => {
  const bench = new Bench();
  bench.write("/home/f", "x");
  bench.sync();
  const { blocks } = readJournal((it) => bench.fs.device.peek(it))!.records[0]!;
  const sectors = (blocks - 1) * 8 + 1;
  for (let sector = 0; sector < sectors; sector++) {
    const platter = bench.platter.clone();
    const place = bench.fs.device.lba(ringBlock(0)) + sector;
    const before = new Uint8Array(512);
    platter.read(place, before);
    if (before.every((byte) => byte === 0)) continue;
    platter.write(place, new Uint8Array(512));
    assertEquals(check(platter), []);
    assertEquals(new Bench({ platter }).names("/home"), [], `${sector}`);
  }
});

test("the power goes at any step of a rename: the tree has the old name or the new", () => {
  let old = 0, renamed = 0;
  for (let steps = 0; steps < 60; steps++) {
    const bench = new Bench({ files: { "/home/a": "a", "/tmp/b": "b" } });
    const op = bench.start((op) => bench.fs.rename(op, "/home/a", "/tmp/b"));
    while (!op.ended) bench.step();
    const syncing = bench.start((op) => bench.fs.sync(op));
    for (let i = 0; i < steps && bench.clock.pending > 0; i++) bench.step();
    const synced = syncing.ended;
    const again = afterPowerCut(bench);
    const isOld = again.names("/home").length === 1;
    assertEquals(again.read("/tmp/b"), isOld ? "b" : "a");
    assert(!synced || !isOld);
    if (isOld) old++;
    else renamed++;
  }
  assert(old > 0 && renamed > 0, `${old} old, ${renamed} renamed`);
});

test("blocks that were given back are not taken before it is sure that they were", () => {
  const bench = new Bench({ files: { "/home/a": pattern(40_000) } });
  bench.unlink("/home/a");
  bench.write("/home/b", pattern(40_000, 2));
  const data = bench.start((op) => bench.fs.sync(op));
  while (bench.events("block_complete").length < 5 && !data.ended) bench.step();
  // Data of b may be on the platter by now; a's is untouched.
  const again = afterPowerCut(bench);
  if (again.names("/home").includes("a")) {
    assertEquals(again.readBytes("/home/a"), pattern(40_000));
  }
  again.assertClean();
});

test("a disk that is full of what was just deleted has room", () => {
  const bench = new Bench();
  const { bitmaps } = bench.fs.disk.content;
  const others = bitmaps.allocate(bitmaps.freeBlocks - 500, 0) as Piece[];
  const content = pattern(450 * BLOCK_BYTES);
  bench.write("/home/big", content);
  bench.unlink("/home/big");
  bench.write("/home/again", content);
  assertEquals(bench.readBytes("/home/again"), content);
  for (const piece of others) bitmaps.untake(piece);
  bench.write("/home/last", ""); // a transaction, for the bitmaps to go with
  bench.assertClean();
});

test("the journal goes round: thousands of transactions, replayed wherever it stands", () => {
  const bench = new Bench();
  let blocks = 0;
  for (let i = 0; i < 700; i++) {
    const file = bench.open(`/home/f${i % 50}`, "w");
    file.write(pattern(100, i));
    file.fsync();
    file.close();
    blocks += 5;
  }
  assert(blocks > JOURNAL_RING);
  const again = afterPowerCut(bench);
  for (let i = 650; i < 700; i++) {
    assertEquals(again.readBytes(`/home/f${i % 50}`), pattern(100, i));
  }
  again.assertClean();
});

test("a transaction that is full is committed, and whoever comes next goes into the following", () => {
  const bench = new Bench();
  for (let d = 0; d < 60; d++) {
    bench.mkdir(`/home/d${d}`);
    for (let i = 0; i < 20; i++) bench.write(`/home/d${d}/f${i}`, "x");
  }
  for (let i = 0; i < 12_000; i++) bench.write(`/tmp/${i}`, "");
  assert(bench.events("journal_commit").length > 0);
  for (const { blocks } of bench.events("journal_commit")) {
    assert(blocks < 1_500, `${blocks} blocks`);
  }
  bench.assertClean();
});
