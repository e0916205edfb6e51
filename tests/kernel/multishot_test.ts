// A multishot request stays bound to the open file that it was sent for: its
// number may be closed and used again.

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  accept,
  bind,
  cancel,
  close,
  connect,
  type Event,
  exit,
  listen,
  ms,
  pipe,
  poll,
  type Program,
  read,
  ready,
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
