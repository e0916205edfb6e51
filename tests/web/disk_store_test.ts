// The visitor's disk as the page keeps it, on a shelf of this test's own: what was
// put is there at the next visit, a tab that dies leaves one moment, damage is
// noticed and put aside, another tab is noticed, a full shelf is no end.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { test } from "node:test";
import { decodeImage } from "../../host/disk_image.ts";
import { Geometry } from "../../kernel/dev/hdd_geometry.ts";
import { DEFAULT_MODEL } from "../../kernel/dev/hdd_model.ts";
import { damagedImage, imageOf } from "../../web/disk/disk_panel.ts";
import { DiskStore } from "../../web/store/disk_store.ts";
import type { DiskBlocks } from "../../web/protocol.ts";
import type { Change, Key, Shelf } from "../../web/store/shelf.ts";

/** A shelf in memory; each commit is all or nothing. */
class TestShelf implements Shelf {
  readonly values = new Map<string, unknown>();
  commits = 0;
  isFull = false;
  /** Dies in the middle of this commit. */
  diesAt = Infinity;

  get(key: Key): Promise<unknown> {
    return Promise.resolve(structuredClone(this.values.get(nameOf(key))));
  }

  records(disk: number): Promise<[number, unknown][]> {
    const found: [number, unknown][] = [];
    for (const [name, value] of this.values) {
      const [number, block] = JSON.parse(name);
      if (number === disk && block >= -1) {
        found.push([block, structuredClone(value)]);
      }
    }
    return Promise.resolve(found);
  }

  commit({ puts, drops = [], guard }: Change): Promise<boolean> {
    if (this.isFull || ++this.commits >= this.diesAt) {
      return Promise.reject(new Error("QuotaExceededError"));
    }
    if (guard !== undefined) {
      const found = this.values.get(nameOf(guard.key)) as
        | { generation: number }
        | undefined;
      if (found?.generation !== guard.generation) return Promise.resolve(false);
    }
    for (const name of [...this.values.keys()]) {
      if (drops.includes(JSON.parse(name)[0])) this.values.delete(name);
    }
    for (const [key, value] of puts) {
      this.values.set(nameOf(key), structuredClone(value));
    }
    return Promise.resolve(true);
  }

  row(block: number): Uint8Array {
    return this.values.get(nameOf([1, block])) as Uint8Array;
  }
}

function nameOf(key: Key): string {
  return JSON.stringify(key);
}

function blocks(...rows: [number: number, value: number][]): DiskBlocks {
  const bytes = new Uint8Array(rows.length * 4096);
  rows.forEach(([, value], i) => bytes.fill(value, i * 4096, (i + 1) * 4096));
  return {
    model: DEFAULT_MODEL.name,
    sectors: new Geometry(DEFAULT_MODEL).capacity,
    numbers: Uint32Array.from(rows.map(([number]) => number)),
    bytes,
  };
}

/** Block → the byte it is full of. */
function contents(store: DiskStore): Record<number, number> {
  const { disk } = store;
  return Object.fromEntries(
    [...disk?.numbers ?? []].map((
      number,
      i,
    ) => [number, disk!.bytes[i * 4096]!]),
  );
}

async function visit(shelf: Shelf | null, isOurs = true): Promise<DiskStore> {
  const store = new DiskStore(shelf, isOurs);
  assertEquals(await store.open(), null);
  return store;
}

async function kept(
  shelf: Shelf,
  ...changes: DiskBlocks[]
): Promise<DiskStore> {
  const store = await visit(shelf);
  for (const change of changes) assert(store.put(change));
  await store.settled();
  return store;
}

test("what was put is there at the next visit, the later over the earlier", async () => {
  const shelf = new TestShelf();
  assertEquals((await visit(shelf)).disk, null);
  await kept(shelf, blocks([7, 1], [3, 2]), blocks([3, 4], [800_000_000, 5]));
  const store = await visit(shelf);
  assertEquals(contents(store), { 7: 1, 3: 4, 800_000_000: 5 });
  store.put(blocks([7, 9]));
  await store.settled();
  assertEquals(contents(await visit(shelf)), { 7: 9, 3: 4, 800_000_000: 5 });
});

test("only what has changed is written", async () => {
  const shelf = new TestShelf();
  const store = await kept(shelf, blocks([1, 1], [2, 2]));
  const untouched = shelf.row(1);
  store.put(blocks([2, 3]));
  await store.settled();
  assert(shelf.row(1) === untouched);
  assertEquals(shelf.row(2)[0], 3);
});

test("a tab that dies while it writes leaves the disk as it was before", async () => {
  const shelf = new TestShelf();
  const store = await kept(shelf, blocks([1, 1], [2, 1]));
  shelf.diesAt = shelf.commits + 1;
  store.put(blocks([1, 2], [2, 2]));
  await store.settled();
  shelf.diesAt = Infinity;
  assertEquals(contents(await visit(shelf)), { 1: 1, 2: 1 });
});

test("a damaged, missing or foreign block is noticed; the disk is put aside as it is", async () => {
  const damages: [RegExp, (shelf: TestShelf) => void][] = [
    [/block 2 is damaged/, (shelf) => shelf.row(2)[100]! ^= 1],
    [/1 blocks are missing/, (shelf) => shelf.values.delete("[1,2]")],
    [
      /not those its header/,
      (shelf) => shelf.values.set("[1,2]", shelf.row(1)),
    ],
    [
      /not those its header/,
      (shelf) => shelf.values.set("[1,5]", shelf.row(1)),
    ],
    [/block 1 is damaged/, (shelf) => shelf.values.set("[1,1]", "a string")],
    [/header is missing/, (shelf) => shelf.values.delete("[1,-1]")],
    [/another version/, (shelf) => shelf.values.set("[1,-1]", { format: 2 })],
  ];
  for (const [sentence, damage] of damages) {
    const shelf = new TestShelf();
    await kept(shelf, blocks([1, 1], [2, 2]));
    damage(shelf);
    const before = [...shelf.values].filter(([name]) => name.startsWith("[1,"));
    const store = new DiskStore(shelf, true);
    assertMatch(await store.open() ?? "", sentence);
    assertEquals([store.disk, store.hasDamaged], [null, true]);
    store.put(blocks([1, 8]));
    await store.settled();
    assertEquals(contents(await visit(shelf)), { 1: 8 });
    const after = [...shelf.values].filter(([name]) => name.startsWith("[1,"));
    assertEquals(after, before);
    await store.forgetDamaged();
    assertEquals((await visit(shelf)).hasDamaged, false);
    assert(![...shelf.values.keys()].some((name) => name.startsWith("[1,")));
  }
});

test("a damaged disk comes out as a file that says which block is damaged", async () => {
  const shelf = new TestShelf();
  await kept(shelf, blocks([2, 2], [1, 1]));
  shelf.row(2)[100]! ^= 1;
  const store = new DiskStore(shelf, true);
  await store.open();
  const decoded = decodeImage(damagedImage((await store.damaged())!));
  assertEquals(decoded, {
    error: "block 2 is damaged: its checksum is another",
  });
});

test("a disk comes out as a file, in the order of its blocks", async () => {
  const store = await kept(new TestShelf(), blocks([9, 2], [1, 1]));
  const decoded = decodeImage(imageOf(store.disk!));
  assert("platter" in decoded);
  const read = [...decoded.platter.blocks()].map(([lba, it]) => [lba, it[0]]);
  assertEquals(read, [[8, 1], [72, 2]]);
});

test("a new disk takes the place of the old when a machine has booted from it", async () => {
  const shelf = new TestShelf();
  const store = await kept(shelf, blocks([1, 1]));
  await store.replace(blocks([2, 2]));
  assertEquals(contents(store), { 2: 2 });
  await store.booted();
  const next = await visit(shelf);
  assertEquals(contents(next), { 2: 2 });
  assertEquals(await next.goBack(), false);
});

test("until then the old one can be had back, at the next visit as well", async () => {
  const shelf = new TestShelf();
  const store = await kept(shelf, blocks([1, 1]));
  await store.replace(blocks([2, 2]));
  const next = await visit(shelf);
  assertEquals(contents(next), { 2: 2 });
  assertEquals(await next.goBack(), true);
  assertEquals(contents(next), { 1: 1 });
  next.put(blocks([3, 3]));
  await next.settled();
  assertEquals(contents(await visit(shelf)), { 1: 1, 3: 3 });
});

test("a fresh disk is empty, here and at the next visit", async () => {
  const shelf = new TestShelf();
  const store = await kept(shelf, blocks([1, 1]));
  await store.replace(null);
  await store.booted();
  assertEquals(store.disk, null);
  assertEquals((await visit(shelf)).disk, null);
});

test("what another tab has written is never written over", async () => {
  const shelf = new TestShelf();
  const first = await kept(shelf, blocks([1, 1]));
  await kept(shelf, blocks([1, 2]));
  first.put(blocks([1, 3]));
  await first.settled();
  assertEquals(first.keeping, "elsewhere");
  assertEquals(contents(await visit(shelf)), { 1: 2 });
  const guest = await visit(shelf, false);
  assertEquals([guest.keeping, contents(guest)], ["elsewhere", { 1: 2 }]);
  guest.put(blocks([1, 4]));
  await guest.settled();
  assertEquals(contents(guest), { 1: 4 });
  assertEquals(contents(await visit(shelf)), { 1: 2 });
});

test("a full shelf is told, and tried again with the next change", async () => {
  const shelf = new TestShelf();
  const store = await kept(shelf, blocks([1, 1]));
  const told: string[] = [];
  store.onChange = () => told.push(store.keeping);
  shelf.isFull = true;
  store.put(blocks([1, 2], [2, 2]));
  await store.settled();
  shelf.isFull = false;
  store.put(blocks([3, 3]));
  await store.settled();
  assertEquals(told, ["full", "kept"]);
  assertEquals(contents(await visit(shelf)), { 1: 2, 2: 2, 3: 3 });
});

test("without a shelf the disk lasts as long as the page", async () => {
  const store = await visit(null);
  store.put(blocks([1, 1]));
  await store.settled();
  assertEquals([store.keeping, contents(store)], ["memory", { 1: 1 }]);
  await store.replace(blocks([2, 2]));
  assertEquals(await store.goBack(), true);
  assertEquals(contents(store), { 1: 1 });
});

test("what cannot be a disk is not taken from the machine", async () => {
  const store = await visit(new TestShelf());
  const good = blocks([1, 1]);
  for (
    const bad of [
      { ...good, bytes: new Uint8Array(10) },
      { ...good, numbers: new Uint32Array([0xffff_ffff]) },
      { ...good, numbers: [1] as unknown as Uint32Array },
      { ...good, sectors: 1e300 },
      { ...good, model: 7 as unknown as string },
    ]
  ) assertEquals(store.put(bad), false);
  assertEquals(store.disk, null);
});
