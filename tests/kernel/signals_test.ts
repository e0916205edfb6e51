// Signals as a mechanism: masks and pending, whom they reach, stopping and
// going on, and how they meet callbacks and calls.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  cell,
  close,
  compute,
  futexWait,
  getpid,
  gettid,
  kill,
  mask,
  ms,
  nop,
  pause,
  pipe,
  type Program,
  push,
  read,
  sigaction,
  type SignalName,
  SIGNALS,
  sleep,
  spawn,
  submit,
  thread,
  us,
  wait,
  waitpid,
  within,
  write,
} from "kettle";
import { Fold, type World } from "kettle/world";
import {
  assertNothingLeaked,
  boot,
  outcome,
  plain,
  program,
} from "../conformance/doors.ts";

program("sigaction gives what was there before", function* () {
  const action = { fn: () => {} };
  assertEquals(yield* sigaction("USR1", action), "dfl");
  assertEquals(yield* sigaction("USR1", "ign"), { ...action, restart: false });
  assertEquals(yield* sigaction("USR1", "dfl"), "ign");
});

program(
  "every signal without a handler does what it does on Linux",
  function* () {
    const fates: Record<string, string> = {};
    for (const name of Object.keys(SIGNALS) as SignalName[]) {
      const pid = yield* spawn(function* child() {
        yield* sleep(5 * ms);
      });
      yield* sleep(1 * ms);
      yield* kill(pid, name);
      const { signal, stopped, status } = yield* waitpid(pid, {
        untraced: true,
      });
      fates[name] = stopped ? "stops" : signal === name ? "ends" : `${status}`;
      if (stopped !== undefined) {
        yield* kill(pid, "KILL");
        yield* waitpid(pid);
      }
    }
    for (const name of ["STOP", "TSTP", "TTIN", "TTOU"]) {
      assertEquals(fates[name], "stops", name);
      delete fates[name];
    }
    for (const name of ["CHLD", "CONT", "WINCH"]) {
      assertEquals(fates[name], "0", name);
      delete fates[name];
    }
    assertEquals(Object.values(fates).every((fate) => fate === "ends"), true);
  },
);

program(
  "a signal held back with its default action acts when it is let in",
  function* () {
    const log: string[] = [];
    const pid = yield* spawn(function* child() {
      yield* mask(["TERM"]);
      yield* kill(yield* getpid(), "TERM");
      log.push("still here");
      yield* mask("none");
      log.push("never");
    });
    assertEquals(yield* waitpid(), { pid, signal: "TERM" });
    assertEquals(log, ["still here"]);
  },
);

program("a signal goes to a thread that lets it in", function* () {
  let handledBy = 0;
  yield* sigaction("USR1", {
    *fn() {
      handledBy = yield* gettid();
    },
  });
  const other = yield* thread(function* () {
    yield* outcome(sleep(1_000 * ms));
  });
  yield* sleep(1 * ms);
  yield* mask(["USR1"]);
  yield* kill(yield* getpid(), "USR1");
  yield* sleep(1 * ms);
  assertEquals(handledBy, other);
});

program(
  "the handler runs before kill of oneself returns to the program",
  function* () {
    const log: string[] = [];
    yield* sigaction("USR1", { fn: () => void log.push("handler") });
    yield* kill(yield* getpid(), "USR1");
    log.push("after kill");
    assertEquals(log, ["handler", "after kill"]);
  },
);

program("a handler cuts compute like a callback", function* () {
  const me = yield* getpid();
  let handled = 0;
  yield* sigaction("USR1", { fn: () => void handled++ });
  yield* spawn(function* sender() {
    yield* sleep(1 * ms);
    yield* kill(me, "USR1");
  });
  yield* compute(10 * ms);
  assertEquals(handled, 1);
  yield* waitpid();
});

program(
  "signals of one kind are one while they are held back; callbacks never are",
  function* () {
    let signals = 0, callbacks = 0;
    yield* sigaction("USR1", { fn: () => void signals++ });
    yield* mask("all");
    for (let i = 0; i < 5; i++) {
      yield* kill(yield* getpid(), "USR1");
      yield* push(nop(), () => void callbacks++);
    }
    yield* mask("none");
    assertEquals([signals, callbacks], [1, 5]);
  },
);

program("CONT takes back a stop that is pending", function* () {
  const pid = yield* spawn(function* child() {
    yield* mask(["TSTP"]);
    const me = yield* getpid();
    yield* kill(me, "TSTP");
    yield* kill(me, "CONT");
    yield* mask("none");
    return 9;
  });
  assertEquals(yield* waitpid(pid, { untraced: true }), { pid, status: 9 });
});

program(
  "a signal for a stopped process waits for CONT; KILL does not",
  function* () {
    const log: string[] = [];
    const pid = yield* spawn(function* child() {
      yield* sigaction("USR1", { fn: () => void log.push("handled") });
      yield* outcome(sleep(100 * ms));
      log.push("woken");
    });
    yield* sleep(1 * ms);
    yield* kill(pid, "STOP");
    yield* kill(pid, "USR1");
    yield* sleep(1 * ms);
    assertEquals(log, []);
    yield* kill(pid, "CONT");
    yield* sleep(1 * ms);
    assertEquals(log, ["handled", "woken"]);
    yield* waitpid();
    const second = yield* spawn(function* child() {
      yield* sleep(100 * ms);
    });
    yield* sleep(1 * ms);
    yield* kill(second, "STOP");
    yield* kill(second, "KILL");
    assertEquals(yield* waitpid(second), { pid: second, signal: "KILL" });
  },
);

program(
  "EINTR ends a futex wait, a waitpid and a wait for events alike",
  function* () {
    const me = yield* getpid();
    yield* sigaction("USR1", { fn: () => {} });
    const child = yield* spawn(function* child() {
      yield* sleep(100 * ms);
    });
    const [readEnd] = yield* pipe();
    yield* submit(read(readEnd, 1));
    yield* spawn(function* sender() {
      for (let i = 0; i < 4; i++) {
        yield* sleep(1 * ms);
        yield* kill(me, "USR1");
      }
    });
    assertEquals(yield* outcome(futexWait(cell(1), 1)), "EINTR");
    assertEquals(yield* outcome(waitpid(child)), "EINTR");
    assertEquals(yield* outcome(wait()), "EINTR");
    assertEquals(yield* outcome(read(readEnd, 1)), "EINTR");
    yield* kill(child, "KILL");
    yield* waitpid();
    yield* waitpid();
  },
  { mayComplain: true },
);

program(
  "a child starts with the mask it is given, and caught signals are default",
  function* () {
    yield* sigaction("USR1", { fn: () => {} });
    yield* sigaction("USR2", "ign");
    yield* mask(["HUP"]);
    const seen: unknown[] = [];
    const look = function* child() {
      seen.push(yield* mask("none"));
      seen.push(
        yield* sigaction("USR1", "dfl"),
        yield* sigaction("USR2", "dfl"),
      );
    };
    yield* spawn(look);
    yield* waitpid();
    yield* spawn(look, [], { mask: ["io", "INT"] });
    yield* waitpid();
    assertEquals(seen, [["HUP"], "dfl", "ign", ["io", "INT"], "dfl", "ign"]);
  },
);

program(
  "a dead child tells its parent by CHLD, and several may be one",
  function* () {
    let told = 0;
    yield* sigaction("CHLD", { fn: () => void told++, restart: true });
    for (let i = 0; i < 3; i++) {
      yield* spawn(function* child() {
        yield* sleep({ until: 50 * ms });
      });
    }
    yield* mask(["CHLD"]);
    yield* sleep({ until: 60 * ms });
    yield* mask("none");
    assertEquals(told, 1);
    for (let i = 0; i < 3; i++) yield* waitpid();
    assertEquals(yield* outcome(waitpid()), "ECHILD");
  },
);

program("pause ends for a signal, and its handler has run then", function* () {
  let handled = 0;
  const me = yield* getpid();
  yield* sigaction("USR1", { fn: () => void handled++ });
  yield* spawn(function* sender() {
    yield* sleep(1 * ms);
    yield* kill(me, "USR1");
  });
  yield* pause();
  assertEquals(handled, 1);
  yield* waitpid();
});

program(
  "SIGPIPE can be caught: the write fails, and the handler has run",
  function* () {
    let handled = 0;
    yield* sigaction("PIPE", { fn: () => void handled++ });
    const [readEnd, writeEnd] = yield* pipe();
    yield* close(readEnd);
    assertEquals(yield* outcome(write(writeEnd, "x")), "EPIPE");
    assertEquals(handled, 1);
  },
);

program(
  "a handler that blocks holds the next signal until it ends",
  function* () {
    const log: string[] = [];
    const me = yield* getpid();
    yield* sigaction("USR1", {
      *fn() {
        log.push("one in");
        yield* kill(me, "USR2");
        yield* sleep(100 * us);
        log.push("one out");
      },
    });
    yield* sigaction("USR2", { fn: () => void log.push("two") });
    const [readEnd, writeEnd] = yield* pipe();
    yield* kill(me, "USR1");
    yield* write(writeEnd, "x");
    assertEquals(plain(yield* read(readEnd, 1)), "x");
    assertEquals(log, ["one in", "one out", "two"]);
  },
);

// ------------------------------------------------------------- a storm

/** A small generator of its own: the same numbers everywhere. */
function drawsFrom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below;
  };
}

const STORM: readonly SignalName[] = [
  "STOP",
  "CONT",
  "CONT",
  "USR1",
  "USR2",
  "TSTP",
];

/** Waits in every way there is, caught signals or not. */
function* target(
  draw: (below: number) => number,
  ends: [number, number],
): Program {
  for (const name of ["USR1", "USR2", "CHLD"] as const) {
    yield* sigaction(name, {
      *fn() {
        yield* outcome(sleep(draw(50 * us)));
      },
      restart: draw(2) === 0,
    });
  }
  const value = cell(1);
  yield* thread(function* () {
    for (;;) yield* outcome(within(draw(100 * us), futexWait(value, 1)));
  });
  for (let i = 0; i < 60; i++) {
    switch (draw(9)) {
      case 0:
        yield* outcome(read(ends[0], 1 + draw(9)));
        break;
      case 1:
        yield* outcome(write(ends[1], "some bytes"));
        break;
      case 2:
        yield* outcome(within(draw(200 * us), read(ends[0], 9)));
        break;
      case 3:
        yield* push(sleep(draw(300 * us)), function* () {
          yield* outcome(sleep(draw(30 * us)));
        });
        break;
      case 4:
        yield* compute(draw(200 * us));
        break;
      case 5:
        yield* submit(sleep(draw(200 * us)));
        yield* outcome(wait({ timeout: draw(200 * us) }));
        break;
      case 6:
        yield* mask(draw(2) === 0 ? ["USR1", "TSTP"] : "none");
        break;
      case 7:
        yield* outcome(pause());
        break;
      default:
        yield* outcome(sleep(draw(200 * us)));
    }
  }
}

program(
  "a process stopped while a callback is entered runs it after CONT",
  function* () {
    let ran = 0;
    const pid = yield* spawn(function* child() {
      yield* push(sleep(1 * ms), () => void ran++);
      yield* compute(10 * ms);
    });
    yield* sleep({ until: 1_300 * us }); // it is being entered, which takes long here
    for (let i = 0; i < 400; i++) {
      yield* kill(pid, "STOP");
      yield* kill(pid, "CONT");
    }
    assertEquals((yield* waitpid()).status, 0);
    assertEquals(ran, 1);
  },
  { cpus: 2, costs: { callbackNs: 500_000 } },
);

test("a storm of signals: the trace adds up all the time, and the killed are gone", () => {
  const seed = 4_711;
  console.log(`seeds ${seed} to ${seed + 15}`);
  for (let i = 0; i < 16; i++) storm(seed + i);
});

/** Each call is entered once and left once, callbacks in between nested. */
function assertCallsNest(world: World, seed: number): void {
  const stacks = new Map<number, string[]>();
  for (const event of world.trace.events()) {
    const at = `seed ${seed}, event ${event.seq}`;
    if (event.kind === "thread_create") stacks.set(event.tid, [""]);
    const stack = stacks.get(event.tid)!;
    const top = (stack ?? []).length - 1;
    switch (event.kind) {
      case "sys_enter":
        assertEquals(stack[top], "", `entered twice: ${at}`);
        stack[top] = event.call;
        break;
      case "sys_exit":
        assertEquals(stack[top], event.call, at);
        stack[top] = "";
        break;
      case "callback_enter":
        assertEquals(top, 0, `inside another: ${at}`);
        stack.push("");
        break;
      case "callback_exit":
        assertEquals(stack.pop(), "", at);
        break;
    }
  }
}

function storm(seed: number): void {
  const { world, machine, before } = boot({ cpus: 1 + seed % 2 }, seed);
  const draw = drawsFrom(seed);
  const process = machine.spawn(function* main() {
    const ends = yield* pipe();
    const pids: number[] = [];
    for (let i = 0; i < 5; i++) {
      pids.push(yield* spawn(() => target(draw, ends)));
    }
    for (let i = 0; i < 300; i++) {
      yield* sleep(draw(40 * us));
      yield* outcome(kill(pids[draw(5)]!, STORM[draw(STORM.length)]!));
    }
    for (const pid of pids) yield* outcome(kill(pid, "KILL"));
    for (let i = 0; i < 5; i++) yield* waitpid();
  });
  const added = new Fold(machine.index);
  let seen = 0;
  for (let more = true; more;) {
    for (let i = 0; i < 40 && more; i++) more = world.step();
    for (const event of world.trace.events(seen)) added.add(event);
    seen = world.trace.length;
    assertEquals(added.snapshot(), machine.snapshot(), `seed ${seed}`);
  }
  assertEquals(world.run(), { reason: "done", report: "" }, `seed ${seed}`);
  const complaints = process.stderr.trim().split("\n").filter((line) =>
    line !== "" && !line.startsWith("program: ended with ")
  );
  assertEquals(complaints, [], `seed ${seed}`);
  assertCallsNest(world, seed);
  assertNothingLeaked({ world, machine, before });
}
