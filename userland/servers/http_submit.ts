// HTTP, one thread, every request submitted: an event loop. It hands over what it
// wants, waits for whatever is done first, and goes on with that connection. A
// connection is an object here and no thread, so thousands may wait at once.
// What computes, computes for everybody: nothing else happens meanwhile; so there
// is a process for each CPU (-w), all at the same listening socket.
//
//   http_submit.ts [-w PROCESSES] [-b BACKLOG] [-c COMPUTE_US] [-s SLEEP_US] [-B HOST:PORT] [PORT]

import {
  accept,
  bind,
  close,
  type Event,
  listen,
  type Outcome,
  type Program,
  read,
  Request,
  type Routine,
  sigaction,
  sleep,
  socket,
  spawn,
  submit,
  wait,
  write,
} from "kettle";
import { after, joined, NOTHING, parseRequest } from "../lib/http.ts";
import { endAll, Job, NO_OUTCOME, outcome, refusal } from "../lib/site.ts";
import { FULL_NS, type Site, siteOptions } from "../lib/site.ts";

/** A connection, and what it waits for. */
interface Connection {
  fd: number;
  state: "reading" | "working" | "writing" | "last";
  inbox: Uint8Array;
  job: Job | null;
}

export default function* main(args: string[]): Program {
  const site = yield* siteOptions(args, "http_submit.ts");
  const listener = yield* socket();
  yield* bind(listener, { port: site.port });
  yield* listen(listener, site.backlog);
  const given = [String(listener), ...args];
  const others: number[] = [];
  for (let i = 1; i < (site.workers ?? 1); i++) {
    others.push(yield* spawn(loop, given, { name: "http_submit.ts" }));
  }
  yield* sigaction("TERM", { fn: () => endAll(others) });
  yield* loop(given);
}

/** A process: its arguments are the listening socket, then those of the server. */
export function* loop([listening, ...args]: string[]): Program {
  const site = yield* siteOptions(args, "http_submit.ts");
  const listener = Number(listening);
  yield* sigaction("PIPE", "ign");
  yield* submit(accept(listener), { multishot: true });
  while (true) {
    for (const event of yield* wait()) {
      if (event.tag !== undefined) {
        yield* advance(event.tag as Connection, event, site);
      } else yield* acceptMore(event, listener);
    }
  }
}

/** A client came; or there was no descriptor for it, and after a while there may be. */
function* acceptMore(event: Event, listener: number): Routine {
  if (event.call === "accept" && event.ok) {
    const fd = event.value;
    const c: Connection = { fd, state: "reading", inbox: NOTHING, job: null };
    yield* submit(read(fd, 4096), { tag: c });
  }
  if (event.more) return;
  if (event.call === "accept") yield* submit(sleep(FULL_NS));
  else yield* submit(accept(listener), { multishot: true });
}

/** One request of a connection has ended: what comes next? */
function* advance(c: Connection, event: Event, site: Site): Routine {
  if (c.state === "working") return yield* work(c, event);
  if (!event.ok || c.state === "last") return yield* close(c.fd);
  if (event.call === "read") {
    if (event.value.length === 0) return yield* close(c.fd);
    c.inbox = joined(c.inbox, event.value);
  }
  const parsed = parseRequest(c.inbox);
  if (parsed === null) {
    c.state = "reading";
    yield* submit(read(c.fd, 4096), { tag: c });
  } else if ("bad" in parsed) {
    c.state = "last";
    yield* submit(write(c.fd, refusal(parsed.bad)), { tag: c });
  } else {
    c.inbox = after(c.inbox, parsed.used);
    c.job = new Job(parsed.message, site);
    yield* work(c, NO_OUTCOME);
  }
}

/** The next step of its job; what cannot wait is done at once. */
function* work(c: Connection, last: Outcome): Routine {
  let step = c.job!.next(last);
  while (!(step instanceof Uint8Array)) {
    c.state = "working";
    if (step instanceof Request) return void (yield* submit(step, { tag: c }));
    step = c.job!.next(yield* outcome(step));
  }
  c.state = c.job!.keepAlive ? "writing" : "last";
  c.job = null;
  yield* submit(write(c.fd, step), { tag: c });
}
