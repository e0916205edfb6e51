// What Kettle says to somebody whose program is not right yet: where, what
// happened, why in the reader's terms, and the fix as code. The editor and the
// terminal show the same words, because all of them come from here.

/** Loops between two calls before a program is stopped. */
export const LOOPS_MAX = 5_000_000;
/** Loops between two calls from which on they are called heavy work, once. */
export const LOOPS_HEAVY = 500_000;

/** `hello.ts:3  write(…) was built …` */
export function placed(file: string, line: number, text: string): string {
  return `${file}:${line}  ${text}`;
}

/** What did not happen, when a call was built and not used. */
const CONSEQUENCES: Record<string, string> = {
  write: "nothing was written",
  pwrite: "nothing was written",
  print: "nothing was printed",
  read: "nothing was read",
  pread: "nothing was read",
  readLine: "nothing was read",
  readAll: "nothing was read",
  open: "nothing was opened",
  close: "nothing was closed",
  sleep: "nobody slept",
  compute: "no time passed",
  exit: "nothing ended",
  spawn: "nothing was started",
  thread: "nothing was started",
  submit: "nothing was submitted",
  push: "nothing was submitted",
  connect: "nothing was connected",
  wait: "nobody waited",
  pause: "nobody waited",
  kill: "no signal was sent",
};

export const MESSAGES = {
  neverUsed: (call: string, name: string) =>
    `${call} was built but never used, so ${
      CONSEQUENCES[name] ?? "nothing happened"
    }.  Put yield* in front.`,
  routineNeverRun: (call: string) =>
    `${call} only makes the routine; nothing of it ran.  Put yield* in front.`,
  needsStar: (call: string) => `yield ${call} needs a star: yield* ${call}.`,
  mustBeGenerator: (name: string) =>
    `${name} must be a generator: write function* ${name}. The star lets the kernel pause it.`,
  methodMustBeGenerator: (name: string) =>
    `${name} must be a generator: write *${name}(…). The star lets the kernel pause it.`,
  innerFunction: (fix: string) =>
    `yield* cannot be used inside this inner function. Use ${fix}`,
  outsideFunction: () =>
    `yield* only works inside a generator: put it into export default function* main(args) { … }.`,
  awaited: (fix: string) =>
    `Kettle uses yield* where JavaScript uses await: ${fix}`,
  asyncFunction: (name: string) =>
    `Kettle uses yield* where JavaScript uses async and await: write function* ${name}.`,
  notImported: (name: string) =>
    `${name} is not imported: add it to import { … } from "kettle".`,
  notExported: (name: string, specifier: string, near: string | null) =>
    `"${specifier}" has no ${name}.${
      near === null ? "" : ` Did you mean ${near}?`
    }`,
  notDefined: (name: string, near: string | null) =>
    `${name} is not defined.${near === null ? "" : ` Did you mean ${near}?`}`,
  sleepUnit: (count: string) =>
    `sleep(${count}) is ${count} nanoseconds. Did you mean ${count} * ms?`,
  runawayLoop: () =>
    `this loop ran 5,000,000 times without a call. Time does not pass inside JavaScript: use yield* pause(), wait() or compute().`,
  runawayRecursion: (name: string) =>
    `${name} called itself 5,000,000 times without a call. Time does not pass inside JavaScript: use yield* compute() for long work.`,
  heavyWork: (loops: number) =>
    `${loops} loops ran before this call, and took none of Kettle's time. Declare CPU work: yield* compute(2 * ms).`,
  innerProgram: (call: string) =>
    `${call} starts another process, which shares nothing with this one: give it a function of the top level, or a path.`,
  usedTwice: (call: string) =>
    `this ${call} was already done. A request is used once: build it inside the loop.`,
  noMain: () =>
    `this file has no main: write export default function* main(args) { … }.`,
  mainNotExported: () =>
    `main is not exported: write export default function* main.`,
  mainNotFunction: () =>
    `what is exported as default is no generator: write export default function* main(args) { … }.`,
  noSuchFile: (specifier: string) =>
    `${specifier}: there is no such file. A relative import starts with ./ or ../ and is looked for beside this file.`,
  notAModule: (specifier: string) =>
    `"${specifier}" is not in this machine. Import from "kettle", or from a file: "./name.ts".`,
  cycle: (chain: string) =>
    `these files import each other in a circle: ${chain}. Move what they share into a file of its own.`,
  changingImport: (name: string, file: string) =>
    `${name} changes after ${file} has run, so it cannot be imported. Export a function that returns it.`,
  dynamicImport: () =>
    `import() is not here: write import { … } from "./name.ts" at the top.`,
  notYieldable: (what: string) =>
    `yield* needs a call, such as read(0, 10), or a function*, and got ${what}.`,
  tooDeep: () => `this is nested too deeply to be compiled.`,
  binary: () => `this is no program: it holds bytes that are no text.`,
  syntax: (text: string) => text.endsWith(".") ? text : `${text}.`,
};

/** What of the engine or the browser does not exist here, and what does instead. */
export const HOST_GLOBALS: Record<string, string> = {
  fetch:
    "fetch would leave the machine. Use yield* connect(fd, { host, port }), then write and read.",
  XMLHttpRequest:
    "XMLHttpRequest would leave the machine. Use yield* connect(fd, { host, port }).",
  WebSocket:
    "WebSocket would leave the machine. Use yield* connect(fd, { host, port }).",
  setTimeout:
    "setTimeout waits in real time. Use yield* sleep(10 * ms), or push(sleep(10 * ms), fn) to be interrupted.",
  setInterval:
    "setInterval waits in real time. Use a loop with yield* sleep(10 * ms).",
  setImmediate: "setImmediate is not here. Use yield* yieldCpu().",
  clearTimeout:
    "clearTimeout is not here. Use yield* cancel(handle) on a submitted sleep.",
  clearInterval:
    "clearInterval is not here. Use yield* cancel(handle) on a submitted sleep.",
  queueMicrotask: "queueMicrotask is not here. Use yield* thread(fn).",
  requestAnimationFrame:
    "requestAnimationFrame waits in real time. Use yield* sleep(16 * ms).",
  Promise:
    "Promise is not here: Kettle uses yield* where JavaScript uses await. Use yield* submit(…) and yield* wait(handle).",
  Date: "Date would make two runs differ. Use yield* clock().",
  performance: "performance would make two runs differ. Use yield* clock().",
  Temporal: "Temporal would make two runs differ. Use yield* clock().",
  "Math.random": "Math.random would make two runs differ. Use yield* random().",
  crypto: "crypto would make two runs differ. Use yield* random().",
  WeakRef: "WeakRef would make two runs differ. Use a Map.",
  FinalizationRegistry:
    "FinalizationRegistry would make two runs differ. Release things by hand.",
  document: "document is not here: a program has no page. Use yield* print(…).",
  window: "window is not here: a program has no page. Use yield* print(…).",
  navigator: "navigator is not here: a program has no page.",
  location: "location is not here: a program has no page. Use main's args.",
  alert: "alert is not here: a program has no page. Use yield* print(…).",
  prompt: "prompt is not here. Use yield* readLine().",
  confirm: "confirm is not here. Use yield* readLine().",
  localStorage:
    'localStorage is not here. Use a file: yield* open("/home/data", "r+").',
  sessionStorage:
    'sessionStorage is not here. Use a file: yield* open("/tmp/data", "r+").',
  indexedDB:
    'indexedDB is not here. Use a file: yield* open("/home/data", "r+").',
  Worker:
    "Worker is not here. Use yield* thread(fn), or yield* spawn(path, args).",
  process:
    "process is not here. Use main's args, yield* exit(1), yield* environ().",
  Buffer: "Buffer is not here. Use Uint8Array, text() and bytes().",
  Deno: "Deno would leave the machine. Use the calls of kettle.",
  Bun: "Bun would leave the machine. Use the calls of kettle.",
  require: 'require is not here: write import { … } from "./name.ts".',
  eval: "eval is not here: code made from text has no lines to point at.",
  Function:
    "Function is not here: code made from text has no lines to point at.",
  globalThis:
    "globalThis is not here: programs share nothing. Use a file, a pipe or a socket.",
  self:
    "self is not here: programs share nothing. Use a file, a pipe or a socket.",
};

/** What a program may use of the engine: it gives the same on all of them. */
export const ENGINE_GLOBALS: ReadonlySet<string> = new Set([
  ..."undefined NaN Infinity Object Array String Number Boolean Symbol BigInt"
    .split(" "),
  ..."Math JSON Map Set WeakMap WeakSet RegExp Proxy Reflect Iterator".split(
    " ",
  ),
  ..."Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError"
    .split(" "),
  ..."ArrayBuffer DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array"
    .split(" "),
  ..."Uint8ClampedArray Float32Array Float64Array BigInt64Array BigUint64Array"
    .split(" "),
  ..."TextEncoder TextDecoder structuredClone parseInt parseFloat isNaN isFinite"
    .split(" "),
  ..."encodeURIComponent decodeURIComponent encodeURI decodeURI escape unescape atob btoa"
    .split(" "),
  "console",
]);
