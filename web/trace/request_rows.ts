// Requests that were submitted or pushed: the rows under the thread that asked.
// Pending until done, then an event until somebody takes it.

import type { TraceEvent } from "../../kernel/trace.ts";
import { Lane } from "./lane.ts";
import { link } from "./links.ts";
import {
  freeRow,
  type MachineLanes,
  type Pending,
  threadOf,
} from "./machine_lanes.ts";
import type { State } from "./states.ts";

type Of<K extends TraceEvent["kind"]> = Extract<TraceEvent, { kind: K }>;

const DESCRIPTORS: { [call: string]: State } = {
  open: "disk",
  socket: "net",
  accept: "net",
  pipe: "event",
};
const WAITS_BY_CALL: { [call: string]: State } = {
  sleep: "timer",
  connect: "net",
  accept: "net",
  futexWait: "lock",
  waitpid: "event",
  join: "event",
  nop: "event",
  chain: "event",
};
/** What every event about a request has. */
interface OfRequest {
  pid: number;
  id: number;
}

function keyOf({ pid, id }: OfRequest): string {
  return `${pid}/${id}`;
}

/** The request that an event is about, while it has a row. */
export function requestOf(
  machine: MachineLanes,
  event: OfRequest,
): Pending | undefined {
  return machine.requests.get(keyOf(event));
}

export function submitRequest(
  machine: MachineLanes,
  event: Of<"request_submit">,
): void {
  const thread = threadOf(machine, event);
  const text = `${event.call}(${event.args})`;
  let row = thread.rows.find((row) => row.id === 0);
  if (row === undefined) {
    const id = `${thread.lane.id}/${thread.rows.length}`;
    row = { lane: new Lane(id, "request", "", machine.index), id: 0 };
    thread.rows.push(row);
  }
  row.id = event.id;
  row.lane.name = `#${event.id} ${event.call}`;
  row.lane.note = event.door;
  const request = {
    key: keyOf(event),
    id: event.id,
    row,
    call: event.call,
    state: waitOf(machine, event),
    pushed: event.door === "push",
    text,
    complete: false,
    postedNs: event.at,
    untaken: 0,
  };
  machine.requests.set(request.key, request);
  link(thread.lane, event.at, row.lane, event.at);
  showRequest(request, event.at);
}

/** What a descriptor is, as its making told: reading it waits for that. */
export function noteDescriptors(
  machine: MachineLanes,
  event: Of<"sys_exit">,
): void {
  const kind = event.ok ? DESCRIPTORS[event.call] : undefined;
  if (kind === undefined) return;
  for (const fd of event.result.match(/\d+/g) ?? []) {
    machine.descriptors.set(`${event.pid}:${fd}`, kind);
  }
}

/** It is done: who wakes up now wakes up by that. */
export function completeRequest(
  machine: MachineLanes,
  event: Of<"request_complete">,
): void {
  const request = requestOf(machine, event);
  if (request === undefined) return;
  request.complete = true;
  request.postedNs = event.at;
  machine.cause = { lane: request.row.lane, at: event.at };
  showRequest(request, event.at);
}

/** Pending, or done with its event still to be taken. */
export function showRequest(request: Pending, at: number): void {
  const { id, row, call, state, text, complete, untaken, pushed } = request;
  if (untaken > 0) {
    const about = pushed
      ? `${text} is done; its callback has not run yet`
      : `${text} is done; nobody has taken its event yet`;
    const label = pushed ? "callback due" : "event posted";
    row.lane.set(at, "posted", label, about, id);
  } else if (complete) row.lane.close(at);
  else {
    row.lane.set(at, state, `#${id} ${call}`, text, id);
  }
}

export function takeEvent(
  machine: MachineLanes,
  event: OfRequest & { at: number; tid: number },
): void {
  const { at } = event;
  const request = requestOf(machine, event);
  if (request === undefined) return;
  const taker = threadOf(machine, event).lane;
  if (request.untaken > 0) link(request.row.lane, request.postedNs, taker, at);
  request.untaken = Math.max(0, request.untaken - 1);
  if (request.complete && request.untaken === 0) {
    endRequest(machine, request, at);
  } else showRequest(request, at);
}

export function endRequest(
  machine: MachineLanes,
  request: Pending,
  at: number,
): void {
  machine.requests.delete(request.key);
  freeRow(request.row, at);
}

/** What a request most likely waits for: from its name, or its descriptor. */
function waitOf(machine: MachineLanes, event: Of<"request_submit">): State {
  const byName = WAITS_BY_CALL[event.call];
  if (byName !== undefined) return byName;
  const fd = /^\d+/.exec(event.args)?.[0];
  if (fd === undefined) return "disk";
  const standard: State = fd === "0" ? "keys" : "event";
  const unknown = Number(fd) <= 2 ? standard : "disk";
  return machine.descriptors.get(`${event.pid}:${fd}`) ?? unknown;
}
