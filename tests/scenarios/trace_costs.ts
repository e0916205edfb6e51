// What a run cost one machine, added up from the trace: CPU time, traps, switches,
// interrupts, callbacks, memory. The kernel's own counters must say the same.
// Events may be forgotten by the trace once they were added. Knows no scenario.

import type { Machine, TraceEvent, World } from "../../kernel/mod.ts";
import type { Costs } from "../../scenarios/scenario.ts";

/** The kernel's own share of a process: PROCESS_BYTES of kernel/params.ts. */
const PROCESS_BYTES = 256 * 1024;

export class TraceCosts {
  #world: World;
  #machine: Machine;
  #next = 0;
  #traps = 0;
  #switches = 0;
  #interrupts = 0;
  #callbacks = 0;
  #busyNs = 0;
  #usedBytes = 0;
  #mostBytes = 0;
  #queueMost = 0;
  /** Of each CPU: the thread on it, and since when. */
  #on: { tid: number; last: number; sinceNs: number }[];

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#world = machine.world;
    this.#on = machine.cpus.map(() => ({ tid: 0, last: 0, sinceNs: 0 }));
    this.#world.trace.onDrop = (events) => this.#addAll(events);
  }

  /** Everything up to now. */
  costs(): Costs {
    this.#addAll(this.#world.trace.events(this.#next));
    const { now } = this.#world;
    for (const cpu of this.#on) this.#book(cpu, now);
    const busyNs = Math.min(this.#busyNs, now * this.#on.length);
    return {
      busyNs,
      idleNs: now * this.#on.length - busyNs,
      traps: this.#traps,
      switches: this.#switches,
      interrupts: this.#interrupts,
      callbacks: this.#callbacks,
      memoryBytes: this.#mostBytes,
      queueMost: this.#queueMost,
    };
  }

  #addAll(events: Iterable<TraceEvent>): void {
    const { index } = this.#machine;
    for (const event of events) {
      if (event.seq < this.#next) continue;
      this.#next = event.seq + 1;
      if (event.machine === index) this.#add(event);
    }
  }

  #add(event: TraceEvent): void {
    switch (event.kind) {
      case "sys_enter":
        this.#traps++;
        return;
      case "sched_switch":
        return this.#switched(event.cpu, event.at, event.next);
      case "irq_enter":
        return this.#interrupted(event.at, event.costNs);
      case "softirq_enter":
        return this.#interrupted(event.at, event.costNs, 0);
      case "callback_enter":
        this.#callbacks++;
        return;
      case "listen_queue":
        this.#queueMost = Math.max(this.#queueMost, event.waiting);
        return;
      case "process_spawn":
        return this.#take(PROCESS_BYTES);
      case "process_reap":
        return this.#take(-PROCESS_BYTES);
      case "thread_create":
        return this.#take(this.#machine.memory.stackBytes);
      case "thread_exit":
        return this.#take(-this.#machine.memory.stackBytes);
    }
  }

  #take(sizeBytes: number): void {
    this.#usedBytes += sizeBytes;
    this.#mostBytes = Math.max(this.#mostBytes, this.#usedBytes);
  }

  /** A switch is what is paid for: another thread than the last one that ran here. */
  #switched(index: number, at: number, next: number): void {
    const cpu = this.#on[index]!;
    this.#book(cpu, at);
    cpu.tid = next;
    if (next === 0 || next === cpu.last) return;
    cpu.last = next;
    this.#switches++;
  }

  #book(cpu: { tid: number; sinceNs: number }, at: number): void {
    if (cpu.tid !== 0) this.#busyNs += at - cpu.sinceNs;
    cpu.sinceNs = at;
  }

  /** What it takes from a thread is counted with the thread. */
  #interrupted(_at: number, costNs: number, times = 1): void {
    this.#interrupts += times;
    if (this.#on[0]!.tid === 0) this.#busyNs += costNs;
  }
}
