// The edge statements of the semantics that no case of the catalogue shows: what
// toy kernels get wrong.

import { assert, assertEquals } from "@std/assert";
import {
  cancel,
  cell,
  clock,
  close,
  compute,
  dup2,
  type Event,
  fcntl,
  futexWait,
  futexWake,
  getppid,
  type Handle,
  lseek,
  ms,
  nop,
  open,
  pipe,
  poll,
  pread,
  push,
  read,
  type Routine,
  sleep,
  spawn,
  stat,
  submit,
  thread,
  unlink,
  us,
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

const FILE = { files: { "/f": "abcdefghij" } };

// ------------------------------------------------------------- descriptors

program(
  "R1: a request is bound to the open file, not to the number",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const [otherRead, otherWrite] = yield* pipe();
    const handle = yield* submit(read(readEnd, 9));
    yield* dup2(otherRead, readEnd);
    yield* write(otherWrite, "other");
    assertEquals(yield* poll(handle), null);
    yield* write(writeEnd, "first");
    assertEquals(eventOutcome(yield* wait(handle)), "first");
    assertEquals(plain(yield* read(readEnd, 9)), "other");
  },
);

program(
  "22: a number is taken when open completes, not when it is submitted",
  function* () {
    const early = yield* open("/f");
    yield* close(early);
    const handle = yield* submit(open("/bin/none", "w")); // not yet in memory
    const [readEnd] = yield* pipe();
    assertEquals(readEnd, early);
    const event = yield* wait(handle);
    assert(event.ok);
    assertEquals(event.value, early + 2);
  },
  FILE,
);

program(
  "20: reads submitted on one number take their offsets in that order",
  function* () {
    const fd = yield* open("/f");
    const handles: Handle[] = [];
    for (let i = 0; i < 3; i++) handles.push(yield* submit(read(fd, 2)));
    assertEquals(yield* lseek(fd, 0, "cur"), 6);
    const got = [];
    for (const handle of handles) {
      got.push(
        eventOutcome((yield* wait([handle]))[0]!),
      );
    }
    assertEquals(got, ["ab", "cd", "ef"]);
  },
  FILE,
);

program(
  "9: a pending request holds its file: its end of a pipe is open until it ends",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    yield* write(writeEnd, new Uint8Array(65_536));
    const pending = yield* submit(write(writeEnd, "tail"));
    yield* close(writeEnd);
    yield* read(readEnd, 65_536);
    assertEquals(eventOutcome(yield* wait(pending)), 4);
    assertEquals(plain(yield* read(readEnd, 9)), "tail");
    assertEquals(plain(yield* read(readEnd, 9)), "");
  },
);

throughDoors(
  "16: an unlinked file lives while a request holds it",
  function* (door) {
    const fd = yield* open("/f");
    const pending = yield* door.start(pread(fd, 4, 2));
    yield* unlink("/f");
    yield* close(fd);
    assertEquals(yield* outcome(stat("/f")), "ENOENT");
    return yield* pending.end();
  },
  FILE,
);

program(
  "15: appends through different doors do not overwrite each other",
  function* () {
    const fds = [];
    for (let i = 0; i < 3; i++) fds.push(yield* open("/log", "a"));
    const pending = [];
    for (let i = 0; i < 9; i++) {
      pending.push(
        yield* DOORS[i % 3]!.start(write(fds[i % 3]!, `${i}`.repeat(700))),
      );
    }
    for (const each of pending) assertEquals(yield* each.end(), 700);
    const text = plain(yield* read(yield* open("/log"), 10_000)) as string;
    const records = text.match(/(.)\1*/g)!;
    assertEquals(records.map(({ length }) => length), Array(9).fill(700));
    assertEquals(
      records.map((record) => record[0]).sort().join(""),
      "012345678",
    );
  },
);

// ------------------------------------------------------------- time

program("35: an arrival at the very end of a wait is taken", function* () {
  const handle = yield* submit(sleep(1 * ms));
  const event = yield* wait(handle, { timeout: 1 * ms });
  assert(event !== null && event.ok);
  const late = yield* submit(sleep(1 * ms + 1));
  assertEquals(yield* wait(late, { timeout: 1 * ms }), null);
  yield* wait(late);
}, { costs: "none" });

program("35: at one instant the limit that was set first wins", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  yield* thread(function* writer() {
    yield* sleep(1 * ms);
    yield* write(writeEnd, "x");
  });
  const first = yield* outcome(within(1 * ms, read(readEnd, 1)));
  assertEquals(first, "ETIME");
  assertEquals(plain(yield* read(readEnd, 1)), "x");
}, { costs: "none" });

program(
  "36: timers due at once end in the order in which they were started",
  function* () {
    const order: number[] = [];
    const until = (yield* clock()) + 5 * ms;
    for (let i = 0; i < 5; i++) {
      yield* push(sleep({ until }), () => void order.push(i));
      yield* compute(100 * us);
    }
    yield* sleep(10 * ms);
    assertEquals(order, [0, 1, 2, 3, 4]);
  },
);

// ------------------------------------------------------------- one final event

program(
  "37: cancelled, limited or done at one instant: one event",
  function* () {
    for (let delay = 0; delay < 6; delay++) {
      const [readEnd, writeEnd] = yield* pipe();
      const handle = yield* submit(within(3, read(readEnd, 1)));
      yield* sleep(delay);
      yield* write(writeEnd, "x");
      const how = yield* cancel(handle);
      const events: Event[] = yield* poll([handle]);
      assertEquals(events.length, 1);
      assertEquals(how, "done");
      const expected = delay < 3 ? "x" : "ETIME";
      assertEquals(eventOutcome(events[0]!), expected, `after ${delay} ns`);
      for (const fd of [readEnd, writeEnd]) yield* close(fd);
    }
  },
  { costs: "none" },
);

program("38: a cancelled open leaves no number taken", function* () {
  const before = yield* open("/f");
  yield* close(before);
  const handle = yield* submit(open("/f"));
  const how = yield* cancel(handle);
  const event = yield* wait(handle);
  assertEquals(event.ok, how !== "cancelled");
  if (event.ok) yield* close(event.value);
  assertEquals(yield* open("/f"), before);
}, FILE);

// ------------------------------------------------------------- futexes

program("57: no wake is lost between looking and sleeping", function* () {
  const turn = cell(0);
  let rounds = 0;
  const player = function* (mine: number): Routine {
    for (let i = 0; i < 200; i++) {
      while (turn.value !== mine) yield* outcome(futexWait(turn, 1 - mine));
      turn.value = 1 - mine;
      rounds++;
      yield* futexWake(turn);
    }
  };
  yield* thread(player, 1);
  yield* player(0);
  yield* sleep(1 * ms);
  assertEquals(rounds, 400);
}, { cpus: 2, quantumNs: 700 });

program("58: a wake before the wait is not remembered", function* () {
  const value = cell(1);
  assertEquals(yield* futexWake(value), 0);
  assertEquals(yield* outcome(within(1 * ms, futexWait(value, 1))), "ETIME");
});

// ------------------------------------------------------------- processes

program(
  "51: the zombies of an orphan's parent are collected by 1",
  function* () {
    const parent = yield* spawn(function* parent() {
      yield* spawn(function* child() {});
      yield* sleep(5 * ms);
      assertEquals(yield* getppid(), 2);
    });
    assertEquals((yield* waitpid()).pid, parent);
    assertEquals(yield* outcome(waitpid()), "ECHILD");
  },
);

program(
  "R9: O_NONBLOCK belongs to the open file, and its duplicate in a child has it too",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    yield* spawn(function* child() {
      yield* fcntl(readEnd, { nonblock: true });
    });
    yield* waitpid();
    assertEquals(yield* outcome(read(readEnd, 1)), "EAGAIN");
    yield* write(writeEnd, "x");
    assertEquals(plain(yield* read(readEnd, 1)), "x");
  },
);

program("R6: between two calls nothing else runs", function* () {
  let inside = 0;
  const walk = function* (): Routine {
    for (let i = 0; i < 50; i++) {
      inside++;
      assertEquals(inside, 1);
      inside--;
      yield* nop();
    }
  };
  for (let i = 0; i < 3; i++) yield* thread(walk);
  yield* walk();
}, { cpus: 4 });
