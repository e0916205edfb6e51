// Runs whose trace hashes must be the same on Deno, Bun and in Chromium. It
// imports nothing that one of them lacks.

import {
  compute,
  getpid,
  join,
  kill,
  mkdir,
  ms,
  open,
  pipe,
  type Program,
  push,
  random,
  read,
  readdir,
  type Routine,
  sigaction,
  sleep,
  spawn,
  submit,
  thread,
  us,
  wait,
  waitpid,
  write,
} from "kettle";
import { run } from "kettle/world";
import { figure } from "../scenarios/figure.ts";

/** Random threads on a pipe, sleeping and computing as chance has it. */
function* crowd(): Program {
  const [from, to] = yield* pipe();
  function* worker(n: number): Routine<number> {
    for (let i = 0; i < 40; i++) {
      yield* sleep(Math.floor((yield* random()) * 2 * ms));
      yield* compute(Math.floor((yield* random(`${n}/${i}`)) * 50 * us));
      yield* write(to, `${n},`);
    }
    return n;
  }
  const tids: number[] = [];
  for (let n = 0; n < 20; n++) tids.push(yield* thread(worker, n));
  for (let i = 0; i < 100; i++) yield* submit(read(from, 7), { tag: i });
  for (let taken = 0; taken < 100;) taken += (yield* wait()).length;
  for (const tid of tids) yield* join(tid);
}

/** Files, from several threads, with the disk's policy at work. */
function* files(): Program {
  yield* mkdir("/data");
  function* writer(n: number): Routine {
    for (let i = 0; i < 4; i++) {
      const fd = yield* open(`/data/${n}-${i}`, "w+");
      yield* write(fd, "x".repeat(3000 * (n + 1)));
    }
  }
  const tids: number[] = [];
  for (let n = 0; n < 6; n++) tids.push(yield* thread(writer, n));
  for (const tid of tids) yield* join(tid);
  yield* readdir("/data");
}

/** Callbacks and signals that interrupt work. */
function* interrupted(): Program {
  const self = yield* getpid();
  yield* sigaction("USR1", {
    fn: function* () {
      yield* compute(3 * us);
    },
  });
  yield* spawn(function* pest(): Program {
    for (let i = 0; i < 50; i++) {
      yield* sleep(Math.floor((yield* random(i)) * 300 * us));
      yield* kill(self, "USR1");
    }
  });
  for (let i = 0; i < 20; i++) {
    yield* push(sleep(i * 100 * us), function* () {
      yield* compute(10 * us);
    });
  }
  yield* compute(30 * ms);
  yield* waitpid();
}

const MACHINES = [[1, "rr"], [3, "fcfs"], [2, "fair"], [1, "mlfq"]] as const;

/** name → what the run left: its trace hash, its length and its last instant. */
export function hashes(seed = 42): Record<string, string> {
  const told: Record<string, string> = {};
  for (const door of ["block", "poll", "push"] as const) {
    const { world } = figure(door);
    told[`figure ${door}`] = `${world.trace.hash} ${world.now}`;
  }
  for (const [name, program] of Object.entries({ crowd, files, interrupted })) {
    for (const [cpus, scheduler] of MACHINES) {
      const { world, reason, report } = run(program, {
        seed,
        machine: { cpus, scheduler, quantumNs: 20 * us },
      });
      if (reason !== "done") throw new Error(`${name}: ${reason} ${report}`);
      told[`${name}, ${cpus} cpus, ${scheduler}`] =
        `${world.trace.hash} ${world.trace.length} ${world.now}`;
    }
  }
  return told;
}
