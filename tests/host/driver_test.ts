import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Driver,
  type DriverOptions,
  type DriverState,
  type HostClock,
} from "../../host/driver.ts";
import { type Main, type Program } from "../../kernel/abi.ts";
import { type Machine, type ProgramLoader, World } from "../../kernel/mod.ts";
import {
  compute,
  ms,
  open,
  print,
  read,
  s,
  sleep,
  text,
  write,
} from "../../mod.ts";

/** Real time as the test wants it: a delay passes at once, and is remembered. */
class FakeClock implements HostClock {
  nowMs = 1000;
  readonly delays: number[] = [];
  /** Happens at the beginning of the nth delay. */
  readonly plans = new Map<number, () => void>();

  now(): number {
    return this.nowMs;
  }

  async delay(delayMs: number, signal: AbortSignal): Promise<void> {
    this.plans.get(this.delays.length)?.();
    this.delays.push(delayMs);
    if (this.delays.length > 10_000) throw new Error("it never ends");
    await Promise.resolve();
    if (!signal.aborted) this.nowMs += delayMs;
  }

  get sleptMs(): number {
    return this.delays.reduce((sum, each) => sum + each, 0);
  }
}

interface Setup {
  world: World;
  machine: Machine;
  clock: FakeClock;
  driver: Driver;
}

function setUp(
  options: Partial<DriverOptions> = {},
  programs?: ProgramLoader,
): Setup {
  const world = new World({ programs });
  const machine = world.boot({ costs: "none" });
  const clock = new FakeClock();
  const compile = () => Promise.resolve();
  const driver = new Driver({ world, compile, clock, ...options });
  return { world, machine, clock, driver };
}

function* sleeper(): Program {
  yield* sleep(1 * s);
}

function* threeNaps(): Program {
  for (let i = 0; i < 3; i++) yield* sleep(100 * ms);
}

test("at speed 1 a second of sleep takes a second", async () => {
  const { machine, clock, driver } = setUp();
  const process = machine.spawn(sleeper);
  const { reason } = await driver.run(process);
  assertEquals(reason, "until");
  assertEquals(process.exit, { status: 0 });
  assert(clock.sleptMs >= 1000 && clock.sleptMs < 1001, `${clock.sleptMs}`);
});

test("at half speed it takes two, at ten times a tenth", async () => {
  for (const [speed, expectedMs] of [[0.5, 2000], [10, 100]] as const) {
    const { machine, clock, driver } = setUp({ speed });
    await driver.run(machine.spawn(sleeper));
    assert(Math.abs(clock.sleptMs - expectedMs) < 1, `${clock.sleptMs}`);
  }
});

test("at full speed it waits for nothing", async () => {
  const { world, machine, clock, driver } = setUp({ speed: Infinity });
  await driver.run(machine.spawn(sleeper));
  assertEquals(clock.sleptMs, 0);
  assertEquals(world.now, 1 * s);
});

test("pacing changes nothing in the world", async () => {
  const hashes = new Set<unknown>();
  for (const speed of [0.1, 1, 7, Infinity]) {
    const { world, machine, driver } = setUp({ speed });
    await driver.run(machine.spawn(threeNaps));
    hashes.add(world.trace.hash);
  }
  assertEquals(hashes.size, 1);
});

test("it ends by itself when nothing is left", async () => {
  const { machine, driver } = setUp({ speed: Infinity });
  machine.spawn(threeNaps);
  assertEquals((await driver.run()).reason, "done");
  assertEquals(driver.state, "over");
});

test("paused, time stands still; played, it goes on from there", async () => {
  const { world, machine, clock, driver } = setUp();
  const process = machine.spawn(sleeper);
  const seen: number[] = [];
  clock.plans.set(0, () => {
    clock.nowMs += 300;
    driver.pause();
    seen.push(world.now);
  });
  clock.plans.set(1, () => {
    assertEquals(driver.state, "paused");
    clock.nowMs += 5_000;
    seen.push(world.now);
    driver.play();
  });
  await driver.run(process);
  assertEquals(seen, [300 * ms, 300 * ms]);
  assertEquals(world.now, 1 * s);
});

test("a step is one event and leaves it paused", async () => {
  const { world, machine, driver } = setUp();
  machine.spawn(threeNaps);
  driver.pause();
  const before = world.steps;
  assertEquals(await driver.step(), true);
  assertEquals(world.steps, before + 1);
  assert(driver.paused);
  for (let i = 0; i < 100 && await driver.step(); i++);
  assertEquals(await driver.step(), false);
  assertEquals(world.now, 300 * ms);
});

test("run to an instant stops there, paused", async () => {
  const states: DriverState[] = [];
  const { world, machine, clock, driver } = setUp({
    onState: (state) => states.push(state),
  });
  machine.spawn(threeNaps);
  driver.runTo(150 * ms);
  clock.plans.set(1, () => driver.stop());
  await driver.run();
  assertEquals(world.now, 150 * ms);
  assert(driver.paused);
  assertEquals(clock.delays[0], 0);
});

test("skip does not wait for the next timer", async () => {
  const { world, machine, clock, driver } = setUp();
  clock.plans.set(0, () => driver.skip());
  await driver.run(machine.spawn(sleeper));
  assertEquals(world.now, 1 * s);
  assert(clock.nowMs - 1000 < 1, "no real time passed");
});

test("a change of speed holds from now on", async () => {
  const { machine, clock, driver } = setUp();
  const process = machine.spawn(threeNaps);
  clock.plans.set(1, () => driver.speed = 100);
  await driver.run(process);
  assert(clock.nowMs - 1000 < 110, `${clock.nowMs - 1000}`);
  let refused = false;
  try {
    driver.speed = 0;
  } catch {
    refused = true;
  }
  assert(refused);
});

test("idle, it waits for keys, and time rests", async () => {
  const { world, machine, clock, driver } = setUp();
  const heard: string[] = [];
  const process = machine.spawn(
    function* (): Program {
      heard.push(text(yield* read(0, 10)));
    },
    [],
    { console: true },
  );
  let at = -1;
  clock.plans.set(2, () => {
    assertEquals(driver.state, "idle");
    clock.nowMs += 30_000;
    at = world.now;
    driver.type(machine, "x\r");
  });
  await driver.run(process);
  assertEquals(heard, ["x\n"]);
  assertEquals(world.log.length, 1);
  assert(world.now - at < 1 * ms, "the wait was not virtual time");
});

test("a key enters at the virtual time it is", async () => {
  const { world, machine, clock, driver } = setUp();
  const process = machine.spawn(sleeper);
  clock.plans.set(0, () => {
    clock.nowMs += 400;
    driver.type(machine, "k");
  });
  await driver.run(process);
  assertEquals(world.log[0]!.atNs, 400 * ms);
});

test("in slow motion a key is echoed at once, and Enter is not hurried", async () => {
  const { machine, clock, driver } = setUp({ speed: 0.0001 });
  machine.spawn(
    function* (): Program {
      yield* read(0, 10);
      yield* compute(5 * ms);
      yield* print("done");
    },
    [],
    { console: true },
  );
  clock.plans.set(1, () => {
    driver.type(machine, "k");
    assertEquals(machine.screen, "k");
  });
  clock.plans.set(2, () => driver.type(machine, "\r"));
  clock.plans.set(4, () => {
    assert(!machine.screen.includes("done"));
    driver.stop();
  });
  await driver.run();
});

test("a program to compile stalls the world, not the clock", async () => {
  let compiled = false;
  const main: Main = threeNaps;
  const programs: ProgramLoader = {
    load: (path) => compiled ? { main, name: path } : null,
  };
  const states: DriverState[] = [];
  const { world, machine, clock, driver } = setUp({
    speed: 1,
    onState: (state) => states.push(state),
    compile: () => {
      clock.nowMs += 2_000;
      compiled = true;
      return Promise.resolve();
    },
  }, programs);
  machine.files.poke("/bin/naps", "source");
  const process = machine.spawn("/bin/naps");
  await driver.run(process);
  assertEquals(process.exit, { status: 0 });
  assert(states.includes("compiling"));
  assert(world.now < 400 * ms, "compiling took no virtual time");
});

test("a compiler that breaks ends the run with its error", async () => {
  const { machine, driver } = setUp({
    speed: Infinity,
    compile: () => Promise.reject(new Error("no compiler")),
  }, { load: () => null });
  machine.files.poke("/bin/x", "source");
  machine.spawn("/bin/x");
  await assertRejects(() => driver.run(), Error, "no compiler");
});

test("it ends with its process, though others sleep on", async () => {
  const { machine, clock, driver } = setUp();
  const process = machine.spawn(threeNaps);
  machine.spawn(function* (): Program {
    yield* sleep(3600 * s);
  });
  await driver.run(process);
  assert(clock.nowMs - 1000 < 301, `${clock.nowMs - 1000}`);
});

test("keys that came while it was paced come again in a replay", async () => {
  const asks = function* (): Program {
    const key = text(yield* read(0, 10));
    yield* sleep(250 * ms);
    yield* print(key);
    yield* read(0, 10);
  };
  const { world, machine, clock, driver } = setUp({ speed: 3 });
  const process = machine.spawn(asks, [], { console: true });
  clock.plans.set(0, () => driver.type(machine, "a\r"));
  clock.plans.set(2, () => {
    clock.nowMs += 40;
    driver.type(machine, "b");
  });
  clock.plans.set(5, () => driver.type(machine, "\r"));
  await driver.run(process);
  assertEquals(process.exit, { status: 0 });

  const again = new World();
  const other = again.boot({ costs: "none" });
  other.spawn(asks, [], { console: true });
  again.replay(world.log);
  again.run();
  assertEquals(again.trace.hash, world.trace.hash);
  assertEquals(other.screen, machine.screen);
});

test("a limit of virtual time ends the run", async () => {
  const { world, machine, driver } = setUp({
    speed: Infinity,
    limitNs: 250 * ms,
  });
  const { reason } = await driver.run(machine.spawn(sleeper));
  assertEquals(reason, "budget");
  assertEquals(world.now, 250 * ms);
});

test("a world that works all the time still lets the host have its turn", async () => {
  const { machine, clock, driver } = setUp({ speed: Infinity });
  machine.spawn(function* (): Program {
    while (true) yield* compute(1 * ms);
  });
  clock.plans.set(5, () => driver.stop());
  await driver.run();
  assertEquals(clock.delays.length, 6);
});

test("stop from inside a slice is heard after it", async () => {
  const { machine, driver } = setUp({ onSlice: () => driver.stop() });
  machine.spawn(sleeper);
  assertEquals((await driver.run()).reason, "budget");
});

test("keys typed from inside a slice are not lost", async () => {
  let typed = false;
  const { machine, driver } = setUp({
    onSlice: () => {
      if (!typed && driver.state === "running") driver.type(machine, "x\r");
      typed = true;
    },
  });
  const process = machine.spawn(
    function* (): Program {
      yield* read(0, 10);
    },
    [],
    { console: true },
  );
  await driver.run(process);
  assertEquals(process.exit, { status: 0 });
});

test("a machine that only has to write back is idle, and its time goes on until that is done", async () => {
  const states: DriverState[] = [];
  const { machine, world, clock, driver } = setUp({
    onState: (state) => states.push(state),
  });
  machine.spawn(
    function* (): Program {
      const fd = yield* open("/home/f", "w");
      yield* write(fd, "text");
      yield* read(0, 10); // for ever: nobody types
    },
    [],
    { console: true },
  );
  clock.plans.set(30, () => driver.stop());
  await driver.run();
  assertEquals(states[0], "idle");
  assert(world.now >= 30 * s, `${world.now} ns`);
  assertEquals(world.background, 0);
  assertEquals(machine.files.unsaved().size, 1); // the journal's header alone
});

test("a world whose programs have ended is over, whatever waits to be written back", async () => {
  const { machine, world, driver } = setUp();
  machine.spawn(function* (): Program {
    const fd = yield* open("/home/f", "w");
    yield* write(fd, "text");
  });
  const { reason } = await driver.run();
  assertEquals(reason, "done");
  assert(world.now < 1 * s);
});

/** Echoes keys after a while, and once more. */
function* echo(): Program {
  for (;;) {
    const key = text(yield* read(0, 10));
    yield* sleep(30 * ms);
    yield* print(key);
    if (key.startsWith("q")) return;
  }
}

test("inputs of a run before come again at their steps, at whatever speed, with pauses, steps and skips", async () => {
  const first = setUp({ speed: 1 });
  const process = first.machine.spawn(echo, [], { console: true });
  ["a\r", "bc", "\r", "q\r"].forEach((keys, i) =>
    first.clock.plans.set(2 + 3 * i, () => {
      first.clock.nowMs += 7;
      first.driver.type(first.machine, keys);
    })
  );
  await first.driver.run(process);
  const { log, trace } = first.world;
  assertEquals(log.length, 4);

  const meddle: ((driver: Driver, clock: FakeClock) => void)[] = [
    () => {},
    (driver, clock) => clock.plans.set(3, () => driver.speed = 0.1),
    (driver, clock) => {
      clock.plans.set(2, () => driver.pause());
      clock.plans.set(3, () => driver.play());
      clock.plans.set(4, () => driver.skip());
    },
    (driver) => driver.speed = Infinity,
  ];
  for (const act of meddle) {
    const again = setUp({ speed: 1, future: log });
    const other = again.machine.spawn(echo, [], { console: true });
    act(again.driver, again.clock);
    await again.driver.run(other);
    assertEquals(again.world.trace.hash, trace.hash);
    assertEquals(again.machine.screen, first.machine.screen);
    assertEquals(again.world.log, log);
  }

  const stepped = setUp({ future: log });
  stepped.machine.spawn(echo, [], { console: true });
  while (await stepped.driver.step());
  assertEquals(stepped.world.trace.hash, trace.hash);
});

test("who gives an input while others are to come begins another run, and is told so", async () => {
  const log = [
    { atNs: 50 * ms, step: 0, machine: 0, keys: "never\r" },
  ];
  let branches = 0;
  const { machine, driver, clock } = setUp({
    future: log,
    onBranch: () => branches++,
  });
  const process = machine.spawn(echo, [], { console: true });
  clock.plans.set(0, () => driver.type(machine, "q\r"));
  await driver.run(process);
  assertEquals([branches, driver.nextInput], [1, null]);
  assert(!machine.screen.includes("never"), machine.screen);
});
