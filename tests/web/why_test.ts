// "Why is this thread not running?" for every thread at every instant of random
// runs: the sentence is there, and it agrees with what the kernel itself says of
// that thread at that instant. The same world is run twice: once whole, for its
// trace, and once up to each event and a nanosecond before and after it, where
// the kernel is looked at.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import process from "node:process";
import { test } from "node:test";
import {
  accept,
  bind,
  cell,
  close,
  compute,
  connect,
  futexWait,
  futexWake,
  join,
  kill,
  listen,
  mask,
  ms,
  Mutex,
  open,
  pause,
  pipe,
  poll,
  type Program,
  push,
  random,
  read,
  ready,
  type Routine,
  sleep,
  socket,
  spawn,
  submit,
  thread,
  us,
  wait,
  waitpid,
  within,
  write,
  yieldCpu,
} from "kettle";
import { type Machine, World } from "kettle/world";
import type { Thread } from "../../web/trace/machine_lanes.ts";
import { TraceModel } from "../../web/trace/trace_model.ts";
import { asText, explain } from "../../web/trace/why.ts";

const WORKERS = 3;
const CPU_STATES = ["run", "kernel", "callback"];

// ------------------------------------------------------------- the programs

/** What the threads of one process share. */
interface Shared {
  mutex: Mutex;
  from: number;
  to: number;
  gate: ReturnType<typeof cell>;
}

type Deed = (shared: Shared, draw: () => number) => Routine<unknown>;

const DEEDS: { [name: string]: Deed } = {
  *work(_shared, draw) {
    yield* compute(Math.floor(draw() * 200 * us));
  },
  *nap(_shared, draw) {
    yield* sleep(Math.floor(draw() * 300 * us));
  },
  *yields() {
    yield* yieldCpu();
  },
  *file(_shared, draw) {
    const fd = yield* open("/home/big", "r");
    for (let i = 0; i < 2; i++) yield* read(fd, 1 + Math.floor(draw() * 9000));
    yield* close(fd);
  },
  *save(_shared, draw) {
    const fd = yield* open(`/home/new${Math.floor(draw() * 3)}`, "w");
    yield* write(fd, "x".repeat(Math.floor(draw() * 9000)));
    yield* close(fd);
  },
  *lock({ mutex }, draw) {
    yield* mutex.lock();
    yield* compute(Math.floor(draw() * 60 * us));
    yield* sleep(Math.floor(draw() * 60 * us));
    yield* mutex.unlock();
  },
  *gate({ gate }, draw) {
    if (draw() < 0.5) yield* futexWake(gate);
    else {
      try {
        yield* within(200 * us, futexWait(gate, 0));
      } catch { /* nobody came */ }
    }
  },
  *pipe({ from, to }, draw) {
    if (draw() < 0.6) return yield* write(to, "a few bytes");
    try {
      yield* within(300 * us, read(from, 8));
    } catch { /* nobody wrote */ }
  },
  *polls({ from }, draw) {
    const handle = yield* submit(within(250 * us, read(from, 1)));
    yield* poll(handle);
    if (draw() < 0.5) yield* compute(80 * us);
    yield* wait(handle);
  },
  *waits(_shared, draw) {
    yield* submit(sleep(Math.floor(draw() * 100 * us)));
    yield* submit(sleep(Math.floor(draw() * 200 * us)));
    while ((yield* poll()).length < 1) yield* sleep(50 * us);
    yield* wait(undefined, { timeout: 10 * us });
  },
  *whistles(_shared, draw) {
    yield* push(sleep(Math.floor(draw() * 90 * us)), function* () {
      yield* compute(7 * us);
    });
    if (draw() < 0.5) yield* compute(120 * us);
    else yield* pause();
  },
  *masks(_shared, draw) {
    yield* mask("all");
    yield* push(sleep(20 * us), function* () {
      yield* compute(2 * us);
    });
    yield* draw() < 0.5 ? compute(60 * us) : sleep(60 * us);
    yield* mask("none");
  },
  *child(_shared, draw) {
    const rest = Math.floor(draw() * 150 * us);
    const late = Math.floor(draw() * 300 * us);
    const pid = yield* spawn(function* child(): Program {
      yield* sleep(rest);
    });
    if (draw() < 0.4) yield* kill(pid, draw() < 0.5 ? "STOP" : "KILL");
    yield* sleep(late);
    try {
      yield* kill(pid, "CONT");
    } catch { /* it has ended */ }
    yield* waitpid(pid);
  },
  *brother(_shared, draw) {
    const rest = Math.floor(draw() * 90 * us);
    const tid = yield* thread(function* (): Routine {
      yield* compute(rest);
    });
    yield* join(tid);
  },
  *talk(_shared, draw) {
    const fd = yield* socket("stream");
    try {
      yield* within(3 * ms, connect(fd, { host: "localhost", port: 80 }));
      yield* write(fd, "hello");
      yield* within(1 * ms, ready(fd, "in"));
      yield* read(fd, 1 + Math.floor(draw() * 20));
    } catch { /* nobody was there */ }
    yield* close(fd);
  },
};
const NAMES = Object.keys(DEEDS);

function* serves(): Program {
  const fd = yield* socket("stream");
  yield* bind(fd, { port: 80 });
  yield* listen(fd, 2);
  for (let i = 0; i < 6; i++) {
    const guest = yield* accept(fd);
    yield* read(guest, 10);
    yield* compute(40 * us);
    yield* write(guest, "welcome");
    yield* close(guest);
  }
}

function* keys(): Program {
  const fd = yield* open("/dev/tty", "r");
  yield* read(fd, 10);
  yield* read(fd, 10);
}

/** Nobody answers at /dev/host here. */
function* asks(): Program {
  const fd = yield* open("/dev/host", "r+");
  yield* write(fd, '{"ask":"edit","path":"/home/big"}\n');
  yield* read(fd, 100);
}

function busy(plan: string[][]) {
  return function* busy(): Program {
    const [from, to] = yield* pipe();
    const shared = { mutex: new Mutex(), from, to, gate: cell(0) };
    const tids: number[] = [];
    for (const deeds of plan) {
      const seed = yield* random(tids.length);
      tids.push(
        yield* thread(function* (): Routine {
          let state = Math.floor(seed * 2 ** 30);
          const draw = () => {
            state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
            return state / 0x80000000;
          };
          for (const name of deeds) yield* DEEDS[name]!(shared, draw);
        }),
      );
    }
    for (const tid of tids) yield* join(tid);
  };
}

interface Setting {
  seed: number;
  cpus: number;
  scheduler: "rr" | "fcfs" | "mlfq" | "fair";
  free: boolean;
  plan: string[][];
}

const setting: fc.Arbitrary<Setting> = fc.record({
  seed: fc.nat(1e6),
  cpus: fc.integer({ min: 1, max: 3 }),
  scheduler: fc.constantFrom("rr", "fcfs", "mlfq", "fair"),
  free: fc.boolean(),
  plan: fc.array(
    fc.array(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 5 }),
    { minLength: WORKERS, maxLength: WORKERS },
  ),
});

function worldOf({ seed, cpus, scheduler, free, plan }: Setting) {
  const world = new World({ seed });
  const machine = world.boot({
    cpus,
    scheduler,
    quantumNs: 30 * us,
    costs: free ? "none" : undefined,
    files: { "/home/big": "big ".repeat(50_000) },
  });
  machine.spawn(busy(plan), [], { name: "busy" });
  machine.spawn(serves, [], { name: "serves" });
  machine.spawn(keys, [], { name: "keys", console: true });
  machine.attachHost({ asked: () => {}, withdrawn: () => {} });
  machine.spawn(asks, [], { name: "asks" });
  return { world, machine };
}

const UNTIL_NS = 60 * ms;

function runTo(world: World, machine: Machine, atNs: number): void {
  if (world.now < 2 * ms && atNs >= 2 * ms) {
    world.run({ untilNs: 2 * ms });
    machine.type("k\r");
  }
  world.run({ untilNs: atNs });
}

// ------------------------------------------------------------- what the kernel says

/** What one thread is at an instant, as the kernel has it. */
interface Seen {
  state: string;
  stoppedBy: string;
  zombie: boolean;
}

function seen(machine: Machine): Map<number, Seen> {
  const all = new Map<number, Seen>();
  const { threads, processes } = machine.snapshot();
  for (const { tid, pid, state, why } of threads) {
    const stoppedBy = machine.processes.get(pid)?.stoppedBy ?? null;
    all.set(tid, {
      state: state === "waiting" ? why || "event" : state,
      stoppedBy: stoppedBy === null ? "" : `SIG${stoppedBy}`,
      zombie: false,
    });
  }
  for (const { pid, state } of processes) {
    if (state !== "zombie" || all.has(pid)) continue;
    all.set(pid, { state: "ended", stoppedBy: "", zombie: true });
  }
  return all;
}

/** Every instant of the trace, a nanosecond before and one after. */
function instants(world: World): number[] {
  const all = new Set<number>();
  for (const { at } of world.trace.events()) {
    for (const each of [at - 1, at, at + 1]) if (each >= 0) all.add(each);
  }
  return [...all].filter((at) => at < UNTIL_NS).sort((a, b) => a - b);
}

function threadsOf(model: TraceModel): Thread[] {
  return [...model.lanes()].flatMap((lane) => model.threadOf(lane) ?? []);
}

/** The sentence of a thread, and that it fits what the kernel saw. */
function checkThread(
  model: TraceModel,
  thread: Thread,
  at: number,
  told: Seen | undefined,
): string {
  const { lane, bornNs, endedNs } = thread;
  const where = `tid ${thread.tid} (${lane.name}) at ${at}`;
  const explanation = explain(model, lane.id, at);
  assert(explanation !== null, where);
  const text = asText(explanation.answer);
  assert(/^\S.*\.$/.test(text), `${where}: ${text}`);
  const own = explanation.answer.filter(({ style }) => style !== "code");
  const bad = /undefined|NaN|Infinity|\.\.| {2}/;
  assert(!bad.test(asText(own)), `${where}: ${text}`);
  assert(explanation.question.endsWith("?"), where);
  if (at < bornNs) assert(text.includes("did not exist yet"), text);
  else if (at >= endedNs) {
    assert(text.includes("had ended"), `${where}: ${text}`);
    const isMain = thread.tid === thread.pid;
    if (told?.zombie && isMain && endedNs === thread.process?.endedNs) {
      assert(text.includes("zombie"), `${where}: ${text}`);
    }
  } else {
    assert(told !== undefined, `${where}: the kernel knows no such thread`);
    checkState(model, thread, at, told, text);
  }
  return text;
}

function checkState(
  model: TraceModel,
  { lane }: Thread,
  at: number,
  { state, stoppedBy }: Seen,
  text: string,
): void {
  const slice = lane.at(at);
  const where = `${lane.id} ${lane.name} at ${at}: ${text}`;
  if (stoppedBy !== "" && state !== "running") {
    return assert(text.includes(`stopped by ${stoppedBy}`), where);
  }
  const shown = slice === null
    ? "nothing"
    : CPU_STATES.includes(slice.state)
    ? "running"
    : slice.state;
  assertEquals(shown, state, where);
  if (state === "ready") {
    assert(text.includes("ready, and queued for a CPU"), where);
    assert(/No CPU is busy|Cpu \d is taken by/.test(text), where);
  }
  if (state !== "running" && state !== "ready") {
    assert(text.includes(" waits for "), where);
    assert(model.threadOf(lane) !== null);
  }
}

function check(setting: Setting): Set<string> {
  const whole = worldOf(setting);
  runTo(whole.world, whole.machine, UNTIL_NS);
  const model = new TraceModel();
  model.addAll(whole.world.trace.events());
  model.now = whole.world.now;
  const threads = threadsOf(model);
  const { world, machine } = worldOf(setting);
  const words = new Set<string>();
  for (const at of instants(whole.world)) {
    runTo(world, machine, at);
    const told = seen(machine);
    for (const thread of threads) {
      const text = checkThread(model, thread, at, told.get(thread.tid));
      words.add(text.replaceAll(/\d[\d.,]*/g, "0"));
    }
  }
  return words;
}

/** What every run of the test has in it. */
const ALWAYS: [Setting][] = [1, 2].map((cpus) => [{
  seed: cpus,
  cpus,
  scheduler: "rr",
  free: false,
  plan: [
    ["child", "child", "masks", "masks", "child", "file"],
    ["child", "whistles", "child", "lock", "pipe", "child"],
    ["brother", "talk", "lock", "child", "gate", "child"],
  ],
}]);

test("at every instant of a random run each thread has a sentence that agrees with the kernel", () => {
  const words = new Set<string>();
  fc.assert(
    fc.property(setting, (setting) => {
      for (const text of check(setting)) words.add(text);
    }),
    { numRuns: Number(process.env.WHY_RUNS ?? 8), seed: 6, examples: ALWAYS },
  );
  const all = [...words].join("\n");
  for (
    const wanted of [
      "runs. It has cpu",
      "waits for the disk",
      "waits for a timer",
      "waits for a lock",
      "waits for a pipe",
      "waits for the network",
      "waits for keys",
      "waits for a thread to end",
      "is ready, and queued",
      "The CPU switches to",
      "The kernel works for",
      "to run its callback",
      "did not exist yet",
      "had ended with status",
      "It is a zombie",
      "is stopped by SIGSTOP",
      "masked since",
      "waits for a child to end",
      "An interrupt from",
      "asks waits for the host",
    ]
  ) assert(all.includes(wanted), `nothing says "${wanted}"`);
});
