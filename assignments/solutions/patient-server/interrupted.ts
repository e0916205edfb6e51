// The kernel calls: one thread that sleeps, a function for whatever has ended, and
// connections to the backend that are used again.

import {
  accept,
  bind,
  close,
  compute,
  connect,
  listen,
  pause,
  type Program,
  push,
  read,
  type Routine,
  socket,
  text,
  us,
  write,
} from "kettle";

const ANSWER =
  "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nDone.\n";
const idle: number[] = [];

export default function* main(): Program {
  const listener = yield* socket();
  yield* bind(listener, { port: 80 });
  yield* listen(listener, 128);
  yield* push(accept(listener), { multishot: true }, function* (event) {
    if (!event.ok) return;
    const client = event.value;
    yield* push(read(client, 4096), function* (event) {
      if (event.ok) yield* serve(client, text(event.value));
    });
  });
  while (true) yield* pause();
}

function* serve(client: number, request: string): Routine {
  yield* compute(Math.round(numberOf(request, "us") * us));
  const backend = idle.pop() ?? (yield* toBackend());
  const question = `${Math.round(numberOf(request, "io") * us)}\n`;
  yield* write(backend, question);
  yield* push(read(backend, 64), function* () {
    idle.push(backend);
    yield* write(client, ANSWER);
    yield* close(client);
  });
}

function* toBackend(): Routine<number> {
  const fd = yield* socket();
  yield* connect(fd, { host: "backend", port: 9000 });
  return fd;
}

function numberOf(request: string, name: string): number {
  return Number(new RegExp(`[?&]${name}=([\\d.]+)`).exec(request)?.[1] ?? 0);
}
