// The only place where a program's code runs: the kernel resumes a generator
// and reads the call it traps with. The result object is not looked at beyond
// `value` and `done`, since engines differ in which object they hand out. What
// the program throws ends its process with one sentence.

import { CALL as NUMBER, Call, SysError } from "./abi.ts";
import { callText } from "./call_text.ts";
import { endProcess, endThread, type Process } from "./process.ts";
import { Pushed } from "./queue.ts";
import { CALL, START, type Thread } from "./thread.ts";
import { TRACE } from "./trace.ts";
import { endOfMain, printError } from "./farewell.ts";

/** Runs the top frame of a thread to its next call, or to its end. */
export function resume(thread: Thread): void {
  const { frame } = thread;
  const first = frame.stage === START;
  frame.stage = CALL;
  let value: unknown;
  let done: boolean | undefined;
  try {
    const result = first ? frame.routine!.next() : frame.routine!.next(frame);
    value = result.value;
    done = result.done;
  } catch (error) {
    return uncaught(thread, error);
  }
  if (done) return frameEnded(thread, value);
  if (value instanceof Call && value.used) frame.call = value;
  else badTrap(thread, value);
}

/** Calls the function of a callback or signal handler. */
export function startUpcall(thread: Thread): void {
  const { frame } = thread;
  const { fn, event, id } = frame.upcall!;
  const { machine, process } = thread;
  const last = typeof event === "string" || !event.more;
  machine.emitFor(thread, TRACE.callback_enter, id, last ? 1 : 0, 0, fn.name);
  if (typeof event === "string") {
    machine.emitFor(thread, TRACE.signal_deliver, -id);
  } else {
    const pushed = process.submissions.get(id);
    if (pushed instanceof Pushed) pushed.entered(event);
  }
  let routine: unknown;
  try {
    routine = fn(event as never);
  } catch (error) {
    return uncaught(thread, error);
  }
  if (isRoutine(routine)) frame.routine = routine;
  else upcallEnded(thread);
}

function isRoutine(
  value: unknown,
): value is Generator<unknown, unknown, unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as Generator).next === "function";
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
  printError(process, `${process.name}: ${errorText(process, error)}`);
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
  const why = value instanceof Call
    ? `yield ${callText(value)} needs a star: yield* ${value.name}(…)`
    : `yield ${safeText(value)} is no call: write yield* in front of a call`;
  printError(process, `${process.name}: ${why}`);
  endProcess(process, { status: 1 });
}
