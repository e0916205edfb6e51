// Operations on files go on without a blocked thread: several at a time, taken
// back while nothing has happened, and telling what they wait for.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Bench, pattern } from "./fs_kit.ts";

test("two reads of one description take their offsets when they start, in that order", () => {
  const bench = new Bench({ files: { "/f": "abcdef" } });
  const file = bench.open("/f");
  const reads = [file.startRead(2), file.startRead(3), file.startRead(5)];
  assertEquals(file.file.offset, 6);
  bench.settle();
  const texts = reads.map(({ result }) =>
    new TextDecoder().decode(result as Uint8Array)
  );
  assertEquals(texts, ["ab", "cde", "f"]);
  file.close();
  bench.assertClean();
});

/** Files that lie far from each other, none of them in memory. */
function spread(bench: Bench, count: number) {
  const files = Array.from({ length: count }, (_, i) => {
    bench.fs.poke(`/d${i}/f`, pattern(100, i));
    return bench.open(`/d${i}/f`);
  });
  bench.settle();
  bench.fs.dropCaches();
  return files;
}

test("reads that are under way together end in the order the arm passes them", () => {
  const bench = new Bench({ disk: { policy: "c-look" } });
  const files = spread(bench, 6);
  const start = bench.clock.now;
  const ops = files.map((file) => file.startPread(100, 0));
  bench.settle();
  const order = ops.map((op, i) => ({ i, at: op.endedAt }))
    .sort((a, b) => a.at - b.at).map(({ i }) => i);
  assert(order.join() !== "0,1,2,3,4,5", "as they came");
  const cylinders = bench.events("block_start")
    .filter(({ at }) => at >= start)
    .map(({ phases }) => Number(phases.split(" ")[5]));
  const falls = cylinders.filter((it, i) => i > 0 && it < cylinders[i - 1]!);
  assert(falls.length <= 2, cylinders.join(" ")); // the first is at once; one return
  ops.forEach((op, i) => assertEquals(op.result, pattern(100, i)));
  for (const file of files) file.close();
  bench.assertClean();
});

test("with fcfs they end in the order in which they came", () => {
  const bench = new Bench({ disk: { policy: "fcfs" } });
  const files = spread(bench, 6);
  const ops = files.map((file) => file.startPread(100, 0));
  bench.settle();
  const times = ops.map(({ endedAt }) => endedAt);
  assertEquals(times, [...times].sort((a, b) => a - b));
  for (const file of files) file.close();
  bench.assertClean();
});

test("a read is taken back while it waits before the drive, and not once the drive has it", () => {
  const bench = new Bench({ disk: { queueDepth: 1 } });
  const [first, second] = spread(bench, 2);
  const reading = first!.startRead(100);
  const waiting = second!.startRead(100);
  assertEquals(second!.file.offset, 100);
  assertEquals(reading.withdraw("ECANCELED"), false);
  assertEquals(waiting.withdraw("ECANCELED"), true);
  assertEquals(waiting.code, "ECANCELED");
  assertEquals(second!.file.offset, 0);
  assertEquals(waiting.withdraw("ECANCELED"), false);
  bench.settle();
  assertEquals(reading.result, pattern(100, 0));
  assertEquals(second!.read(100), pattern(100, 1));
  first!.close();
  second!.close();
  bench.assertClean();
});

test("what waits for a lock is taken back without a trace, and the next goes on", () => {
  const bench = new Bench({ files: { "/f": "0123456789" } });
  const file = bench.open("/f", "r+");
  const a = file.startWrite("aaa"), b = file.startWrite("bbb");
  assertEquals(a.waitsFor?.kind, "disk"); // for the rest of the block
  const c = file.startRead(10);
  const making = bench.start((op) => bench.fs.mkdir(op, "/home/a"));
  const cancelled = bench.start((op) => bench.fs.mkdir(op, "/home/b"));
  assertEquals(b.waitsFor?.kind, "lock");
  assertEquals(b.withdraw("ETIME"), true);
  assertEquals(cancelled.withdraw("ECANCELED"), true);
  bench.settle();
  assertEquals([a.result, b.code], [3, "ETIME"]);
  assertEquals(new TextDecoder().decode(c.result as Uint8Array), "3456789");
  assertEquals(making.ok, true);
  assertEquals(bench.names("/home"), ["a"]);
  file.close();
  assertEquals(bench.read("/f"), "aaa3456789");
  bench.assertClean();
});

test("an fsync that has begun to write cannot be taken back, and ends as it would have", () => {
  const bench = new Bench();
  const file = bench.open("/home/f", "w");
  file.write(pattern(100));
  const syncing = bench.start((op) => file.object.fsync!(op));
  assertEquals(bench.events("block_issue").at(-1)!.write, "write");
  assertEquals(syncing.withdraw("ECANCELED"), false);
  bench.settle();
  assertEquals(syncing.ok, true);
  file.close();
  assertEquals(bench.remounted().readBytes("/home/f"), pattern(100));
  bench.assertClean();
});

test("an operation taken back at any of its steps leaves the disk whole", () => {
  for (let steps = 0; steps < 12; steps++) {
    const bench = new Bench({
      files: { "/home/f": pattern(9_000) },
      disk: { queueDepth: 1 },
    });
    const file = bench.open("/home/f", "r+");
    file.file.offset = 5_000;
    const ops = [
      bench.start((op) => bench.fs.rename(op, "/home/f", "/tmp/g")),
      file.startWrite(pattern(6_000, 2)),
      bench.start((op) => bench.fs.unlink(op, "/tmp/g")),
      file.startRead(100),
    ];
    for (let i = 0; i < steps && bench.clock.pending > 0; i++) bench.step();
    const before = ops.map((op) => op.ended);
    const taken = ops.map((op) => op.withdraw("ECANCELED"));
    bench.settle();
    ops.forEach((op, i) => {
      assert(op.ended);
      if (taken[i]) assertEquals(op.code, "ECANCELED");
      if (before[i]) assertEquals(taken[i], false);
    });
    file.close();
    bench.assertClean();
  }
});

test("fsync waits for the writes that were started before it", () => {
  const bench = new Bench({ files: { "/f": "" } });
  const file = bench.open("/f", "r+");
  const writing = file.startWrite(pattern(5_000));
  const syncing = bench.start((op) => file.object.fsync!(op));
  bench.settle();
  assert(syncing.endedAt >= writing.endedAt);
  file.close();
  assertEquals(bench.remounted().readBytes("/f"), pattern(5_000));
  bench.assertClean();
});

test("an operation says what it waits for: the phase of the disk, the queue, a lock", () => {
  const bench = new Bench({ files: { "/d/f": pattern(100), "/e/f": "" } });
  const file = bench.open("/d/f", "r+");
  bench.read("/e/f");
  const reading = file.startRead(100);
  assertEquals(reading.waitsFor!.kind, "disk");
  assertMatch(reading.waitsFor!.describe(), /^disk: read, controller/);
  bench.clock.now += 200_000;
  assertMatch(
    reading.waitsFor!.describe(),
    /^disk: read, seek to cylinder \d+, [\d.]+ ms left$/,
  );
  const other = file.startRead(100);
  const writing = file.startWrite("x");
  assertEquals(other.ended, true); // at the end of the file: nothing to wait for
  assertMatch(writing.waitsFor!.describe(), /^its turn at inode \d+$/);
  bench.settle();
  file.close();
  bench.assertClean();
});

test("each request of the disk is issued, started and completed in the trace, by interrupt", () => {
  const bench = new Bench({ files: { "/home/f": pattern(100) } });
  assertEquals(bench.read("/home/f").length > 0, true);
  const issued = bench.events("block_issue");
  // The root, /home and the data; the inodes are in memory since boot.
  assertEquals(issued.map(({ sectors, write }) => [sectors, write]), [
    [8, "read"],
    [8, "read"],
    [8, "read"],
  ]);
  const started = bench.events("block_start");
  const completed = bench.events("block_complete");
  assertEquals(started.map(({ id }) => id), issued.map(({ id }) => id));
  assertEquals(completed.map(({ id }) => id), issued.map(({ id }) => id));
  started.forEach(({ at, phases }, i) => {
    const [overhead, seek, settle, rotate, transfer] = phases.split(" ")
      .map(Number) as [number, number, number, number, number];
    const total = overhead + seek + settle + rotate + transfer;
    assertEquals(completed[i]!.at, at + total);
  });
  assertEquals(bench.interrupts, 3);
});

test("inodes and names are read from the disk on first use and then kept in memory", () => {
  const bench = new Bench({ files: { "/home/f": "x" } }).remounted();
  const reads = (call: () => void) => {
    const before = bench.events("block_issue").length;
    call();
    return bench.events("block_issue").length - before;
  };
  // Root, the table's block with the inodes of /home and f, /home; then names and
  // inodes are known.
  assertEquals(reads(() => bench.stat("/home/f")), 3);
  assertEquals(reads(() => bench.stat("/home/f")), 0);
  bench.fs.dropCaches();
  // The two directories; inodes stay.
  assertEquals(reads(() => bench.stat("/home/f")), 2);
  bench.assertClean();
});

test("inodes are counted while a file has them open", () => {
  const bench = new Bench({ files: { "/f": "x" } });
  const a = bench.open("/f"), b = bench.open("/f");
  assertEquals(bench.fs.counts().inodes, 1);
  assertEquals([...bench.objects.values()], ["inode"]);
  a.close();
  assertEquals(bench.fs.counts().inodes, 1);
  b.close();
  bench.assertClean();
});

test("ten thousand operations at one lock do not nest", () => {
  const bench = new Bench({ files: { "/f": "" } });
  const file = bench.open("/f", "r+");
  const writing = file.startWrite("x");
  const reads = Array.from({ length: 10_000 }, () => file.startRead(1));
  bench.settle();
  assert(writing.ok && reads.every(({ ok }) => ok));
  file.close();
  bench.assertClean();
});
