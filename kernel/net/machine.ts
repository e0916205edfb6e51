// What the network needs of the machine it is in, and no more: a clock, a trace,
// an interrupt line, a name. The kernel's Machine is one; so is the small one of
// the tests.

import type { Program } from "../abi.ts";
import type { Clock, Due } from "../clock.ts";
import type { HeaderRecord } from "../dev/nic.ts";
import type { FileObject } from "../file.ts";
import type { Costs } from "../params.ts";
import type { Thread } from "../thread.ts";

export interface NetworkMachine {
  /** Its host name. */
  readonly name: string;
  readonly clock: Clock;
  readonly trace: { readonly on: boolean } & HeaderRecord;
  readonly costs: Pick<Costs, "interruptNs" | "packetNs">;
  /** Hears how many connections wait to be accepted. */
  readonly counters?: { queueIs(waiting: number): void };
  /** The machine that a name or address means here; itself if nobody knows. */
  resolve(host: string): string;
  /** Of a switch: the machine that tells what is lost in it. */
  readonly witness?: NetworkMachine | null;
  /** A switch says whether a host is behind it; a machine passes nothing on. */
  reaches?(host: string): boolean;
  /** A device interrupts: the handler runs, and its cost is taken from a CPU. */
  interrupt(device: string, handler: () => void, extraNs?: number): void;
  /** The same for work that an interrupt left for later. */
  softirq(device: string, handler: () => void, costNs: number): void;
  /** Until when interrupts hold the CPU that takes them, ns. */
  readonly heldUntilNs: number;
  /** A thread that runs kernel code begins; false: there is no memory for it. */
  kernelThread(name: string, body: () => Program): boolean;
  emit(kind: number, a?: number, b?: number, c?: number, text?: string): void;
  objectCreated(what: "socket"): number;
  objectReleased(what: "socket", id: number): void;
  /** As `clock.schedule`, for what keeps no world from being idle. */
  scheduleBackground(due: number, owner: Due): number;
  cancelBackground(token: number): void;
  /** Timers are counted and traced. */
  timerStarted(): void;
  timerEnded(): void;
  holdersOf(object: FileObject): Iterable<Thread>;
}
