// Conformance, section F: submit, wait, cancel, chains and event queues.

import { assert, assertEquals } from "@std/assert";
import {
  accept,
  bind,
  cancel,
  Cell,
  chain,
  clock,
  close,
  connect,
  type Event,
  fcntl,
  futexWait,
  futexWake,
  type Handle,
  join,
  listen,
  ms,
  nop,
  open,
  pipe,
  poll,
  pread,
  queue,
  read,
  sleep,
  socket,
  spawn,
  submit,
  thread,
  wait,
  waitpid,
  within,
  write,
} from "kettle";
import {
  DOORS,
  eventOutcome,
  outcome,
  plain,
  program,
  throughDoors,
} from "./doors.ts";

const FILE = { files: { "/f": "abcdef" } };

function codes(event: Event<"chain">): string[] {
  const members = event.ok ? event.value : event.error.members!;
  return members.map((each) => each.ok ? "ok" : each.error.code);
}

program(
  "C081: every request gives exactly one last event, however it ends",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const closing = yield* pipe();
    const handles: Handle[] = [
      yield* submit(nop()),
      yield* submit(read(99, 1)),
      yield* submit(read(readEnd, 1)),
      yield* submit(within(1 * ms, read(readEnd, 1))),
      yield* submit(read(closing[0], 1)),
    ];
    assertEquals(yield* cancel(handles[2]!), "cancelled");
    yield* close(closing[1]);
    yield* sleep(5 * ms);
    yield* write(writeEnd, "rest");
    const events = yield* poll(handles);
    const ended = new Map<Handle, Event>(
      events.map((each) => [each.handle, each]),
    );
    assertEquals(events.length, 5);
    assertEquals(
      handles.map((each) => eventOutcome(ended.get(each)!)),
      ["ok", "EBADF", "ECANCELED", "ETIME", ""],
    );
    assert(events.every(({ more }) => !more));
    assertEquals(yield* outcome(wait()), "ENOENT");
  },
);

program(
  "C082: a bad request is reported by its event, not by submit",
  function* () {
    const good = yield* submit(nop());
    const bad = yield* submit(read(99, 1));
    assertEquals(eventOutcome(yield* wait(bad)), "EBADF");
    assertEquals(eventOutcome(yield* wait(good)), "ok");
  },
);

program("C083: a cancelled read takes no byte", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  const handle = yield* submit(read(readEnd, 10));
  assertEquals(yield* cancel(handle), "cancelled");
  assertEquals(eventOutcome(yield* wait(handle)), "ECANCELED");
  yield* write(writeEnd, "all of it");
  assertEquals(plain(yield* read(readEnd, 10)), "all of it");
});

program("C084: cancel tells whether it came too late", function* () {
  const done = yield* submit(nop());
  assertEquals(yield* cancel(done), "done");
  yield* wait(done);
  assertEquals(yield* cancel(done), "done");
  const fd = yield* open("/f");
  const reading = yield* submit(pread(fd, 3, 1));
  yield* sleep(1 * ms);
  assertEquals(yield* cancel(reading), "busy");
  assertEquals(eventOutcome(yield* wait(reading)), "bcd");
}, FILE);

program(
  "C086: cancelling a descriptor ends all that waits on it and counts it",
  function* () {
    const [readEnd] = yield* pipe();
    const [other, otherEnd] = yield* pipe();
    const handles = [
      yield* submit(read(readEnd, 1)),
      yield* submit(read(readEnd, 1)),
      yield* submit(within(9 * ms, read(readEnd, 1))),
    ];
    const spared = yield* submit(read(other, 1));
    assertEquals(yield* cancel({ fd: readEnd }), 3);
    for (const handle of handles) {
      assertEquals(eventOutcome(yield* wait(handle)), "ECANCELED");
    }
    yield* write(otherEnd, "x");
    assertEquals(eventOutcome(yield* wait(spared)), "x");
    assertEquals(yield* cancel({ fd: readEnd }), 0);
  },
);

throughDoors(
  "C088: closing the number does not stop a read under way",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    const pending = yield* door.start(read(readEnd, 1));
    yield* close(readEnd);
    assertEquals(yield* write(writeEnd, "x"), 1);
    assertEquals(yield* pending.end(), "x");
    assertEquals(yield* outcome(read(readEnd, 1)), "EBADF");
  },
);

program(
  "C090: a closed listener listens until its pending accept ends",
  function* () {
    const listener = yield* socket();
    yield* bind(listener, { port: 80 });
    yield* listen(listener);
    const accepting = yield* submit(accept(listener));
    yield* close(listener);
    const client = yield* socket();
    yield* connect(client, { host: "localhost", port: 80 });
    assert((yield* wait(accepting)).ok);
    const late = yield* socket();
    const refused = connect(late, { host: "localhost", port: 80 });
    assertEquals(yield* outcome(refused), "ECONNREFUSED");
  },
);

throughDoors(
  "C091: a chain breaks at its first failure and tells how each member ended",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    const broken = chain(
      nop(),
      read(99, 1),
      write(writeEnd, "never"),
      nop(),
    );
    assertEquals(yield* door.do(broken), "EBADF");
    yield* close(writeEnd);
    return yield* outcome(read(readEnd, 10));
  },
);

program(
  "C091: the error of a broken chain holds an outcome for each member",
  function* () {
    const handle = yield* submit(chain(nop(), read(99, 1), nop(), nop()));
    const event = yield* wait(handle);
    assert(!event.ok);
    assertEquals(codes(event), ["ok", "EBADF", "ECANCELED", "ECANCELED"]);
    assertEquals(event.error.members![2]!.ok, false);
  },
);

program("C091: a short read breaks a chain", function* () {
  const fd = yield* open("/f");
  const event = yield* wait(yield* submit(chain(read(fd, 100), nop())));
  assert(!event.ok);
  assertEquals(event.error.code, "ECANCELED");
  assertEquals(codes(event), ["ok", "ECANCELED"]);
}, FILE);

throughDoors(
  "C092: a member of a chain does not start before the one before it is done",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    const [trigger, triggerEnd] = yield* pipe();
    const pending = yield* door.start(
      chain(read(trigger, 1), write(writeEnd, "second")),
    );
    yield* write(writeEnd, "first ");
    yield* write(triggerEnd, "x");
    const outcomes = (yield* pending.end()) as { ok: boolean }[];
    assertEquals(outcomes.map(({ ok }) => ok), [true, true]);
    return yield* outcome(read(readEnd, 100));
  },
);

program(
  "C094: a limit inside a chain that passes is ETIME and cancels the rest",
  function* () {
    const [readEnd] = yield* pipe();
    const before = yield* clock();
    const late = yield* wait(
      yield* submit(chain(within(2 * ms, read(readEnd, 1)), nop())),
    );
    assertEquals(codes(late), ["ETIME", "ECANCELED"]);
    assertEquals(late.at, before + 2 * ms);
    const early = yield* wait(
      yield* submit(chain(within(2 * ms, sleep(1 * ms)), nop())),
    );
    assertEquals(codes(early), ["ok", "ok"]);
    assertEquals(early.at, before + 3 * ms);
  },
  { costs: "none" },
);

program(
  "C096: a chain cancelled while its head runs ends once, all members cancelled",
  function* () {
    const [readEnd] = yield* pipe();
    const handle = yield* submit(chain(read(readEnd, 1), nop(), nop()));
    assertEquals(yield* cancel(handle), "cancelled");
    const event = yield* wait(handle);
    assertEquals(codes(event), ["ECANCELED", "ECANCELED", "ECANCELED"]);
    assertEquals(event.more, false);
    assertEquals(yield* outcome(wait(handle)), "ENOENT");
  },
);

program(
  "C097: a multishot accept gives one event for each client until it is cancelled",
  function* () {
    const listener = yield* socket();
    yield* bind(listener, { port: 80 });
    yield* listen(listener);
    const handle = yield* submit(accept(listener), { multishot: true });
    const accepted = new Set<number>();
    for (let i = 0; i < 4; i++) {
      yield* connect(yield* socket(), { host: "localhost", port: 80 });
      const event = yield* wait(handle);
      assert(event.ok && event.more);
      accepted.add(event.value);
    }
    assertEquals(accepted.size, 4);
    assertEquals(yield* cancel(handle), "cancelled");
    const last = yield* wait(handle);
    assertEquals([eventOutcome(last), last.more], ["ECANCELED", false]);
  },
);

program(
  "C099: a queue of four loses nothing of eight and keeps their order",
  function* () {
    const events = yield* queue({ capacity: 4 });
    for (let i = 0; i < 8; i++) {
      yield* submit(nop(), { queue: events, tag: i });
    }
    const got: unknown[] = [];
    while (got.length < 8) {
      for (const { tag } of yield* wait(events, { max: 3 })) got.push(tag);
    }
    assertEquals(got, [0, 1, 2, 3, 4, 5, 6, 7]);
  },
);

program(
  "C099: a multishot request pauses at a full queue and loses nothing",
  function* () {
    const events = yield* queue({ capacity: 4 });
    const [readEnd, writeEnd] = yield* pipe();
    const handle = yield* submit(read(readEnd, 1), {
      multishot: true,
      queue: events,
    });
    yield* write(writeEnd, "12345678");
    yield* close(writeEnd);
    const first = yield* poll(events);
    assertEquals(first.map(eventOutcome), [
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "7",
      "8",
      "",
    ]);
    assertEquals(first.map(({ more }) => more).indexOf(false), 8);
    assertEquals(yield* outcome(wait(handle)), "ENOENT");
  },
);

program(
  "C101: timers end by their time, and equal ones in order of submission",
  function* () {
    for (const [i, time] of [30, 10, 10].entries()) {
      yield* submit(sleep(time * ms), { tag: i });
    }
    const order: unknown[] = [];
    while (order.length < 3) {
      for (const { tag } of yield* wait()) order.push(tag);
    }
    assertEquals(order, [1, 2, 0]);
  },
);

program("C102: a sleep can be cancelled until it has ended", function* () {
  const long = yield* submit(sleep(1_000 * ms));
  const short = yield* submit(sleep(1 * ms));
  assertEquals(yield* cancel(long), "cancelled");
  yield* sleep(2 * ms);
  assertEquals(yield* cancel(short), "done");
  assertEquals(eventOutcome(yield* wait(long)), "ECANCELED");
  assertEquals(eventOutcome(yield* wait(short)), "ok");
});

program(
  "C103: a wait for some handles leaves the others' events alone",
  function* () {
    const unlisted = yield* submit(sleep(1 * ms));
    const slow = yield* submit(sleep(3 * ms));
    const fast = yield* submit(sleep(2 * ms));
    const events = yield* wait([slow, fast]);
    assertEquals(events.map(({ handle }) => handle), [fast]);
    assertEquals(eventOutcome((yield* poll(unlisted))!), "ok");
    yield* wait(slow);
  },
);

program(
  "C105: a process that ends withdraws what it had pending",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const [seen, seenEnd] = yield* pipe();
    yield* spawn(
      function* child() {
        yield* submit(read(readEnd, 1));
        yield* submit(sleep(1_000 * ms));
      },
      [],
      { fds: { [readEnd]: readEnd, [seenEnd]: seenEnd } },
    );
    yield* close(readEnd);
    yield* close(seenEnd);
    yield* waitpid();
    assertEquals(plain(yield* read(seen, 1)), "");
    const handle = yield* submit(write(writeEnd, "x"));
    assertEquals(eventOutcome(yield* wait(handle)), "EPIPE");
    assertEquals((yield* clock()) < 500 * ms, true);
  },
);

throughDoors(
  "C107: waitpid, join and futexWait give the same through every door",
  function* (door) {
    const cell = new Cell(1);
    yield* spawn(function* child() {
      return 7;
    });
    const { status } = (yield* door.do(waitpid())) as { status: number };
    const tid = yield* thread(function* () {
      yield* sleep(1 * ms);
      return "value";
    });
    const joined = yield* door.do(join(tid));
    const waiting = yield* door.start(futexWait(cell, 1));
    assertEquals(yield* futexWake(cell), 1);
    return [status, joined, yield* waiting.end()];
  },
);

program(
  "C107: cancelling waitpid, join or futexWait leaves what they waited for",
  function* () {
    const cell = new Cell(1);
    const pid = yield* spawn(function* child() {
      yield* sleep(1 * ms);
    });
    const tid = yield* thread(function* () {
      yield* sleep(1 * ms);
      return 5;
    });
    const handles: Handle[] = [
      yield* submit(waitpid(pid)),
      yield* submit(join(tid)),
      yield* submit(futexWait(cell, 1)),
    ];
    for (const handle of handles) {
      assertEquals(yield* cancel(handle), "cancelled");
    }
    assertEquals(yield* futexWake(cell), 0);
    assertEquals(yield* join(tid), 5);
    assertEquals(yield* waitpid(pid), { pid, status: 0 });
    assertEquals((yield* poll()).map(eventOutcome), [
      "ECANCELED",
      "ECANCELED",
      "ECANCELED",
    ]);
  },
);

program("C108: O_NONBLOCK speaks at door 1 only", function* () {
  for (const door of DOORS) {
    const [readEnd, writeEnd] = yield* pipe();
    yield* fcntl(readEnd, { nonblock: true });
    const pending = yield* door.start(read(readEnd, 1));
    yield* write(writeEnd, "x");
    assertEquals(yield* pending.end(), door.name === "call" ? "EAGAIN" : "x");
  }
});

program(
  "a wait on one handle is for the first that asks, and each event is told once",
  function* () {
    const handle = yield* submit(sleep(1 * ms));
    let seen = 0;
    yield* thread(function* other() {
      if ((yield* outcome(wait(handle))) !== "ENOENT") seen++;
    });
    if ((yield* outcome(wait(handle, { timeout: 5 * ms }))) !== null) seen++;
    assertEquals(seen, 1);
  },
);
