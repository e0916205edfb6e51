// A CPU: what it is doing now and when that is over. It dispatches threads,
// charges for every switch, trap, copy and callback, cuts declared work at the
// end of a turn or when something interrupts it, and gives up cycles to
// interrupts. What a call does is not known here, nor who is next.
//
// One thing is due at a time per CPU (`due`, `seq`); the world compares it with
// the clock's queue. Where nothing else comes first, `run` goes on in place,
// without any queue traffic: the result is the same as step by step.
//
// Divergence from Linux: a CPU that was idle and gets the same thread back pays
// no switch; cache refill, wake-up from a sleep state and timer ticks are not
// modelled.

import { CALL } from "./abi.ts";
import { argumentsText, resultText } from "./call_text.ts";
import type { Machine } from "./kernel.ts";
import { hang } from "./farewell.ts";
import { FREE_CALLS_MAX } from "./params.ts";
import { eventBytes } from "./queue.ts";
import { ENDED } from "./request.ts";
import { start } from "./syscall.ts";
import {
  COMPUTE,
  EXITED,
  type Frame,
  READY,
  RETURN,
  RUNNING,
  START,
  type Thread,
  WAIT,
  WAITING,
} from "./thread.ts";
import { STATE, TRACE, WHY } from "./trace.ts";
import { resume, startUpcall } from "./trap.ts";

// Constants of this file, so that the path every trap takes looks nothing up.
const PUSH = CALL.push, COMPUTE_CALL = CALL.compute;
const SYS_ENTER = TRACE.sys_enter, SYS_EXIT = TRACE.sys_exit;

/** What a CPU is doing. */
export const CPU_IDLE = 0,
  /** Serving an interrupt, with no thread. */
  CPU_IRQ = 1,
  CPU_SWITCH = 2,
  /** In the kernel for a call: its effect comes at the end. */
  CPU_TRAP = 3,
  /** In the program: declared work. */
  CPU_COMPUTE = 4,
  /** In the kernel, copying a result out. */
  CPU_RETURN = 5,
  /** Entering a callback. */
  CPU_CALLBACK = 6;

export class Cpu {
  doing = CPU_IDLE;
  thread: Thread | null = null;
  /** When what it is doing is over; Infinity when idle. */
  due = Infinity;
  seq = 0;
  #last: Thread | null = null;
  /** When the present stretch of work began, moved on by stolen time. */
  #since = 0;
  #sliceEnds = Infinity;
  #sliceNs = Infinity;
  /** Until when an interrupt holds it. */
  #irqUntil = 0;
  #freeCalls = 0;

  constructor(readonly machine: Machine, readonly index: number) {}

  /** What is due now happens, and what follows in place. */
  run(): void {
    const { world, clock } = this.machine;
    for (;;) {
      this.#happen();
      const { due } = this;
      if (due >= clock.nextDue || due > world.inPlaceUntil) return;
      if (world.steps >= world.stepLimit) return;
      world.steps++;
      if (due !== clock.now) this.#freeCalls = 0;
      else if (++this.#freeCalls > FREE_CALLS_MAX) this.#stuck();
      clock.now = due;
    }
  }

  /** Until when interrupts hold it; in the past if none does. */
  get heldUntilNs(): number {
    return this.#irqUntil;
  }

  /** An interrupt takes `costNs` from whatever it does. */
  steal(costNs: number): void {
    const { now } = this.machine.clock;
    this.#irqUntil = Math.max(this.#irqUntil, now) + costNs;
    if (this.doing === CPU_IDLE || this.doing === CPU_IRQ) {
      if (costNs > 0) this.#until(CPU_IRQ, this.#irqUntil);
      return;
    }
    this.due += costNs;
    this.#since += costNs;
  }

  /** Its thread is to be interrupted: work is cut, anything else is not. */
  cut(): void {
    if (this.doing !== CPU_COMPUTE) return;
    const at = Math.max(this.machine.clock.now, this.#irqUntil);
    if (at < this.due) this.#cutAt(at);
  }

  /** Somebody became ready: a work that ran alone is sliced again, or preempted. */
  othersAreReady(preempt: boolean): void {
    if (this.doing !== CPU_COMPUTE) return;
    if (preempt) this.#sliceEnds = this.machine.clock.now;
    else this.#renewSlice();
    if (this.#sliceEnds < this.due) {
      const { now } = this.machine.clock;
      this.#cutAt(Math.max(this.#sliceEnds, this.#irqUntil, now));
    }
  }

  /** Takes the next ready thread, or goes idle. */
  #pickNext(previous: Thread | null, state: number): void {
    const { machine } = this;
    const next = machine.scheduler.pick();
    // Whose turn is over may be the next again: nothing changes.
    if (next !== previous) this.#switched(previous, state, next);
    this.thread = next;
    if (next === null) {
      this.doing = CPU_IDLE;
      this.due = Infinity;
      return;
    }
    next.state = RUNNING;
    next.cpu = this;
    const { now } = machine.clock;
    this.#sliceNs = machine.scheduler.turnNs(next);
    this.#sliceEnds = now + this.#sliceNs;
    const costNs = next === this.#last ? 0 : machine.costs.contextSwitchNs;
    if (next !== this.#last) machine.counters.switches++;
    this.#last = next;
    if (costNs > 0) this.#until(CPU_SWITCH, now + costNs);
    else this.#proceed();
  }

  /** Its thread gives up the rest of its turn. */
  endTurn(): void {
    this.#sliceEnds = this.machine.clock.now;
  }

  /** Its thread is taken off, killed or stopped; the next is picked in a moment. */
  drop(state: number): void {
    const { thread } = this;
    this.#account();
    this.#switched(thread, state, null);
    this.thread = null;
    this.#until(CPU_IRQ, Math.max(this.machine.clock.now, this.#irqUntil));
  }

  /** Somebody is ready: an idle CPU looks, after what is happening now. */
  kick(): void {
    this.#until(CPU_IRQ, Math.max(this.machine.clock.now, this.#irqUntil));
  }

  /** The power is gone: it does nothing, for nobody. */
  powerOff(): void {
    const { counters, clock } = this.machine;
    counters.cpuTook(this.index, false, clock.now);
    this.thread = this.#last = null;
    this.doing = CPU_IDLE;
    this.due = this.#sliceEnds = this.#sliceNs = Infinity;
    this.#irqUntil = this.#freeCalls = 0;
  }

  #happen(): void {
    switch (this.doing) {
      case CPU_IDLE:
        return;
      case CPU_IRQ:
        return this.#pickNext(null, STATE.none);
      case CPU_SWITCH:
        return this.#proceed();
      case CPU_TRAP:
        return this.#effect();
      case CPU_COMPUTE:
        return this.#worked();
      case CPU_RETURN:
        this.#charge(this.machine.clock.now - this.#since);
        return this.#resume();
      case CPU_CALLBACK:
        this.#charge(this.machine.clock.now - this.#since);
        return this.#startUpcall();
    }
  }

  /** The thread has the CPU: what does it do? */
  #proceed(): void {
    const thread = this.thread!;
    if (thread.upcallDue && this.#enterUpcall(thread)) return;
    const { frame } = thread;
    switch (frame.stage) {
      case RETURN:
        return this.#return(frame);
      case COMPUTE:
        return this.#work(frame);
      case WAIT:
        return this.#block();
      case START: // a callback that was stopped while it was entered goes on
        return frame.upcall !== null && frame.routine === null
          ? this.#startUpcall()
          : this.#resume();
      default:
        return this.#trap(frame);
    }
  }

  /** Enters the kernel for the call the thread has made. */
  #trap(frame: Frame): void {
    const { machine } = this;
    const { call } = frame;
    if (!frame.entered) { // once, though a stop may make it enter again
      machine.counters.traps++;
      if (machine.trace.on) this.#traceEnter(frame);
    }
    frame.entered = true;
    if (call.number === COMPUTE_CALL && isTime(call.a)) {
      frame.computeLeft = Math.round(call.a);
      frame.stage = COMPUTE;
      frame.entered = false;
      return this.#work(frame);
    }
    this.#until(CPU_TRAP, machine.clock.now + machine.entryNs(call));
  }

  /** The call takes effect: at once, or the thread waits. */
  #effect(): void {
    const thread = this.thread!;
    const { frame } = thread;
    this.#charge(this.machine.clock.now - this.#since);
    const { call } = frame;
    frame.entered = false;
    const { machine } = this;
    machine.kernelNs = 0;
    start(frame, call);
    const { world } = machine;
    if (world.wanted === null) this.#happened(thread, frame);
    else world.thenGoOn(() => this.#happened(thread, frame));
  }

  /** The call has taken effect, or has begun to wait. */
  #happened(thread: Thread, frame: Frame): void {
    const { machine } = this;
    if (thread.state === EXITED) return; // it ended itself
    if (frame.state === ENDED) {
      frame.stage = RETURN;
      frame.returnNs = machine.resultNs(frame.ok, frame.result) +
        machine.kernelNs;
    } else {
      frame.stage = WAIT;
    }
    if (this.thread !== thread) return; // it stopped itself
    if (frame.call.number === PUSH) this.#return(frame); // it returns before its callback
    else this.#proceed();
  }

  /** Hands over a result, copying it first. */
  #return(frame: Frame): void {
    const { take } = frame;
    if (take !== null) {
      frame.take = null;
      if (frame.ok) {
        frame.result = take.collect();
        frame.returnNs = this.machine.copyNs(eventBytes(
          Array.isArray(frame.result) ? frame.result : [frame.result],
        ));
      }
    }
    const { now } = this.machine.clock;
    if (now >= this.#sliceEnds && this.#yieldTurn()) return;
    if (frame.returnNs === 0) return this.#resume();
    const { returnNs } = frame;
    frame.returnNs = 0;
    this.#until(CPU_RETURN, now + returnNs);
  }

  /** Its turn is over: if somebody is ready, that one runs. */
  #yieldTurn(): boolean {
    const { scheduler } = this.machine;
    if (scheduler.length === 0) {
      this.#renewSlice();
      return false;
    }
    const thread = this.thread!;
    thread.state = READY;
    scheduler.enqueue(thread);
    this.#pickNext(thread, STATE.ready);
    return true;
  }

  /** Goes on with declared work, as long as the turn lasts if others are ready. */
  #work(frame: Frame): void {
    const { now } = this.machine.clock;
    if (now >= this.#sliceEnds && this.#yieldTurn()) return;
    let until = now + frame.computeLeft;
    if (this.machine.scheduler.length > 0 && this.#sliceEnds < until) {
      until = this.#sliceEnds;
    }
    this.#until(CPU_COMPUTE, until);
  }

  #worked(): void {
    const { frame } = this.thread!;
    const done = Math.min(
      frame.computeLeft,
      Math.max(0, this.machine.clock.now - this.#since),
    );
    this.#charge(done);
    frame.computeLeft -= done;
    if (frame.computeLeft === 0) {
      frame.stage = RETURN;
      frame.ok = true;
      frame.result = undefined;
    }
    this.#proceed();
  }

  /** The generator runs, in no time, to its next call or its end. */
  #resume(): void {
    const thread = this.thread!;
    const { frame } = thread;
    if (frame.stage === RETURN && this.machine.trace.on) this.#traceExit(frame);
    resume(thread);
    if (this.thread === thread && thread.state === RUNNING) this.#proceed();
  }

  /** The thread waits; the CPU takes another. */
  #block(): void {
    const thread = this.thread!;
    thread.state = WAITING;
    this.#pickNext(thread, STATE.waiting);
  }

  #enterUpcall(thread: Thread): boolean {
    const upcall = thread.takeUpcall();
    if (upcall === null) return false;
    thread.enterUpcall(upcall);
    const { costs, clock } = this.machine;
    const { event } = upcall;
    const copyNs = typeof event === "string"
      ? 0
      : this.machine.copyNs(eventBytes([event]));
    this.#until(CPU_CALLBACK, clock.now + costs.callbackNs + copyNs);
    return true;
  }

  #startUpcall(): void {
    const thread = this.thread!;
    startUpcall(thread);
    if (this.thread === thread && thread.state === RUNNING) this.#proceed();
  }

  /** Does this from now on, until then. */
  #until(doing: number, due: number): void {
    const { clock } = this.machine;
    this.#since = clock.now;
    this.doing = doing;
    this.due = due;
    this.seq = clock.takeSeq();
  }

  /** Goes on with what it does, but only until then. */
  #cutAt(due: number): void {
    this.due = due;
    this.seq = this.machine.clock.takeSeq();
  }

  #charge(ns: number): void {
    if (this.thread !== null) this.thread.usedNs += ns;
  }

  /** What it did of a work that is now taken from it. */
  #account(): void {
    if (this.doing !== CPU_COMPUTE) return;
    const { frame } = this.thread!;
    const done = Math.min(
      frame.computeLeft,
      Math.max(0, this.machine.clock.now - this.#since),
    );
    this.#charge(done);
    frame.computeLeft -= done;
  }

  /** A thread that runs alone gets turn after turn. */
  #renewSlice(): void {
    const { now } = this.machine.clock;
    if (now < this.#sliceEnds || this.#sliceNs === Infinity) return;
    const turns = Math.floor((now - this.#sliceEnds) / this.#sliceNs) + 1;
    this.#sliceEnds += turns * this.#sliceNs;
  }

  #stuck(): void {
    this.#freeCalls = 0;
    hang(this.thread!);
  }

  #traceEnter(frame: Frame): void {
    const { call } = frame;
    this.machine.emitOn(
      this,
      SYS_ENTER,
      call.number,
      call.site | 0,
      0,
      call.a === undefined ? undefined : argumentsText(call),
    );
  }

  #traceExit(frame: Frame): void {
    const { call, ok, result } = frame;
    const number = result === undefined ? 0 : result;
    const small = ok && Number.isInteger(number);
    this.machine.emitOn(
      this,
      SYS_EXIT,
      call.number,
      ok ? 1 : 0,
      small ? number as number : 0,
      small ? undefined : resultText(call, ok, result),
    );
  }

  #switched(
    previous: Thread | null,
    state: number,
    next: Thread | null,
  ): void {
    const { machine } = this;
    const { now } = machine.clock;
    machine.counters.cpuTook(this.index, next !== null, now);
    if (!machine.trace.on) return;
    const target = state === STATE.waiting
      ? (previous!.frame.waitsFor ?? null)
      : null;
    machine.trace.append(
      TRACE.sched_switch,
      now,
      machine.index,
      this.index,
      previous?.process.pid ?? 0,
      previous?.tid ?? 0,
      next?.tid ?? 0,
      state,
      WHY[target?.kind ?? ""],
      target?.describe(),
    );
  }
}

/** A number of ns that a compute may take. */
export function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 &&
    value <= Number.MAX_SAFE_INTEGER;
}
