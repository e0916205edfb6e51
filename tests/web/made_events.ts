// A hand-made recording: one thread submits a disk read, computes, and takes
// the event late; a second thread is ready meanwhile and then sleeps. Times are
// round numbers, so that the tests can say where every slice must lie.

import type { TraceEvent, TraceKind } from "../../kernel/trace.ts";

type Row = [at: number, tid: number, kind: TraceKind, fields?: object];

/** Rows as events of machine 0, cpu 0; pid is tid. */
export function made(rows: Row[]): TraceEvent[] {
  return rows.map(([at, tid, kind, fields], seq) => ({
    seq,
    at,
    machine: 0,
    cpu: 0,
    pid: tid,
    tid,
    kind,
    ...fields,
  } as unknown as TraceEvent));
}

const switchTo = (next: number, prevState = "", why = "", target = "") => ({
  next,
  prevState,
  why,
  target,
});

export const RECORDING: TraceEvent[] = made([
  [0, 0, "machine_boot", { cpus: 1, name: "kettle" }],
  [0, 2, "process_spawn", { ppid: 0, group: 2, name: "main" }],
  [0, 2, "thread_create", { name: "main" }],
  [0, 3, "process_spawn", { ppid: 0, group: 3, name: "other" }],
  [0, 3, "thread_create", { name: "other" }],
  [0, 0, "sched_switch", switchTo(2)],
  [1_500, 2, "sys_enter", { call: "submit", site: 0, args: "read(3, 4096)" }],
  [1_700, 2, "request_submit", {
    id: 12,
    call: "read",
    door: "submit",
    args: "3, 4096",
  }],
  [1_700, 2, "block_issue", { id: 12, lba: 0, sectors: 8, write: "read" }],
  [1_700, 2, "block_start", {
    id: 12,
    phases: "160000 4000000 0 3000000 20000 26896",
  }],
  [1_700, 2, "sys_exit", { call: "submit", ok: true, result: "#12" }],
  [1_700, 2, "sys_enter", { call: "compute", site: 0, args: "8 ms" }],
  [7_181_700, 2, "block_complete", { id: 12, lba: 0 }],
  [7_181_700, 2, "irq_enter", { costNs: 1_500, device: "disk" }],
  [7_181_700, 2, "request_complete", { id: 12, ok: true, result: "4096" }],
  [7_181_700, 2, "event_post", { id: 12, queue: 0 }],
  [8_003_200, 2, "sys_exit", { call: "compute", ok: true, result: "" }],
  [8_003_200, 2, "sys_enter", { call: "wait", site: 0, args: "#12" }],
  [8_003_400, 2, "event_take", { id: 12 }],
  [8_003_400, 2, "sys_exit", { call: "wait", ok: true, result: "event" }],
  [8_003_400, 2, "process_exit", { status: 0, signal: "" }],
  [8_003_400, 2, "thread_exit"],
  [8_003_400, 2, "sched_switch", switchTo(3, "exited")],
  [8_004_900, 3, "sys_enter", { call: "sleep", site: 0, args: "1 ms" }],
  [8_005_100, 3, "sched_switch", switchTo(0, "waiting", "timer", "1 ms")],
  [9_005_100, 3, "sched_wakeup"],
  [9_005_100, 0, "sched_switch", switchTo(3)],
  [9_006_600, 3, "sys_exit", { call: "sleep", ok: true, result: "" }],
  [9_006_600, 3, "callback_enter", { id: 13, what: "read(4, 512)" }],
  [9_007_800, 3, "callback_exit", { id: 13 }],
]);
