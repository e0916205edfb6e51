// Programs may take the buffer under an array of bytes away (`transfer`): under
// what they are writing, and under what they have read, where other arrays lie
// beside theirs. Nobody else is hurt.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  accept,
  bind,
  close,
  connect,
  listen,
  ms,
  type Program,
  read,
  type Routine,
  sleep,
  socket,
  thread,
  write,
} from "kettle";
import { type Process, World } from "kettle/world";

function takeAway(bytes: Uint8Array): void {
  (bytes.buffer as ArrayBuffer).transfer();
}

function* listener(port: number): Routine<number> {
  const fd = yield* socket();
  yield* bind(fd, { port });
  yield* listen(fd, 8);
  return fd;
}

function* connection(port: number): Routine<number> {
  const fd = yield* socket();
  yield* connect(fd, { host: "far", port });
  return fd;
}

function twoMachines() {
  const world = new World();
  const near = world.boot({ name: "near" }), far = world.boot({ name: "far" });
  world.cable(near, far, { latencyNs: 1 * ms });
  return { world, near, far };
}

function assertFine(...processes: Process[]): void {
  for (const { exit, stderr } of processes) {
    assertEquals([stderr, exit], ["", { status: 0 }]);
  }
}

test("a write whose buffer is taken away has written what fitted before", () => {
  const { world, near, far } = twoMachines();
  const all = 300_000;
  let wrote = 0, got = 0;
  const reader = far.spawn(function* (): Program {
    const fd = yield* accept(yield* listener(80));
    yield* sleep(100 * ms);
    for (let count = 1; count > 0; got += count) {
      count = (yield* read(fd, 100_000)).length;
    }
  });
  const writer = near.spawn(function* (): Program {
    const fd = yield* connection(80);
    const data = new Uint8Array(all);
    yield* thread(function* () {
      yield* sleep(50 * ms);
      takeAway(data);
    });
    wrote = yield* write(fd, data);
    yield* close(fd);
  });
  assertEquals(world.run().reason, "done");
  assertFine(reader, writer);
  assertEquals(got, wrote);
  assert(wrote > 60_000 && wrote < all, `${wrote}`);
});

test("who takes away the buffer under what it has read disturbs no other conversation", () => {
  const { world, near, far } = twoMachines();
  const rounds = 50;
  const echo = (port: number) =>
    far.spawn(function* (): Program {
      const fd = yield* accept(yield* listener(port));
      for (;;) {
        const bytes = yield* read(fd, 1_000);
        if (bytes.length === 0) return;
        yield* write(fd, bytes);
      }
    });
  const ask = (port: number, after: (bytes: Uint8Array) => void) =>
    near.spawn(function* (): Program {
      const fd = yield* connection(port);
      for (let round = 0; round < rounds; round++) {
        const question = `${port}: ${round} `.padEnd(100, "+");
        yield* write(fd, question);
        let answer = "";
        while (answer.length < question.length) {
          const bytes = yield* read(fd, 1_000);
          answer += new TextDecoder().decode(bytes);
          after(bytes);
        }
        assertEquals(answer, question);
      }
    });
  assertFineAfter(world, [
    echo(80),
    echo(81),
    ask(80, takeAway),
    ask(81, () => {}),
  ]);
});

function assertFineAfter(world: World, processes: Process[]): void {
  assertEquals(world.run().reason, "done");
  assertFine(...processes);
}

test("what is read lies at the same place in every run, and beside nothing of another's", () => {
  const run = () => {
    const { world, near, far } = twoMachines();
    const places: number[] = [];
    const texts = new Set<string>();
    const reader = far.spawn(function* (): Program {
      const fd = yield* accept(yield* listener(80));
      for (;;) {
        const bytes = yield* read(fd, 100);
        if (bytes.length === 0) return;
        places.push(bytes.byteOffset);
        texts.add(new TextDecoder().decode(bytes.buffer as ArrayBuffer));
        yield* write(fd, "secret");
      }
    });
    const writer = near.spawn(function* (): Program {
      const fd = yield* connection(80);
      for (let i = 0; i < 10; i++) {
        yield* write(fd, `question ${i}`);
        yield* read(fd, 100);
      }
    });
    assertFineAfter(world, [reader, writer]);
    return { places, texts };
  };
  const first = run();
  assertEquals(run().places, first.places);
  for (const text of first.texts) assert(!text.includes("secret"));
});
