// Cables that are cut and heal at times of their own: a partition that a replay has
// as well.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  accept,
  bind,
  clock,
  connect,
  listen,
  ms,
  type Program,
  read,
  s,
  socket,
  write,
} from "kettle";
import { World } from "kettle/world";

test("a cable is cut and heals at its times, and what was written arrives all the same", () => {
  const world = new World();
  const kettle = world.boot({ name: "kettle", costs: "none" });
  const far = world.boot({ name: "far", costs: "none" });
  const cuts = [[20 * ms, 500 * ms], [501 * ms, 3 * s]] as const;
  world.cable(kettle, far, { latencyNs: 10 * ms, cuts });
  const got: number[] = [];
  far.spawn(function* (): Program {
    const fd = yield* socket();
    yield* bind(fd, { port: 80 });
    yield* listen(fd, 1);
    const connection = yield* accept(fd);
    while ((yield* read(connection, 1)).length > 0) got.push(yield* clock());
  });
  kettle.spawn(function* (): Program {
    const fd = yield* socket();
    yield* connect(fd, { host: "far", port: 80 });
    yield* write(fd, "a");
  });
  assertEquals(world.run().reason, "done");
  // the handshake's end is lost as well; both come when the cable is whole again
  assertEquals(got.length, 1);
  assert(got[0]! >= 3 * s && got[0]! < 8 * s, `${got[0]}`);
});

test("the times of cuts are checked", () => {
  const world = new World();
  const [a, b] = [world.boot(), world.boot()];
  for (const cuts of [[[2, 1]], [[1]], [["1", 2]], [[1.5, 2]], "1"]) {
    const plug = () => world.cable(a, b, { cuts: cuts as never });
    assertThrows(plug, RangeError, "cuts must be a list");
  }
});
