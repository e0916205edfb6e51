// Pulling the plug and putting it back: what is gone, what stays, what the rest
// of the world sees of it. What happens to the bytes on the disk is tested in
// power_cuts_test.ts.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  accept,
  bind,
  chain,
  close,
  compute,
  connect,
  fsync,
  futexWait,
  listen,
  type Main,
  ms,
  nop,
  open,
  pipe,
  print,
  push,
  read,
  type Routine,
  s,
  sleep,
  socket,
  spawn,
  submit,
  text,
  thread,
  unlink,
  us,
  wait,
  within,
  write,
} from "kettle";
import { Cell } from "kettle";
import { fold, type Machine, World } from "kettle/world";
import { check } from "../../kernel/fs/mod.ts";

function assertAddsUp(world: World): void {
  for (const machine of world.machines) {
    assertEquals(fold(world.trace.events(), machine.index), machine.snapshot());
  }
}

function kinds(world: World): string[] {
  return [...world.trace.events()].map(({ kind }) => kind);
}

// ------------------------------------------------------------- timers of the kernel itself

test("a world in which only the kernel's own timers are left is done, and they fire when time goes on", () => {
  const world = new World();
  const machine = world.boot();
  let fired = 0;
  const due = { fire: () => void fired++ };
  machine.scheduleBackground(5 * ms, due);
  machine.cancelBackground(machine.scheduleBackground(6 * ms, due));
  assertEquals([world.background, world.isQuiet], [1, true]);
  assertEquals(world.run().reason, "done");
  assertEquals([world.now, fired, world.background], [0, 0, 1]);
  machine.spawn(function* () {
    yield* sleep(1 * ms);
  });
  assertEquals(world.isQuiet, false);
  assertEquals(world.run().reason, "done");
  assertEquals([fired, world.background], [0, 1]);
  assertEquals(world.run({ untilNs: 10 * ms }).reason, "done");
  assertEquals([world.now, fired, world.background], [10 * ms, 1, 0]);
});

test("a step of the host lets the kernel's own timers fire", () => {
  const world = new World();
  let fired = 0;
  world.boot().scheduleBackground(5, { fire: () => void fired++ });
  assert(world.step());
  assertEquals([world.now, fired, world.background], [5, 1, 0]);
  assert(!world.step());
});

// ------------------------------------------------------------- off

/** Programs that stand in every kind of wait there is. */
function* busy(): Routine {
  const [readEnd, writeEnd] = yield* pipe();
  yield* submit(sleep(9 * ms));
  yield* submit(within(8 * ms, read(readEnd, 1)));
  yield* submit(chain(sleep(3 * ms), nop()));
  yield* push(sleep(2 * ms), function* () {
    for (;;) yield* sleep(70 * us);
  });
  yield* thread(function* () {
    yield* within(50 * ms, futexWait(new Cell(0), 0));
  });
  yield* thread(function* () {
    yield* wait(yield* submit(read(readEnd, 1)), { timeout: 30 * ms });
  });
  yield* thread(function* () {
    for (;;) yield* compute(100 * us);
  });
  yield* spawn(function* child() {
    const fd = yield* open("/tmp/child", "w");
    for (let i = 0;; i++) {
      yield* write(fd, new Uint8Array(9_000).fill(i));
      if (i % 3 === 0) yield* fsync(fd);
      if (i % 7 === 0) yield* unlink("/tmp/child");
    }
  }, []);
  yield* spawn(function* server() {
    const fd = yield* socket();
    yield* bind(fd, { host: "", port: 80 });
    yield* listen(fd, 3);
    const peer = yield* accept(fd);
    for (;;) yield* write(peer, new Uint8Array(3_000));
  }, []);
  yield* spawn(function* client() {
    const fd = yield* socket();
    yield* connect(fd, { host: "localhost", port: 80 });
    for (;;) yield* read(fd, 1_000);
  }, []);
  yield* write(1, "x".repeat(20_000));
  for (;;) {
    yield* write(writeEnd, "yy");
    yield* sleep(10 * us);
  }
}

test("after a cut at any time nothing of the machine is left, neither in it nor in the clock", () => {
  for (let cut = 0; cut < 24; cut++) {
    const world = new World({ seed: cut });
    const machine = world.boot({ cpus: 1 + cut % 2 });
    const process = machine.spawn(busy, [], { console: true });
    world.run({ untilNs: cut * cut * 49_494 });
    machine.pullPlug();
    assertEquals(world.clock.pending, 0, `cut ${cut}`);
    assertEquals(world.background, 0);
    assertEquals([process.exit, process.lost], [null, true]);
    assertEquals(kinds(world).at(-1), "machine_off");
    assertAddsUp(world);
    assertEquals(machine.snapshot().counts.processes, 0);
    assertEquals(world.run().reason, "done");
    assertEquals(check(machine.platter), []);
    machine.powerOn();
    assertAddsUp(world);
    const again = machine.spawn(busy, [], { console: true });
    assertEquals(again.pid, process.pid);
    world.run({ untilNs: world.now + 5 * ms });
    assertAddsUp(world);
    assertEquals(again.lost, false);
  }
});

test("no line of a program runs after the cut, finally included", () => {
  const world = new World();
  const machine = world.boot();
  const ran: string[] = [];
  const process = machine.spawn(function* () {
    try {
      for (;;) {
        ran.push("a line");
        yield* sleep(1 * ms);
      }
    } finally {
      ran.push("finally");
    }
  });
  world.run({ untilNs: 2.5 * ms });
  machine.pullPlug();
  assertEquals(world.run({ until: process }).reason, "until");
  world.run({ untilNs: 1 * s });
  assertEquals(ran, ["a line", "a line", "a line"]);
});

test("a process that had ended before the cut has ended, and is not lost", () => {
  const world = new World();
  const machine = world.boot();
  const process = machine.spawn(function* () {
    yield* nop();
  });
  world.run();
  machine.pullPlug();
  assertEquals([process.exit, process.lost], [{ status: 0 }, false]);
});

test("the plug can be pulled from inside a run, at the end of what happens", () => {
  const world = new World();
  const machine = world.boot();
  let lines = 0;
  const process = machine.spawn(function* () {
    for (;;) {
      if (++lines === 5) machine.pullPlug();
      yield* sleep(1 * us);
    }
  });
  assertEquals(world.run().reason, "done");
  assertEquals([lines, process.lost, machine.isOn], [5, true, false]);
  assertAddsUp(world);
});

test("off and on again in one step of a run", () => {
  const world = new World();
  const machine = world.boot();
  machine.spawn(function* () {
    yield* sleep(1 * us);
    machine.pullPlug();
    machine.powerOn();
    assertThrows(() => machine.powerOn(), Error, "kettle is on already");
    yield* sleep(1 * us);
  });
  assertEquals(world.run().reason, "done");
  assertEquals(machine.isOn, true);
  assertEquals(kinds(world).slice(-2), ["machine_off", "machine_boot"]);
});

test("what a machine without power cannot do is said in a sentence", () => {
  const world = new World();
  const machine = world.boot({ name: "box" });
  assertThrows(() => machine.powerOn(), Error, "box is on already");
  machine.pullPlug();
  for (
    const call of [
      () => machine.pullPlug(),
      () => machine.type("x"),
      () => machine.spawn(busy),
      () => world.input({ machine: 0, path: "/home/a", text: "a" }),
    ]
  ) assertThrows(call, Error, "box is off: powerOn() boots it again");
  machine.resize(100, 30);
  assertEquals(machine.console.columns, 100);
});

test("a machine that stalled for a program to be compiled does not wait for it without power", () => {
  const asked: string[] = [];
  const world = new World({
    programs: {
      load(path) {
        asked.push(path);
        return null;
      },
    },
  });
  const machine = world.boot({ files: { "/home/a.ts": "a" } });
  machine.spawn("/home/a.ts");
  assertEquals(world.run().reason, "host");
  machine.pullPlug();
  assertEquals(world.wanted, null);
  assertEquals(world.run().reason, "done");
  assertEquals(asked, ["/home/a.ts"]);
});

// ------------------------------------------------------------- on again

test("what was fsynced is there after the boot, and the terminal shows what it showed", () => {
  const world = new World();
  const machine = world.boot();
  let shown = "";
  machine.console.onOutput = (bytes) => {
    shown += new TextDecoder().decode(bytes);
  };
  machine.spawn(
    function* () {
      const fd = yield* open("/home/kept", "w");
      yield* write(fd, "kept");
      yield* fsync(fd);
      yield* print("saved");
      yield* sleep(1 * s);
    },
    [],
    { console: true },
  );
  world.run({ untilNs: 900 * ms });
  machine.type("half a li");
  machine.pullPlug();
  machine.powerOn();
  const process = machine.spawn(
    function* () {
      yield* print(text(yield* read(yield* open("/home/kept"), 100)));
      yield* print(text(yield* read(0, 100)));
    },
    [],
    { console: true },
  );
  world.run();
  machine.type("line\r");
  world.run();
  assertEquals(process.exit, { status: 0 });
  assertEquals(machine.screen, "saved\r\nhalf a likept\r\nline\r\nline\r\n");
  assertEquals(shown, machine.screen);
});

test("a log with the power going and coming, run again, gives the same trace", () => {
  const session = (drive: (world: World, machine: Machine) => void) => {
    const world = new World({ seed: 3 });
    const machine = world.boot();
    machine.spawn(busy, [], { console: true });
    drive(world, machine);
    world.run({ untilNs: 400 * ms });
    return world;
  };
  const first = session((world, machine) => {
    world.run({ untilNs: 123_456_789 });
    machine.pullPlug();
    world.run({ untilNs: 200 * ms });
    machine.powerOn();
    machine.type("hello\r");
  });
  const second = session((world) => world.replay(first.log));
  assertEquals(second.log, first.log);
  assertEquals(second.trace.hash, first.trace.hash);
});

test("a platter without a file system does not start a machine, and says why", () => {
  const world = new World();
  const machine = world.boot({ name: "box" });
  machine.pullPlug();
  machine.platter.write(0, new Uint8Array(4096).fill(7));
  assertThrows(() => machine.powerOn(), Error, "box does not start: hda: ");
  assertEquals(machine.isOn, false);
  assertAddsUp(world);
  assertThrows(() => machine.powerOn(), Error, "box does not start: hda: ");
  assertEquals(world.run().reason, "done");
});

// ------------------------------------------------------------- what the others see

const PORT = 7;

const server: Main = function* server() {
  const fd = yield* socket();
  yield* bind(fd, { host: "", port: PORT });
  yield* listen(fd, 5);
  for (;;) {
    const peer = yield* accept(fd);
    try {
      for (;;) {
        const bytes = yield* read(peer, 100);
        if (bytes.length === 0) break;
        yield* write(peer, bytes);
      }
    } catch {
      // The peer has reset it.
    }
    yield* close(peer);
  }
};

function pair() {
  const world = new World();
  const a = world.boot({ name: "a" }), b = world.boot({ name: "b" });
  world.cable(a, b);
  b.spawn(server);
  return { world, a, b };
}

/** Connects and echoes once, then waits `pauseNs` and echoes again. */
function echoing(pauseNs: number, said: string[]): Main {
  return function* client() {
    const fd = yield* socket();
    try {
      yield* connect(fd, { host: "b", port: PORT });
      for (const word of ["one", "two"]) {
        yield* write(fd, word);
        said.push(text(yield* read(fd, 100)));
        yield* sleep(pauseNs);
      }
    } catch (error) {
      said.push((error as { code: string }).code);
    }
  };
}

test("connecting to a machine without power gives ETIMEDOUT after 131 s", () => {
  const { world, a, b } = pair();
  b.pullPlug();
  const said: string[] = [];
  a.spawn(echoing(0, said));
  assertEquals(world.run().reason, "done");
  assertEquals(said, ["ETIMEDOUT"]);
  assertEquals(Math.floor(world.now / s), 131);
  const drops = [...world.trace.events()].filter((it) =>
    it.kind === "net_drop" && it.info.includes("nobody is there")
  );
  assert(drops.length > 3);
});

test("the peer hears nothing of a cut; after the boot its connection is reset", () => {
  const { world, a, b } = pair();
  const said: string[] = [];
  a.spawn(echoing(100 * ms, said));
  world.run({ untilNs: 50 * ms });
  assertEquals(said, ["one"]);
  b.pullPlug();
  world.run({ untilNs: 60 * ms });
  assertEquals(a.snapshot().counts.sockets, 1);
  b.powerOn();
  b.spawn(server);
  assertEquals(world.run({ untilNs: 300 * ms }).reason, "idle");
  assertEquals(said, ["one", "ECONNRESET"]);
  a.spawn(echoing(1 * ms, said));
  world.run();
  assertEquals(said.slice(2), ["one", "two"]);
  assertAddsUp(world);
});

test("who writes to a machine without power hears nothing for a quarter of an hour, then ETIMEDOUT", () => {
  const { world, a, b } = pair();
  const said: string[] = [];
  a.spawn(echoing(100 * ms, said));
  world.run({ untilNs: 50 * ms });
  b.pullPlug();
  assertEquals(world.run().reason, "done");
  assertEquals(said, ["one", "ETIMEDOUT"]);
  const minutes = world.now / s / 60;
  assert(minutes > 14 && minutes < 16, `${minutes} min`);
  assertAddsUp(world);
});

test("a client that comes back from a cut with the ports it had before connects", () => {
  const { world, a } = pair();
  const said: string[] = [];
  a.spawn(echoing(100 * ms, said));
  world.run({ untilNs: 50 * ms });
  a.pullPlug();
  a.powerOn();
  // The server has the dead connection until it hears from these ports again.
  a.spawn(echoing(1 * ms, said));
  const { reason } = world.run({ untilNs: 10 * s });
  assertEquals([reason, said.slice(1)], ["idle", ["one", "two"]]);
  assertAddsUp(world);
});

test("a cable plugged into a machine without power works after its boot", () => {
  const world = new World();
  const a = world.boot({ name: "a" }), b = world.boot({ name: "b" });
  b.pullPlug();
  world.cable(a, b);
  const said: string[] = [];
  a.spawn(echoing(1 * ms, said));
  world.run({ untilNs: 10 * ms });
  b.powerOn();
  b.spawn(server);
  world.run({ untilNs: 5 * s });
  assertEquals(said, ["one", "two"]);
});
