// mirror [PORT [BYTES [AFTER]]]: the machine at the other end of the cable. It
// answers each byte it is sent with BYTES bytes (512), AFTER a time (300us) that
// stands for its work; a thread serves each connection. It never ends by itself.

import {
  accept,
  bind,
  close,
  listen,
  type Program,
  read,
  type Routine,
  sleep,
  socket,
  SysError,
  thread,
  us,
  write,
} from "kettle";

interface Connection {
  fd: number;
  answer: Uint8Array;
  afterNs: number;
}

export default function* main(args: string[]): Program {
  const [port = "80", count = "512", after = "300us"] = args;
  const afterNs = Number(after.replace(/us$/, "")) * us;
  const answer = new Uint8Array(Number(count)).fill(0x6b);
  const listener = yield* socket();
  yield* bind(listener, { port: Number(port) });
  yield* listen(listener);
  while (true) {
    const fd = yield* accept(listener);
    yield* thread(serve, { fd, answer, afterNs });
  }
}

function* serve({ fd, answer, afterNs }: Connection): Routine {
  try {
    while (true) {
      const questions = yield* read(fd, 64);
      if (questions.length === 0) break;
      for (const _question of questions) {
        yield* sleep(afterNs);
        yield* write(fd, answer);
      }
    }
  } catch (error) {
    if (!(error instanceof SysError)) throw error; // the client has gone
  }
  yield* close(fd);
}
