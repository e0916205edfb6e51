// Conformance, section H: processes, threads, scheduling.

import { assertEquals, assertNotEquals } from "@std/assert";
import {
  close,
  compute,
  detach,
  exit,
  getpid,
  getppid,
  gettid,
  join,
  kill,
  ms,
  open,
  pipe,
  pread,
  read,
  setpgid,
  type SignalName,
  sleep,
  spawn,
  thread,
  waitpid,
  write,
} from "kettle";
import { outcome, plain, program, runToEnd, throughDoors } from "./doors.ts";
import { test } from "node:test";

function* sleeper() {
  yield* sleep(1_000 * ms);
}

throughDoors(
  "C126: waitpid without a child is ECHILD, and never waits with nohang",
  function* (door) {
    assertEquals(yield* door.do(waitpid()), "ECHILD");
    const pid = yield* spawn(sleeper);
    assertEquals(yield* door.do(waitpid(pid, { nohang: true })), { pid: 0 });
    yield* kill(pid, "TERM");
    assertEquals(yield* door.do(waitpid(pid)), { pid, signal: "TERM" });
    assertEquals(yield* door.do(waitpid(pid)), "ECHILD");
  },
);

throughDoors(
  "C127: a status is eight bits; who is killed has a signal, not a status",
  function* (door) {
    yield* spawn(function* child() {
      yield* exit(300);
    });
    const { status } = (yield* door.do(waitpid())) as { status: number };
    const pid = yield* spawn(sleeper);
    yield* kill(pid, "KILL");
    const killed = yield* door.do(waitpid());
    assertEquals(killed, { pid, signal: "KILL" });
    return status;
  },
);

program(
  "C127: main's number is the status, masked; anything else is 0",
  function* () {
    for (const [value, seen] of [[300, 44], [-1, 255], ["text", 0], [NaN, 0]]) {
      const pid = yield* spawn(function* child() {
        return value as number;
      });
      assertEquals(yield* waitpid(), { pid, status: seen as number });
    }
  },
);

program(
  "C129: a zombie exists until it is collected; its files closed when it ended",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const pid = yield* spawn(function* child() {});
    yield* close(writeEnd);
    assertEquals(plain(yield* read(readEnd, 1)), "");
    assertEquals(yield* outcome(kill(pid, 0)), "ok");
    yield* waitpid();
    assertEquals(yield* outcome(kill(pid, 0)), "ESRCH");
  },
);

program(
  "C130: an orphan's parent is 1, who collects it; the grandparent never sees it",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const child = yield* spawn(function* child() {
      yield* spawn(function* grandchild() {
        yield* sleep(5 * ms);
        yield* write(writeEnd, String(yield* getppid()));
      });
    });
    yield* close(writeEnd);
    assertEquals(yield* waitpid(), { pid: child, status: 0 });
    assertEquals(plain(yield* read(readEnd, 10)), "1");
    assertEquals(yield* outcome(waitpid()), "ECHILD");
    assertEquals(plain(yield* read(readEnd, 10)), "");
  },
);

program(
  "C132: kill checks signal and pid, and a negative pid is a whole group",
  function* () {
    const me = yield* getpid();
    assertEquals(yield* outcome(kill(me, "NONE" as SignalName)), "EINVAL");
    assertEquals(yield* outcome(kill(me, 99 as 0)), "EINVAL");
    assertEquals(yield* outcome(kill(4_000_000, "TERM")), "ESRCH");
    assertEquals(yield* outcome(kill(-4_000_000, "TERM")), "ESRCH");
    const leader = yield* spawn(sleeper, [], { group: 0 });
    const member = yield* spawn(sleeper, [], { group: leader });
    const other = yield* spawn(sleeper);
    yield* kill(-leader, "TERM");
    assertEquals(yield* waitpid(), { pid: leader, signal: "TERM" });
    assertEquals(yield* waitpid(), { pid: member, signal: "TERM" });
    assertEquals(yield* waitpid(-1, { nohang: true }), { pid: 0 });
    yield* setpgid(other, 0);
    yield* kill(-other, "KILL");
    assertEquals(yield* waitpid(-other), { pid: other, signal: "KILL" });
  },
);

program(
  "C133: a writer gets its turn beside three that only compute",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const burners: number[] = [];
    for (let i = 0; i < 3; i++) {
      burners.push(
        yield* spawn(function* burner() {
          for (;;) yield* compute(1_000 * ms);
        }),
      );
    }
    yield* spawn(function* writer() {
      yield* write(writeEnd, "x");
    });
    assertEquals(plain(yield* read(readEnd, 1)), "x");
    for (const pid of burners) yield* kill(pid, "KILL");
    for (let i = 0; i < 4; i++) yield* waitpid();
    assertEquals(yield* outcome(waitpid()), "ECHILD");
  },
);

throughDoors("C135: join gives a thread's value once", function* (door) {
  const tid = yield* thread(function* worker(n: number) {
    yield* sleep(1 * ms);
    return n * 2;
  }, 21);
  assertEquals(yield* door.do(join(tid)), 42);
  assertEquals(yield* door.do(join(tid)), "ESRCH");
  const ended = yield* thread(function* quick() {
    return "early";
  });
  yield* sleep(1 * ms);
  assertEquals(yield* door.do(join(ended)), "early");
  const detached = yield* thread(sleeper);
  yield* detach(detached);
  return yield* door.do(join(detached));
});

program(
  "C135: joining itself is EDEADLK, and joining the detached EINVAL",
  function* () {
    assertEquals(yield* outcome(join(yield* gettid())), "EDEADLK");
    const tid = yield* thread(sleeper);
    yield* detach(tid);
    assertEquals(yield* outcome(detach(tid)), "EINVAL");
    assertEquals(yield* outcome(join(4_000_000)), "ESRCH");
  },
);

test("C136: a killed thread runs no more code, finally included", () => {
  const log: string[] = [];
  runToEnd(function* () {
    const pid = yield* spawn(function* child() {
      try {
        log.push("in");
        yield* sleep(1_000 * ms);
      } finally {
        log.push("finally");
        yield* write(1, "ghost");
      }
    });
    yield* sleep(1 * ms);
    yield* kill(pid, "KILL");
    yield* waitpid();
  });
  assertEquals(log, ["in"]);
});

program("C136: exit runs no finally block either", function* () {
  const log: string[] = [];
  yield* spawn(function* child() {
    try {
      yield* exit(3);
    } finally {
      log.push("finally");
    }
  });
  assertEquals((yield* waitpid()).status, 3);
  assertEquals(log, []);
});

program(
  "C137: a spawn that fails uses no pid and leaves no zombie",
  function* () {
    const first = yield* spawn(function* child() {});
    assertEquals(yield* outcome(spawn("/missing")), "ENOENT");
    assertEquals(yield* outcome(spawn("/latin1")), "ENOEXEC");
    assertEquals(yield* outcome(spawn("/")), "EACCES");
    assertEquals(yield* outcome(spawn(7 as unknown as string)), "EINVAL");
    assertEquals(
      yield* outcome(spawn(function* child() {}, [], { fds: { 0: 99 } })),
      "EBADF",
    );
    const second = yield* spawn(function* child() {});
    assertEquals(second, first + 1);
    yield* waitpid();
    yield* waitpid();
    assertEquals(yield* outcome(waitpid()), "ECHILD");
  },
  { files: { "/latin1": Uint8Array.of(0xe9, 0x74, 0xe9) } },
);

throughDoors(
  "C138: a wait sees stopped, continued, and the end, if it asks",
  function* (door) {
    const pid = yield* spawn(sleeper);
    yield* sleep(1 * ms);
    const all = { untraced: true, continued: true };
    yield* kill(pid, "TSTP");
    assertEquals(yield* door.do(waitpid(pid, { nohang: true })), { pid: 0 });
    assertEquals(yield* door.do(waitpid(pid, all)), { pid, stopped: "TSTP" });
    const pending = yield* door.start(waitpid(pid, all));
    yield* kill(pid, "CONT");
    assertEquals(yield* pending.end(), { pid, continued: true });
    yield* kill(pid, "TERM");
    assertEquals(yield* door.do(waitpid(pid, all)), { pid, signal: "TERM" });
  },
);

program(
  "C139: what a stopped process waits for may come; it sees it after CONT",
  function* () {
    const [readEnd, writeEnd] = yield* pipe();
    const pid = yield* spawn(function* child() {
      const fd = yield* open("/f");
      yield* write(writeEnd, "1");
      yield* pread(fd, 1, 0);
      yield* write(writeEnd, "2");
    });
    yield* read(readEnd, 1);
    yield* kill(pid, "STOP");
    yield* sleep(1_000 * ms);
    yield* kill(pid, "CONT");
    const before = yield* outcome(read(readEnd, 1));
    assertEquals(before, "2");
    assertEquals(yield* waitpid(), { pid, status: 0 });
  },
  { files: { "/f": "abc" } },
);

program("a stopped process does no work until it is continued", function* () {
  let done = false;
  const pid = yield* spawn(function* child() {
    yield* compute(10 * ms);
    done = true;
  });
  yield* sleep(2 * ms);
  yield* kill(pid, "STOP");
  yield* sleep(100 * ms);
  assertEquals(done, false);
  yield* kill(pid, "CONT");
  yield* sleep(9 * ms);
  assertEquals(done, true);
  yield* waitpid();
});

program("the oldest death is collected first", function* () {
  const slow = yield* spawn(function* slow() {
    yield* sleep(2 * ms);
  });
  const fast = yield* spawn(function* fast() {
    yield* sleep(1 * ms);
  });
  yield* sleep(5 * ms);
  assertEquals((yield* waitpid()).pid, fast);
  assertEquals((yield* waitpid()).pid, slow);
  assertNotEquals(slow, fast);
});

program("the end of main ends the other threads", function* () {
  yield* spawn(function* child() {
    yield* thread(sleeper);
    yield* thread(function* burner() {
      yield* compute(1_000 * ms);
    });
    return 4;
  });
  assertEquals((yield* waitpid()).status, 4);
});
