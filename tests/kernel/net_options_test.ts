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
  submit,
  SysError,
  write,
} from "kettle";
import { run, World } from "kettle/world";

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

/** Virtual ms that 1 MiB takes over a round trip of 20 ms. */
function bulkMs(options: SocketOptions): number {
  const world = new World();
  const kettle = world.boot({ name: "kettle", costs: "none" });
  const far = world.boot({ name: "far", costs: "none" });
  world.cable(kettle, far, { latencyNs: 10 * ms });
  let endedNs = 0;
  far.spawn(function* (): Program {
    const fd = yield* socket();
    yield* setsockopt(fd, options);
    yield* bind(fd, { port: 80 });
    yield* listen(fd, 1);
    const connection = yield* accept(fd);
    while ((yield* read(connection, 1 << 20)).length > 0) {
      endedNs = yield* clock();
    }
  });
  kettle.spawn(function* (): Program {
    const fd = yield* socket();
    yield* setsockopt(fd, options);
    yield* connect(fd, { host: "far", port: 80 });
    yield* write(fd, new Uint8Array(1 << 20));
  });
  assertEquals(world.run().reason, "done");
  return endedNs / ms;
}

test("larger buffers let a window grow beyond 64 KiB", () => {
  const size = 4 << 20;
  const small = bulkMs({});
  const large = bulkMs({ sendBufferBytes: size, receiveBufferBytes: size });
  // 1 MiB is 7 rounds of slow start, and 19 with a window of 64 KiB
  assert(small > 300 && small < 420, `${small} ms`);
  assert(large > 130 && large < 160, `${large} ms`);
});

test("a buffer is from 4 KiB to 16 MiB", () => {
  const { stderr } = run(function* (): Program {
    const fd = yield* socket();
    const refuse = [4095, (16 << 20) + 1, 5000.5, "64" as never];
    for (const size of refuse) {
      for (const name of ["sendBufferBytes", "receiveBufferBytes"]) {
        try {
          yield* setsockopt(fd, { [name]: size });
          throw new Error(`${name} took ${size}`);
        } catch (error) {
          if (!(error instanceof SysError)) throw error;
          assertEquals(error.code, "EINVAL");
        }
      }
    }
    yield* setsockopt(fd, { sendBufferBytes: 4096 });
  });
  assertEquals(stderr, "");
});

test("how many wait to be accepted is in the trace", () => {
  const world = new World();
  const kettle = world.boot({ name: "kettle" });
  kettle.spawn(function* (): Program {
    const fd = yield* socket();
    yield* bind(fd, { port: 80 });
    yield* listen(fd, 2);
    for (const _ of [1, 2]) {
      const client = yield* socket();
      yield* connect(client, { host: "", port: 80 });
    }
    yield* accept(fd);
    yield* submit(accept(fd));
    yield* listen(fd, 5);
    yield* close(fd);
  });
  world.run();
  const seen = [...world.trace.events()].flatMap((event) =>
    event.kind === "listen_queue" ? [[event.waiting, event.backlog]] : []
  );
  assertEquals(seen, [[0, 2], [1, 2], [2, 2], [1, 2], [0, 2], [0, 5], [0, 5]]);
});
