// A multishot request stays bound to the open file that it was sent for: its
// number may be closed and used again.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  accept,
  bind,
  cancel,
  close,
  compute,
  connect,
  type Event,
  exit,
  listen,
  ms,
  open,
  pipe,
  poll,
  type Program,
  push,
  read,
  ready,
  type Request,
  type Routine,
  sleep,
  socket,
  submit,
  wait,
  write,
} from "kettle";
import { assertNothingLeaked, boot } from "../conformance/doors.ts";

function* listening(port: number): Routine<number> {
  const fd = yield* socket();
  yield* bind(fd, { port });
  yield* listen(fd, 4);
  return fd;
}

function* visit(port: number): Routine {
  const fd = yield* socket();
  yield* connect(fd, { host: "localhost", port });
}

/** Runs it to its end; nothing may be left. */
function runs(main: () => Program): void {
  const booted = boot();
  const process = booted.machine.spawn(main);
  assertEquals(booted.world.run().reason, "done");
  assertEquals([process.stderr, process.exit], ["", { status: 0 }]);
  assertNothingLeaked(booted);
}

test("a multishot accept goes on after close, and never looks at the number's new socket", () => {
  runs(function* (): Program {
    const first = yield* listening(80);
    const handle = yield* submit(accept(first), { multishot: true });
    yield* close(first);
    assertEquals(yield* listening(81), first);
    for (const _ of [1, 2, 3]) {
      yield* visit(80);
      assertEquals((yield* wait(handle)).ok, true);
    }
    yield* visit(81);
    yield* sleep(1 * ms);
    assertEquals(yield* poll(handle), null);
    assertEquals(yield* cancel(handle), "cancelled");
    assertEquals((yield* wait(handle)).more, false);
  });
});

test("a multishot ready and read keep their pipe when its number is closed", () => {
  runs(function* (): Program {
    const [out, into] = yield* pipe();
    const watch = yield* submit(ready(out, "in"), { multishot: true });
    const reading = yield* submit(read(out, 10), { multishot: true });
    yield* close(out);
    const seen: string[] = [];
    for (const text of ["a", "b", "c"]) {
      yield* write(into, text);
      const event: Event<"read"> = yield* wait(reading);
      seen.push(event.ok ? String.fromCharCode(...event.value) : "error");
    }
    assertEquals(seen, ["a", "b", "c"]);
    yield* close(into);
    assertEquals((yield* wait(reading)).more, false);
    yield* cancel(watch);
  });
});

test("a process that ends lets the files of its multishot requests go", () => {
  runs(function* (): Program {
    const fd = yield* listening(80);
    yield* submit(accept(fd), { multishot: true });
    yield* close(fd);
    yield* visit(80);
    yield* exit(0);
  });
});

test("a multishot request that always ends at once pauses when nobody takes its events", () => {
  const requests: Record<string, (fd: number) => Request> = {
    "read of /dev/zero": (fd) => read(fd, 10),
    "sleep of no time": () => sleep(0),
  };
  for (const [what, make] of Object.entries(requests)) {
    runs(function* (): Program {
      const zero = yield* open("/dev/zero");
      const handle = yield* submit(make(zero), { multishot: true });
      yield* sleep(1 * ms);
      let taken = 0;
      while ((yield* poll(handle)) !== null && taken < 1_000) taken++;
      assertEquals(taken, 1_000, what); // each that is taken makes room for one
      yield* cancel(handle);
      yield* exit(0);
    });
  }
});

test("a multishot ready on what is always ready tells it once", () => {
  runs(function* (): Program {
    const fd = yield* open("/tmp/f", "w");
    const handle = yield* submit(ready(fd, "in"), { multishot: true });
    const event = yield* wait(handle);
    assertEquals([event.ok, event.more], [true, false]);
    yield* exit(0);
  });
});

test("a pushed multishot request that always ends at once keeps its program busy, not the host", () => {
  const { world, machine } = boot();
  let calls = 0;
  machine.spawn(function* (): Program {
    yield* push(sleep(0), { multishot: true }, () => void calls++);
    yield* compute(1 * ms);
  });
  assertEquals(world.run({ budgetNs: 1 * ms }).reason, "budget");
  assertEquals(calls > 500, true);
});
