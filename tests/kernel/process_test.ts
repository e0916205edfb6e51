// deno-lint-ignore-file require-yield -- programs that make no call are tested too
// Processes: memory as a limit, endings and the words that go with them.

import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  exec,
  exit,
  getpid,
  join,
  KiB,
  type Main,
  MiB,
  ms,
  nop,
  open,
  pause,
  pipe,
  push,
  read,
  sleep,
  spawn,
  submit,
  SysError,
  thread,
  waitpid,
  write,
} from "kettle";
import { run, World } from "kettle/world";

/** What a program says as it dies, and how. */
function lastWords(main: Main): { stderr: string; exit: unknown } {
  const { stderr, exit } = run(main, {
    machine: { files: { "/f": "abc" } },
  });
  return { stderr, exit };
}

// ------------------------------------------------------------- memory

test("64 MiB hold one process with 255 stacks, and the next thread is EAGAIN", () => {
  const { result } = run(function* () {
    let threads = 1;
    try {
      for (;;) {
        yield* thread(function* () {
          yield* sleep(1_000 * ms);
        });
        threads++;
      }
    } catch (error) {
      return [threads, (error as SysError).message] as never;
    }
  });
  const [threads, message] = result as [number, string];
  assertEquals(threads, (64 * MiB - 256 * KiB) / (256 * KiB));
  assertStringIncludes(message, "EAGAIN, no memory for another stack");
});

test("a thread that ended gives its stack back", () => {
  const { result } = run(function* () {
    for (let i = 0; i < 1_000; i++) {
      yield* join(yield* thread(function* () {}));
    }
    return 7;
  }, { machine: { memory: 1 * MiB } });
  assertEquals(result, 7);
});

test("a process takes its base and one stack; over the limit spawn is EAGAIN", () => {
  const { result, world } = run(function* () {
    let processes = 1;
    try {
      for (;;) {
        yield* spawn(function* child() {
          yield* sleep(1_000 * ms);
        });
        processes++;
      }
    } catch (error) {
      assertEquals((error as SysError).code, "EAGAIN");
    }
    return processes;
  }, { machine: { memory: 4 * MiB } });
  assertEquals(result, 8);
  assertEquals(world.machines[0]!.memory.usedBytes, 0);
});

test("stacks of another size leave room for another number of threads", () => {
  const world = new World();
  const machine = world.boot({ memory: 1 * MiB, stackBytes: 64 * KiB });
  const process = machine.spawn(function* () {
    let threads = 1;
    try {
      for (;; threads++) {
        yield* thread(function* () {
          yield* sleep(1 * ms);
        });
      }
    } catch {
      return threads;
    }
  });
  world.run();
  assertEquals(process.result, (1024 - 256) / 64);
});

// ------------------------------------------------------------- endings

test("an uncaught SysError ends the program with its sentence and status 1", () => {
  assertEquals(
    lastWords(function* copy() {
      yield* open("/nofile");
    }),
    {
      stderr: "copy: /nofile: ENOENT, no such file or directory (open)\n",
      exit: { status: 1 },
    },
  );
});

test("any other error ends it the same way", () => {
  const { stderr, exit } = lastWords(function* main() {
    yield* nop();
    (null as unknown as { x: number }).x;
  });
  assert(stderr.startsWith("main: TypeError: "), stderr);
  assertEquals(exit, { status: 1 });
});

test("what cannot be printed is no panic", () => {
  const { stderr, exit } = lastWords(function* main() {
    throw Object.create(null);
  });
  assertEquals(stderr, "main: threw a value that cannot be printed\n");
  assertEquals(exit, { status: 1 });
});

test("a bare yield is named for what it is", () => {
  const call = lastWords(function* main() {
    yield read(0, 10);
  } as unknown as Main);
  assertStringIncludes(
    call.stderr,
    "yield read(0, 10) needs a star: yield*",
  );
  assertEquals(call.exit, { status: 1 });
  const value = lastWords(function* main() {
    yield 5 as never;
  });
  assertStringIncludes(value.stderr, "yield 5 is no call");
});

test("a request that is used twice is named where it is used again", () => {
  for (
    const again of [
      function* main() {
        const request = nop();
        yield* request;
        yield* request;
      },
      function* main() {
        const request = nop();
        yield* submit(request);
        yield* request;
      },
      function* main() {
        const request = nop();
        yield* request;
        yield* submit(request);
      },
    ] as Main[]
  ) {
    const { stderr, exit } = lastWords(again);
    assertStringIncludes(stderr, "this nop() was already used");
    assertEquals(exit, { status: 1 });
  }
});

test("a main without a star is told so", () => {
  for (const main of [() => 5, () => {}, async () => {}]) {
    const { stderr, exit } = lastWords(main as unknown as Main);
    assertStringIncludes(
      stderr,
      "main must be a generator: write function* main",
    );
    assertEquals(exit, { status: 1 });
  }
});

test("a function that calls itself for ever is told in a sentence", () => {
  const { stderr } = lastWords(function* main() {
    const again = (): number => 1 + again();
    again();
  });
  assertStringIncludes(
    stderr,
    "a function called itself until the stack was full",
  );
});

test("requests left pending at the end of main are named", () => {
  const pushed = lastWords(function* echo() {
    const [readEnd] = yield* pipe();
    yield* push(read(readEnd, 9), () => {});
  });
  assertStringIncludes(
    pushed.stderr,
    "echo: ended with 1 request pending: read(3, 9) pushed.",
  );
  assertStringIncludes(pushed.stderr, "Its callback never ran");
  const submitted = lastWords(function* echo() {
    for (let i = 0; i < 5; i++) yield* submit(sleep(5 * ms));
  });
  assertStringIncludes(submitted.stderr, "ended with 5 requests pending");
  assertStringIncludes(submitted.stderr, "and 2 more");
  const taken = lastWords(function* echo() {
    yield* submit(nop());
  });
  assertEquals(taken.stderr, "");
});

test("an error in a callback ends the program like any other", () => {
  const { stderr, exit } = lastWords(function* main() {
    yield* push(nop(), () => {
      throw new Error("in the callback");
    });
    yield* pause();
  });
  assertEquals([stderr, exit], ["main: in the callback\n", { status: 1 }]);
});

test("statuses are eight bits wide", () => {
  for (
    const [status, seen] of [[0, 0], [7, 7], [256, 0], [300, 44], [-1, 255], [
      1.9,
      1,
    ]]
  ) {
    const returned = run(function* () {
      return status;
    });
    const exited = run(function* () {
      yield* exit(status);
    });
    assertEquals(returned.exit, { status: seen! });
    assertEquals(exited.exit, { status: seen! });
  }
});

test("exec keeps the pid and the open files and drops the rest", () => {
  const { stdout, exit: ended } = run(function* first() {
    const before = yield* getpid();
    const [readEnd, writeEnd] = yield* pipe();
    yield* write(writeEnd, "kept");
    yield* submit(sleep(1_000 * ms));
    yield* thread(function* () {
      yield* sleep(2_000 * ms);
      yield* write(1, "a ghost");
    });
    yield* exec(function* second(args) {
      const same = (yield* getpid()) === before;
      const bytes = yield* read(readEnd, 9);
      const text = new TextDecoder().decode(bytes);
      yield* write(1, `${args.join(" ")} ${same} ${text}`);
      return 5;
    }, ["a", "b"]);
    yield* write(1, "never");
  });
  assertEquals(stdout, "a b true kept");
  assertEquals(ended, { status: 5 });
});

test("a zombie takes no memory, and an ignored one is gone at once", () => {
  const { world } = run(function* () {
    for (let i = 0; i < 50; i++) yield* spawn(function* child() {});
    yield* sleep(50 * ms);
    for (let i = 0; i < 50; i++) yield* waitpid();
  }, { machine: { memory: 2 * MiB } });
  assertEquals(world.machines[0]!.memory.usedBytes, 0);
  assertEquals(world.machines[0]!.processes.size, 0);
});
