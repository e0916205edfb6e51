// Handlers of the calls about threads: look at the arguments, then the machine
// or the process that does it.

import { isCount } from "./arguments.ts";
import { functionName } from "./call_text.ts";
import type { Operation } from "./request.ts";
import { EXITED, type Thread } from "./thread.ts";
import { WaitQueue } from "./wait_queue.ts";

export function sysThread(op: Operation, fn: unknown, arg: unknown): void {
  if (typeof fn !== "function") {
    return op.fail("EINVAL", { reason: "thread takes a generator function" });
  }
  const { machine, process } = op.thread;
  const thread = machine.newThread(
    process,
    functionName(fn) || "thread",
    op.thread.weight,
  );
  if (thread === null) {
    return op.fail("EAGAIN", { reason: noStackLeft(op) });
  }
  thread.mask = op.thread.mask;
  thread.start = () => (fn as (arg: unknown) => unknown)(arg);
  op.complete(thread.tid);
  machine.ready(thread);
}

/** `252 stacks of 256 KiB fill 64 MiB` */
function noStackLeft(op: Operation): string {
  const { memory } = op.thread.machine;
  const stacks = Math.floor(memory.sizeBytes / memory.stackBytes);
  return `no memory for another stack: about ${stacks} stacks of ${
    memory.stackBytes / 1024
  } KiB fill ${memory.sizeBytes / 1024 / 1024} MiB`;
}

export function sysJoin(op: Operation, tid: unknown): void {
  const { process } = op.thread;
  const thread = process.threads.get(tid as number);
  if (thread === undefined) return op.fail("ESRCH");
  if (thread === op.thread) return op.fail("EDEADLK");
  if (thread.detached) return op.fail("EINVAL", { reason: "it is detached" });
  if (thread.state === EXITED) {
    process.threads.delete(thread.tid);
    return op.complete(thread.value);
  }
  thread.joiners ??= new WaitQueue<Operation>("event", {
    describeWait: () => `thread ${thread.tid}`,
  });
  if (thread.joiners.length > 0) {
    return op.fail("EINVAL", { reason: "another thread joins it" });
  }
  op.park(thread.joiners);
}

export function sysDetach(op: Operation, tid: unknown): void {
  const { process } = op.thread;
  const thread = process.threads.get(tid as number);
  if (thread === undefined) return op.fail("ESRCH");
  if (thread.detached) return op.fail("EINVAL");
  thread.detached = true;
  if (thread.state === EXITED) process.threads.delete(thread.tid);
  op.complete(undefined);
}

export function sysSetpriority(
  op: Operation,
  tid: unknown,
  weight: unknown,
): void {
  const thread = threadOf(op, tid);
  if (thread === null) return op.fail("ESRCH");
  if (!isCount(weight, 100) || weight === 0) return op.fail("EINVAL");
  thread.weight = weight;
  op.complete(undefined);
}

export function sysGetpriority(op: Operation, tid: unknown): void {
  const thread = threadOf(op, tid);
  if (thread === null) op.fail("ESRCH");
  else op.complete(thread.weight);
}

/** The thread of that number on this machine. */
function threadOf(op: Operation, tid: unknown): Thread | null {
  for (const { threads } of op.thread.machine.processes.values()) {
    const thread = threads.get(tid as number);
    if (thread !== undefined && thread.state !== EXITED) return thread;
  }
  return null;
}
