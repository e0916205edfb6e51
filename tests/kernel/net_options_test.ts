// Nagle's rule and delayed acknowledgements: each for itself, and the 40 ms that
// they cost together.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  accept,
  bind,
  clock,
  close,
  connect,
  listen,
  ms,
  type Program,
  read,
  setsockopt,
  socket,
  type SocketOptions,
  write,
} from "kettle";
import { World } from "kettle/world";

/** How long two small writes and the answer to both take, ms; and what was sent. */
function request(client: SocketOptions, server: SocketOptions) {
  const world = new World();
  const kettle = world.boot({ name: "kettle" });
  const far = world.boot({ name: "far" });
  world.cable(kettle, far, { latencyNs: 1 * ms });
  far.spawn(function* (): Program {
    const fd = yield* socket();
    yield* setsockopt(fd, server);
    yield* bind(fd, { port: 80 });
    yield* listen(fd, 1);
    const connection = yield* accept(fd);
    for (let got = 0; got < 8;) got += (yield* read(connection, 8)).length;
    yield* write(connection, "done");
    yield* read(connection, 1);
  });
  let took = 0;
  const process = kettle.spawn(function* (): Program {
    const fd = yield* socket();
    yield* setsockopt(fd, client);
    yield* connect(fd, { host: "far", port: 80 });
    const start = yield* clock();
    yield* write(fd, "head");
    yield* write(fd, "body");
    assertEquals((yield* read(fd, 10)).length, 4);
    took = (yield* clock()) - start;
    yield* close(fd);
  });
  assertEquals(world.run().reason, "done");
  assertEquals([process.stderr, process.exit], ["", { status: 0 }]);
  const acks =
    [...world.trace.events()].filter((event) =>
      event.kind === "net_tx" && event.info.endsWith("far>kettle ACK")
    ).length;
  return { ms: took / ms, acks };
}

test("without either, two small writes are answered after one round trip", () => {
  const { ms } = request({}, {});
  assert(ms > 2 && ms < 2.2, `${ms} ms`);
});

test("Nagle alone holds the second back for a round trip", () => {
  const { ms } = request({ nodelay: false }, {});
  assert(ms > 4 && ms < 4.3, `${ms} ms`);
});

test("a delayed acknowledgement alone travels with the answer, and saves a segment", () => {
  const quick = request({}, {}), late = request({}, { delayedAck: true });
  assert(late.ms < 2.2, `${late.ms} ms`);
  assert(late.acks < quick.acks, `${late.acks} and ${quick.acks}`);
});

test("together they wait for each other: 40 ms", () => {
  const { ms } = request({ nodelay: false }, { delayedAck: true });
  assert(ms > 42 && ms < 45, `${ms} ms`);
});
