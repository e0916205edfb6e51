// The trace as Chrome trace JSON, which Perfetto (ui.perfetto.dev) opens: a
// track for each CPU, each thread with its calls and callbacks nested, the disk
// in its phases, each cable, and an arrow's worth of async slice per request.
// It reads the trace and nothing else.

import type { TraceEvent } from "./trace.ts";

/** One entry of the format: times in µs, with the nanoseconds as decimals. */
interface Entry {
  /** B begin, E end, X complete, b/e async begin and end, i instant, M name. */
  ph: "B" | "E" | "X" | "b" | "e" | "i" | "M";
  name: string;
  pid: number;
  tid: number;
  ts?: number;
  dur?: number;
  cat?: string;
  id?: string;
  s?: "t";
  args?: Record<string, unknown>;
}

/** Tracks of a machine that are no thread, under a process number of their own. */
const MACHINE_PIDS = 1_000_000;
const IRQ_TRACK = 100, DISK_TRACK = 101, CABLE_TRACKS = 200;
const DISK_PHASES = ["overhead", "seek", "settle", "rotate", "transfer"];

/** The JSON text; open it in Perfetto or chrome://tracing. */
export function chromeTrace(
  world: { trace: { events(): Iterable<TraceEvent> } },
): string {
  const writer = new Writer();
  for (const event of world.trace.events()) writer.add(event);
  const lines = writer.finish().map((entry) => JSON.stringify(entry));
  return `{"displayTimeUnit":"ns","traceEvents":[\n${lines.join(",\n")}\n]}\n`;
}

class Writer {
  #entries: Entry[] = [];
  /** cpu track → the thread that runs there. */
  #running = new Map<string, Entry>();
  /** thread → how many of its slices are open. */
  #open = new Map<string, { pid: number; tid: number; depth: number }>();
  #named = new Set<string>();
  #names = new Map<string, string>();
  #last = 0;

  add(event: TraceEvent): void {
    this.#last = micros(event.at);
    switch (event.kind) {
      case "machine_boot":
        return this.#nameMachine(event.machine, event.name, event.cpus);
      case "process_spawn":
      case "process_exec":
        return this.#nameProcess(event.machine, event.pid, event.name);
      case "thread_create":
        this.#names.set(`${event.machine}/${event.tid}`, event.name);
        return this.#name(
          "thread_name",
          threadPid(event),
          event.tid,
          event.name,
        );
      case "sched_switch":
        return this.#switch(event.machine, event.cpu, event.tid, event.next);
      case "sys_enter":
        return this.#begin(event, `${event.call}(${event.args})`, {});
      case "sys_exit":
        return this.#end(event, { result: event.result });
      case "callback_enter":
        return this.#begin(event, `callback ${event.what}`, { id: event.id });
      case "callback_exit":
        return this.#end(event, {});
      case "thread_exit":
        return this.#endAll(`${event.machine}/${event.tid}`);
      case "request_submit":
        return this.#request(
          "b",
          event,
          `#${event.id} ${event.call}(${event.args})`,
        );
      case "request_complete":
        return this.#request("e", event, "");
      default:
        return this.#device(event);
    }
  }

  /** Everything; what is still open is closed at the end of the trace. */
  finish(): Entry[] {
    for (const key of [...this.#open.keys()]) this.#endAll(key);
    for (const entry of this.#running.values()) this.#close(entry);
    return this.#entries;
  }

  #device(event: TraceEvent): void {
    const pid = MACHINE_PIDS + event.machine;
    switch (event.kind) {
      case "irq_enter":
        this.#name("thread_name", pid, IRQ_TRACK, "interrupts");
        return this.#slice(
          pid,
          IRQ_TRACK,
          event.device,
          event.at,
          event.costNs,
        );
      case "block_start":
        this.#name("thread_name", pid, DISK_TRACK, "disk");
        return this.#phases(pid, event.at, event.id, event.phases);
      case "net_tx": {
        const track = CABLE_TRACKS + event.cable;
        this.#name("thread_name", pid, track, `cable ${event.cable}`);
        const dur = Math.max(0, event.arriveNs - event.at);
        return this.#slice(pid, track, event.info, event.at, dur, {
          bytes: event.bytes,
        });
      }
      case "note":
      case "signal_deliver":
      case "net_drop":
        this.#entries.push({
          ph: "i",
          s: "t",
          name: event.kind === "note" ? event.text : event.kind,
          pid: event.tid === 0 ? pid : threadPid(event),
          tid: event.tid,
          ts: micros(event.at),
        });
    }
  }

  #phases(pid: number, at: number, id: number, phases: string): void {
    const parts = phases.split(" ").map(Number);
    let start = at;
    DISK_PHASES.forEach((name, i) => {
      const dur = parts[i] ?? 0;
      if (dur > 0) {
        this.#slice(pid, DISK_TRACK, name, start, dur, { block: id });
      }
      start += dur;
    });
  }

  #slice(
    pid: number,
    tid: number,
    name: string,
    at: number,
    durNs: number,
    args: Record<string, unknown> = {},
  ): void {
    const ts = micros(at), dur = micros(durNs);
    this.#entries.push({ ph: "X", name, pid, tid, ts, dur, args });
  }

  #switch(machine: number, cpu: number, from: number, to: number): void {
    const key = `${machine}/${cpu}`;
    const before = this.#running.get(key);
    if (before !== undefined && (from !== 0 || to !== 0)) this.#close(before);
    this.#running.delete(key);
    if (to === 0) return;
    const entry: Entry = {
      ph: "X",
      name: `${this.#names.get(`${machine}/${to}`) ?? "thread"} ${to}`,
      pid: MACHINE_PIDS + machine,
      tid: cpu,
      ts: this.#last,
    };
    this.#running.set(key, entry);
  }

  #close(entry: Entry): void {
    this.#entries.push({ ...entry, dur: this.#last - entry.ts! });
  }

  #begin(event: TraceEvent, name: string, args: object): void {
    const pid = threadPid(event), { tid } = event;
    const key = `${event.machine}/${tid}`;
    const open = this.#open.get(key) ?? { pid, tid, depth: 0 };
    open.depth++;
    this.#open.set(key, open);
    this.#entries.push({
      ph: "B",
      name,
      pid,
      tid,
      ts: micros(event.at),
      args: { ...args },
    });
  }

  #end(event: TraceEvent, args: Record<string, unknown>): void {
    const open = this.#open.get(`${event.machine}/${event.tid}`);
    if (open === undefined || open.depth === 0) return;
    open.depth--;
    const { pid, tid } = open;
    this.#entries.push({ ph: "E", name: "", pid, tid, ts: this.#last, args });
  }

  #endAll(key: string): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    const { pid, tid } = open;
    for (; open.depth > 0; open.depth--) {
      this.#entries.push({ ph: "E", name: "", pid, tid, ts: this.#last });
    }
    this.#open.delete(key);
  }

  #request(
    ph: "b" | "e",
    event: TraceEvent & { id: number },
    name: string,
  ): void {
    this.#entries.push({
      ph,
      cat: "request",
      id: `${event.machine}.${event.pid}.${event.id}`,
      name: name === "" ? `#${event.id}` : name,
      pid: threadPid(event),
      tid: event.tid,
      ts: micros(event.at),
    });
  }

  #nameMachine(machine: number, name: string, cpus: number): void {
    const pid = MACHINE_PIDS + machine;
    this.#name("process_name", pid, 0, `${name}: CPUs and devices`);
    for (let cpu = 0; cpu < cpus; cpu++) {
      this.#name("thread_name", pid, cpu, `cpu ${cpu}`);
    }
  }

  #nameProcess(machine: number, pid: number, name: string): void {
    this.#name(
      "process_name",
      threadPid({ machine, pid }),
      0,
      `${name} ${pid}`,
    );
  }

  /** Names a track, once for each name. */
  #name(what: string, pid: number, tid: number, name: string): void {
    const key = `${what} ${pid} ${tid} ${name}`;
    if (this.#named.has(key)) return;
    this.#named.add(key);
    this.#entries.push({ ph: "M", name: what, pid, tid, args: { name } });
  }
}

/** Processes of different machines must not share a number. */
function threadPid(event: { machine: number; pid: number }): number {
  return event.machine * MACHINE_PIDS * 10 + event.pid;
}

function micros(ns: number): number {
  return ns / 1000;
}
