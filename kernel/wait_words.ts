// Why a thread is not running, in one line for people: what ps, top and
// /proc/<pid>/wchan say. Made from the call it is in and from what that waits
// for; it asks, and changes nothing.

import { CALL, type Cell } from "./abi.ts";
import { callText, valueText } from "./call_text.ts";
import type { Process } from "./process.ts";
import { Pushed, Take } from "./queue.ts";
import type { Operation } from "./request.ts";
import { EXITED, IO_BIT, READY, RUNNING, type Thread } from "./thread.ts";

/** Requests or children named in one line. */
const NAMED_MAX = 2;

/** `disk: read, seek to cylinder 1200, 3.1 ms left`; "" for a thread that runs. */
export function whyNotRunning(thread: Thread): string {
  if (thread.state === EXITED) {
    return thread.process.zombie
      ? "ended: its parent has not collected it"
      : "ended: nobody has joined it";
  }
  if (thread.stopped) {
    return `stopped by SIG${thread.process.stoppedBy}: waits for SIGCONT`;
  }
  if (thread.state === RUNNING) return "";
  if (thread.state === READY) return queuedText(thread);
  return operationText(thread.frame) + maskedText(thread);
}

/** What a request that is pending waits for. A program may have made its arguments throw. */
export function operationText(op: Operation): string {
  try {
    return plainText(op);
  } catch {
    return "something that throws when it is looked at";
  }
}

function plainText(op: Operation): string {
  const { take } = op as { take?: Take | null };
  if (take instanceof Take) return takeText(take);
  const write = WRITERS[op.call.number];
  const words = write?.(op) ?? targetText(op);
  const limited = op.hasDeadline && op.timer < 0;
  return limited ? `${words} (within a time limit)` : words;
}

function queuedText(thread: Thread): string {
  const { scheduler, cpus } = thread.machine;
  const before = Math.max(0, scheduler.list().indexOf(thread));
  const [running] = cpus.flatMap((cpu) => cpu.thread ?? []);
  const who = running === undefined
    ? ""
    : `, behind ${running.process.name} (pid ${running.process.pid})`;
  return before === 0
    ? `cpu: next to run${who}`
    : `cpu: ${before} before it${who}`;
}

/** What the room that has it says, with the kind in front. */
function targetText(op: Operation): string {
  const target = op.waitsFor;
  if (target === null) return "";
  const words = target.describe();
  return words.startsWith(`${target.kind}: `)
    ? words
    : `${target.kind}: ${words}`;
}

type Writer = (op: Operation) => string;

const WRITERS: { readonly [call: number]: Writer | undefined } = {
  [CALL.read]: (op) => transferText(op, "nobody has written"),
  [CALL.write]: (op) => transferText(op, "nobody reads"),
  [CALL.sleep]: (op) => `timer: ${timeLeft(op)} of its sleep left`,
  [CALL.waitpid]: childText,
  [CALL.join]: (op) => `thread: ${String(op.call.a)} has not ended`,
  [CALL.futexWait]: futexText,
  [CALL.accept]: (op) => `net: nobody connects to ${objectText(op)}`,
  [CALL.pause]: pauseText,
  [CALL.ready]: (op) =>
    `ready: ${objectText(op)} is not ready for ${String(op.call.b ?? "in")}`,
};

/** A read or write of something that somebody else fills or empties. */
function transferText(op: Operation, because: string): string {
  const target = op.waitsFor;
  if (target?.kind === "keys") return "keys: nobody has typed";
  if (op.file?.object.type !== "pipe") return targetText(op);
  return `pipe: ${because}, ${target?.describe() ?? ""}`;
}

function objectText({ file }: Operation): string {
  return file?.object.describe() ?? "a file";
}

function timeLeft(op: Operation): string {
  const leftNs = Math.max(0, op.sleepsUntil - op.thread.machine.clock.now);
  return durationText(leftNs);
}

function durationText(ns: number): string {
  if (ns < 1e6) return `${(ns / 1e3).toFixed(1)} us`;
  return ns < 1e9
    ? `${(ns / 1e6).toFixed(1)} ms`
    : `${(ns / 1e9).toFixed(1)} s`;
}

function childText(op: Operation): string {
  const pid = op.call.a as number;
  const children = [...op.thread.process.children].filter((child) =>
    !child.zombie && (pid === -1 || child.pid === pid || child.group === -pid)
  );
  const names = listed(children.map(nameOf));
  return `child: ${names === "" ? "none" : names} has not ended`;
}

function nameOf({ name, pid }: Process): string {
  return `${name} (pid ${pid})`;
}

/** A futex has no owner that the kernel knew: any other thread may wake it. */
function futexText(op: Operation): string {
  const { value } = op.call.a as Cell;
  const { pid, threads } = op.thread.process;
  const others = [...threads.values()].filter((each) =>
    each !== op.thread && each.state !== EXITED
  );
  const who = others.length === 0
    ? "nobody could wake it"
    : others.length === 1
    ? `held by thread ${others[0]!.tid} of pid ${pid}`
    : `held by one of ${others.length} threads of pid ${pid}`;
  return `futex: ${who}, its cell is ${valueText(value)}`;
}

function pauseText(op: Operation): string {
  const pushed = [...op.thread.process.submissions.values()].filter((each) =>
    each instanceof Pushed && each.thread === op.thread && !each.final
  );
  return pushed.length === 0
    ? "pause: a signal has not come"
    : `pause: callback of ${listed(pushed.map(pendingText))}`;
}

function takeText({ sources, frame }: Take): string {
  const { queue, submissions } = sources;
  const watched = queue === null
    ? submissions
    : [...frame.thread.process.submissions.values()].filter((each) =>
      each.events === queue && !each.final
    );
  return `event: ${listed(watched.map(pendingText)) || "nothing is pending"}`;
}

function pendingText(op: Operation): string {
  return `${callText(op.call)} (${operationText(op)})`;
}

/** `a, b and 3 more` */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX).join(", ");
  const more = names.length - NAMED_MAX;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** Callbacks that have come and are held back. */
function maskedText({ callbacks, mask }: Thread): string {
  const count = callbacks?.length ?? 0;
  if (count === 0 || (mask & IO_BIT) === 0) return "";
  return `; ${count} callback${count === 1 ? " is" : "s are"} masked`;
}
