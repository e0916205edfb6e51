// Why nothing moves. A set of waiting threads is deadlocked when each of their
// waits can only be ended by another of the set. What a person may still type,
// a client may still send, or time will bring is no deadlock; ^C does not count.

import { CALL, SIGNALS } from "./abi.ts";
import { callText } from "./call_text.ts";
import { Chain } from "./chain.ts";
import type { Process } from "./process.ts";
import { Pushed, type Submission } from "./queue.ts";
import type { Operation } from "./request.ts";
import { EXITED, type Frame, IO_BIT, type Thread, WAITING } from "./thread.ts";
import type { World } from "./world.ts";

type Wakers = Iterable<Thread> | "outside";
/** Most threads named in one report. */
const NAMED_MAX = 8;

/** Who waits for whom, or "" if no set of threads is stuck. */
export function deadlockReport(world: World): string {
  const stuck = stuckThreads(world);
  if (stuck.length === 0) return "";
  const named = stuck.slice(0, NAMED_MAX).map(sentence);
  if (stuck.length > NAMED_MAX) {
    named.push(`And ${stuck.length - NAMED_MAX} more.`);
  }
  const nobody = stuck.length === 1
    ? "Nobody can wake it."
    : "Nobody else can wake them.";
  return `Deadlock at ${milliseconds(world.now)} ms. ${
    named.join(" ")
  } ${nobody}`;
}

/** The largest set in which everybody waits for members only. */
export function stuckThreads(world: World): Thread[] {
  const wakers = new Map<Thread, Thread[]>();
  for (const machine of world.machines) {
    for (const process of machine.processes.values()) {
      if (process.stoppedBy !== null) continue;
      for (const thread of process.threads.values()) {
        if (thread.state !== WAITING) continue;
        const who = wakersOf(thread);
        if (who !== "outside") wakers.set(thread, [...who]);
      }
    }
  }
  for (let before = -1; before !== wakers.size;) {
    before = wakers.size;
    for (const [thread, who] of wakers) {
      if (who.some((each) => mayAct(each) && !wakers.has(each))) {
        wakers.delete(thread);
      }
    }
  }
  return [...wakers.keys()];
}

function mayAct(thread: Thread): boolean {
  return thread.process.exit === null && thread.state !== EXITED;
}

/** Who could end the wait of this thread; "outside" includes time and devices. */
function wakersOf(thread: Thread): Wakers {
  const { frame } = thread;
  const call = frame.call.number;
  if (call === CALL.wait) return wakersOfWait(frame);
  if (call === CALL.pause) return wakersOfPause(thread);
  const own = wakersOfOperation(frame);
  if (own === "outside") return own;
  const pushed = pushedBy(thread);
  return thread.mask === 0 && pushed.length > 0
    ? union([own, ...pushed.map(wakersOfOperation)])
    : own;
}

function wakersOfWait(frame: Frame): Wakers {
  const { take } = frame;
  if (take === null || frame.take!.hasTimeout) return "outside";
  const { submissions, queue } = take.sources;
  const { process } = frame.thread;
  const watched = queue === null
    ? submissions
    : [...process.submissions.values()].filter((each) =>
      each.events === queue && !each.final
    );
  const others = queue !== null && queue.id > 0
    ? [...process.threads.values()].filter((each) => each !== frame.thread)
    : [];
  return union([...watched.map(wakersOfOperation), others]);
}

function wakersOfPause(thread: Thread): Wakers {
  if (catchesSignals(thread.process)) return "outside";
  return union(pushedBy(thread).map(wakersOfOperation));
}

function catchesSignals(process: Process): boolean {
  return Object.values(SIGNALS).some((number) =>
    typeof process.signals.get(number) === "object"
  );
}

function pushedBy(thread: Thread): Submission[] {
  return [...thread.process.submissions.values()].filter((each) =>
    each instanceof Pushed && each.thread === thread && !each.final
  );
}

function wakersOfOperation(op: Operation): Wakers {
  if (op.hasDeadline) return "outside";
  const target = op.waitsFor;
  if (target instanceof Chain) {
    return target.current === null
      ? "outside"
      : wakersOfOperation(target.current);
  }
  const { process } = op.thread;
  switch (op.call.number) {
    case CALL.join: {
      const joined = process.threads.get(op.call.a as number);
      return joined === undefined ? [] : [joined];
    }
    case CALL.futexWait:
      return [...process.threads.values()].filter((each) => each !== op.thread);
    case CALL.waitpid:
      return [...process.children].flatMap((child) => [
        ...child.threads.values(),
      ]);
    default:
      return op.file?.object.wakers?.(op) ?? "outside";
  }
}

function union(all: Wakers[]): Wakers {
  const threads = new Set<Thread>();
  for (const wakers of all) {
    if (wakers === "outside") return "outside";
    for (const thread of wakers) threads.add(thread);
  }
  return threads;
}

/** `a (pid 3) waits in write(1, …): pipe 4 is full (a.ts:9).` */
function sentence(thread: Thread): string {
  const { process, frame } = thread;
  const at = process.siteText(frame.call.site);
  const name = thread === process.mainThread
    ? `${process.name} (pid ${process.pid})`
    : `${process.name}'s thread ${thread.tid}`;
  const place = at === "" ? "" : ` (${at})`;
  return `${name} waits ${reason(thread)}${place}.${maskedCallbacks(thread)}`;
}

function reason(thread: Thread): string {
  const { frame, process } = thread;
  const { call } = frame;
  const what = frame.waitsFor?.describe() ?? "";
  switch (call.number) {
    case CALL.read:
      return `to read: ${what}`;
    case CALL.write:
      return `to write: ${what}`;
    case CALL.join:
      return `for thread ${String(call.a)} to end`;
    case CALL.waitpid:
      return `for ${childNames(process, call.a as number)} to exit`;
    case CALL.pause:
      return "for a callback or signal, and none is to come";
    default:
      return `in ${callText(call)}: ${what}`;
  }
}

function childNames(process: Process, pid: number): string {
  const children = [...process.children].filter((child) =>
    pid === -1 || child.pid === pid
  );
  return children.map((child) => child.name).join(" or ") || "a child";
}

function maskedCallbacks(thread: Thread): string {
  const count = thread.callbacks?.length ?? 0;
  if (count === 0 || (thread.mask & IO_BIT) === 0) return "";
  const at = thread.process.siteText(thread.maskedAt);
  const callbacks = count === 1 ? "1 callback is" : `${count} callbacks are`;
  return ` ${callbacks} waiting, masked${at === "" ? "" : ` since ${at}`}.`;
}

function milliseconds(ns: number): string {
  return (ns / 1e6).toFixed(3);
}
