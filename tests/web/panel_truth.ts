// The fold that the panels are made of, held to what the kernel has at instants
// drawn by chance: how it is done, for some seeds every day and for many now and
// then.

import { assertEquals } from "@std/assert";
import type { Machine, MachineOptions, World } from "../../kernel/mod.ts";
import { PROCESS_BYTES } from "../../kernel/params.ts";
import {
  MachineState,
  type Submission,
} from "../../web/panels/machine_state.ts";
import { setupOf } from "../../web/panels/setup.ts";
import { numbers, truthOf } from "./random_world.ts";

const STEPS_MAX = 20_000;
/** The same as the truth, from the fold. */
function told(state: MachineState): ReturnType<typeof truthOf> {
  const threads = [...state.threads.values()].sort((a, b) => a.tid - b.tid);
  const processes = [...state.processes.values()].sort((a, b) => a.pid - b.pid);
  const requests = processes.flatMap((each) => [...each.submissions.values()]);
  const living = processes.filter(({ isZombie }) => !isZombie).length;
  const posted = (own: (each: Submission) => boolean) =>
    requests.filter((each) => each.door === "submit" && own(each))
      .reduce((sum, { untaken }) => sum + untaken, 0);
  return {
    running: state.cpus.map(({ tid }) => tid),
    ready: [...state.ready.tids],
    threads: threads.map(({ tid, state, why }) => ({ tid, state, why })),
    blocked: threads.filter(({ state }) => state === "waiting")
      .map(({ tid, call }) => `${tid} ${call}`),
    requests: requests.map((each) => ({
      key: `${each.pid}#${each.id} ${each.call}(${each.args})`,
      door: each.door,
      final: each.final,
      posted: each.door === "push" ? each.untaken : Math.min(1, each.untaken),
    })),
    queues: processes.flatMap(({ pid, queues }) =>
      [...queues.values()].map(({ id, capacity }) => {
        const own = (each: Submission) => each.pid === pid && each.queue === id;
        const pending = requests.filter((each) => own(each) && !each.final);
        return `${pid} ${id}: ${
          posted(own)
        } of ${capacity}, ${pending.length} pending`;
      })
    ),
    untaken: threads.flatMap(({ tid }) => {
      const count = posted((each) => each.tid === tid && each.queue === 0);
      return count === 0 ? [] : [`${tid}: ${count}`];
    }),
    memory: {
      usedBytes: living * PROCESS_BYTES +
        threads.length * state.setup.stackBytes,
      pages: state.pages,
      dirty: state.dirtyPages,
    },
    descriptors: processes.flatMap(({ pid, descriptors }) =>
      [...descriptors.keys()].sort((a, b) => a - b).map((fd) => `${pid}:${fd}`)
    ),
  };
}

/** Opened or closed already, and the program has not heard of it: the call has not returned. */
function moves({ threads }: MachineState, descriptor: string): boolean {
  const pid = Number(descriptor.split(":")[0]);
  return [...threads.values()].some((thread) =>
    thread.pid === pid &&
    [thread, ...thread.interrupted].some(({ call }) =>
      /^(open|close|pipe)$/.test(call)
    )
  );
}

/** A child may have one that its parent's call had opened and not yet told of. */
function isInherited({ processes }: MachineState, descriptor: string): boolean {
  const process = processes.get(Number(descriptor.split(":")[0]));
  return process?.name === "child";
}

/** Runs it, and compares at instants drawn by chance. What was told, in order. */
export function compare(
  { world, machine }: { world: World; machine: Machine },
  seed: number,
): string[] {
  const state = new MachineState(setupOf(machine));
  const next = numbers(seed);
  const seen: string[] = [];
  let read = 0;
  for (let step = 0; step < STEPS_MAX && world.step(); step++) {
    if (next() > 0.1) continue;
    for (const event of world.trace.events(read)) state.add(event);
    read = world.trace.length;
    const [mine, truth] = [told(state), truthOf(machine)];
    for (const each of [mine, truth]) {
      each.descriptors = each.descriptors.filter((it) => !moves(state, it));
    }
    truth.descriptors = truth.descriptors.filter((it) =>
      mine.descriptors.includes(it) || !isInherited(state, it)
    );
    assertEquals(mine, truth, `seed ${seed}, step ${step}, ${world.now} ns`);
    seen.push(JSON.stringify(mine));
  }
  return seen;
}

export const KINDS: [string, MachineOptions][] = [
  ["one CPU, in turn", {}],
  ["two CPUs", { cpus: 2 }],
  ["who wakes preempts", { wakeupPreemption: true }],
  ["first come, first served", { scheduler: "fcfs", cpus: 2 }],
];
