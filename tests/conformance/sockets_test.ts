// Conformance, section E: stream sockets, over the loopback, and over a cable that
// is bad. What travels on a cable and when is tested in tests/kernel/net_*_test.ts.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  accept,
  type Address,
  bind,
  cancel,
  clock,
  close,
  connect,
  dup,
  getpeername,
  getsockname,
  listen,
  ms,
  open,
  pipe,
  poll,
  read,
  ready,
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
import type { CableOptions } from "../../kernel/net/mod.ts";
import {
  type Booted,
  type Door,
  eventOutcome,
  outcome,
  plain,
  program,
  throughDoors,
} from "./doors.ts";

const SERVER = { host: "localhost", port: 80 };
const ELSEWHERE = { host: "elsewhere", port: 80 };

/** A second machine on a cable, on which nothing runs. */
function addElsewhere({ world, machine }: Booted, options?: CableOptions) {
  world.cable(machine, world.boot({ name: "elsewhere" }), options);
}

/** Nothing comes back from there. */
function addSilence(booted: Booted): void {
  addElsewhere(booted, { loss: 1 });
}

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
    assertEquals(yield* door.do(connect(fd, SERVER)), "ok");
  },
);

throughDoors(
  "C062: the refusal of another machine takes one round trip, each time",
  function* (door) {
    const fd = yield* socket();
    for (let i = 0; i < 3; i++) {
      const before = yield* clock();
      assertEquals(yield* door.do(connect(fd, ELSEWHERE)), "ECONNREFUSED");
      // SYN 98 bytes, RST 84, at 1 Gb/s; 50 µs each way.
      assertEquals((yield* clock()) - before, 784 + 672 + 2 * 50_000);
    }
  },
  { costs: "none", prepare: addElsewhere },
);

throughDoors("C063: accept needs a listening socket", function* (door) {
  assertEquals(yield* door.do(accept(yield* socket())), "EINVAL");
  const [readEnd] = yield* pipe();
  assertEquals(yield* door.do(accept(readEnd)), "ENOTSOCK");
  assertEquals(yield* door.do(accept(yield* open("/f"))), "ENOTSOCK");
  assertEquals(yield* door.do(accept(99)), "EBADF");
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
    const [client, server, listening] = yield* connection();
    for (const fd of [client, server, listening]) {
      assertEquals(yield* door.do(connect(fd, SERVER)), "EISCONN");
    }
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
    assertEquals(yield* door.do(read(client, 100)), "answer");
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
    for (let i = 0; i < 2; i++) {
      assertEquals(yield* door.do(read(server, 100)), "");
      assertEquals(yield* door.do(write(server, "x")), "EPIPE");
    }
  },
);

throughDoors(
  "C068: a read that waits when the reset comes gets ECONNRESET, and nobody after it",
  function* (door) {
    yield* sigaction("PIPE", "ign");
    const [client, server] = yield* connection();
    const reads = [
      yield* door.start(read(server, 100)),
      yield* door.start(read(server, 100)),
    ];
    yield* setsockopt(client, { linger0: true });
    yield* close(client);
    assertEquals(yield* reads[0]!.end(), "ECONNRESET");
    assertEquals(yield* reads[1]!.end(), "");
    assertEquals(yield* door.do(read(server, 100)), "");
    assertEquals(yield* door.do(write(server, "x")), "EPIPE");
  },
);

throughDoors(
  "C068: what is closed with bytes unread resets its peer",
  function* (door) {
    const [client, server] = yield* connection();
    yield* write(client, "never read");
    yield* write(server, "read first");
    yield* sleep(1 * ms);
    yield* close(server);
    yield* sleep(1 * ms);
    assertEquals(yield* door.do(read(client, 100)), "read first");
    assertEquals(yield* door.do(read(client, 100)), "ECONNRESET");
    assertEquals(yield* door.do(read(client, 100)), "");
  },
);

throughDoors(
  "C068: the first write after the peer has closed succeeds, the second is EPIPE",
  function* (door) {
    yield* sigaction("PIPE", "ign");
    const [client, server] = yield* connection();
    yield* close(server);
    yield* sleep(1 * ms);
    assertEquals(yield* door.do(read(client, 1)), "");
    assertEquals(yield* door.do(write(client, "first")), 5);
    yield* sleep(1 * ms);
    assertEquals(yield* door.do(write(client, "second")), "EPIPE");
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
    assertEquals(yield* door.do(read(server, 100)), "");
  },
);

throughDoors(
  "C073: closing a listener resets who was still queued",
  function* (door) {
    const listening = yield* listener();
    const clients = [];
    for (let i = 0; i < 3; i++) {
      const client = yield* socket();
      yield* connect(client, SERVER);
      clients.push(client);
    }
    const waiting = yield* door.start(read(clients[0]!, 1));
    yield* close(listening);
    assertEquals(yield* waiting.end(), "ECONNRESET");
    assertEquals(yield* door.do(read(clients[1]!, 1)), "ECONNRESET");
    assertEquals(yield* door.do(read(clients[2]!, 1)), "ECONNRESET");
    assertEquals(
      yield* door.do(connect(yield* socket(), SERVER)),
      "ECONNREFUSED",
    );
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
    yield* silence(door, SERVER);
  },
  { costs: "none" },
);

throughDoors(
  "C078: the same where nothing comes back from the cable",
  (door) => silence(door, ELSEWHERE),
  { costs: "none", prepare: addSilence },
);

/** Connecting there ends at the limit, or after 131 s, and leaves no connection. */
function* silence(door: Door, to: Address): Routine {
  const before = yield* clock();
  const fd = yield* socket();
  const limited = yield* door.start(within(5 * s, connect(fd, to)));
  assertEquals(yield* connections(), ["SYN_SENT"]);
  assertEquals(yield* limited.end(), "ETIME");
  assertEquals((yield* clock()) - before, 5 * s);
  assertEquals(yield* connections(), []);
  assertEquals(yield* door.do(connect(fd, to)), "ETIMEDOUT");
  assertEquals((yield* clock()) - before, (5 + 131) * s);
  assertEquals(yield* connections(), []);
}

/** The states of this machine's connections, as programs see them. */
function* connections(): Routine<string[]> {
  const fd = yield* open("/proc/net/tcp");
  const lines = plain(yield* read(fd, 100_000)) as string;
  yield* close(fd);
  return lines.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line).state)
    .filter((state) => state !== "LISTEN");
}

throughDoors(
  "30: with backlog 2 two connections wait, a third gets in by its next SYN, and none is lost",
  function* (door) {
    const listening = yield* listener(2);
    const connects = [], clients = [];
    for (let i = 0; i < 4; i++) {
      const client = yield* socket();
      clients.push(client);
      connects.push(yield* door.start(connect(client, SERVER)));
    }
    yield* sleep(500 * ms);
    const inside = ["ESTABLISHED", "ESTABLISHED"]; // both ends of each
    assertEquals((yield* connections()).toSorted(), [
      ...inside,
      ...inside,
      "SYN_SENT",
      "SYN_SENT",
    ]);
    for (const [i, client] of clients.entries()) {
      const server = (yield* door.do(accept(listening))) as number;
      assertEquals((yield* clock()) >= 1 * s, i >= 2);
      assertEquals(yield* connects[i]!.end(), "ok");
      yield* write(client, `client ${i}`);
      assertEquals(yield* door.do(read(server, 100)), `client ${i}`);
    }
  },
);

throughDoors(
  "32: an accept without a number left fails, and the connection stays queued",
  function* (door) {
    const listening = yield* listener();
    const client = yield* socket();
    yield* connect(client, SERVER);
    const spare = yield* dup(client);
    while ((yield* outcome(dup(client))) !== "EMFILE");
    assertEquals(yield* door.do(accept(listening)), "EMFILE");
    assertEquals(yield* door.do(accept(listening)), "EMFILE");
    yield* close(spare);
    assertEquals(yield* door.do(accept(listening)), spare);
  },
);

// ------------------------------------------------------------- section D, on sockets

const NOTHING = { in: false, out: false, hup: false, err: false, rdhup: false };

throughDoors(
  "C057: bytes, room and a client are reported for as long as they are there",
  function* (door) {
    const listening = yield* listener();
    const client = yield* socket();
    yield* connect(client, SERVER);
    for (let i = 0; i < 2; i++) {
      const waits = yield* door.do(ready(listening, "in"));
      assertEquals(waits, { ...NOTHING, in: true });
    }
    const server = yield* accept(listening);
    yield* write(client, "ab");
    for (let i = 0; i < 2; i++) {
      const bytes = yield* door.do(ready(server, "in"));
      assertEquals(bytes, { ...NOTHING, in: true, out: true });
      if (i === 0) yield* read(server, 1);
    }
  },
);

program(
  "C060: a multishot ready reports each client of a listener until it is cancelled",
  function* () {
    const listening = yield* listener();
    const handle = yield* submit(ready(listening, "in"), { multishot: true });
    for (let i = 0; i < 3; i++) {
      yield* connect(yield* socket(), SERVER);
      const event = yield* wait(handle);
      assertEquals(
        [event.more, event.ok && event.value],
        [true, { ...NOTHING, in: true }],
      );
      assertEquals(yield* poll(handle), null);
    }
    assertEquals(yield* cancel(handle), "cancelled");
    const last = yield* wait(handle);
    assertEquals([eventOutcome(last), last.more], ["ECANCELED", false]);
  },
);

throughDoors(
  "C061: after the peer's half close a socket is in and rdhup, reads the end and can send",
  function* (door) {
    const [client, server] = yield* connection();
    const waiting = yield* door.start(ready(server, "in"));
    yield* shutdown(client, "wr");
    const half = { ...NOTHING, in: true, out: true, rdhup: true };
    assertEquals(yield* waiting.end(), half);
    assertEquals(yield* door.do(ready(server, "out")), half);
    assertEquals(yield* door.do(read(server, 1)), "");
    assertEquals(yield* door.do(write(server, "late")), 4);
    assertEquals(yield* door.do(read(client, 9)), "late");
    yield* shutdown(server, "wr");
    assertEquals(yield* door.do(ready(server, "in")), { ...half, hup: true });
  },
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
