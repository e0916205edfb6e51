// The three doors as a mechanism: what an event says, where it goes, who takes
// it, and the figure's point: two waits overlap.

import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  cancel,
  clock,
  close,
  compute,
  type Event,
  type Handle,
  join,
  masked,
  ms,
  nop,
  open,
  pause,
  pipe,
  poll,
  pread,
  push,
  queue,
  read,
  type Request,
  type Routine,
  sleep,
  submit,
  thread,
  us,
  wait,
  within,
  write,
} from "kettle";
import {
  type Door,
  DOORS,
  eventOutcome,
  outcome,
  program,
  runToEnd,
  throughDoors,
} from "../conformance/doors.ts";

// ------------------------------------------------------------- what an event says

program("an event has its handle, call, arguments, tag and time", function* () {
  const tag = { any: "thing" };
  const fd = yield* open("/f");
  const handle = yield* submit(pread(fd, 2, 1), { tag });
  const event = yield* wait(handle);
  assertStrictEquals(event.handle, handle);
  assertStrictEquals(event.tag, tag);
  assertEquals([event.call, event.fd, event.more], ["pread", fd, false]);
  assert(event.ok && event.at <= (yield* clock()));
  assertEquals(event.value, new TextEncoder().encode("bc"));
  const asleep = yield* wait(yield* submit(sleep(5)));
  assertEquals([asleep.call, asleep.ns], ["sleep", 5]);
  const opened = yield* wait(yield* submit(open("/missing")));
  assertEquals([opened.call, opened.path], ["open", "/missing"]);
  assert(!opened.ok);
  assertEquals(
    opened.error.message,
    "/missing: ENOENT, no such file or directory",
  );
}, { files: { "/f": "abcdef" } });

program(
  "the time of an event is when it happened, not when it was looked at",
  function* () {
    const before = yield* clock();
    const handle = yield* submit(sleep(1 * ms));
    yield* compute(5 * ms);
    assertEquals((yield* wait(handle)).at, before + 1 * ms);
  },
  { costs: "none" },
);

program(
  "a callback's event is the event that submit would have given",
  function* () {
    const fd = yield* open("/f");
    let pushed: Event<"pread"> | null = null;
    const handle = yield* push(pread(fd, 2, 1), { tag: 9 }, (event) => {
      pushed = event;
    });
    while (pushed === null) yield* pause();
    const submitted = yield* wait(yield* submit(pread(fd, 2, 1), { tag: 9 }));
    const { handle: own, at: _, ...rest } = pushed as Event<"pread">;
    const { handle: _other, at: _later, ...expected } = submitted;
    assertStrictEquals(own, handle);
    assertEquals(rest, expected);
  },
  { files: { "/f": "abcdef" } },
);

// ------------------------------------------------------------- where events go

program(
  "a queue may be shared: another thread takes what this one submitted",
  function* () {
    const events = yield* queue();
    const taker = yield* thread(function* () {
      return (yield* wait(events)).map(({ tag }) => tag);
    });
    yield* submit(sleep(1 * ms), { queue: events, tag: "shared" });
    yield* submit(sleep(1 * ms), { tag: "own" });
    assertEquals(yield* join(taker), ["shared"]);
    assertEquals((yield* wait()).map(({ tag }) => tag), ["own"]);
  },
);

program(
  "wait without an argument is for this thread's own requests",
  function* () {
    yield* submit(nop(), { tag: "main" });
    const other = yield* thread(function* () {
      return yield* outcome(wait());
    });
    assertEquals(yield* join(other), "ENOENT");
    assertEquals((yield* wait()).length, 1);
  },
);

program("wait gives at most max events, and the rest stay", function* () {
  for (let i = 0; i < 5; i++) yield* submit(nop(), { tag: i });
  const first = yield* wait({ max: 2 });
  assertEquals(first.map(({ tag }) => tag), [0, 1]);
  assertEquals((yield* poll()).map(({ tag }) => tag), [2, 3, 4]);
});

program(
  "taking an event by its handle takes it from the queue too",
  function* () {
    const events = yield* queue();
    const handle = yield* submit(nop(), { queue: events });
    assert((yield* poll(handle)) !== null);
    assertEquals(yield* poll(events), []);
    assertEquals(yield* outcome(poll(handle)), "ENOENT");
    assertEquals(yield* outcome(wait(events)), "ENOENT");
  },
);

program("two who wait at one queue each get an event", function* () {
  const events = yield* queue();
  yield* submit(sleep(2 * ms), { queue: events, tag: 1 });
  yield* submit(sleep(3 * ms), { queue: events, tag: 2 });
  const take = function* (): Routine<unknown> {
    return (yield* wait(events)).map(({ tag }) => tag);
  };
  const tids = [yield* thread(take), yield* thread(take)];
  assertEquals([yield* join(tids[0]!), yield* join(tids[1]!)], [[1], [2]]);
});

program(
  "cancelling a queue withdraws all that would report there",
  function* () {
    const events = yield* queue();
    const [readEnd] = yield* pipe();
    for (let i = 0; i < 3; i++) {
      yield* submit(read(readEnd, 1), {
        queue: events,
      });
    }
    const spared = yield* submit(sleep(1 * ms));
    assertEquals(yield* cancel(events), 3);
    assertEquals((yield* wait(events)).map(eventOutcome), [
      "ECANCELED",
      "ECANCELED",
      "ECANCELED",
    ]);
    assertEquals(eventOutcome(yield* wait(spared)), "ok");
  },
);

program("a wait that times out leaves the request going", function* () {
  const handle = yield* submit(sleep(2 * ms));
  assertEquals(yield* wait(handle, { timeout: 1 * ms }), null);
  assertEquals(yield* wait([handle], { timeout: 0 }), []);
  assert((yield* wait(handle)).ok);
});

program(
  "what is polled is asked of the kernel, never waited for",
  function* () {
    const handle = yield* submit(sleep(1 * ms));
    let looks = 0;
    while ((yield* poll(handle)) === null) looks++;
    assertEquals(looks > 1_000, true);
  },
);

program(
  "a pushed handle cannot be polled: its callback has the event",
  function* () {
    const handle = yield* push(sleep(1 * ms), () => {});
    assertEquals(yield* outcome(poll(handle as Handle)), "EINVAL");
    assertEquals(yield* cancel(handle), "cancelled");
    yield* nop();
  },
);

program("a cancelled push runs its callback with ECANCELED", function* () {
  const [readEnd] = yield* pipe();
  let seen: unknown = null;
  const handle = yield* push(read(readEnd, 1), (event) => {
    seen = eventOutcome(event);
  });
  assertEquals(yield* cancel(handle), "cancelled");
  yield* nop();
  assertEquals(seen, "ECANCELED");
  assertEquals(yield* cancel(handle), "done");
});

// ------------------------------------------------------------- limits and repetition

throughDoors(
  "a limit belongs to the request, through every door",
  function* (door) {
    const [readEnd] = yield* pipe();
    const before = yield* clock();
    assertEquals(yield* door.do(within(3 * ms, read(readEnd, 1))), "ETIME");
    assertEquals((yield* clock()) - before, 3 * ms);
    assertEquals(yield* door.do(within(9 * ms, sleep(1 * ms))), "ok");
    assertEquals(
      yield* door.do(within(1 * ms, within(9 * ms, sleep(5 * ms)))),
      "ETIME",
    );
    assertEquals(
      yield* door.do(within(9 * ms, within(1 * ms, sleep(5 * ms)))),
      "ETIME",
    );
    return (yield* clock()) - before;
  },
  { costs: "none" },
);

program("a repeating timer keeps its phase", function* () {
  const before = yield* clock();
  const handle = yield* submit(sleep(1 * ms), { multishot: true });
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    if (i === 2) yield* compute(2_500 * us);
    times.push((yield* wait(handle)).at - before);
  }
  assertEquals(times, [1, 2, 3, 4, 5].map((n) => n * ms));
  assertEquals(yield* cancel(handle), "cancelled");
  assertEquals(eventOutcome(yield* wait(handle)), "ECANCELED");
}, { costs: "none" });

program("a multishot push runs its callback each time", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  const seen: unknown[] = [];
  yield* push(read(readEnd, 2), { multishot: true }, (event) => {
    seen.push(`${eventOutcome(event)}${event.more ? "+" : ""}`);
  });
  yield* write(writeEnd, "abcde");
  yield* nop();
  yield* close(writeEnd);
  yield* nop();
  assertEquals(seen, ["ab+", "cd+", "e+", ""]);
});

program("what cannot repeat is refused", function* () {
  const refused = submit(nop(), { multishot: true });
  assertEquals(yield* outcome(refused), "EINVAL");
});

// ------------------------------------------------------------- the point of it

/** Two sleeps and compute between them, through one door; how long it takes. */
function* twoWaits(door: Door): Routine<number> {
  const before = yield* clock();
  const requests: Request[] = [sleep(7 * ms), sleep(4 * ms)];
  if (door.name === "call") {
    yield* door.do(requests[0]!);
    yield* compute(1 * ms);
    yield* door.do(requests[1]!);
  } else {
    const first = yield* door.start(requests[0]!);
    yield* compute(1 * ms);
    const second = yield* door.start(requests[1]!);
    yield* second.end();
    yield* first.end();
  }
  return (yield* clock()) - before;
}

test("through door 1 waits add up, through the others they overlap", () => {
  const times = DOORS.map((door) =>
    runToEnd(() => twoWaits(door), { costs: "none" }).value
  );
  assertEquals(times, [12 * ms, 7 * ms, 7 * ms]);
});

program(
  "a critical section in masked is not entered by a callback",
  function* () {
    let inside = false, entered = 0;
    yield* push(sleep(10 * us), { multishot: true }, function* () {
      assertEquals(inside, false);
      entered++;
      yield* nop();
    });
    for (let i = 0; i < 20; i++) {
      yield* masked(function* () {
        inside = true;
        yield* compute(100 * us);
        yield* nop();
        inside = false;
      });
    }
    assert(entered >= 20);
    const pushed = yield* outcome(cancel({ fd: 0 }));
    assertEquals(pushed, 0);
  },
  { mayComplain: true },
);
