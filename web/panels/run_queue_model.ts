// Who has the CPUs, who is ready in which order, who waits and for what. A view of
// the fold.

import type { State } from "../trace/states.ts";
import type { MachineState, ThreadState } from "./machine_state.ts";

export interface ThreadRow {
  tid: number;
  pid: number;
  name: string;
  state: State;
  /** `disk`, `keys`; of a thread that runs or could: "". */
  words: string;
  sinceNs: number;
}

export interface RunQueueView {
  now: number;
  policy: string;
  quantumNs: number;
  /** One for each CPU; null: idle. */
  running: (ThreadRow | null)[];
  ready: ThreadRow[];
  waiting: ThreadRow[];
  stopped: ThreadRow[];
  /** With those that are not told one by one. */
  counts: { ready: number; waiting: number; stopped: number };
}

/** So many of a kind are told; the panel may show fewer. */
const TOLD_MAX = 40;

export function runQueueView(state: MachineState, now: number): RunQueueView {
  const { threads, processes, cpus, setup } = state;
  const rowOf = (thread: ThreadState, kind: State, words = ""): ThreadRow => ({
    tid: thread.tid,
    pid: thread.pid,
    name: thread.name,
    state: kind,
    words,
    sinceNs: thread.sinceNs,
  });
  const waiting: ThreadRow[] = [], stopped: ThreadRow[] = [];
  for (const thread of threads.values()) {
    const isStopped = processes.get(thread.pid)?.isStopped === true;
    if (isStopped) stopped.push(rowOf(thread, "event", "stopped"));
    else if (thread.state === "waiting") {
      const kind = (thread.why || "event") as State;
      waiting.push(rowOf(thread, kind, kind));
    }
  }
  waiting.sort((a, b) => a.tid - b.tid);
  const ready = state.ready.tids.flatMap((tid) => threads.get(tid) ?? [])
    .map((thread) => rowOf(thread, "ready"));
  return {
    now,
    policy: setup.scheduler,
    quantumNs: setup.quantumNs,
    running: cpus.map(({ tid }) => {
      const thread = threads.get(tid);
      return thread === undefined ? null : rowOf(thread, onCpu(thread));
    }),
    ready: ready.slice(0, TOLD_MAX),
    waiting: waiting.slice(0, TOLD_MAX),
    stopped: stopped.slice(0, TOLD_MAX),
    counts: {
      ready: ready.length,
      waiting: waiting.length,
      stopped: stopped.length,
    },
  };
}

/** Its own work, a callback, or the kernel's for it. */
function onCpu({ call, interrupted }: ThreadState): State {
  if (interrupted.length > 0) return "callback";
  return call === "compute" ? "run" : "kernel";
}
