// The larger pieces of the library on a real kernel: printf, lines, select, the
// event loop and the thread pool.

import { after, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  close,
  ms,
  nop,
  pipe,
  type Program,
  read,
  type Routine,
  sleep,
  submit,
  SysError,
  write,
} from "../../mod.ts";
import { run } from "../../kernel/mod.ts";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import { readImage } from "../../host/image.ts";
import { Loader } from "../../host/loader.ts";
import { makePlayground } from "../../host/playground.ts";
import { EventLoop } from "../../userland/lib/event_loop.ts";
import { format, printf } from "../../userland/lib/format.ts";
import { allLines, eachLine } from "../../userland/lib/lines.ts";
import { inParallel, ThreadPool } from "../../userland/lib/pool.ts";
import { select } from "../../userland/lib/select.ts";

after(stopCompiler);

/** Runs a program and gives what it returned; nothing may fail or stay behind. */
function result(main: () => Routine<unknown>, stdin = "") {
  let value: unknown;
  const ended = run(
    function* main_(): Program {
      value = yield* main();
    },
    { stdin },
  );
  assertEquals([ended.reason, ended.stderr], ["done", ""], ended.report);
  return value;
}

// ------------------------------------------------------------- format

/** pattern, values, what C's printf gives. */
const FORMATS: [string, unknown[], string][] = [
  ["%d items", [3], "3 items"],
  [
    "[%5d] [%-5d] [%05d] [%+d] [% d]",
    [42, 42, 42, 42, 42],
    "[   42] [42   ] [00042] [+42] [ 42]",
  ],
  [
    "[%05d] [%.3d] [%6.3d] [%06.3d]",
    [-42, 7, 7, 7],
    "[-0042] [007] [   007] [   007]",
  ],
  ["%x %X %#x %o %#o %#x", [255, 255, 255, 8, 8, 0], "ff FF 0xff 10 010 0"],
  ["%08b %#b", [5, 5], "00000101 0b101"],
  [
    "%f %.2f %8.3f %.0f",
    [1.5, 2.345, 3.14159, 2.5],
    "1.500000 2.35 " + "   3.142 2",
  ],
  ["%.0f %.2f %.2f %.1f", [3.5, 0.125, 0.375, 2.25], "4 0.12 0.38 2.2"],
  ["%.0e %.3e %.0e", [2.5, 12345, 9.5], "2e+00 1.234e+04 1e+01"],
  ["%.0f %.1f", [1e22, 0.05], "10000000000000000000000 0.1"],
  ["%e %.1e %e", [12345.678, 0.00012, 0], "1.234568e+04 1.2e-04 0.000000e+00"],
  [
    "[%s] [%6s] [%-6s] [%.2s]",
    ["tea", "tea", "tea", "tea"],
    "[tea] [   tea] [tea   ] [te]",
  ],
  ["%c%c %%", ["tea", 0x2615], "t☕ %"],
  ["%*d|%-*d|%.*f", [4, 7, 4, 7, 1, 2.25], "   7|7   |2.2"],
  ["%j", [{ a: [1] }], '{"a":[1]}'],
  ["%d", [2n ** 70n], "1180591620717411303424"],
  ["%6f|%-6f|%06f", [Infinity, NaN, -Infinity], "   inf|nan   |  -inf"],
];

for (const [pattern, values, wanted] of FORMATS) {
  test(`format: ${pattern}`, () => {
    assertEquals(format(pattern, ...values), wanted);
  });
}

test("format tells what does not fit", () => {
  assertThrows(() => format("%d"), RangeError, "no value for %d");
  assertThrows(() => format("x", 1), RangeError, "1 more values");
  assertThrows(() => format("%d", 1.5), RangeError, "whole number, not 1.5");
  assertThrows(() => format("%f", "x"), RangeError, "takes a number");
  assertThrows(() => format("%y", 1), RangeError, "there is no %y");
});

test("printf is a request like any other", () => {
  const ended = run(function* (): Program {
    yield* printf("%s is %d\n", "six", 6);
    yield* submit(printf("%c", "!"));
  });
  assertEquals(ended.stdout, "six is 6\n!");
});

// ------------------------------------------------------------- lines

test("eachLine gives lines without newlines, and stops when told", () => {
  const seen = result(function* () {
    const lines: string[] = [];
    const count = yield* eachLine(0, function* (line, number) {
      lines.push(`${number} ${line}`);
      yield* nop();
      return number < 2;
    });
    return [count, lines];
  }, "a\n\nc\n");
  assertEquals(seen, [2, ["1 a", "2 "]]);
});

test("allLines keeps a last line that has no newline", () => {
  assertEquals(result(() => allLines(0), "a\nb"), ["a", "b"]);
  assertEquals(result(() => allLines(0), ""), []);
});

// ------------------------------------------------------------- select

test("select tells what is ready, and waits when nothing is", () => {
  const seen = result(function* () {
    const [input, output] = yield* pipe();
    const [other] = yield* pipe();
    const looked = yield* select({ in: [input, other], out: [output] }, {
      timeoutNs: 0,
    });
    const late = yield* select({ in: [input] }, { timeoutNs: 5 * ms });
    yield* write(output, "tea");
    const came = yield* select({ in: [other, input] });
    return [looked, late, came, input, output];
  }) as [unknown, unknown, unknown, number, number];
  const [looked, late, came, input, output] = seen;
  assertEquals(looked, { in: [], out: [output] });
  assertEquals(late, { in: [], out: [] });
  assertEquals(came, { in: [input], out: [] });
});

test("select of a closed descriptor is EBADF", () => {
  const code = result(function* () {
    try {
      yield* select({ in: [77] });
    } catch (error) {
      return (error as SysError).code;
    }
  });
  assertEquals(code, "EBADF");
});

// ------------------------------------------------------------- event loop

test("the loop calls handlers as things happen, and ends when none is left", () => {
  const log = result(function* () {
    const said: string[] = [];
    const loop = new EventLoop();
    const [input, output] = yield* pipe();
    yield* loop.on(input, "in", function* (_, watch) {
      const data = yield* read(input, 1);
      said.push(data.length === 0 ? "end" : `byte ${data[0]}`);
      if (data.length === 0) yield* loop.forget(watch);
    });
    yield* loop.after(3 * ms, function* () {
      yield* write(output, Uint8Array.of(1, 2));
      said.push("written");
    });
    yield* loop.after(
      5 * ms,
      () => close(output)[Symbol.iterator]() as Routine,
    );
    yield* loop.when(nop(), function* ({ ok }) {
      said.push(`nop ${ok}`);
    });
    yield* loop.run();
    return [...said, loop.size];
  });
  assertEquals(log, ["nop true", "written", "byte 1", "byte 2", "end", 0]);
});

test("every keeps its step, and forget ends it", () => {
  const times = result(function* () {
    const at: number[] = [];
    const loop = new EventLoop();
    yield* loop.every(10 * ms, function* (event, id) {
      at.push(Math.round(event.at / ms));
      yield* sleep(4 * ms);
      if (at.length === 3) yield* loop.forget(id);
    });
    yield* loop.run();
    return at;
  });
  assertEquals(times, [10, 20, 30]);
});

test("stop ends the loop with watches left", () => {
  const left = result(function* () {
    const loop = new EventLoop();
    const id = yield* loop.every(1 * ms, function* () {
      loop.stop();
    });
    yield* loop.run();
    const before = loop.size;
    yield* loop.forget(id);
    return [before, loop.size];
  });
  assertEquals(left, [1, 0]);
});

// ------------------------------------------------------------- pool

test("three threads do six jobs of 10 ms in 20 ms, results in order", () => {
  const ended = run(function* (): Program {
    const jobs = [0, 1, 2, 3, 4, 5].map((number) =>
      function* (): Routine<number> {
        yield* sleep(10 * ms);
        return number * number;
      }
    );
    yield* printf("%j\n", yield* inParallel(jobs, 3));
  });
  assertEquals([ended.reason, ended.stdout], ["done", "[0,1,4,9,16,25]\n"]);
  assertEquals(Math.round(ended.elapsedNs / ms), 20);
});

test("a job that throws throws where its value is asked for, and the thread goes on", () => {
  const seen = result(function* () {
    const pool = new ThreadPool(1);
    yield* pool.start();
    const bad = yield* pool.submit(function* (): Routine<number> {
      yield* nop();
      throw new Error("spilt");
    });
    const good = yield* pool.submit(function* () {
      yield* nop();
      return 7;
    });
    const value = yield* good.value();
    let said = "";
    try {
      yield* bad.value();
    } catch (error) {
      said = (error as Error).message;
    }
    yield* pool.close();
    return [value, said, good.isDone];
  });
  assertEquals(seen, [7, "spilt", true]);
});

test("who brings work to a full pool waits; a closed one takes none", () => {
  const seen = result(function* () {
    const pool = new ThreadPool(1, 1);
    yield* pool.start();
    const order: string[] = [];
    for (const name of ["a", "b", "c", "d"]) {
      yield* pool.submit(function* () {
        yield* sleep(10 * ms);
        order.push(`${name} done`);
      });
      order.push(`${name} taken`);
    }
    yield* pool.close();
    try {
      yield* pool.submit(nop as never);
    } catch (error) {
      order.push((error as SysError).code);
    }
    return order;
  });
  assertEquals(seen, [
    "a taken",
    "b taken",
    "a done",
    "c taken",
    "b done",
    "d taken",
    "c done",
    "d done",
    "EPIPE",
  ]);
});

// ------------------------------------------------------------- in the machine

const USER = `
import { ms, type Program, type Routine, sleep } from "kettle";
import { inParallel } from "/lib/pool.ts";
import { printf } from "/lib/format.ts";
import { greeting } from "./tea/words.ts";

export default function* main(): Program {
  const jobs = [1, 2].map((n) => function* (): Routine<string> {
    yield* sleep(n * ms);
    return greeting(n);
  });
  yield* printf("%j\\n", yield* inParallel(jobs, 2));
}
`;
const WORDS = `export function greeting(n: number) { return \`cup \${n}\`; }\n`;

test("a program in /home imports the library by its path, and files of its own", async () => {
  const loader = new Loader({ compile: compileNative });
  const { world, machine } = makePlayground({
    programs: loader,
    image: {
      ...readImage(),
      "/home/mine.ts": USER,
      "/home/tea/words.ts": WORDS,
    },
  });
  const process = machine.spawn("/bin/sh", ["-c", "run mine.ts"], {
    cwd: "/home",
  });
  while (world.run({ until: process, budgetNs: 60e9 }).reason === "host") {
    await loader.compile(world.wanted!);
  }
  assertEquals([process.stdout, process.stderr], ['["cup 1","cup 2"]\n', ""]);
});
