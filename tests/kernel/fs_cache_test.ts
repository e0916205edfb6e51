// The page cache: what is read once is there, what follows is asked for before
// anybody wants it, what is written waits for its time, and memory has an end.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { O_DIRECT, O_RDWR } from "../../kernel/abi.ts";
import { BLOCK_BYTES } from "../../kernel/fs/layout.ts";
import { ReadAhead } from "../../kernel/fs/read_ahead.ts";
import { Bench, pattern } from "./fs_kit.ts";

const SECOND = 1_000_000_000;

function issued(bench: Bench, call: () => unknown): string[] {
  const before = bench.events("block_issue").length;
  call();
  return bench.events("block_issue").slice(before)
    .map(({ write, sectors }) => `${write} ${sectors / 8}`);
}

test("what was read is in memory: reading it again takes no time of the disk", () => {
  const bench = new Bench({ files: { "/f": pattern(20_000) } });
  const file = bench.open("/f");
  assertEquals(file.pread(20_000, 0), pattern(20_000));
  const { now } = bench.clock;
  assertEquals(issued(bench, () => file.pread(20_000, 0)), []);
  assertEquals(bench.clock.now, now);
  const [miss] = bench.events("page_miss").slice(-1);
  const [hit] = bench.events("page_hit").slice(-1);
  assertEquals([miss!.count, hit!.count], [5, 5]);
  assertEquals(miss!.block, hit!.block);
  file.close();
  bench.assertClean();
});

test("reading in order asks for more and more of what follows, a jump begins anew", () => {
  const ahead = new ReadAhead();
  const asked = [];
  for (let block = 0; block < 40; block++) {
    const { from, to } = ahead.plan(block, block + 1);
    if (to > from) asked.push(`${block}: ${from}–${to}`);
  }
  assertEquals(asked, ["0: 1–5", "2: 5–13", "8: 13–29", "20: 29–61"]);
  assertEquals(ahead.plan(500, 501), { from: 501, to: 501 });
  assertEquals(ahead.plan(501, 502), { from: 502, to: 506 });
  assertEquals(ahead.plan(7, 8), { from: 8, to: 8 });
});

test("a file that is read in small pieces in order waits for the disk only now and then", () => {
  const size = 100 * BLOCK_BYTES;
  const content = pattern(size);
  const bench = new Bench({ files: { "/f": content } });
  const file = bench.open("/f");
  let waits = 0;
  for (let at = 0; at < size; at += 1_000) {
    const { now } = bench.clock;
    assertEquals(file.read(1_000), content.subarray(at, at + 1_000));
    if (bench.clock.now > now) waits++;
    bench.clock.now = Math.min(bench.clock.now + 200_000, bench.clock.nextDue);
  }
  assert(waits <= 12, `waited ${waits} times`);
  const reads = bench.events("block_issue").length;
  assert(reads <= 12, `${reads} requests`);
  file.close();
  bench.assertClean();
});

test("a write is done when it is in memory, and is on the platter within 35 s", () => {
  const bench = new Bench();
  bench.sync();
  const file = bench.open("/home/f", "w");
  const { now } = bench.clock;
  assertEquals(issued(bench, () => file.write(pattern(9_000))), []);
  assertEquals(bench.clock.now, now);
  file.close();
  const requests = bench.events("block_issue").length;
  while (bench.clock.pending > 0) bench.step();
  const written = bench.events("block_issue").slice(requests);
  assert(written.length > 0);
  // Data and journal after five seconds, home after thirty more.
  const times = written.map(({ at }) => Math.floor((at - now) / SECOND));
  assertEquals([times[0], times.at(-1)! <= 40], [5, true]);
  assertEquals(bench.remounted().readBytes("/home/f"), pattern(9_000));
  bench.assertClean();
});

test("pages that lie in a row are written in one request, in the disk's order", () => {
  const bench = new Bench();
  const file = bench.open("/home/f", "w");
  for (let i = 15; i >= 0; i--) {
    file.pwrite(pattern(BLOCK_BYTES, i), i * BLOCK_BYTES);
  }
  file.truncate(0);
  file.write(pattern(16 * BLOCK_BYTES));
  const writes = issued(bench, () => file.fsync());
  // The data, the block of the inode table that belongs into the record, and it.
  assertEquals(writes.slice(0, 2), ["write 16", "read 1"]);
  assertEquals(writes.length, 3);
  file.close();
  bench.assertClean();
});

test("a page that changes while it is being written is written again", () => {
  const bench = new Bench();
  const file = bench.open("/home/f", "w+");
  file.write("old");
  const first = bench.start((op) => file.object.fsync!(op));
  bench.step();
  file.pwrite("new", 0);
  const second = bench.start((op) => file.object.fsync!(op));
  while (!first.ended || !second.ended) bench.step();
  assertEquals(bench.remounted().read("/home/f"), "new");
  file.close();
  bench.assertClean();
});

test("memory has an end: what was not used for longest is forgotten, nothing dirty is lost", () => {
  const size = 600 * BLOCK_BYTES;
  const bench = new Bench({ files: { "/f": pattern(size) } });
  bench.memory.freeBytes = 0; // the cache keeps its least, 256 pages
  const dirty = bench.open("/home/dirty", "w+");
  dirty.write(pattern(30 * BLOCK_BYTES, 3));
  const file = bench.open("/f");
  for (let at = 0; at < size; at += 10 * BLOCK_BYTES) {
    file.pread(10 * BLOCK_BYTES, at);
    assert(bench.fs.disk.cache.size <= 256 + 64, `${bench.fs.disk.cache.size}`);
  }
  assertEquals(issued(bench, () => file.pread(100, size - 100)), []);
  assertEquals(issued(bench, () => file.pread(100, 0)), ["read 1"]);
  assertEquals(
    dirty.pread(30 * BLOCK_BYTES, 0),
    pattern(30 * BLOCK_BYTES, 3),
  );
  dirty.close();
  file.close();
  bench.assertClean();
});

test("who writes faster than the disk has to wait once a fifth of the cache is dirty", () => {
  const bench = new Bench();
  bench.memory.freeBytes = 10 * 1024 * 1024;
  const file = bench.open("/home/f", "w");
  const { now } = bench.clock;
  const mebibyte = pattern(1024 * 1024);
  let most = 0;
  for (let i = 0; i < 40; i++) {
    file.write(mebibyte);
    most = Math.max(most, bench.fs.disk.cache.dirtyCount);
  }
  assert(most <= (2 + 1) * 256 + 1, `${most} pages dirty`);
  const megabytesPerSecond = 40 * 1024 * 1.024 /
    ((bench.clock.now - now) / 1e6);
  assert(
    megabytesPerSecond > 40 && megabytesPerSecond < 250,
    `${megabytesPerSecond} MB/s`,
  );
  file.close();
  bench.assertClean();
});

test("O_DIRECT reads the platter each time, and sees what others have written", () => {
  const bench = new Bench({ files: { "/f": pattern(8_192) } });
  const direct = bench.open("/f", O_DIRECT | O_RDWR);
  assertEquals(direct.pread(4_096, 0), pattern(8_192).subarray(0, 4_096));
  assertEquals(issued(bench, () => direct.pread(4_096, 0)), ["read 1"]);
  assertEquals(bench.fails(() => direct.pread(100, 0)), "EINVAL");
  assertEquals(bench.fails(() => direct.pread(512, 100)), "EINVAL");
  const file = bench.open("/f", "r+");
  file.pwrite("others", 0);
  assertEquals(
    issued(bench, () => {
      const start = direct.pread(512, 0).subarray(0, 6);
      assertEquals(new TextDecoder().decode(start), "others");
    }),
    ["write 1", "read 1"],
  );
  assertEquals(direct.pread(512, 8_192), new Uint8Array(0));
  assertEquals(bench.fails(() => direct.pwrite("odd", 0)), "EINVAL");
  const written = issued(bench, () => direct.pwrite(pattern(4_096, 5), 4_096));
  assertEquals(written, ["write 1"]);
  assertEquals(file.pread(4_096, 4_096), pattern(4_096, 5));
  direct.close();
  file.close();
  bench.assertClean();
});

test("sync waits for everything that anybody has written", () => {
  const bench = new Bench();
  for (let i = 0; i < 20; i++) bench.write(`/home/${i}`, pattern(5_000, i));
  bench.sync();
  const other = bench.remounted();
  for (let i = 0; i < 20; i++) {
    assertEquals(other.readBytes(`/home/${i}`), pattern(5_000, i));
  }
  other.assertClean();
  bench.assertClean();
});

test("the host takes an image that holds everything, and changes nothing by it", () => {
  const bench = new Bench();
  bench.write("/home/a", pattern(5_000));
  bench.sync();
  bench.write("/home/b", pattern(6_000, 2));
  bench.rename("/home/a", "/home/c");
  const image = new Bench({ platter: bench.fs.image() });
  assertEquals(image.names("/home"), ["b", "c"]);
  assertEquals(image.readBytes("/home/b"), pattern(6_000, 2));
  image.assertClean();
  assertEquals(bench.remounted().names("/home"), ["a"]);
  bench.assertClean();
});
