// The trace as Chrome's trace JSON, which Perfetto opens: a track for every
// thread with its calls and callbacks, one for each CPU with who has it, one
// for the disk and each cable. Reads the trace and nothing else.

import type { TraceEvent } from "../kernel/trace.ts";
import type { World } from "../kernel/world.ts";

/** One entry of the format; times in µs. */
interface Entry {
  ph: "B" | "E" | "X" | "i" | "M";
  name: string;
  pid: number;
  tid: number;
  ts?: number;
  dur?: number;
  s?: "t";
  args?: Record<string, unknown>;
}

// Devices are shown as threads of process 0 of their machine.
const CPU_TRACK = 1_000, DISK_TRACK = 2_000, CABLE_TRACK = 3_000;
/** Process numbers of one machine lie below this. */
const MACHINE_STRIDE = 1_000_000;

/** The whole trace, as text of a JSON file. */
export function chromeTrace(world: World): string {
  const writer = new ChromeWriter(world);
  for (const event of world.trace.events()) writer.add(event);
  return writer.text();
}

class ChromeWriter {
  #entries: Entry[] = [];
  #named = new Set<string>();
  /** What has begun on a track and not ended: track → since when, and what. */
  #open = new Map<string, { fromNs: number; name: string }>();
  #threadNames = new Map<number, string>();
  /** How many B wait for their E, by thread. */
  #depths = new Map<string, number>();

  constructor(readonly world: World) {
    world.machines.forEach(({ name }, index) =>
      this.#meta("process_name", index * MACHINE_STRIDE, 0, `${name}: devices`)
    );
  }

  text(): string {
    for (const [track, { fromNs, name }] of this.#open) {
      const [pid = 0, tid = 0] = track.split(" ").map(Number);
      this.#slice(pid, tid, name, fromNs, this.world.now);
    }
    const traceEvents = this.#entries;
    return JSON.stringify({ displayTimeUnit: "ns", traceEvents });
  }

  add(event: TraceEvent): void {
    const device = event.machine * MACHINE_STRIDE;
    switch (event.kind) {
      case "process_spawn":
      case "process_exec":
        return this.#meta("process_name", this.#pid(event), 0, event.name);
      case "thread_create":
        this.#threadNames.set(event.tid, event.name);
        return this.#meta(
          "thread_name",
          this.#pid(event),
          event.tid,
          event.name,
        );
      case "sys_enter":
        return this.#begin(event, event.call, { args: event.args });
      case "sys_exit":
        return this.#end(event, { result: event.result });
      case "callback_enter":
        return this.#begin(event, `callback ${event.what}`, { id: event.id });
      case "callback_exit":
        return this.#end(event, {});
      case "sched_switch":
        return this.#switch(device, event);
      case "block_start":
        return this.#start(device, DISK_TRACK, "disk", event.at, event.phases);
      case "block_complete":
        return this.#finish(device, DISK_TRACK, event.at);
      case "net_tx":
        return this.#packet(device, event);
      case "signal_deliver":
        return this.#instant(event, `SIG${event.signal}`);
      case "note":
        return this.#instant(event, event.text);
    }
  }

  #pid({ machine, pid }: TraceEvent): number {
    return machine * MACHINE_STRIDE + pid;
  }

  #meta(what: string, pid: number, tid: number, name: string): void {
    const args = { name };
    this.#entries.push({ ph: "M", name: what, pid, tid, args });
  }

  /** Names a device's track, the first time it is used. */
  #track(pid: number, tid: number, name: string): void {
    const key = `${pid} ${tid}`;
    if (this.#named.has(key)) return;
    this.#named.add(key);
    this.#meta("thread_name", pid, tid, name);
  }

  #begin(
    event: TraceEvent,
    name: string,
    args: Record<string, unknown>,
  ): void {
    const pid = this.#pid(event), { tid } = event;
    const key = `${pid} ${tid}`;
    this.#depths.set(key, (this.#depths.get(key) ?? 0) + 1);
    this.#entries.push({ ph: "B", name, pid, tid, ts: event.at / 1000, args });
  }

  #end(event: TraceEvent, args: Record<string, unknown>): void {
    const pid = this.#pid(event), { tid } = event;
    const key = `${pid} ${tid}`;
    const depth = this.#depths.get(key) ?? 0;
    if (depth === 0) return;
    this.#depths.set(key, depth - 1);
    const ts = event.at / 1000;
    this.#entries.push({ ph: "E", name: "", pid, tid, ts, args });
  }

  #switch(
    device: number,
    { at, cpu, next }: TraceEvent & { kind: "sched_switch" },
  ): void {
    this.#finish(device, CPU_TRACK + cpu, at);
    if (next === 0) return;
    const name = this.#threadNames.get(next) ?? `thread ${next}`;
    this.#start(device, CPU_TRACK + cpu, `cpu ${cpu}`, at, name);
  }

  #start(
    pid: number,
    tid: number,
    track: string,
    fromNs: number,
    name: string,
  ): void {
    this.#track(pid, tid, track);
    this.#open.set(`${pid} ${tid}`, { fromNs, name });
  }

  #finish(pid: number, tid: number, at: number): void {
    const key = `${pid} ${tid}`;
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    this.#slice(pid, tid, open.name, open.fromNs, at);
  }

  #packet(
    device: number,
    { at, cable, bytes, arriveNs, info }: TraceEvent & { kind: "net_tx" },
  ): void {
    const tid = CABLE_TRACK + cable;
    this.#track(device, tid, `cable ${cable}`);
    this.#slice(device, tid, `${info}, ${bytes} B`, at, arriveNs);
  }

  #slice(
    pid: number,
    tid: number,
    name: string,
    fromNs: number,
    toNs: number,
  ): void {
    const ts = fromNs / 1000, dur = (toNs - fromNs) / 1000;
    this.#entries.push({ ph: "X", name, pid, tid, ts, dur });
  }

  #instant(event: TraceEvent, name: string): void {
    const pid = this.#pid(event), { tid } = event;
    this.#entries.push({
      ph: "i",
      s: "t",
      name,
      pid,
      tid,
      ts: event.at / 1000,
    });
  }
}
