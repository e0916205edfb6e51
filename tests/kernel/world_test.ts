// The world as a host sees it: why a run ends, what a deadlock is and how it is
// told, and that a run is a function of program, machine, seed and input.

import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  Cell,
  compute,
  futexWait,
  join,
  type Main,
  mask,
  ms,
  Mutex,
  nop,
  pause,
  pipe,
  push,
  random,
  read,
  type Routine,
  sigaction,
  sleep,
  spawn,
  submit,
  thread,
  us,
  wait,
  waitpid,
  write,
} from "kettle";
import {
  fold,
  type Loaded,
  type Machine,
  type ProgramLoader,
  run,
  World,
  type WorldOptions,
} from "kettle/world";

// ------------------------------------------------------------- why a run ends

test("a run is done when nothing is left", () => {
  assertEquals(run(function* () {}).reason, "done");
});

test("a run until a time stops with the clock there", () => {
  const result = run(function* () {
    yield* sleep(10 * ms);
  }, { untilNs: 3 * ms });
  assertEquals([result.reason, result.world.now], ["until", 3 * ms]);
  assertEquals(result.world.run().reason, "done");
});

test("a run until a process has ended, or until something is true, stops there", () => {
  const world = new World();
  const machine = world.boot({ costs: "none" });
  const short = machine.spawn(function* short() {
    yield* sleep(1 * ms);
  });
  machine.spawn(function* long() {
    yield* sleep(5 * ms);
  });
  assertEquals(world.run({ until: short }).reason, "until");
  assertEquals([short.exit, world.now], [{ status: 0 }, 1 * ms]);
  assertEquals(world.run({ until: () => world.now > 2 * ms }).reason, "until");
  assertEquals(world.run().reason, "done");
});

test("a budget of time stops a run, and a budget of steps", () => {
  const world = new World();
  world.boot().spawn(function* () {
    for (;;) yield* sleep(1 * us);
  });
  assertEquals(world.run({ budgetNs: 1 * ms }).reason, "budget");
  assertEquals(world.now, 1 * ms);
  const before = world.steps;
  assertEquals(world.run({ steps: 25 }).reason, "budget");
  assertEquals(world.steps, before + 25);
});

test("who waits for keys is idle, and goes on when they come", () => {
  const world = new World();
  const machine = world.boot();
  const process = machine.spawn(
    function* reader() {
      yield* read(0, 10);
    },
    [],
    { console: true },
  );
  assertEquals(world.run(), { reason: "idle", report: "" });
  machine.type("x\r");
  assertEquals(world.run().reason, "done");
  assertEquals(process.exit, { status: 0 });
});

test("a pause with a signal handler is idle: somebody may still send one", () => {
  const { reason } = run(function* () {
    yield* sigaction("USR1", { fn: () => {} });
    yield* pause();
  });
  assertEquals(reason, "idle");
});

test("calls that cost nothing, for ever, stop the program and not the host", () => {
  const result = run(function* free() {
    for (;;) yield* nop();
  }, { machine: { costs: "none" } });
  assertEquals([result.reason, result.exit], ["done", { status: 1 }]);
  assertStringIncludes(result.stderr, "no time passed");
});

// ------------------------------------------------------------- deadlock

/** The report of a program that cannot go on. */
function deadlock(main: Main): string {
  const { reason, report } = run(main);
  assertEquals(reason, "deadlock");
  assert(report.startsWith("Deadlock at "), report);
  return report;
}

test("a read of a pipe that only the reader could fill is a deadlock", () => {
  const report = deadlock(function* reader() {
    const [readEnd] = yield* pipe();
    yield* read(readEnd, 1);
  });
  assert(
    /^Deadlock at 0\.002 ms\. reader \(pid 2\) waits to read: pipe \d+ is empty\. Nobody can wake it\.$/
      .test(report),
    report,
  );
});

test("two processes that write to each other's full pipes are a deadlock", () => {
  const report = deadlock(function* parent() {
    const [readA, writeA] = yield* pipe();
    const [readB, writeB] = yield* pipe();
    yield* spawn(function* child() {
      yield* write(writeB, new Uint8Array(70_000));
      yield* read(readA, 1);
    });
    yield* write(writeA, new Uint8Array(70_000));
    yield* read(readB, 1);
  });
  assertStringIncludes(report, "parent (pid 2) waits to write: pipe");
  assertStringIncludes(report, "child (pid 3) waits to write: pipe");
  assertStringIncludes(report, "is full");
  assertStringIncludes(report, "Nobody else can wake them.");
});

test("waiting for a child that waits is told with both names", () => {
  const report = deadlock(function* parent() {
    const [readEnd] = yield* pipe();
    yield* spawn(function* child() {
      yield* read(readEnd, 1);
    });
    yield* waitpid();
  });
  assertStringIncludes(report, "parent (pid 2) waits for child to exit.");
  assertStringIncludes(report, "child (pid 3) waits to read");
});

test("threads that join each other are a deadlock", () => {
  const report = deadlock(function* main() {
    const tids: number[] = [];
    const meet = function* (other: number): Routine {
      yield* sleep(1 * ms);
      yield* join(tids[other]!);
    };
    tids.push(yield* thread(meet, 1), yield* thread(meet, 0));
    yield* join(tids[0]!).next === undefined ? nop() : pause();
  });
  assertStringIncludes(report, "main's thread 3 waits for thread 4 to end.");
  assertStringIncludes(report, "main's thread 4 waits for thread 3 to end.");
});

test("two mutexes taken in opposite order are a deadlock of futexes", () => {
  const report = deadlock(function* main() {
    const a = new Mutex(), b = new Mutex();
    const tid = yield* thread(function* other() {
      yield* b.lock();
      yield* sleep(1 * ms);
      yield* a.lock();
    });
    yield* a.lock();
    yield* sleep(1 * ms);
    yield* b.lock();
    yield* join(tid);
  });
  assertStringIncludes(report, "main (pid 2) waits in futexWait(");
  assertStringIncludes(report, "main's thread 3 waits in futexWait(");
});

test("a futex that nobody is left to wake is a deadlock", () => {
  const report = deadlock(function* main() {
    yield* futexWait(new Cell(1), 1);
  });
  assertStringIncludes(report, "main (pid 2) waits in futexWait(");
});

test("masked callbacks that wait are named", () => {
  const report = deadlock(function* main() {
    const [readEnd] = yield* pipe();
    yield* mask(["io"]);
    yield* push(nop(), () => {});
    yield* read(readEnd, 1);
  });
  assertStringIncludes(report, "1 callback is waiting, masked");
});

test("an event that nobody can bring is a deadlock", () => {
  const report = deadlock(function* main() {
    const [readEnd] = yield* pipe();
    yield* submit(read(readEnd, 1));
    yield* wait();
  });
  assertStringIncludes(report, "main (pid 2) waits in wait(");
});

test("a shell that waits for keys hides no deadlock", () => {
  const world = new World();
  const machine = world.boot();
  machine.spawn(
    function* shell() {
      yield* read(0, 1);
    },
    [],
    { console: true },
  );
  machine.spawn(function* stuck() {
    const [readEnd] = yield* pipe();
    yield* read(readEnd, 1);
  });
  const { reason, report } = world.run();
  assertEquals(reason, "deadlock");
  assertStringIncludes(report, "stuck (pid 3)");
  assertEquals(report.includes("shell"), false);
});

test("a thread that time will wake is no deadlock, nor is whom it can wake", () => {
  const { reason } = run(function* () {
    const [readEnd, writeEnd] = yield* pipe();
    yield* thread(function* () {
      yield* sleep(1_000 * ms);
      yield* write(writeEnd, "x");
    });
    yield* read(readEnd, 1);
  });
  assertEquals(reason, "done");
});

// ------------------------------------------------------------- the same run, always

/** A program with some of everything, and chance. */
const lively: Main = function* lively() {
  const [readEnd, writeEnd] = yield* pipe();
  for (let i = 0; i < 3; i++) {
    yield* spawn(function* child() {
      for (let j = 0; j < 5; j++) {
        yield* sleep(Math.floor((yield* random()) * 1_000_000));
        yield* write(writeEnd, "x");
        yield* compute(Math.floor((yield* random()) * 4_000_000));
      }
    });
  }
  yield* push(sleep(2 * ms), function* () {
    yield* compute(1 * ms);
  });
  for (let seen = 0; seen < 15;) {
    seen += (yield* wait(yield* submit(read(readEnd, 3)))).ok ? 1 : 0;
    if (seen > 10) break;
  }
  for (let i = 0; i < 3; i++) yield* waitpid();
};

function hashOf(options: WorldOptions, play: (world: World) => void): string {
  const world = new World(options);
  world.boot({ cpus: 1 }).spawn(lively);
  play(world);
  return world.trace.hash;
}

test("the same seed gives the same trace, another seed another", () => {
  const play = (world: World) => void world.run();
  assertEquals(hashOf({ seed: 5 }, play), hashOf({ seed: 5 }, play));
  assertNotEquals(hashOf({ seed: 5 }, play), hashOf({ seed: 6 }, play));
});

test("a world stepped one thing at a time is the world that runs", () => {
  let steps = 0;
  const stepped = hashOf({}, (world) => {
    while (world.step()) steps++;
  });
  const ran = hashOf({}, (world) => {
    world.run();
    assertEquals(world.steps, steps);
  });
  assertEquals(stepped, ran);
});

test("a world run in small pieces of time is the world that runs", () => {
  const pieces = hashOf({}, (world) => {
    while (world.run({ untilNs: world.now + 77_777 }).reason === "until");
  });
  assertEquals(pieces, hashOf({}, (world) => void world.run()));
});

test("two worlds that take turns do not touch", () => {
  const alone = [1, 2].map((seed) =>
    hashOf({ seed }, (world) => void world.run())
  );
  const worlds = [1, 2].map((seed) => new World({ seed }));
  for (const world of worlds) world.boot().spawn(lively);
  for (let moving = true; moving;) {
    moving = false;
    for (const world of worlds) if (world.step()) moving = true;
  }
  assertEquals(worlds.map(({ trace }) => trace.hash), alone);
});

test("a world that records nothing runs the same", () => {
  const times = [true, false].map((trace) => {
    const result = run(function* () {
      const log: unknown[] = [];
      for (let i = 0; i < 3; i++) log.push(yield* random());
      yield* lively([]);
      return log as never;
    }, { trace });
    return [result.reason, result.elapsedNs, result.result, result.world.steps];
  });
  assertEquals(times[0], times[1]);
});

/** Types at odd moments while a program echoes. */
function session(drive: (world: World, machine: Machine) => void): World {
  const world = new World({ seed: 3 });
  const machine = world.boot();
  machine.spawn(
    function* echo() {
      for (;;) {
        const bytes = yield* read(0, 50);
        if (bytes.length === 0) return;
        yield* compute(Math.floor((yield* random()) * 100_000));
        yield* write(1, bytes);
      }
    },
    [],
    { console: true },
  );
  drive(world, machine);
  assertEquals(world.run().reason, "done");
  return world;
}

test("a log of inputs, run again, gives the same trace", () => {
  const first = session((world, machine) => {
    for (
      const [keys, time] of [
        ["he", 40_000],
        ["llo\r", 90_000],
        ["wor\x7f", 1],
        ["\r\x04", 7],
      ] as const
    ) {
      machine.type(keys);
      world.run({ budgetNs: time });
    }
    machine.resize(100, 30);
    machine.type("more\r");
    world.run({ budgetNs: 12_345 });
    machine.type("\x04");
  });
  const second = session((world) => world.replay(first.log));
  assertEquals(second.log, first.log);
  assertEquals(second.trace.hash, first.trace.hash);
  assertEquals(second.machines[0]!.screen, first.machines[0]!.screen);
});

// ------------------------------------------------------------- machines and programs

test("an option that nobody knows is refused with the nearest one", () => {
  const world = new World();
  assertThrows(() => world.boot({ cpu: 2 } as object), TypeError, '"cpus"');
  assertThrows(
    () => world.boot({ costs: { syscalNs: 1 } as object }),
    TypeError,
    '"syscallNs"',
  );
  assertThrows(() => world.boot({ cpus: 0 }), RangeError, "cpus");
  assertThrows(
    () => world.boot({ scheduler: "best" as "rr" }),
    TypeError,
    "scheduler",
  );
});

test("two machines cannot have one name", () => {
  const world = new World();
  world.boot({ name: "a" });
  assertThrows(() => world.boot({ name: "a" }), TypeError, '"a"');
});

/** Compiles nothing: the source is the name of a function. */
function loaderOf(programs: Record<string, Main>): ProgramLoader & {
  compiled: Set<string>;
} {
  const compiled = new Set<string>();
  return {
    compiled,
    load(path, source): Loaded | null {
      if (!compiled.has(path)) return null;
      const main = programs[source];
      return main === undefined
        ? { error: `${path}:1 does not compile` }
        : { main, name: source };
    },
  };
}

test("a program that is not compiled stalls the world with its time unmoved", () => {
  const programs = loaderOf({
    *hello(args) {
      yield* write(1, args.join(" "));
    },
  });
  const world = new World({ programs });
  const machine = world.boot({ files: { "/hello": "hello" } });
  const process = machine.spawn("/hello", ["a", "b"]);
  assertEquals(world.run().reason, "host");
  assertEquals(world.wanted!.path, "/hello");
  const { now } = world;
  assertEquals(world.run().reason, "host");
  assertEquals(world.now, now);
  programs.compiled.add("/hello");
  assertEquals(world.run().reason, "done");
  assertEquals([process.stdout, process.exit], ["a b", { status: 0 }]);
});

test("a file that does not compile, or is no text, is ENOEXEC", () => {
  const programs = loaderOf({});
  programs.compiled.add("/bad");
  const files = { "/bad": "bad", "/latin1": Uint8Array.of(0xe9, 0x20) };
  for (
    const [path, text] of [["/bad", "/bad:1 does not compile"], [
      "/latin1",
      "not text",
    ]]
  ) {
    const { exit, stderr } = run(path!, { programs, files });
    assertEquals(exit, { status: 126 });
    assertStringIncludes(stderr, "ENOEXEC");
    assertStringIncludes(stderr, text!);
  }
  const missing = run("/missing", { programs });
  assertEquals(missing.exit, { status: 127 });
  assertStringIncludes(missing.stderr, "/missing: ENOENT");
});

test("the host can kill a process, and that is in the log", () => {
  const world = new World();
  const machine = world.boot();
  const process = machine.spawn(function* () {
    yield* sleep(1_000 * ms);
  });
  world.run({ untilNs: 5 * ms });
  world.input({ machine: 0, kill: process.pid });
  assertEquals(process.exit, { signal: "KILL" });
  assertEquals(world.log.map(({ atNs, kill }) => [atNs, kill]), [[
    5 * ms,
    process.pid,
  ]]);
  assertEquals(world.run().reason, "done");
  assertEquals(fold(world.trace.events()), machine.snapshot());
});

test("standard input given by the host is read, then ends", () => {
  const { stdout } = run(function* () {
    for (;;) {
      const bytes = yield* read(0, 4);
      if (bytes.length === 0) return;
      yield* write(1, `<${new TextDecoder().decode(bytes)}>`);
    }
  }, { stdin: "0123456789" });
  assertEquals(stdout, "<0123><4567><89>");
});
