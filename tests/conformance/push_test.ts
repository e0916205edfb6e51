// Conformance, section G: push, signals and masks.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  cancel,
  clock,
  compute,
  exec,
  getpid,
  join,
  kill,
  mask,
  masked,
  type MaskSet,
  ms,
  Mutex,
  nop,
  open,
  pause,
  pipe,
  pread,
  push,
  read,
  type Routine,
  sigaction,
  type SignalName,
  sleep,
  spawn,
  submit,
  SysError,
  thread,
  us,
  wait,
  waitpid,
  write,
} from "kettle";
import { eventOutcome, outcome, plain, program, runToEnd } from "./doors.ts";

/** A thread that sends a signal to this process after a while. */
function* signalAfter(timeNs: number, signal: SignalName): Routine<number> {
  const me = yield* getpid();
  return yield* thread(function* sender() {
    yield* mask("all");
    yield* sleep(timeNs);
    yield* kill(me, signal);
  });
}

program(
  "C109: a callback never starts inside another; later ones run in order",
  function* () {
    const log: string[] = [];
    let left = 3;
    const handler = (name: string) =>
      function* handler(): Routine {
        log.push(`${name} in`);
        yield* sleep(100 * us);
        log.push(`${name} out`);
        left--;
      };
    yield* push(sleep(10 * us), handler("a"));
    yield* push(sleep(20 * us), handler("b"));
    yield* push(sleep(15 * us), handler("c"));
    while (left > 0) yield* pause();
    assertEquals(log, ["a in", "a out", "c in", "c out", "b in", "b out"]);
  },
);

program(
  "a callback does not run before the push that armed it has returned",
  function* () {
    const log: string[] = [];
    yield* push(nop(), () => void log.push("callback"));
    log.push("push returned");
    yield* nop();
    assertEquals(log, ["push returned", "callback"]);
  },
);

program(
  "C110: what was masked runs before mask returns: signals by number, then I/O by completion",
  function* () {
    const log: unknown[] = [];
    for (const name of ["USR2", "HUP", "TERM", "INT"] as const) {
      yield* sigaction(name, { fn: (signal) => void log.push(signal) });
    }
    yield* mask("all");
    yield* push(
      sleep(30 * us),
      { tag: "slow" },
      ({ tag }) => void log.push(tag),
    );
    yield* push(
      sleep(10 * us),
      { tag: "fast" },
      ({ tag }) => void log.push(tag),
    );
    const me = yield* getpid();
    for (const name of ["TERM", "HUP", "USR2", "INT", "INT"] as const) {
      yield* kill(me, name);
    }
    yield* sleep(100 * us);
    assertEquals(log, []);
    const before: MaskSet = yield* mask("none");
    assertEquals(log, ["HUP", "INT", "USR2", "TERM", "fast", "slow"]);
    assertEquals(before.includes("io"), true);
  },
);

program(
  "masked holds callbacks back for its body and lets them in after it",
  function* () {
    const log: string[] = [];
    const value = yield* masked(function* body() {
      yield* push(nop(), () => void log.push("callback"));
      yield* sleep(1 * ms);
      log.push("body");
      return 7;
    });
    assertEquals([value, log], [7, ["body", "callback"]]);
  },
);

program(
  "C112: KILL and STOP cannot be caught, ignored or held back",
  function* () {
    for (const name of ["KILL", "STOP"] as const) {
      assertEquals(yield* outcome(sigaction(name, "ign")), "EINVAL");
      assertEquals(yield* outcome(sigaction(name, { fn: () => {} })), "EINVAL");
    }
    assertEquals(
      yield* outcome(sigaction("NONE" as SignalName, "ign")),
      "EINVAL",
    );
    const pid = yield* spawn(function* child() {
      yield* mask("all");
      yield* sleep(1_000 * ms);
    });
    yield* sleep(1 * ms);
    yield* kill(pid, "KILL");
    assertEquals(yield* waitpid(), { pid, signal: "KILL" });
  },
);

program(
  "C113: a caught signal ends a read with EINTR, and takes no byte",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    let handled = 0;
    yield* sigaction("USR1", { fn: () => void handled++ });
    yield* signalAfter(50 * us, "USR1");
    assertEquals(yield* outcome(read(readEnd, 1)), "EINTR");
    assertEquals(handled, 1);
    yield* write(writeEnd, "x");
    assertEquals(plain(yield* read(readEnd, 1)), "x");
  },
);

program("C113: with restart the read goes on, in its old place", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  const log: string[] = [];
  yield* sigaction("USR1", {
    fn: function* () {
      yield* submit(read(readEnd, 1)); // comes after the interrupted one
      yield* write(writeEnd, "12");
      log.push("handled");
    },
    restart: true,
  });
  yield* signalAfter(50 * us, "USR1");
  assertEquals(plain(yield* read(readEnd, 1)), "1");
  assertEquals(log, ["handled"]);
  assertEquals((yield* wait()).map(eventOutcome), ["2"]);
});

program(
  "C115: an interrupted sleep is EINTR and tells what was left, restart or not",
  function* () {
    yield* sigaction("USR1", { fn: () => {}, restart: true });
    yield* signalAfter(1 * ms, "USR1");
    const before = yield* clock();
    try {
      yield* sleep(10 * ms);
      throw new Error("the sleep was not interrupted");
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      const slept = (yield* clock()) - before;
      assertEquals([error.code, slept], ["EINTR", 1 * ms]);
      assertEquals(error.remainingNs, 9 * ms);
    }
  },
  { costs: "none" },
);

program("C116: a caught signal does not interrupt the disk", function* () {
  const fd = yield* open("/f");
  let handledAt = 0;
  yield* sigaction("USR1", {
    *fn() {
      handledAt = yield* clock();
    },
  });
  yield* signalAfter(100 * us, "USR1");
  const before = yield* clock();
  assertEquals(plain(yield* pread(fd, 6, 0)), "abcdef");
  const after = yield* clock();
  assertEquals(handledAt > before && handledAt < after, true);
}, { files: { "/f": "abcdef" } });

program(
  "C117: pause lets in what is masked, waits for it in one step, and masks again",
  function* () {
    const log: string[] = [];
    yield* sigaction("USR1", { fn: () => void log.push("USR1") });
    yield* mask(["USR1"]);
    yield* kill(yield* getpid(), "USR1");
    yield* sleep(1 * ms);
    assertEquals(log, []);
    yield* pause();
    assertEquals(log, ["USR1"]);
    yield* kill(yield* getpid(), "USR1");
    yield* sleep(1 * ms);
    assertEquals(log, ["USR1"]);
    yield* mask("none");
    assertEquals(log, ["USR1", "USR1"]);
  },
);

program(
  "C117: pause returns at once if a callback ran since the last one",
  function* () {
    yield* push(nop(), () => {});
    yield* nop();
    const before = yield* clock();
    yield* pause();
    assertEquals(yield* clock(), before);
  },
  { costs: "none" },
);

program(
  "C119: a handler may submit and cancel, and what it pushes runs after it",
  function* () {
    const log: string[] = [];
    const [readEnd] = yield* pipe();
    yield* push(nop(), function* outer() {
      const handle = yield* submit(read(readEnd, 1));
      log.push(yield* cancel(handle));
      yield* push(nop(), () => void log.push("inner"));
      yield* sleep(10 * us);
      log.push("outer ends");
    });
    while (log.length < 3) yield* pause();
    assertEquals(log, ["cancelled", "outer ends", "inner"]);
  },
);

program(
  "C121: a handler that locks what its thread holds gets EDEADLK",
  function* () {
    const mutex = new Mutex();
    let seen: unknown = null;
    yield* mutex.lock();
    yield* push(nop(), function* handler() {
      seen = yield* outcome(mutex.lock());
    });
    yield* sleep(1 * ms);
    assertEquals(seen, "EDEADLK");
    yield* mutex.unlock();
  },
);

program(
  "C122: ignored CHLD leaves no zombies; by default it interrupts nobody",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    yield* spawn(function* child() {});
    const pid = yield* spawn(function* writer() {
      yield* sleep(1 * ms);
      yield* write(writeEnd, "x");
    });
    assertEquals(plain(yield* read(readEnd, 1)), "x");
    yield* waitpid();
    yield* waitpid(pid);
    yield* sigaction("CHLD", "ign");
    yield* spawn(function* child() {
      yield* sleep(1 * ms);
    });
    assertEquals(yield* outcome(waitpid()), "ECHILD");
  },
);

program(
  "C123: a thread that ends takes its pushed requests with it; the process lives on",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    let ran = false;
    const tid = yield* thread(function* pusher() {
      yield* push(read(readEnd, 1), () => void (ran = true));
    });
    yield* join(tid);
    yield* write(writeEnd, "x");
    assertEquals(plain(yield* read(readEnd, 1)), "x");
    assertEquals(ran, false);
  },
);

program(
  "C125: after exec caught signals are default, ignored stay so, the mask stays, callbacks are gone",
  function* () {
    let ran = false;
    const seen: unknown[] = [];
    const pid = yield* spawn(function* child() {
      yield* sigaction("USR1", { fn: () => {} });
      yield* sigaction("USR2", "ign");
      yield* mask(["io", "HUP"]);
      yield* push(nop(), () => void (ran = true));
      yield* exec(function* second() {
        seen.push(yield* mask("none"));
        seen.push(yield* sigaction("USR2", "dfl"));
        yield* sleep(1 * ms);
        yield* kill(yield* getpid(), "USR1");
        yield* sleep(1 * ms);
      });
    });
    assertEquals(yield* waitpid(), { pid, signal: "USR1" });
    assertEquals(seen, [["io", "HUP"], "ign"]);
    assertEquals(ran, false);
  },
);

// ------------------------------------------------------------- what a push does to compute

program(
  "a callback cuts compute, and the rest is kept to the nanosecond",
  function* () {
    let at = 0;
    const before = yield* clock();
    yield* push(sleep(300 * us), function* callback() {
      at = yield* clock();
      yield* compute(100 * us);
    });
    yield* compute(1 * ms);
    assertEquals(at - before, 300 * us);
    assertEquals((yield* clock()) - before, 1_100 * us);
  },
  { costs: "none" },
);

test("a push callback never gives EINTR: the wait it interrupts goes on", () => {
  const { value } = runToEnd(function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const log: unknown[] = [];
    yield* push(sleep(10 * us), function* callback() {
      log.push("callback");
      yield* write(writeEnd, "x");
    });
    log.push(plain(yield* read(readEnd, 1)));
    return log;
  });
  assertEquals(value, ["callback", "x"]);
});

program(
  "a result that comes while a callback runs is held till it ends",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const log: unknown[] = [];
    yield* push(sleep(10 * us), function* callback() {
      yield* write(writeEnd, "x");
      yield* sleep(1 * ms);
      log.push("callback ends");
    });
    log.push(plain(yield* read(readEnd, 1)));
    assertEquals(log, ["callback ends", "x"]);
  },
);
