// Conformance, section E: stream sockets, over the loopback, and over a cable that
// is bad. What travels on a cable and when is tested in tests/kernel/net_*_test.ts.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  accept,
  bind,
  clock,
  close,
  connect,
  getpeername,
  getsockname,
  listen,
  ms,
  open,
  pipe,
  read,
  type Routine,
  s,
  setsockopt,
  shutdown,
  sigaction,
  sleep,
  socket,
  submit,
  wait,
  within,
  write,
} from "kettle";
import { World } from "kettle/world";
import {
  eventOutcome,
  outcome,
  plain,
  program,
  throughDoors,
} from "./doors.ts";

const SERVER = { host: "localhost", port: 80 };

function* listener(backlog = 128): Routine<number> {
  const fd = yield* socket();
  yield* bind(fd, { port: 80 });
  yield* listen(fd, backlog);
  return fd;
}

/** Both ends of a connection, and the listener it came through. */
function* connection(): Routine<[number, number, number]> {
  const listening = yield* listener();
  const client = yield* socket();
  yield* connect(client, SERVER);
  return [client, yield* accept(listening), listening];
}

throughDoors(
  "C062: a port without a listener refuses, and the socket may try again",
  function* (door) {
    const fd = yield* socket();
    assertEquals(yield* door.do(connect(fd, SERVER)), "ECONNREFUSED");
    assertEquals(yield* door.do(connect(fd, SERVER)), "ECONNREFUSED");
    yield* listener();
    return yield* door.do(connect(fd, SERVER));
  },
);

throughDoors("C063: accept needs a listening socket", function* (door) {
  assertEquals(yield* door.do(accept(yield* socket())), "EINVAL");
  const [readEnd] = yield* pipe();
  assertEquals(yield* door.do(accept(readEnd)), "ENOTSOCK");
  assertEquals(yield* door.do(accept(yield* open("/f"))), "ENOTSOCK");
  return yield* door.do(accept(99));
}, { files: { "/f": "" } });

program("C064: bind and listen say what is wrong", function* () {
  yield* listener();
  const other = yield* socket();
  assertEquals(yield* outcome(bind(other, { port: 80 })), "EADDRINUSE");
  assertEquals(yield* outcome(bind(other, { port: 81 })), "ok");
  assertEquals(yield* outcome(bind(other, { port: 82 })), "EINVAL");
  const client = yield* socket();
  yield* connect(client, SERVER);
  assertEquals(yield* outcome(listen(client)), "EINVAL");
  assertEquals(yield* outcome(bind(other, { port: 70_000 })), "EINVAL");
});

throughDoors(
  "C065: what is connected cannot connect, what is not cannot read or write",
  function* (door) {
    yield* sigaction("PIPE", "ign");
    const fresh = yield* socket();
    assertEquals(yield* door.do(read(fresh, 1)), "ENOTCONN");
    assertEquals(yield* door.do(write(fresh, "x")), "EPIPE");
    const [client] = yield* connection();
    return yield* door.do(connect(client, SERVER));
  },
);

throughDoors(
  "C066: after shutdown of writing the peer reads to the end and may answer",
  function* (door) {
    yield* sigaction("PIPE", "ign");
    const [client, server] = yield* connection();
    yield* write(client, "question");
    yield* shutdown(client, "wr");
    assertEquals(yield* door.do(read(server, 100)), "question");
    assertEquals(yield* door.do(read(server, 100)), "");
    assertEquals(yield* door.do(write(server, "answer")), 6);
    assertEquals(yield* door.do(write(client, "more")), "EPIPE");
    return yield* door.do(read(client, 100));
  },
);

program(
  "C067: shutdown needs a connection, and twice is harmless",
  function* () {
    assertEquals(yield* outcome(shutdown(yield* socket(), "wr")), "ENOTCONN");
    const [client] = yield* connection();
    assertEquals(yield* outcome(shutdown(client, "wr")), "ok");
    assertEquals(yield* outcome(shutdown(client, "wr")), "ok");
  },
);

throughDoors(
  "C068: after a reset: what had arrived, ECONNRESET once, then the end and EPIPE",
  function* (door) {
    yield* sigaction("PIPE", "ign");
    const [client, server] = yield* connection();
    yield* write(client, "last words");
    yield* setsockopt(client, { linger0: true });
    yield* sleep(1 * ms);
    yield* close(client);
    yield* sleep(1 * ms);
    assertEquals(yield* door.do(read(server, 100)), "last words");
    assertEquals(yield* door.do(read(server, 100)), "ECONNRESET");
    assertEquals(yield* door.do(read(server, 100)), "");
    return yield* door.do(write(server, "x"));
  },
);

throughDoors(
  "C071: a client that sends and closes before accept is still accepted and read",
  function* (door) {
    const listening = yield* listener();
    const client = yield* socket();
    yield* connect(client, SERVER);
    yield* write(client, "hello");
    yield* close(client);
    const server = (yield* door.do(accept(listening))) as number;
    assertEquals(yield* door.do(read(server, 100)), "hello");
    return yield* door.do(read(server, 100));
  },
);

throughDoors(
  "C073: closing a listener resets who was still queued",
  function* (door) {
    const listening = yield* listener();
    const client = yield* socket();
    yield* connect(client, SERVER);
    yield* close(listening);
    return yield* door.do(read(client, 1));
  },
);

throughDoors(
  "C075: accepts that wait get the clients in order of arrival",
  function* (door) {
    const listening = yield* listener();
    const accepts = [], clients = [];
    for (let i = 0; i < 5; i++) {
      accepts.push(
        yield* door.start(accept(listening)),
      );
    }
    for (let i = 0; i < 5; i++) {
      const client = yield* socket();
      yield* connect(client, SERVER);
      clients.push((yield* getsockname(client)).port);
      yield* sleep(1 * ms);
    }
    const peers = [];
    for (const each of accepts) {
      peers.push((yield* getpeername((yield* each.end()) as number)).port);
    }
    assertEquals(peers, clients);
  },
);

program("C076: writes queued on one socket arrive in order", function* () {
  const [client, server] = yield* connection();
  const handles = [];
  for (let i = 0; i < 20; i++) {
    handles.push(yield* submit(write(client, `${i} `.repeat(500))));
  }
  yield* shutdown(client, "wr");
  let seen = "";
  for (;;) {
    const part = plain(yield* read(server, 3_000)) as string;
    if (part === "") break;
    seen += part;
  }
  for (const handle of handles) {
    assert(Number(eventOutcome(yield* wait(handle))) > 0);
  }
  const words = seen.trim().split(" ").map(Number);
  assertEquals(words.length, 20 * 500);
  assertEquals(words, words.toSorted((a, b) => a - b));
});

throughDoors(
  "C078: who gets no answer gives up after 131 s, or at its own limit",
  function* (door) {
    yield* listener(0);
    const before = yield* clock();
    const fd = yield* socket();
    assertEquals(yield* door.do(within(5 * s, connect(fd, SERVER))), "ETIME");
    assertEquals((yield* clock()) - before, 5 * s);
    const again = yield* socket();
    assertEquals(yield* door.do(connect(again, SERVER)), "ETIMEDOUT");
    return (yield* clock()) - before;
  },
  { costs: "none" },
);

/** Two machines send each other files over a cable that drops, doubles and swaps; the trace's hash. */
function overBadCable(seed: number): string {
  const world = new World({ seed });
  const [here, there] = ["here", "there"].map((name) => world.boot({ name }));
  world.cable(here!, there!, { loss: 0.1, duplicate: 0.1, reorder: 0.1 });
  const byteAt = (n: number) => (n * 31 + (n >> 8) * 7) & 0xff;
  const size = 100_000;
  function* talk(fd: number): Routine {
    yield* submit(
      write(fd, Uint8Array.from({ length: size }, (_, n) => byteAt(n))),
    );
    for (let got = 0; got < size;) {
      const bytes = yield* read(fd, 65_536);
      assert(
        bytes.length > 0 && bytes.every((it, i) => it === byteAt(got + i)),
      );
      got += bytes.length;
    }
    yield* wait();
    yield* shutdown(fd, "wr");
    assertEquals((yield* read(fd, 1)).length, 0);
    yield* close(fd);
  }
  const processes = [
    there!.spawn(function* () {
      yield* talk(yield* accept(yield* listener()));
    }),
    here!.spawn(function* () {
      const fd = yield* socket();
      yield* connect(fd, { host: "there", port: 80 });
      yield* talk(fd);
    }),
  ];
  assertEquals(world.run().reason, "done");
  for (const { exit, stderr } of processes) {
    assertEquals([stderr, exit], ["", { status: 0 }]);
  }
  assert([...world.trace.events()].some(({ kind }) => kind === "net_drop"));
  for (const machine of world.machines) {
    assertEquals(machine.snapshot().counts.sockets, 0);
  }
  return world.trace.hash;
}

test("C080: whatever a cable drops, doubles and swaps, bytes arrive once and in order; the same seed gives the same run", () => {
  const hashes = [1, 2, 3].map(overBadCable);
  assertEquals(new Set(hashes).size, 3);
  assertEquals([1, 2, 3].map(overBadCable), hashes);
});
