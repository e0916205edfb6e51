// HTTP, one thread, every call waits. The simplest server there is: it serves
// one connection to its end, then takes the next. While it waits for anything,
// the disk, the backend, a slow client, everybody else waits in the backlog.
//
//   http_block.ts [-b BACKLOG] [-c COMPUTE_US] [-s SLEEP_US] [-B HOST:PORT] [PORT]

import {
  bind,
  close,
  listen,
  type Program,
  read,
  type Routine,
  sigaction,
  socket,
  SysError,
  write,
} from "kettle";
import { after, joined, NOTHING, parseRequest } from "../lib/http.ts";
import { Job, nextClient, NO_OUTCOME, outcome, refusal } from "../lib/site.ts";
import { type Site, siteOptions } from "../lib/site.ts";

export default function* main(args: string[]): Program {
  const site = yield* siteOptions(args, "http_block.ts");
  yield* sigaction("PIPE", "ign"); // a client that went away is no end of ours
  const listener = yield* socket();
  yield* bind(listener, { port: site.port });
  yield* listen(listener, site.backlog);
  while (true) {
    const fd = yield* nextClient(listener);
    yield* serve(fd, site);
  }
}

/** A connection, to its end. */
function* serve(fd: number, site: Site): Routine {
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
