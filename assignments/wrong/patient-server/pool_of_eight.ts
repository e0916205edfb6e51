// Eight threads, as many as allowed; each waits with its client, and the others
// stand in the queue.
// Must fail: 99 of 100 within 30 ms
// Must fail: 3,000 a second

import {
  accept,
  bind,
  close,
  compute,
  connect,
  join,
  listen,
  type Program,
  read,
  type Routine,
  socket,
  text,
  thread,
  us,
  write,
} from "kettle";

const ANSWER =
  "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nDone.\n";

export default function* main(): Program {
  const listener = yield* socket();
  yield* bind(listener, { port: 80 });
  yield* listen(listener, 128);
  const others: number[] = [];
  while (others.length < 7) others.push(yield* thread(serve, listener));
  yield* serve(listener);
  for (const tid of others) yield* join(tid);
}

function* serve(listener: number): Routine {
  while (true) {
    const client = yield* accept(listener);
    const request = text(yield* read(client, 4096));
    yield* compute(Math.round(numberOf(request, "us") * us));
    const backend = yield* socket();
    yield* connect(backend, { host: "backend", port: 9000 });
    yield* write(backend, `${Math.round(numberOf(request, "io") * us)}\n`);
    yield* read(backend, 64);
    yield* close(backend);
    yield* write(client, ANSWER);
    yield* close(client);
  }
}

function numberOf(request: string, name: string): number {
  return Number(new RegExp(`[?&]${name}=([\\d.]+)`).exec(request)?.[1] ?? 0);
}
