// The answer is always the same, so why ask? It is quick, and does nothing.
// Must fail: the backend is asked for all
// Must fail: the work is done
// Must fail: no answer comes before the backend's

import {
  accept,
  bind,
  close,
  listen,
  type Program,
  read,
  socket,
  write,
} from "kettle";

const ANSWER =
  "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nDone.\n";

export default function* main(): Program {
  const listener = yield* socket();
  yield* bind(listener, { port: 80 });
  yield* listen(listener, 128);
  while (true) {
    const client = yield* accept(listener);
    yield* read(client, 4096);
    yield* write(client, ANSWER);
    yield* close(client);
  }
}
