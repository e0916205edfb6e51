// What a machine is like now, as plain data: nobody outside looks at live
// state. A test compares it before and after, and with the fold of the trace.

import type { Machine } from "./kernel.ts";
import { Pushed } from "./queue.ts";
import { EXITED, READY, RUNNING, type Thread, WAITING } from "./thread.ts";
import type { WaitKind } from "./wait_queue.ts";

export interface ThreadSnapshot {
  tid: number;
  pid: number;
  state: "running" | "ready" | "waiting";
  /** What it waits for. */
  why: WaitKind | "";
}

export interface ProcessSnapshot {
  pid: number;
  ppid: number;
  name: string;
  state: "running" | "zombie";
}

/** Counts of what must not leak. */
export interface Counts {
  processes: number;
  threads: number;
  openFiles: number;
  inodes: number;
  pipes: number;
  sockets: number;
  /** Submitted or pushed and not ended. */
  requests: number;
  /** Handles whose last event is not yet taken. */
  handles: number;
  /** Pushed requests whose last callback has not run. */
  callbacks: number;
  timers: number;
}

export interface Snapshot {
  machine: string;
  processes: ProcessSnapshot[];
  threads: ThreadSnapshot[];
  counts: Counts;
}

export function snapshot(machine: Machine): Snapshot {
  const processes: ProcessSnapshot[] = [];
  const threads: ThreadSnapshot[] = [];
  let requests = 0, handles = 0, callbacks = 0;
  for (const process of machine.processes.values()) {
    processes.push({
      pid: process.pid,
      ppid: process.parent!.pid,
      name: process.name,
      state: process.zombie ? "zombie" : "running",
    });
    for (const thread of process.threads.values()) {
      if (thread.state !== EXITED) threads.push(threadSnapshot(thread));
    }
    for (const submission of process.submissions.values()) {
      handles++;
      if (!submission.final) requests++;
      if (submission instanceof Pushed) callbacks++;
    }
  }
  return {
    machine: machine.name,
    processes: processes.sort((a, b) => a.pid - b.pid),
    threads: threads.sort((a, b) => a.tid - b.tid),
    counts: {
      processes: processes.length,
      threads: threads.length,
      openFiles: machine.openFiles.size,
      inodes: machine.objects.get("inode")?.size ?? 0,
      pipes: machine.objects.get("pipe")?.size ?? 0,
      sockets: machine.objects.get("socket")?.size ?? 0,
      requests,
      handles,
      callbacks,
      timers: machine.timers,
    },
  };
}

function threadSnapshot(thread: Thread): ThreadSnapshot {
  const { tid, state } = thread;
  return {
    tid,
    pid: thread.process.pid,
    state: state === RUNNING
      ? "running"
      : state === READY
      ? "ready"
      : "waiting",
    why: state === WAITING ? (thread.frame.waitsFor?.kind ?? "") : "",
  };
}
