// Doors 2 and 3: what is submitted reports to an event queue (or to its
// handle), what is pushed reports by a callback on the thread that pushed it.
// Here are the queue, the two doors, and the looking and waiting. Nothing here
// knows what the requests do.

import { type Event, Handle, type Routine } from "./abi.ts";
import { callText, resultText } from "./call_text.ts";
import type { Due } from "./clock.ts";
import type { OpenFile } from "./file.ts";
import { QUEUE_CAPACITY } from "./params.ts";
import { eventField, Operation } from "./request.ts";
import { start } from "./syscall.ts";
import type { Frame, Thread } from "./thread.ts";
import { DOOR, TRACE } from "./trace.ts";
import type { WaitTarget } from "./wait_queue.ts";

// What every event traces, looked up once.
const EVENT_POST = TRACE.event_post,
  EVENT_TAKE = TRACE.event_take,
  REQUEST_COMPLETE = TRACE.request_complete;

/** An event that lies at its handle and in its queue until somebody takes it. */
class Posted {
  // Its neighbours in the queue, and the next of the same request.
  previous: Posted | null = null;
  next: Posted | null = null;
  later: Posted | null = null;

  constructor(readonly event: Event, readonly from: Submission) {}
}

/** Where events lie in order of completion until they are taken. */
export class EventQueue {
  /** Operations that will still report here. */
  pending = 0;
  untaken = 0;
  readonly takes: Take[] = [];
  #first: Posted | null = null;
  #last: Posted | null = null;
  #paused: Submission[] = [];

  constructor(readonly id: number, readonly capacity: number) {}

  /** A multishot request pauses when this is so. */
  get full(): boolean {
    return this.untaken >= this.capacity;
  }

  add(posted: Posted): void {
    posted.previous = this.#last;
    if (this.#last === null) this.#first = posted;
    else this.#last.next = posted;
    this.#last = posted;
    this.untaken++;
  }

  remove(posted: Posted): void {
    const { previous, next } = posted;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    this.untaken--;
  }

  /** Takes the oldest event, or null. */
  take(): Event | null {
    return this.#first === null ? null : this.#first.from.taken();
  }

  pause(submission: Submission): void {
    this.#paused.push(submission);
  }
  unpause(submission: Submission): void {
    this.#paused = this.#paused.filter((other) => other !== submission);
  }

  /** There may be room again for who paused longest. */
  madeRoom(): void {
    if (this.full) return;
    this.#paused.shift()?.goOn();
  }
}

/** What one multishot request may be. */
const MULTISHOT: ReadonlySet<string> = new Set([
  "accept",
  "ready",
  "sleep",
  "read",
]);

const PAUSED: WaitTarget = {
  kind: "event",
  describe: () => "its queue is full",
};

/** Door 2: an operation that reports to a queue and a handle. */
export class Submission extends Operation {
  readonly handle: Handle;
  /** Waits for just this handle. */
  takes: Take[] | null = null;
  // Its events that are posted and not taken, in order.
  #first: Posted | null = null;
  #last: Posted | null = null;
  #starting = false;
  #again = false;
  #repeated = false;
  /** Its events that nobody has taken. */
  #untaken = 0;
  /** It waits until somebody takes one of them. */
  #waitsForTaker = false;
  #kept: OpenFile | null = null;
  /** Nothing more will come. */
  final = false;

  constructor(
    thread: Thread,
    readonly id: number,
    readonly tag: unknown,
    readonly multishot: boolean,
    readonly events: EventQueue,
  ) {
    super(thread);
    this.handle = new Handle(id);
    events.pending++;
  }

  static canRepeat(name: string): boolean {
    return MULTISHOT.has(name);
  }

  get door(): number {
    return DOOR.submit;
  }

  override get repeated(): boolean {
    return this.#repeated;
  }

  override get kept(): OpenFile | null {
    return this.#kept;
  }

  override hold(file: OpenFile): void {
    super.hold(file);
    if (!this.multishot || this.#kept !== null) return;
    this.#kept = file;
    file.references++;
  }

  override abandon(): void {
    super.abandon();
    this.#letFileGo();
  }

  #letFileGo(): void {
    const file = this.#kept;
    this.#kept = null;
    file?.release();
  }

  /** Starts it, again and again while it is multishot and ends at once. */
  launch(): void {
    do {
      this.#again = false;
      this.#starting = true;
      start(this, this.call);
      this.#starting = false;
    } while (this.#again);
  }

  /** Its queue has room again. */
  goOn(): void {
    this.#waitsForTaker = false;
    this.stopWaiting();
    this.launch();
  }

  protected override deliver(ok: boolean, result: unknown): void {
    const more = ok && this.multishot && !this.#isEnd(result);
    if (!more) this.#finish(ok, result);
    this.post(makeEvent(this, ok, result, more));
    if (more) this.#repeat();
  }

  protected post(event: Event): void {
    const { machine } = this.thread;
    machine.emitFor(this.thread, EVENT_POST, this.id, this.events.id);
    const posted = new Posted(event, this);
    this.#untaken++;
    if (this.#last === null) this.#first = posted;
    else this.#last.later = posted;
    this.#last = posted;
    this.events.add(posted);
    const take = this.takes?.[0] ?? this.events.takes[0];
    if (take !== undefined) take.receive(this);
  }

  /** When its oldest untaken event was posted, ns; null if it has none. */
  get postedAt(): number | null {
    return this.#first === null ? null : this.#first.event.at;
  }

  /** A read that met the end of its file is the last; so is a `ready` on what is always ready. */
  #isEnd(result: unknown): boolean {
    const { name } = this.call;
    if (name === "read") return (result as Uint8Array).length === 0;
    return name === "ready" && this.#kept?.object.watchers === null;
  }

  /** Somebody takes its oldest event. */
  taken(): Event {
    const posted = this.#first!;
    this.#first = posted.later;
    if (this.#first === null) this.#last = null;
    this.events.remove(posted);
    const { process, machine } = this.thread;
    const last = !posted.event.more;
    if (last) process.submissions.delete(this.id);
    machine.emitFor(this.thread, EVENT_TAKE, this.id, last ? 1 : 0);
    this.#untaken--;
    if (this.#waitsForTaker) this.goOn();
    this.events.madeRoom();
    return posted.event;
  }

  #finish(ok: boolean, result: unknown): void {
    this.final = true;
    this.#letFileGo();
    this.events.pending--;
    const { trace } = this.thread.machine;
    if (!trace.on) return;
    this.thread.machine.emitFor(
      this.thread,
      REQUEST_COMPLETE,
      this.id,
      ok ? 1 : 0,
      0,
      resultText(this.call, ok, result),
    );
  }

  #repeat(): void {
    this.#repeated = true;
    if (this.events.full) this.#waitForRoom();
    else if (this.#untaken >= QUEUE_CAPACITY) this.#waitForTaker();
    else if (this.#starting) this.#again = true;
    else this.launch();
  }

  /** Where the thread's own queue takes any number, one request may not fill it alone. */
  #waitForTaker(): void {
    this.begin(this.call);
    this.#waitsForTaker = true;
    this.waitFor(PAUSED, () => {
      this.#waitsForTaker = false;
      return true;
    });
  }

  #waitForRoom(): void {
    this.begin(this.call);
    this.events.pause(this);
    this.waitFor(PAUSED, () => {
      this.events.unpause(this);
      return true;
    });
  }
}

/** Door 3: an operation that interrupts the thread that pushed it. */
export class Pushed extends Submission {
  constructor(
    thread: Thread,
    id: number,
    tag: unknown,
    multishot: boolean,
    capacity: number,
    readonly fn: (event: never) => Routine<unknown> | void,
  ) {
    super(thread, id, tag, multishot, new EventQueue(id, capacity));
  }

  override get door(): number {
    return DOOR.push;
  }

  protected override post(event: Event): void {
    const { thread } = this;
    this.events.untaken++;
    thread.machine.emitFor(thread, EVENT_POST, this.id, this.id);
    (thread.callbacks ??= []).push({
      id: this.id,
      event,
      fn: this.fn,
      restart: true,
    });
    thread.machine.upcallCame(thread);
  }

  /** Its callback starts with this event. */
  entered(event: Event): void {
    this.events.untaken--;
    if (!event.more) this.thread.process.submissions.delete(this.id);
    this.events.madeRoom();
  }
}

function makeEvent(
  from: Submission,
  ok: boolean,
  result: unknown,
  more: boolean,
): Event {
  const { handle, tag } = from;
  const { name, a } = from.call;
  const at = from.thread.machine.clock.now;
  const field = eventField(from.call);
  if (field === "fd" && ok) { // most are such; said at once, it is made faster
    const event = {
      handle,
      call: name,
      tag,
      at,
      more,
      fd: a,
      ok,
      value: result,
    };
    return event as Event;
  }
  const event: Record<string, unknown> = { handle, call: name, tag, at, more };
  if (field !== "") event[field] = a;
  event.ok = ok;
  if (ok) event.value = result;
  else event.error = result;
  return event as Event;
}

// ------------------------------------------------------------- looking and waiting

/** Where a `poll` or `wait` looks: handles, or one queue. */
export interface Sources {
  submissions: readonly Submission[];
  queue: EventQueue | null;
  /** It was one handle: the answer is one event, not a list. */
  single: boolean;
}

/** Takes up to `max` events that are there. */
export function takeEvents(sources: Sources, max: number): Event[] {
  const events: Event[] = [];
  const { queue } = sources;
  while (queue !== null && events.length < max) {
    const event = queue.take();
    if (event === null) break;
    events.push(event);
  }
  for (const submission of inOrderOfCompletion(sources.submissions)) {
    while (submission.postedAt !== null && events.length < max) {
      events.push(submission.taken());
    }
  }
  return events;
}

function inOrderOfCompletion(
  submissions: readonly Submission[],
): readonly Submission[] {
  if (submissions.length < 2) return submissions;
  const posted = submissions.filter((each) => each.postedAt !== null);
  return posted.sort((a, b) => a.postedAt! - b.postedAt!);
}

/** The bytes that taking these events copies into the program. */
export function eventBytes(events: readonly (Event | null)[]): number {
  let bytes = 0;
  for (const event of events) {
    if (event?.ok) bytes += resultBytes(event.value);
  }
  return bytes;
}

/** The bytes of a result: of a read, or of a datagram. */
export function resultBytes(result: unknown): number {
  if (typeof result !== "object" || result === null) return 0;
  if (ArrayBuffer.isView(result)) return result.byteLength;
  const { data } = result as { data?: unknown };
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}

/** A `wait` under way: it stands at each of its sources until one has an event. */
export class Take implements WaitTarget, Due {
  readonly kind = "event";
  #got: Event[] = [];
  #timer = -1;

  constructor(
    readonly frame: Frame,
    readonly sources: Sources,
    readonly max: number,
    timeoutNs: number | null,
  ) {
    for (const submission of sources.submissions) {
      (submission.takes ??= []).push(this);
    }
    sources.queue?.takes.push(this);
    if (timeoutNs !== null) {
      const { clock } = frame.thread.machine;
      this.#timer = clock.schedule(clock.now + timeoutNs, this);
      frame.thread.machine.timerStarted();
    }
  }

  /** It ends by itself. */
  get hasTimeout(): boolean {
    return this.#timer >= 0;
  }

  describe(): string {
    const { submissions, queue } = this.sources;
    const names = submissions.map((each) => callText(each.call));
    if (names.length > 0) return names.join(", ");
    return `events of ${queue!.pending} request${
      queue!.pending === 1 ? "" : "s"
    }`;
  }

  /** The first event has come: it is ours, whoever else looks meanwhile. */
  receive(from: Submission): void {
    this.leave();
    this.#got.push(from.taken());
    this.frame.complete(undefined);
  }

  /** The time has passed: what is there now is the answer. */
  fire(): void {
    this.#timer = -1;
    this.frame.thread.machine.timerEnded();
    this.leave();
    this.frame.complete(undefined);
  }

  /** What the waiting thread gets when it runs again. */
  collect(): Event | Event[] | null {
    const more = this.max - this.#got.length;
    const events = more > 0
      ? this.#got.concat(takeEvents(this.sources, more))
      : this.#got;
    return this.sources.single ? (events[0] ?? null) : events;
  }

  /** Stops standing at its sources. */
  leave(): void {
    if (this.#timer >= 0) {
      const { machine } = this.frame.thread;
      machine.clock.cancel(this.#timer);
      machine.timerEnded();
      this.#timer = -1;
    }
    for (const { takes } of this.sources.submissions) {
      if (takes !== null) remove(takes, this);
    }
    if (this.sources.queue !== null) remove(this.sources.queue.takes, this);
  }
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
