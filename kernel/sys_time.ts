// Handlers of the calls about time, chance, the CPU and futexes: look at the
// arguments, then one call to the room that does it.

import { Cell } from "./abi.ts";
import { fieldsOf, isCount, timeNs } from "./arguments.ts";
import { TIME_MAX_NS } from "./params.ts";
import { draw } from "./random.ts";
import type { Operation } from "./request.ts";
import type { WaitTarget } from "./wait_queue.ts";

const TIMER: WaitTarget = { kind: "timer", describe: () => "time to pass" };

export function sysNop(op: Operation): void {
  op.complete(undefined);
}

/** A repeating sleep keeps its phase: the next end is counted from the last. */
export function sysSleep(op: Operation, time: unknown): void {
  const { now } = op.thread.machine.clock;
  const until = untilOf(time);
  if (until !== null) {
    if (until <= now) return op.complete(undefined);
    return op.sleepUntil(until, TIMER);
  }
  const ns = timeNs(time);
  if (ns === null) {
    return op.fail("EINVAL", { reason: `sleep takes nanoseconds` });
  }
  if (ns === 0) return op.complete(undefined);
  let due = (op.repeated ? op.sleepsUntil : now) + ns;
  if (due < now) due += Math.ceil((now - due) / ns) * ns;
  op.sleepUntil(Math.min(due, TIME_MAX_NS), TIMER);
}

function untilOf(time: unknown): number | null {
  if (typeof time !== "object") return null;
  return timeNs(fieldsOf(time, ["until"])?.until);
}

export function sysClock(op: Operation): void {
  op.complete(op.thread.machine.clock.now);
}

/** Without a key, the next of this process's own stream. */
export function sysRandom(op: Operation, key: unknown): void {
  const { machine, process } = op.thread;
  if (key === undefined) {
    const count = process.draws++;
    return op.complete(
      draw(machine.seed, machine.name, "process", process.pid, count),
    );
  }
  if (typeof key !== "string" && !isCount(key)) return op.fail("EINVAL");
  op.complete(draw(machine.seed, machine.name, "key", key));
}

/** Only what is no time comes here: the CPU takes the rest itself. */
export function sysCompute(op: Operation): void {
  op.fail("EINVAL", { reason: "compute takes nanoseconds" });
}

export function sysYieldCpu(op: Operation): void {
  op.thread.cpu!.endTurn();
  op.complete(undefined);
}

export function sysFutexWait(
  op: Operation,
  cell: unknown,
  expected: unknown,
): void {
  if (!(cell instanceof Cell) || typeof expected !== "number") {
    return op.fail("EINVAL", { reason: "futexWait takes a cell and a number" });
  }
  op.thread.machine.futexes.wait(op, cell, expected);
}

export function sysFutexWake(
  op: Operation,
  cell: unknown,
  count: unknown,
): void {
  if (!(cell instanceof Cell)) return op.fail("EINVAL");
  if (count !== Infinity && !isCount(count)) return op.fail("EINVAL");
  op.complete(op.thread.machine.futexes.wake(cell, count as number));
}
