// HTTP, one thread, every request pushed: the kernel interrupts the thread with a
// function when something is done. The main program has nothing to do and sleeps.
// A callback never runs inside another, so nothing here needs a lock; but one that
// computes holds up all others.
//
//   http_push.ts [-b BACKLOG] [-c COMPUTE_US] [-s SLEEP_US] [-B HOST:PORT] [PORT]

import {
  accept,
  bind,
  close,
  type Event,
  listen,
  type Outcome,
  pause,
  type Program,
  push,
  read,
  Request,
  type Routine,
  sigaction,
  sleep,
  socket,
  write,
} from "kettle";
import { after, joined, NOTHING, parseRequest } from "../lib/http.ts";
import { FULL_NS, Job, NO_OUTCOME, outcome, refusal } from "../lib/site.ts";
import { type Site, siteOptions } from "../lib/site.ts";

export default function* main(args: string[]): Program {
  const site = yield* siteOptions(args, "http_push.ts");
  const listener = yield* socket();
  yield* bind(listener, { port: site.port });
  yield* listen(listener, site.backlog);
  yield* sigaction("PIPE", "ign");
  yield* acceptAll(listener, site);
  while (true) yield* pause();
}

/** Clients as they come; without a descriptor for one, again after a while. */
function* acceptAll(listener: number, site: Site): Routine {
  const options = { multishot: true };
  yield* push(accept(listener), options, function* (event): Routine {
    if (event.ok) yield* new Connection(event.value, site).read();
    if (event.more) return;
    yield* push(sleep(FULL_NS), () => acceptAll(listener, site));
  });
}

/** A connection: its methods are what the kernel calls when a request is done. */
class Connection {
  #inbox = NOTHING;

  constructor(readonly fd: number, readonly site: Site) {}

  *read(): Routine {
    yield* push(read(this.fd, 4096), (event) => this.#arrived(event));
  }

  *#arrived(event: Event<"read">): Routine {
    if (!event.ok || event.value.length === 0) return yield* close(this.fd);
    this.#inbox = joined(this.#inbox, event.value);
    yield* this.#next();
  }

  *#next(): Routine {
    const parsed = parseRequest(this.#inbox);
    if (parsed === null) return yield* this.read();
    if ("bad" in parsed) return yield* this.#write(refusal(parsed.bad), false);
    this.#inbox = after(this.#inbox, parsed.used);
    yield* this.#work(new Job(parsed.message, this.site), NO_OUTCOME);
  }

  /** The next step of a job; what cannot wait is done at once. */
  *#work(job: Job, last: Outcome): Routine {
    let step = job.next(last);
    while (!(step instanceof Uint8Array)) {
      if (step instanceof Request) {
        yield* push(step, (event) => this.#work(job, event));
        return;
      }
      step = job.next(yield* outcome(step));
    }
    yield* this.#write(step, job.keepAlive);
  }

  *#write(answer: Uint8Array, keepAlive: boolean): Routine {
    const { fd } = this;
    yield* push(write(fd, answer), (event) => {
      return event.ok && keepAlive ? this.#next() : this.#end();
    });
  }

  *#end(): Routine {
    yield* close(this.fd);
  }
}
