// A server for a crowd, with few threads. What it does for each client takes long
// elsewhere; a thread that waits there serves nobody, and one for each client is
// not to be had.

import { ms, s, us } from "../mod.ts";
import {
  assignment,
  computeOf,
  found,
  goal,
  noLeak,
  type Run,
  threadsAtMost,
  timeIn,
  type TraceEvent,
  within,
} from "../grading/mod.ts";

const CLIENTS = 60, REQUESTS = 300, THREADS = 8;
const ANSWERED = "everybody is answered";
const COMPUTE_US = 100, IO_US = 10_000;

export default assignment({
  id: "patient-server",
  title: "Serve sixty at once with eight threads",
  text: `Write a server that listens at port 80. A client sends

  GET /work?us=100.000&io=10000.000 HTTP/1.1

and more lines, to an empty one. For each such request: compute() as many µs as
"us" says; connect to the machine "backend", port 9000, write the number of ns
that "io" means on a line (10000000) and read the answer, "done"; then answer
with

  HTTP/1.1 200 OK
  Content-Length: 6
  Connection: close
  (an empty line)
  Done.

and close the connection. Sixty clients ask at the same time, each again when it
has its answer. Never have more than ${THREADS} threads, all processes together.
/lib/http.ts can take a request apart, if you want that.`,
  world: () => ({
    machines: [
      {
        name: "clients",
        programs: [{
          run: "load",
          args: [
            ...["-c", String(CLIENTS), "-n", String(REQUESTS)],
            ...["-t", "uniform:0-2000", "-T", "2000", "--json"],
            ...["--work", `uniform:${COMPUTE_US / 2}-${COMPUTE_US * 1.5}`],
            ...["--io", `uniform:${IO_US * 0.8}-${IO_US * 1.2}`],
            "kettle",
          ],
          atNs: 100 * ms,
        }],
      },
      {
        name: "backend",
        programs: [{ run: "/servers/backend.ts", args: ["9000"] }],
      },
    ],
    readyNs: 99 * ms,
  }),
  over: "clients",
  invariants: [
    threadsAtMost(THREADS),
    { name: "the backend is asked for all", check: asked },
    { name: "the work is done", check: worked },
    { name: "no answer comes before the backend's", check: waited },
    noLeak({
      openFiles: 2 * CLIENTS,
      sockets: 2 * CLIENTS,
      requests: 2 * CLIENTS,
      handles: 2 * CLIENTS,
      callbacks: 2 * CLIENTS,
    }),
  ],
  goals: [
    goal(3, {
      name: ANSWERED,
      check(run) {
        const { ok, sent } = crowdOf(run);
        return found(
          ok === REQUESTS,
          `${REQUESTS} answers`,
          `${ok} answers to ${sent} requests`,
        );
      },
    }),
    goal(4, {
      name: "99 of 100 within 30 ms",
      check: (run) =>
        within(crowdOf(run).percentilesNs.p99 ?? Infinity, 30 * ms, "p99"),
    }, ANSWERED),
    goal(2, {
      name: "3,000 a second",
      check(run) {
        const { perSecond } = crowdOf(run);
        return found(
          perSecond >= 3000,
          "at least 3,000 a second",
          `${perSecond.toFixed(0)} a second`,
        );
      },
    }, ANSWERED),
    goal(1, {
      name: "no looking in vain",
      check({ costs }) {
        const each = costs.traps / REQUESTS;
        return found(
          each <= 30,
          "at most 30 calls for each request",
          `${each.toFixed(1)} calls`,
        );
      },
    }, ANSWERED),
  ],
  seeds: [1, 2],
  budget: { timeNs: 8 * s },
});

/** What the crowd has met with, as `load --json` tells it. */
interface Crowd {
  sent: number;
  ok: number;
  perSecond: number;
  percentilesNs: Record<string, number>;
}

function crowdOf(run: Run): Crowd {
  return JSON.parse(run.stdoutOf("clients")) as Crowd;
}

/** The backend sleeps for each question: as long as all were to ask for, less what chance takes. */
function asked(run: Run) {
  let sum = 0;
  for (const event of run.events("backend")) {
    if (event.kind !== "request_submit" || event.call !== "sleep") continue;
    sum += timeIn(event.args);
  }
  const least = 0.9 * crowdOf(run).ok * IO_US * us;
  return found(
    sum >= least,
    `${Math.round(least / ms)} ms of waiting asked for, or more`,
    `${Math.round(sum / ms)} ms`,
  );
}

function worked(run: Run) {
  const sum = computeOf(run);
  const least = 0.9 * crowdOf(run).ok * COMPUTE_US * us;
  return found(
    sum >= least,
    `${(least / ms).toFixed(1)} ms of computing, or more`,
    `${(sum / ms).toFixed(1)} ms`,
  );
}

/** At no moment may more answers have been written than the backend has given. */
function waited(run: Run) {
  const sleeps = new Set<number>();
  const backend = run.world.machine("backend")!.index;
  let given = 0, written = 0;
  for (const event of run.world.trace.events()) {
    if (event.machine === backend) {
      if (event.kind === "request_submit" && event.call === "sleep") {
        sleeps.add(event.id);
      } else if (event.kind === "request_complete" && sleeps.has(event.id)) {
        given++;
      }
    } else if (isAnswer(event) && ++written > given) {
      return found(
        false,
        "never more answers than the backend has given",
        `${written} answers, and ${given} of the backend`,
        event.at,
      );
    }
  }
  return found(true, "the backend's first", "the backend's first");
}

function isAnswer(event: TraceEvent): boolean {
  const isCall = event.kind === "sys_enter" || event.kind === "request_submit";
  return isCall && event.call === "write" && /^\d+, "HTTP/.test(event.args);
}
