// Sockets in the real machine: programs on one or two machines, the three doors,
// costs, endings. What the wire does in detail is in the other net tests.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import {
  accept,
  bind,
  cancel,
  close,
  connect,
  dup,
  type Event,
  fcntl,
  getpeername,
  kill,
  listen,
  ms,
  open,
  pause,
  type Program,
  push,
  read,
  ready,
  type Request,
  type RequestName,
  type Routine,
  s,
  setsockopt,
  shutdown,
  sigaction,
  sleep,
  socket,
  spawn,
  submit,
  SysError,
  text,
  us,
  wait,
  waitpid,
  within,
  write,
} from "kettle";
import { fold, type Machine, World } from "kettle/world";

const DOORS = ["call", "submit", "push"] as const;
type Door = (typeof DOORS)[number];

/** What a request gives through a door, as a value or an error code. */
function* through<C extends RequestName>(
  door: Door,
  request: Request<C>,
): Routine<unknown> {
  if (door === "call") {
    try {
      return yield* request;
    } catch (error) {
      if (error instanceof SysError) return error.code;
      throw error;
    }
  }
  if (door === "submit") {
    return outcome((yield* wait(yield* submit(request))) as Event);
  }
  const events: Event[] = [];
  yield* push(request, (event) => {
    events.push(event as Event);
  });
  while (events.length === 0) yield* pause();
  return outcome(events[0]!);
}

function outcome(event: Event): unknown {
  return event.ok ? event.value : event.error.code;
}

/** The sentence for each door. */
function throughEachDoor(name: string, body: (door: Door) => void): void {
  for (const door of DOORS) test(`${name} (${door})`, () => body(door));
}

function makeWorld() {
  const world = new World();
  const kettle = world.boot({ name: "kettle" });
  const mirror = world.boot({ name: "mirror" });
  world.cable(kettle, mirror);
  return { world, kettle, mirror };
}

/** Runs programs to the end, and proves that nothing is left. */
function runAll(
  world: World,
  programs: [Machine, (args: string[]) => Program][],
): void {
  const before = world.machines.map((machine) => machine.snapshot().counts);
  const processes = programs.map(([machine, program]) =>
    machine.spawn(program, [])
  );
  assertEquals(world.run(), { reason: "done", report: "" });
  world.machines.forEach((machine, index) => {
    assertEquals(machine.snapshot().counts, before[index]);
    assertEquals(fold(world.trace.events(), index).counts, before[index]);
  });
  for (const { exit, stderr } of processes) {
    assertEquals([exit, stderr], [{ status: 0 }, ""]);
  }
}

function* serverSocket(port: number, backlog = 16): Routine<number> {
  const fd = yield* socket();
  yield* bind(fd, { port });
  yield* listen(fd, backlog);
  return fd;
}

function* clientSocket(host: string, port: number): Routine<number> {
  const fd = yield* socket();
  yield* connect(fd, { host, port });
  return fd;
}

/** A client end and the server's end of one connection in one process. */
function* pairOfSockets(): Routine<[number, number]> {
  const listener = yield* serverSocket(80);
  const client = yield* clientSocket("localhost", 80);
  const server = yield* accept(listener);
  yield* close(listener);
  return [client, server];
}

throughEachDoor("a question and an answer go over the cable", (door) => {
  const { world, kettle, mirror } = makeWorld();
  const results: unknown[] = [];
  runAll(world, [[mirror, function* () {
    const listener = yield* serverSocket(80);
    const fd = (yield* through(door, accept(listener))) as number;
    const question = yield* through(door, read(fd, 100));
    yield* through(door, write(fd, `${text(question as Uint8Array)} yes`));
  }], [kettle, function* () {
    const fd = yield* socket();
    yield* through(door, connect(fd, { host: "mirror", port: 80 }));
    results.push(yield* through(door, write(fd, "warm?")));
    const bytes = yield* through(door, read(fd, 100));
    results.push(text(bytes as Uint8Array));
  }]]);
  assertEquals(results, [5, "warm? yes"]);
});

throughEachDoor("a refused connect leaves the socket usable", (door) => {
  const { world, kettle } = makeWorld();
  const results: unknown[] = [];
  runAll(world, [[kettle, function* () {
    const fd = yield* socket();
    const to = { host: "mirror", port: 80 };
    results.push(yield* through(door, connect(fd, to)));
    results.push(yield* through(door, connect(fd, to)));
  }]]);
  assertEquals(results, ["ECONNREFUSED", "ECONNREFUSED"]);
});

throughEachDoor("accept where nothing listens says why", (door) => {
  const { world, kettle } = makeWorld();
  const results: unknown[] = [];
  runAll(world, [[kettle, function* () {
    const fd = yield* socket();
    const file = yield* open("/tmp/file", "w");
    results.push(yield* through(door, accept(fd)));
    results.push(yield* through(door, accept(file)));
    results.push(yield* through(door, accept(99)));
  }]]);
  assertEquals(results, ["EINVAL", "ENOTSOCK", "EBADF"]);
});

throughEachDoor(
  "a socket without a connection, or with one, says so",
  (door) => {
    const { world, kettle } = makeWorld();
    const results: unknown[] = [];
    runAll(world, [[kettle, function* () {
      yield* sigaction("PIPE", "ign");
      const fd = yield* socket();
      results.push(yield* through(door, read(fd, 1)));
      results.push(yield* through(door, write(fd, "x")));
      yield* serverSocket(80);
      yield* connect(fd, { host: "localhost", port: 80 });
      const to = { host: "localhost", port: 80 };
      results.push(yield* through(door, connect(fd, to)));
    }]]);
    assertEquals(results, ["ENOTCONN", "EPIPE", "EISCONN"]);
  },
);

throughEachDoor(
  "after a reset come the bytes, ECONNRESET once, then the end",
  (door) => {
    const { world, kettle } = makeWorld();
    const results: unknown[] = [];
    runAll(world, [[kettle, function* () {
      yield* sigaction("PIPE", "ign");
      const [client, server] = yield* pairOfSockets();
      yield* write(server, "before");
      yield* setsockopt(server, { linger0: true });
      yield* close(server);
      yield* sleep(1 * ms);
      const bytes = yield* through(door, read(client, 100));
      results.push(text(bytes as Uint8Array));
      results.push(yield* through(door, read(client, 100)));
      const end = yield* through(door, read(client, 100));
      results.push((end as Uint8Array).length);
      results.push(yield* through(door, write(client, "x")));
    }]]);
    assertEquals(results, ["before", "ECONNRESET", 0, "EPIPE"]);
  },
);

throughEachDoor(
  "a client that closed before it was accepted is read",
  (door) => {
    const { world, kettle } = makeWorld();
    const results: unknown[] = [];
    runAll(world, [[kettle, function* () {
      const listener = yield* serverSocket(80);
      const client = yield* clientSocket("localhost", 80);
      yield* write(client, "early");
      yield* close(client);
      yield* sleep(1 * ms);
      const server = (yield* through(door, accept(listener))) as number;
      for (let i = 0; i < 2; i++) {
        const bytes = yield* through(door, read(server, 100));
        results.push(text(bytes as Uint8Array));
      }
    }]]);
    assertEquals(results, ["early", ""]);
  },
);

throughEachDoor(
  "a silent address times out at 131 s, or at its limit",
  (door) => {
    const { world, kettle, mirror } = makeWorld();
    const results: unknown[] = [];
    const times: number[] = [];
    mirror.spawn(function* () {
      yield* serverSocket(80, 0);
      yield* sleep(200 * s);
    }, []);
    kettle.spawn(function* () {
      yield* sleep(1 * ms);
      const to = { host: "mirror", port: 80 };
      for (const limitNs of [0, 300 * ms]) {
        const fd = yield* socket();
        const request = connect(fd, to);
        const startNs = world.now;
        const limited = limitNs > 0 ? within(limitNs, request) : request;
        results.push(yield* through(door, limited));
        times.push(world.now - startNs);
        yield* close(fd);
      }
    }, []);
    assertEquals(world.run().reason, "done");
    assertEquals(results, ["ETIMEDOUT", "ETIME"]);
    const [whole, limited] = times as [number, number];
    assert(whole >= 131 * s && whole < 131 * s + 10 * us, `${whole}`);
    assert(limited >= 300 * ms && limited < 300 * ms + 10 * us, `${limited}`);
    assertEquals(kettle.snapshot().counts.sockets, 0);
    assertEquals(mirror.snapshot().counts.sockets, 0);
  },
);

test("a multishot accept gives an event for each client and ends when it is cancelled", () => {
  const { world, kettle, mirror } = makeWorld();
  const seen: unknown[] = [];
  runAll(world, [[mirror, function* () {
    const listener = yield* serverSocket(80, 1);
    const handle = yield* submit(accept(listener), { multishot: true });
    for (let i = 0; i < 3; i++) {
      const event = yield* wait(handle);
      seen.push([event.ok, event.more]);
      if (event.ok) yield* close(event.value);
    }
    yield* cancel(handle);
    const last = yield* wait(handle);
    seen.push([outcome(last), last.more]);
  }], [kettle, function* () {
    for (let i = 0; i < 3; i++) yield* clientSocket("mirror", 80);
  }]]);
  const each = [true, true];
  assertEquals(seen, [each, each, each, ["ECANCELED", false]]);
});

test("accept with no descriptor left fails, and the connection waits on", () => {
  const { world, kettle } = makeWorld();
  const results: unknown[] = [];
  runAll(world, [[kettle, function* () {
    const listener = yield* serverSocket(80);
    const client = yield* clientSocket("localhost", 80);
    const file = yield* open("/tmp/file", "w");
    for (;;) {
      try {
        yield* dup(file);
      } catch {
        break;
      }
    }
    results.push(yield* through("submit", accept(listener)));
    yield* close(file);
    const server = yield* accept(listener);
    yield* write(client, "still here");
    results.push(text(yield* read(server, 100)));
  }]]);
  assertEquals(results, ["EMFILE", "still here"]);
});

test("a nonblocking socket answers EAGAIN at door 1 only", () => {
  const { world, kettle } = makeWorld();
  const results: unknown[] = [];
  runAll(world, [[kettle, function* () {
    const [client, server] = yield* pairOfSockets();
    yield* fcntl(client, { nonblock: true });
    results.push(yield* through("call", read(client, 10)));
    const handle = yield* submit(read(client, 10));
    yield* write(server, "came");
    results.push(text(outcome(yield* wait(handle)) as Uint8Array));
    let written = 0;
    for (;;) {
      const count = yield* through(
        "call",
        write(client, new Uint8Array(50_000)),
      );
      if (typeof count !== "number") {
        results.push(count);
        break;
      }
      written += count;
    }
    // Both buffers of 64 KiB, but for a window too small for a full segment.
    results.push(written <= 131_072 && written > 131_072 - 1_460);
  }]]);
  assertEquals(results, ["EAGAIN", "came", "EAGAIN", true]);
});

test("ready tells of a client, of bytes, and of the peer's end", () => {
  const { world, kettle } = makeWorld();
  const results: unknown[] = [];
  runAll(world, [[kettle, function* () {
    const listener = yield* serverSocket(80);
    const coming = yield* submit(ready(listener, "in"));
    const client = yield* clientSocket("localhost", 80);
    results.push(outcome(yield* wait(coming)));
    const server = yield* accept(listener);
    const bytes = yield* submit(ready(server, "in"));
    yield* write(client, "x");
    results.push(outcome(yield* wait(bytes)));
    yield* read(server, 10);
    yield* shutdown(client, "wr");
    yield* sleep(1 * ms);
    results.push(yield* ready(server, "in"));
  }]]);
  const nothing = {
    in: true,
    out: false,
    hup: false,
    err: false,
    rdhup: false,
  };
  assertEquals(results, [
    nothing,
    { ...nothing, out: true },
    { ...nothing, out: true, rdhup: true },
  ]);
});

test("a killed process gives back its connections, and the peer reads the end", () => {
  const { world, kettle, mirror } = makeWorld();
  const results: unknown[] = [];
  runAll(world, [[mirror, function* () {
    const listener = yield* serverSocket(80);
    const fd = yield* accept(listener);
    results.push((yield* read(fd, 100)).length);
  }], [kettle, function* () {
    const child = yield* spawn(function* () {
      yield* sleep(1 * ms);
      const fd = yield* clientSocket("mirror", 80);
      yield* submit(read(fd, 100));
      yield* sleep(1 * s);
    }, []);
    yield* sleep(5 * ms);
    yield* kill(child, "KILL");
    results.push((yield* waitpid(child)).signal);
  }]]);
  assertEquals(results.sort(), [0, "KILL"]);
});

test("two ends in one process that both read are a deadlock, named as sockets", () => {
  const { world, kettle } = makeWorld();
  kettle.spawn(
    function* () {
      const [client] = yield* pairOfSockets();
      yield* read(client, 1);
    },
    [],
    { name: "alone" },
  );
  const { reason, report } = world.run();
  assertEquals(reason, "deadlock");
  assertStringIncludes(report, "bytes from socket kettle:32768 to kettle:80");
});

test("waiting for a client, or for a peer on another machine, is idle", () => {
  const { world, kettle, mirror } = makeWorld();
  mirror.spawn(function* () {
    const listener = yield* serverSocket(80);
    const fd = yield* accept(listener);
    yield* read(fd, 1);
  }, []);
  assertEquals(world.run().reason, "idle");
  kettle.spawn(function* () {
    const fd = yield* clientSocket("mirror", 80);
    assertEquals(yield* getpeername(fd), { host: "mirror", port: 80 });
    yield* read(fd, 1);
  }, []);
  assertEquals(world.run().reason, "idle");
});

test("two runs of the same programs leave the same trace", () => {
  const hashes = [1, 2].map(() => {
    const { world, kettle, mirror } = makeWorld();
    runAll(world, [
      [mirror, function* () {
        const listener = yield* serverSocket(80, 2);
        for (let i = 0; i < 5; i++) {
          const fd = yield* accept(listener);
          while ((yield* read(fd, 4096)).length > 0);
          yield* close(fd);
        }
      }],
      ...[1, 2, 3, 4, 5].map((n): [Machine, () => Program] => [
        kettle,
        function* () {
          const fd = yield* clientSocket("mirror", 80);
          yield* write(fd, new Uint8Array(n * 50_000));
        },
      ]),
    ]);
    return world.trace.hash;
  });
  assertEquals(hashes[0], hashes[1]);
});
