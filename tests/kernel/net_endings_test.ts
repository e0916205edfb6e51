// Programs with sockets that end badly or begin too early: killed with a full
// queue, closed under pending requests, listeners shared by processes, accepts
// that are cancelled, machines that lose their power. Whatever happens, the other
// side is told, and nothing is left. What single segments do is in
// net_adversary_test.ts.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  accept,
  bind,
  cancel,
  clock,
  close,
  connect,
  dup,
  type Event,
  kill,
  listen,
  ms,
  type Program,
  push,
  queue,
  read,
  ready,
  type Request,
  type Routine,
  s,
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
import { fold, type MachineOptions, World } from "kettle/world";
import { RandomStream } from "../../kernel/random.ts";

const TO_FAR = { host: "far", port: 80 };
const HERE = { host: "localhost", port: 80 };

function plain(value: unknown): string {
  if (value instanceof Uint8Array) return text(value);
  return value === undefined ? "ok" : String(value);
}

/** A request's value as text, or its error code. */
function* outcome(request: Request): Routine<string> {
  try {
    return plain(yield* request);
  } catch (error) {
    if (error instanceof SysError) return error.code;
    throw error;
  }
}

function eventOutcome(event: Event): string {
  return event.ok ? plain(event.value) : event.error.code;
}

function* listener(backlog: number): Routine<number> {
  const fd = yield* socket();
  yield* bind(fd, { port: 80 });
  yield* listen(fd, backlog);
  return fd;
}

function* connected(to = TO_FAR): Routine<number> {
  const fd = yield* socket();
  yield* connect(fd, to);
  return fd;
}

/** `near` and `far`, and a proof that nothing is left of what ran there. */
function makePair(options: MachineOptions = {}, latencyNs = 50 * us) {
  const world = new World();
  const near = world.boot({ name: "near", ...options });
  const far = world.boot({ name: "far", ...options });
  world.cable(near, far, { latencyNs });
  const before = world.machines.map((machine) => machine.snapshot());
  const done = () => {
    assertEquals(world.run(), { reason: "done", report: "" });
    world.machines.forEach((machine, index) => {
      const { counts } = machine.snapshot();
      assertEquals(counts, before[index]!.counts);
      assertEquals(fold(world.trace.events(), index).counts, counts);
    });
  };
  return { world, near, far, done };
}

// ------------------------------------------------------------- killed

test("a server that is killed with 1,000 connections in its queue resets every one", () => {
  const { near, far, done } = makePair({ nic: { rxRing: 1_024 } });
  const server = far.spawn(function* () {
    yield* listener(1_000);
    yield* sleep(1_000 * s);
  });
  far.spawn(function* () {
    yield* sleep(3 * s);
    yield* kill(server.pid, "KILL");
  });
  const ends: string[] = [];
  for (const _ of [1, 2]) {
    near.spawn(function* () {
      yield* sleep(1 * ms);
      for (let i = 0; i < 500; i++) {
        yield* submit(read(yield* connected(), 10));
      }
      for (let left = 500; left > 0;) {
        const events = yield* wait();
        ends.push(...events.map(eventOutcome));
        left -= events.length;
      }
    });
  }
  done();
  assertEquals(ends.length, 1_000);
  assertEquals(new Set(ends), new Set(["ECONNRESET"]));
});

test("a process killed with every kind of request pending, through every door, leaves nothing", () => {
  const { world, near, done } = makePair();
  const victim = near.spawn(function* () {
    const listening = yield* listener(8);
    yield* submit(accept(listening), { multishot: true });
    yield* push(accept(listening), () => {});
    yield* submit(connect(yield* socket(), { host: "far", port: 1 }));
    const fd = yield* connected(HERE);
    yield* submit(read(fd, 1));
    yield* submit(write(fd, new Uint8Array(500_000)));
    yield* submit(write(fd, "behind"));
    yield* submit(ready(fd, "in"));
    yield* push(within(50 * s, read(fd, 10)), () => {});
    yield* read(fd, 10);
  });
  near.spawn(function* () {
    yield* sleep(2 * s);
    yield* kill(victim.pid, "KILL");
  });
  done();
  assertEquals(victim.exit, { signal: "KILL" });
  assert(world.now < 3 * s, `${world.now / s} s`);
});

test("two processes share a listener: one is killed and the other serves on; after the last, nobody is let in", () => {
  const { near, far, done } = makePair();
  const serve = (name: string, listening: number) =>
    function* (): Program {
      for (;;) {
        const fd = yield* accept(listening);
        yield* write(fd, name);
        yield* close(fd);
      }
    };
  far.spawn(function* () {
    const listening = yield* listener(8);
    const children = [];
    for (const name of "ab") {
      children.push(yield* spawn(serve(name, listening)));
    }
    yield* close(listening);
    for (const child of children) {
      yield* sleep(100 * ms);
      yield* kill(child, "KILL");
      yield* waitpid(child);
    }
  });
  let answers = "";
  near.spawn(function* () {
    yield* sleep(10 * ms);
    for (let i = 0; i < 12; i++) {
      const fd = yield* socket();
      const opened = yield* outcome(connect(fd, TO_FAR));
      answers += opened === "ok" ? yield* outcome(read(fd, 10)) : "-";
      yield* close(fd);
      yield* sleep(20 * ms);
    }
  });
  done();
  assertEquals(answers, "ababa" + "bbbbb" + "--");
});

test("a machine without power is silent: ETIMEDOUT; with power again it resets what it does not know", () => {
  for (const isBack of [false, true]) {
    const { world, near, far } = makePair();
    far.spawn(function* () {
      yield* accept(yield* listener(1));
      yield* sleep(10_000 * s);
    });
    const ends: string[] = [];
    near.spawn(function* () {
      yield* sleep(1 * ms);
      const fd = yield* connected();
      yield* sleep(1 * s);
      ends.push(yield* outcome(write(fd, "are you there?")));
      ends.push(yield* outcome(read(fd, 1)));
    });
    world.run({ untilNs: s / 2 });
    far.pullPlug();
    if (isBack) far.powerOn();
    assertEquals(world.run().reason, "done");
    assertEquals(ends, ["14", isBack ? "ECONNRESET" : "ETIMEDOUT"]);
    const seconds = world.now / s;
    assert(isBack ? seconds < 2 : seconds > 900, `${seconds} s`);
    assertEquals(near.snapshot().counts.sockets, 0);
  }
});

test("who waits for room at a machine whose power goes is told: ETIMEDOUT", () => {
  const { world, near, far } = makePair();
  far.spawn(function* () {
    yield* accept(yield* listener(1));
    yield* sleep(10_000 * s);
  });
  let end = "";
  near.spawn(function* () {
    yield* sleep(1 * ms);
    const fd = yield* connected();
    const moved = yield* outcome(write(fd, new Uint8Array(500_000)));
    end = `${moved} ${yield* outcome(read(fd, 1))}`;
  });
  world.run({ untilNs: s });
  far.pullPlug();
  assertEquals(world.run().reason, "done");
  assertEquals(end, "129776 ETIMEDOUT");
  assertEquals(near.snapshot().counts.sockets, 0);
});

// ------------------------------------------------------------- closed

test("a connection ends with its last descriptor: the copy's and the child's too", () => {
  const { near, far, done } = makePair();
  let endedNs = 0;
  far.spawn(function* () {
    const fd = yield* accept(yield* listener(1));
    assertEquals((yield* read(fd, 1)).length, 0);
    endedNs = yield* clock();
  });
  near.spawn(function* () {
    yield* sleep(1 * ms);
    const fd = yield* connected();
    const copy = yield* dup(fd);
    const child = yield* spawn(function* () {
      yield* sleep(20 * ms);
    });
    yield* close(fd);
    yield* sleep(10 * ms);
    yield* close(copy);
    yield* waitpid(child);
  });
  done();
  assert(endedNs > 21 * ms && endedNs < 22 * ms, `${endedNs / ms} ms`);
});

test("a socket closed while it connects still connects, and then ends in peace", () => {
  const { near, far, done } = makePair();
  const ends: string[] = [];
  far.spawn(function* () {
    const fd = yield* accept(yield* listener(1));
    ends.push(`server: ${yield* outcome(read(fd, 1))}`);
  });
  near.spawn(function* () {
    yield* sleep(1 * ms);
    const fd = yield* socket();
    const handle = yield* submit(connect(fd, TO_FAR));
    yield* close(fd);
    ends.push(`client: ${eventOutcome(yield* wait(handle))}`);
    yield* sleep(1 * ms);
  });
  done();
  assertEquals(ends, ["client: ok", "server: "]);
});

test("cancelling a socket's number ends all six requests on it, and what was not moved stays", () => {
  const { near, done } = makePair();
  let left = 0, moved = 0;
  near.spawn(function* () {
    const listening = yield* listener(1);
    const fd = yield* connected(HERE), server = yield* accept(listening);
    const handles = [
      yield* submit(read(fd, 5)),
      yield* submit(read(fd, 5)),
      yield* submit(write(fd, new Uint8Array(400_000))),
      yield* submit(write(fd, "behind")),
      yield* submit(ready(fd, "in")),
      yield* submit(ready(fd, "out")),
    ];
    yield* sleep(1 * ms);
    assertEquals(yield* cancel({ fd }), 6);
    const ends = [];
    for (const handle of handles) {
      ends.push(eventOutcome((yield* wait(handle)) as Event));
    }
    moved = Number(ends.splice(2, 1)[0]);
    assertEquals(new Set(ends), new Set(["ECANCELED"]));
    yield* write(server, "kept");
    assertEquals(yield* outcome(read(fd, 10)), "kept");
    yield* close(fd);
    for (;;) {
      const { length } = yield* read(server, 65_536);
      if (length === 0) break;
      left += length;
    }
  });
  done();
  assert(moved > 65_536 && moved < 400_000, `${moved}`);
  assertEquals(left, moved);
});

// ------------------------------------------------------------- too early

test("what is asked of a socket that still connects waits for the connection, or ends with it", () => {
  const { near, far, done } = makePair();
  far.spawn(function* () {
    yield* sleep(500 * us);
    const fd = yield* accept(yield* listener(1));
    assertEquals(yield* outcome(read(fd, 50)), "early");
    yield* write(fd, "back");
  });
  const ends: string[][] = [];
  near.spawn(function* () {
    yield* sigaction("PIPE", "ign");
    for (let i = 0; i < 2; i++) {
      const fd = yield* socket();
      const handles = [
        yield* submit(connect(fd, TO_FAR)),
        yield* submit(read(fd, 50)),
        yield* submit(write(fd, "early")),
      ];
      const room = yield* submit(ready(fd, "out"));
      const got = [];
      for (const handle of handles) {
        got.push(eventOutcome((yield* wait(handle)) as Event));
      }
      const event = yield* wait(room);
      ends.push([...got, event.ok && event.value.hup ? "hup" : "room"]);
      yield* sleep(1 * ms);
    }
  });
  done();
  assertEquals(ends, [
    ["ECONNREFUSED", "ENOTCONN", "EPIPE", "hup"],
    ["ok", "back", "5", "room"],
  ]);
});

test("a limit on connect that passes at any instant of the handshake leaves a socket that connects again", () => {
  const ends = new Set<string>();
  for (let limitNs = 1 * us; limitNs < 130 * us; limitNs += 4 * us) {
    const { near, far, done } = makePair();
    far.spawn(function* () {
      const listening = yield* listener(2);
      for (const _ of [1, 2]) yield* outcome(within(10 * s, accept(listening)));
    });
    near.spawn(function* () {
      yield* sleep(500 * us);
      const fd = yield* socket();
      const first = yield* outcome(within(limitNs, connect(fd, TO_FAR)));
      ends.add(`${first} ${yield* outcome(connect(fd, TO_FAR))}`);
    });
    done();
  }
  assertEquals(ends, new Set(["ETIME ok", "ok EISCONN"]));
});

// ------------------------------------------------------------- queues

test("accepts that are cancelled, limited or multishot lose no connection and take none twice", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = new RandomStream(seed, "accepts");
    const clients = 8;
    const { near, far, done } = makePair({}, random.integer(100) * us);
    let accepted = 0, served = 0;
    far.spawn(function* () {
      const listening = yield* listener(1 + random.integer(3));
      const take = function* (fd: number): Routine {
        accepted++;
        yield* write(fd, "served");
        yield* close(fd);
      };
      while (accepted < clients) {
        const patienceNs = random.integer(3 * ms);
        const multishot = random.integer(2) === 0;
        const handle = yield* submit(accept(listening), { multishot });
        yield* sleep(patienceNs);
        yield* cancel(handle);
        for (let more = true; more;) {
          const event = yield* wait(handle);
          more = event.more;
          if (event.ok) yield* take(event.value);
        }
        const limited = yield* outcome(within(10 * us, accept(listening)));
        if (limited !== "ETIME") yield* take(Number(limited));
        yield* sleep(random.integer(30 * ms));
      }
    });
    for (let i = 0; i < clients; i++) {
      near.spawn(function* () {
        yield* sleep(1 * ms + random.integer(3 * ms));
        if ((yield* outcome(read(yield* connected(), 9))) === "served") {
          served++;
        }
      });
    }
    done();
    assertEquals([accepted, served], [clients, clients], `seed ${seed}`);
  }
});

test("a multishot accept pauses when its queue is full; then the backlog fills, and nobody is lost", () => {
  const { near, far, done } = makePair();
  const backlog = 4, capacity = 16, clients = 30;
  let early = 0, served = 0;
  far.spawn(function* () {
    const listening = yield* listener(backlog);
    const handle = yield* submit(accept(listening), {
      multishot: true,
      queue: yield* queue({ capacity }),
    });
    yield* sleep(500 * ms);
    for (let i = 0; i < clients; i++) {
      const event = yield* wait(handle);
      assert(event.ok && event.more);
      yield* write(event.value, "served");
      yield* close(event.value);
    }
    yield* cancel(handle);
  });
  for (let i = 0; i < clients; i++) {
    near.spawn(function* () {
      yield* sleep(1 * ms + i * 100 * us);
      const fd = yield* connected();
      if ((yield* clock()) < 400 * ms) early++;
      if ((yield* outcome(read(fd, 9))) === "served") served++;
    });
  }
  done();
  assertEquals([early, served], [capacity + backlog, clients]);
});

test("200 connects to a backlog of one, all cancelled at last, leave nothing on either side", () => {
  const { near, far, done } = makePair();
  far.spawn(function* () {
    yield* listener(1);
    yield* sleep(200 * s);
  });
  let cancelled = 0;
  near.spawn(function* () {
    yield* sleep(1 * ms);
    const handles = [];
    for (let i = 0; i < 200; i++) {
      handles.push(yield* submit(connect(yield* socket(), TO_FAR)));
    }
    yield* sleep(3 * s);
    for (const handle of handles) {
      if ((yield* cancel(handle)) === "cancelled") cancelled++;
      yield* wait(handle);
    }
  });
  done();
  assertEquals(cancelled, 199);
});
