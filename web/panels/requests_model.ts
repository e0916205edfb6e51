// What the kernel babysits, as rows: blocked calls, and what was submitted or
// pushed until its last event is taken. A view of the fold; what a request behind
// another door waits for is taken from its call and its descriptor.

import type { DriveView } from "../disk/disk_model.ts";
import type { State } from "../trace/states.ts";
import type { MachineState, Submission, ThreadState } from "./machine_state.ts";

export interface RequestRow {
  /** Of the process, and of the request; a blocked call has its thread's. */
  key: string;
  pid: number;
  tid: number;
  /** 0: a blocked call. */
  id: number;
  /** The program. */
  who: string;
  text: string;
  door: "block" | "submit" | "push";
  state: State;
  /** `disk, seek` */
  waits: string;
  sinceNs: number;
  /** Events that nobody has taken. */
  untaken: number;
  isDone: boolean;
}

export interface RequestsView {
  now: number;
  /** The oldest first, not more than some. */
  rows: RequestRow[];
  more: number;
  pending: number;
  untaken: number;
  /** Who is done next, of those whose end is known. */
  next: { row: RequestRow; leftNs: number } | null;
}

const ROWS_MAX = 24;
const LAST = Number.MAX_SAFE_INTEGER;
const BY_CALL: { readonly [call: string]: State } = {
  sleep: "timer",
  connect: "net",
  accept: "net",
  recvfrom: "net",
  sendto: "net",
  futexWait: "lock",
  waitpid: "event",
  join: "event",
  nop: "event",
  chain: "event",
  wait: "event",
  pause: "event",
};
const WORDS: { readonly [state in State]?: string } = {
  net: "network",
  posted: "taker",
};

export function requestsView(
  state: MachineState,
  drive: DriveView,
): RequestsView {
  const { now } = drive;
  const rows = [...blockedRows(state), ...submittedRows(state)]
    .sort(order);
  for (const row of rows) tellPlace(row, drive);
  return {
    now,
    rows: rows.slice(0, ROWS_MAX),
    more: Math.max(0, rows.length - ROWS_MAX),
    pending: rows.filter(({ isDone }) => !isDone).length,
    untaken: rows.reduce((sum, { untaken }) => sum + untaken, 0),
    next: nextOf(rows, drive),
  };
}

/** The oldest first; of the same moment what was submitted, then what blocks. */
function order(a: RequestRow, b: RequestRow): number {
  return a.sinceNs - b.sinceNs || a.pid - b.pid ||
    (a.id || LAST) - (b.id || LAST) || a.tid - b.tid;
}

function blockedRows({ threads, processes }: MachineState): RequestRow[] {
  const rows: RequestRow[] = [];
  for (const thread of threads.values()) {
    if (thread.state !== "waiting") continue;
    rows.push({
      key: `${thread.pid}/t${thread.tid}`,
      pid: thread.pid,
      tid: thread.tid,
      id: 0,
      who: processes.get(thread.pid)?.name ?? thread.name,
      text: `${thread.call}(${thread.args})`,
      door: "block",
      state: (thread.why || "event") as State,
      waits: waitWords(thread),
      sinceNs: thread.callSinceNs,
      untaken: 0,
      isDone: false,
    });
  }
  return rows;
}

function submittedRows(state: MachineState): RequestRow[] {
  const rows: RequestRow[] = [];
  for (const process of state.processes.values()) {
    for (const each of process.submissions.values()) {
      const waits = each.untaken > 0 ? "posted" : stateOf(each, state);
      rows.push({
        key: `${each.pid}/${each.id}`,
        pid: each.pid,
        tid: each.tid,
        id: each.id,
        who: process.name,
        text: `${each.call}(${each.args})`,
        door: each.door,
        state: waits,
        waits: each.untaken > 0 ? takerWords(each, state) : wordOf(waits),
        sinceNs: each.sinceNs,
        untaken: each.untaken,
        isDone: each.final,
      });
    }
  }
  return rows;
}

/** Who is to take its event. */
function takerWords(
  { door, tid }: Submission,
  { threads }: MachineState,
): string {
  if (door === "submit") return "to be taken";
  const mask = threads.get(tid)?.mask ?? "";
  return /"(io|all)"/.test(mask) ? "masked" : "callback";
}

function waitWords({ why, call }: ThreadState): string {
  if (call === "wait") return "an event";
  if (call === "pause") return "a callback";
  if (call === "waitpid") return "a child";
  return wordOf((why || "event") as State);
}

function wordOf(state: State): string {
  return WORDS[state] ?? state;
}

/** From its name, or from its descriptor. */
export function stateOf(
  { call, args, pid }: Submission,
  { processes }: MachineState,
): State {
  const byName = BY_CALL[call];
  if (byName !== undefined) return byName;
  const fd = /^\d+/.exec(args)?.[0];
  if (fd === undefined) return "disk";
  const descriptors = processes.get(pid)?.descriptors;
  const known = descriptors?.get(Number(fd));
  if (known !== undefined) return known.waits;
  // What a multishot accept brought is told by nobody.
  const serves = [...descriptors?.values() ?? []].some(({ waits }) =>
    waits === "net"
  );
  return serves ? "net" : "disk";
}

/** Where at the drive it is. */
function tellPlace(row: RequestRow, { serving, waiting, phases }: DriveView) {
  if (row.state !== "disk") return;
  if (serving?.tid === row.tid && phases[0] !== undefined) {
    row.waits = `disk, ${phases[0].name}`;
  } else if (waiting.some(({ tid }) => tid === row.tid)) {
    row.waits = "disk, queued";
  }
}

function nextOf(rows: RequestRow[], drive: DriveView): RequestsView["next"] {
  let next: RequestsView["next"] = null;
  for (const row of rows) {
    const leftNs = row.isDone ? null : leftOf(row, drive);
    if (leftNs === null || leftNs < 0) continue;
    if (next === null || leftNs < next.leftNs) next = { row, leftNs };
  }
  return next;
}

/** How long it will still take, where that is certain. */
function leftOf(row: RequestRow, drive: DriveView): number | null {
  if (row.text.startsWith("sleep(")) {
    const ns = Number(/^sleep\((\d+)\)/.exec(row.text)?.[1] ?? NaN);
    return Number.isNaN(ns) ? null : row.sinceNs + ns - drive.now;
  }
  const { serving, phases } = drive;
  if (row.state !== "disk" || serving?.tid !== row.tid) return null;
  return phases.reduce((sum, { leftNs }) => sum + leftNs, 0);
}
