// The only place where a program's code runs: the kernel resumes a generator
// and reads the call it traps with. The result object is not looked at beyond
// `value` and `done`, since engines differ in which object they hand out. What
// the program throws ends its process with one sentence.

import { CALL as NUMBER, Call, SysError } from "./abi.ts";
import { isHostile } from "./arguments.ts";
import { callText, functionName } from "./call_text.ts";
import { endProcess, endThread, type Process } from "./process.ts";
import { Pushed } from "./queue.ts";
import { CALL, type Frame, START, type Thread } from "./thread.ts";
import { TRACE } from "./trace.ts";
import { endOfMain, printError } from "./farewell.ts";

/** Runs the top frame of a thread to its next call, or to its end. */
export function resume(thread: Thread): void {
  const { frame } = thread;
  const first = frame.stage === START;
  frame.stage = CALL;
  let value: unknown;
  let done: boolean | undefined;
  let isCall: boolean;
  try {
    const result = first ? firstStep(thread) : frame.routine!.next(frame);
    value = result.value;
    done = result.done;
    isCall = value instanceof Call && value.used;
  } catch (error) {
    return uncaught(thread, error);
  }
  if (done) frameEnded(thread, value);
  else if (isCall) frame.call = value as Call<unknown>;
  else badTrap(thread, value);
}

/** A thread's function is called when the thread first runs; one that is no generator just returns. */
function firstStep(thread: Thread): IteratorResult<unknown, unknown> {
  const { frame } = thread;
  if (frame.routine === null) {
    const routine = thread.start!();
    thread.start = null;
    if (isRoutine(routine)) frame.routine = routine;
    else if (thread !== thread.process.mainThread) {
      return { done: true, value: routine };
    } else throw new Error(NO_GENERATOR);
  }
  return frame.routine.next();
}

const NO_GENERATOR =
  "main must be a generator: write function* main. The star lets the kernel pause it";

/** Calls the function of a callback or signal handler. */
export function startUpcall(thread: Thread): void {
  const { frame } = thread;
  const { fn, event } = frame.upcall!;
  announceUpcall(thread);
  let isGenerator: boolean;
  try {
    const routine: unknown = fn(event as never);
    isGenerator = isRoutine(routine);
    if (isGenerator) frame.routine = routine as Frame["routine"];
  } catch (error) {
    return uncaught(thread, error);
  }
  if (!isGenerator) upcallEnded(thread);
}

function announceUpcall(thread: Thread): void {
  const { machine, process } = thread;
  const { fn, event, id } = thread.frame.upcall!;
  const isSignal = typeof event === "string";
  const last = isSignal || !event.more;
  const name = functionName(fn);
  machine.counters.callbacks++;
  machine.emitFor(thread, TRACE.callback_enter, id, last ? 1 : 0, 0, name);
  if (isSignal) return machine.emitFor(thread, TRACE.signal_deliver, -id);
  const pushed = process.submissions.get(id);
  if (pushed instanceof Pushed) pushed.entered(event);
}

function isRoutine(
  value: unknown,
): value is Generator<unknown, unknown, unknown> {
  return typeof value === "object" && value !== null &&
    !(value instanceof Call) && typeof (value as Generator).next === "function";
}

function frameEnded(thread: Thread, value: unknown): void {
  if (thread.inUpcall) upcallEnded(thread);
  else routineEnded(thread, value);
}

/** What the callback interrupted goes on; a pause is over. */
function upcallEnded(thread: Thread): void {
  const { id } = thread.leaveUpcall();
  thread.machine.emitFor(thread, TRACE.callback_exit, id);
  const { frame } = thread;
  if (!frame.waiting || frame.call.number !== NUMBER.pause) return;
  if (thread.upcallDue) return; // the pause lets in all that has come
  thread.ranSincePause = false;
  thread.mask = thread.maskBeforePause;
  frame.complete(undefined);
}

function routineEnded(thread: Thread, value: unknown): void {
  const { process } = thread;
  if (thread === process.mainThread) {
    process.result = value;
    endOfMain(process);
    endProcess(process, { status: exitStatus(value) });
  } else {
    threadEnded(thread, value);
  }
}

/** A thread's value waits for its joiner, unless it is detached. */
function threadEnded(thread: Thread, value: unknown): void {
  const { process } = thread;
  thread.value = value;
  endThread(thread);
  const joiner = thread.joiners?.first ?? null;
  if (joiner !== null || thread.detached) process.threads.delete(thread.tid);
  joiner?.complete(value);
}

function exitStatus(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value & 255 : 0;
}

function uncaught(thread: Thread, error: unknown): void {
  const { process } = thread;
  let text: string;
  try {
    text = errorText(process, error);
  } catch {
    text = "threw something that cannot be printed";
  }
  const placed = /^\S+:\d+ /.test(text); // the loader's own sentences begin so
  const sentence = placed ? text : `${process.name}: ${text}`;
  printError(process, sentence);
  process.machine.emitFor(thread, TRACE.note, 0, 0, 0, sentence);
  endProcess(process, { status: 1 });
}

/** `/etc/nofile: ENOENT, no such file or directory (open at copy.ts:7)` */
function errorText(process: Process, error: unknown): string {
  if (error instanceof SysError) {
    const at = process.siteText(error.site);
    return `${error.message} (${error.call}${at === "" ? "" : ` at ${at}`})`;
  }
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return "a function called itself until the stack was full";
  }
  if (error instanceof Error) {
    const at = process.program?.describeError?.(error) ?? null;
    const place = at === null ? "" : ` (at ${at})`;
    return error.name === "Error" || error.message.includes(": ")
      ? error.message + place
      : `${error.name}: ${error.message}${place}`;
  }
  return `threw ${safeText(error)}`;
}

function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "a value that cannot be printed";
  }
}

/** It yielded something that is no call. */
function badTrap(thread: Thread, value: unknown): void {
  const { process } = thread;
  const why = isCall(value)
    ? `yield ${callText(value)} needs a star: yield* ${callText(value)}`
    : `yield ${safeText(value)} is no call: write yield* in front of a call`;
  printError(process, `${process.name}: ${why}`);
  endProcess(process, { status: 1 });
}

function isCall(value: unknown): value is Call<unknown> {
  try {
    return value instanceof Call;
  } catch {
    return false;
  }
}

/**
 * The kernel has thrown while it served this thread. If the call carries
 * something that throws when it is looked at, the program is to blame: it ends,
 * and the kernel goes on. Otherwise it is a bug of the kernel's.
 */
export function blame(thread: Thread): boolean {
  const { process, frame } = thread;
  if (!isHostile(frame.call)) return false;
  printError(process, `${process.name}: its call throws when it is looked at`);
  endProcess(process, { status: 1 });
  return true;
}
