// Section 2 of the manual against the kernel and sys.ts: every call has a page,
// its signature is the type's, its doors are the table's, its errors are those
// that the kernel gives, and its examples run.

import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { CALL, CONTROL_NAMES, ERRNO, REQUEST_NAMES } from "../../kernel/abi.ts";
import { run } from "../../kernel/mod.ts";
import * as kettle from "../../mod.ts";
import {
  type Control,
  nop,
  type Program,
  Request,
  type Routine,
  SysError,
} from "../../mod.ts";
import { stopCompiler } from "../../host/compile_native.ts";
import { type Page, partOf } from "../../userland/lib/manual.ts";
import { Bench, examplesOf, PAGES, programOf } from "./manual.ts";

after(stopCompiler);

const SYS = readFileSync(
  new URL("../../userland/sys.ts", import.meta.url),
  "utf8",
);
const CALLS = PAGES.filter(({ section }) => section === "2");
const NAMES: string[] = [...REQUEST_NAMES, ...CONTROL_NAMES];
/** Functions of sys.ts that make no call themselves. */
const HELPERS = ["within", "masked"];

function squeezed(text: string): string {
  return text.replace(/\s+/g, " ").replace(/([(<]) /g, "$1")
    .replace(/,? ([)>])/g, "$1").replace(/; ?$/, "").trim();
}

/** name → its signatures in sys.ts, without the one that only implements. */
function signatures(): Map<string, string[]> {
  const found = new Map<string, { text: string; isOverload: boolean }[]>();
  const pattern = /^export function\*? (\w+)([\s\S]*?)(;| \{)\n/gm;
  for (const [, name, rest, end] of SYS.matchAll(pattern)) {
    const list = found.get(name!) ?? [];
    list.push({ text: squeezed(name! + rest!), isOverload: end === ";" });
    found.set(name!, list);
  }
  return new Map([...found].map(([name, list]) => {
    const overloads = list.filter(({ isOverload }) => isOverload);
    const shown = overloads.length > 0 ? overloads : list;
    return [name, shown.map(({ text }) => text)];
  }));
}

/** The codes in a page's ERRORS. */
function errorsOf(page: Page): string[] {
  const blocks = partOf(page, "ERRORS")?.blocks ?? [];
  return blocks.flatMap((block) => block.kind === "item" ? [block.term] : []);
}

test("every call has one page, and no page is left over", () => {
  const names = CALLS.map(({ name }) => name);
  assertEquals(names.toSorted(), [...NAMES, ...HELPERS].toSorted());
});

test("every page's signature is the one in sys.ts", () => {
  const wanted = signatures();
  for (const page of CALLS) {
    const [block] = partOf(page, "SYNOPSIS")!.blocks;
    assert(block?.kind === "code" && block.language === "ts", page.name);
    const shown = block.lines.join("\n").split(/\n(?=\w)/).map(squeezed);
    assertEquals(shown, wanted.get(page.name), page.name);
  }
});

test("every page says which doors", () => {
  for (const page of CALLS.filter(({ name }) => !HELPERS.includes(name))) {
    const isRequest = (REQUEST_NAMES as readonly string[]).includes(page.name);
    const text = isRequest
      ? "All three: block, submit, push."
      : "Door 1 only: it is a control call.";
    assertEquals(partOf(page, "DOORS")?.blocks, [{ kind: "text", text }]);
  }
});

test("every page has a sentence, the cost, an example and other pages to see", () => {
  for (const page of CALLS) {
    const parts = page.parts.map(({ title }) => title);
    for (const title of ["SYNOPSIS", "TIME", "EXAMPLES", "SEE ALSO"]) {
      assert(parts.includes(title), `${page.name} has no ${title}`);
    }
    assert(/^[a-z].*[^.]$/.test(page.about), `${page.name}: ${page.about}`);
  }
});

test("every error in a page exists, and those that sys.ts names are in the page", () => {
  for (const page of CALLS) {
    const codes = errorsOf(page);
    const unknown = codes.filter((code) => !Object.hasOwn(ERRNO, code));
    assertEquals([page.name, unknown], [page.name, []]);
    assertEquals(codes.length, new Set(codes).size, `${page.name} twice`);
    const missing = documented(page.name).filter((code) =>
      !codes.includes(code)
    );
    assertEquals([page.name, missing], [page.name, []]);
  }
});

/** The codes in the comment above a function of sys.ts. */
function documented(name: string): string[] {
  const at = SYS.search(new RegExp(`^export function\\*? ${name}\\b`, "m"));
  const before = SYS.slice(0, at);
  const comment = before.slice(before.lastIndexOf("/**"));
  if (!/\*\/\n$/.test(comment)) return [];
  return comment.match(/\bE[A-Z]{3,}\b/g) ?? [];
}

const ABI = readFileSync(
  new URL("../../kernel/abi.ts", import.meta.url),
  "utf8",
);
/** Interface → the page that tells of its fields. */
const FIELDS: Record<string, string> = {
  SubmitOptions: "submit",
  WaitOptions: "wait",
  WaitpidOptions: "waitpid",
  SpawnOptions: "spawn",
  FcntlOptions: "fcntl",
  SocketOptions: "setsockopt",
  TtyState: "ttymode",
  Stat: "stat",
  StatFs: "statfs",
  DirectoryEntry: "readdir",
  Readiness: "ready",
  ChildStatus: "waitpid",
};

test("every option and every field of a result is in its call's page", () => {
  const missing: string[] = [];
  for (const [type, call] of Object.entries(FIELDS)) {
    const [, body] = new RegExp(`interface ${type} \\{([^]*?)\n\\}`).exec(ABI)!;
    const page = CALLS.find(({ name }) => name === call)!;
    const text = JSON.stringify(partOf(page, "DESCRIPTION"));
    for (const [, field] of body!.matchAll(/^ {2}(\w+)\??:/gm)) {
      if (!new RegExp(`\\b${field}\\b`).test(text)) {
        missing.push(`${call}: ${field} of ${type}`);
      }
    }
  }
  assertEquals(missing, []);
});

test("submit(2) names the requests that can be multishot, and no others", () => {
  const able: string[] = [];
  run(function* (): Program {
    for (const name of REQUEST_NAMES) {
      try {
        const request = new Request(CALL[name], -1);
        const handle = yield* kettle.submit(request, { multishot: true });
        able.push(name);
        yield* kettle.cancel(handle);
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
      }
    }
  });
  const page = CALLS.find(({ name }) => name === "submit")!;
  const text = JSON.stringify(page.parts);
  const [, listed = ""] = /go on after each result \(([^)]*)\)/.exec(text)!;
  assertEquals(listed.split(", ").toSorted(), able.toSorted());
});

const FILES = { "/tmp/f": "tea", "/tmp/d/inside": "x", "/bin/bad": "\0" };
const LONG = "n".repeat(300);
const PATHS: unknown[] = [
  ...["", "/none", "/none/x", "/tmp/f", "/tmp/f/x", "/tmp/d", "/tmp/d/", "/"],
  ...["/proc", "/proc/uptime", "/proc/x", "/dev/x", "/dev/hda", "/tmp/d/."],
  ...[
    "/tmp/d/..",
    "a\0b",
    LONG,
    "/" + "p/".repeat(3000),
    "/tmp/new",
    "/bin/bad",
  ],
  5,
];
const FLAGS: unknown[] = ["r", "w", "r+", "z", -1, 0o300, 0o200000, 3];
const SECOND: unknown[] = [
  1,
  -1,
  "x",
  undefined,
  { port: 9 },
  { port: 0 },
  {
    host: "nowhere",
    port: 9,
  },
  "in",
  "rd",
  0,
  "y".repeat(2000),
  { nodelay: 1 },
  { nodelay: true },
];

/** Every call with arguments right and wrong, by name: the errors they gave. */
function* provoke(seen: Map<string, Set<string>>): Program {
  yield* kettle.sigaction("PIPE", "ign");
  const fds: unknown[] = [-1, 500, "x", ...(yield* openAll())];
  for (const name of NAMES) {
    if (["exit", "pause", "compute", "close"].includes(name)) continue;
    const make = (kettle as unknown as Record<string, Maker>)[name]!;
    const firsts = [...fds, ...PATHS, undefined, -5, 0, [], {}, "TERM", nop()];
    const isPath = PATH_CALLS.includes(name);
    const seconds = isPath ? [...PATHS, ...FLAGS] : SECOND;
    for (const first of firsts) {
      for (const second of seconds) {
        const thirds = ["pread", "pwrite", "lseek"].includes(name)
          ? [0, -1, "end"]
          : [undefined];
        for (const third of thirds) {
          const fresh = first instanceof Request ? nop() : first;
          yield* note(seen, name, () => make(fresh, second, third));
        }
      }
    }
  }
}
type Maker = (...args: unknown[]) => Control<unknown>;
const PATH_CALLS = ["open", "link", "rename", "stat", "mkdir", "rmdir"];

/** One descriptor of each kind; those of terminals and pipes do not wait. */
function* openAll(): Routine<number[]> {
  const paths = ["/tmp/f", "/tmp/d", "/dev/null", "/proc/uptime", "/dev/hda"];
  const fds: number[] = [];
  for (const path of paths) fds.push(yield* kettle.open(path));
  fds.push(yield* kettle.open("/tmp/f", "r+"), ...(yield* kettle.pipe()));
  const [reads, widowed] = yield* kettle.pipe();
  yield* kettle.close(reads);
  const listener = yield* kettle.socket();
  yield* kettle.bind(listener, { port: 7 });
  yield* kettle.listen(listener);
  const client = yield* kettle.socket();
  yield* kettle.connect(client, { host: "localhost", port: 7 });
  const tty = yield* kettle.open("/dev/tty", "r+");
  fds.push(widowed, listener, client, tty, yield* kettle.socket());
  for (const kind of ["datagram", "echo"] as const) {
    fds.push(yield* kettle.socket(kind));
  }
  for (const fd of fds) yield* kettle.fcntl(fd, { nonblock: true });
  return fds;
}

function* note(
  seen: Map<string, Set<string>>,
  name: string,
  make: () => Control<unknown>,
): Routine {
  try {
    const call = make();
    const limit = call instanceof Request ? kettle.within(1000, call) : call;
    const value = yield* limit as Control<unknown>;
    const isFd = ["open", "dup", "socket", "accept"].includes(name);
    if (isFd) yield* kettle.close(value as number);
  } catch (error) {
    if (!(error instanceof SysError) || error.code === "ETIME") return;
    if (!seen.has(name)) seen.set(name, new Set());
    seen.get(name)!.add(error.code);
  }
}

test("the kernel gives no error that the call's page does not list", () => {
  const seen = new Map<string, Set<string>>();
  const main = () => provoke(seen);
  const { reason, stderr } = run(main, { files: FILES, untilNs: 600e9 });
  assertEquals([reason, stderr], ["done", ""]);
  const missing: string[] = [];
  let found = 0;
  for (const [name, codes] of seen) {
    const listed = errorsOf(CALLS.find((page) => page.name === name)!);
    for (const code of codes) {
      found += 1;
      if (!listed.includes(code)) missing.push(`${name}: ${code}`);
    }
  }
  assertEquals(missing, []);
  assert(found > 120, `only ${found} different errors were provoked`);
});

test("every example compiles, runs and prints what its page says", async () => {
  const examples = CALLS.flatMap(examplesOf);
  const files = Object.fromEntries(
    examples.map((example, n) => [`/home/ex/${n}.ts`, programOf(example)]),
  );
  const bench = new Bench(files);
  const wrong: string[] = [];
  const shortest = new Map<string, number>();
  for (const [n, { page, output }] of examples.entries()) {
    const process = await bench.run(`/home/ex/${n}.ts`, []);
    const { stdout, stderr, exit } = process;
    for (const [name, ns] of bench.callTimes(process.pid)) {
      shortest.set(name, Math.min(ns, shortest.get(name) ?? Infinity));
    }
    const isRight = stderr === "" && (output === null || stdout === output);
    if (isRight) continue;
    const end = JSON.stringify(exit);
    wrong.push(`${page.name}: ${end} ${stderr} printed ${stdout}`);
  }
  assertEquals(wrong, []);
  assert(examples.length >= CALLS.length);
  assertEquals(wrongTimes(shortest), []);
});

/** Pages that say "200 ns", without an "and" or "when", for a call that took longer even at its quickest. */
function wrongTimes(shortest: Map<string, number>): string[] {
  const wrong: string[] = [];
  let count = 0;
  for (const page of CALLS) {
    const [block] = partOf(page, "TIME")!.blocks;
    const ns = shortest.get(page.name);
    assert(block?.kind === "text");
    if (!/^200 ns[.;]/.test(block.text) || ns === undefined) continue;
    count += 1;
    if (ns !== 200) wrong.push(`${page.name} took ${ns} ns`);
  }
  assert(count > 30, `only ${count} times were compared`);
  return wrong;
}
