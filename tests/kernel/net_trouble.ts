// Programs in trouble: a server and its clients on a bad cable that may be cut for
// a while, with a backlog too short for them; through any door, quick or slow,
// some leave in the middle, some are killed. Who was left in peace has got every
// byte, once and in order; whoever else, the beginning of it; and at the end the
// machines are as they were.

import { assert, assertEquals } from "@std/assert";
import {
  accept,
  bind,
  close,
  connect,
  join,
  kill,
  listen,
  ms,
  pause,
  type Program,
  push,
  read,
  type Request,
  type Routine,
  s,
  setsockopt,
  shutdown,
  sigaction,
  sleep,
  socket,
  submit,
  SysError,
  thread,
  us,
  wait,
  within,
  write,
} from "kettle";
import { fold, type Machine, World } from "kettle/world";
import { RandomStream } from "../../kernel/random.ts";
import { assertWindowsKept } from "./net_windows.ts";

const PORT = 80;
/** Longer than any path is silent here. */
const PATIENCE_NS = 3_000 * s;
const HEADER_BYTES = 12;

const DOORS = ["call", "submit", "push"] as const;

/** How a client, and the server with it, behave. */
const MANNERS = [
  "whole", // reads to the end
  "half", // says first that it has said all
  "slow", // lets the window close
  "leaves", // breaks off in the middle of the answer
  "killed", // somewhere
  "left", // the server breaks off
] as const;
type Manner = (typeof MANNERS)[number];

interface Plan {
  number: number;
  manner: Manner;
  startNs: number;
  killNs: number;
  /** Bytes there and back. */
  asks: number;
  gets: number;
  seed: number;
}

interface Outcome {
  got: number;
  /** "end", or what went wrong. */
  end: string;
}

/** Byte n of a client's question (0) or answer (1). */
function byteAt(number: number, way: number, n: number): number {
  return (n * 31 + (n >> 8) * 7 + number * 11 + way * 5) & 0xff;
}

function bytesOf(number: number, way: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => byteAt(number, way, n));
}

/** One random life of a server and its clients; the hash of its trace. */
export function trouble(seed: number): string {
  const random = new RandomStream(seed, "trouble");
  const world = new World({ seed });
  const [near, far] = joined(world, random);
  const before = world.machines.map((machine) => machine.snapshot());
  const plans = plansOf(random);
  const outcomes = plans.map((): Outcome => ({ got: 0, end: "never" }));
  const backlog = random.integer(4), nature = random.integer(1e9);
  const processes = [
    far.spawn(() => server(plans, backlog, nature)),
    ...plans.map((plan, i) =>
      near.spawn(() => client(plan, outcomes[i]!), [], { name: `client${i}` })
    ),
  ];
  near.spawn(() =>
    killer(plans.map((plan, i) => [plan, processes[1 + i]!.pid]))
  );
  const { reason, report } = world.run();
  assertEquals([reason, report], ["done", ""], `seed ${seed}`);
  for (const { stderr } of processes) assertEquals(stderr, "", `seed ${seed}`);
  for (const [i, plan] of plans.entries()) judge(plan, outcomes[i]!, seed);
  world.machines.forEach((machine, index) => {
    const after = machine.snapshot();
    assertEquals(after, before[index], `seed ${seed}`);
    assertEquals(fold(world.trace.events(), index), after, `seed ${seed}`);
  });
  assertWindowsKept(world.trace.events());
  return world.trace.hash;
}

function judge({ manner, gets }: Plan, { got, end }: Outcome, seed: number) {
  const text = `seed ${seed}, ${manner}: ${got} of ${gets}, ${end}`;
  assert(got <= gets, text);
  if (manner === "killed" || manner === "leaves") return;
  if (manner === "left") {
    assert(end !== "end" && end !== "never", text);
    return;
  }
  assertEquals([got, end], [gets, "end"], text);
}

/** On one bad cable; or on two, with a switch between them that holds little. */
function joined(world: World, random: RandomStream): [Machine, Machine] {
  const [near, far] = ["near", "far"].map((name) =>
    world.boot({
      name,
      costs: random.integer(2) === 0 ? "none" : {},
      nic: {
        txRing: 1 + random.integer(4) ** 4,
        rxRing: 1 + random.integer(4) ** 4,
        ...[
          {},
          { napi: false },
          { moderationNs: random.integer(200 * us) },
        ][random.integer(3)],
      },
    })
  ) as [Machine, Machine];
  const cuts = cutsOf(random);
  if (random.integer(2) === 0) {
    world.cable(near, far, { ...cableOf(random), cuts });
    return [near, far];
  }
  const hub = world.switch({ frames: 1 + random.integer(40) });
  world.cable(near, hub, { ...cableOf(random), cuts });
  world.cable(hub, far, { bitsPerSecond: 10_000_000 });
  return [near, far];
}

function cableOf(random: RandomStream) {
  const share = () => random.integer(3) === 0 ? 0 : random.integer(201) / 1_000;
  return {
    latencyNs: [1_000, 200 * us, 20 * ms][random.integer(3)]!,
    bitsPerSecond: [10_000_000, 1_000_000_000][random.integer(2)]!,
    loss: share(),
    duplicate: share(),
    reorder: share(),
    reorderNs: 1 + random.integer(30 * ms),
    jitterNs: random.integer(3) === 0 ? random.integer(5 * ms) : 0,
  };
}

/** Mostly none, or one while things go on. */
function cutsOf(random: RandomStream): [number, number][] {
  if (random.integer(3) > 0) return [];
  const fromNs = random.integer(300) * ms;
  return [[fromNs, fromNs + 1 + random.integer(20 * s)]];
}

function plansOf(random: RandomStream): Plan[] {
  const size = () => random.integer(5) ** 2 * random.integer(6_000);
  return Array.from({ length: 1 + random.integer(6) }, (_, number) => ({
    number,
    manner: MANNERS[random.integer(MANNERS.length)]!,
    startNs: random.integer(5 * ms),
    killNs: random.integer(random.integer(2) === 0 ? 20 * ms : 2 * s),
    asks: size(),
    gets: 2 + size(),
    seed: random.integer(1e9),
  }));
}

// ------------------------------------------------------------- programs

function* killer(victims: [Plan, number][]): Program {
  const killed = victims.filter(([{ manner }]) => manner === "killed")
    .sort(([a], [b]) => a.killNs - b.killNs);
  let now = 0;
  for (const [{ killNs }, pid] of killed) {
    yield* sleep(killNs - now);
    now = killNs;
    try {
      yield* kill(pid, "KILL");
    } catch { /* it has ended */ }
  }
}

function* server(plans: Plan[], backlog: number, seed: number): Program {
  yield* sigaction("PIPE", "ign");
  const random = new RandomStream(seed, "server");
  const listener = yield* socket();
  yield* bind(listener, { port: PORT });
  yield* listen(listener, backlog);
  const threads = [];
  for (const _ of plans) {
    const fd = yield* through(random, accept(listener));
    if (typeof fd !== "number") break;
    threads.push(yield* thread(() => serve(plans, fd, random)));
    yield* sleep(random.integer(5 * ms));
  }
  yield* close(listener);
  for (const tid of threads) yield* join(tid);
}

/** Reads who asks, and the question; answers; closes. */
function* serve(plans: Plan[], fd: number, random: RandomStream): Routine {
  const header = yield* readSome(fd, HEADER_BYTES, random, () => {});
  if (header.got === HEADER_BYTES) {
    const { number, asks, gets, manner } = plans[header.first]!;
    const asked = yield* readSome(fd, asks, random, (bytes, from) => {
      check(bytes, number, 0, from);
    });
    if (asked.got === asks) {
      const end = manner === "left" ? gets >> 1 : gets;
      yield* through(random, write(fd, bytesOf(number, 1, end)));
    }
    if (manner === "left") yield* setsockopt(fd, { linger0: true });
  }
  yield* close(fd);
}

function* client(plan: Plan, outcome: Outcome): Program {
  const { number, manner, asks, gets } = plan;
  yield* sigaction("PIPE", "ign");
  const random = new RandomStream(plan.seed, "client");
  yield* sleep(plan.startNs);
  const fd = yield* socket();
  yield* setsockopt(fd, {
    nodelay: random.integer(2) === 0,
    delayedAck: random.integer(2) === 0,
  });
  const to = { host: "far", port: PORT };
  let code = yield* through(random, connect(fd, to));
  while (code === "ETIMEDOUT") code = yield* through(random, connect(fd, to));
  const header = new Uint8Array(HEADER_BYTES).fill(number);
  yield* through(random, write(fd, header));
  yield* through(random, write(fd, bytesOf(number, 0, asks)));
  if (manner === "half") yield* shutdown(fd, "wr");
  const most = manner === "leaves" ? gets >> 1 : Infinity;
  const answer = yield* readSome(fd, most, random, (bytes, from) => {
    check(bytes, number, 1, from);
    outcome.got = from + bytes.length;
  }, manner === "slow" ? 200 * ms : 0);
  outcome.end = answer.end;
  if (manner === "leaves") yield* setsockopt(fd, { linger0: true });
  yield* close(fd);
}

function check(bytes: Uint8Array, number: number, way: number, from: number) {
  const isRight = bytes.every((it, i) => it === byteAt(number, way, from + i));
  if (!isRight) throw new Error(`client ${number}: wrong bytes from ${from}`);
}

/** Reads `most` bytes, or to the end. */
function* readSome(
  fd: number,
  most: number,
  random: RandomStream,
  take: (bytes: Uint8Array, from: number) => void,
  pauseNs = 0,
): Routine<{ got: number; first: number; end: string }> {
  let got = 0, first = -1;
  while (got < most) {
    if (pauseNs > 0) yield* sleep(random.integer(pauseNs));
    const count = 1 + random.integer(30_000);
    const bytes = yield* through(random, read(fd, Math.min(count, most - got)));
    if (!(bytes instanceof Uint8Array)) {
      return { got, first, end: String(bytes) };
    }
    if (bytes.length === 0) return { got, first, end: "end" };
    if (first < 0) first = bytes[0]!;
    take(bytes, got);
    got += bytes.length;
  }
  return { got, first, end: "enough" };
}

/** A request through any door, with a limit: its value, or an error code. */
function* through(random: RandomStream, request: Request): Routine<unknown> {
  const limited = within(PATIENCE_NS, request);
  const door = DOORS[random.integer(3)];
  if (door === "submit") {
    const event = yield* wait(yield* submit(limited));
    return event.ok ? event.value : event.error.code;
  }
  if (door === "push") {
    let ended: { value: unknown } | null = null;
    yield* push(limited, (event) => {
      ended = { value: event.ok ? event.value : event.error.code };
    });
    while (ended === null) yield* pause();
    return (ended as { value: unknown }).value;
  }
  try {
    return yield* limited;
  } catch (error) {
    if (error instanceof SysError) return error.code;
    throw error;
  }
}
