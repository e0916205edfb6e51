// What happened in a slice: the events of the trace that are about its lane, each
// in a few words. It reads the trace, and the lane only for whose it is.

import type { Trace, TraceEvent } from "../../kernel/trace.ts";
import type { Lane } from "./lane.ts";
import type { TraceModel } from "./trace_model.ts";
import type { EventLine } from "./why.ts";

/** More are counted, not told. */
const LINES_MAX = 200;
/** Looking further would keep the visitor waiting. */
const LOOKED_AT_MAX = 50_000;
const TEXT_MAX = 60;

type Concerns = (event: TraceEvent) => boolean;

/** The events of a span that are about a lane, and how many more there are. */
export function eventsIn(
  trace: Trace,
  model: TraceModel,
  lane: Lane,
  from: number,
  to: number,
): { events: EventLine[]; more: number } {
  const concerns = concernsOf(model, lane);
  const events: EventLine[] = [];
  let more = 0;
  let looked = 0;
  for (const event of trace.events(model.seqBefore(from))) {
    if (event.at > to || ++looked > LOOKED_AT_MAX) break;
    if (event.at < from || event.machine !== lane.machine) continue;
    if (!concerns(event)) continue;
    if (events.length < LINES_MAX) {
      events.push({ at: event.at, text: eventWords(event) });
    } else more++;
  }
  return { events, more };
}

function concernsOf(model: TraceModel, lane: Lane): Concerns {
  switch (lane.kind) {
    case "cpu": {
      const number = Number(/\d+$/.exec(lane.id)?.[0]);
      return ({ kind, cpu }) =>
        cpu === number && (kind === "sched_switch" || kind === "irq_enter" ||
          kind === "softirq_enter");
    }
    case "disk":
      return ({ kind }) => kind.startsWith("block_");
    case "network": {
      const cable = Number(/cable(\d+)/.exec(lane.id)?.[1]);
      return (event) => event.kind === "net_tx" && event.cable === cable;
    }
    case "socket": {
      const socket = Number(/\d+$/.exec(lane.id)?.[0]);
      return (event) =>
        (event.kind === "tcp_state" || event.kind === "listen_queue") &&
        event.socket === socket;
    }
    default:
      return ofThread(model.tidOf(lane.id) ?? 0, lane);
  }
}

function ofThread(tid: number, { kind, name }: Lane): Concerns {
  if (kind === "thread") {
    return (event) =>
      event.tid === tid ||
      event.kind === "sched_switch" && event.next === tid;
  }
  const id = Number(/^#(\d+)/.exec(name)?.[1]);
  return (event) =>
    "id" in event && event.id === id && event.tid === tid &&
    /^(request|event|callback)_/.test(event.kind);
}

/** `read(3, 4096)`, `read gives 4096`, and so on; the tracepoint otherwise. */
export function eventWords(event: TraceEvent): string {
  return shortened(wordsOf(event));
}

function wordsOf(event: TraceEvent): string {
  switch (event.kind) {
    case "sys_enter":
      return `${event.call}(${event.args})`;
    case "sys_exit":
      return event.ok
        ? `${event.call} gives ${event.result || "nothing"}`
        : `${event.call} fails: ${event.result}`;
    case "sched_switch":
      return event.next === 0
        ? `sched_switch from ${event.tid} to idle`
        : `sched_switch from ${event.tid} to ${event.next}`;
    case "sched_wait":
      return `sched_wait ${event.why} ${event.target}`;
    case "request_submit":
      return `${event.door} #${event.id} ${event.call}(${event.args})`;
    case "request_complete":
      return `request_complete #${event.id} ${event.result}`;
    case "irq_enter":
    case "softirq_enter":
      return `${event.kind} ${event.device}`;
    case "signal_deliver":
      return `signal_deliver SIG${event.signal}`;
    case "tcp_state":
      return event.change.replace(">", " to ");
    case "listen_queue":
      return `listen_queue ${event.waiting} of ${event.backlog}`;
    case "net_tx":
      return event.info;
    case "note":
      return event.text;
    default:
      return "id" in event ? `${event.kind} #${event.id}` : event.kind;
  }
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= TEXT_MAX ? line : `${line.slice(0, TEXT_MAX - 1)}…`;
}
