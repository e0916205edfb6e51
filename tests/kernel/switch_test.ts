// Several machines on a switch: who reaches whom, what it costs, and what happens
// when more comes in than a cable takes.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  accept,
  bind,
  clock,
  close,
  connect,
  join,
  listen,
  type Program,
  read,
  recvfrom,
  type Routine,
  sendto,
  socket,
  SysError,
  text,
  thread,
  write,
} from "kettle";
import { type Machine, World } from "kettle/world";

/** Answers each connection with its own name. */
function serve(machine: Machine): void {
  machine.spawn(function* (): Program {
    const fd = yield* socket();
    yield* bind(fd, { port: 80 });
    yield* listen(fd, 16);
    for (;;) {
      const connection = yield* accept(fd);
      yield* thread(function* (): Routine {
        const asked = text(yield* read(connection, 100));
        yield* write(connection, `${machine.name} hears ${asked}`);
        yield* close(connection);
      });
    }
  });
}

function* ask(host: string, word: string): Routine<string> {
  const fd = yield* socket();
  yield* connect(fd, { host, port: 80 });
  yield* write(fd, word);
  const answer = text(yield* read(fd, 100));
  yield* close(fd);
  return answer;
}

function succeeded(world: World, machine: Machine, program: () => Program) {
  const process = machine.spawn(program);
  world.run({ until: process, budgetNs: 300e9 });
  assertEquals([process.stderr, process.exit], ["", { status: 0 }]);
}

test("machines on one switch reach each other by name, and nobody else", () => {
  const world = new World();
  const names = ["a", "b", "c"];
  const machines = names.map((name) => world.boot({ name }));
  const star = world.switch();
  for (const machine of machines) world.cable(machine, star);
  machines.forEach(serve);
  succeeded(world, machines[0]!, function* () {
    assertEquals(yield* ask("b", "one"), "b hears one");
    assertEquals(yield* ask("c", "two"), "c hears two");
    let code = "";
    try {
      yield* ask("d", "three");
    } catch (error) {
      code = (error as SysError).code;
    }
    assertEquals(code, "ENETUNREACH");
  });
});

test("a way may lead over several switches, and round a ring of them", () => {
  const world = new World();
  const here = world.boot({ name: "here" }), far = world.boot({ name: "far" });
  const ring = [world.switch(), world.switch(), world.switch()];
  world.cable(here, ring[0]!);
  ring.forEach((each, i) => world.cable(each, ring[(i + 1) % 3]!));
  world.cable(ring[2]!, far);
  serve(far);
  succeeded(world, here, function* () {
    assertEquals(yield* ask("far", "x"), "far hears x");
  });
});

test("each hop costs the wire time again, and the switch's own", () => {
  const trip = (switches: number): number => {
    const world = new World();
    const here = world.boot({ name: "here", costs: "none" });
    const far = world.boot({ name: "far", costs: "none" });
    const row = Array.from({ length: switches }, () => world.switch());
    const ends = [here, ...row, far];
    for (let i = 1; i < ends.length; i++) {
      world.cable(ends[i - 1]!, ends[i]!, { latencyNs: 0 });
    }
    let ns = 0;
    succeeded(world, here, function* () {
      const fd = yield* socket("echo");
      const start = yield* clock();
      yield* sendto(fd, new Uint8Array(1_472), { host: "far", port: 0 });
      yield* recvfrom(fd, 2_000);
      ns = (yield* clock()) - start;
    });
    return ns;
  };
  // A full frame takes 12,304 ns on the wire, each way; the switch 2,000.
  assertEquals(trip(0), 2 * 12_304);
  assertEquals(trip(1) - trip(0), 2 * (12_304 + 2_000));
  assertEquals(trip(3) - trip(0), 6 * (12_304 + 2_000));
});

test("when two send more than the third's cable takes, the switch drops, and TCP still delivers", () => {
  const world = new World();
  const star = world.switch({ frames: 4 });
  const sink = world.boot({ name: "sink" });
  world.cable(sink, star, { bitsPerSecond: 10_000_000 });
  let received = 0;
  sink.spawn(function* (): Program {
    const fd = yield* socket();
    yield* bind(fd, { port: 80 });
    yield* listen(fd, 4);
    const readers: number[] = [];
    for (let i = 0; i < 2; i++) {
      const connection = yield* accept(fd);
      readers[i] = yield* thread(function* (): Routine {
        for (;;) {
          const { length } = yield* read(connection, 65_536);
          if (length === 0) break;
          received += length;
        }
      });
    }
    for (const tid of readers) yield* join(tid);
  });
  const size = 300_000;
  for (const name of ["a", "b"]) {
    const machine = world.boot({ name });
    world.cable(machine, star);
    machine.spawn(function* (): Program {
      const fd = yield* socket();
      yield* connect(fd, { host: "sink", port: 80 });
      yield* write(fd, new Uint8Array(size));
      yield* close(fd);
    });
  }
  world.run({ untilNs: 600e9 });
  assertEquals(received, 2 * size);
  const drops = [...world.trace.events()].filter((event) =>
    event.kind === "net_drop" && event.info.includes("is full")
  );
  assert(drops.length > 5, `${drops.length} drops`);
  for (const machine of world.machines) {
    assertEquals(machine.snapshot().counts.sockets, 0);
  }
});

test("headers in the trace are those of their packets, and what a switch drops is told, though it is between switches", () => {
  const world = new World();
  const near = world.boot({ name: "near", costs: "none" });
  const far = world.boot({ name: "far", costs: "none" });
  const first = world.switch({ name: "first" });
  const second = world.switch({ name: "second", frames: 2 });
  world.cable(near, first, { bitsPerSecond: 10_000_000_000 });
  const between = world.cable(first, second, { loss: 0.2 });
  world.cable(second, far, { bitsPerSecond: 100_000_000 });
  far.spawn(function* (): Program {
    const fd = yield* socket("datagram");
    yield* bind(fd, { port: 9 });
    yield* recvfrom(fd, 100);
  });
  near.spawn(function* (): Program {
    const fd = yield* socket("datagram");
    for (let i = 0; i < 40; i++) {
      yield* sendto(fd, "x".repeat(1000), { host: "far", port: 9 });
    }
  });
  world.run();
  const drops: string[] = [];
  for (const event of world.trace.events()) {
    const isPacket = event.kind === "net_tx" || event.kind === "net_rx" ||
      event.kind === "net_drop";
    if (isPacket) assertEquals(event.toPort, 9, JSON.stringify(event));
    else if ("toPort" in event) assertEquals(event.toPort, 0);
    if (event.kind === "net_drop") {
      drops.push(event.info.replace(/.*: /, "") + event.cable);
    }
  }
  assert(drops.includes(`lost on the cable${between.id}`), drops.join());
  assert(drops.includes("second is full2"), drops.join());
});
