// Conformance, section A: descriptors and open file descriptions.

import { assertEquals } from "@std/assert";
import {
  close,
  dup,
  dup2,
  exec,
  fcntl,
  lseek,
  O_CLOEXEC,
  O_RDONLY,
  open,
  pipe,
  read,
  spawn,
  waitpid,
  write,
} from "kettle";
import { OPEN_FILES_MAX } from "../../kernel/params.ts";
import { outcome, plain, program, throughDoors } from "./doors.ts";

const FILE = { files: { "/f": "abcdef" } };

program("C001: open takes the lowest free number", function* () {
  const first = yield* open("/f");
  yield* open("/f");
  yield* close(first);
  assertEquals(yield* open("/f"), first);
}, FILE);

throughDoors(
  "C002: closing a closed number is EBADF and touches no other",
  function* (door) {
    const gone = yield* open("/f");
    const kept = yield* open("/f");
    yield* close(gone);
    assertEquals(yield* door.do(close(gone)), "EBADF");
    assertEquals(yield* door.do(close(-1)), "EBADF");
    return yield* outcome(read(kept, 3));
  },
  FILE,
);

program(
  "C003: a duplicate shares the offset, a second open does not",
  function* () {
    const a = yield* open("/f");
    const b = yield* dup(a);
    const c = yield* open("/f");
    yield* read(a, 2);
    assertEquals(yield* lseek(b, 0, "cur"), 2);
    assertEquals(yield* lseek(c, 0, "cur"), 0);
  },
  FILE,
);

program(
  "C005: a child that closes an inherited number leaves the parent's open",
  function* () {
    const fd = yield* open("/f");
    yield* spawn(function* child() {
      yield* read(fd, 1);
      yield* close(fd);
    });
    yield* waitpid();
    assertEquals(plain(yield* read(fd, 2)), "bc");
  },
  FILE,
);

program("C006: dup2 of a number onto itself keeps it open", function* () {
  const fd = yield* open("/f");
  assertEquals(yield* dup2(fd, fd), fd);
  assertEquals(plain(yield* read(fd, 1)), "a");
}, FILE);

program(
  "C008: dup2 of a closed number is EBADF and leaves the target alone",
  function* () {
    const fd = yield* open("/f");
    assertEquals(yield* outcome(dup2(99, fd)), "EBADF");
    assertEquals(plain(yield* read(fd, 1)), "a");
    assertEquals(yield* outcome(dup2(fd, OPEN_FILES_MAX)), "EBADF");
  },
  FILE,
);

program("C009: a duplicate of a read-only number is read-only", function* () {
  const copy = yield* dup(yield* open("/f", O_RDONLY));
  assertEquals(yield* outcome(write(copy, "x")), "EBADF");
}, FILE);

program("C010: a full table is EMFILE until one number is free", function* () {
  const fd = yield* open("/f");
  for (let used = 4; used < OPEN_FILES_MAX; used++) yield* dup(fd);
  assertEquals(yield* outcome(dup(fd)), "EMFILE");
  assertEquals(yield* outcome(open("/f")), "EMFILE");
  assertEquals(yield* outcome(pipe()), "EMFILE");
  yield* close(500);
  assertEquals(yield* outcome(pipe()), "EMFILE");
  assertEquals(yield* open("/f"), 500);
  yield* close(501);
  assertEquals(yield* dup(fd), 501);
}, FILE);

program(
  "C012: close-on-exec closes the child's number, not the parent's",
  function* () {
    const hidden = yield* open("/f", O_RDONLY | O_CLOEXEC);
    const later = yield* open("/f");
    yield* fcntl(later, { cloexec: true });
    const copy = yield* dup(later);
    const seen: unknown[] = [];
    const look = function* look() {
      for (const fd of [hidden, later, copy]) {
        seen.push(yield* outcome(read(fd, 1)));
      }
    };
    yield* spawn(look);
    yield* waitpid();
    assertEquals(seen, ["EBADF", "EBADF", "a"]);
    yield* spawn(
      function* child() {
        yield* fcntl(later, { cloexec: true });
        yield* exec(look);
      },
      [],
      { fds: { 0: 0, [hidden]: hidden, [later]: later } },
    );
    yield* waitpid();
    assertEquals(seen.slice(3), ["a", "EBADF", "EBADF"]);
    assertEquals(yield* outcome(read(hidden, 1)), "b");
  },
  FILE,
);
