// HTTP, a thread for each connection, every call waits. The code is that of one
// thread, and nobody waits for another's disk or backend. But each thread takes
// a stack: when memory is full, connections are closed unserved. How many can be
// served at once is memory divided by stack.
//
//   http_threads.ts [-b BACKLOG] [-c COMPUTE_US] [-s SLEEP_US] [-B HOST:PORT] [PORT]

import {
  bind,
  close,
  detach,
  listen,
  type Program,
  read,
  type Routine,
  sigaction,
  socket,
  SysError,
  thread,
  write,
} from "kettle";
import { after, joined, NOTHING, parseRequest } from "../lib/http.ts";
import { Job, nextClient, NO_OUTCOME, outcome, refusal } from "../lib/site.ts";
import { type Site, siteOptions } from "../lib/site.ts";

interface Client {
  fd: number;
  site: Site;
}

export default function* main(args: string[]): Program {
  const site = yield* siteOptions(args, "http_threads.ts");
  yield* sigaction("PIPE", "ign"); // a client that went away is no end of ours
  const listener = yield* socket();
  yield* bind(listener, { port: site.port });
  yield* listen(listener, site.backlog);
  while (true) {
    const fd = yield* nextClient(listener);
    try {
      yield* detach(yield* thread(serve, { fd, site }));
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* close(fd); // no memory for its stack
    }
  }
}

/** A connection, to its end. */
function* serve({ fd, site }: Client): Routine {
  try {
    let more = true;
    let inbox = NOTHING;
    while (more) {
      const parsed = parseRequest(inbox);
      if (parsed === null) {
        const arrived = yield* read(fd, 4096);
        if (arrived.length === 0) break;
        inbox = joined(inbox, arrived);
      } else if ("bad" in parsed) {
        yield* write(fd, refusal(parsed.bad));
        more = false;
      } else {
        inbox = after(inbox, parsed.used);
        const job = new Job(parsed.message, site);
        yield* write(fd, yield* answer(job));
        more = job.keepAlive;
      }
    }
  } catch (error) {
    if (!(error instanceof SysError)) throw error; // the client has gone
  }
  yield* close(fd);
}

function* answer(job: Job): Routine<Uint8Array> {
  let step = job.next(NO_OUTCOME);
  while (!(step instanceof Uint8Array)) {
    step = job.next(yield* outcome(step));
  }
  return step;
}
