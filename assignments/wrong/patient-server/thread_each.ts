// A thread for each connection, which waits at the backend.
// Must fail: never more than 8 threads

import {
  accept,
  bind,
  close,
  compute,
  connect,
  detach,
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
  while (true) {
    try {
      const client = yield* accept(listener);
      yield* detach(yield* thread(serve, client));
    } catch {
      // No memory for another stack: the client has to come again.
    }
  }
}

function* serve(client: number): Routine {
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

function numberOf(request: string, name: string): number {
  return Number(new RegExp(`[?&]${name}=([\\d.]+)`).exec(request)?.[1] ?? 0);
}
