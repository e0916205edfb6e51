// Handlers of the calls about processes: who one is, how one ends, and how a
// parent collects its children.

import { fieldsOf, isCount, isOptionalBoolean } from "./arguments.ts";
import { collect, endProcess, fits, matches, type Process } from "./process.ts";
import type { Operation } from "./request.ts";

export function sysExit(op: Operation, status: unknown): void {
  endProcess(op.thread.process, {
    status: typeof status === "number" && Number.isFinite(status)
      ? status & 255
      : 0,
  });
}
export function sysWaitpid(
  op: Operation,
  pid: unknown,
  options: unknown,
): void {
  const fields = fieldsOf(options, ["nohang", "untraced", "continued"]);
  if (
    !Number.isInteger(pid) || fields === null ||
    !Object.values(fields).every(isOptionalBoolean)
  ) return op.fail("EINVAL");
  const { process } = op.thread;
  const children = [...process.children].filter((child) => matches(op, child));
  if (children.length === 0) return op.fail("ECHILD");
  const changed = oldest(children.filter((child) => fits(op, child)));
  if (changed !== undefined) return op.complete(collect(changed));
  if (fields.nohang === true) return op.complete({ pid: 0 });
  op.park(process.childWaits);
}

/** The one that ended first; the living come after the dead. */
function oldest(children: Process[]): Process | undefined {
  return children.sort((a, b) => a.endedAt - b.endedAt)[0];
}
export function sysGetpid(op: Operation): void {
  op.complete(op.thread.process.pid);
}
export function sysGettid(op: Operation): void {
  op.complete(op.thread.tid);
}
export function sysGetppid(op: Operation): void {
  op.complete(op.thread.process.parent!.pid);
}
export function sysEnviron(op: Operation): void {
  op.complete({ ...op.thread.process.environment });
}

export function sysGetpgid(op: Operation, pid: unknown): void {
  const process = processOf(op, pid);
  if (process !== null) op.complete(process.group);
}

/** A process may move itself and its children, to a new group or one that exists. */
export function sysSetpgid(op: Operation, pid: unknown, group: unknown): void {
  const process = processOf(op, pid);
  if (process === null) return;
  const self = op.thread.process;
  if (process !== self && process.parent !== self) return op.fail("ESRCH");
  if (!isCount(group)) return op.fail("EINVAL");
  const wanted = group || process.pid;
  const exists = [...process.machine.processes.values()].some((each) =>
    each.group === wanted
  );
  if (wanted !== process.pid && !exists) return op.fail("EPERM");
  process.group = wanted;
  op.complete(undefined);
}

function processOf(op: Operation, pid: unknown): Process | null {
  const { machine, process } = op.thread;
  const found = pid === 0 ? process : machine.processes.get(pid as number);
  if (found !== undefined) return found;
  op.fail("ESRCH");
  return null;
}
