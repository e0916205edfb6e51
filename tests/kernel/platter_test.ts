// The platter alone: sectors in, sectors out, what was never written is zeros,
// and which blocks have changed.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { Platter } from "../../kernel/dev/platter.ts";

const SECTORS = 1_000_000;

function sectors(count: number, value: number): Uint8Array {
  return new Uint8Array(count * 512).fill(value);
}

test("what was never written reads as zeros and takes no room", () => {
  const platter = new Platter(SECTORS);
  const into = sectors(3, 7);
  platter.read(12_345, into);
  assertEquals(into, sectors(3, 0));
  assertEquals(platter.isBlank(12_345), true);
  assertEquals(platter.blockCount, 0);
});

test("sectors that cross blocks come back as they were written", () => {
  const platter = new Platter(SECTORS);
  const data = Uint8Array.from({ length: 20 * 512 }, (_, i) => i * 7 & 255);
  platter.write(6, data);
  const back = new Uint8Array(data.length);
  platter.read(6, back);
  assertEquals(back, data);
  const around = sectors(1, 9);
  platter.read(5, around);
  assertEquals(around, sectors(1, 0));
  assertEquals([...platter.blocks()].map(([lba]) => lba), [0, 8, 16, 24]);
});

test("a clone is another platter: what is written to one the other has not", () => {
  const platter = new Platter(SECTORS);
  platter.write(0, sectors(1, 1));
  const copy = platter.clone();
  platter.write(0, sectors(1, 2));
  copy.write(8, sectors(1, 3));
  const [first, second] = [sectors(1, 0), sectors(1, 0)];
  copy.read(0, first);
  platter.read(8, second);
  assertEquals(first, sectors(1, 1));
  assertEquals(second, sectors(1, 0));
});

test("a changed block is told once, however often and in how few sectors it was written", () => {
  const platter = new Platter(SECTORS);
  platter.write(80, sectors(8, 1));
  platter.write(7, sectors(2, 1));
  platter.write(81, sectors(1, 2));
  assertEquals(platter.takeChanged(), [0, 1, 10]);
  assertEquals(platter.takeChanged(), []);
  platter.read(80, sectors(8, 0));
  assertEquals(platter.takeChanged(), []);
  platter.write(84, sectors(1, 2));
  assertEquals(platter.takeChanged(), [10]);
});

test("all of a clone has changed, and asking the one asks not the other", () => {
  const platter = new Platter(SECTORS);
  platter.write(80, sectors(1, 1));
  platter.takeChanged();
  const copy = platter.clone();
  assertEquals(copy.takeChanged(), [10]);
  assertEquals(platter.takeChanged(), []);
});
