// What the five HTTP servers have in common: their options, and what a request
// asks for as a list of steps. A step is a call; a server makes it through the
// door it is about and hands back how it ended. So all five do the same work and
// answer with the same bytes. Knows no door and no connection.
//
//   /                 a greeting
//   /file/PATH        a file of the disk
//   /work?us=N&io=N   N µs of CPU time, then N µs of waiting for the backend

import {
  accept,
  type Address,
  close,
  compute,
  connect,
  type Control,
  exit,
  fstat,
  kill,
  ms,
  open,
  type Outcome,
  read,
  type Request,
  type RequestName,
  type Routine,
  sleep,
  socket,
  SysError,
  us,
  write,
} from "kettle";
import { count, options, usageError } from "./args.ts";
import { type Bad, type HttpRequest, responseBytes } from "./http.ts";

export interface Site {
  port: number;
  backlog: number;
  /** Threads or processes, where their number is fixed; null: not said. */
  workers: number | null;
  /** Work of each request, besides what it asks for. */
  computeNs: number;
  sleepNs: number;
  /** Who is asked for what takes long; null: a sleep stands for it. */
  backend: Address | null;
}

/** The options of a server. */
export function* siteOptions(args: string[], name: string): Routine<Site> {
  const usage = {
    name,
    synopsis: "[OPTION]… [PORT]",
    about: "Serves HTTP: /, /file/PATH and /work?us=COMPUTE&io=SLEEP.",
    options: {
      "-b, --backlog N": "connections that may wait to be accepted (128)",
      "-w, --workers N":
        "threads or processes that serve, where their number is fixed",
      "-c, --compute US": "CPU time of each request, µs (0)",
      "-s, --sleep US": "I/O time of each request, µs (0)",
      "-B, --backend HOST:PORT": "who takes the I/O time, instead of a sleep",
    },
  };
  const { given, operands } = yield* options(args, usage);
  const [, host, port] = /^(.+):(\d+)$/.exec(String(given.B ?? "")) ?? [];
  if (given.B !== undefined && host === undefined) {
    yield* usageError(usage, `a backend is HOST:PORT, not '${given.B}'`);
  }
  return {
    port: yield* count(usage, operands[0], 80),
    backlog: yield* count(usage, given.b, 128),
    workers: given.w === undefined ? null : yield* count(usage, given.w, 1),
    computeNs: (yield* count(usage, given.c, 0)) * us,
    sleepNs: (yield* count(usage, given.s, 0)) * us,
    backend: host === undefined ? null : { host, port: Number(port) },
  };
}

/** The next thing to do: a call, or bytes to answer with. */
export type Step = Request | Control<unknown> | Uint8Array;

/** One request on its way to its answer. */
export class Job {
  readonly keepAlive: boolean;
  #steps: ((last: Outcome) => Step | null)[] = [];
  #status = 200;
  #body: Uint8Array | string = "";
  /** Open for this job: a file, or a connection to the backend. */
  #fd = -1;

  constructor(request: HttpRequest, site: Site) {
    this.keepAlive = request.keepAlive;
    const [path = "", query = ""] = request.target.split("?");
    if (request.method !== "GET") this.#refuse(405, `there is only GET`);
    else if (path === "/") this.#body = "It works.\n";
    else if (path.startsWith("/file/")) this.#file(path.slice(5));
    else if (path === "/work") this.#body = "Done.\n";
    else this.#refuse(404, `there is no ${path}`);
    if (this.#status !== 200) return;
    const asks = path === "/work" ? query : "";
    const computeNs = site.computeNs + asked(asks, "us");
    const ioNs = site.sleepNs + asked(asks, "io");
    if (computeNs > 0) this.#steps.unshift(() => compute(computeNs));
    if (ioNs > 0) this.#wait(ioNs, site.backend);
  }

  /** `last` tells how the step before ended; anything, for the first. */
  next(last: Outcome): Step {
    while (this.#steps.length > 0) {
      const step = this.#steps.shift()!(last);
      if (step !== null) return step;
    }
    return responseBytes(this.#status, this.#body, this.keepAlive);
  }

  #refuse(status: number, why: string): void {
    this.#status = status;
    this.#body = why + "\n";
  }

  #wait(ioNs: number, backend: Address | null): void {
    if (backend === null) {
      this.#steps.push(() => sleep(ioNs));
      return;
    }
    const lost = "the backend does not answer";
    this.#steps.push(
      () => socket(),
      this.#unless(502, lost, (last) => connect(this.#took(last), backend)),
      this.#unless(502, lost, () => write(this.#fd, `${ioNs}\n`)),
      this.#unless(502, lost, () => read(this.#fd, 64)),
      this.#unless(502, lost, () => close(this.#fd)),
    );
  }

  #file(path: string): void {
    const missing = `there is no file ${path}`;
    const pieces: Uint8Array[] = [];
    const more = (last: Outcome): Step => {
      const piece = last.ok ? last.value as Uint8Array : new Uint8Array(0);
      if (piece.length === 0) {
        this.#body = whole(pieces);
        return close(this.#fd);
      }
      pieces.push(piece);
      this.#steps.unshift(this.#unless(500, "the disk fails", more));
      return read(this.#fd, 65_536);
    };
    this.#steps.push(
      () => open(path),
      this.#unless(404, missing, (last) => fstat(this.#took(last))),
      this.#unless(500, missing, (last) => {
        const { type } = (last as { value: { type: string } }).value;
        if (type !== "file") return this.#giveUp(404, `${path} is no file`);
        return read(this.#fd, 65_536);
      }),
      this.#unless(500, "the disk fails", more),
    );
  }

  #took(last: Outcome): number {
    return this.#fd = (last as { value: number }).value;
  }

  /** The step if the one before succeeded; else the answer says that it did not. */
  #unless(
    status: number,
    why: string,
    step: (last: Outcome) => Step | null,
  ): (last: Outcome) => Step | null {
    return (last) => last.ok ? step(last) : this.#giveUp(status, why);
  }

  #giveUp(status: number, why: string): Step | null {
    this.#refuse(status, why);
    this.#steps = [];
    return this.#fd < 0 ? null : close(this.#fd);
  }
}

/** A number of µs in a query, as ns, up to an hour. */
function asked(query: string, name: string): number {
  if (query === "") return 0;
  const found = new RegExp(
    `(?:^|&)${name}=(\\d{1,10})(?:\\.(\\d{1,3}))?(?:&|$)`,
  )
    .exec(query);
  if (found === null) return 0;
  const [, whole = "0", fraction = ""] = found;
  return Number(whole) * us + Number(fraction.padEnd(3, "0"));
}

function whole(pieces: Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The answer to bytes that are no request; the connection ends with it. */
export function refusal({ status, why }: Bad): Uint8Array {
  return responseBytes(status, why + "\n", false);
}

/** How a call ended at door 1, as an event would tell it. */
export function* outcome(call: Request | Control<unknown>): Routine<Outcome> {
  try {
    return { ok: true, value: yield* call } as Outcome;
  } catch (error) {
    if (error instanceof SysError) return { ok: false, error };
    throw error;
  }
}

/** What the first process of a server does when it is to end: the others end, too. */
export function* endAll(others: number[]): Routine {
  for (const pid of others) yield* kill(pid, "TERM");
  yield* exit(143);
}

/** The next client. With no descriptor left for one, it looks again after a while. */
export function* nextClient(listener: number): Routine<number> {
  while (true) {
    const client = yield* outcome(accept(listener));
    if (client.ok) return client.value as number;
    if (client.error.code !== "EMFILE") throw client.error;
    yield* sleep(FULL_NS);
  }
}

export const NO_OUTCOME: Outcome<RequestName> = {
  ok: true,
  value: undefined,
};

/** A server that is out of descriptors looks again after this. */
export const FULL_NS = 10 * ms;
