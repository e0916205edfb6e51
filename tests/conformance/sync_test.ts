// Conformance, section I: futexes and what is built on them, timers, terminal.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  Barrier,
  Cell,
  clock,
  Condition,
  futexWait,
  futexWake,
  getpgid,
  join,
  kill,
  ms,
  Mutex,
  open,
  type Program,
  read,
  Semaphore,
  sigaction,
  sleep,
  spawn,
  tcsetpgrp,
  thread,
  waitpid,
  within,
} from "kettle";
import {
  assertNothingLeaked,
  boot,
  outcome,
  plain,
  program,
  throughDoors,
} from "./doors.ts";

throughDoors(
  "C140: futexWait compares before it waits, and a limit ends it in time",
  function* (door) {
    const cell = new Cell(1);
    assertEquals(yield* door.do(futexWait(cell, 2)), "EAGAIN");
    const before = yield* clock();
    assertEquals(yield* door.do(within(2 * ms, futexWait(cell, 1))), "ETIME");
    assertEquals((yield* clock()) - before, 2 * ms);
    return yield* futexWake(cell, 5);
  },
  { costs: "none" },
);

throughDoors(
  "C141: futexWake wakes the longest waiting, of that cell only",
  function* (door) {
    const cell = new Cell(0), other = new Cell(0);
    const waits = [];
    for (let i = 0; i < 4; i++) {
      waits.push(
        yield* door.start(futexWait(cell, 0)),
      );
    }
    const elsewhere = yield* door.start(futexWait(other, 0));
    assertEquals(yield* futexWake(cell, 2), 2);
    assertEquals(yield* waits[0]!.end(), "ok");
    assertEquals(yield* waits[1]!.end(), "ok");
    yield* sleep(1 * ms);
    assertEquals(elsewhere.ended, null);
    assertEquals(yield* futexWake(cell, Infinity), 2);
    return yield* futexWake(other);
  },
);

program("a withdrawn futex waiter eats no wake", function* () {
  const cell = new Cell(0);
  const log: string[] = [];
  yield* thread(function* late() {
    log.push(`late ${yield* outcome(within(1 * ms, futexWait(cell, 0)))}`);
  });
  yield* thread(function* patient() {
    log.push(`patient ${yield* outcome(futexWait(cell, 0))}`);
  });
  yield* sleep(2 * ms);
  assertEquals(yield* futexWake(cell), 1);
  yield* sleep(1 * ms);
  assertEquals(log, ["late ETIME", "patient ok"]);
});

program("C144: a mutex checks who unlocks and who locks again", function* () {
  const mutex = new Mutex();
  yield* mutex.lock();
  assertEquals(yield* outcome(mutex.lock()), "EDEADLK");
  const tid = yield* thread(function* other() {
    return yield* outcome(mutex.unlock());
  });
  assertEquals(yield* join(tid), "EPERM");
  yield* mutex.unlock();
  assertEquals(yield* outcome(mutex.unlock()), "EPERM");
});

program(
  "C145: signal wakes one, broadcast all, and a wait past its time holds the mutex",
  function* () {
    const mutex = new Mutex(), condition = new Condition();
    let woken = 0;
    for (let i = 0; i < 3; i++) {
      yield* thread(function* waiter() {
        yield* mutex.lock();
        yield* condition.wait(mutex);
        woken++;
        yield* mutex.unlock();
      });
    }
    yield* sleep(1 * ms);
    yield* condition.signal();
    yield* sleep(1 * ms);
    assertEquals(woken, 1);
    yield* condition.broadcast();
    yield* sleep(1 * ms);
    assertEquals(woken, 3);
    yield* mutex.lock();
    assertEquals(yield* outcome(condition.wait(mutex, 1 * ms)), "ETIME");
    assertEquals(yield* outcome(mutex.unlock()), "ok");
  },
);

program(
  "C146: n posts let n through, and one of n at a barrier is told it is last",
  function* () {
    const semaphore = new Semaphore(0), barrier = new Barrier(4);
    let through = 0, last = 0;
    for (let i = 0; i < 4; i++) {
      yield* thread(function* walker() {
        yield* semaphore.wait();
        through++;
        if (yield* barrier.wait()) last++;
        through++;
      });
    }
    yield* semaphore.post(3);
    yield* sleep(1 * ms);
    assertEquals([through, last], [3, 0]);
    yield* semaphore.post();
    yield* sleep(1 * ms);
    assertEquals([through, last], [8, 1]);
  },
);

throughDoors(
  "C147: a sleep ends exactly when it should; none takes no time; less is EINVAL",
  function* (door) {
    const before = yield* clock();
    assertEquals(yield* door.do(sleep(0)), "ok");
    assertEquals(yield* clock(), before);
    assertEquals(yield* door.do(sleep(123_457)), "ok");
    assertEquals((yield* clock()) - before, 123_457);
    assertEquals(yield* door.do(sleep({ until: before + 1 * ms })), "ok");
    assertEquals((yield* clock()) - before, 1 * ms);
    assertEquals(yield* door.do(sleep({ until: 5 })), "ok");
    assertEquals(yield* door.do(sleep(NaN)), "EINVAL");
    return yield* door.do(sleep(-1));
  },
  { costs: "none" },
);

// ------------------------------------------------------------- the terminal

/** Types on a console that a program reads line by line; gives what it read. */
function readWhatIsTyped(...typed: string[]): unknown[] {
  const { world, machine, before } = boot();
  const got: unknown[] = [];
  machine.spawn(
    function* reader() {
      for (;;) {
        const bytes = yield* read(0, 100);
        got.push(plain(bytes));
        if (bytes.length === 0) return;
      }
    },
    [],
    { console: true },
  );
  for (const keys of typed) {
    assertEquals(
      world.run({ untilNs: world.now + 1 * ms }).reason !== "panic",
      true,
    );
    machine.type(keys);
  }
  world.run();
  machine.type("\x04");
  assertEquals(world.run().reason, "done");
  assertNothingLeaked({ world, machine, before });
  return got;
}

test("C149: a cooked terminal gives one line at most", () => {
  assertEquals(readWhatIsTyped("one\rtwo\r"), ["one\n", "two\n", ""]);
});

test("C149: ^U kills the line and erase takes back a character", () => {
  assertEquals(readWhatIsTyped("wrong\x15rigg\x7fht\r"), ["right\n", ""]);
});

test("C149: ^D on a part of a line delivers it, on an empty line it is the end", () => {
  assertEquals(readWhatIsTyped("part\x04"), ["part", ""]);
  assertEquals(readWhatIsTyped("\x04"), [""]);
});

test("C150: ^C goes to the foreground group only, and ^Z stops it", () => {
  const { world, machine, before } = boot();
  const log: string[] = [];
  machine.spawn(
    function* shell() {
      yield* sigaction("TTOU", "ign");
      const sleeper = (name: string) =>
        function* (): Program {
          yield* sleep(50 * ms);
          log.push(`${name} ends`);
        };
      yield* spawn(sleeper("background"), [], { group: 0 });
      for (const expected of ["signal", "stopped"]) {
        const job = yield* spawn(sleeper("job"), [], { group: 0 });
        yield* tcsetpgrp(0, job);
        const status = yield* waitpid(job, { untraced: true });
        yield* tcsetpgrp(0, 2);
        log.push(`${expected} ${status.signal ?? status.stopped}`);
      }
      log.push(plain(yield* read(0, 10)) as string);
    },
    [],
    { console: true },
  );
  world.run({ untilNs: 5 * ms });
  machine.type("\x03");
  world.run({ untilNs: 10 * ms });
  machine.type("\x1a");
  world.run({ untilNs: 15 * ms });
  machine.type("back\r");
  world.run({ untilNs: 100 * ms });
  assertEquals(log, [
    "signal INT",
    "stopped TSTP",
    "back\n",
    "background ends",
  ]);
  assertEquals(machine.screen.startsWith("^C"), true);
  const left = [...machine.processes.keys()];
  assert(left.length <= 1, "only the stopped job may be left");
  for (const pid of left) world.input({ machine: 0, kill: pid });
  assertEquals(world.run().reason, "done");
  assertNothingLeaked({ world, machine, before });
});

program(
  "a background group that reads the terminal is stopped; ignoring that, it gets EIO",
  function* () {
    const fd = yield* open("/dev/tty");
    yield* tcsetpgrp(fd, yield* getpgid());
    const stopped = yield* spawn(
      function* child() {
        yield* read(fd, 1);
      },
      [],
      { group: 0 },
    );
    assertEquals(
      yield* waitpid(stopped, { untraced: true }),
      { pid: stopped, stopped: "TTIN" },
    );
    const refused = yield* spawn(
      function* child() {
        yield* sigaction("TTIN", "ign");
        return (yield* outcome(read(fd, 1))) === "EIO" ? 5 : 6;
      },
      [],
      { group: 0 },
    );
    assertEquals((yield* waitpid(refused)).status, 5);
    yield* kill(stopped, "KILL");
    assertEquals(yield* waitpid(), { pid: stopped, signal: "KILL" });
  },
);
