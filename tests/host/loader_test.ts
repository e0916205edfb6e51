import { after, test } from "node:test";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { compileNative, stopCompiler } from "../../host/compile_native.ts";
import type { Main } from "../../kernel/abi.ts";
import { readPrograms } from "../../host/image.ts";
import { Loader, STACKS_HAVE_LINES } from "../../host/loader.ts";
import {
  errorOf,
  failureOf,
  programOf,
  runByHand,
  Workshop,
} from "./workshop.ts";

after(stopCompiler);

test("a program runs, and each call knows its file and line", async () => {
  const program = await programOf(
    `import { print, read, type Program } from "kettle";
interface Unused { a: number }
export default function* main(args: string[]): Program {
  const name: string = args[0] ?? "nobody";

  yield* print(\`hello, \${name}\`);
  const bytes = yield* read(0, 10);
  return bytes.length;
}
`,
    "hello.ts",
  );
  const { result, calls } = runByHand(
    program,
    ["kettle"],
    (call) => call.name === "read" ? new Uint8Array(3) : 0,
  );
  assertEquals(calls, [
    'write(1, "hello, kettle\\n")@hello.ts:6',
    "read(0, 10)@hello.ts:7",
  ]);
  assertEquals(result, 3);
});

test("a program that is not compiled yet loads as null", () => {
  const workshop = new Workshop({ "/home/a.ts": "" });
  assertEquals(workshop.load("/home/a.ts"), null);
});

test("each load has fresh module state and shares one compilation", async () => {
  const workshop = new Workshop({
    "/home/a.ts":
      `let count = 0; export default function* main() { count += 1; return count; }`,
  });
  const first = await workshop.start("/home/a.ts");
  await workshop.compile("/home/a.ts");
  const second = workshop.started("/home/a.ts");
  assertEquals(runByHand(first).result, 1);
  assertEquals(runByHand(first).result, 2);
  assertEquals(runByHand(second).result, 1);
  assertEquals(workshop.loader.compiledCount, 1);
});

test("a changed file is compiled again", async () => {
  const workshop = new Workshop({
    "/home/a.ts": `export default function* main() { return 1; }`,
  });
  await workshop.start("/home/a.ts");
  workshop.files["/home/a.ts"] =
    `export default function* main() { return 2; }`;
  assertEquals(workshop.load("/home/a.ts"), null);
  assertEquals(runByHand(await workshop.start("/home/a.ts")).result, 2);
});

test("files import each other, each with its own lines and fresh state", async () => {
  const workshop = new Workshop({
    "/bin/main": `import { greet, count } from "../lib/greet.ts";
export default function* main() {
  yield* greet("a");
  const answer = yield* greet("b");
  return answer + count();
}`,
    "/lib/greet.ts": `import { print } from "kettle";
import { suffix as end } from "./words";
let greeted = 0;
export const count = () => greeted;
export function* greet(name: string) {
  greeted += 1;

  yield* print(name + end);
  return 40;
}`,
    "/lib/words.ts": `export const suffix = "!";`,
  });
  const program = await workshop.start("/bin/main");
  const { result, calls } = runByHand(program);
  assertEquals(
    calls,
    [
      'write(1, "a!\\n")@greet.ts:8',
      'write(1, "b!\\n")@greet.ts:8',
    ].slice(0, calls.length),
  );
  assertEquals(typeof result, "number");
  runByHand(workshop.started("/bin/main"));
  assertEquals(workshop.loader.compiledCount, 3);
});

test("a helper file is compiled once for all programs that import it", async () => {
  const workshop = new Workshop({
    "/bin/a":
      `import { x } from "../lib/x.ts"; export default function* main() { return x; }`,
    "/bin/b":
      `import { x } from "../lib/x.ts"; export default function* main() { return x + 1; }`,
    "/lib/x.ts": `export const x = 5;`,
  });
  assertEquals(runByHand(await workshop.start("/bin/a")).result, 5);
  assertEquals(runByHand(await workshop.start("/bin/b")).result, 6);
  assertEquals(workshop.loader.compiledCount, 3);
});

test("files that import each other in a circle are named", async () => {
  const workshop = new Workshop({
    "/home/a.ts":
      `import { b } from "./b.ts";\nexport const a = 1;\nexport default function* main() { return b; }`,
    "/home/b.ts": `\nimport { a } from "./a.ts";\nexport const b = a;`,
  });
  await workshop.compile("/home/a.ts");
  assertEquals(workshop.load("/home/a.ts"), {
    error:
      "b.ts:2  these files import each other in a circle: a.ts → b.ts → a.ts. Move what they share into a file of its own.",
  });
});

test("a missing file and a missing export are named with their line", async () => {
  const workshop = new Workshop({
    "/home/a.ts":
      `\nimport { gone } from "./gone.ts";\nimport { hepl } from "./b.ts";\nexport default function* main() { gone(); hepl(); }`,
    "/home/b.ts": `export const help = () => 1;`,
  });
  await workshop.compile("/home/a.ts");
  const { error } = workshop.load("/home/a.ts") as { error: string };
  assertEquals(error.split("\n"), [
    "a.ts:2  ./gone.ts: there is no such file. A relative import starts with ./ or ../ and is looked for beside this file.",
    'a.ts:3  "./b.ts" has no hepl. Did you mean help?',
  ]);
});

test("an error in an imported file is reported once, with that file's name", async () => {
  const workshop = new Workshop({
    "/home/a.ts":
      `import { b } from "./b.ts"; import { c } from "./c.ts"; export default function* main() { b(); c(); }`,
    "/home/b.ts": `import { d } from "./d.ts"; export const b = () => d;`,
    "/home/c.ts": `import { d } from "./d.ts"; export const c = () => d;`,
    "/home/d.ts":
      `import { write } from "kettle";\nwrite(1, "x");\nexport const d = 1;`,
  });
  await workshop.compile("/home/a.ts");
  const { error } = workshop.load("/home/a.ts") as { error: string };
  assertMatch(error, /^d\.ts:2 {2}write\(1, "x"\) was built but never used/);
  assertEquals(error.split("\n").length, 1);
});

test("a function* of another file called without yield* is named", async () => {
  const workshop = new Workshop({
    "/home/a.ts":
      `import { plain, say as tell } from "./b.ts";\nexport default function* main() {\n  plain();\n  tell("x");\n}`,
    "/home/b.ts":
      `import { print } from "kettle"; export const plain = () => 1; export function* say(words: string) { yield* print(words); }`,
  });
  await workshop.compile("/home/a.ts");
  assertEquals(workshop.load("/home/a.ts"), {
    error:
      'a.ts:4  tell("x") only makes the routine; nothing of it ran.  Put yield* in front.',
  });
});

test("an export that changes later cannot be imported", async () => {
  const workshop = new Workshop({
    "/home/a.ts":
      `import { n, up } from "./b.ts";\nexport default function* main() { up(); return n; }`,
    "/home/b.ts": `export let n = 0; export function up() { n += 1; }`,
  });
  await workshop.compile("/home/a.ts");
  assertEquals(workshop.load("/home/a.ts"), {
    error:
      "a.ts:1  n changes after b.ts has run, so it cannot be imported. Export a function that returns it.",
  });
});

test("star exports, renamed exports and a whole module reach the importer", async () => {
  const workshop = new Workshop({
    "/home/a.ts": `import * as all from "./all.ts"; import * as k from "kettle";
export default function* main() { yield* k.nop(); return [all.one, all.zwei, all.deep.three, typeof all.read].join(); }`,
    "/home/all.ts":
      `export * from "./one.ts"; export { two as zwei } from "./two.ts"; export * as deep from "./three.ts"; export { read } from "kettle";`,
    "/home/one.ts": `export const one = 1;`,
    "/home/two.ts": `export const two = 2;`,
    "/home/three.ts": `export class Three {} export const three = 3;`,
  });
  const program = await workshop.start("/home/a.ts");
  assertEquals(runByHand(program).result, "1,2,3,function");
});

test("main may be anonymous, a constant, or exported by name", async () => {
  for (
    const source of [
      `export default function* () { return 7; }`,
      `const main = function* () { return 7; }; export default main;`,
      `function* main() { return 7; } export { main as default };`,
    ]
  ) assertEquals(runByHand(await programOf(source)).result, 7);
});

test("spawn of a function gets a fresh instance of its module", async () => {
  const workshop = new Workshop({
    "/home/a.ts": `let count = 0;
export function* child() { count += 1; return count; }
function* hidden() { count += 10; return count; }
export default function* main() { count = 100; return [child, hidden]; }`,
  });
  const program = await workshop.start("/home/a.ts");
  const [child, hidden] = runByHand(program).result as unknown as Main[];
  const fresh = workshop.loader.fresh(child!)!;
  assertEquals(runByHand(fresh).result, 1);
  assertEquals(fresh.name, "child");
  assertEquals(runByHand(workshop.loader.fresh(hidden!)!).result, 10);
  assertEquals(workshop.loader.fresh(function* () {}), null);
});

test("a function of a fresh instance can itself be had afresh", async () => {
  const workshop = new Workshop({
    "/home/a.ts": `let count = 0;
export function* child() { count += 1; return count; }
export default function* main() { return child; }`,
  });
  const program = await workshop.start("/home/a.ts");
  const fresh = workshop.loader.fresh(runByHand(program).result as never)!;
  runByHand(fresh);
  assertEquals(runByHand(workshop.loader.fresh(fresh.main)!).result, 1);
});

test("precompiled files need no compiler", async () => {
  const path = "/bin/a",
    source = `export default function* main() { return 3; }`;
  const file = await compileNative(path, source);
  const { importCode } = await import("../../host/import_code.ts");
  const { factory } = await importCode(file.code);
  const loader = new Loader({
    compile: () => Promise.reject(new Error("no compiler here")),
    precompiled: [{ path, source, file, factory }],
  });
  const loaded = loader.load(path, source, () => null);
  assert(loaded !== null && "main" in loaded);
});

test("two compilations at once of one file are one", async () => {
  const workshop = new Workshop({
    "/home/a.ts": `export default function* main() {}`,
  });
  await Promise.all([1, 2, 3].map(() => workshop.compile("/home/a.ts")));
  assertEquals(workshop.loader.compiledCount, 1);
});

// ------------------------------------------------------------- running

test("a loop without a call is stopped and named", async () => {
  const program = await programOf(
    `import { nop } from "kettle";
export default function* main() {
  yield* nop();
  let done = false;

  while (!done) {}
}`,
  );
  assertEquals(
    failureOf(program),
    "a.ts:6  this loop ran 5,000,000 times without a call. Time does not pass inside JavaScript: use yield* pause(), wait() or compute().",
  );
});

test("every kind of loop is counted, with and without a block", async () => {
  for (
    const loop of [
      "for (;;);",
      "do {} while (true);",
      "do x += 1; while (true)",
      "for (const y of forever()) x += y;",
      "outer: while (true) { for (;;) continue outer; }",
      "while (true) try { while (true) {} } catch { x = 1; }",
    ]
  ) {
    const program = await programOf(
      `let x = 0; const forever = () => ({ [Symbol.iterator]() { return this; }, next: () => ({ done: false, value: 1 }) });
export default function* main() { ${loop} }`,
    );
    assertStringIncludes(failureOf(program), "this loop ran 5,000,000 times");
  }
});

test("a loop that makes calls may run for ever", async () => {
  const program = await programOf(
    `import { nop } from "kettle";
export default function* main() {
  for (let i = 0; i < 4; i += 1) {
    for (let j = 0; j < 3_000_000; j += 1);
    yield* nop();
  }
  return 1;
}`,
  );
  assertEquals(runByHand(program).result, 1);
});

test("a callback's loops are counted from its beginning", async () => {
  const program = await programOf(
    `import { nop, push } from "kettle";
function onDone() { for (let j = 0; j < 3_000_000; j += 1); }
export default function* main() {
  yield* push(nop(), onDone);
  onDone(); onDone();
  return 1;
}`,
  );
  assertEquals(runByHand(program).result, 1);
});

test("a function that calls itself for ever is named", async () => {
  const program = await programOf(
    `function fib(n: number): number { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
export default function* main() { return fib(60); }`,
  );
  assertStringIncludes(
    failureOf(program),
    "a.ts:1  fib called itself 5,000,000 times without a call.",
  );
});

test("a request used twice is named where it happens", async () => {
  const program = await programOf(
    `import { sleep, ms } from "kettle";
export default function* main() {
  const nap = sleep(10 * ms);
  for (let i = 0; i < 2; i += 1)
    yield* nap;
}`,
  );
  assertEquals(
    failureOf(program),
    "a.ts:5  this sleep(10000000) was already done. A request is used once: build it inside the loop.",
  );
});

test("yield* of something that is no call says what it got", async () => {
  for (
    const [value, words] of [
      ["undefined", "undefined"],
      ["[1, 2]", "an array"],
      ["'text'", "the string text"],
      ["main", "the function main: call it, with ( )"],
      ["{}", "an object"],
    ] as const
  ) {
    const program = await programOf(
      `export default function* main() {\n  const value: any = ${value};\n  yield* value;\n}`,
    );
    assertEquals(
      failureOf(program),
      `a.ts:3  yield* needs a call, such as read(0, 10), or a function*, and got ${words}.`,
    );
  }
});

test("a bare yield of a request in a variable is named when it runs", async () => {
  const program = await programOf(
    `import { read } from "kettle";
function* helper() {
  const request = read(0, 10);
  const bytes = yield request;
}
export default function* main() { yield* helper(); }`,
  );
  assertEquals(
    failureOf(program),
    "a.ts:4  yield read(0, 10) needs a star: yield* read(0, 10).",
  );
});

test("a generator of the program's own may yield plain values", async () => {
  const program = await programOf(
    `function* numbers(): Generator<number> { yield 1; yield 2; yield* [].values(); }
export default function* main() { let sum = 0; for (const n of numbers()) sum += n; return sum; }`,
  );
  assertEquals(runByHand(program).result, 3);
});

test("a call that was built and not used is left over, one that was is not", async () => {
  const program = await programOf(
    `import { read, submit, chain, write, sleep, ms } from "kettle";
export default function* main() {
  const used = write(1, "a");
  yield* used;
  const submitted = read(0, 1);
  yield* submit(submitted);
  const linked = [write(1, "b"), sleep(5 * ms)];
  yield* chain(...linked);
  const forgotten = read(0, 4096);
  for (let i = 0; i < 1000; i += 1) { const again = sleep(7); }
}`,
  );
  runByHand(program);
  assertEquals(
    program.leftovers().map(({ site, name, args }) =>
      `${program.describeSite(site)} ${name}(${args})`
    ),
    ["a.ts:9 read(0, 4096)", "a.ts:10 sleep(7)"],
  );
});

test("a call returned from main without a star is left over", async () => {
  const program = await programOf(
    `import { write } from "kettle";
const hello = () => write(1, "x");
function also() { return write(1, "y"); }
export default function* main() { yield* hello(); yield* also(); return write(1, "z"); }`,
  );
  runByHand(program);
  assertEquals(program.leftovers().map((it) => it.args), ['1, "z"']);
});

test("console.log becomes a note and no error", async () => {
  const program = await programOf(
    `export default function* main() { console.log("x is", 3, { a: 1 }); console.error(new Error("no")); }`,
  );
  const heard: string[] = [];
  program.onNote((text) => heard.push(text));
  runByHand(program);
  assertEquals(heard, ['x is 3 {"a":1}', "Error: no"]);
});

test("console.log is kept while nobody takes notes", async () => {
  const program = await programOf(
    `console.log("early"); export default function* main() { console.log("late"); }`,
  );
  runByHand(program);
  assertEquals(program.notes, ["early", "late"]);
});

test("heavy work that is not declared is noted once", async () => {
  const program = await programOf(
    `import { nop } from "kettle";
export default function* main() {
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 600_000; i += 1);
    yield* nop();
  }
}`,
  );
  runByHand(program);
  assertEquals(program.notes, [
    "a.ts:5  600001 loops ran before this call, and took none of Kettle's time. Declare CPU work: yield* compute(2 * ms).",
  ]);
});

test("sleep(100) is noted once", async () => {
  const program = await programOf(
    `import { sleep, ms, us } from "kettle";
export default function* main() {
  yield* sleep(100);
  yield* sleep(100 * us); yield* sleep(0); yield* sleep(1000);
}`,
  );
  assertEquals(program.notes, [
    "a.ts:3  sleep(100) is 100 nanoseconds. Did you mean 100 * ms?",
  ]);
});

test("a call of the library counts as made where the program called it", async () => {
  const program = await programOf(
    `import { readAll } from "kettle";
export default function* main() {

  return yield* readAll(0);
}`,
  );
  const { calls } = runByHand(program, [], () => new Uint8Array(0));
  assertEquals(calls, ["read(0, 65536)@a.ts:4"]);
});

test("an error thrown into a library routine comes out of it", async () => {
  const program = await programOf(
    `import { readAll } from "kettle";
export default function* main() {
  try { yield* readAll(0); } catch (error) { return error.message; }
}`,
  );
  const routine = program.main([]);
  routine.next();
  const resume = {
    settle: () => {
      throw new Error("inside");
    },
  };
  assertEquals(routine.next(resume), { done: true, value: "inside" as never });
});

test("what the program itself throws has the line where it happened", async () => {
  const workshop = new Workshop({
    "/home/a.ts": `import { fail } from "./b.ts";
interface Gone { x: number }
export default function* main() { fail(); }`,
    "/home/b.ts": `interface Long {
  a: number;
}
export function fail() {
  const nothing: any = null;

  return nothing.length;
}`,
  });
  const program = await workshop.start("/home/a.ts");
  let caught: unknown = null;
  try {
    runByHand(program);
  } catch (error) {
    caught = error;
  }
  const place = STACKS_HAVE_LINES ? "b.ts:7" : null;
  assertEquals(program.describeError(caught), place);
  assertEquals(program.describeError(new Error("elsewhere")), null);
  assertEquals(program.describeError("no error"), null);
});

test("a top level that throws or loops is an error of that program", async () => {
  assertEquals(
    await errorOf(`const x = null; x.y;\nexport default function* main() {}`)
      .then((text) => text.startsWith("a.ts: ")),
    true,
  );
  assertMatch(
    await errorOf(`\nwhile (true);\nexport default function* main() {}`),
    /^a\.ts:2 {2}this loop ran/,
  );
});

test("enums, classes, private fields, destructuring and closures survive", async () => {
  const program = await programOf(
    `import { nop, ms as milli } from "kettle";
enum Color { Red = 1, Green }
class Counter { #n = 0; static made = 0; constructor(readonly step = 2) { Counter.made += 1; } up() { this.#n += this.step; return this.#n; } get n() { return this.#n; } *walk() { yield* nop(); return this.#n; } }
namespace Tools { export const twice = (n: number) => n * 2; }
const { a, ...rest } = { a: 1, b: 2, c: 3 };
label: for (const [key, value] of Object.entries(rest)) { if (key === "b") continue label; var last = value; }
export default function* main(this: void, [first = "x"]: string[]) {
  const counter = new Counter();
  counter.up();
  const fns = [1, 2].map((n) => () => n * Tools.twice(2));
  const { length } = fns;
  yield* (nop(), nop());
  return [Color.Green, yield* counter.walk(), first, fns[1]!(), last, a, length, milli, typeof fetch].join(" ");
}`,
  );
  const { result } = runByHand(program);
  assert(String(result).startsWith("2 2 x 8 3 1 2 1000000 "));
});

test("a program that sets traps for the loader catches nothing", async () => {
  const trap =
    `const trap = () => { throw new Error("caught you"); };\nconst bad = new Proxy({}, { get: trap, getPrototypeOf: trap, has: trap, ownKeys: trap });`;
  assertEquals(
    await errorOf(`${trap}\nthrow bad;\nexport default function* main() {}`),
    "a.ts: threw something that cannot be printed",
  );
  const program = await programOf(
    `import { read, write } from "kettle";
${trap}
export default function* main() {
  const request = read(0, 1);
  Object.defineProperty(request, "used", { get: trap });
  const other = write(1, bad as any);
  console.log(bad);
}`,
  );
  runByHand(program);
  assertEquals(program.leftovers(), []);
  assertEquals(program.describeError(new Proxy({}, { get: () => 1 })), null);
  assertEquals(program.notes, ["a value that cannot be printed"]);
});

// ------------------------------------------------------------- odd files

test("an empty file, a binary file and a huge file are answered", async () => {
  assertEquals(
    await errorOf(""),
    "a.ts:1  this file has no main: write export default function* main(args) { … }.",
  );
  assertEquals(
    await errorOf("\x7fELF\0\0\x01", "logo"),
    "logo:1  this is no program: it holds bytes that are no text.",
  );
  const filler = Array.from(
    { length: 6_000 },
    (_, n) => `const v${n} = ${n};`,
  ).join("\n");
  const program = await programOf(
    `${filler}\nimport { nop } from "kettle";\nexport default function* main() {\n  yield* nop();\n}`,
  );
  assertEquals(runByHand(program).calls, ["nop()@a.ts:6003"]);
});

test("damaged files are answered with lines, and never break the compiler", async () => {
  const sources = Object.values(readPrograms());
  let state = 20_120_918;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let round = 0; round < 150; round += 1) {
    const source = sources[random(sources.length)]!;
    const [from, to] = [random(source.length), random(source.length)];
    const damaged = source.slice(0, from) + source.slice(to, to + random(60)) +
      source.slice(from + random(9));
    const { errors } = await compileNative("/home/a.ts", damaged);
    for (const error of errors) assertMatch(error, /^a\.ts:\d+ {2}\S.*$/);
  }
});

test("nesting without end is refused and breaks nothing", async () => {
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  const error = await errorOf(
    `export default function* main() { return ${deep}; }`,
  );
  assertMatch(error, /^a\.ts:1 {2}/);
});

test("a first line with #! is passed over", async () => {
  const program = await programOf(
    `#!/bin/run\nimport { nop } from "kettle";\nexport default function* main() { yield* nop(); }`,
  );
  assertEquals(runByHand(program).calls, ["nop()@a.ts:3"]);
});
