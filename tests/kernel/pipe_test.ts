// Pipes against a plain string: whatever the sizes and doors, bytes come out in
// order, once; and what a pipe waits for is let go whoever leaves.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  cancel,
  close,
  fstat,
  type Handle,
  join,
  kill,
  ms,
  pipe,
  poll,
  read,
  ready,
  type Routine,
  sigaction,
  sleep,
  spawn,
  submit,
  thread,
  us,
  wait,
  waitpid,
  write,
} from "kettle";
import { PIPE_BUF, PIPE_BYTES } from "../../kernel/params.ts";
import {
  DOORS,
  eventOutcome,
  outcome,
  plain,
  program,
  runToEnd,
} from "../conformance/doors.ts";

/** Bytes that tell their place. */
function pattern(start: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (start + i) * 31 >>> 3);
}

/** A small generator of its own: the same numbers everywhere. */
function drawsFrom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below;
  };
}

/** Writes of random sizes through random doors, read in random sizes. */
function* conversation(seed: number): Routine {
  const draw = drawsFrom(seed);
  const [readEnd, writeEnd] = yield* pipe();
  const total = 100_000 + draw(200_000);
  yield* spawn(function* writer() {
    for (let sent = 0; sent < total;) {
      const length = Math.min(total - sent, 1 + draw(draw(2) ? 100 : 90_000));
      const door = DOORS[draw(3)]!;
      const done = yield* door.do(write(writeEnd, pattern(sent, length)));
      assertEquals(done, length);
      sent += length;
    }
  });
  yield* close(writeEnd);
  for (let got = 0;;) {
    const bytes = yield* read(readEnd, 1 + draw(draw(2) ? 50 : 80_000));
    if (bytes.length === 0) {
      assertEquals(got, total);
      break;
    }
    assertEquals(bytes, pattern(got, bytes.length));
    got += bytes.length;
  }
  yield* waitpid();
}

test("bytes come out once and in order, whatever the sizes and doors", () => {
  const seed = 1_234;
  console.log(`seeds ${seed} to ${seed + 7}`);
  for (let i = 0; i < 8; i++) {
    runToEnd(() => conversation(seed + i), { costs: "none" });
  }
});

program("a pipe holds exactly 64 KiB", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  assertEquals(yield* write(writeEnd, new Uint8Array(PIPE_BYTES)), 65_536);
  const more = yield* submit(write(writeEnd, "x"));
  assertEquals(yield* poll(more), null);
  assertEquals((yield* fstat(readEnd)).size, PIPE_BYTES);
  yield* read(readEnd, 1);
  assertEquals(eventOutcome((yield* poll(more))!), 1);
});

program(
  "a write that was cancelled reports the bytes it moved, and they stay",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const handle = yield* submit(
      write(writeEnd, new Uint8Array(PIPE_BYTES + 9)),
    );
    assertEquals(yield* cancel(handle), "cancelled");
    assertEquals(eventOutcome(yield* wait(handle)), PIPE_BYTES);
    assertEquals((yield* read(readEnd, 2 * PIPE_BYTES)).length, PIPE_BYTES);
  },
);

program("a small write that was cancelled has written nothing", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  yield* write(writeEnd, new Uint8Array(PIPE_BYTES - 10));
  const handle = yield* submit(write(writeEnd, new Uint8Array(PIPE_BUF)));
  assertEquals(yield* cancel(handle), "cancelled");
  assertEquals(eventOutcome(yield* wait(handle)), "ECANCELED");
  assertEquals(
    (yield* read(readEnd, 2 * PIPE_BYTES)).length,
    PIPE_BYTES - 10,
  );
});

program("who leaves the queue of writers lets the next one in", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  yield* write(writeEnd, new Uint8Array(PIPE_BYTES - 10));
  const big = yield* submit(write(writeEnd, new Uint8Array(PIPE_BUF)));
  const small = yield* submit(write(writeEnd, "small"));
  assertEquals(yield* poll(small), null);
  yield* cancel(big);
  assertEquals(eventOutcome((yield* poll(small))!), 5);
  yield* read(readEnd, 1);
});

program(
  "what is given to a submitted write may be changed afterwards",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    yield* write(writeEnd, new Uint8Array(PIPE_BYTES));
    const data = new TextEncoder().encode("true");
    const handle = yield* submit(write(writeEnd, data));
    data.fill(0);
    yield* read(readEnd, PIPE_BYTES);
    assertEquals(plain(yield* read(readEnd, 10)), "true");
    yield* wait(handle);
  },
);

program("a killed reader's bytes go to the next", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  const first = yield* spawn(function* first() {
    yield* read(readEnd, 1);
  });
  yield* sleep(1 * ms);
  const tid = yield* thread(function* second() {
    return plain(yield* read(readEnd, 1));
  });
  yield* sleep(1 * ms);
  yield* kill(first, "KILL");
  yield* write(writeEnd, "x");
  assertEquals(yield* join(tid), "x");
  yield* waitpid();
});

program("the write end is ready again when PIPE_BUF bytes fit", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  yield* write(writeEnd, new Uint8Array(PIPE_BYTES));
  const handle: Handle<"ready"> = yield* submit(ready(writeEnd, "out"));
  yield* read(readEnd, PIPE_BUF - 1);
  assertEquals(yield* poll(handle), null);
  yield* read(readEnd, 1);
  const event = yield* poll(handle);
  assert(event !== null && event.ok && event.value.out);
});

program(
  "a write interrupted in the middle gives its count, not EINTR",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const pid = yield* spawn(function* writer() {
      yield* sigaction("USR1", { fn: () => {} });
      const done = yield* outcome(
        write(writeEnd, new Uint8Array(PIPE_BYTES + 100)),
      );
      return done === PIPE_BYTES ? 7 : 8;
    });
    yield* sleep(1 * ms);
    yield* kill(pid, "USR1");
    assertEquals((yield* waitpid()).status, 7);
    yield* read(readEnd, 1);
    yield* sleep(1 * us);
  },
);

program(
  "a process whose threads all write to a broken pipe is killed once",
  function* () {
    const pid = yield* spawn(function* child() {
      const [readEnd, writeEnd] = yield* pipe();
      yield* write(writeEnd, new Uint8Array(PIPE_BYTES));
      for (let i = 0; i < 3; i++) {
        yield* thread(function* writer() {
          yield* write(writeEnd, "x");
        });
      }
      yield* sleep(1 * ms);
      yield* close(readEnd);
    });
    assertEquals(yield* waitpid(), { pid, signal: "PIPE" });
  },
);

program("who takes the buffer of its bytes away harms nobody", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  yield* write(writeEnd, "abcd");
  const bytes = yield* read(readEnd, 2);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
  assertEquals(plain(yield* read(readEnd, 2)), "cd");
});

program(
  "who takes its buffer away while it is written gets a short count",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const data = new Uint8Array(PIPE_BYTES + 1_000);
    const tid = yield* thread(function* writer() {
      return yield* write(writeEnd, data);
    });
    yield* sleep(1 * ms);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    yield* read(readEnd, PIPE_BYTES);
    assertEquals(yield* join(tid), PIPE_BYTES);
  },
);
