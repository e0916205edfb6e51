// No program, whatever it passes, may cause a panic: every call with every kind
// of wrong argument, then sixty thousand calls drawn by chance. An answer is
// a value or a SysError; and afterwards the trace still adds up to the machine.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  CALL,
  Call,
  CALL_NAMES,
  type CallName,
  Cell,
  Control,
  ERRNO,
  Handle,
  Queue,
  Request,
  REQUEST_NAMES,
  type Routine,
  SysError,
} from "../../kernel/abi.ts";
import {
  close,
  getpid,
  join,
  kill,
  type Main,
  MiB,
  ms,
  nop,
  open,
  pipe,
  type Program,
  push,
  queue,
  read,
  sigaction,
  sleep,
  socket,
  spawn,
  submit,
  thread,
  wait,
  waitpid,
} from "kettle";
import { fold, type Machine, World, type WorldOptions } from "kettle/world";
import { check } from "../../kernel/fs/check.ts";

const SEED = 20_120_918;

// ------------------------------------------------------------- wrong values

class OddBytes extends Uint8Array {}

/** Every trap of it throws. */
function hostileProxy(target: object): unknown {
  const throws = () => {
    throw new Error("a trap of the program's own");
  };
  return new Proxy(target, {
    get: throws,
    has: throws,
    ownKeys: throws,
    getPrototypeOf: throws,
    getOwnPropertyDescriptor: throws,
    set: throws,
  });
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function withGetters(names: string[], target: object = {}): unknown {
  for (const name of names) {
    Object.defineProperty(target, name, {
      get() {
        throw new Error("a getter of the program's own");
      },
    });
  }
  return target;
}

function cyclic(): unknown[] {
  const list: unknown[] = [];
  list.push(list, [list]);
  return list;
}

function deep(): unknown {
  let request: unknown = nop();
  for (let i = 0; i < 2_000; i++) request = new Request(CALL.chain, [request]);
  return request;
}

function limited(limitNs: unknown): unknown {
  const request = nop();
  request.limitNs = limitNs as number;
  return request;
}

const OPTION_NAMES = [
  "fd",
  "host",
  "port",
  "until",
  "timeout",
  "max",
  "tag",
  "multishot",
  "queue",
  "capacity",
  "nohang",
  "env",
  "cwd",
  "fds",
  "group",
  "name",
  "mask",
  "cloexec",
  "fn",
  "restart",
  "echo",
];

/** Made anew for every call, so that none spoils the next. */
const WRONG: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => 0,
  () => 1,
  () => -1,
  () => 3,
  () => 99,
  () => 1.5,
  () => NaN,
  () => Infinity,
  () => -Infinity,
  () => 2 ** 31,
  () => 2 ** 32,
  () => Number.MAX_SAFE_INTEGER,
  () => 1e308,
  () => -0,
  () => "",
  () => "text",
  () => "/f",
  () => "/",
  () => "\0",
  () => "\ud800",
  () => "__proto__",
  () => "/" + "x/".repeat(5_000),
  () => "KILL",
  () => 10n,
  () => Symbol("s"),
  () => () => {
    throw new Error("a function of the program's own");
  },
  () => function* () {},
  () => class {},
  () => hostileProxy(() => {}),
  () => ({}),
  () => Object.create(null),
  () => [],
  () => cyclic(),
  () => new Array(3),
  () => [hostileProxy({})],
  () => hostileProxy({}),
  () => hostileProxy([]),
  () => revoked(),
  () => withGetters(OPTION_NAMES),
  () => withGetters(["0", "1"], []),
  () => ({ fd: hostileProxy({}), port: 1e9, host: 5, timeout: -1, max: 0 }),
  () => ({ until: NaN, capacity: 0, queue: new Queue(7), fds: { x: 1 } }),
  () => ({ host: "nowhere", port: 80 }),
  () => ({ until: -1, env: cyclic(), cwd: "/missing", multishot: 1 }),
  () => ({ fn: 5, restart: "yes", mask: "some", group: -3, name: {} }),
  () => new Uint8Array(3),
  () => new OddBytes(3),
  () => new Float64Array(3),
  () => new Uint8Array(new ArrayBuffer(0)),
  () => new ArrayBuffer(8),
  () => new Handle(5),
  () => new Handle({} as number),
  () => withGetters(["id"], new Handle(1)),
  () => new Queue(-1),
  () => new Queue(NaN),
  () => new Cell(0),
  () => new Cell(Symbol("s") as unknown as number),
  () => withGetters(["value"], new Cell(1)),
  () => nop(),
  () => new Request(CALL.read),
  () => new Request(CALL.getpid),
  () => new Request(-1),
  () => new Request(1_000),
  () => new Request(NaN),
  () => new Request({} as number),
  () => new Request(CALL.chain, [nop(), 5]),
  () => new Request(CALL.chain, cyclic()),
  () => deep(),
  () => limited(-5),
  () => limited("soon"),
  () => limited(hostileProxy({})),
  () => withGetters(["a", "b", "number", "limitNs", "name"], nop()),
  () => hostileProxy(nop()),
  () => new Control(CALL.getpid),
  () => new Control(CALL.wait, new Queue(1)),
  () => new Error("an object"),
  () => new SysError("EPERM", "read"),
];

function isRequestName(name: CallName): boolean {
  return (REQUEST_NAMES as readonly string[]).includes(name);
}

function build(name: CallName, args: readonly unknown[]): Call<unknown> {
  const [a, b, c, d] = args;
  return isRequestName(name)
    ? new Request(CALL[name], a, b, c, d)
    : new Control<unknown>(CALL[name], a, b, c, d);
}

/** The call answers: with a value, or with a SysError. */
function* answer(call: Call<unknown>, wrong: string[]): Routine {
  try {
    yield* call;
  } catch (error) {
    if (error instanceof SysError) checkError(error, wrong);
    else wrong.push(`threw ${String(error)}`);
  }
}

function checkError(error: SysError, wrong: string[]): void {
  if (!Object.hasOwn(ERRNO, error.code)) wrong.push(error.message);
  if (typeof error.message !== "string") wrong.push("a message is no text");
}

function assertAddsUp(world: World, machine: Machine): void {
  assertEquals(fold(world.trace.events(), machine.index), machine.snapshot());
}

// ------------------------------------------------------------- every call

/** Sets of arguments: each wrong value at each place, the other places plausible. */
function* argumentSets(): Iterable<unknown[]> {
  yield [];
  for (const make of WRONG) {
    yield [make()];
    yield [3, make()];
    yield ["/f", make()];
    yield [nop(), make()];
    yield [3, 1, make()];
    yield [nop(), {}, make()];
    yield [function* () {}, [], make()];
    yield [make(), make(), make(), make()];
  }
}

/** They end the program, or wait as long as they are told to. */
const MAY_NOT_ANSWER: ReadonlySet<CallName> = new Set([
  "exit",
  "exec",
  "pause",
  "sleep",
  "compute",
]);

for (const name of CALL_NAMES) {
  test(`${name} answers every wrong argument with an error or a value`, () => {
    const world = new World();
    const machine = world.boot({ files: { "/f": "abc", "/d/e": "x" } });
    const before = machine.snapshot();
    const wrong: string[] = [];
    let calls = 0, answers = 0;
    machine.spawn(function* main() {
      yield* open("/f", "r+");
      for (const args of argumentSets()) {
        calls++;
        const pid = yield* spawn(function* child() {
          yield* answer(build(name, args), wrong);
          answers++;
        });
        yield* sleep(200 * ms);
        yield* kill(pid, "KILL");
        while ((yield* waitpid(-1)).pid !== pid);
      }
    });
    const { reason, report } = world.run();
    assertEquals([reason, report], ["done", ""]);
    assertEquals(wrong, []);
    assertEquals(calls, 1 + WRONG.length * 8);
    if (!MAY_NOT_ANSWER.has(name)) assertEquals(answers, calls);
    assertAddsUp(world, machine);
    assertEquals(machine.snapshot(), before);
  });
}

// ------------------------------------------------------------- what is yielded

/** Things that a program may hand over instead of a call. */
const NO_CALLS: readonly (() => unknown)[] = [
  ...WRONG,
  () => read(0, 1), // a call, but without the star
  () => hostileProxy(used(nop())),
  ...["used", "number", "a", "b", "c", "d", "site", "limitNs", "name"].map(
    (field) => () => withGetters([field], used(read(0, 1))),
  ),
  () => used(new Request(NaN)),
  () => used(new Request(-1)),
  () => used(new Control(1e9)),
  () => used(new Control("read" as unknown as number)),
  () => used(limited(Symbol("s")) as Call<unknown>),
];

function used<T extends Call<unknown>>(call: T): T {
  call.used = true;
  return call;
}

test("whatever is yielded, only its own process can come to harm", () => {
  const world = new World();
  const machine = world.boot();
  const before = machine.snapshot();
  let ended = 0;
  machine.spawn(function* main() {
    for (const make of NO_CALLS) {
      const pid = yield* spawn(function* child() {
        yield make() as Call<unknown>;
      });
      yield* sleep(1 * ms);
      yield* kill(pid, "KILL");
      const { status, signal } = yield* waitpid(pid);
      assert(status !== undefined || signal === "KILL");
      ended++;
    }
  });
  const { reason, report } = world.run();
  assertEquals([reason, report], ["done", ""]);
  assertEquals(ended, NO_CALLS.length);
  assertAddsUp(world, machine);
  assertEquals(machine.snapshot(), before);
});

/** Things to throw or to return, each of which throws when it is looked at wrongly. */
const ODD_RESULTS: readonly (() => unknown)[] = [
  () => hostileProxy({}),
  () => Object.create(null),
  () => Symbol("s"),
  () => withGetters(["message", "name", "stack"], new Error("x")),
  () => Object.assign(new Error("x"), { message: 5, name: hostileProxy({}) }),
  () => Object.assign(new RangeError("x"), { message: hostileProxy({}) }),
  () => withGetters(["next"]),
  () => ({ next: () => withGetters(["value", "done"]) }),
  () => ({ next: () => 5 }),
  () => ({ next: () => ({ done: true, value: hostileProxy({}) }) }),
  () => cyclic(),
  () => Promise.resolve(5),
];

/** Programs that end, or let a callback or thread end, with such a thing. */
const ODD_PROGRAMS: readonly ((odd: () => unknown) => Main)[] = [
  (odd) =>
    function* () {
      yield* nop();
      throw odd();
    },
  (odd) => () => odd() as Program,
  (odd) =>
    function* () {
      yield* nop();
      return odd() as number;
    },
  (odd) =>
    function* () {
      yield* push(nop(), () => {
        throw odd();
      });
      yield* nop();
    },
  (odd) =>
    function* () {
      yield* push(nop(), { tag: odd() }, () => odd() as void);
      yield* nop();
    },
  (odd) =>
    function* () {
      yield* join(yield* thread(() => odd() as Routine));
    },
  (odd) =>
    function* () {
      yield* sigaction("USR1", { fn: () => odd() as void });
      yield* kill(yield* getpid(), "USR1");
      yield* nop();
    },
  (odd) =>
    function* () {
      yield* wait(yield* submit(nop(), { tag: odd() }));
    },
];

test("whatever a program throws or returns, only its own process comes to harm", () => {
  const world = new World();
  const machine = world.boot();
  const before = machine.snapshot();
  let ended = 0;
  machine.spawn(function* main() {
    for (const make of ODD_PROGRAMS) {
      for (const odd of ODD_RESULTS) {
        const pid = yield* spawn(make(odd));
        const { status } = yield* waitpid(pid);
        assert(status === 0 || status === 1);
        ended++;
      }
    }
  });
  const { reason, report } = world.run();
  assertEquals([reason, report], ["done", ""]);
  assertEquals(ended, ODD_PROGRAMS.length * ODD_RESULTS.length);
  assertAddsUp(world, machine);
  assertEquals(machine.snapshot(), before);
});

// ------------------------------------------------------------- by chance

/** A small generator of its own: the same numbers everywhere. */
class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  below(n: number): number {
    this.#state = Math.imul(this.#state ^ (this.#state >>> 15), 0x2c1b3c6d) +
        0x9e3779b9 | 0;
    const mixed = Math.imul(this.#state ^ (this.#state >>> 13), 0x297a2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % n;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** Calls that would only end the play early. */
const RARE: ReadonlySet<CallName> = new Set([
  "exit",
  "exec",
  "pause",
  "wait",
  "mask",
  "kill",
]);

interface Player {
  draw: Draw;
  made: unknown[];
  wrong: string[];
  counter: { calls: number };
}

/** Arguments that are often right. */
function plausible({ draw, made }: Player): unknown {
  switch (draw.below(8)) {
    case 0:
      return draw.below(12);
    case 1:
      return draw.of(["/f", "/d", "/d/e", "/tmp", "in", "out", "r", "w", "a"]);
    case 2:
      return draw.of(["set", "rd", "wr", "stream", "USR1", "CHLD", "raw"]);
    case 3:
      return made.length > 0 ? draw.of(made) : 1;
    case 4:
      return draw.below(100_000);
    case 5:
      return draw.of([
        { fd: 4 },
        { timeout: 1_000 },
        { nohang: true },
        {},
        { port: 80 },
        { host: "localhost", port: 80 },
        { host: "a", port: 80 },
        { host: "b", port: 80 },
        { linger0: true },
      ]);
    case 6:
      return build(draw.of(REQUEST_NAMES), [draw.below(9), draw.below(99)]);
    default:
      return "some text";
  }
}

function randomCall(player: Player): Call<unknown> {
  const { draw } = player;
  let name = draw.of(CALL_NAMES);
  while (RARE.has(name) && draw.below(40) > 0) name = draw.of(CALL_NAMES);
  const args = Array.from(
    { length: draw.below(5) },
    () => draw.below(4) === 0 ? draw.of(WRONG)() : plausible(player),
  );
  const call = build(name, args);
  if (call instanceof Request && draw.below(8) > 0) {
    call.limitNs = draw.below(300_000);
  }
  if (name === "compute") return new Control(CALL.compute, draw.below(50_000));
  return call;
}

function* play(player: Player, calls: number): Routine {
  const { made, counter } = player;
  const [readEnd, writeEnd] = yield* pipe();
  made.push(readEnd, writeEnd, yield* open("/f", "r+"), yield* socket());
  made.push(yield* queue({ capacity: 2 }), new Cell(1));
  made.push(yield* submit(read(readEnd, 5)));
  made.push(
    yield* thread(function* other() {
      yield* sleep(1 * ms);
    }),
  );
  for (let i = 0; i < calls; i++) {
    counter.calls++;
    const value = yield* tryCall(randomCall(player), player.wrong);
    if (value !== undefined && made.length < 40) made.push(value);
  }
}

function* tryCall(call: Call<unknown>, wrong: string[]): Routine<unknown> {
  try {
    return yield* call;
  } catch (error) {
    if (error instanceof SysError) checkError(error, wrong);
    else wrong.push(`${call.name} threw ${String(error)}`);
  }
}

interface Game {
  world: World;
  machines: Machine[];
  counter: { calls: number };
  wrong: string[];
}

/** A world whose programs make random calls. */
function newGame(seed: number, options: WorldOptions = {}): Game {
  const world = new World({ seed, ...options });
  const machines = ["a", "b"].map((name) =>
    world.boot({
      name,
      cpus: 1 + seed % 2,
      memory: 16 * MiB,
      files: { "/f": "abc", "/d/e": "x" },
    })
  );
  world.cable(machines[0]!, machines[1]!, { latencyNs: 100_000 });
  const counter = { calls: 0 };
  const wrong: string[] = [];
  for (let i = 0; i < 8; i++) {
    const player = { draw: new Draw(seed * 64 + i), made: [], wrong, counter };
    machines[i % 2]!.spawn(() => play(player, 400));
  }
  return { world, machines, counter, wrong };
}

/** One world of random calls; tells how many were made. */
function playWorld(seed: number): number {
  const game = newGame(seed);
  const { world, counter, wrong } = game;
  const { reason, report } = world.run({ untilNs: 400 * ms });
  assert(reason !== "panic", `seed ${seed}: ${report}`);
  assertEquals(wrong, [], `seed ${seed}`);
  for (const machine of game.machines) assertAddsUp(world, machine);
  killAll(game, seed);
  return counter.calls;
}

/** Whatever is left can be killed, and then nothing is left, and the disk is whole. */
function killAll({ world, machines }: Game, seed: number): void {
  for (let round = 0; round < 20; round++) {
    for (const machine of machines) {
      for (const kill of [...machine.processes.keys()]) {
        world.input({ machine: machine.index, kill });
      }
    }
    const { reason, report } = world.run({ budgetNs: 200_000 * ms });
    assert(reason !== "panic", `seed ${seed}: ${report}`);
    if (reason === "done") break;
  }
  for (const machine of machines) {
    assertAddsUp(world, machine);
    assertEquals(machine.snapshot().counts, NOTHING, `seed ${seed}`);
    assertEquals(check(machine.files.device.platter), [], `seed ${seed}`);
  }
}

const NOTHING = {
  processes: 0,
  threads: 0,
  openFiles: 0,
  inodes: 0,
  pipes: 0,
  sockets: 0,
  requests: 0,
  handles: 0,
  callbacks: 0,
  timers: 0,
};

test("sixty thousand random calls leave the machine consistent", () => {
  console.log(`seed ${SEED}`);
  let calls = 0;
  for (let seed = SEED; calls < 60_000; seed++) {
    const made = playWorld(seed);
    assert(made > 0, `seed ${seed} made no calls`);
    calls += made;
  }
});

test("a random world is the same again, step by step, in pieces, and unrecorded", () => {
  for (let seed = 1; seed <= 6; seed++) {
    const once = newGame(seed), again = newGame(seed);
    const stepped = newGame(seed), pieces = newGame(seed);
    const unrecorded = newGame(seed, { trace: false });
    const untilNs = 20 * ms;
    for (const { world } of [once, again, unrecorded]) world.run({ untilNs });
    while (stepped.world.nextDue <= untilNs) stepped.world.step();
    for (let at = 0; at < untilNs;) {
      pieces.world.run({ untilNs: at = Math.min(at + 37_111, untilNs) });
    }
    const { hash } = once.world.trace;
    for (const other of [again, stepped, pieces]) {
      assertEquals(other.world.trace.hash, hash, `seed ${seed}`);
      assertEquals(other.world.steps, once.world.steps, `seed ${seed}`);
    }
    assertEquals(unrecorded.world.steps, once.world.steps, `seed ${seed}`);
    assertEquals(unrecorded.counter, once.counter);
    once.machines.forEach((machine, i) => {
      const { counts } = machine.snapshot();
      assertEquals(unrecorded.machines[i]!.snapshot().counts, counts);
    });
  }
});

test("closing and using closed numbers by chance never reaches another's file", () => {
  const world = new World({ seed: SEED });
  const machine = world.boot({ files: { "/f": "abc", "/d/e": "x" } });
  const before = machine.snapshot();
  machine.spawn(function* main() {
    const draw = new Draw(SEED);
    for (let i = 0; i < 2_000; i++) {
      const fd = draw.below(30);
      const call = draw.of([
        close(fd),
        open("/f"),
        read(fd, 2),
        new Control<unknown>(CALL.dup2, fd, draw.below(30)),
        new Control<unknown>(CALL.dup, fd),
      ]);
      yield* tryCall(call, []);
    }
  });
  assertEquals(world.run().reason, "done");
  assertAddsUp(world, machine);
  assertEquals(machine.snapshot(), before);
});
