import { after, test } from "node:test";
import { assertEquals } from "@std/assert";
import { stopCompiler } from "../../host/compile_native.ts";
import { errorOf } from "./workshop.ts";

after(stopCompiler);

/** One beginner's mistake: the source, and all that is said about it. */
function says(sentence: string, source: string, ...expected: string[]): void {
  test(sentence, async () => {
    assertEquals((await errorOf(source)).split("\n"), expected);
  });
}

says(
  "a statement that only builds a request names line and fix",
  `import { write } from "kettle";
export default function* main() {
  write(1, "hi\\n");
}`,
  'a.ts:3  write(1, "hi\\n") was built but never used, so nothing was written.  Put yield* in front.',
);

says(
  "a control call, a library call and calls inside && and ?: count too",
  `import { exit, print, readLine, submit, read, within, ms } from "kettle";
export default function* main(args: string[]) {
  print("x");
  args.length && exit(1);
  args.length ? readLine(0) : 0;
  submit(read(0, 10));
  void within(5 * ms, read(0, 1));
}`,
  'a.ts:3  print("x") was built but never used, so nothing was printed.  Put yield* in front.',
  "a.ts:4  exit(1) was built but never used, so nothing ended.  Put yield* in front.",
  "a.ts:5  readLine(0) was built but never used, so nothing was read.  Put yield* in front.",
  "a.ts:6  submit(read(0, 10)) was built but never used, so nothing was submitted.  Put yield* in front.",
  "a.ts:7  within(5 * ms, read(0, 1)) was built but never used, so nothing happened.  Put yield* in front.",
);

says(
  "a call through the whole module counts as well",
  `import * as kettle from "kettle";
export default function* main() {
  kettle.write(1, "x");
}`,
  'a.ts:3  kettle.write(1, "x") was built but never used, so nothing was written.  Put yield* in front.',
);

says(
  "a routine called without yield* is named",
  `import { nop } from "kettle";
function* helper(n: number) { yield* nop(); }
export default function* main() {
  helper(3);
}`,
  "a.ts:4  helper(3) only makes the routine; nothing of it ran.  Put yield* in front.",
);

says(
  "a method of the library called without yield* is named",
  `import { Channel, Mutex } from "kettle";
const lock = new Mutex();
export default function* main() {
  lock.lock();
  const channel = new Channel<number>(1);
  channel.receive();
  new Map().set(1, 2);
}`,
  "a.ts:4  lock.lock() only makes the routine; nothing of it ran.  Put yield* in front.",
  "a.ts:6  channel.receive() only makes the routine; nothing of it ran.  Put yield* in front.",
);

says(
  "spawn of an inner function is named, for it would share variables",
  `import { exec, spawn } from "kettle";
function* child() {}
export default function* main() {
  yield* spawn(function* () {});
  function* inner() {}
  yield* exec(inner);
  yield* spawn(child);
}`,
  "a.ts:4  spawn(…) starts another process, which shares nothing with this one: give it a function of the top level, or a path.",
  "a.ts:6  exec(…) starts another process, which shares nothing with this one: give it a function of the top level, or a path.",
);

says(
  "a *method of the class itself called without yield* is named",
  `import { write } from "kettle";
class Printer {
  *#flush() { yield* write(1, "x"); }
  *say() { this.#flush(); this.say(); }
  plain() { this.plain(); }
}
export default function* main() { new Printer().plain(); }`,
  "a.ts:4  this.#flush() only makes the routine; nothing of it ran.  Put yield* in front.",
  "a.ts:4  this.say() only makes the routine; nothing of it ran.  Put yield* in front.",
);

says(
  "yield without a star is named",
  `import { read } from "kettle";
export default function* main() {
  const bytes = yield read(0, 10);
}`,
  "a.ts:3  yield read(0, 10) needs a star: yield* read(0, 10).",
);

says(
  "main without a star is named at its head",
  `import { write } from "kettle";
export default function main() {
  yield* write(1, "x");
}`,
  "a.ts:2  main must be a generator: write function* main. The star lets the kernel pause it.",
);

says(
  "main without a star is named even when it makes no call",
  `// nothing
export default function main() {
  return 0;
}`,
  "a.ts:2  main must be a generator: write function* main. The star lets the kernel pause it.",
);

says(
  "main without a star, imports or exports is named too",
  `
function main() {
  yield* write(1, "x");
}`,
  "a.ts:2  main must be a generator: write function* main. The star lets the kernel pause it.",
);

says(
  "a helper function without a star is named by its own name",
  `import { write } from "kettle";
function say(words: string, more?: { a: number }): void {
  if (words) { yield* write(1, words); }
}
export default function* main() { say("x"); }`,
  "a.ts:2  say must be a generator: write function* say. The star lets the kernel pause it.",
);

says(
  "a method without a star is named",
  `import { write } from "kettle";
class Printer {
  say(words: string) {
    yield* write(1, words);
  }
}
export default function* main() {}`,
  "a.ts:3  say must be a generator: write *say(…). The star lets the kernel pause it.",
);

says(
  "yield* inside forEach gives the loop to write instead",
  `import { close } from "kettle";
export default function* main() {
  const fds = [3, 4];
  fds.forEach((fd) => {
    yield* close(fd);
  });
}`,
  "a.ts:5  yield* cannot be used inside this inner function. Use for (const fd of fds) { yield* close(fd); }",
);

says(
  "yield* inside a short arrow of map is named",
  `import { close } from "kettle";
export default function* main() {
  [3, 4].map((fd) => yield* close(fd));
}`,
  "a.ts:3  yield* cannot be used inside this inner function. Use for (const fd of [3, 4]) { yield* close(fd); }",
);

says(
  "yield* inside an inner function expression is named",
  `import { close } from "kettle";
export default function* main() {
  const done = function (fd: number) { yield* close(fd); };
}`,
  "a.ts:3  yield* cannot be used inside this inner function. Use a for…of loop, or make it a function*.",
);

says(
  "yield* outside every function is named",
  `import { close } from "kettle";
yield* close(3);
export default function* main() {}`,
  "a.ts:2  yield* only works inside a generator: put it into export default function* main(args) { … }.",
);

says(
  "await gives the line with yield*",
  `import { read } from "kettle";
export default function* main() {
  const b = await read(0, 10);
}`,
  "a.ts:3  Kettle uses yield* where JavaScript uses await: const b = yield* read(0, 10);",
);

says(
  "async main is named, and each await in it",
  `import { read } from "kettle";
export default async function main() {
  const b = await read(0, 10);
}`,
  "a.ts:2  Kettle uses yield* where JavaScript uses async and await: write function* main.",
  "a.ts:3  Kettle uses yield* where JavaScript uses await: const b = yield* read(0, 10);",
);

says(
  "async main with yield* in it is named",
  `import { read } from "kettle";
export default async function main() {
  const b = yield* read(0, 10);
}`,
  "a.ts:2  Kettle uses yield* where JavaScript uses async and await: write function* main.",
);

says(
  "an async arrow, for await and a top level await are named",
  `import { read } from "kettle";
const helper = async () => 1;
await helper();
export default function* main() {}`,
  "a.ts:2  Kettle uses yield* where JavaScript uses async and await: write function* helper.",
  "a.ts:3  Kettle uses yield* where JavaScript uses await: yield* helper();",
);

says(
  "a call of kettle that is not imported is named, though the engine has one of that name",
  `import { open } from "kettle";
export default function* main() {
  const fd = yield* open("a");
  yield* close(fd);
  yield* print("x" + ms);
}`,
  'a.ts:4  close is not imported: add it to import { … } from "kettle".',
  'a.ts:5  print is not imported: add it to import { … } from "kettle".',
  'a.ts:5  ms is not imported: add it to import { … } from "kettle".',
);

says(
  "a name of one's own hides a call of kettle",
  `const close = 1;
export default function* main(print: string[]) {
  const { length: read } = print;
  return close + read;
}`,
  "",
);

says(
  "a name that nothing declares is named, with the nearest one",
  `import { print } from "kettle";
export default function* main() {
  yield* prnt("x");
  counter = 3;
}`,
  "a.ts:3  prnt is not defined. Did you mean print?",
  "a.ts:4  counter is not defined.",
);

says(
  "an import that kettle does not have is named, with the nearest one",
  `import { raed } from "kettle";
import fs from "node:fs";
export default function* main() { yield* raed(0, 1); fs.readFileSync("x"); }`,
  'a.ts:1  "kettle" has no raed. Did you mean read?',
  'a.ts:2  "node:fs" is not in this machine. Import from "kettle", or from a file: "./name.ts".',
);

says(
  "import() and import.meta are named",
  `export default function* main() {
  const a = import("./b.ts");
  return import.meta.url;
}`,
  'a.ts:2  import() is not here: write import { … } from "./name.ts" at the top.',
  "a.ts:3  import.meta is not defined.",
);

says(
  "main that is not exported is named",
  `function* main() {
  return 0;
}`,
  "a.ts:1  main is not exported: write export default function* main.",
);

says(
  "a default export that is no function is named",
  `
export default { a: 1 };`,
  "a.ts:2  what is exported as default is no generator: write export default function* main(args) { … }.",
);

says(
  "a plain syntax error keeps its line and the parser's words",
  `export default function* main() {
  const b = ;
}`,
  'a.ts:2  Unexpected ";".',
);

const HOST_SENTENCES: [string, string][] = [
  [
    "Math.random()",
    "Math.random would make two runs differ. Use yield* random().",
  ],
  [
    'Math["random"]()',
    "Math.random would make two runs differ. Use yield* random().",
  ],
  ["Date.now()", "Date would make two runs differ. Use yield* clock()."],
  ["new Date()", "Date would make two runs differ. Use yield* clock()."],
  [
    "performance.now()",
    "performance would make two runs differ. Use yield* clock().",
  ],
  [
    'fetch("x")',
    "fetch would leave the machine. Use yield* connect(fd, { host, port }), then write and read.",
  ],
  [
    "setTimeout(main, 1)",
    "setTimeout waits in real time. Use yield* sleep(10 * ms), or push(sleep(10 * ms), fn) to be interrupted.",
  ],
  [
    "setInterval(main, 1)",
    "setInterval waits in real time. Use a loop with yield* sleep(10 * ms).",
  ],
  [
    "document.title",
    "document is not here: a program has no page. Use yield* print(…).",
  ],
  [
    "window.name",
    "window is not here: a program has no page. Use yield* print(…).",
  ],
  [
    "new XMLHttpRequest()",
    "XMLHttpRequest would leave the machine. Use yield* connect(fd, { host, port }).",
  ],
  [
    'new WebSocket("x")',
    "WebSocket would leave the machine. Use yield* connect(fd, { host, port }).",
  ],
  [
    'indexedDB.open("x")',
    'indexedDB is not here. Use a file: yield* open("/home/data", "r+").',
  ],
  [
    "process.exit(1)",
    "process is not here. Use main's args, yield* exit(1), yield* environ().",
  ],
  ["Deno.args", "Deno would leave the machine. Use the calls of kettle."],
  ["Bun.version", "Bun would leave the machine. Use the calls of kettle."],
  [
    'require("fs")',
    'require is not here: write import { … } from "./name.ts".',
  ],
  [
    "globalThis.x",
    "globalThis is not here: programs share nothing. Use a file, a pipe or a socket.",
  ],
  [
    "new Promise(main)",
    "Promise is not here: Kettle uses yield* where JavaScript uses await. Use yield* submit(…) and yield* wait(handle).",
  ],
];

for (const [expression, text] of HOST_SENTENCES) {
  says(
    `${expression} is answered with what to use instead`,
    `export default function* main() {\n  return ${expression};\n}`,
    `a.ts:2  ${text}`,
  );
}

says(
  "asking for the type of a name of the host is allowed",
  `export default function* main() {
  return typeof fetch === "undefined" && typeof Deno;
}`,
  "",
);

says(
  "several mistakes are all said, in the order of the lines",
  `import { write } from "kettle";
export default function* main() {
  fetch("x");
  write(1, "x");
  const t = Date.now();
}`,
  "a.ts:3  fetch would leave the machine. Use yield* connect(fd, { host, port }), then write and read.",
  'a.ts:4  write(1, "x") was built but never used, so nothing was written.  Put yield* in front.',
  "a.ts:5  Date would make two runs differ. Use yield* clock().",
);
