// Asks the backend, and answers before it has: the clients have their answers, and
// none of them knows anything.
// Must fail: no answer comes before the backend's

import {
  accept,
  bind,
  close,
  compute,
  connect,
  type Event,
  listen,
  type Program,
  read,
  type Routine,
  socket,
  submit,
  text,
  us,
  wait,
  write,
} from "kettle";

interface Client {
  fd: number;
  backend: number;
}

const ANSWER =
  "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nDone.\n";

export default function* main(): Program {
  const listener = yield* socket();
  yield* bind(listener, { port: 80 });
  yield* listen(listener, 128);
  yield* submit(accept(listener), { multishot: true });
  while (true) {
    for (const event of yield* wait()) {
      if (event.call === "accept" && event.ok) {
        const client: Client = { fd: event.value, backend: -1 };
        yield* submit(read(client.fd, 4096), { tag: client });
      } else if (event.tag !== undefined) {
        yield* advance(event.tag as Client, event);
      }
    }
  }
}

function* advance(client: Client, event: Event): Routine {
  if (event.call === "read" && event.ok && client.backend < 0) {
    const request = text(event.value);
    yield* compute(Math.round(numberOf(request, "us") * us));
    client.backend = yield* socket();
    yield* connect(client.backend, { host: "backend", port: 9000 });
    const question = `${Math.round(numberOf(request, "io") * us)}\n`;
    yield* write(client.backend, question);
    yield* write(client.fd, ANSWER);
    yield* close(client.fd);
    yield* submit(read(client.backend, 64), { tag: client });
  } else yield* close(client.backend);
}

function numberOf(request: string, name: string): number {
  return Number(new RegExp(`[?&]${name}=([\\d.]+)`).exec(request)?.[1] ?? 0);
}
