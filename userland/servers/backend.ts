// backend [PORT [PROCESSES]]: I/O of a stated length. A client sends a number of
// nanoseconds on a line and gets "done" so much later. There is no limit to how
// many wait at once but that of descriptors, 1,000 for each process (1). It stands
// for the database, the disk array, the other service that a server asks. It
// never ends by itself.

import {
  accept,
  bind,
  close,
  listen,
  ms,
  type Program,
  read,
  type Routine,
  sigaction,
  sleep,
  socket,
  spawn,
  submit,
  text,
  wait,
  write,
} from "kettle";
import { endAll } from "../lib/site.ts";

const FULL_NS = 10 * ms;
const BACKLOG = 4096;

export default function* main(args: string[]): Program {
  const [port = "9000", processes = "1"] = args;
  const listener = yield* socket();
  yield* bind(listener, { port: Number(port) });
  yield* listen(listener, BACKLOG);
  const others: number[] = [];
  for (let i = 1; i < Number(processes); i++) {
    others.push(
      yield* spawn(loop, [String(listener)], { name: "backend.ts" }),
    );
  }
  yield* sigaction("TERM", { fn: () => endAll(others) });
  yield* loop([String(listener)]);
}

export function* loop([listening]: string[]): Program {
  const listener = Number(listening);
  yield* sigaction("PIPE", "ign");
  yield* submit(accept(listener), { multishot: true });
  while (true) {
    for (const event of yield* wait()) {
      if (event.tag === undefined) {
        if (event.call === "accept" && event.ok) yield* listenTo(event.value);
        if (event.more) continue;
        // Out of descriptors: after a while there may be one.
        if (event.call === "accept") yield* submit(sleep(FULL_NS));
        else yield* submit(accept(listener), { multishot: true });
        continue;
      }
      const fd = event.tag as number;
      if (event.call === "read") yield* question(fd, event);
      else if (event.call === "sleep") {
        yield* submit(write(fd, "done\n"), { tag: fd });
      } else yield* listenTo(fd);
    }
  }
}

function* listenTo(fd: number): Routine {
  yield* submit(read(fd, 64), { tag: fd });
}

function* question(
  fd: number,
  event: { ok: true; value: Uint8Array } | { ok: false },
): Routine {
  const asked = event.ok ? Number(text(event.value)) : NaN;
  const isTime = event.ok && event.value.length > 0 && asked >= 0;
  if (!isTime) return yield* close(fd);
  yield* submit(sleep(asked), { tag: fd });
}
