// Conformance, section D: poll, wait and the request `ready`.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  accept,
  bind,
  cancel,
  clock,
  close,
  connect,
  getpid,
  kill,
  listen,
  ms,
  open,
  pipe,
  poll,
  read,
  ready,
  shutdown,
  sigaction,
  sleep,
  socket,
  submit,
  SysError,
  thread,
  us,
  wait,
  write,
} from "kettle";
import {
  assertTraceAddsUp,
  boot,
  outcome,
  program,
  throughDoors,
} from "./doors.ts";

const NOTHING = { in: false, out: false, hup: false, err: false, rdhup: false };

program(
  "C051: poll tells what is there at once, and the clock stands",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const pending = yield* submit(read(readEnd, 1));
    const before = yield* clock();
    assertEquals(yield* poll(pending), null);
    assertEquals(yield* poll(), []);
    assertEquals(yield* clock(), before);
    yield* write(writeEnd, "x");
    const events = yield* poll();
    assertEquals(events.length, 1);
    assertEquals(events[0]!.handle, pending);
    assertEquals(yield* clock(), before);
  },
  { costs: "none" },
);

program("C051: poll costs what a trap costs, and nothing else", function* () {
  const before = yield* clock();
  yield* poll();
  assertEquals((yield* clock()) - before, 2 * 200);
});

program(
  "C052: a wait for a time ends at that time, with nothing",
  function* () {
    const [readEnd] = yield* pipe();
    const handle = yield* submit(read(readEnd, 1));
    const before = yield* clock();
    assertEquals(yield* wait(handle, { timeout: 3 * ms }), null);
    assertEquals(yield* wait([handle], { timeout: 2 * ms }), []);
    assertEquals(yield* clock(), before + 5 * ms);
    assertEquals(yield* cancel(handle), "cancelled");
  },
  { costs: "none" },
);

test("C052: a wait that nothing can end is a deadlock", () => {
  const { world, machine } = boot();
  machine.spawn(function* reader() {
    const [readEnd] = yield* pipe();
    yield* wait(yield* submit(read(readEnd, 1)));
  });
  const { reason, report } = world.run();
  assertEquals(reason, "deadlock");
  assertStringIncludes(report, "reader (pid 2)");
  assertTraceAddsUp(world);
});

throughDoors(
  "C053: with the writer gone a pipe is in and hup, then hup alone",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    yield* write(writeEnd, "x");
    yield* close(writeEnd);
    assertEquals(yield* door.do(ready(readEnd, "in")), {
      ...NOTHING,
      in: true,
      hup: true,
    });
    yield* read(readEnd, 1);
    return yield* door.do(ready(readEnd, "in"));
  },
);

throughDoors(
  "C053: with the reader gone a pipe reports err, whatever was asked for",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    yield* close(readEnd);
    const got = yield* door.do(ready(writeEnd, "in"));
    assertEquals((got as typeof NOTHING).err, true);
    return got;
  },
);

throughDoors(
  "C055: a closed number is EBADF at once, the others still report",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    const good = yield* door.start(ready(readEnd, "in"));
    assertEquals(yield* door.do(ready(77, "in")), "EBADF");
    yield* write(writeEnd, "x");
    return yield* good.end();
  },
);

throughDoors(
  "C056: a regular file is always ready both ways",
  function* (door) {
    const fd = yield* open("/f", "r+");
    const both = { ...NOTHING, in: true, out: true };
    assertEquals(yield* door.do(ready(fd, "in")), both);
    return yield* door.do(ready(fd, "out"));
  },
  { files: { "/f": "" } },
);

throughDoors(
  "C057: what is not drained is reported every time",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    yield* write(writeEnd, "xy");
    for (let i = 0; i < 3; i++) {
      assertEquals(yield* door.do(ready(readEnd, "in")), {
        ...NOTHING,
        in: true,
      });
      if (i === 1) yield* read(readEnd, 1);
    }
    return yield* outcome(read(readEnd, 9));
  },
);

program(
  "C059: a signal handler ends a wait with EINTR, restarting or not",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const handle = yield* submit(read(readEnd, 1));
    let handled = 0;
    yield* sigaction("USR1", { fn: () => void handled++, restart: true });
    const me = yield* getpid();
    yield* thread(function* sender() {
      yield* sleep(50 * us);
      yield* kill(me, "USR1");
    });
    let code = "";
    try {
      yield* wait(handle);
    } catch (error) {
      code = (error as SysError).code;
    }
    assertEquals([code, handled], ["EINTR", 1]);
    yield* write(writeEnd, "x");
    assert((yield* wait(handle)).ok);
  },
);

throughDoors("C060: ready gives one event and is done", function* (door) {
  const [readEnd, writeEnd] = yield* pipe();
  const pending = yield* door.start(ready(readEnd, "in"));
  yield* write(writeEnd, "x");
  return yield* pending.end();
});

program(
  "C060: a multishot ready reports each arrival until it is cancelled",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const handle = yield* submit(ready(readEnd, "in"), { multishot: true });
    for (let i = 0; i < 3; i++) {
      yield* write(writeEnd, "x");
      const event = yield* wait(handle);
      assertEquals([event.ok, event.more], [true, true]);
      assertEquals(yield* poll(handle), null);
    }
    assertEquals(yield* cancel(handle), "cancelled");
    const last = yield* wait(handle);
    assert(!last.ok);
    assertEquals([last.error.code, last.more], ["ECANCELED", false]);
  },
);

throughDoors(
  "C061: after the peer's half close a socket is in and rdhup, and can still send",
  function* (door) {
    const listener = yield* socket();
    yield* bind(listener, { port: 80 });
    yield* listen(listener);
    const client = yield* socket();
    yield* connect(client, { host: "localhost", port: 80 });
    const server = yield* accept(listener);
    yield* shutdown(client, "wr");
    yield* sleep(10 * ms);
    const got = yield* door.do(ready(server, "in"));
    assertEquals(got, { ...NOTHING, in: true, out: true, rdhup: true });
    assertEquals(yield* door.do(read(server, 1)), "");
    assertEquals(yield* door.do(write(server, "late")), 4);
    return yield* outcome(read(client, 9));
  },
);
