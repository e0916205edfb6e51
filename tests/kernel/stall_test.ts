// A world that waits for the host to compile a program: whether it has to leaves
// no mark, in time or in the trace, and whatever comes meanwhile is survived.

import { test } from "node:test";
import { assertEquals, assertNotEquals } from "@std/assert";
import {
  compute,
  exec,
  type Main,
  ms,
  type Program,
  spawn,
  thread,
  us,
  waitpid,
  write,
} from "kettle";
import {
  type Loaded,
  type Machine,
  type MachineOptions,
  type ProgramLoader,
  World,
} from "kettle/world";

const PROGRAMS: Record<string, Main> = {
  *hello(args): Program {
    yield* compute(30 * us);
    yield* write(1, args.join(" "));
  },
  *other(): Program {
    yield* exec("/hello", ["again"]);
  },
};
const FILES = { "/hello": "hello", "/other": "other" };

/** Has compiled nothing, until told; `forgets` after each run. */
class Compiler implements ProgramLoader {
  readonly compiled = new Set<string>();
  constructor(readonly forgets: boolean) {}

  load(path: string, source: string): Loaded | null {
    if (!this.compiled.has(path)) return null;
    if (this.forgets) this.compiled.delete(path);
    return { main: PROGRAMS[source]!, name: source };
  }
}

/** Programs from the disk and from the cache, while another thread works. */
function* parent(): Program {
  yield* thread(function* worker() {
    for (let i = 0; i < 40; i++) yield* compute(90 * us);
  });
  for (const path of ["/hello", "/hello", "/other", "/other", "/hello"]) {
    yield* spawn(path, ["a"]);
    yield* compute(20 * us);
  }
  for (let i = 0; i < 5; i++) yield* waitpid();
}

interface Ran {
  hash: string;
  now: number;
  steps: number;
  stalls: number;
}

/** Runs it; `onStall` may do something before the program is there. */
function ran(
  options: MachineOptions,
  stalls: boolean,
  onStall: (machine: Machine, number: number) => void = () => {},
): Ran {
  const programs = new Compiler(stalls);
  if (!stalls) {
    Object.keys(FILES).forEach((path) => programs.compiled.add(path));
  }
  const world = new World({ programs });
  const machine = world.boot({ ...options, files: FILES });
  machine.spawn(parent);
  let number = 0;
  for (;;) {
    const { reason, report } = world.run({ budgetNs: 1_000 * ms });
    if (reason !== "host") {
      assertNotEquals(reason, "panic", report);
      break;
    }
    onStall(machine, number++);
    if (world.wanted !== null) programs.compiled.add(world.wanted.path);
  }
  const { now, steps, trace } = world;
  return { hash: trace.hash, now, steps, stalls: number };
}

test("a run in which every program had to be compiled is the same run", () => {
  for (const cpus of [1, 2]) {
    for (const scheduler of ["rr", "fair"] as const) {
      const options = { cpus, scheduler, quantumNs: 50 * us };
      const { stalls, ...stalled } = ran(options, true);
      const { stalls: none, ...straight } = ran(options, false);
      assertEquals([stalls, none], [7, 0]);
      assertEquals(stalled, straight);
    }
  }
});

test("a process that is killed while its program is compiled is gone, and the rest goes on", () => {
  for (let at = 0; at < 7; at++) {
    ran({}, true, (machine, number) => {
      if (number !== at) return;
      const pids = [...machine.processes.keys()];
      machine.world.input({ machine: 0, kill: pids.at(-1)! });
    });
    ran({}, true, (machine, number) => {
      if (number !== at) return;
      for (const pid of [...machine.processes.keys()]) {
        machine.world.input({ machine: 0, kill: pid });
      }
      assertEquals(machine.world.run().reason === "panic", false);
    });
  }
});

test("the power goes while a program is compiled, and nothing of it comes later", () => {
  for (let at = 0; at < 7; at++) {
    ran({}, true, (machine, number) => {
      if (number === at) machine.pullPlug();
    });
  }
});

test("the power goes at any step while programs are read", () => {
  for (let steps = 1; steps < 120; steps++) {
    const programs = new Compiler(false);
    Object.keys(FILES).forEach((path) => programs.compiled.add(path));
    const world = new World({ programs });
    const machine = world.boot({ files: FILES });
    machine.spawn(parent);
    world.run({ steps });
    machine.pullPlug();
    const { reason, report } = world.run();
    assertNotEquals(reason, "panic", report);
    assertEquals(machine.processes.size, 0);
  }
});
