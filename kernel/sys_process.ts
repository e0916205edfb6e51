// Handlers of the calls about processes, threads and signals: look at the
// arguments, then the room that does it.

import {
  type ErrorCode,
  type Routine,
  type SignalAction,
  type SignalName,
  SIGNALS,
} from "./abi.ts";
import {
  fieldsOf,
  isCount,
  isOptionalBoolean,
  listOf,
  textRecordOf,
} from "./arguments.ts";
import {
  type FileTable,
  FileTable as Table,
  isDescriptorNumber,
} from "./file.ts";
import { functionName, valueText } from "./call_text.ts";
import { loadProgram, type Runnable } from "./image.ts";
import { ARGUMENTS_MAX } from "./params.ts";
import {
  collect,
  endProcess,
  endThread,
  fits,
  matches,
  Process,
} from "./process.ts";
import type { Operation } from "./request.ts";
import { raise } from "./signal.ts";
import { EXITED, maskBits, type Thread } from "./thread.ts";
import { TRACE } from "./trace.ts";
import { WaitQueue } from "./wait_queue.ts";

// ------------------------------------------------------------- starting programs

interface SpawnFields {
  args: string[];
  environment: Record<string, string> | null;
  cwd: string | null;
  /** The child's table, made when the child is; null for a bad number. */
  makeFiles: () => FileTable | null;
  group: number;
  name: string | null;
  mask: number;
}

export function sysSpawn(
  op: Operation,
  program: unknown,
  args: unknown,
  options: unknown,
): void {
  const fields = spawnFields(op, args, options);
  if (typeof fields === "string") return op.fail(fields);
  const refuse = (code: ErrorCode, detail?: object) => op.fail(code, detail);
  const go = () =>
    loadProgram(op, program, refuse, (runnable) => {
      const child = startChild(op, runnable, fields);
      if (typeof child !== "string") return op.complete(child.pid);
      refuse(
        child,
        child === "EAGAIN" ? { reason: "no memory for another process" } : {},
      );
    });
  if (fields.cwd === null) return go();
  op.thread.machine.files.chdirTarget(op, fields.cwd, (directory) => {
    fields.cwd = directory;
    go();
  });
}

function startChild(
  op: Operation,
  runnable: Runnable,
  fields: SpawnFields,
): Process | ErrorCode {
  const parent = op.thread.process;
  if (parent.exit !== null) return "ESRCH";
  const files = fields.makeFiles();
  if (files === null) return "EBADF";
  const child = makeProcess(parent, fields.name ?? runnable.name, {
    group: fields.group < 0 ? parent.group : fields.group,
    args: fields.args,
  });
  if (child === null) {
    files.closeAll();
    return "EAGAIN";
  }
  child.environment = fields.environment ?? { ...parent.environment };
  child.cwd = fields.cwd ?? parent.cwd;
  child.files = files;
  child.signals = parent.signals.inherit();
  runIn(child, runnable, fields.mask);
  return child;
}

/** A process with its first thread's memory, or null when there is none left. */
export function makeProcess(
  parent: Process,
  name: string,
  { group, args }: { group: number; args: readonly string[] },
): Process | null {
  const { machine } = parent;
  if (!machine.memory.takeProcess()) return null;
  if (!machine.memory.takeStack()) {
    machine.memory.freeProcess();
    return null;
  }
  machine.memory.freeStack();
  const process = new Process(machine, machine.newPid(), parent, name, group);
  process.args = args;
  machine.processes.set(process.pid, process);
  machine.emitProcess(
    process,
    TRACE.process_spawn,
    parent.pid,
    process.group,
    0,
    name,
  );
  return process;
}

/** Gives the process its main thread, ready to run the program. */
export function runIn(process: Process, runnable: Runnable, mask = 0): Thread {
  process.program = runnable.program;
  takeNotes(process);
  const thread = process.machine.newThread(process, process.name)!;
  thread.mask = mask;
  thread.start = () => runnable.main([...process.args]);
  process.machine.ready(thread);
  return thread;
}

/** What the loader and the program note goes into the trace, free of time. */
function takeNotes(process: Process): void {
  const { program, machine } = process;
  const note = (text: string) =>
    machine.emitProcess(process, TRACE.note, 0, 0, 0, text);
  for (const text of program?.notes ?? []) note(text);
  program?.onNote?.(note);
}

/** Everything spawn is given, checked; the files are already the child's. */
function spawnFields(
  op: Operation,
  args: unknown,
  options: unknown,
): SpawnFields | ErrorCode {
  const { process } = op.thread;
  const list = argumentsOf(args);
  const fields = fieldsOf(options, [
    "env",
    "cwd",
    "fds",
    "group",
    "name",
    "mask",
  ]);
  if (list === null || fields === null) return "EINVAL";
  const environment = fields.env === undefined
    ? null
    : textRecordOf(fields.env);
  if (fields.env !== undefined && environment === null) return "EINVAL";
  const mask = fields.mask === undefined ? op.thread.mask : maskBits(
    Array.isArray(fields.mask) ? listOf(fields.mask, 64) : fields.mask,
  );
  const group = fields.group ?? -1;
  if (mask === null || !isText(fields.cwd) || !isText(fields.name)) {
    return "EINVAL";
  }
  if (group !== -1 && !isCount(group)) return "EINVAL";
  const numbers = numbersOf(process, fields.fds);
  if (numbers === null) return "EBADF";
  return {
    args: list,
    environment,
    cwd: fields.cwd ?? null,
    makeFiles: () => filesOf(process, numbers),
    group: group as number,
    name: fields.name ?? null,
    mask,
  };
}

function isText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

export function argumentsOf(args: unknown): string[] | null {
  const list = listOf(args ?? [], ARGUMENTS_MAX);
  if (list === null || !list.every((each) => typeof each === "string")) {
    return null;
  }
  const length = list.reduce(
    (sum: number, each) => sum + (each as string).length,
    0,
  );
  return length <= ARGUMENTS_MAX ? list as string[] : null;
}

/** child number → parent number, all of them open now; undefined: inherit. */
function numbersOf(
  process: Process,
  fds: unknown,
): [number, unknown][] | null | undefined {
  if (fds === undefined) return undefined;
  let entries: [number, unknown][];
  try {
    entries = Object.entries(fds as object).map(([fd, of]) => [Number(fd), of]);
  } catch {
    return null;
  }
  const good = entries.every(([childFd, parentFd]) =>
    isDescriptorNumber(childFd) && process.files.get(parentFd) !== null
  );
  return good ? entries : null;
}

/** The child's table: everything without close-on-exec, or exactly those. */
function filesOf(
  process: Process,
  numbers: [number, unknown][] | undefined,
): FileTable | null {
  if (numbers === undefined) return process.files.inherit();
  const table = new Table();
  for (const [childFd, parentFd] of numbers) {
    const file = process.files.get(parentFd);
    if (file === null) {
      table.closeAll();
      return null;
    }
    table.replace(childFd, file);
  }
  return table;
}

export function sysExec(
  op: Operation,
  program: unknown,
  args: unknown,
  options: unknown,
): void {
  const list = argumentsOf(args);
  const fields = fieldsOf(options, ["env", "name"]);
  const name = fields?.name;
  if (list === null || fields === null || !isText(name)) {
    return op.fail("EINVAL");
  }
  const environment = fields.env === undefined
    ? null
    : textRecordOf(fields.env);
  if (fields.env !== undefined && environment === null) {
    return op.fail("EINVAL");
  }
  const refuse = (code: ErrorCode, detail?: object) => op.fail(code, detail);
  loadProgram(op, program, refuse, (runnable) => {
    const { process } = op.thread;
    if (process.exit !== null) return;
    const { mask } = op.thread;
    becomeEmpty(process);
    process.name = name ?? runnable.name;
    process.args = list;
    process.machine.emitProcess(
      process,
      TRACE.process_exec,
      0,
      0,
      0,
      process.name,
    );
    if (environment !== null) process.environment = environment;
    runIn(process, runnable, mask);
  });
}

/** Exec drops all threads, requests, callbacks and caught signals; ignored ones stay. */
function becomeEmpty(process: Process): void {
  for (const submission of process.submissions.values()) submission.abandon();
  process.submissions.clear();
  process.queues.clear();
  for (const thread of process.threads.values()) endThread(thread);
  process.threads.clear();
  process.signals = process.signals.inherit();
  process.files.closeOnExec();
}

export function sysExit(op: Operation, status: unknown): void {
  endProcess(op.thread.process, {
    status: typeof status === "number" && Number.isFinite(status)
      ? status & 255
      : 0,
  });
}

// ------------------------------------------------------------- waiting for children

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

// ------------------------------------------------------------- threads

export function sysThread(op: Operation, fn: unknown, arg: unknown): void {
  if (typeof fn !== "function") {
    return op.fail("EINVAL", { reason: "thread takes a generator function" });
  }
  const { machine, process } = op.thread;
  const thread = machine.newThread(process, functionName(fn) || "thread");
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
  thread.joiners ??= new WaitQueue<Operation>(
    "event",
    () => `thread ${thread.tid}`,
  );
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
  const thread = op.thread.process.threads.get(tid as number);
  if (thread === undefined) return op.fail("ESRCH");
  if (!isCount(weight, 100) || weight === 0) return op.fail("EINVAL");
  thread.weight = weight;
  op.complete(undefined);
}

// ------------------------------------------------------------- identities

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

// ------------------------------------------------------------- signals

export function sysKill(op: Operation, pid: unknown, signal: unknown): void {
  const number = signal === 0
    ? 0
    : typeof signal === "string" && Object.hasOwn(SIGNALS, signal)
    ? SIGNALS[signal as SignalName]
    : null;
  if (number === null || !Number.isInteger(pid)) return op.fail("EINVAL");
  const targets = targetsOf(op, pid as number);
  if (targets.length === 0) return op.fail("ESRCH");
  op.complete(undefined);
  if (number === 0) return;
  for (const process of targets) raise(process, number);
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
