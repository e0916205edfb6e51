// What Kettle costs the host: each row is a whole path through the kernel,
// beside a bare generator loop of the same run, since absolute times say more
// about the machine than about the code. Runs on Deno and Bun; medians of five.
//
//   deno task bench            both engines
//   deno run -A bench/bench.ts this engine only

import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  cell,
  clock,
  close,
  connect,
  exit,
  getpid,
  join,
  KiB,
  MiB,
  mkdir,
  nop,
  open,
  pipe,
  pread,
  type Program,
  read,
  readdir,
  type Routine,
  sleep,
  socket,
  submit,
  thread,
  wait,
  write,
  yieldCpu,
} from "kettle";
import { World } from "kettle/world";
import { requestBytes } from "../userland/lib/http.ts";
import httpServer from "../userland/servers/http_submit.ts";

interface Row {
  name: string;
  /** ns per operation (or bytes), goals for Deno and Bun. */
  goal: [deno: number, bun: number];
  unit: "ns" | "bytes";
  measure: () => number;
}

const ENGINE = "Bun" in globalThis ? "bun" : "deno";
const ROUNDS = 5;
/** Enough memory for any number of stacks. */
const PLENTY_BYTES = 2 ** 50;
/** The generator resume loop that the goals were set beside, ns. */
const BARE_AT_GOALS: [number, number] = [21, 23];

const ROWS: Row[] = [
  {
    name: "null trap, trace off",
    goal: [110, 80],
    unit: "ns",
    measure: () => nullTrap(false),
  },
  {
    name: "null trap, trace on",
    goal: [198, 144],
    unit: "ns",
    measure: () => nullTrap(true),
  },
  {
    name: "sleep, 1 thread",
    goal: [400, 300],
    unit: "ns",
    measure: () => sleeps(1, 300_000),
  },
  {
    name: "sleep, 1,000 threads",
    goal: [400, 300],
    unit: "ns",
    measure: () => sleeps(1_000, 500_000),
  },
  {
    name: "sleep, 100,000 threads",
    goal: [1_500, 1_000],
    unit: "ns",
    measure: () => sleeps(100_000, 500_000),
  },
  { name: "pipe round trip", goal: [1_000, 500], unit: "ns", measure: pipes },
  {
    name: "submit + wait of nop",
    goal: [1_000, 500],
    unit: "ns",
    measure: nops,
  },
  {
    name: "a parked thread",
    goal: [1_229, 1_229],
    unit: "bytes",
    measure: parkedBytes,
  },
  {
    // 1 GB/s
    name: "1 MiB of a cached file",
    goal: [1_048_576, 1_048_576],
    unit: "ns",
    measure: cachedReads,
  },
  {
    // 100,000 in 5 s
    name: "a file made, and listed",
    goal: [50_000, 50_000],
    unit: "ns",
    measure: smallFiles,
  },
  {
    // both ends, 100,000 a second; five rounds are a million requests
    name: "HTTP, 10,000 connections",
    goal: [10_000, 10_000],
    unit: "ns",
    measure: httpRequests,
  },
  {
    // both ends of it
    name: "an idle connection",
    goal: [4_096, 4_096],
    unit: "bytes",
    measure: connectionBytes,
  },
];

/** Each row is measured in a process of its own, so that none warms or spoils another. */
function main(): void {
  const row = process.argv.indexOf("--row");
  if (row >= 0) {
    return console.log(
      JSON.stringify(measured(ROWS[+process.argv[row + 1]!]!)),
    );
  }
  console.log(`Kettle on ${ENGINE}: medians of ${ROUNDS} rounds`);
  console.log(line("", "measured", "x bare", "goal", "goal x bare"));
  const goalIndex = ENGINE === "bun" ? 1 : 0;
  ROWS.forEach(({ name, goal: goals, unit }, index) => {
    const { value, ratio } = inChild(index);
    const goal = goals[goalIndex];
    const inBytes = unit === "bytes";
    console.log(line(
      name,
      `${value.toFixed(0)} ${unit}`,
      inBytes ? "" : ratio.toFixed(1),
      `${goal} ${unit}`,
      inBytes ? "" : (goal / BARE_AT_GOALS[goalIndex]).toFixed(1),
    ));
  });
}

interface Measured {
  value: number;
  /** The value over the bare loop's of the same round. */
  ratio: number;
}

function measured({ unit, measure }: Row): Measured {
  const values: number[] = [], ratios: number[] = [];
  for (let round = 0; round < (unit === "bytes" ? 1 : ROUNDS); round++) {
    const bare = bareLoop();
    const value = measure();
    values.push(value);
    ratios.push(value / bare);
  }
  return { value: median(values), ratio: median(ratios) };
}

function inChild(row: number): Measured {
  const file = fileURLToPath(import.meta.url);
  const engineArguments = ENGINE === "deno"
    ? ["run", "-A", "--no-check", "--v8-flags=--expose-gc"]
    : [];
  const printed = execFileSync(
    process.execPath,
    [...engineArguments, file, "--row", String(row)],
    { encoding: "utf8" },
  );
  return JSON.parse(printed);
}

function line(...columns: string[]): string {
  const [name, ...rest] = columns;
  return name!.padEnd(26) + rest.map((text) => text.padStart(13)).join("");
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

/** Host time of `work`, in ns per operation. */
function perOperation(operations: number, work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) * 1e6 / operations;
}

function finish(world: World): void {
  const { reason, report } = world.run();
  if (reason !== "done") throw new Error(`${reason}: ${report}`);
}

// ------------------------------------------------------------- the rows

/** A generator that yields, resumed in a loop: no call, no kernel. */
function bareLoop(): number {
  const count = 2_000_000;
  const routine = yields(count);
  return perOperation(count, () => {
    let step = routine.next();
    while (!step.done) step = routine.next(step.value);
  });
}

function* yields(count: number): Generator<number, void, number> {
  for (let i = 0; i < count; i++) yield i;
}

function nullTrap(trace: boolean): number {
  const count = 1_000_000;
  const world = new World({ trace });
  world.boot().spawn(function* main(): Program {
    for (let i = 0; i < count; i++) yield* getpid();
  });
  return perOperation(count, () => finish(world));
}

/** Threads that sleep random times up to 2 s: wake-ups in random order. */
function sleeps(threads: number, total: number): number {
  const each = Math.ceil(total / threads);
  const world = new World({ trace: false });
  const machine = world.boot({ memory: PLENTY_BYTES });
  const start = threads * 20_000;
  function* sleeper(seed: number): Routine {
    yield* sleep({ until: start });
    let draw = seed;
    for (let i = 0; i < each; i++) {
      draw = (Math.imul(draw, 1664525) + 1013904223) >>> 0;
      yield* sleep(1 + draw % 2_000_000_000);
    }
  }
  machine.spawn(function* main(): Program {
    const tids: number[] = [];
    for (let i = 0; i < threads; i++) tids.push(yield* thread(sleeper, i + 1));
    for (const tid of tids) yield* join(tid);
  });
  world.run({ untilNs: start - 1 });
  return perOperation(each * threads, () => finish(world));
}

/** One byte there and one back between two threads. */
function pipes(): number {
  const count = 200_000;
  const world = new World({ trace: false });
  world.boot().spawn(function* main(): Program {
    const [there, toThere] = yield* pipe();
    const [back, toBack] = yield* pipe();
    yield* thread(function* () {
      for (;;) {
        const byte = yield* read(there, 1);
        if (byte.length === 0) return;
        yield* write(toBack, byte);
      }
    });
    const one = new Uint8Array(1);
    for (let i = 0; i < count; i++) {
      yield* write(toThere, one);
      yield* read(back, 1);
    }
  });
  return perOperation(count, () => finish(world));
}

function nops(): number {
  const count = 300_000;
  const world = new World({ trace: false });
  world.boot().spawn(function* main(): Program {
    for (let i = 0; i < count; i++) {
      const handle = yield* submit(nop());
      yield* wait(handle);
    }
  });
  return perOperation(count, () => finish(world));
}

/** A file of 64 MiB, in memory, read from its beginning in pieces of 64 KiB. */
function cachedReads(): number {
  const mebibytes = 64, passes = 4;
  const world = new World({ trace: false });
  const machine = world.boot({
    memory: 256 * MiB,
    files: { "/home/f": new Uint8Array(mebibytes * MiB) },
  });
  function* readAll(fd: number): Routine {
    for (let at = 0; at < mebibytes * MiB; at += 64 * KiB) {
      const bytes = yield* pread(fd, 64 * KiB, at);
      if (bytes.length !== 64 * KiB) throw new Error("a short read");
    }
  }
  let warm = false;
  machine.spawn(function* main(): Program {
    const fd = yield* open("/home/f");
    yield* readAll(fd);
    warm = true;
    yield* yieldCpu();
    for (let pass = 0; pass < passes; pass++) yield* readAll(fd);
  });
  world.run({ until: () => warm });
  return perOperation(mebibytes * passes, () => finish(world));
}

/** 100,000 files of 100 bytes in 100 directories, made and then listed. */
function smallFiles(): number {
  const directories = 100, each = 1_000;
  const world = new World({ trace: false });
  const content = new Uint8Array(100);
  world.boot({ memory: 1024 * MiB }).spawn(function* main(): Program {
    for (let d = 0; d < directories; d++) {
      yield* mkdir(`/home/${d}`);
      for (let i = 0; i < each; i++) {
        const fd = yield* open(`/home/${d}/file-${i}`, "w");
        yield* write(fd, content);
        yield* close(fd);
      }
    }
    for (let d = 0; d < directories; d++) {
      const { length } = yield* readdir(`/home/${d}`);
      if (length !== each) throw new Error(`${length} names`);
    }
  });
  return perOperation(directories * each, () => finish(world));
}

const CONNECTIONS = 10_000;
/** A process has 1,024 descriptors. */
const CONNECTIONS_EACH = 1_000;

/**
 * The event loop in ten processes, and ten crowds that keep their connections:
 * each connection asks `rounds` times. `idle` tells when all are connected.
 */
function httpWorld(rounds: number) {
  const crowds = CONNECTIONS / CONNECTIONS_EACH;
  const world = new World({ trace: false });
  const boot = (name: string) =>
    world.boot({ name, memory: PLENTY_BYTES, nic: { rxRing: 4096 } });
  const www = boot("www"), clients = boot("clients");
  world.cable(www, clients, { bitsPerSecond: 10_000_000_000 });
  www.spawn(httpServer, ["-w", String(crowds), "-b", "4096"]);
  const question = requestBytes("www", "/", true);
  const startNs = 10_000_000_000;
  let connected = 0, answers = 0;
  // One after the other, so that no burst is larger than the ring of the card.
  const startOf = (crowd: number) => startNs + crowd * 5_000_000;
  function* crowd([number]: string[]): Program {
    const fds: number[] = [];
    for (let i = 0; i < CONNECTIONS_EACH; i++) {
      const fd = yield* socket();
      yield* connect(fd, { host: "www", port: 80 });
      fds.push(fd);
      connected++;
    }
    yield* sleep({ until: startOf(Number(number)) });
    const left = new Map(fds.map((fd) => [fd, rounds]));
    for (const fd of fds) {
      yield* submit(read(fd, 4096), { multishot: true });
      yield* submit(write(fd, question));
    }
    while (left.size > 0) {
      for (const event of yield* wait()) {
        if (event.call !== "read") continue;
        answers++;
        const more = left.get(event.fd)! - 1;
        left.set(event.fd, more);
        if (more === 0) left.delete(event.fd);
        else yield* submit(write(event.fd, question));
      }
    }
    yield* exit();
  }
  world.run({ untilNs: 100_000_000 });
  const start = () => {
    for (let i = 0; i < crowds; i++) clients.spawn(crowd, [`${i}`]);
    world.run({ untilNs: startNs - 1 });
    if (connected !== CONNECTIONS) throw new Error(`${connected} connections`);
  };
  const finish = () => {
    world.run();
    const all = CONNECTIONS * rounds;
    if (answers !== all) throw new Error(`${answers} of ${all} answers`);
  };
  return { world, start, finish };
}

function httpRequests(): number {
  const rounds = 20;
  const { start, finish } = httpWorld(rounds);
  start();
  return perOperation(CONNECTIONS * rounds, finish);
}

/** Host memory of a connection that nobody uses: server, client, both sockets. */
function connectionBytes(): number {
  const { world, start } = httpWorld(1);
  const before = heapBytes();
  start();
  const bytes = (heapBytes() - before) / CONNECTIONS;
  if (world.machines.length !== 2) throw new Error("the world is gone");
  return bytes;
}

/** Host memory of a thread that waits on a cell, generator and all. */
function parkedBytes(): number {
  const count = 50_000;
  const world = new World({ trace: false });
  const never = cell(0);
  function* parked(): Routine {
    yield* sleep({ until: 1e15 + never.value });
  }
  world.boot({ memory: PLENTY_BYTES }).spawn(function* main(): Program {
    yield* clock();
    for (let i = 0; i < count; i++) yield* thread(parked);
    yield* sleep({ until: 1e15 });
  });
  const before = heapBytes();
  world.run({ untilNs: 1e12 });
  const after = heapBytes();
  if (world.now !== 1e12) throw new Error("the threads are not parked");
  return (after - before) / count;
}

/** Bytes in use after a collection. */
function heapBytes(): number {
  const host = globalThis as {
    gc?: () => void;
    Bun?: { gc(force: boolean): void };
    process?: { memoryUsage(): { heapUsed: number } };
  };
  host.Bun?.gc(true);
  host.gc?.();
  host.gc?.();
  return host.process!.memoryUsage().heapUsed;
}

main();
