// What programs see of storage: sync, statfs and fstat through all three doors,
// the raw disk, what a cached read costs, and that the flusher's timers keep no
// world from being done.

import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  clock,
  close,
  fstat,
  fsync,
  O_DIRECT,
  open,
  pread,
  type Program,
  push,
  type Request,
  type Routine,
  sleep,
  stat,
  statfs,
  submit,
  sync,
  SysError,
  utimes,
  wait,
  write,
} from "kettle";
import { type MachineOptions, run, World } from "kettle/world";
import { check } from "../../kernel/fs/check.ts";
import { assertNothingLeaked, boot } from "../conformance/doors.ts";
import { Bench } from "./fs_kit.ts";

function outputOf(program: () => Program, options: MachineOptions = {}) {
  const result = run(program, { machine: options });
  assertEquals([result.reason, result.stderr], ["done", ""]);
  return result;
}

/** The value of a request through each door. */
function* throughEach(request: () => Request, values: unknown[] = []): Routine {
  values.push(yield* request());
  const event = yield* wait(yield* submit(request()));
  if (event.ok) values.push(event.value);
  yield* push(request(), (event) => {
    if (event.ok) values.push(event.value);
  });
  yield* sleep(1e9);
  assertEquals(values.length, 3);
}

test("statfs tells the size of the disk and what is free, through each door alike", () => {
  outputOf(function* () {
    const values: unknown[] = [];
    yield* throughEach(() => statfs("/home"), values);
    const [first, ...others] = values;
    for (const other of others) assertEquals(other, first);
    const { mount, blockBytes, blocks, inodes } = yield* statfs("/");
    assertEquals([mount, blockBytes], ["disk", 4096]);
    assertEquals([blocks, inodes], [262_144, 131_072]);
    assertEquals((yield* statfs("/proc")).mount, "proc");
    const before = yield* statfs("/");
    const fd = yield* open("/home/f", "w");
    yield* write(fd, new Uint8Array(10_000));
    const after = yield* statfs("/home/f");
    assertEquals(before.freeBlocks - after.freeBlocks, 3);
    assertEquals(before.freeInodes - after.freeInodes, 1);
    assertEquals((yield* fstat(fd)).blocks, 24);
  });
});

test("sync completes when everything is on the platter, through each door", () => {
  const world = new World();
  const machine = world.boot();
  machine.spawn(function* (): Program {
    for (const name of ["a", "b", "c"]) {
      const fd = yield* open(`/home/${name}`, "w");
      yield* write(fd, name.repeat(5_000));
      yield* close(fd);
    }
    yield* throughEach(() => sync());
  });
  assertEquals(world.run().reason, "done");
  const { platter } = machine.files.device;
  assertEquals(check(platter), []);
  const again = new Bench({ platter: platter.clone() });
  for (const name of ["a", "b", "c"]) {
    assertEquals(again.read(`/home/${name}`), name.repeat(5_000));
  }
});

test("a read that finds its page costs a trap, a look into the cache and the copying", () => {
  outputOf(function* () {
    const fd = yield* open("/f");
    yield* pread(fd, 4096, 0);
    const start = yield* clock();
    yield* pread(fd, 4096, 0);
    const trapOfClock = 200;
    assertEquals((yield* clock()) - start - trapOfClock, 200 + 500 + 400);
  }, { files: { "/f": new Uint8Array(8192) } });
});

test("/dev/hda shows what is on the platter now, and cannot be written", () => {
  outputOf(function* () {
    const disk = yield* open("/dev/hda");
    const superblock = yield* pread(disk, 4096, 0);
    assertEquals(
      new TextDecoder().decode(superblock.subarray(0, 8)),
      "KTLFS001",
    );
    assertEquals((yield* pread(disk, 10, 3)).length, 10);
    const { size, type } = yield* fstat(disk);
    assertEquals(type, "device");
    assert(size > 3e12 && size % 512 === 0);
    assertEquals((yield* pread(disk, 100, size - 40)).length, 40);
    assertEquals((yield* pread(disk, 100, size)).length, 0);
    let code = "";
    try {
      yield* open("/dev/hda", "r+");
    } catch (error) {
      code = (error as { code: string }).code;
    }
    assertEquals(code, "EBUSY");
  });
});

test("a program that writes and ends is done at once: the flusher keeps no world busy", () => {
  const world = new World();
  const machine = world.boot();
  const writer = machine.spawn(function* (): Program {
    const fd = yield* open("/home/f", "w");
    yield* write(fd, "text");
  });
  assertEquals(world.run().reason, "done");
  assertEquals(writer.exit, { status: 0 });
  assert(world.now < 1e9, `${world.now} ns`);
  // The host can let time go on, and the flusher does its work.
  world.run({ untilNs: 60e9 });
  assertEquals(world.now, 60e9);
  assertEquals(machine.files.unsaved().size, 1); // the journal's header alone
  assertEquals(world.background, 0);
});

test("the same writes leave the same trace, whether the host looks at the disk or not", () => {
  const hash = (looks: boolean) => {
    const world = new World({ seed: 3 });
    const machine = world.boot();
    machine.spawn(function* (): Program {
      for (let i = 0; i < 20; i++) {
        const fd = yield* open(`/home/f${i % 5}`, "a");
        yield* write(fd, new Uint8Array(3_000));
        if (i % 4 === 0) yield* fsync(fd);
        yield* close(fd);
        yield* stat(`/home/f${i % 5}`);
      }
    });
    for (let at = 1e6; at < 2e8; at += 1e6) {
      world.run({ untilNs: at });
      if (looks) machine.files.image();
    }
    return world.trace.hash;
  };
  assertEquals(hash(true), hash(false));
});

test("each commit of the journal is in the trace, with the pages of data that went before", () => {
  const { world } = outputOf(function* () {
    const fd = yield* open("/home/f", "w");
    yield* write(fd, new Uint8Array(3 * 4096));
    yield* fsync(fd);
  });
  const commits = [...world.trace.events()].filter(({ kind }) =>
    kind === "journal_commit"
  );
  assertEquals(commits.length, 1);
  assertMatch(JSON.stringify(commits[0]), /"blocks":3,"data":3/);
});

test("two reads in one queue come back in the order the arm passes them, and the events show it", () => {
  const files = {
    "/d1/near": "n".repeat(100),
    "/d2/far": "f".repeat(100),
    "/d3/other": "o".repeat(100),
  };
  const orders = (["fcfs", "sstf"] as const).map((policy) => {
    const order: string[] = [];
    outputOf(function* () {
      const fds = [];
      for (const path of Object.keys(files)) {
        fds.push(yield* open(path, O_DIRECT));
      }
      // While the first is read, the others wait in the drive.
      for (const fd of [0, 1, 2, 0, 2, 1]) {
        yield* submit(pread(fds[fd]!, 512, 0), { tag: String(fd) });
      }
      while (order.length < 6) {
        for (const { tag } of yield* wait()) order.push(String(tag));
      }
    }, { files, disk: { policy } });
    return order.join("");
  });
  assertEquals(orders[0], "012021");
  assert(orders[1] !== orders[0], orders[1]);
});

test("utimes sets a file's time through each door alike, and the time survives", () => {
  const { machine, world, before } = boot({ files: { "/home/f": "x" } });
  const process = machine.spawn(function* (): Program {
    const values: unknown[] = [];
    yield* throughEach(() => utimes("/home/f", -5), values);
    assertEquals(values, [undefined, undefined, undefined]);
    assertEquals((yield* stat("/home/f")).mtimeNs, -5);
    yield* utimes("/home", 7);
    yield* utimes("/", 8);
    assertEquals((yield* stat("/home")).mtimeNs, 7);
    const wrong: [string, number, string][] = [
      ["/home/none", 1, "ENOENT"],
      ["/home/f/", 1, "ENOTDIR"],
      ["/proc/stat", 1, "EROFS"],
      ["/home/f", 0.5, "EINVAL"],
    ];
    for (const [path, ns, code] of wrong) {
      try {
        yield* utimes(path, ns);
        throw new Error(`${path} took ${ns}`);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        assertEquals(error.code, code, path);
      }
    }
    yield* sync();
  });
  assertEquals(world.run().reason, "done");
  assertEquals(process.stderr, "");
  assertNothingLeaked({ machine, world, before });
  machine.pullPlug();
  machine.powerOn();
  const after = machine.spawn(function* (): Program {
    const times = [yield* stat("/home/f"), yield* stat("/")];
    assertEquals(times.map(({ mtimeNs }) => mtimeNs), [-5, 8]);
  });
  world.run();
  assertEquals(after.stderr, "");
});
