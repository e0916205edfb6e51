// The power goes at any nanosecond, and what was promised is there. 120 cuts
// every day; 10,000 in tests/long/power_cuts.ts. A failure prints how to have it
// again: `SEED=17 CUT=4 deno test -A tests/kernel/power_cuts_test.ts`.
//
// And the proof that a file system which breaks its promise is found out: each
// mutant below breaks one thing.

import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  close,
  fsync,
  ftruncate,
  O_DIRECT,
  O_RDWR,
  open,
  type Program,
  pwrite,
  rename,
  sync,
  write,
} from "kettle";
import { type Machine, World } from "kettle/world";
import type { Platter } from "../../kernel/dev/platter.ts";
import { check } from "../../kernel/fs/mod.ts";
import {
  BLOCK_BYTES,
  JOURNAL_BLOCK,
  lbaOfBlock,
} from "../../kernel/fs/layout.ts";
import { encodeTail, readJournal } from "../../kernel/fs/journal_format.ts";
import { type ChainOptions, runChain } from "./power_kit.ts";
import { wrongBytes } from "./power_oracle.ts";

const CUTS_PER_CHAIN = 10;
/** Chains in one test: it takes about a second. */
const CHAINS = 2;
const TESTS = 3;
const SEED = Number(process.env.SEED ?? 0);

function chainsFrom(first: number): void {
  let cuts = 0;
  for (let seed = first; seed < first + CHAINS; seed++) {
    const result = runChain({ seed, cuts: CUTS_PER_CHAIN });
    assertEquals(result.failure, null);
    cuts += result.cuts;
  }
  assertEquals(cuts, CHAINS * CUTS_PER_CHAIN);
}

if (SEED > 0) {
  test(`the chain of seed ${SEED}`, () => {
    const cuts = Number(process.env.CUT ?? CUTS_PER_CHAIN);
    assertEquals(runChain({ seed: SEED, cuts }).failure, null);
  });
}

for (let i = 0; i < TESTS && SEED === 0; i++) {
  const first = 1 + i * CHAINS;
  test(`after each of 30 power cuts the disk is whole, what was synced is there, and the rest is old or new (seeds from ${first})`, () => {
    chainsFrom(first);
  });
}

// ------------------------------------------------------------- every sector

/** Replaces a file the safe way. */
function* replacing(): Program {
  const fd = yield* open("/home/new", "w");
  yield* write(fd, "n".repeat(9_000));
  yield* fsync(fd);
  yield* close(fd);
  yield* rename("/home/new", "/home/f");
  yield* sync();
}

/** The machine in its n-th write from now, and that write; null if there are no more. */
function inWrite(image: Platter, number: number, writeCache: boolean) {
  const world = new World({ trace: false });
  const machine = world.boot({ disk: { image, writeCache } });
  const process = machine.spawn(replacing);
  const { hdd } = machine.files.device;
  let last: unknown = null, left = number;
  const until = () => {
    const request = hdd.current?.request;
    if (request === undefined || !request.write || request === last) {
      return process.exit !== null;
    }
    last = request;
    return left-- === 0;
  };
  world.run({ until });
  if (process.exit !== null) return null;
  return { world, machine, ...hdd.current! };
}

for (const writeCache of [false, true]) {
  test(`a file that is replaced is old or new, whichever sector of whichever write was the last (write cache ${writeCache ? "on" : "off"})`, () => {
    const disk = new World().boot({ files: { "/home/f": "o".repeat(7_000) } });
    let old = 0, replaced = 0;
    for (let number = 0;; number++) {
      const first = inWrite(disk.platter.clone(), number, writeCache);
      if (first === null) break;
      const { sectors } = first.request;
      for (let sector = 0; sector <= sectors; sector++) {
        const { world, machine, service } = inWrite(
          disk.platter.clone(),
          number,
          writeCache,
        )!;
        const left = service.transferNs * (sectors - sector) / sectors;
        const untilNs = service.endNs - Math.ceil(left);
        world.run({ untilNs: Math.max(world.now, untilNs) });
        machine.pullPlug();
        assertEquals(check(machine.platter), []);
        machine.powerOn();
        const text = new TextDecoder().decode(machine.files.peek("/home/f")!);
        if (text === "o".repeat(7_000)) old++;
        else {
          assertEquals(text, "n".repeat(9_000));
          replaced++;
        }
      }
    }
    assert(old > 20 && replaced > 0, `${old} old, ${replaced} replaced`);
  });
}

test("what a truncation cut off is back when the truncation is lost with the power", () => {
  const world = new World();
  const machine = world.boot({ files: { "/f": "o".repeat(2_048) } });
  const process = machine.spawn(function* () {
    const fd = yield* open("/f", O_RDWR | O_DIRECT);
    yield* ftruncate(fd, 98);
    yield* pwrite(fd, "n".repeat(512), 0); // on the platter when it is done
  });
  world.run({ until: process });
  machine.pullPlug();
  machine.powerOn();
  const text = new TextDecoder().decode(machine.files.peek("/f")!);
  assertEquals(text, "n".repeat(512) + "o".repeat(1_536));
});

// ------------------------------------------------------------- mutants

type Mutation = Omit<ChainOptions, "seed" | "cuts">;

/** A machine that is broken like this is found out by one of a few chains. */
function mutant(name: string, mutation: Mutation): void {
  test(`a ${name} is found out`, () => {
    let failure: string | null = null;
    for (let seed = 1; seed <= 20 && failure === null; seed++) {
      ({ failure } = runChain({ seed, cuts: CUTS_PER_CHAIN, ...mutation }));
    }
    assert(failure !== null);
    assert(
      /^SEED=\d+ CUT=\d+: .*power cut after \d+ ns/.test(failure),
      failure,
    );
  });
}

function* nothing(): Generator<never, void, void> {}

mutant("file system whose fsync does nothing", {
  afterBoot: ({ files }) => files.disk.fsync = nothing,
});

mutant("file system whose sync does nothing", {
  afterBoot: ({ files }) => files.disk.writeback.sync = nothing,
});

mutant("mount that does not replay the journal", {
  whileOff(platter) {
    const read = (block: number) => {
      const bytes = new Uint8Array(BLOCK_BYTES);
      platter.read(lbaOfBlock(block, platter.sectors), bytes);
      return bytes;
    };
    const { sequence } = readJournal(read)!.next;
    const tail = encodeTail({ at: 0, sequence: sequence + 1_000 });
    platter.write(lbaOfBlock(JOURNAL_BLOCK, platter.sectors), tail);
  },
});

mutant("journal that commits before the data is written", {
  afterBoot({ files }) {
    const { journal, cache } = files.disk;
    const closed = new Set<unknown>();
    let { running } = journal;
    Object.defineProperty(journal, "running", {
      get: () => running,
      set(next) {
        closed.add(running.ordered);
        running = next;
      },
    });
    const writeBack = cache.writeBack.bind(cache);
    cache.writeBack = function* (pages) {
      if (!closed.has(pages)) yield* writeBack(pages);
    };
  },
});

mutant("bitmap that gives freed blocks away at once", {
  afterBoot({ files }) {
    const { bitmaps } = files.disk.content;
    const free = bitmaps.free.bind(bitmaps);
    const release = bitmaps.release.bind(bitmaps);
    bitmaps.release = () => {};
    bitmaps.free = (piece) => {
      free(piece);
      release(piece);
    };
  },
});

mutant("drive that ignores FLUSH", {
  writeCache: true,
  afterBoot({ files: { device } }) {
    device.flush = () => device.batch([]);
  },
});

mutant("drive that ignores FUA", {
  writeCache: true,
  afterBoot({ files: { device } }) {
    const issue = device.issue.bind(device);
    device.issue = (transfer, ...rest) =>
      issue({ ...transfer, fua: false }, ...rest);
  },
});

mutant("drive that loses one sector of a file", {
  whileOff: (platter, machine) => loseSector(platter, machine),
});

/** The last block of the disk that holds a worker's bytes loses its first sector. */
function loseSector(platter: Platter, { files }: Machine): void {
  const path = files.listFiles("/home").at(-1);
  const bytes = path === undefined ? null : files.peek(path);
  if (bytes === null || bytes.length < 512) return;
  const wanted = bytes.subarray(0, 512);
  for (const [lba, block] of platter.blocks()) {
    if (wanted.some((byte, i) => block[i] !== byte)) continue;
    platter.write(lba, new Uint8Array(512));
  }
}

test("the comparison of bytes knows old, new, mixed and foreign", () => {
  const versions = ["aaaa", "bbbbbb", "cc"].map((text) =>
    new TextEncoder().encode(text)
  );
  const of = (text: string) =>
    wrongBytes(versions, new TextEncoder().encode(text));
  for (const known of ["aaaa", "bbbbbb", "cc", "abab", "ccabbb", "ab"]) {
    assertEquals(of(known), null);
  }
  assertEquals(of("aaa"), "has 3 bytes, and should have 4 or 6 or 2");
  assert(of("aaac")!.includes("a foreign byte at 3"));
  assert(of("aaaaab")!.includes("a foreign byte at 4"));
});
