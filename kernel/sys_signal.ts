// Handlers of kill and sigaction: whom a number means, and what an action is.

import {
  type Routine,
  type SignalAction,
  type SignalName,
  SIGNALS,
} from "./abi.ts";
import { fieldsOf, isOptionalBoolean } from "./arguments.ts";
import { valueText } from "./call_text.ts";
import type { Process } from "./process.ts";
import type { Operation } from "./request.ts";
import { raise } from "./signal.ts";

export function sysKill(op: Operation, pid: unknown, signal: unknown): void {
  const number = signal === 0
    ? 0
    : typeof signal === "string" && Object.hasOwn(SIGNALS, signal)
    ? SIGNALS[signal as SignalName]
    : null;
  if (number === null || !Number.isInteger(pid)) return op.fail("EINVAL");
  const targets = targetsOf(op, pid as number);
  if (targets.length === 0) return op.fail("ESRCH");
  if (targets.every(({ isKernel }) => isKernel)) return op.fail("EPERM");
  op.complete(undefined);
  if (number === 0) return;
  for (const process of targets) {
    if (!process.isKernel) raise(process, number);
  }
}

/** One process, or those of the group −pid (0: the caller's). */
function targetsOf(op: Operation, pid: number): Process[] {
  const { machine, process } = op.thread;
  if (pid === 1) return [machine.init];
  if (pid > 0) {
    const one = machine.processes.get(pid);
    return one === undefined ? [] : [one];
  }
  const group = pid === 0 ? process.group : -pid;
  return [...machine.processes.values()].filter((each) => each.group === group);
}

export function sysSigaction(
  op: Operation,
  signal: unknown,
  action: unknown,
): void {
  if (typeof signal !== "string" || !Object.hasOwn(SIGNALS, signal)) {
    return op.fail("EINVAL", {
      reason: `no signal is called ${valueText(signal)}`,
    });
  }
  const number = SIGNALS[signal as SignalName];
  if (number === SIGNALS.KILL || number === SIGNALS.STOP) {
    return op.fail("EINVAL", {
      reason: `${signal} cannot be caught or ignored`,
    });
  }
  const settled = actionOf(action);
  if (settled === null) return op.fail("EINVAL");
  const { signals, threads } = op.thread.process;
  const before = signals.get(number);
  signals.set(number, settled);
  if (settled === "ign") {
    for (const thread of threads.values()) {
      thread.pendingSignals &= ~(1 << number);
    }
  }
  op.complete(before);
}

function actionOf(action: unknown): SignalAction | null {
  if (action === "dfl" || action === "ign") return action;
  const fields = fieldsOf(action, ["fn", "restart"]);
  if (fields === null || typeof fields.fn !== "function") return null;
  if (!isOptionalBoolean(fields.restart)) return null;
  return {
    fn: fields.fn as (signal: SignalName) => Routine | void,
    restart: fields.restart ?? false,
  };
}
