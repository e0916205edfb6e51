// HTTP, a fixed number of threads that were made beforehand, every call waits.
// Each takes a connection and serves it to its end; so many are served at once,
// as many again as the backlog says may wait, and who comes then is turned away.
// With processes instead of threads this is called prefork.
//
//   http_pool.ts [-w WORKERS] [-b BACKLOG] [-c COMPUTE_US] [-s SLEEP_US] [-B HOST:PORT] [PORT]

import {
  bind,
  close,
  join,
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

interface Worker {
  listener: number;
  site: Site;
}

export default function* main(args: string[]): Program {
  const site = yield* siteOptions(args, "http_pool.ts");
  yield* sigaction("PIPE", "ign"); // a client that went away is no end of ours
  const listener = yield* socket();
  yield* bind(listener, { port: site.port });
  yield* listen(listener, site.backlog);
  const workers: number[] = [];
  for (let i = 0; i < (site.workers ?? 8); i++) {
    workers.push(yield* thread(work, { listener, site }));
  }
  for (const worker of workers) yield* join(worker);
}

function* work({ listener, site }: Worker): Routine {
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
