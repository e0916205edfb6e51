// Handlers of doors 2 and 3: submit, poll, wait, cancel, push, mask, pause, and
// of chains. They turn what a program names (handles, queues, numbers) into the
// operations it means.

import { CALL, Handle, Queue, Request, REQUEST_NAMES } from "./abi.ts";
import { fieldsOf, isCount, listOf, timeNs } from "./arguments.ts";
import { argumentsText } from "./call_text.ts";
import { Chain } from "./chain.ts";
import {
  CHAIN_MAX,
  QUEUE_CAPACITY,
  QUEUE_CAPACITY_MAX,
  REQUESTS_MAX,
} from "./params.ts";
import {
  eventBytes,
  EventQueue,
  Pushed,
  type Sources,
  Submission,
  Take,
  takeEvents,
} from "./queue.ts";
import type { Operation } from "./request.ts";
import { unmasked } from "./signal.ts";
import { type Frame, maskBits, maskSet } from "./thread.ts";
import { TRACE } from "./trace.ts";
import type { WaitTarget } from "./wait_queue.ts";

const NO_SUCH_HANDLE = {
  reason: "no such handle, or its last event was taken",
};

// ------------------------------------------------------------- submit and push

export function sysSubmit(
  op: Operation,
  request: unknown,
  options: unknown,
): void {
  const fields = doorOptions(op, request, options);
  if (fields === null) return;
  const queue = queueOf(op, fields.queue);
  if (queue === undefined) {
    return op.fail("EINVAL", { reason: "no such queue" });
  }
  const { thread } = op;
  const submission = new Submission(
    thread,
    thread.process.nextId(),
    fields.tag,
    fields.multishot === true,
    queue ?? thread.events,
  );
  launch(op, submission, request as Request);
  op.complete(submission.handle);
}

export function sysPush(
  op: Operation,
  request: unknown,
  options: unknown,
  fn: unknown,
): void {
  const fields = doorOptions(op, request, options);
  if (fields === null) return;
  if (typeof fn !== "function") {
    return op.fail("EINVAL", { reason: "push takes a function" });
  }
  const { thread } = op;
  const pushed = new Pushed(
    thread,
    thread.process.nextId(),
    fields.tag,
    fields.multishot === true,
    QUEUE_CAPACITY,
    fn as Pushed["fn"],
  );
  launch(op, pushed, request as Request);
  op.complete(pushed.handle);
}

function launch(
  op: Operation,
  submission: Submission,
  request: Request,
): void {
  if (request.site === 0) request.site = op.call.site;
  const { thread } = submission;
  thread.process.submissions.set(submission.id, submission);
  if (thread.machine.trace.on) {
    thread.machine.emitFor(
      thread,
      TRACE.request_submit,
      submission.id,
      request.number,
      submission.door,
      argumentsText(request),
    );
  }
  submission.call = request;
  submission.launch();
}

type DoorFields = { tag?: unknown; multishot?: unknown; queue?: unknown };
const NO_OPTIONS: DoorFields = {};

/** As `fieldsOf`, for the two calls that are made most. */
function doorFields(options: unknown): DoorFields | null {
  if (options === undefined) return NO_OPTIONS;
  if (typeof options !== "object" || options === null) return null;
  try {
    const { tag, multishot, queue } = options as DoorFields;
    return { tag, multishot, queue };
  } catch {
    return null;
  }
}

/** What both doors check; null when the operation has failed. */
function doorOptions(
  op: Operation,
  request: unknown,
  options: unknown,
): DoorFields | null {
  const why = refusal(op, request);
  if (why !== null) {
    op.fail("EINVAL", { reason: why });
    return null;
  }
  const fields = doorFields(options);
  if (fields === null) {
    op.fail("EINVAL");
    return null;
  }
  const { name } = request as Request;
  if (fields.multishot === true && !Submission.canRepeat(name)) {
    op.fail("EINVAL", { reason: `${name} cannot be multishot` });
    return null;
  }
  if (op.thread.process.submissions.size >= REQUESTS_MAX) {
    op.fail("EAGAIN", {
      reason: `${REQUESTS_MAX} requests are under way: take their events`,
    });
    return null;
  }
  return fields;
}

function refusal(op: Operation, request: unknown): string | null {
  if (isPlainRequest(request)) return null;
  return `${op.call.name} takes a request, such as read(…) or sleep(…)`;
}

function isPlainRequest(value: unknown): value is Request {
  return value instanceof Request &&
    isCount(value.number, REQUEST_NAMES.length - 1);
}

/** null: none given; undefined: not one of this process's. */
function queueOf(op: Operation, queue: unknown): EventQueue | null | undefined {
  if (queue === undefined) return null;
  if (!(queue instanceof Queue)) return undefined;
  return op.thread.process.queues.get(queue.id);
}

export function sysQueue(op: Operation, options: unknown): void {
  const fields = fieldsOf(options, ["capacity"]);
  const capacity = fields?.capacity ?? QUEUE_CAPACITY;
  if (
    fields === null || !isCount(capacity, QUEUE_CAPACITY_MAX) || capacity < 1
  ) {
    return op.fail("EINVAL", {
      reason: `a capacity is a number from 1 to ${QUEUE_CAPACITY_MAX}`,
    });
  }
  const { process } = op.thread;
  const id = process.nextId();
  process.queues.set(id, new EventQueue(id, capacity));
  op.complete(new Queue(id));
}

// ------------------------------------------------------------- poll and wait

export function sysPoll(op: Operation, from: unknown): void {
  const sources = sourcesOf(op, from);
  if (typeof sources === "string") return op.fail(sources, NO_SUCH_HANDLE);
  const events = takeEvents(sources, sources.single ? 1 : Infinity);
  const frame = op as Frame;
  frame.returnNs = op.thread.machine.copyNs(eventBytes(events));
  op.complete(sources.single ? (events[0] ?? null) : events);
}

export function sysWait(op: Operation, first: unknown, second: unknown): void {
  const [from, options] = isSource(first)
    ? [first, second]
    : [undefined, first];
  const fields = fieldsOf(options, ["timeout", "max"]);
  if (fields === null) return op.fail("EINVAL");
  const timeoutNs = fields.timeout === undefined
    ? null
    : timeNs(fields.timeout);
  const max = fields.max ?? Infinity;
  if (
    (fields.timeout !== undefined && timeoutNs === null) ||
    (max !== Infinity && (!isCount(max) || max === 0))
  ) return op.fail("EINVAL");
  const sources = sourcesOf(op, from);
  if (typeof sources === "string") return op.fail(sources, NO_SUCH_HANDLE);
  if (nothingToCome(sources)) {
    return op.fail("ENOENT", {
      reason: "nothing is pending and no event is untaken",
    });
  }
  waitAt(op as Frame, sources, sources.single ? 1 : max as number, timeoutNs);
}

function waitAt(
  frame: Frame,
  sources: Sources,
  max: number,
  timeoutNs: number | null,
): void {
  const events = takeEvents(sources, max);
  if (events.length > 0 || timeoutNs === 0) {
    frame.returnNs = frame.thread.machine.copyNs(eventBytes(events));
    return frame.complete(sources.single ? (events[0] ?? null) : events);
  }
  const take = new Take(frame, sources, max, timeoutNs);
  frame.take = take;
  frame.waitFor(take, () => {
    take.leave();
    return true;
  });
}

function isSource(value: unknown): boolean {
  return value === undefined || value instanceof Queue ||
    value instanceof Handle || Array.isArray(value);
}

function nothingToCome({ queue, submissions }: Sources): boolean {
  if (queue !== null) return queue.pending === 0 && queue.untaken === 0;
  return submissions.length === 0;
}

/** What a program names, as where to look; or why it cannot be. */
function sourcesOf(
  op: Operation,
  from: unknown,
): Sources | "ENOENT" | "EINVAL" {
  const { thread } = op;
  if (from === undefined) {
    return { submissions: [], queue: thread.events, single: false };
  }
  if (from instanceof Queue) {
    const queue = thread.process.queues.get(from.id);
    return queue === undefined
      ? "ENOENT"
      : { submissions: [], queue, single: false };
  }
  const single = from instanceof Handle;
  const handles = single ? [from] : listOf(from, REQUESTS_MAX);
  if (handles === null) return "EINVAL";
  const submissions: Submission[] = [];
  for (const handle of handles) {
    const submission = submissionOf(op, handle);
    if (submission === undefined) return "ENOENT";
    if (submission instanceof Pushed) return "EINVAL";
    submissions.push(submission);
  }
  return { submissions, queue: null, single };
}

function submissionOf(op: Operation, handle: unknown): Submission | undefined {
  return handle instanceof Handle
    ? op.thread.process.submissions.get(handle.id)
    : undefined;
}

// ------------------------------------------------------------- cancel

export function sysCancel(op: Operation, what: unknown): void {
  if (what instanceof Handle) return cancelOne(op, submissionOf(op, what));
  const { submissions, queues, files } = op.thread.process;
  const all = [...submissions.values()].filter((each) => !each.final);
  if (what instanceof Queue) {
    const queue = queues.get(what.id);
    if (queue === undefined) {
      return op.fail("ENOENT", { reason: "no such queue" });
    }
    return cancelAll(op, all.filter((each) => each.events === queue));
  }
  const fd = fieldsOf(what, ["fd"])?.fd;
  if (fd === undefined) return op.fail("EINVAL");
  const file = files.get(fd);
  if (file === null) {
    return op.fail("EBADF", typeof fd === "number" ? { fd } : {});
  }
  cancelAll(op, all.filter((each) => each.file === file));
}

function cancelOne(op: Operation, submission: Submission | undefined): void {
  if (submission === undefined || submission.final) return op.complete("done");
  op.complete(withdrawn(submission) ? "cancelled" : "busy");
}

function cancelAll(op: Operation, submissions: Submission[]): void {
  op.complete(submissions.filter(withdrawn).length);
}

function withdrawn(submission: Submission): boolean {
  const { machine } = submission.thread;
  machine.emitFor(submission.thread, TRACE.request_cancel, submission.id);
  return submission.withdraw("ECANCELED");
}

// ------------------------------------------------------------- mask and pause

export function sysMask(op: Operation, set: unknown): void {
  const list = Array.isArray(set) ? listOf(set, 64) : set;
  const bits = maskBits(list);
  if (bits === null) {
    return op.fail("EINVAL", {
      reason: 'a mask is "all", "none", or a list of "io" and signal names',
    });
  }
  const { thread } = op;
  const before = maskSet(thread.mask);
  thread.mask = bits;
  thread.maskedAt = bits === 0 ? 0 : op.call.site;
  op.complete(before);
  unmasked(thread);
}

const INTERRUPTION: WaitTarget = {
  kind: "event",
  describe: () => "a callback or signal",
};

/** Lets everything in while it waits; then the mask is as it was. */
export function sysPause(op: Operation): void {
  const { thread } = op;
  if (thread.ranSincePause) {
    thread.ranSincePause = false;
    return op.complete(undefined);
  }
  op.waitFor(INTERRUPTION);
  thread.maskBeforePause = thread.mask;
  thread.mask = 0;
  unmasked(thread);
}

// ------------------------------------------------------------- chain

export function sysChain(op: Operation, members: unknown): void {
  const list = listOf(members, CHAIN_MAX);
  if (list === null || list.length === 0 || !list.every(isMember)) {
    return op.fail("EINVAL", {
      reason: `a chain takes 1 to ${CHAIN_MAX} requests, none of them a chain`,
    });
  }
  new Chain(op, list).next();
}

function isMember(value: unknown): value is Request {
  return isPlainRequest(value) && value.number !== CALL.chain;
}
