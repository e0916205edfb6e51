// One server in three styles, stripped to what is compared. A request costs some
// CPU time and asks the backend for something that takes a stated time. Each
// keeps its connections to the backend, as a server keeps those to its database.
// The blocking one has a fixed number of threads; the others have one thread and
// pay a tax for each request.

import {
  accept,
  bind,
  bytes,
  close,
  compute,
  connect,
  type Event,
  join,
  listen,
  type Main,
  pause,
  type Program,
  push,
  read,
  type Request,
  type Routine,
  socket,
  spawn,
  submit,
  SysError,
  text,
  thread,
  wait,
  write,
} from "../mod.ts";

export const PORT = 80;
export const BACKEND = { host: "backend", port: 9000 };

export interface ServerPlan {
  backlog: number;
  /** Threads of the blocking server; processes of the others. */
  workers: number;
  /** CPU time that the model adds to a request. */
  taxNs: number;
}

/** What a request asks for, ns. */
interface Work {
  computeNs: number;
  ioNs: number;
}

export const ANSWER = bytes(
  "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nDone.\n",
);

/** `GET /work?us=100.000&io=10000.000 …` */
export function workOf(request: Uint8Array): Work {
  const target = text(request);
  if (target !== lastTarget) {
    lastTarget = target;
    lastWork = { computeNs: asked(target, "us"), ioNs: asked(target, "io") };
  }
  return lastWork;
}

/** A crowd mostly asks for the same again. */
let lastTarget = "", lastWork: Work = { computeNs: 0, ioNs: 0 };

function asked(target: string, name: "us" | "io"): number {
  const found = (name === "us" ? /[?&]us=([\d.]+)/ : /[?&]io=([\d.]+)/).exec(
    target,
  );
  return found === null ? 0 : Math.round(Number(found[1]) * 1000);
}

function* listening({ backlog }: ServerPlan): Routine<number> {
  const listener = yield* socket();
  yield* bind(listener, { port: PORT });
  yield* listen(listener, backlog);
  return listener;
}

export function* toBackend(): Routine<number> {
  const fd = yield* socket();
  yield* connect(fd, BACKEND);
  return fd;
}

/** Asks, and waits for the answer. */
export function* askBackend(backend: number, ioNs: number): Routine {
  yield* write(backend, `${ioNs}\n`);
  yield* read(backend, 64);
}

/** Blocking: so many threads, or as many as memory has room for. Each serves a client to its end. */
export function pool(plan: ServerPlan): Main {
  return function* main(): Program {
    const listener = yield* listening(plan);
    const threads: number[] = [];
    try {
      while (threads.length < plan.workers) {
        threads.push(yield* thread(serveInTurn, { listener, plan }));
      }
    } catch (error) {
      if (!isFull(error)) throw error;
    }
    for (const tid of threads) yield* join(tid);
  };
}

/** There is no memory for one more stack. */
function isFull(error: unknown): boolean {
  return error instanceof SysError && error.code === "EAGAIN";
}

function* serveInTurn(
  { listener, plan }: { listener: number; plan: ServerPlan },
): Routine {
  const backend = yield* toBackend();
  while (true) {
    const client = yield* accept(listener);
    const { computeNs, ioNs } = workOf(yield* read(client, 4096));
    yield* compute(computeNs + plan.taxNs);
    if (ioNs > 0) yield* askBackend(backend, ioNs);
    yield* write(client, ANSWER);
    yield* close(client);
  }
}

/** A client of the event loop, and the connection to the backend it has just now. */
interface Client {
  fd: number;
  backend: number;
}

/** Submitting: an event loop; `workers` processes share the listening socket. */
export function loop(plan: ServerPlan): Main {
  function* serve([listener]: string[]): Program {
    yield* loopOver(Number(listener), plan);
  }
  return function* main(): Program {
    const listener = String(yield* listening(plan));
    for (let i = 1; i < plan.workers; i++) yield* spawn(serve, [listener]);
    yield* serve([listener]);
  };
}

/** A process can have 1,024 descriptors, and each client may take two. */
export const CLIENTS_EACH = 450;

function* loopOver(listener: number, plan: ServerPlan): Routine {
  const idle: number[] = [];
  let inside = 0, asks = false;
  while (true) {
    if (!asks && inside < CLIENTS_EACH) {
      yield* submit(accept(listener));
      asks = true;
    }
    for (const event of yield* wait()) {
      if (event.call === "accept" && event.ok) {
        asks = false;
        inside++;
        const client: Client = { fd: event.value, backend: -1 };
        yield* submit(read(client.fd, 4096), { tag: client });
      } else if (event.call === "read" && event.ok) {
        const client = event.tag as Client;
        if (yield* advance(client, event.value, plan, idle)) inside--;
      }
    }
  }
}

/** Its request has come, or the backend's answer: true when it has been answered. */
function* advance(
  client: Client,
  arrived: Uint8Array,
  plan: ServerPlan,
  idle: number[],
): Routine<boolean> {
  if (client.backend < 0) {
    const { computeNs, ioNs } = workOf(arrived);
    yield* compute(computeNs + plan.taxNs);
    if (ioNs > 0) {
      client.backend = idle.pop() ?? (yield* toBackend());
      yield* write(client.backend, `${ioNs}\n`);
      yield* submit(read(client.backend, 64), { tag: client });
      return false;
    }
  } else idle.push(client.backend);
  yield* write(client.fd, ANSWER);
  yield* close(client.fd);
  return true;
}

/** Pushing: the kernel calls a function for whatever has ended. */
export function pushed(plan: ServerPlan): Main {
  return function* main(): Program {
    const listener = yield* listening(plan);
    const idle: number[] = [];
    const ended = (client: Client) =>
      function* (event: Event<"read">): Routine {
        if (!event.ok) return;
        yield* pushStep(client, event.value, plan, idle, ended);
      };
    yield* push(accept(listener), { multishot: true }, function* (event) {
      if (!event.ok) return;
      const client: Client = { fd: event.value, backend: -1 };
      yield* push(read(client.fd, 4096), ended(client));
    });
    while (true) yield* pause();
  };
}

type Ended = (client: Client) => (event: Event<"read">) => Routine;

function* pushStep(
  client: Client,
  arrived: Uint8Array,
  plan: ServerPlan,
  idle: number[],
  ended: Ended,
): Routine {
  if (client.backend < 0) {
    const { computeNs, ioNs } = workOf(arrived);
    yield* compute(computeNs + plan.taxNs);
    if (ioNs > 0) {
      client.backend = idle.pop() ?? (yield* toBackend());
      yield* write(client.backend, `${ioNs}\n`);
      const answer: Request<"read"> = read(client.backend, 64);
      yield* push(answer, ended(client));
      return;
    }
  } else idle.push(client.backend);
  yield* write(client.fd, ANSWER);
  yield* close(client.fd);
}
