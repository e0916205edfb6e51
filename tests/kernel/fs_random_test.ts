// Random calls against the model: the same results, the same errors, the same
// tree, and after each run a disk that is whole and says the same to a machine
// that boots from it. Programs make the calls, each through a door of its own; a
// disk that is nearly full may refuse, and then nothing has happened; processes
// side by side do not disturb each other; calls that are started together end in
// an order. A failure prints fast-check's seed and path.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  chdir,
  close,
  dup,
  type Event,
  fstat,
  fsync,
  ftruncate,
  getcwd,
  link,
  lseek,
  mkdir,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  open,
  pause,
  pread,
  push,
  pwrite,
  read,
  readdir,
  rename,
  type Request,
  rmdir,
  type Routine,
  type Stat,
  stat,
  submit,
  sync,
  SysError,
  unlink,
  wait,
  write,
} from "kettle";
import { type Machine, World } from "kettle/world";
import { check } from "../../kernel/fs/mod.ts";
import { pattern } from "./fs_kit.ts";
import { Model, ModelError } from "./fs_model.ts";
import { fill } from "./power_kit.ts";

// ------------------------------------------------------------- steps

type Step =
  & { door: number }
  & (
    | { do: "open"; path: string; flags: number }
    | { do: "close" | "dup" | "fstat" | "fsync" | "readdirOf"; fd: number }
    | { do: "read"; fd: number; size: number }
    | { do: "pread"; fd: number; size: number; offset: number }
    | { do: "write"; fd: number; size: number; seed: number }
    | { do: "pwrite"; fd: number; size: number; seed: number; offset: number }
    | { do: "ftruncate"; fd: number; size: number }
    | { do: "lseek"; fd: number; offset: number; from: "set" | "cur" | "end" }
    | { do: NameCall | "chdir"; path: string }
    | { do: "link" | "rename"; path: string; to: string }
    | { do: "sync" | "getcwd" }
  );
type NameCall = "stat" | "readdir" | "mkdir" | "rmdir" | "unlink";

const MOUNTS = ["/dev", "/proc"];
/** Directories that a fresh disk has. */
const FRESH = [
  "/bin",
  "/lib",
  "/sh",
  "/servers",
  "/home",
  "/tmp",
  "/etc",
  "/srv",
  ...MOUNTS,
];

const component = fc.constantFrom("a", "b", "c", "a", "b", "c", ".", "..", "");
const unusual = fc.constantFrom(
  "",
  "/",
  "/tmp",
  "/tmp/" + "n".repeat(255),
  "/tmp/" + "n".repeat(256),
  "/tmp/" + "é".repeat(128),
  "/tmp/a/" + "n".repeat(256),
  "/tmp" + "/.".repeat(2_100),
);
function pathsUnder(root: string): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom("a", "b", "c"), {
    minLength: 1,
    maxLength: 3,
  }).map((names) => `${root}/${names.join("/")}`);
}
const plainPath = pathsUnder("/tmp");
const strangePath = fc.record({
  start: fc.constantFrom("/tmp/", "/tmp/", "", "./", "../"),
  names: fc.array(component, { minLength: 1, maxLength: 4 }),
  end: fc.constantFrom("", "", "", "/"),
}).map(({ start, names, end }) => start + names.join("/") + end);
/** Most are plain, so that things happen. */
const anyPath = fc.oneof(
  { weight: 12, arbitrary: plainPath },
  { weight: 5, arbitrary: strangePath },
  { weight: 1, arbitrary: unusual },
);
const fd = fc.integer({ min: 2, max: 8 }).map((fd) => fd === 2 ? 99 : fd);
const size = fc.oneof(fc.nat(100), fc.nat(9_000), fc.constantFrom(4096, 8192));
const offset = fc.oneof(fc.nat(100), fc.nat(40_000), fc.constant(4096));
const seed = fc.integer({ min: 1, max: 200 });
const flags = fc.tuple(
  fc.constantFrom(O_RDONLY, O_WRONLY, O_RDWR, O_RDWR),
  fc.constantFrom(0, O_CREAT, O_CREAT, O_CREAT | O_EXCL, O_DIRECTORY),
  fc.constantFrom(0, 0, 0, O_TRUNC),
  fc.constantFrom(0, 0, 0, O_APPEND),
).map((bits) => bits.reduce((all, bit) => all | bit, 0));

function stepsAt(path: fc.Arbitrary<string>): fc.Arbitrary<Step> {
  const to = path;
  const kinds: [number, Record<string, unknown>][] = [
    [5, { do: "open", path, flags }],
    [2, { do: "close", fd }],
    [1, { do: fc.constantFrom("dup", "fstat", "fsync", "readdirOf"), fd }],
    [1, { do: "read", fd, size }],
    [1, { do: "pread", fd, size, offset }],
    [2, { do: "write", fd, size, seed }],
    [2, { do: "pwrite", fd, size, seed, offset }],
    [1, {
      do: "ftruncate",
      fd,
      size: fc.oneof(size, size, size, fc.constantFrom(-1, 2 ** 40 + 1)),
    }],
    [1, {
      do: "lseek",
      fd,
      offset: fc.oneof(offset, fc.integer({ min: -5_000, max: -1 })),
      from: fc.constantFrom("set", "cur"),
    }],
    [3, { do: fc.constantFrom("stat", "readdir", "rmdir", "unlink"), path }],
    [2, { do: "mkdir", path }],
    [3, { do: fc.constantFrom("link", "rename"), path, to }],
    [1, { do: fc.constantFrom("sync", "getcwd") }],
  ];
  return fc.oneof(...kinds.map(([weight, fields]) => ({
    weight,
    arbitrary: recordOf(fields),
  })));
}

function recordOf(fields: Record<string, unknown>): fc.Arbitrary<Step> {
  const arbitraries: Record<string, fc.Arbitrary<unknown>> = {
    door: fc.nat(2),
  };
  for (const [name, value] of Object.entries(fields)) {
    arbitraries[name] = typeof value === "string"
      ? fc.constant(value)
      : value as fc.Arbitrary<unknown>;
  }
  return fc.record(arbitraries) as unknown as fc.Arbitrary<Step>;
}

const step = fc.oneof(
  { weight: 20, arbitrary: stepsAt(anyPath) },
  { weight: 1, arbitrary: recordOf({ do: "chdir", path: anyPath }) },
);

// ------------------------------------------------------------- a program does them

/** What a step gives, in the words of the model. */
function* take(step: Step): Routine<unknown> {
  try {
    return plain(step, yield* callOf(step));
  } catch (error) {
    if (error instanceof SysError) return error.code;
    throw error;
  }
}

/** Control calls as they are, requests through the step's door. */
function callOf(step: Step): Routine<unknown> {
  switch (step.do) {
    case "dup":
      return dup(step.fd) as unknown as Routine<unknown>;
    case "lseek":
      return lseek(step.fd, step.offset, step.from) as unknown as Routine;
    case "chdir":
      return chdir(step.path) as unknown as Routine;
    case "getcwd":
      return getcwd() as unknown as Routine<unknown>;
    default:
      return through(step.door, requestOf(step));
  }
}

function requestOf(step: Step): Request {
  switch (step.do) {
    case "open":
      return open(step.path, step.flags);
    case "close":
      return close(step.fd);
    case "fstat":
      return fstat(step.fd);
    case "fsync":
      return fsync(step.fd);
    case "readdirOf":
      return readdir(step.fd);
    case "read":
      return read(step.fd, step.size);
    case "pread":
      return pread(step.fd, step.size, step.offset);
    case "write":
      return write(step.fd, pattern(step.size, step.seed));
    case "pwrite":
      return pwrite(step.fd, pattern(step.size, step.seed), step.offset);
    case "ftruncate":
      return ftruncate(step.fd, step.size);
    case "link":
      return link(step.path, step.to);
    case "rename":
      return rename(step.path, step.to);
    case "sync":
      return sync();
    default:
      return PATH_CALLS[step.do as NameCall](
        (step as { path: string }).path,
      );
  }
}
const PATH_CALLS = { stat, readdir, mkdir, rmdir, unlink };

function* through(door: number, request: Request): Routine<unknown> {
  if (door === 0) return yield* request as unknown as Routine<unknown>;
  let event: Event | null = null;
  if (door === 1) event = (yield* wait(yield* submit(request))) as Event;
  else {
    yield* push(request, (ended) => {
      event = ended as Event;
    });
    while (event === null) yield* pause();
  }
  if (event!.ok) return event!.value;
  throw event!.error;
}

function plain(step: Step, value: unknown): unknown {
  switch (step.do) {
    case "read":
    case "pread":
      return (value as Uint8Array).join();
    case "stat":
    case "fstat": {
      const { type, size, nlink } = value as Stat;
      return type === "file" ? `file ${size} ${nlink}` : `directory ${nlink}`;
    }
    case "readdir":
    case "readdirOf":
      return (value as { name: string }[]).map(({ name }) => name).join(" ");
    default:
      return value;
  }
}

/** What the model says of a step. */
function expected(model: Model, step: Step): unknown {
  switch (step.do) {
    case "open":
      return model.open(step.path, step.flags);
    case "close":
    case "dup":
    case "fstat":
    case "fsync":
    case "readdirOf":
      return model[step.do](step.fd);
    case "read":
      return step.size === 0 ? nothingRead(model, step) : model.read(
        step.fd,
        step.size,
      );
    case "pread":
      return step.size === 0
        ? nothingRead(model, step)
        : model.pread(step.fd, step.size, step.offset);
    case "write":
      return model.write(step.fd, pattern(step.size, step.seed));
    case "pwrite":
      return model.pwrite(
        step.fd,
        pattern(step.size, step.seed),
        step.offset,
      );
    case "ftruncate":
      return model.ftruncate(step.fd, step.size);
    case "lseek":
      return model.lseek(step.fd, step.offset, step.from);
    case "link":
    case "rename":
      return model[step.do](step.path, step.to);
    case "sync":
      return undefined;
    case "getcwd":
      return model.cwd;
    default:
      return model[step.do](step.path);
  }
}

/** A read of no bytes looks at the descriptor and at nothing else. */
function nothingRead(model: Model, { fd }: { fd: number }): string {
  try {
    model.read(fd, 0);
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== "EISDIR") throw error;
  }
  return "";
}

function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (error instanceof ModelError) return error.code;
    throw error;
  }
}

// ------------------------------------------------------------- comparing

/** A program that does the steps and compares; where it differs, `wrong` says it. */
function follower(
  steps: readonly Step[],
  model: Model,
  wrong: string[],
  refused: (() => void) | null = null,
) {
  return function* main() {
    for (const step of steps) {
      const real = yield* take(step);
      if (real === "ENOSPC" && refused !== null) {
        refused();
        continue;
      }
      const wanted = outcome(() => expected(model, step));
      if (real === wanted) continue;
      wrong.push(`${JSON.stringify(step)}: ${show(real)}, not ${show(wanted)}`);
      return;
    }
    for (const fd of model.descriptors) yield* close(fd);
  };
}

function show(value: unknown): string {
  return String(value).slice(0, 200);
}

/** The tree of the disk is the model's, now and after a power cut. */
function compareTrees(
  machine: Machine,
  models: readonly Model[],
  roots: readonly string[] = ["/"],
): void {
  const { world } = machine;
  const synced = machine.spawn(function* () {
    yield* sync();
  });
  world.run({ until: synced });
  for (let boot = 0; boot < 2; boot++) {
    models.forEach((model, i) => compareTree(machine, model, roots[i]!));
    machine.pullPlug();
    assertEquals(check(machine.platter), []);
    machine.powerOn();
  }
}

function compareTree(machine: Machine, model: Model, root: string): void {
  const found: [string, string, string][] = [];
  const all = [...model.all()].filter(([path]) => isIn(path, root));
  const process = machine.spawn(function* () {
    for (const [path, node] of all) {
      const { type, nlink, size } = yield* stat(path);
      if (node.type === "file") {
        const bytes = yield* read(yield* open(path), 1 + size);
        found.push([path, `${type} ${size} ${nlink}`, bytes.join()]);
      } else {
        const names = (yield* readdir(path)).map(({ name }) => name);
        found.push([path, `${type} ${nlink}`, names.join(" ")]);
      }
    }
  });
  machine.world.run({ until: process });
  assertEquals(process.stderr, "");
  const wanted = all.map(([path, node]) => [
    path,
    model.stat(path),
    node.type === "file" ? node.data.join() : model.readdir(path),
  ]);
  assertEquals(found, wanted as typeof found);
}

function isIn(path: string, root: string): boolean {
  if (root === "/") return !MOUNTS.includes(path);
  return path === root || path.startsWith(root + "/");
}

function bootFresh(): Machine {
  return new World({ trace: false }).boot();
}

/** Runs programs side by side to their ends; nothing may be left of them. */
function runAll(machine: Machine, programs: (() => Routine)[]): void {
  const before = machine.snapshot();
  for (const program of programs) machine.spawn(program);
  const { reason, report } = machine.world.run();
  assertEquals([reason, report], ["done", ""]);
  assertEquals(machine.snapshot(), before);
}

/** Steps that cannot fail. */
function* prepare(steps: readonly Step[], model: Model): Routine {
  for (const step of steps) {
    assertEquals(yield* take(step), expected(model, step));
  }
}

/** A few directories and files to begin with, the files open. */
function someTree(root: string): Step[] {
  const door = 0;
  const steps: Step[] = [];
  for (const name of ["a", "a/b", "c"]) {
    steps.push({ do: "mkdir", path: `${root}/${name}`, door });
  }
  ["b", "a/a", "a/b/c", "c/b"].forEach((name, i) => {
    steps.push({ do: "open", path: `${root}/${name}`, flags: CREATE, door });
    steps.push({ do: "write", fd: 3 + i, size: 999 * i, seed: 1 + i, door });
  });
  return steps;
}
const CREATE = O_RDWR | O_CREAT;

test("random calls through random doors do what the model does, errors included", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
      const machine = bootFresh(), model = new Model(FRESH);
      const wrong: string[] = [];
      runAll(machine, [function* () {
        yield* prepare(someTree("/tmp"), model);
        yield* follower(steps, model, wrong)();
      }]);
      assertEquals(wrong, []);
      compareTrees(machine, [model]);
    }),
    { numRuns: 20 },
  );
});

test("on a disk that is nearly full a call that gives ENOSPC has changed nothing", () => {
  let refused = 0;
  fc.assert(
    fc.property(
      fc.array(stepsAt(plainPath), { minLength: 20, maxLength: 80 }),
      fc.nat(6),
      (steps, blocks) => {
        const { machine, model } = bootTight(blocks);
        const wrong: string[] = [];
        const opens = someTree("/tmp").filter((step) => step.do === "open");
        runAll(machine, [function* () {
          yield* prepare(opens, model);
          yield* follower(steps, model, wrong, () => refused++)();
          yield* prepare([{ do: "unlink", path: "/full", door: 0 }], model);
        }]);
        assertEquals(wrong, []);
        compareTrees(machine, [model]);
      },
    ),
    { numRuns: 20 },
  );
  assert(refused > 0, "no call was ever refused");
});

/** A disk with some files, and all but some blocks in one more. */
function bootTight(blocks: number): { machine: Machine; model: Model } {
  const machine = bootFresh(), model = new Model(FRESH);
  const steps = someTree("/tmp").filter((step) => step.do !== "write");
  steps.push({ do: "open", path: "/full", flags: CREATE, door: 0 });
  let ino = 0;
  runAll(machine, [function* () {
    yield* prepare(steps, model);
    ({ ino } = yield* stat("/full"));
    yield* sync();
  }]);
  for (const fd of model.descriptors) model.close(fd);
  // The journal is empty only after it was replayed.
  machine.pullPlug();
  machine.powerOn();
  machine.pullPlug();
  fill(machine.platter, ino, blocks);
  machine.powerOn();
  return { machine, model };
}

test("three processes side by side, each in its own directory, do what three models do", () => {
  const roots = ["/tmp/x", "/home/y", "/z"];
  fc.assert(
    fc.property(
      fc.tuple(
        ...roots.map((root) =>
          fc.array(stepsAt(pathsUnder(root)), { minLength: 10, maxLength: 50 })
        ),
      ),
      (all) => {
        const machine = bootFresh();
        runAll(machine, [function* () {
          for (const root of roots) yield* mkdir(root);
        }]);
        const models = roots.map(() => new Model([...FRESH, ...roots]));
        const wrong: string[] = [];
        runAll(
          machine,
          all.map((steps, i) => {
            const model = models[i]!;
            return function* () {
              yield* prepare(someTree(roots[i]!), model);
              yield* follower(steps, model, wrong)();
            };
          }),
        );
        assertEquals(wrong, []);
        compareTrees(machine, models, roots);
      },
    ),
    { numRuns: 20 },
  );
});

// ------------------------------------------------------------- started together

/** Sends every step before it waits for the first. */
function together(
  steps: readonly Step[],
  model: Model,
  wrong: string[],
) {
  return function* main() {
    const handles = [];
    for (const step of steps) handles.push(yield* submit(requestOf(step)));
    for (const [i, handle] of handles.entries()) {
      const event = (yield* wait(handle)) as Event;
      const step = steps[i]!;
      const real = event.ok ? plain(step, event.value) : event.error.code;
      const wanted = outcome(() => expected(model, step));
      if (real === wanted) continue;
      wrong.push(`${JSON.stringify(step)}: ${show(real)}, not ${show(wanted)}`);
    }
    for (const fd of model.descriptors) yield* close(fd);
  };
}

test("changes of names that are started together end as if one came after the other", () => {
  const changes = fc.oneof(
    recordOf({
      do: fc.constantFrom("stat", "readdir", "mkdir", "rmdir", "unlink"),
      path: plainPath,
    }),
    recordOf({
      do: fc.constantFrom("link", "rename"),
      path: plainPath,
      to: plainPath,
    }),
    recordOf({ do: "open", path: plainPath, flags: fc.constant(CREATE) }),
  );
  fc.assert(
    fc.property(
      fc.array(changes, { minLength: 10, maxLength: 40 }),
      (steps) => {
        const machine = bootFresh(), model = new Model(FRESH);
        const wrong: string[] = [];
        runAll(machine, [function* () {
          yield* prepare(someTree("/tmp"), model);
          yield* together(steps, model, wrong)();
        }]);
        assertEquals(wrong, []);
        compareTrees(machine, [model]);
      },
    ),
    { numRuns: 20 },
  );
});

test("reads and writes of one file that are started together keep their order", () => {
  const fd = fc.constantFrom(3, 4);
  const some = fc.integer({ min: 1, max: 9_000 });
  const io = fc.oneof(
    recordOf({ do: "read", fd, size: some }),
    recordOf({ do: "write", fd, size: some, seed }),
    recordOf({ do: "pread", fd, size: some, offset }),
    recordOf({ do: "pwrite", fd, size: some, seed, offset }),
    recordOf({ do: "ftruncate", fd, size: some }),
    recordOf({ do: "fsync", fd }),
  );
  fc.assert(
    fc.property(fc.array(io, { minLength: 5, maxLength: 30 }), (steps) => {
      const machine = bootFresh(), model = new Model(FRESH);
      const wrong: string[] = [];
      const opens = [CREATE, CREATE | O_APPEND].map((flags) => {
        return { do: "open", path: "/f", flags, door: 0 } as const;
      });
      runAll(machine, [function* main() {
        yield* prepare(opens, model);
        yield* together(steps, model, wrong)();
      }]);
      assertEquals(wrong, []);
      compareTrees(machine, [model]);
    }),
    { numRuns: 20 },
  );
});
