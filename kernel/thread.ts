// A thread is a generator. A blocked thread is a suspended generator; nothing
// else stands for it. A frame is one generator of a thread together with the
// call it is in: the thread's main routine, and above it, while one runs, a
// callback or signal handler. A frame is itself door 1's pending operation.

import type {
  Event,
  MaskClass,
  MaskSet,
  Resume,
  Routine,
  SignalName,
  SysError,
} from "./abi.ts";
import { SIGNALS } from "./abi.ts";
import { WEIGHT_DEFAULT } from "./params.ts";
import type { Cpu } from "./cpu.ts";
import type { Machine } from "./kernel.ts";
import type { Process } from "./process.ts";
import type { Take } from "./queue.ts";
import { EventQueue } from "./queue.ts";
import { ENDED, Operation, type Withdraw } from "./request.ts";
import { raiseOnThread } from "./signal.ts";
import { TRACE, WHY } from "./trace.ts";
import type { Waiter, WaitQueue, WaitTarget } from "./wait_queue.ts";

/** What a frame does next when its thread has the CPU. */
export const START = 0, CALL = 1, COMPUTE = 2, WAIT = 3, RETURN = 4;

/** What a thread is doing. `stopped` is beside this: see Thread.stopped. */
export const RUNNING = 0, READY = 1, WAITING = 2, EXITED = 3;

/** The one result object that `yield*` reads and forgets; see {@link Frame.settle}. */
const SETTLED: IteratorReturnResult<unknown> = { done: true, value: undefined };

// deno-lint-ignore no-explicit-any
type AnyRoutine = Generator<any, any, any>;

/** Door 1: the kernel pauses this thread and hands the result to its generator. */
export class Frame extends Operation implements Resume {
  stage = START;
  routine: AnyRoutine | null = null;
  /** It is in the kernel for its call, which has not taken effect. */
  entered = false;
  /** ns of declared CPU work left of the compute it is in. */
  computeLeft = 0;
  /** Kernel time to use before the result is handed over: copying it. */
  returnNs = 0;
  ok = true;
  result: unknown = undefined;
  /** The events a `wait` is about to take. */
  take: Take | null = null;
  /** The frame it interrupted; null for the thread's own. */
  below: Frame | null = null;
  /** What started it, if it is a callback. */
  upcall: Upcall | null = null;

  /** Hands the result of the call to the generator: by value, or as a throw. */
  settle(): IteratorReturnResult<unknown> {
    const { result } = this;
    this.result = undefined;
    if (!this.ok) throw result;
    SETTLED.value = result;
    return SETTLED;
  }

  override get atDoorOne(): boolean {
    return true;
  }

  override park<W extends Waiter>(queue: WaitQueue<W>): void {
    super.park(queue);
    this.#traceWait();
  }

  override waitFor(target: WaitTarget, withdraw?: Withdraw | null): void {
    super.waitFor(target, withdraw);
    this.#traceWait();
  }

  /** It waits already, and now for something else. */
  #traceWait(): void {
    if (this.stage !== WAIT || this.thread.state !== WAITING) return;
    if (this.thread.frame !== this) return;
    const { kind } = this.waitsFor!;
    const { machine } = this.thread;
    if (!machine.trace.on) return;
    const text = this.waitsFor!.describe();
    machine.emitFor(this.thread, TRACE.sched_wait, 0, 0, WHY[kind], text);
  }

  protected override deliver(ok: boolean, result: unknown): void {
    this.ok = ok;
    this.result = result;
    if (!ok && (result as SysError).code === "EPIPE") this.thread.brokenPipe();
    if (this.stage !== WAIT) return; // it never waited: the CPU goes on with it
    this.stage = RETURN;
    this.returnNs = this.thread.machine.resultNs(ok, result);
    const { thread } = this;
    if (thread.frame === this) thread.machine.wake(thread);
  }

  get waiting(): boolean {
    return this.stage === WAIT && this.state !== ENDED;
  }
}

/** A pushed callback or a signal handler that is to run on a thread. */
export interface Upcall {
  /** Handle id of a pushed request; −signal number of a signal. */
  id: number;
  event: Event | SignalName;
  fn: (event: never) => Routine<unknown> | void;
  /** A handler that asked for its interrupted calls to go on. */
  restart: boolean;
}

const ALL_CLASSES: readonly MaskClass[] = [
  "io",
  ...(Object.keys(SIGNALS) as SignalName[]),
];
/** Bit 0 is "io", bit n is signal n. */
export const IO_BIT = 1;

export class Thread {
  state = READY;
  /** Stopped by a signal: it stays off the CPU, though what it waits for may come. */
  stopped = false;
  frame: Frame;
  readonly base: Frame;
  cpu: Cpu | null = null;
  /** Next in the run queue. */
  nextReady: Thread | null = null;
  /** CPU time used, ns: declared work and kernel time. */
  usedNs = 0;
  weight = WEIGHT_DEFAULT;
  // What the scheduler notes: how much of `usedNs` it has counted, and for `fair`
  // and `mlfq` where the thread stands.
  accountedNs = 0;
  virtualNs = 0;
  level = 0;
  allotmentNs = 0;
  boosts = 0;

  /** Classes held back. */
  mask = 0;
  maskBeforePause = 0;
  /** Where `mask` was last called, for the deadlock report. */
  maskedAt = 0;
  /** Pushed callbacks whose event has come, in order of completion. */
  callbacks: Upcall[] | null = null;
  /** Signals sent to this thread or its process and not yet delivered: bit n is signal n. */
  pendingSignals = 0;
  /** The callback frame, kept for reuse. */
  spareFrame: Frame | null = null;
  ranSincePause = false;

  /** Makes its routine when it first runs. */
  start: (() => unknown) | null = null;
  /** Where events go that were submitted without a queue. */
  #events: EventQueue | null = null;
  /** What it returned, until joined. */
  value: unknown = undefined;
  detached = false;
  joiners: WaitQueue<Operation> | null = null;
  name: string;

  constructor(
    readonly machine: Machine,
    readonly process: Process,
    readonly tid: number,
    name: string,
  ) {
    this.name = name;
    this.base = new Frame(this);
    this.frame = this.base;
  }

  get events(): EventQueue {
    return this.#events ??= new EventQueue(0, Infinity);
  }
  get eventsIfAny(): EventQueue | null {
    return this.#events;
  }

  /** True while a callback or signal handler runs: no other starts inside it. */
  get inUpcall(): boolean {
    return this.frame !== this.base;
  }

  /** Something may interrupt it now. */
  get upcallDue(): boolean {
    if (this.callbacks === null && this.pendingSignals === 0) return false;
    if (this.inUpcall) return false;
    return (this.pendingSignals & ~this.mask) !== 0 ||
      (this.callbacks !== null && (this.mask & IO_BIT) === 0);
  }

  /** Takes what interrupts it next: signals lowest first, then callbacks in order of completion. */
  takeUpcall(): Upcall | null {
    const signals = this.pendingSignals & ~this.mask;
    if (signals !== 0) {
      const number = 31 - Math.clz32(signals & -signals);
      this.pendingSignals &= ~(1 << number);
      return this.process.signalUpcall(number);
    }
    if (this.callbacks === null || (this.mask & IO_BIT) !== 0) return null;
    const first = this.callbacks.shift()!;
    if (this.callbacks.length === 0) this.callbacks = null;
    return first;
  }

  /** Puts a callback above what it is doing. */
  enterUpcall(upcall: Upcall): void {
    const frame = this.spareFrame ?? new Frame(this);
    this.spareFrame = null;
    frame.below = this.frame;
    frame.upcall = upcall;
    frame.stage = START;
    frame.routine = null;
    this.frame = frame;
  }

  /** The callback has ended: what it interrupted is on top again. */
  leaveUpcall(): Upcall {
    const { frame } = this;
    const { upcall } = frame;
    this.frame = frame.below!;
    frame.below = frame.upcall = frame.routine = null;
    this.spareFrame = frame;
    this.ranSincePause = true;
    return upcall!;
  }

  /** It wrote where nobody reads. */
  brokenPipe(): void {
    raiseOnThread(this, SIGNALS.PIPE);
  }

  /** What it waits for, for people; null when it does not wait. */
  get waitsFor(): Operation | null {
    return this.state === WAITING && this.frame.state !== ENDED
      ? this.frame
      : null;
  }
}

/** A mask as bits, or null if it is none. */
export function maskBits(set: unknown): number | null {
  if (set === "all") return bitsOf(ALL_CLASSES);
  if (set === "none") return 0;
  if (!Array.isArray(set)) return null;
  if (!set.every((name) => ALL_CLASSES.includes(name))) return null;
  return bitsOf(set);
}

/** Bits as a mask that `mask` takes. */
export function maskSet(bits: number): MaskSet {
  return ALL_CLASSES.filter((name) => (bits & bitOf(name)) !== 0);
}

function bitsOf(classes: readonly MaskClass[]): number {
  return classes.reduce((bits, name) => bits | bitOf(name), 0) &
    ~(1 << SIGNALS.KILL) & ~(1 << SIGNALS.STOP);
}

function bitOf(name: MaskClass): number {
  return name === "io" ? IO_BIT : 1 << SIGNALS[name];
}
