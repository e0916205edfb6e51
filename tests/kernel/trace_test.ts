// The trace: what is recorded, its hash over all that ever was, forgetting the
// oldest, and that it adds up to the machine at every moment.

import { test } from "node:test";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  compute,
  kill,
  type Main,
  ms,
  nop,
  open,
  pipe,
  poll,
  pread,
  push,
  read,
  sleep,
  socket,
  spawn,
  submit,
  thread,
  waitpid,
  write,
} from "kettle";
import {
  fold,
  Trace,
  type TraceEvent,
  World,
  type WorldOptions,
} from "kettle/world";
import { TRACE } from "../../kernel/trace.ts";
import { TRACE_CHUNK_EVENTS } from "../../kernel/params.ts";

function trapping(count: number): Main {
  return function* () {
    for (let i = 0; i < count; i++) yield* nop();
  };
}

function runWorld(main: Main, options: WorldOptions = {}): World {
  const world = new World(options);
  world.boot({ files: { "/f": "abc" } }).spawn(main);
  world.run();
  return world;
}

test("forgetting the oldest keeps the hash and the numbers of events", () => {
  const long = trapping(TRACE_CHUNK_EVENTS * 2);
  const all = runWorld(long).trace;
  const some = runWorld(long, { traceBytesMax: 1 }).trace;
  assertEquals(all.firstSeq, 0);
  assert(some.firstSeq > 0);
  assertEquals([some.hash, some.length], [all.hash, all.length]);
  const [first] = some.events();
  assertEquals(first!.seq, some.firstSeq);
  assertEquals(
    [...some.events(some.length - 3)],
    [...all.events(all.length - 3)],
  );
});

test("what is about to be forgotten can be added up first", () => {
  const world = new World({ traceBytesMax: 1 });
  const forgotten: TraceEvent[] = [];
  world.trace.onDrop = (events) => forgotten.push(...events);
  const machine = world.boot();
  machine.spawn(trapping(TRACE_CHUNK_EVENTS * 2));
  world.run();
  assertEquals(forgotten.length, world.trace.firstSeq);
  assertEquals(
    fold([...forgotten, ...world.trace.events()]),
    machine.snapshot(),
  );
});

test("asking for the hash in between does not change it", () => {
  const asked = new Trace(), left = new Trace();
  for (let i = 0; i < 1_000; i++) {
    for (const trace of [asked, left]) {
      trace.append(TRACE.note, i, 0, 0, 0, 0, 0, 0, 0, `note ${i % 7}`);
    }
    if (i % 13 === 0) assertEquals(asked.hash.length, 16);
  }
  assertEquals(asked.hash, left.hash);
});

test("every field of an event counts for the hash", () => {
  const plain = [TRACE.timer_start, 5, 0, 0, 1, 1, 2, 3, 4] as const;
  const hashes = new Set<string>();
  for (let field = -1; field < plain.length; field++) {
    const fields = plain.map((value, i) => i === field ? value + 1 : value);
    const trace = new Trace();
    trace.append(...(fields as unknown as typeof plain));
    hashes.add(trace.hash);
  }
  const named = new Trace();
  named.append(...plain, "text");
  hashes.add(named.hash);
  assertEquals(hashes.size, plain.length + 2);
  const late = new Trace();
  late.append(TRACE.timer_start, 2 ** 40 + 5, 0, 0, 1, 1, 2, 3, 4);
  assertNotEquals(late.hash, [...hashes][0]);
});

test("a trace that is off holds nothing", () => {
  const { trace } = runWorld(trapping(10), { trace: false });
  assertEquals([trace.length, [...trace.events()].length], [0, 0]);
});

/** Processes, threads, callbacks, files, sockets, signals: some of each. */
const lively: Main = function* () {
  const [readEnd, writeEnd] = yield* pipe();
  const fd = yield* open("/f");
  yield* socket();
  const child = yield* spawn(function* child() {
    yield* spawn(function* grandchild() {
      yield* sleep(3 * ms);
    });
    yield* push(sleep(1 * ms), () => {});
    yield* submit(sleep(100 * ms));
    yield* read(readEnd, 1);
    yield* compute(50 * ms);
  });
  yield* thread(function* () {
    yield* submit(read(readEnd, 1));
    yield* pread(fd, 2, 0);
  });
  yield* push(sleep(2 * ms), function* () {
    yield* sleep(1 * ms);
  });
  yield* submit(nop());
  yield* write(writeEnd, "xy");
  yield* sleep(5 * ms);
  yield* kill(child, "STOP");
  yield* sleep(1 * ms);
  yield* kill(child, "CONT");
  yield* poll();
  yield* kill(child, "KILL");
  yield* waitpid();
  yield* spawn(function* late() {
    yield* sleep(1 * ms);
  });
  yield* waitpid();
};

test("the trace adds up to the machine after every single step", () => {
  const world = new World();
  const machine = world.boot({ files: { "/f": "abc" }, cpus: 2 });
  machine.spawn(lively);
  let steps = 0;
  do {
    steps++;
    assertEquals(
      fold(world.trace.events()),
      machine.snapshot(),
      `after step ${steps}`,
    );
  } while (world.step());
  assert(steps > 50);
});

test("events are in order of time and numbered without a gap", () => {
  let at = 0, seq = 0;
  for (const event of runWorld(lively).trace.events()) {
    assert(event.at >= at);
    assertEquals(event.seq, seq++);
    at = event.at;
  }
});

test("every call that is entered is left, or its thread never runs again", () => {
  const inside = new Map<number, string>();
  for (const event of runWorld(lively).trace.events()) {
    if (event.kind === "callback_enter") inside.delete(event.tid);
    if (event.kind === "sys_enter") inside.set(event.tid, event.call);
    if (event.kind === "sys_exit") inside.delete(event.tid);
    if (event.kind === "thread_exit") inside.delete(event.tid);
  }
  assertEquals([...inside], []);
});

test("a wait says what it waits for", () => {
  const reasons = new Set<string>();
  for (const event of runWorld(lively).trace.events()) {
    if (event.kind === "sched_switch" && event.prevState === "waiting") {
      assertNotEquals(event.target, "", `${event.why} at ${event.at}`);
      reasons.add(event.why);
    }
  }
  assertEquals([...reasons].sort(), ["disk", "event", "timer"]);
});
