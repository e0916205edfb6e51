// What each process holds: its event queues, requests that report again and
// again, armed callbacks, what is held back, and what its numbers mean. A view of
// the fold.

import type { MachineState, ProcessState } from "./machine_state.ts";

export interface QueueRow {
  /** A queue by its number; 0: the thread's own, with no limit. */
  id: number;
  tid: number;
  capacity: number;
  pending: number;
  untaken: number;
}

export interface ProcessHandles {
  pid: number;
  name: string;
  handles: number;
  multishot: number;
  queues: QueueRow[];
  /** Callbacks that will come, and those whose event is there. */
  armed: number;
  due: number;
  masks: { tid: number; mask: string }[];
  files: { fd: number; text: string }[];
  fileCount: number;
}

export interface HandlesView {
  now: number;
  /** Those that have handles first, then by number. */
  processes: ProcessHandles[];
  more: number;
  handles: number;
  untaken: number;
  armed: number;
  files: number;
}

const PROCESSES_MAX = 16;
const FILES_MAX = 24;

export function handlesView(state: MachineState, now: number): HandlesView {
  const all = [...state.processes.values()]
    .filter(({ isZombie }) => !isZombie)
    .map((process) => handlesOf(process, state))
    .sort((a, b) =>
      Number(b.handles > 0) - Number(a.handles > 0) || a.pid - b.pid
    );
  const sum = (of: (each: ProcessHandles) => number) =>
    all.reduce((total, each) => total + of(each), 0);
  return {
    now,
    processes: all.slice(0, PROCESSES_MAX),
    more: Math.max(0, all.length - PROCESSES_MAX),
    handles: sum(({ handles }) => handles),
    untaken: sum(({ queues, due }) =>
      queues.reduce((total, { untaken }) => total + untaken, due)
    ),
    armed: sum(({ armed }) => armed),
    files: sum(({ fileCount }) => fileCount),
  };
}

function handlesOf(
  { pid, name, submissions, queues, descriptors }: ProcessState,
  { threads }: MachineState,
): ProcessHandles {
  const rows = new Map<string, QueueRow>();
  for (const { id, capacity } of queues.values()) {
    rows.set(`q${id}`, { id, tid: 0, capacity, pending: 0, untaken: 0 });
  }
  let armed = 0, due = 0, multishot = 0;
  for (const each of submissions.values()) {
    if (each.multishot) multishot++;
    if (each.door === "push") {
      armed++;
      due += each.untaken;
      continue;
    }
    const row = rowOf(rows, each);
    if (!each.final) row.pending++;
    row.untaken += each.untaken;
  }
  const files = [...descriptors].sort(([a], [b]) => a - b)
    .map(([fd, { text }]) => ({ fd, text }));
  return {
    pid,
    name,
    handles: submissions.size,
    multishot,
    queues: [...rows.values()].sort((a, b) => a.id - b.id || a.tid - b.tid),
    armed,
    due,
    masks: [...threads.values()]
      .filter((thread) => thread.pid === pid && thread.mask !== "")
      .map(({ tid, mask }) => ({ tid, mask })),
    files: files.slice(0, FILES_MAX),
    fileCount: files.length,
  };
}

function rowOf(
  rows: Map<string, QueueRow>,
  { queue, tid }: { queue: number; tid: number },
): QueueRow {
  const key = queue === 0 ? `t${tid}` : `q${queue}`;
  let row = rows.get(key);
  if (row === undefined) {
    const its = queue === 0 ? tid : 0;
    row = { id: queue, tid: its, capacity: Infinity, pending: 0, untaken: 0 };
    rows.set(key, row);
  }
  return row;
}
