// Worlds in which much goes on that the panels show, drawn from a seed: threads
// that compute, wait, submit, push, mask, stop and kill each other, open files
// and fill pipes. And what the kernel itself says of the same, read from its live
// state: the truth that a fold of the trace is held to.

import {
  cancel,
  close,
  compute,
  fsync,
  type Handle,
  kill,
  type Main,
  mask,
  nop,
  open,
  pipe,
  poll,
  push,
  queue,
  read,
  type Routine,
  sigaction,
  sleep,
  spawn,
  submit,
  thread,
  us,
  wait,
  within,
  write,
  yieldCpu,
} from "../../mod.ts";
import { callText } from "../../kernel/call_text.ts";
import type { Machine, MachineOptions } from "../../kernel/mod.ts";
import { World } from "../../kernel/mod.ts";
import { Pushed, type Submission } from "../../kernel/queue.ts";
import { EXITED, READY, RUNNING, WAITING } from "../../kernel/thread.ts";

/** The same numbers for the same seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

/** A machine with such programs on it; nothing has run yet. */
export function randomWorld(
  seed: number,
  options: MachineOptions = {},
  booted: (machine: Machine) => void = () => {},
): { world: World; machine: Machine } {
  const world = new World({ seed });
  const files = { "/home/a": "a".repeat(50_000), "/home/b": "b" };
  const machine = world.boot({ name: "kettle", files, ...options });
  booted(machine);
  for (let i = 0; i < 3; i++) {
    machine.spawn(busy(numbers(seed * 10 + i), 40, 2), [], {
      name: `busy${i}`,
    });
  }
  return { world, machine };
}

const ACTS = 20;

/** Does so many things, each drawn by chance; what fails is passed over. */
function busy(next: () => number, count: number, depth: number): Main {
  return function* () {
    yield* sigaction("USR1", { fn: () => {}, restart: next() < 0.5 });
    const ends = yield* pipe();
    const made = yield* queue({ capacity: 2 });
    const handles: Handle[] = [];
    const children: number[] = [];
    for (let i = 0; i < count; i++) {
      try {
        yield* act(Math.floor(next() * ACTS));
      } catch (error) {
        if (!(error instanceof Error) || !("code" in error)) throw error;
      }
    }

    function* act(what: number): Routine {
      const shortNs = Math.ceil(next() * 400) * us;
      switch (what) {
        case 0:
        case 1:
          return yield* compute(shortNs * 10);
        case 2:
          return yield* sleep(shortNs);
        case 3:
          return yield* yieldCpu();
        case 4:
          handles.push(yield* submit(sleep(shortNs * 5)));
          return;
        case 5:
          handles.push(yield* submit(read(ends[0], 8), { tag: "pipe" }));
          return;
        case 6:
          yield* within(shortNs, write(ends[1], "x".repeat(8)));
          return;
        case 7:
          yield* submit(sleep(shortNs), { queue: made, multishot: true });
          return;
        case 8:
          yield* wait(made, { timeout: shortNs });
          return;
        case 9:
          yield* poll();
          return;
        case 10:
          yield* push(sleep(shortNs), function* () {
            yield* sleep(100 * us);
          });
          return;
        case 11:
          yield* push(nop(), () => {});
          return;
        case 12:
          yield* mask(next() < 0.5 ? ["io"] : "none");
          return;
        case 13: {
          const fd = yield* open(next() < 0.5 ? "/home/a" : "/home/b", "r+");
          yield* read(fd, 20_000);
          yield* write(fd, "z".repeat(9_000));
          if (next() < 0.3) yield* fsync(fd);
          yield* close(fd);
          return;
        }
        case 14:
          if (depth === 0) return;
          children.push(
            yield* spawn(busy(next, 10, depth - 1), [], { name: "child" }),
          );
          return;
        case 15:
          yield* kill(
            children[Math.floor(next() * children.length)]!,
            [
              "STOP",
              "CONT",
              "USR1",
              "TERM",
            ][Math.floor(next() * 4)] as "STOP",
          );
          return;
        case 16:
          for (const child of children) yield* kill(child, "CONT");
          return;
        case 17:
          if (depth > 0) yield* thread(busy(next, 8, 0) as () => Routine);
          return;
        case 18:
          yield* cancel(handles[Math.floor(next() * handles.length)]!);
          return;
        case 19:
          yield* wait({ timeout: shortNs });
          return;
      }
    }
  };
}

// ------------------------------------------------------------- the truth

/** What the kernel has of all that the panels show. */
export function truthOf(machine: Machine) {
  const threads = [...machine.processes.values()].flatMap((process) =>
    [...process.threads.values()].filter(({ state }) => state !== EXITED)
  ).sort((a, b) => a.tid - b.tid);
  const processes = [...machine.processes.values()].sort((a, b) =>
    a.pid - b.pid
  );
  return {
    running: machine.cpus.map(({ thread }) => thread?.tid ?? 0),
    ready: machine.scheduler.list().map(({ tid }) => tid),
    threads: threads.map((thread) => ({
      tid: thread.tid,
      state: thread.state === RUNNING
        ? "running"
        : thread.state === READY
        ? "ready"
        : "waiting",
      why: thread.state === WAITING ? thread.frame.waitsFor?.kind ?? "" : "",
    })),
    blocked: threads.filter((thread) => thread.waitsFor !== null)
      .map((thread) => `${thread.tid} ${thread.frame.call.name}`),
    requests: processes.flatMap((process) =>
      [...process.submissions.values()].map((each) => ({
        key: `${process.pid}#${each.id} ${callText(each.call)}`,
        door: each instanceof Pushed ? "push" : "submit",
        final: each.final,
        posted: untakenOf(each),
      }))
    ),
    queues: processes.flatMap((process) =>
      [...process.queues.values()].map(({ id, capacity, untaken, pending }) =>
        `${process.pid} ${id}: ${untaken} of ${capacity}, ${pending} pending`
      )
    ),
    untaken: threads.flatMap(({ tid, eventsIfAny }) => {
      const count = eventsIfAny?.untaken ?? 0;
      return count === 0 ? [] : [`${tid}: ${count}`];
    }),
    memory: {
      usedBytes: machine.memory.usedBytes,
      pages: machine.files.disk.cache.size,
      dirty: machine.files.disk.cache.dirtyCount,
    },
    descriptors: processes.flatMap((process) =>
      [...process.files.list()].map(([fd]) => `${process.pid}:${fd}`)
    ),
  };
}

/** Events that lie where they were posted; a submitted request's are in its queue. */
function untakenOf(submission: Submission): number {
  if (submission instanceof Pushed) return submission.events.untaken;
  return submission.postedAt === null ? 0 : 1;
}
