// From trace events to the lines of strace: a call when it returns, with what it
// gave; what was cut by another line in two; requests of doors 2 and 3
// when they complete, callbacks, signals, the end. Does not read anything: events
// are put in, text comes out.

import { calendar } from "./calendar.ts";
import { CallSums } from "./call_sums.ts";
import { endingText, type TraceEvent } from "./trace.ts";

export interface CallLogOptions {
  /** Those that are started by who is looked at, too. */
  follow: boolean;
  /** How long each call took. */
  times: boolean;
  /** What stands before each line: µs since the first call, ns since the line before, or the clock. */
  stamp: "us" | "relative" | "clock" | "clock us" | "epoch";
  /** Which calls are shown and counted. */
  wanted: (call: string) => boolean;
  /** Only calls that ended so. */
  outcome: "any" | "ok" | "failed";
  signals: boolean;
}

const PLAIN: CallLogOptions = {
  follow: false,
  times: false,
  stamp: "us",
  wanted: () => true,
  outcome: "any",
  signals: true,
};

interface Entered {
  event: TraceEvent;
  /** Its beginning has been shown, cut off. */
  cut: boolean;
}

export class CallLog {
  readonly sums = new CallSums();
  #startNs: number | null = null;
  #lastNs: number | null = null;
  /** The call each thread is in. */
  #entered = new Map<number, Entered>();
  /** `pid/id` → what was submitted or pushed. */
  #requests = new Map<string, TraceEvent>();
  readonly #pids: Set<number>;

  readonly options: CallLogOptions;

  /** Calls of a process, or of several. */
  constructor(
    pids: number | Iterable<number>,
    options: Partial<CallLogOptions> = {},
  ) {
    this.#pids = new Set(typeof pids === "number" ? [pids] : pids);
    this.options = { ...PLAIN, ...options };
  }

  /** Nobody is left to be looked at. */
  get isOver(): boolean {
    return this.#pids.size === 0;
  }

  /** The lines (or nothing) that an event adds. */
  add(event: TraceEvent): string {
    const { kind, pid, ppid } = event;
    if (this.options.follow && kind === "process_spawn") {
      if (this.#pids.has(Number(ppid))) this.#pids.add(pid);
    }
    if (!this.#pids.has(pid)) return "";
    switch (kind) {
      case "sys_enter":
        return this.#enter(event);
      case "sys_exit":
        return this.#exit(event);
      case "request_submit":
        this.#requests.set(`${pid}/${event.id}`, event);
        return "";
      case "request_complete":
        return this.#completed(event);
      case "callback_enter":
        if (Number(event.id) < 0) return "";
        return this.#row(event, `--- callback of #${event.id} begins ---`);
      case "callback_exit":
        if (Number(event.id) < 0) return "";
        return this.#row(event, `--- callback of #${event.id} ends ---`);
      case "signal_deliver":
        if (!this.options.signals || event.signal === "KILL") return "";
        return this.#row(event, `--- SIG${event.signal} ---`);
      case "process_exit":
        return this.#ended(event);
    }
    return "";
  }

  #enter(event: TraceEvent): string {
    this.#startNs ??= event.at;
    this.#entered.set(event.tid, { event, cut: false });
    return "";
  }

  #exit(event: TraceEvent): string {
    const call = String(event.call);
    const entered = this.#entered.get(event.tid);
    this.#entered.delete(event.tid);
    if (!this.options.wanted(call)) return "";
    const { outcome, times } = this.options;
    const tookNs = event.at - (entered?.event.at ?? event.at);
    this.sums.add(call, tookNs, Boolean(event.ok));
    if (outcome !== "any" && (outcome === "ok") !== event.ok) return "";
    const took = times ? ` <${(tookNs / 1e9).toFixed(9)}>` : "";
    const result = `${resultText(event)}${took}`;
    if (entered === undefined || entered.cut) {
      return this.#row(event, `<... ${call} resumed>) = ${result}`);
    }
    const text = `${call}(${entered.event.args}) = ${result}`;
    return this.#row(entered.event, text);
  }

  #completed(event: TraceEvent): string {
    const key = `${event.pid}/${event.id}`;
    const request = this.#requests.get(key);
    this.#requests.delete(key);
    if (request === undefined) return "";
    if (!this.options.wanted(String(request.call))) return "";
    const { id, call, args } = request;
    return this.#row(event, `#${id} ${call}(${args}) = ${resultText(event)}`);
  }

  /** Calls that will not return: exit, or what a signal cut off. */
  #ended(event: TraceEvent): string {
    let lines = "";
    for (const [tid, { event: enter, cut }] of this.#entered) {
      if (enter.pid !== event.pid) continue;
      this.#entered.delete(tid);
      const call = String(enter.call);
      if (!this.options.wanted(call)) continue;
      lines += cut
        ? this.#row({ ...enter, at: event.at }, `<... ${call} resumed>) = ?`)
        : this.#row(enter, `${call}(${enter.args}) = ?`);
    }
    this.#pids.delete(event.pid);
    return lines + this.#row(event, `+++ ${endingText(event)} +++`);
  }

  /** A line, after the beginnings of calls that are under way. */
  #row(event: TraceEvent, text: string): string {
    let lines = "";
    for (const entered of this.#entered.values()) {
      const { event: enter, cut } = entered;
      if (cut || enter === event || enter.at > event.at) continue;
      entered.cut = true;
      if (!this.options.wanted(String(enter.call))) continue;
      lines += this.#line(
        enter,
        `${enter.call}(${enter.args} <unfinished ...>`,
      );
    }
    return lines + this.#line(event, text);
  }

  #line({ at, tid, pid }: TraceEvent, text: string): string {
    const who = this.options.follow ? `[pid ${tid || pid}] ` : "";
    return `${this.#stamp(at)}${who}${text}\n`;
  }

  #stamp(at: number): string {
    const sinceNs = at - (this.#lastNs ?? at);
    this.#lastNs = at;
    const { hour, minute, second, epoch } = calendar(at);
    const us = String(Math.floor(at % 1e9 / 1e3)).padStart(6, "0");
    switch (this.options.stamp) {
      case "relative":
        return `${(sinceNs / 1e9).toFixed(9).padStart(15)} `;
      case "clock":
        return `${hour}:${minute}:${second} `;
      case "clock us":
        return `${hour}:${minute}:${second}.${us} `;
      case "epoch":
        return `${epoch}.${us} `;
      default:
        return `${micros(at - (this.#startNs ?? at)).padStart(10)} us  `;
    }
  }
}

/** As Linux's: `-1 ENOENT (No such file or directory)`. */
function resultText({ ok, result }: TraceEvent): string {
  if (ok) return String(result);
  const [, code = "", why = ""] =
    /^(E[A-Z0-9]+), (.*)$/s.exec(String(result)) ??
      [];
  if (code === "") return `-1 ${result}`;
  return `-1 ${code} (${why.slice(0, 1).toUpperCase()}${why.slice(1)})`;
}

function micros(timeNs: number): string {
  return (timeNs / 1000).toFixed(3);
}
