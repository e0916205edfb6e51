// Signals: posted to a process or a thread, pending until delivered, delivered
// by the same mechanism as pushed callbacks, or by their default action. Which
// wait a caught signal ends is decided here.

import { CALL, type SignalAction, type SignalName, SIGNALS } from "./abi.ts";
import { endProcess, type Process, tellParent } from "./process.ts";
import { type Frame, type Thread, WAIT, WAITING } from "./thread.ts";
import { TRACE } from "./trace.ts";

const NAMES: SignalName[] = [];
for (const [name, number] of Object.entries(SIGNALS)) {
  NAMES[number] = name as SignalName;
}

/** What each signal does in one process. */
export class Dispositions {
  #actions = new Map<number, SignalAction>();

  get(number: number): SignalAction {
    return this.#actions.get(number) ?? "dfl";
  }
  set(number: number, action: SignalAction): void {
    this.#actions.set(number, action);
  }
  nameOf(number: number): SignalName {
    return NAMES[number]!;
  }

  /** Ended children leave no zombies. */
  get ignoresChildren(): boolean {
    return this.get(SIGNALS.CHLD) === "ign";
  }

  /** Across exec and spawn: what was caught is default, what was ignored stays so. */
  inherit(): Dispositions {
    const child = new Dispositions();
    for (const [number, action] of this.#actions) {
      if (action === "ign") child.set(number, "ign");
    }
    return child;
  }
}

export function signalName(number: number): SignalName {
  return NAMES[number]!;
}

const STOPPING = bits("STOP", "TSTP", "TTIN", "TTOU");
const HARMLESS = bits("CHLD", "CONT", "WINCH");
/** Calls that wait for something slow: signal(7). A file's are not among them. */
const SLOW = new Set([
  CALL.read,
  CALL.write,
  CALL.ready,
  CALL.connect,
  CALL.accept,
  CALL.waitpid,
  CALL.join,
  CALL.futexWait,
  CALL.chain,
  CALL.sleep,
  CALL.wait,
]);
/** Calls that EINTR ends even if the handler restarts: poll, sleep and pause. */
const NEVER_RESTARTED = new Set([CALL.wait, CALL.sleep, CALL.pause]);

/** Sends a signal to a process. */
export function raise(process: Process, number: number): void {
  if (process.exit !== null || process === process.machine.init) return;
  if (number === SIGNALS.CONT) continueProcess(process);
  if (number === SIGNALS.KILL) return killBy(process, number);
  if (number === SIGNALS.STOP) return stopProcess(process, number);
  const action = process.signals.get(number);
  if (action === "ign" || (action === "dfl" && has(HARMLESS, number))) return;
  const thread = chooseThread(process, number);
  if (thread === undefined) return;
  raiseOnThread(thread, number);
}

/** Sends a signal to one thread: it writes to a broken pipe, say. */
export function raiseOnThread(thread: Thread, number: number): void {
  const { process } = thread;
  if (process.exit !== null) return;
  const action = process.signals.get(number);
  if (action === "ign" || (action === "dfl" && has(HARMLESS, number))) return;
  thread.pendingSignals |= 1 << number;
  if ((thread.mask & (1 << number)) !== 0) return;
  if (process.stoppedBy !== null) return; // it is acted on after CONT
  if (action === "dfl") return takeDefault(thread, number);
  interruptWait(thread, action.restart ?? false);
  thread.machine.upcallCame(thread);
}

/** What was held back, by the mask or by a stop, happens now. */
export function unmasked(thread: Thread): void {
  let due = thread.pendingSignals & ~thread.mask;
  while (due !== 0 && thread.process.exit === null) {
    const number = 31 - Math.clz32(due & -due);
    due &= due - 1;
    const action = thread.process.signals.get(number);
    if (typeof action === "object") {
      interruptWait(thread, action.restart ?? false);
    } else takeDefault(thread, number);
  }
  thread.machine.upcallCame(thread);
}

function takeDefault(thread: Thread, number: number): void {
  thread.pendingSignals &= ~(1 << number);
  const ignored = thread.process.signals.get(number) === "ign";
  if (ignored || has(HARMLESS, number)) return;
  if (has(STOPPING, number)) stopProcess(thread.process, number);
  else killBy(thread.process, number);
}

/** The first thread that lets the signal in; the main thread if none does. */
function chooseThread(process: Process, number: number): Thread | undefined {
  for (const thread of process.threads.values()) {
    if ((thread.mask & (1 << number)) === 0) return thread;
  }
  return process.mainThread;
}

/** A caught signal ends a wait with EINTR, unless the handler restarts it; a disk is not interrupted. */
function interruptWait(thread: Thread, restart: boolean): void {
  const { frame } = thread;
  if (thread.state !== WAITING || frame.stage !== WAIT || thread.inUpcall) {
    return;
  }
  const { number } = frame.call;
  if (!SLOW.has(number)) return; // a pause returns when the handler has run
  if (restart && !NEVER_RESTARTED.has(number)) return;
  frame.withdraw("EINTR", remaining(frame));
}

function remaining(frame: Frame): { remainingNs: number } | undefined {
  if (frame.call.number !== CALL.sleep) return undefined;
  return { remainingNs: frame.sleepsUntil - frame.thread.machine.clock.now };
}

function killBy(process: Process, number: number): void {
  emitDelivery(process, number);
  endProcess(process, { signal: signalName(number) });
}

function stopProcess(process: Process, number: number): void {
  if (process.stoppedBy !== null) return;
  emitDelivery(process, number);
  process.stoppedBy = signalName(number);
  process.news = "stopped";
  for (const thread of process.threads.values()) thread.machine.stop(thread);
  tellParent(process);
}

function continueProcess(process: Process): void {
  for (const thread of process.threads.values()) {
    thread.pendingSignals &= ~STOPPING;
  }
  if (process.stoppedBy === null) return;
  process.stoppedBy = null;
  process.news = "continued";
  const threads = [...process.threads.values()];
  for (const thread of threads) unmasked(thread);
  if (process.exit !== null) return;
  emitDelivery(process, SIGNALS.CONT);
  for (const thread of threads) thread.machine.go(thread);
  tellParent(process);
}

function emitDelivery(process: Process, number: number): void {
  process.machine.emitProcess(process, TRACE.signal_deliver, number);
}

function bits(...names: SignalName[]): number {
  return names.reduce((all, name) => all | 1 << SIGNALS[name], 0);
}

function has(set: number, number: number): boolean {
  return (set & (1 << number)) !== 0;
}
