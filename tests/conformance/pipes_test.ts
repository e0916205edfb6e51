// Conformance, section C: pipes.

import { assert, assertEquals } from "@std/assert";
import {
  close,
  dup,
  fcntl,
  kill,
  pipe,
  read,
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
import { DOORS, outcome, plain, program, throughDoors } from "./doors.ts";

/** A pipe whose buffer is full. */
function* fullPipe(): Routine<[number, number]> {
  const [readEnd, writeEnd] = yield* pipe();
  yield* write(writeEnd, new Uint8Array(PIPE_BYTES));
  return [readEnd, writeEnd];
}

throughDoors(
  "C038: a read gives what is there and waits for no more",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    yield* write(writeEnd, "abc");
    return yield* door.do(read(readEnd, 10));
  },
);

throughDoors(
  "C039: the end comes when the last write end is closed, and stays",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    const copy = yield* dup(writeEnd);
    const pending = yield* door.start(read(readEnd, 10));
    yield* close(writeEnd);
    yield* sleep(10 * us);
    assertEquals(pending.ended, null);
    yield* close(copy);
    assertEquals(yield* pending.end(), "");
    return [yield* door.do(read(readEnd, 1)), yield* door.do(read(readEnd, 1))];
  },
);

throughDoors(
  "C042: a write without a reader is EPIPE; ignored, SIGPIPE kills nobody",
  function* (door) {
    yield* sigaction("PIPE", "ign");
    const [readEnd, writeEnd] = yield* pipe();
    yield* close(readEnd);
    return yield* door.do(write(writeEnd, "x"));
  },
);

program("C042: SIGPIPE comes through door 1 only", function* () {
  for (const door of DOORS) {
    yield* spawn(function* child() {
      const [readEnd, writeEnd] = yield* pipe();
      yield* close(readEnd);
      assertEquals(yield* door.do(write(writeEnd, "x")), "EPIPE");
    });
    const { signal, status } = yield* waitpid();
    if (door.name === "call") assertEquals(signal, "PIPE");
    else assertEquals(status, 0);
  }
});

throughDoors("C044: each end goes one way only", function* (door) {
  const [readEnd, writeEnd] = yield* pipe();
  assertEquals(yield* door.do(write(readEnd, "x")), "EBADF");
  return yield* door.do(read(writeEnd, 1));
});

program(
  "C045: without waiting, a pipe answers EAGAIN or writes a part",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    for (const fd of [readEnd, writeEnd]) yield* fcntl(fd, { nonblock: true });
    assertEquals(yield* outcome(read(readEnd, 1)), "EAGAIN");
    yield* write(writeEnd, new Uint8Array(PIPE_BYTES - 100));
    assertEquals(
      yield* outcome(write(writeEnd, new Uint8Array(PIPE_BUF))),
      "EAGAIN",
    );
    assertEquals(yield* write(writeEnd, new Uint8Array(PIPE_BUF + 1)), 100);
    assertEquals(yield* outcome(write(writeEnd, "x")), "EAGAIN");
  },
);

program(
  "C046: records of up to PIPE_BUF bytes never interleave, whatever the doors",
  function* () {
    const [readEnd, writeEnd] = yield* fullPipe();
    const pending = [];
    for (let i = 0; i < 12; i++) {
      const record = new Uint8Array(PIPE_BUF - i * 100).fill(65 + i);
      pending.push(yield* DOORS[i % 3]!.start(write(writeEnd, record)));
    }
    let seen = "";
    while (seen.length < PIPE_BYTES + 12 * PIPE_BUF - 6_600) {
      seen += plain(yield* read(readEnd, 1_000));
    }
    for (const each of pending) yield* each.end();
    const records = seen.slice(PIPE_BYTES).match(/(.)\1*/g)!;
    assertEquals(records.length, 12);
    records.forEach((record, i) => {
      assertEquals(
        record,
        String.fromCharCode(65 + i).repeat(PIPE_BUF - i * 100),
      );
    });
  },
);

program(
  "C048: a process that waits at a full pipe can be killed and collected",
  function* () {
    const [readEnd, writeEnd] = yield* fullPipe();
    const pid = yield* spawn(function* child() {
      yield* write(writeEnd, "more");
    });
    yield* sleep(100 * us);
    yield* kill(pid, "KILL");
    assertEquals(yield* waitpid(pid), { pid, signal: "KILL" });
    yield* close(writeEnd);
    let bytes = 0;
    for (;;) {
      const { length } = yield* read(readEnd, 10_000);
      if (length === 0) break;
      bytes += length;
    }
    assertEquals(bytes, PIPE_BYTES);
  },
);

throughDoors(
  "C049: three pending reads are served first come, first served",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    const reads = [];
    for (let i = 0; i < 3; i++) reads.push(yield* door.start(read(readEnd, 1)));
    yield* write(writeEnd, "abc");
    const got = [];
    for (const each of reads) got.push(yield* each.end());
    assertEquals(got, ["a", "b", "c"]);
    return got;
  },
);

throughDoors(
  "C050: nothing to read or write is done at once",
  function* (door) {
    const [readEnd, writeEnd] = yield* pipe();
    assertEquals(yield* door.do(read(readEnd, 0)), "");
    yield* close(readEnd);
    return yield* door.do(write(writeEnd, ""));
  },
);

program("the last close wakes every waiter at the other end", function* () {
  const [readEnd, writeEnd] = yield* pipe();
  const handles = [];
  for (let i = 0; i < 3; i++) handles.push(yield* submit(read(readEnd, 1)));
  yield* close(writeEnd);
  for (const handle of handles) {
    const event = yield* wait(handle);
    assert(event.ok);
    assertEquals(event.value.length, 0);
  }
});

program(
  "a long write that loses its reader reports the bytes it moved",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    let wrote = -1;
    yield* sigaction("PIPE", "ign");
    yield* thread(function* writer() {
      wrote = yield* write(writeEnd, new Uint8Array(PIPE_BYTES + 5_000));
    });
    yield* sleep(100 * us);
    yield* close(readEnd);
    yield* sleep(100 * us);
    assertEquals(wrote, PIPE_BYTES);
  },
);
