// The console: what keys become, what is echoed, raw and cooked, and who reads.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  fcntl,
  isatty,
  type Main,
  ms,
  open,
  pause,
  pipe,
  poll,
  read,
  ready,
  sigaction,
  sleep,
  submit,
  ttymode,
  wait,
  write,
} from "kettle";
import type { Machine } from "kettle/world";
import {
  assertTraceAddsUp,
  boot,
  eventOutcome,
  outcome,
  plain,
} from "../conformance/doors.ts";

/** Runs a program on the console and types; gives what it logged and the screen. */
function onConsole(
  main: (log: unknown[]) => Main,
  keys: readonly string[],
  prepare?: (machine: Machine) => void,
): { log: unknown[]; screen: string; reason: string } {
  const { world, machine } = boot();
  const log: unknown[] = [];
  machine.spawn(main(log), [], { console: true });
  prepare?.(machine);
  world.run({ untilNs: 1 * ms });
  for (const each of keys) {
    machine.type(each);
    world.run({ untilNs: world.now + 1 * ms });
  }
  const { reason } = world.run();
  assertTraceAddsUp(world);
  return { log, screen: machine.screen, reason };
}

/** Logs every read until the end of the file. */
function reader(count = 100): (log: unknown[]) => Main {
  return (log) =>
    function* reader() {
      for (;;) {
        const bytes = yield* read(0, count);
        log.push(plain(bytes));
        if (bytes.length === 0) return;
      }
    };
}

test("keys are echoed as they come, and a line is read when it ends", () => {
  const { log, screen } = onConsole(reader(), ["he", "llo", "\r", "\x04"]);
  assertEquals(log, ["hello\n", ""]);
  assertEquals(screen, "hello\r\n");
});

test("erase takes back what was shown, two cells for a wide character", () => {
  const { log, screen } = onConsole(reader(), ["a漢\x7f\x7fé\x7fx\r\x04"]);
  assertEquals(log, ["x\n", ""]);
  assertEquals(screen, "a漢\b \b\b \b\b \bé\b \bx\r\n");
});

test("^U erases the line and ^W the last word", () => {
  const { log } = onConsole(reader(), [
    "one two\x15three four  \x17five\r\x04",
  ]);
  assertEquals(log, ["three five\n", ""]);
});

test("a line longer than the read is given in parts", () => {
  const { log } = onConsole(reader(3), ["abcdefg\r\x04"]);
  assertEquals(log, ["abc", "def", "g\n", ""]);
});

test("lines typed ahead are read one by one", () => {
  const { log } = onConsole(reader(), ["one\rtwo\rthree\r\x04"]);
  assertEquals(log, ["one\n", "two\n", "three\n", ""]);
});

test("raw mode gives every key as it comes, unechoed", () => {
  const { log, screen } = onConsole(
    (log) =>
      function* raw() {
        yield* ttymode(0, "raw");
        for (let i = 0; i < 3; i++) log.push(plain(yield* read(0, 100)));
      },
    ["a", "\x03\x04", "\r"],
  );
  assertEquals(log, ["a", "\x03\x04", "\r"]);
  assertEquals(screen, "");
});

test("cooked mode without echo shows nothing: a password", () => {
  const { log, screen } = onConsole(
    (log) =>
      function* () {
        yield* ttymode(0, "cooked", { echo: false });
        log.push(plain(yield* read(0, 100)));
      },
    ["secret\r"],
  );
  assertEquals([log, screen], [["secret\n"], ""]);
});

test("what was typed before raw mode began is not lost", () => {
  const { log } = onConsole(
    (log) =>
      function* () {
        yield* sleep(5 * ms);
        yield* ttymode(0, "raw");
        log.push(plain(yield* read(0, 100)));
      },
    ["part", " of a line"],
  );
  assertEquals(log, ["part of a line"]);
});

test("ttymode tells the mode and the size, and a resize is seen", () => {
  const { log } = onConsole(
    (log) =>
      function* () {
        log.push(yield* ttymode(0));
        yield* read(0, 1);
      },
    ["\r"],
    (machine) => machine.resize(132, 43),
  );
  const size = { columns: 132, rows: 43 };
  const state = { mode: "cooked", echo: true, ...size, atLineStart: true };
  assertEquals(log, [state]);
});

test("^C ends the program, ^\\ too, and the key is shown", () => {
  for (const [key, shown] of [["\x03", "^C"], ["\x1c", "^\\"]] as const) {
    const { log, screen, reason } = onConsole(reader(), [`ab${key}`]);
    assertEquals([log, reason], [[], "done"]);
    assertEquals(screen.startsWith(`ab${shown}`), true);
  }
});

test("isatty knows the console from a pipe", () => {
  const { log } = onConsole(
    (log) =>
      function* () {
        const [readEnd] = yield* pipe();
        const console = yield* open("/dev/console");
        for (const fd of [0, 1, readEnd, console]) log.push(yield* isatty(fd));
        log.push(yield* outcome(isatty(99)), yield* outcome(ttymode(readEnd)));
      },
    [],
  );
  assertEquals(log, [true, true, false, true, "EBADF", "ENOTTY"]);
});

test("a read that was submitted gets the line; with O_NONBLOCK door 1 says EAGAIN", () => {
  const { log } = onConsole(
    (log) =>
      function* () {
        yield* fcntl(0, { nonblock: true });
        log.push(yield* outcome(read(0, 10)));
        const handle = yield* submit(read(0, 10));
        log.push(yield* poll(handle));
        log.push(eventOutcome(yield* wait(handle)));
      },
    ["line\r"],
  );
  assertEquals(log, ["EAGAIN", null, "line\n"]);
});

test("ready tells of a line, not of keys that are not yet one", () => {
  const { log } = onConsole(
    (log) =>
      function* () {
        const handle = yield* submit(ready(0, "in"));
        yield* sleep(3 * ms);
        log.push(yield* poll(handle));
        log.push((yield* wait(handle)).ok);
      },
    ["ab", "c", "d", "\r"],
  );
  assertEquals(log, [null, true]);
});

test("newlines are shown as carriage return and line feed", () => {
  const { screen } = onConsole(
    () =>
      function* () {
        yield* write(1, "one\ntwo\n");
      },
    [],
  );
  assertEquals(screen, "one\r\ntwo\r\n");
});

test("the host is given every byte that the console shows", () => {
  const shown: string[] = [];
  onConsole(
    () =>
      function* () {
        yield* write(1, "hello\n");
        yield* read(0, 9);
      },
    ["ok\r"],
    (machine) => {
      machine.console.onOutput = (bytes) =>
        void shown.push(new TextDecoder().decode(bytes));
    },
  );
  assertEquals(shown.join(""), "hello\r\nok\r\n");
});

test("who is in the foreground is told that the window has another size", () => {
  const { world, machine } = boot();
  const log: string[] = [];
  const main: Main = function* () {
    yield* sigaction("WINCH", { fn: (name) => void log.push(name) });
    yield* pause();
  };
  machine.spawn(main, [], { console: true });
  world.run({ untilNs: 1 * ms });
  machine.resize(100, 30);
  world.run();
  assertEquals(log, ["WINCH"]);
});
