// Figures without any waiting: threads that take turns on a CPU, and tasks that
// only compute. What is looked at is what switching costs and when all is done.

import {
  compute,
  join,
  ms,
  nop,
  type Program,
  type Routine,
  submit,
  thread,
  us,
  wait,
  yieldCpu,
} from "../../mod.ts";
import { type MachineOptions, World } from "../../kernel/mod.ts";
import { NO_COSTS, SWITCH_US, TAX_US } from "../../scenarios/costs.ts";
import { inMs, recorded, type Recording, Story } from "../recording.ts";

type Values = Readonly<Record<string, number>>;

const SWITCHING = { ...NO_COSTS, contextSwitchNs: SWITCH_US * us };
/** Each of four threads has so much to do. */
const EACH_NS = 200 * us, THREADS = 4;
const TASKS = ["A", "B", "C"], TASK_NS = 10 * ms;
/** A turn, in the figure of tasks. */
const QUANTUM_NS = 3 * ms;

/** Four threads on one CPU; each gives it away after a turn. */
export function turns({ turn = 20 }: Values): Recording {
  const world = new World({ seed: 1 });
  const machine = world.boot({ name: "kettle", costs: SWITCHING });
  const process = machine.spawn(
    function* main(): Program {
      const tids: number[] = [];
      for (let i = 0; i < THREADS; i++) {
        tids.push(
          yield* thread(function* (): Routine {
            for (let doneNs = 0; doneNs < EACH_NS; doneNs += turn * us) {
              yield* compute(turn * us);
              yield* yieldCpu();
            }
          }),
        );
      }
      for (const tid of tids) yield* join(tid);
    },
    [],
    { name: "main" },
  );
  world.run({ until: process });
  const workNs = THREADS * EACH_NS;
  const events = [...world.trace.events()];
  const fromNs =
    events.find((it) => it.kind === "sys_enter" && it.call === "compute")!.at;
  const lastNs =
    events.findLast((it) => it.kind === "sys_exit" && it.call === "compute")!
      .at;
  return recorded({
    world,
    fromNs,
    toNs: lastNs,
    threads: threadNames(world, "thread"),
    hidden: ["disk"],
    facts: {
      totalMs: inMs(lastNs - fromNs),
      workShare: workNs / (lastNs - fromNs),
      switches: events.filter((it) =>
        it.kind === "sched_switch" && it.next !== 0 && it.at >= fromNs
      ).length,
    },
  });
}

/** The main thread has no lane; the others are numbered. */
function threadNames(world: World, word: string): Record<number, string> {
  const names: Record<number, string> = {};
  let count = 0;
  for (const { kind, machine, tid } of world.trace.events()) {
    if (kind !== "thread_create" || machine !== 0) continue;
    if (count > 0) names[tid] = `${word} ${count}`;
    count++;
  }
  return names;
}

/** Three tasks of 10 ms of work, and nothing to wait for. */
export function tasks({ cpus = 1 }: Values, style: string): Recording {
  const options: MachineOptions = {
    name: "kettle",
    cpus,
    costs: SWITCHING,
    quantumNs: QUANTUM_NS,
  };
  const world = new World({ seed: 1 });
  const machine = world.boot(options);
  const story = new Story(world);
  const endsNs: number[] = [];
  const task = function* (index: number, taxNs = 0): Routine {
    yield* compute(TASK_NS + taxNs);
    endsNs.push(world.now);
    story.end(`task ${TASKS[index]}`);
  };
  for (const [index] of TASKS.entries()) {
    story.mark(
      `task ${TASKS[index]}`,
      "ready",
      "not done yet",
      `Task ${TASKS[index]} is not done: it needs 10 ms of a CPU.`,
    );
  }
  const bodies: Record<string, () => Routine> = {
    block: function* () {
      for (const [index] of TASKS.entries()) yield* task(index);
    },
    threads: function* () {
      const tids: number[] = [];
      for (const [index] of TASKS.entries()) {
        tids.push(
          yield* thread(function* () {
            yield* task(index);
          }),
        );
      }
      for (const tid of tids) yield* join(tid);
    },
    submit: function* () {
      for (const [index] of TASKS.entries()) {
        yield* submit(nop(), { tag: index });
      }
      for (let left = TASKS.length; left > 0;) {
        for (const event of yield* wait()) {
          yield* task(event.tag as number, TAX_US * us);
          left--;
        }
      }
    },
  };
  const process = machine.spawn(
    function* main(): Program {
      yield* bodies[style]!();
    },
    [],
    { name: "main" },
  );
  world.run({ until: process });
  const names = style === "threads"
    ? threadNames(world, "thread")
    : { [process.pid]: style === "block" ? "thread" : "event loop" };
  return recorded({
    world,
    fromNs: 0,
    toNs: world.now,
    threads: names,
    hidden: ["disk", "request"],
    story,
    above: TASKS.map((name) => `task ${name}`),
    facts: {
      totalMs: inMs(world.now),
      meanMs: inMs(endsNs.reduce((a, b) => a + b, 0) / TASKS.length),
      cpus,
    },
  });
}
