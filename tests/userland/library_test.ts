// The small library on a real kernel: lines, mutex, condition, semaphore, barrier,
// channel. Threads meet at traps, so each case puts one inside what is guarded.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import {
  Barrier,
  Channel,
  Condition,
  join,
  ms,
  Mutex,
  print,
  type Program,
  readAll,
  readLine,
  type Routine,
  Semaphore,
  sleep,
  SysError,
  text,
  thread,
} from "../../mod.ts";
import { run } from "../../kernel/mod.ts";

/** Runs a program and gives what it returned, which must not be a failure. */
function result(main: (args: string[]) => Routine<unknown>, stdin = "") {
  let value: unknown;
  const ended = run(
    function* main_(args: string[]): Program {
      value = yield* main(args);
    },
    { stdin },
  );
  assertEquals([ended.reason, ended.stderr], ["done", ""], ended.report);
  return value;
}

function* codeOf(body: () => Routine<unknown>): Routine<string> {
  try {
    yield* body();
    return "no failure";
  } catch (error) {
    if (error instanceof SysError) return error.code;
    throw error;
  }
}

/** Starts the bodies as threads and waits for all. */
function* together(...bodies: (() => Routine<unknown>)[]): Routine {
  const tids: number[] = [];
  for (const body of bodies) tids.push(yield* thread(body));
  for (const tid of tids) yield* join(tid);
}

test("readLine takes exactly a line, readAll the rest", () => {
  const lines = result(function* () {
    const first = yield* readLine();
    const second = yield* readLine();
    return [first, second, text(yield* readAll()), yield* readLine()];
  }, "ä b\n\nrest\nof it");
  assertEquals(lines, ["ä b", "", "rest\nof it", null]);
});

test("print adds a newline only where there is none", () => {
  const ended = run(function* (): Program {
    yield* print("a");
    yield* print("b\n");
    yield* print(7);
  });
  assertEquals(ended.stdout, "a\nb\n7\n");
});

test("a mutex lets one thread in at a time", () => {
  const counts = result(function* () {
    const mutex = new Mutex();
    let inside = 0, most = 0, done = 0;
    const body = function* (): Routine {
      for (let turn = 0; turn < 5; turn += 1) {
        yield* mutex.lock();
        inside += 1;
        most = Math.max(most, inside);
        yield* sleep(1 * ms);
        inside -= 1;
        done += 1;
        yield* mutex.unlock();
      }
    };
    yield* together(body, body, body);
    return { most, done };
  });
  assertEquals(counts, { most: 1, done: 15 });
});

test("C144 unlock by another is EPERM, relock by the owner EDEADLK", () => {
  const codes = result(function* () {
    const mutex = new Mutex();
    const before = yield* codeOf(() => mutex.unlock());
    yield* mutex.lock();
    const again = yield* codeOf(() => mutex.lock());
    let other = "";
    yield* together(function* () {
      other = yield* codeOf(() => mutex.unlock());
    });
    const taken = yield* mutex.tryLock();
    yield* mutex.unlock();
    return [before, again, other, taken, yield* mutex.tryLock()];
  });
  assertEquals(codes, ["EPERM", "EDEADLK", "EPERM", false, true]);
});

test("Mutex.with gives the mutex back when its body throws", () => {
  const code = result(function* () {
    const mutex = new Mutex();
    const thrown = yield* codeOf(() =>
      mutex.with(function* () {
        yield* sleep(-1);
      })
    );
    return [thrown, yield* mutex.tryLock()];
  });
  assertEquals(code, ["EINVAL", true]);
});

test("C145 a signal wakes one, a broadcast all, a timed wait ends with ETIME and the mutex", () => {
  const seen = result(function* () {
    const mutex = new Mutex();
    const condition = new Condition();
    let woken = 0;
    const body = function* (): Routine {
      yield* mutex.lock();
      yield* condition.wait(mutex);
      woken += 1;
      yield* mutex.unlock();
    };
    for (let count = 0; count < 3; count += 1) yield* thread(body);
    yield* sleep(1 * ms);
    yield* condition.signal();
    yield* sleep(1 * ms);
    const one = woken;
    yield* condition.broadcast();
    yield* sleep(1 * ms);
    yield* mutex.lock();
    const late = yield* codeOf(() => condition.wait(mutex, 2 * ms));
    return [one, woken, late, yield* mutex.tryLock()];
  });
  assertEquals(seen, [1, 3, "ETIME", false]);
});

test("C146 n posts let n through a semaphore; one of n is last at a barrier", () => {
  const seen = result(function* () {
    const semaphore = new Semaphore();
    const barrier = new Barrier(3);
    let through = 0, last = 0;
    const body = function* (): Routine {
      yield* semaphore.wait();
      through += 1;
    };
    for (let count = 0; count < 4; count += 1) yield* thread(body);
    yield* sleep(1 * ms);
    yield* semaphore.post(3);
    yield* sleep(1 * ms);
    const three = through;
    yield* semaphore.post();
    const meet = function* (): Routine {
      if (yield* barrier.wait()) last += 1;
      if (yield* barrier.wait()) last += 10;
    };
    yield* together(meet, meet, meet);
    return [three, through, last];
  });
  assertEquals(seen, [3, 4, 11]);
});

test("a channel keeps the order, makes a fast sender wait, ends when closed", () => {
  const seen = result(function* () {
    const channel = new Channel<number>(2);
    const got: (number | undefined)[] = [];
    let ahead = 0, sent = 0;
    yield* together(
      function* () {
        for (let value = 1; value <= 6; value += 1) {
          yield* channel.send(value);
          sent = value;
        }
        yield* channel.close();
      },
      function* () {
        while (true) {
          yield* sleep(1 * ms);
          ahead = Math.max(ahead, sent - got.length);
          const value = yield* channel.receive();
          got.push(value);
          if (value === undefined) return;
        }
      },
    );
    return [got, ahead, yield* codeOf(() => channel.send(7))];
  });
  assertEquals(seen, [[1, 2, 3, 4, 5, 6, undefined], 2, "EPIPE"]);
});
