// Who has the CPU, to the nanosecond: costs of traps, switches, interrupts and
// callbacks; turns under rr; fcfs; several CPUs; preemption on wake-up.

import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  clock,
  compute,
  gettid,
  join,
  type Main,
  ms,
  nop,
  open,
  pipe,
  pread,
  type Program,
  push,
  read,
  type Routine,
  setpriority,
  sleep,
  spawn,
  submit,
  thread,
  us,
  wait,
  waitpid,
  write,
  yieldCpu,
} from "kettle";
import {
  DEFAULT_COSTS,
  type MachineOptions,
  run,
  type TraceEvent,
  World,
} from "kettle/world";

import { SCHEDULERS } from "../../kernel/scheduler.ts";

const {
  syscallNs,
  contextSwitchNs,
  threadCreateNs,
  callbackNs,
  interruptNs,
  copyPerKiBNs,
  execNs,
} = DEFAULT_COSTS;

/** How long a program takes on a machine of its own, ns. */
function elapsed(main: Main, machine: MachineOptions = {}): number {
  const result = run(main, { machine });
  assertEquals([result.reason, result.stderr], ["done", ""]);
  return result.elapsedNs;
}

// ------------------------------------------------------------- costs

test("a program that does nothing costs the switch to it", () => {
  assertEquals(elapsed(function* () {}), contextSwitchNs);
});

test("each trap costs what a system call costs", () => {
  const time = elapsed(function* () {
    for (let i = 0; i < 7; i++) yield* nop();
  });
  assertEquals(time, contextSwitchNs + 7 * syscallNs);
});

test("compute takes its time and nothing else", () => {
  const time = elapsed(function* () {
    yield* compute(12_345);
  });
  assertEquals(time, contextSwitchNs + 12_345);
});

test("copying a KiB in and out is paid for", () => {
  const time = elapsed(function* () {
    const [readEnd, writeEnd] = yield* pipe();
    yield* write(writeEnd, new Uint8Array(2048));
    yield* read(readEnd, 4096);
  });
  assertEquals(time, contextSwitchNs + 3 * syscallNs + 4 * copyPerKiBNs);
});

test("who waits alone gets the CPU back without a switch", () => {
  const time = elapsed(function* () {
    yield* sleep(10 * us);
  });
  assertEquals(time, contextSwitchNs + syscallNs + 10 * us);
});

test("a thread costs its making, and a switch there and back", () => {
  const time = elapsed(function* () {
    yield* join(yield* thread(function* worker() {}));
  });
  assertEquals(time, threadCreateNs + 2 * syscallNs + 3 * contextSwitchNs);
});

test("a spawn costs a thread's making and the loading of a program", () => {
  const time = elapsed(function* () {
    yield* spawn(function* child() {});
    yield* waitpid();
  });
  assertEquals(
    time,
    threadCreateNs + execNs + 2 * syscallNs + 3 * contextSwitchNs,
  );
});

test("a submit, a wait and a poll cost a trap each", () => {
  const time = elapsed(function* () {
    yield* wait(yield* submit(nop()));
  });
  assertEquals(time, contextSwitchNs + 2 * syscallNs);
});

test("a callback costs its delivery, once", () => {
  const time = elapsed(function* () {
    yield* push(nop(), () => {});
    yield* nop();
  });
  assertEquals(time, contextSwitchNs + 2 * syscallNs + callbackNs);
});

test("an interrupt takes its time from whoever computes", () => {
  const body = function* (): Routine {
    const fd = yield* open("/f");
    yield* sleep({ until: 100 * ms });
    yield* submit(pread(fd, 1, 0));
    yield* compute(50 * ms);
  };
  const options = { files: { "/f": "abc" } };
  const time = elapsed(body, options);
  assertEquals(time, 100 * ms + syscallNs + 50 * ms + interruptNs);
});

test("with costs none, only what is asked for takes time", () => {
  const time = elapsed(function* () {
    yield* join(
      yield* thread(function* worker() {
        yield* compute(5);
      }),
    );
    yield* sleep(7);
    yield* push(nop(), () => {});
    yield* nop();
  }, { costs: "none" });
  assertEquals(time, 12);
});

test("a cost that is not given keeps its default", () => {
  const time = elapsed(function* () {
    yield* nop();
  }, { costs: { syscallNs: 1_000 } });
  assertEquals(time, contextSwitchNs + 1_000);
});

// ------------------------------------------------------------- turns

interface Turn {
  at: number;
  name: string;
}

/** Who got the CPU, and when. */
function turns(programs: Main[], options: MachineOptions): Turn[] {
  const world = new World();
  const machine = world.boot({ costs: "none", ...options });
  for (const main of programs) machine.spawn(main);
  assertEquals(world.run().reason, "done");
  const names = new Map<number, string>();
  const found: Turn[] = [];
  for (const event of world.trace.events()) {
    if (event.kind === "thread_create") names.set(event.tid, event.name);
    if (event.kind === "sched_switch" && event.next !== 0) {
      found.push({ at: event.at, name: names.get(event.next)! });
    }
  }
  return found;
}

function burner(name: string, timeNs: number): Main {
  const main: Main = function* () {
    yield* compute(timeNs);
  };
  Object.defineProperty(main, "name", { value: name });
  return main;
}

test("rr gives turns of a quantum, in order, until the work is done", () => {
  const programs = [
    burner("a", 7 * ms),
    burner("b", 4 * ms),
    burner("c", 1 * ms),
  ];
  assertEquals(turns(programs, { quantumNs: 3 * ms }), [
    { at: 0, name: "a" },
    { at: 3 * ms, name: "b" },
    { at: 6 * ms, name: "c" },
    { at: 7 * ms, name: "a" },
    { at: 10 * ms, name: "b" },
    { at: 11 * ms, name: "a" },
  ]);
});

test("a switch is paid out of the turn it begins", () => {
  const found = turns([burner("a", 5 * ms), burner("b", 5 * ms)], {
    quantumNs: 3 * ms,
    costs: { contextSwitchNs: 1_500 },
  });
  assertEquals(found.map(({ at }) => at), [0, 3 * ms, 6 * ms, 8_003_000]);
});

test("fcfs never takes the CPU away", () => {
  const programs = [burner("a", 70 * ms), burner("b", 40 * ms)];
  assertEquals(turns(programs, { scheduler: "fcfs" }), [
    { at: 0, name: "a" },
    { at: 70 * ms, name: "b" },
  ]);
});

/** CPU time of each name until `untilNs`. */
function shares(
  programs: Main[],
  options: MachineOptions,
  untilNs: number,
): Record<string, number> {
  const world = new World();
  const machine = world.boot({ costs: "none", ...options });
  for (const main of programs) machine.spawn(main);
  world.run({ untilNs });
  const used: Record<string, number> = {};
  for (const process of machine.processes.values()) {
    for (const thread of process.threads.values()) {
      used[process.name] = thread.usedNs;
    }
  }
  return used;
}

function weighted(name: string, weight: number): Main {
  const main: Main = function* () {
    yield* setpriority(yield* gettid(), weight);
    for (;;) yield* compute(1 * ms);
  };
  Object.defineProperty(main, "name", { value: name });
  return main;
}

test("fair shares the CPU by weight", () => {
  const programs = [
    weighted("one", 1),
    weighted("two", 2),
    weighted("five", 5),
  ];
  const found = shares(programs, { scheduler: "fair" }, 8_000 * ms);
  const expected = { one: 1_000, two: 2_000, five: 5_000 };
  for (const [name, share] of Object.entries(expected)) {
    assert(Math.abs(found[name]! / ms - share) < 25, `${name} ${found[name]}`);
  }
});

test("under fair a late comer gets its share from now on, and no more", () => {
  const late: Main = function* late() {
    yield* sleep(1_000 * ms);
    for (;;) yield* compute(1 * ms);
  };
  const found = shares(
    [late, weighted("a", 10)],
    { scheduler: "fair" },
    2_000 * ms,
  );
  assert(Math.abs(found.late! - 500 * ms) < 4 * ms, `${found.late}`);
});

test("under mlfq who uses up its turn comes after those who do not", () => {
  // rr would let the short one wait for the long one's turns, mlfq only at first
  const short: Main = function* short() {
    for (let i = 0; i < 4; i++) {
      yield* sleep(10 * ms);
      yield* compute(1 * ms);
    }
  };
  const found = turns([burner("long", 60 * ms), short], {
    scheduler: "mlfq",
    quantumNs: 3 * ms,
    wakeupPreemption: true,
  });
  assertEquals(found, [
    { at: 0, name: "long" },
    { at: 3 * ms, name: "short" },
    { at: 3 * ms, name: "long" },
    { at: 13 * ms, name: "short" },
    { at: 14 * ms, name: "long" },
    { at: 24 * ms, name: "short" },
    { at: 25 * ms, name: "long" },
    { at: 35 * ms, name: "short" },
    { at: 36 * ms, name: "long" },
    { at: 46 * ms, name: "short" },
    { at: 47 * ms, name: "long" },
  ]);
});

test("under mlfq nobody keeps its level by giving up the CPU just in time", () => {
  const gamer: Main = function* gamer() {
    for (;;) {
      yield* compute(2.9 * ms);
      yield* sleep(1);
    }
  };
  const found = shares(
    [gamer, weighted("honest", 10)],
    { scheduler: "mlfq", quantumNs: 3 * ms },
    900 * ms,
  );
  // were its level kept, it would have nearly all
  assert(found.gamer! < 550 * ms, `${found.gamer! / ms} ms`);
});

test("under mlfq all come up again every second: nobody starves", () => {
  const busy = (name: string): Main => {
    const main: Main = function* () {
      for (;;) {
        yield* compute(1 * ms);
        yield* sleep(1);
      }
    };
    Object.defineProperty(main, "name", { value: name });
    return main;
  };
  // two that hardly use their turns fill the CPU; the third would come never
  const found = shares(
    [weighted("low", 10), busy("x"), busy("y"), busy("z")],
    { scheduler: "mlfq", quantumNs: 1_000 * ms },
    5_000 * ms,
  );
  assert(found.low! > 400 * ms, `${found.low! / ms} ms`);
});

test("under every policy work gets done though a turn is hardly longer than a switch", () => {
  for (const scheduler of SCHEDULERS) {
    const { reason, world } = run(function* (): Program {
      function* worker(): Routine {
        for (let i = 0; i < 20; i++) {
          yield* compute(50 * us);
          yield* sleep(1 * us);
        }
      }
      const tids: number[] = [];
      for (let n = 0; n < 8; n++) tids.push(yield* thread(worker));
      for (const tid of tids) yield* join(tid);
    }, { machine: { scheduler, quantumNs: 5 * us } });
    assertEquals(reason, "done", scheduler);
    assert(world.steps < 20_000, `${scheduler}: ${world.steps} steps`);
  }
});

test("a scheduler that nobody knows is refused with those there are", () => {
  assertThrows(
    () => new World().boot({ scheduler: "cfs" as never }),
    TypeError,
    'scheduler must be one of "rr", "fcfs", "fair", "mlfq": received cfs',
  );
});

test("a compute alone on its CPU is not sliced", () => {
  const { world } = run(burner("alone", 1_000 * ms), {
    machine: { costs: "none" },
  });
  const switches = [...world.trace.events()].filter((event) =>
    event.kind === "sched_switch" && event.next !== 0
  );
  assertEquals(switches.length, 1);
  assert(world.steps < 10, `${world.steps} steps`);
});

test("a compute that ran alone is cut at the end of its turn when somebody wakes", () => {
  const waker: Main = function* waker() {
    yield* sleep(10 * ms);
    yield* compute(1 * ms);
  };
  assertEquals(turns([waker, burner("a", 30 * ms)], { quantumNs: 3 * ms }), [
    { at: 0, name: "waker" },
    { at: 0, name: "a" },
    { at: 12 * ms, name: "waker" }, // turns of a end at 3, 6, 9, 12 ms
    { at: 13 * ms, name: "a" },
  ]);
});

test("with wakeupPreemption a woken thread runs at once", () => {
  const waker: Main = function* waker() {
    yield* sleep(10 * ms);
    yield* compute(1 * ms);
  };
  const options = { quantumNs: 3 * ms, wakeupPreemption: true };
  const found = turns([waker, burner("a", 30 * ms)], options);
  assertEquals(found.slice(-2), [
    { at: 10 * ms, name: "waker" },
    { at: 11 * ms, name: "a" },
  ]);
});

test("threads that are woken at one instant preempt in the order in which they came", () => {
  const sleeper = (name: string): Main => {
    const main: Main = function* () {
      yield* sleep({ until: 10 * ms });
      yield* compute(1 * ms);
    };
    Object.defineProperty(main, "name", { value: name });
    return main;
  };
  const found = turns(
    [sleeper("one"), sleeper("two"), sleeper("three"), burner("a", 30 * ms)],
    { wakeupPreemption: true },
  );
  assertEquals(found.slice(-4), [
    { at: 10 * ms, name: "one" },
    { at: 11 * ms, name: "two" },
    { at: 12 * ms, name: "three" },
    { at: 13 * ms, name: "a" },
  ]);
});

test("two CPUs do two things at once, and a third waits for the first that is free", () => {
  const programs = [
    burner("a", 5 * ms),
    burner("b", 8 * ms),
    burner("c", 2 * ms),
  ];
  const found = turns(programs, { cpus: 2, scheduler: "fcfs" });
  assertEquals(found, [
    { at: 0, name: "a" },
    { at: 0, name: "b" },
    { at: 5 * ms, name: "c" },
  ]);
});

test("yieldCpu lets the others go first", () => {
  const { result } = run(function* () {
    const log: string[] = [];
    const tid = yield* thread(function* other() {
      log.push("other");
      yield* nop();
    });
    log.push("main");
    yield* yieldCpu();
    log.push("main again");
    yield* join(tid);
    return log as never;
  });
  assertEquals(result, ["main", "other", "main again"]);
});

// ------------------------------------------------------------- compute and callbacks

test("callbacks cut a compute to the nanosecond and never lose any of it", () => {
  const { result, elapsedNs } = run(function* () {
    const at: number[] = [];
    for (const time of [1_001, 5_003, 77_777]) {
      yield* push(sleep({ until: time }), function* callback() {
        at.push(yield* clock());
        yield* compute(10);
      });
    }
    yield* compute(100_000);
    return at as never;
  }, { machine: { costs: "none" } });
  assertEquals(result, [1_001, 5_003, 77_777]);
  assertEquals(elapsedNs, 100_030);
});

test("a callback does not disturb the compute of another thread", () => {
  const { result } = run(function* () {
    const ends: number[] = [];
    const tid = yield* thread(function* worker() {
      yield* compute(10 * ms);
      ends.push(yield* clock());
    });
    yield* push(sleep(1 * ms), () => {});
    yield* join(tid);
    return ends as never;
  }, { machine: { costs: "none", cpus: 2 } });
  assertEquals(result, [10 * ms]);
});

test("a compute of no time, or of less, is told so", () => {
  const { result, elapsedNs } = run(function* () {
    yield* compute(0);
    const codes: string[] = [];
    for (const time of [-1, NaN, Infinity, "1" as unknown as number]) {
      try {
        yield* compute(time);
      } catch (error) {
        codes.push((error as { code: string }).code);
      }
    }
    return codes as never;
  }, { machine: { costs: "none" } });
  assertEquals(result, ["EINVAL", "EINVAL", "EINVAL", "EINVAL"]);
  assertEquals(elapsedNs, 0);
});

// ------------------------------------------------------------- by chance

/** A small generator of its own: the same numbers everywhere. */
function drawsFrom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below;
  };
}

/** Work, sleep, callbacks and threads by chance; adds up the work per thread. */
function* busy(
  draw: (below: number) => number,
  asked: Map<number, number>,
  depth: number,
): Routine {
  const me = yield* gettid();
  const work = function* (timeNs: number): Routine {
    asked.set(me, (asked.get(me) ?? 0) + timeNs);
    yield* compute(timeNs);
  };
  for (let i = 0; i < 12; i++) {
    switch (draw(6)) {
      case 0:
        yield* sleep(draw(2 * ms));
        break;
      case 1:
        yield* push(sleep(draw(3 * ms)), () => work(draw(500 * us)));
        break;
      case 2:
        yield* yieldCpu();
        break;
      case 3:
        if (depth < 2) {
          yield* thread((deeper) => busy(draw, asked, deeper), depth + 1);
        }
        break;
      default:
        yield* work(draw(5 * ms));
    }
  }
  yield* sleep({ until: 1_000 * ms });
}

/** What the trace says about who ran, when. */
class Ran {
  readonly totals = new Map<number, number>();
  readonly #ready = new Set<number>();
  readonly #since = new Map<number, number>();
  readonly #running: number[];
  #at = 0;

  constructor(cpus: number) {
    this.#running = Array.from({ length: cpus }, () => 0);
  }

  add(event: TraceEvent): void {
    if (event.at > this.#at) this.#assertNoneIdle();
    this.#at = event.at;
    if (event.kind === "thread_create" || event.kind === "sched_wakeup") {
      this.#ready.add(event.tid);
    }
    if (event.kind === "sched_switch") this.#switch(event);
  }

  #switch(event: TraceEvent & { kind: "sched_switch" }): void {
    const { cpu, tid, next, at, prevState } = event;
    assertEquals(this.#running[cpu], tid, "who leaves is who ran");
    if (tid !== 0) {
      const ran = at - this.#since.get(tid)!;
      this.totals.set(tid, (this.totals.get(tid) ?? 0) + ran);
      if (prevState === "ready") this.#ready.add(tid);
    }
    if (next !== 0) {
      assert(this.#ready.delete(next), `${next} was not ready`);
      assertEquals(this.#running.includes(next), false, "on one CPU only");
      this.#since.set(next, at);
    }
    this.#running[cpu] = next;
  }

  #assertNoneIdle(): void {
    if (!this.#running.includes(0)) return;
    assertEquals(this.#ready.size, 0, `ready and idle at ${this.#at}`);
  }
}

test("no CPU idles while somebody is ready, and every work takes exactly its time", () => {
  const seed = 77;
  console.log(`seeds ${seed} to ${seed + 23}`);
  for (let i = 0; i < 24; i++) {
    const cpus = 1 + i % 4;
    const world = new World();
    const machine = world.boot({
      costs: "none",
      cpus,
      quantumNs: i % 3 === 0 ? 100 * us : 3 * ms,
      scheduler: SCHEDULERS[i % 5 % 4]!,
      wakeupPreemption: i % 2 === 0,
    });
    const asked = new Map<number, number>();
    const draw = drawsFrom(seed + i);
    for (let n = 0; n < 3; n++) machine.spawn(() => busy(draw, asked, 0));
    assertEquals(world.run().reason, "done");
    const ran = new Ran(cpus);
    for (const event of world.trace.events()) ran.add(event);
    for (const [tid, time] of asked) {
      assertEquals(
        ran.totals.get(tid),
        time,
        `thread ${tid}, seed ${seed + i}`,
      );
    }
  }
});
