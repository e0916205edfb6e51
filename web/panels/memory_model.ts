// What the memory of a machine is used for: stacks, what each process takes, the
// page cache, and the rest. A view of the fold.

import { PAGE_CACHE_MIN_BYTES, PROCESS_BYTES } from "../../kernel/params.ts";
import type { MachineState } from "./machine_state.ts";

export interface MemoryView {
  now: number;
  totalBytes: number;
  stackBytes: number;
  baseBytes: number;
  /** Of the page cache: what the platter has as well, and what it lacks. */
  cleanBytes: number;
  dirtyBytes: number;
  /** So much the page cache may have. */
  cacheLimitBytes: number;
  freeBytes: number;
  /** What lies in the sockets; it is not taken from the memory. */
  socketBytes: number;
  /** Those that have most, first. */
  processes: { pid: number; name: string; threads: number; bytes: number }[];
  processCount: number;
  /** So many threads would fit in what programs leave. */
  roomForThreads: number;
}

const BLOCK_BYTES = 4096;
const TOLD_MAX = 12;

export function memoryView(
  state: MachineState,
  now: number,
  /** What lies in its sockets. */
  socketBytes: number,
): MemoryView {
  const { setup, pages, dirtyPages } = state;
  const counts = new Map<number, number>();
  for (const { pid } of state.threads.values()) {
    counts.set(pid, (counts.get(pid) ?? 0) + 1);
  }
  const processes = [...state.processes.values()]
    .filter(({ isZombie }) => !isZombie)
    .map(({ pid, name }) => {
      const threads = counts.get(pid) ?? 0;
      const bytes = PROCESS_BYTES + threads * setup.stackBytes;
      return { pid, name, threads, bytes };
    }).sort((a, b) => b.bytes - a.bytes || a.pid - b.pid);
  const baseBytes = processes.length * PROCESS_BYTES;
  const stackBytes = state.threads.size * setup.stackBytes;
  const left = setup.memoryBytes - baseBytes - stackBytes;
  return {
    now,
    totalBytes: setup.memoryBytes,
    stackBytes,
    baseBytes,
    cleanBytes: (pages - dirtyPages) * BLOCK_BYTES,
    dirtyBytes: dirtyPages * BLOCK_BYTES,
    cacheLimitBytes: Math.max(PAGE_CACHE_MIN_BYTES, left),
    freeBytes: Math.max(0, left - pages * BLOCK_BYTES),
    socketBytes,
    processes: processes.slice(0, TOLD_MAX),
    processCount: processes.length,
    roomForThreads: setup.stackBytes === 0
      ? Infinity
      : Math.max(0, Math.floor(left / setup.stackBytes)),
  };
}
