// A writer whose peer has no room asks now and then. Where nothing can get lost
// that keeps no world from being idle; where something can, time goes on for it,
// whenever the cable is cut or the peer's power goes.

import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import {
  accept,
  bind,
  connect,
  listen,
  type Program,
  read,
  s,
  sleep,
  socket,
  write,
} from "kettle";
import { World } from "kettle/world";

const BYTES = 200_000;

/** A writer of more than the reader has room for, who reads after so long. */
function full(readsAfterNs: number) {
  const world = new World();
  const near = world.boot({ name: "near" }), far = world.boot({ name: "far" });
  const cable = world.cable(near, far);
  const reader = far.spawn(function* (): Program {
    const listener = yield* socket();
    yield* bind(listener, { port: 80 });
    yield* listen(listener, 1);
    const fd = yield* accept(listener);
    yield* sleep(readsAfterNs);
    let got = 0;
    for (let count = 1; count > 0; got += count) {
      count = (yield* read(fd, 100_000)).length;
    }
    return got === BYTES ? 0 : 1;
  });
  const writer = near.spawn(function* (): Program {
    const fd = yield* socket();
    yield* connect(fd, { host: "far", port: 80 });
    for (let sent = 0; sent < BYTES;) {
      sent += yield* write(fd, new Uint8Array(BYTES - sent));
    }
  });
  return { world, near, far, cable, reader, writer };
}

test("a window that opens while the cable is out is asked for, though nobody waits for anything else", () => {
  const { world, cable, reader } = full(10 * s);
  world.run({ untilNs: 9 * s });
  cable.isCut = true;
  world.run({ untilNs: 11 * s });
  cable.isCut = false;
  assertEquals(world.run().reason, "done");
  assertEquals(reader.exit, { status: 0 });
});

test("a writer learns that the peer who had no room has lost its power", () => {
  const { world, far, writer } = full(1_000_000 * s);
  world.run({ untilNs: 9 * s });
  assertEquals(writer.exit, null);
  far.pullPlug();
  assertEquals(world.run().reason, "done");
  assertMatch(writer.stderr, /ETIMEDOUT/);
});
