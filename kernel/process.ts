// Processes: what a running program owns (numbers, memory, threads, children),
// how it begins, ends and is collected. It does not know what its threads do.

import { type ChildStatus, type SignalName, SIGNALS } from "./abi.ts";
import { Slab } from "./bytes.ts";
import type { Capture } from "./capture.ts";
import { FileTable } from "./file.ts";
import type { Machine } from "./kernel.ts";
import type { LoadedProgram } from "./program.ts";
import type { EventQueue, Submission } from "./queue.ts";
import type { Operation } from "./request.ts";
import { Dispositions, raise } from "./signal.ts";
import { EXITED, type Thread, type Upcall } from "./thread.ts";
import { TRACE } from "./trace.ts";
import { type QueueOwner, WaitQueue } from "./wait_queue.ts";

/** How a process ended. */
export type Exit = { status: number } | { signal: SignalName };

/** The number of init, who adopts orphans and collects them at once. */
export const INIT_PID = 1;

const A_CHILD: QueueOwner = { describeWait: () => "a child" };

export class Process {
  parent: Process | null;
  readonly children = new Set<Process>();
  readonly threads = new Map<number, Thread>();
  files = new FileTable();
  cwd = "/";
  environment: Record<string, string> = {};
  group: number;
  name: string;
  args: readonly string[] = [];
  signals = new Dispositions();
  /** Requests of doors 2 and 3 whose last event is not yet taken. */
  readonly submissions = new Map<number, Submission>();
  readonly queues = new Map<number, EventQueue>();
  /** Where the small arrays lie that it has read. */
  readonly slab = new Slab();
  #lastId = 0;
  /** Draws taken from its own random stream. */
  draws = 0;

  exit: Exit | null = null;
  /** It runs the kernel's own code: no signal reaches it. */
  isKernel = false;
  /** The power went while it ran: it is gone, and never exited. */
  lost = false;
  /** When it ended, ns; Infinity while it lives. */
  endedAt = Infinity;
  /** What main returned, for the World API. */
  result: unknown = undefined;
  /** A status change that `waitpid` has not yet told. */
  news: "stopped" | "continued" | null = null;
  stoppedBy: SignalName | null = null;
  /** Those who wait for a child of this process. */
  readonly childWaits: WaitQueue<Operation>;
  /** What it reads and writes when the host started it off the console. */
  captured: { stdout: Capture; stderr: Capture } | null = null;
  /** How the loader describes its sites; null for plain functions. */
  program: LoadedProgram | null = null;
  /** Called when it has ended, for the host. */
  onExit: (() => void) | null = null;
  #mainTid = 0;

  constructor(
    readonly machine: Machine,
    readonly pid: number,
    parent: Process | null,
    name: string,
    group: number,
  ) {
    this.parent = parent;
    this.name = name;
    this.group = group || pid;
    this.childWaits = new WaitQueue<Operation>("event", A_CHILD);
    parent?.children.add(this);
  }

  /** A fresh number for a handle or queue; never reused. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** What it wrote to descriptor 1, if the host keeps that. */
  get stdout(): string {
    return this.captured?.stdout.text ?? "";
  }
  /** What it wrote to descriptor 2, if the host keeps that. */
  get stderr(): string {
    return this.captured?.stderr.text ?? "";
  }

  get zombie(): boolean {
    return this.exit !== null;
  }

  get mainThread(): Thread | undefined {
    return this.threads.get(this.#mainTid);
  }

  addThread(thread: Thread): void {
    if (this.threads.size === 0) this.#mainTid = thread.tid;
    this.threads.set(thread.tid, thread);
  }

  /** The handler of a caught signal, as what interrupts a thread. */
  signalUpcall(number: number): Upcall | null {
    const action = this.signals.get(number);
    if (typeof action !== "object") return null;
    return {
      id: -number,
      event: this.signals.nameOf(number),
      fn: action.fn as Upcall["fn"],
      restart: action.restart ?? false,
    };
  }

  /** `hello.ts:3` for a numbered site, or "". */
  siteText(site: number): string {
    return site === 0 ? "" : (this.program?.describeSite?.(site) ?? "");
  }

  /** What `waitpid` is told about it. */
  status(): ChildStatus {
    return this.exit === null
      ? this.news === "continued"
        ? { pid: this.pid, continued: true }
        : { pid: this.pid, stopped: this.stoppedBy! }
      : { pid: this.pid, ...this.exit };
  }
}

/** Ends a process: threads, requests, files, children, in this order; then it is a zombie. */
export function endProcess(process: Process, exit: Exit): void {
  if (process.exit !== null) return;
  const { machine } = process;
  process.exit = exit;
  process.endedAt = machine.clock.now;
  for (const thread of process.threads.values()) endThread(thread);
  for (const submission of process.submissions.values()) submission.abandon();
  process.submissions.clear();
  process.queues.clear();
  process.files.closeAll();
  emitExit(process, exit);
  giveAwayChildren(process);
  for (const op of process.childWaits) op.abandon();
  machine.memory.freeProcess();
  machine.world.processEnded();
  process.onExit?.();
  announce(process);
}

/** Takes one thread off the machine; it runs no more code, `finally` included. */
export function endThread(thread: Thread): void {
  if (thread.state === EXITED) return;
  const { machine, process } = thread;
  machine.takeOff(thread);
  thread.state = EXITED;
  for (let frame = thread.frame;; frame = frame.below!) {
    frame.take?.leave();
    frame.take = null;
    frame.abandon();
    frame.routine = null;
    if (frame.below === null) break;
  }
  thread.callbacks = null;
  thread.pendingSignals = 0;
  if (process.exit === null) withdrawOf(thread);
  machine.memory.freeStack();
  machine.emitFor(thread, TRACE.thread_exit);
}

/** A thread that ends while its process goes on takes its requests with it. */
function withdrawOf(thread: Thread): void {
  const { submissions } = thread.process;
  for (const [id, submission] of [...submissions]) {
    if (
      submission.thread !== thread || submission.events.id > 0 &&
        submission.door === 0
    ) continue;
    submission.abandon();
    submissions.delete(id);
    thread.machine.emitFor(thread, TRACE.request_drop, id);
  }
}

function emitExit(process: Process, exit: Exit): void {
  const signal = "signal" in exit ? SIGNALS[exit.signal] : 0;
  process.machine.emitProcess(
    process,
    TRACE.process_exit,
    "status" in exit ? exit.status : 128 + signal,
    signal,
  );
}

function giveAwayChildren(process: Process): void {
  const init = process.machine.init;
  for (const child of process.children) {
    child.parent = init;
    init.children.add(child);
    if (child.zombie) reap(child);
  }
  process.children.clear();
}

/** Tells the parent, who may be waiting for just this. */
function announce(process: Process): void {
  const parent = process.parent!;
  if (parent === process.machine.init || parent.signals.ignoresChildren) {
    reap(process);
    wakeIfChildless(parent);
    return;
  }
  tellParent(process);
}

/** A status change: CHLD to the parent, and the oldest fitting wait is served. */
export function tellParent(process: Process): void {
  const parent = process.parent!;
  if (parent === process.machine.init) return;
  for (const op of parent.childWaits) {
    if (!fits(op, process)) continue;
    const status = collect(process);
    op.complete(status);
    break;
  }
  raise(parent, SIGNALS.CHLD);
}

/** A parent that ignores CHLD waits until it has no children, then gets ECHILD. */
function wakeIfChildless(parent: Process): void {
  for (const op of [...parent.childWaits]) {
    if (![...parent.children].some((child) => matches(op, child))) {
      op.fail("ECHILD");
    }
  }
}

/** The wait is for this child, whatever its state. */
export function matches(op: Operation, child: Process): boolean {
  const pid = op.call.a as number;
  return pid === -1 || pid === child.pid ||
    (pid < -1 && child.group === -pid) ||
    (pid === 0 && child.group === op.thread.process.group);
}

/** The wait is for this child and for the news it has. */
export function fits(op: Operation, child: Process): boolean {
  if (!matches(op, child)) return false;
  const options = op.call.b as { untraced?: boolean; continued?: boolean };
  return child.zombie ||
    (child.news === "stopped" && options?.untraced === true) ||
    (child.news === "continued" && options?.continued === true);
}

/** Takes a child's news; a zombie is gone with it. */
export function collect(child: Process): ChildStatus {
  const status = child.status();
  if (child.zombie) reap(child);
  else child.news = null;
  return status;
}

function reap(process: Process): void {
  process.parent?.children.delete(process);
  process.machine.processes.delete(process.pid);
  process.machine.emitProcess(process, TRACE.process_reap);
}
