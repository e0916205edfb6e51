// An event loop: one thread, one queue, and a function for each thing that may
// happen: a descriptor is ready, a time has come, a request has ended. Handlers
// run one after the other; while one waits, everybody waits. It stands on door 2
// alone and does not know what the descriptors are.

import {
  cancel,
  type Event,
  type Handle,
  type Queue,
  queue,
  ready,
  type Request,
  type RequestName,
  type Routine,
  sleep,
  submit,
  wait,
} from "kettle";

/** What a handler is told: the event that called it, and its number for `forget`. */
export type Handler<C extends RequestName> = (
  event: Event<C>,
  id: number,
) => Routine<unknown>;

interface Watch {
  // deno-lint-ignore no-explicit-any -- each handler knows the event it asked for
  handler: Handler<any>;
  /** Asks again after each event; null: it was asked once. */
  again: ((events: Queue, tag: number) => Routine<Handle>) | null;
  handle: Handle;
}

export class EventLoop {
  #queue: Queue | null = null;
  #watches = new Map<number, Watch>();
  #lastId = 0;
  #isStopped = false;

  /** How many things it waits for. */
  get size(): number {
    return this.#watches.size;
  }

  /** Calls `handler` whenever `fd` could be read ("in") or written ("out"). Gives a number for `forget`. */
  *on(
    fd: number,
    what: "in" | "out",
    handler: Handler<"ready">,
  ): Routine<number> {
    return yield* this.#watch(handler, function* (events, tag) {
      return yield* submit(ready(fd, what), { queue: events, tag });
    }, true);
  }

  /** Calls `handler` once, after `timeNs`. */
  *after(timeNs: number, handler: Handler<"sleep">): Routine<number> {
    return yield* this.#watch(handler, function* (events, tag) {
      return yield* submit(sleep(timeNs), { queue: events, tag });
    }, false);
  }

  /** Calls `handler` every `periodNs`, in step with the clock however long it takes. */
  *every(periodNs: number, handler: Handler<"sleep">): Routine<number> {
    return yield* this.#watch(handler, function* (events, tag) {
      const options = { queue: events, tag, multishot: true };
      return yield* submit(sleep(periodNs), options);
    }, false);
  }

  /** Starts a request and calls `handler` with its end. */
  *when<C extends RequestName>(
    request: Request<C>,
    handler: Handler<C>,
  ): Routine<number> {
    return yield* this.#watch(handler, function* (events, tag) {
      return yield* submit(request, { queue: events, tag });
    }, false);
  }

  /** Waits for this no more; its handler is not called again. */
  *forget(id: number): Routine {
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    this.#watches.delete(id);
    yield* cancel(watch.handle);
  }

  /** Calls handlers until nothing is left to wait for, or `stop` was called. */
  *run(): Routine {
    this.#isStopped = false;
    while (!this.#isStopped && this.#watches.size > 0) {
      const events = yield* wait(yield* this.#events());
      for (const event of events) yield* this.#handle(event);
    }
  }

  /** `run` returns when the handler that calls this is done, and what came with it. */
  stop(): void {
    this.#isStopped = true;
  }

  *#events(): Routine<Queue> {
    return this.#queue ??= yield* queue();
  }

  *#watch(
    handler: Watch["handler"],
    ask: NonNullable<Watch["again"]>,
    isRepeated: boolean,
  ): Routine<number> {
    const id = ++this.#lastId;
    const handle = yield* ask(yield* this.#events(), id);
    const again = isRepeated ? ask : null;
    this.#watches.set(id, { handler, again, handle });
    return id;
  }

  /** One event: its handler, and then the question is asked again. */
  *#handle(event: Event): Routine {
    const id = event.tag as number;
    const watch = this.#watches.get(id);
    if (watch === undefined) return; // forgotten meanwhile
    if (watch.again === null && !event.more) this.#watches.delete(id);
    yield* watch.handler(event, id);
    if (watch.again === null || !this.#watches.has(id)) return;
    watch.handle = yield* watch.again(yield* this.#events(), id);
  }
}
