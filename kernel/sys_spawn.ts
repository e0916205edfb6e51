// Handlers of spawn and exec: look at the arguments, load the program, then
// give it a process or put it in the place of one.

import type { ErrorCode } from "./abi.ts";
import { fieldsOf, isCount, listOf, textRecordOf } from "./arguments.ts";
import { makeProcess, runIn } from "./birth.ts";
import { FileTable, isDescriptorNumber } from "./file.ts";
import { loadProgram, type Runnable } from "./image.ts";
import { ARGUMENTS_MAX } from "./params.ts";
import { endThread, type Process } from "./process.ts";
import type { Operation } from "./request.ts";
import { maskBits } from "./thread.ts";
import { TRACE } from "./trace.ts";

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
  const { weight } = op.thread;
  runIn(child, runnable, { mask: fields.mask, weight });
  return child;
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

function argumentsOf(args: unknown): string[] | null {
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
  const table = new FileTable();
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
    const { mask, weight } = op.thread;
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
    runIn(process, runnable, { mask, weight });
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
