// From trace events to the lines of strace: a call when it returns, with what it
// gave; requests of doors 2 and 3 when they complete; signals and the end. Does
// not read anything: events are put in, text comes out.

import { endingText, type TraceEvent } from "./trace.ts";

interface Tally {
  calls: number;
  errors: number;
  timeNs: number;
}

export class CallLog {
  #startNs: number | null = null;
  /** The call each thread is in. */
  #entered = new Map<number, TraceEvent>();
  #requests = new Map<unknown, string>();
  #tallies = new Map<string, Tally>();

  #pids: Set<number>;

  /** Calls of a process; with `follow` also of those it starts. */
  constructor(
    pid: number,
    readonly options: { follow: boolean; times: boolean },
  ) {
    this.#pids = new Set([pid]);
  }

  /** The line (or nothing) that an event adds. */
  add(event: TraceEvent): string {
    const { kind, pid, ppid } = event;
    if (this.options.follow && kind === "process_spawn") {
      if (this.#pids.has(Number(ppid))) this.#pids.add(pid);
    }
    if (!this.#pids.has(pid)) return "";
    switch (event.kind) {
      case "sys_enter":
        this.#startNs ??= event.at;
        this.#entered.set(event.tid, event);
        return "";
      case "sys_exit":
        return this.#exit(event);
      case "request_submit":
        this.#requests.set(event.id, `${event.call}(${event.args})`);
        return "";
      case "request_complete": {
        const call = this.#requests.get(event.id);
        if (call === undefined) return "";
        return this.#line(event, event.at, `#${event.id} ${call}`, event);
      }
      case "signal_deliver":
        return this.#row(event, event.at, `--- SIG${event.signal} ---`);
      case "process_exit":
        return this.#unfinished(event) +
          this.#row(event, event.at, `+++ ${endingText(event)} +++`);
    }
    return "";
  }

  #exit(event: TraceEvent): string {
    const enter = this.#entered.get(event.tid);
    if (enter === undefined) return "";
    this.#entered.delete(event.tid);
    const tookNs = event.at - enter.at;
    const name = String(event.call);
    const tally = this.#tallies.get(name) ??
      { calls: 0, errors: 0, timeNs: 0 };
    tally.calls += 1;
    tally.errors += event.ok ? 0 : 1;
    tally.timeNs += tookNs;
    this.#tallies.set(name, tally);
    const took = this.options.times ? ` <${micros(tookNs)} us>` : "";
    const call = `${name}(${enter.args})`;
    return this.#line(event, enter.at, call, event, took);
  }

  /** Calls that will not return: exit, or what a signal cut off. */
  #unfinished(event: TraceEvent): string {
    let lines = "";
    for (const [tid, enter] of this.#entered) {
      if (enter.pid !== event.pid) continue;
      this.#entered.delete(tid);
      lines += this.#row(enter, enter.at, `${enter.call}(${enter.args}) = ?`);
    }
    return lines;
  }

  #line(
    event: TraceEvent,
    at: number,
    call: string,
    { result }: TraceEvent,
    took = "",
  ): string {
    return this.#row(event, at, `${call} = ${result}${took}`);
  }

  #row(event: TraceEvent, at: number, text: string): string {
    const time = micros(at - (this.#startNs ?? event.at)).padStart(10);
    const pid = this.options.follow ? `[${event.pid}] ` : "";
    return `${time} us  ${pid}${text}\n`;
  }

  /** The table of -c: most time first. */
  summary(): string {
    const rows = [...this.#tallies].sort(([, a], [, b]) => b.timeNs - a.timeNs);
    const lines = rows.map(([name, { calls, errors, timeNs }]) =>
      [
        micros(timeNs).padStart(14),
        String(calls).padStart(8),
        (errors === 0 ? "" : String(errors)).padStart(7),
        ` ${name}`,
      ].join(" ")
    );
    return ["    time in us    calls  errors  call", ...lines, ""].join("\n");
  }
}

function micros(timeNs: number): string {
  return (timeNs / 1000).toFixed(3);
}
