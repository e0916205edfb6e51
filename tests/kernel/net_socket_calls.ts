// Random socket calls from many programs on three machines: streams, datagrams and
// echoes, through any door, with limits, cancels, copies, children, kills and
// power cuts, over cables that lose. Whatever they do, the kernel does not panic,
// the trace adds up, nobody sends beyond a window; and when all programs are gone,
// nothing is left.

import { assert, assertEquals } from "@std/assert";
import {
  accept,
  bind,
  cancel,
  close,
  connect,
  Control,
  dup,
  fcntl,
  getpeername,
  getsockname,
  type Handle,
  listen,
  ms,
  poll,
  type Program,
  push,
  read,
  ready,
  recvfrom,
  Request,
  type Routine,
  sendto,
  setsockopt,
  shutdown,
  sleep,
  socket,
  spawn,
  submit,
  SysError,
  us,
  within,
  write,
} from "kettle";
import { fold, type Machine, World } from "kettle/world";
import { RandomStream } from "../../kernel/random.ts";
import { assertWindowsKept } from "./net_windows.ts";

/** Of each program. */
const CALLS = 250;
const HOSTS = ["a", "b", "c", "localhost", "", "nowhere"];
const PORTS = [80, 81, 82, 32_768, 32_769, 0];

interface Player {
  random: RandomStream;
  /** Numbers it has seen, closed or not. */
  fds: number[];
  handles: Handle[];
  depth: number;
}

function one<T>(random: RandomStream, of: readonly T[]): T {
  return of[random.integer(of.length)]!;
}

function address(random: RandomStream) {
  return { host: one(random, HOSTS), port: one(random, PORTS) };
}

/** A number that is a socket's, most times. */
function number({ random, fds }: Player): number {
  const isKnown = fds.length > 0 && random.integer(30) > 0;
  return isKnown ? one(random, fds) : random.integer(12);
}

/** A request that may wait. */
function request(player: Player): Request {
  const { random, fds } = player;
  const fd = number(player);
  const bytes = () => new Uint8Array(random.integer(7) ** 6);
  const what = one(random, [
    () => accept(fd),
    () => accept(fd),
    () => connect(fd, address(random)),
    () => connect(fd, { host: one(random, ["a", "b", "c"]), port: 80 }),
    () => read(fd, random.integer(7) ** 6),
    () => read(fd, 100_000),
    () => write(fd, bytes()),
    () => write(fd, bytes()),
    () => ready(fd, one(random, ["in", "out"])),
    () => sendto(fd, bytes().subarray(0, 1_500), address(random)),
    () => recvfrom(fd, 2_000),
    () => {
      player.fds = fds.filter((other) => other !== fd);
      return close(fd);
    },
  ]) as () => Request;
  return what();
}

/** A call that does not wait. */
function control(player: Player): Control<unknown> {
  const { random, handles } = player;
  const fd = number(player);
  const size = () => 4_096 + random.integer(100_000);
  const what = one(random, [
    () => socket(one(random, ["stream", "stream", "datagram", "echo"])),
    () => bind(fd, address(random)),
    () => listen(fd, random.integer(4)),
    () => shutdown(fd, one(random, ["rd", "wr", "rdwr"])),
    () => setsockopt(fd, { linger0: random.integer(2) === 0 }),
    () => setsockopt(fd, { nodelay: random.integer(2) === 0 }),
    () => setsockopt(fd, { delayedAck: random.integer(2) === 0 }),
    () =>
      setsockopt(fd, { sendBufferBytes: size(), receiveBufferBytes: size() }),
    () => getsockname(fd),
    () => getpeername(fd),
    () => dup(fd),
    () => fcntl(fd, { nonblock: random.integer(2) === 0 }),
    () => poll(),
    () => handles.length > 0 ? cancel(one(random, handles)) : cancel({ fd }),
  ]) as () => Control<unknown>;
  return what();
}

/** One random call. */
function* act(player: Player): Routine {
  const { random, handles } = player;
  const what = random.integer(20);
  if (what < 7) {
    const value = yield* control(player);
    if (typeof value === "number" && value > 2) player.fds.push(value);
    return;
  }
  if (what === 7) return yield* sleep(random.integer(3 * ms));
  if (what === 8 && player.depth < 2) {
    const child = { ...player, handles: [], depth: 2 };
    yield* spawn(() => play(child));
    return;
  }
  const limited = within(
    random.integer(4) > 0 ? random.integer(2 * ms) : 3_000 * ms,
    request(player),
  );
  const door = random.integer(3);
  if (door === 0) {
    const value = yield* limited;
    const isFd = typeof value === "number" && limited.name === "accept";
    if (isFd) player.fds.push(value);
    return;
  }
  const multishot = random.integer(4) === 0 &&
    ["accept", "ready"].includes(limited.name);
  if (door === 1) handles.push(yield* submit(limited, { multishot }));
  else yield* push(limited, { multishot }, () => {});
}

function* play(player: Player): Program {
  for (let i = 0; i < CALLS; i++) {
    try {
      yield* act(player);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
  }
}

/** Three machines in a ring, one of the cables a bad one; programs that play on them. */
function game(seed: number): World {
  const random = new RandomStream(seed, "socket calls");
  const world = new World({ seed });
  const machines = ["a", "b", "c"].map((name, i) =>
    world.boot({
      name,
      cpus: 1 + i % 2,
      backlogPolicy: random.integer(2) === 0 ? "drop" : "reset",
      nic: {
        txRing: 1 + random.integer(4) ** 3,
        rxRing: 1 + random.integer(4) ** 3,
        ...[
          {},
          { napi: false },
          { moderationNs: random.integer(200 * us) },
        ][random.integer(3)],
      },
    })
  ) as [Machine, Machine, Machine];
  const [a, b, c] = machines;
  const share = random.integer(150) / 1_000;
  world.cable(a, b, { loss: share, duplicate: share, reorder: share });
  world.cable(b, c, { latencyNs: 1 * us, jitterNs: 200 * us });
  world.cable(c, a, { cuts: [[2 * ms, 5 * ms], [90 * ms, 1_000 * ms]] });
  for (let i = 0; i < 9; i++) {
    const player: Player = {
      random: new RandomStream(seed, `player ${i}`),
      fds: [],
      handles: [],
      depth: 0,
    };
    machines[i % 3]!.spawn(function* () {
      const fd = yield* socket();
      yield* bind(fd, { port: 80 + (i / 3 | 0) });
      yield* listen(fd, i);
      player.fds.push(fd);
      yield* play(player);
    });
  }
  return world;
}

function assertAddsUp(world: World, seed: number): void {
  world.machines.forEach((machine, index) => {
    const { counts } = machine.snapshot();
    const text = `seed ${seed}, ${machine.name}`;
    assertEquals(fold(world.trace.events(), index).counts, counts, text);
  });
}

/** Everybody is killed, and one machine loses its power: then nothing is left. */
function endAll(world: World, seed: number): void {
  for (const machine of world.machines) {
    if (machine.name === "c" && seed % 3 === 0) machine.pullPlug();
    for (const kill of machine.processes.keys()) {
      world.input({ machine: machine.index, kill });
    }
  }
  const { reason, report } = world.run();
  assertEquals([reason, report], ["done", ""], `seed ${seed}`);
  assertAddsUp(world, seed);
  for (const { name, network, snapshot, counts } of ended(world)) {
    assertEquals(counts.sockets, 0, `seed ${seed}, ${name}: ${snapshot}`);
    assertEquals([...network.connections].length, 0, `seed ${seed}, ${name}`);
  }
}

function ended(world: World) {
  return world.machines.map((machine) => {
    const { counts } = machine.snapshot();
    const { name, network } = machine;
    return { name, network, counts, snapshot: JSON.stringify(counts) };
  });
}

/** One world from its beginning to its end; how many calls there were, and failed. */
export function socketCalls(seed: number): { calls: number; failed: number } {
  const world = game(seed);
  const { reason, report } = world.run({ untilNs: 150 * ms });
  assert(reason !== "panic", `seed ${seed}: ${report}`);
  assertAddsUp(world, seed);
  endAll(world, seed);
  assertWindowsKept(world.trace.events());
  let calls = 0, failed = 0;
  for (const event of world.trace.events()) {
    if (event.kind !== "sys_exit") continue;
    calls++;
    if (!event.ok) failed++;
  }
  return { calls, failed };
}
