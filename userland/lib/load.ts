// A crowd of HTTP clients in one thread: an event loop that submits everything.
// Open loop: requests begin when they are due, however many are under way. Closed
// loop: so many clients, each of which thinks, asks, and waits for its answer.
// Draws are keyed by client and request, so every server sees the same crowd. A
// request's time counts from when it was due, not from when it could be sent.
//
// A client that gives up closes its direction and listens on, so that what the
// server still does for it can be counted.

import {
  type Address,
  cancel,
  clock,
  close,
  connect,
  type Event,
  type Handle,
  random,
  read,
  type Request,
  type Routine,
  s,
  shutdown,
  sleep,
  socket,
  submit,
  SysError,
  us,
  wait,
  within,
  write,
} from "kettle";
import { joined, NOTHING, parseResponse, requestBytes } from "./http.ts";
import { type Ending, type Observer, Tally } from "./tally.ts";
import { exponential, type Law } from "./variates.ts";

export interface LoadPlan {
  to: Address;
  target: string;
  /** Open loop: requests a second; null is a closed loop. */
  rate: number | null;
  arrivals: "poisson" | "even";
  /** Closed loop: how many clients, and how long each thinks, µs. */
  clients: number;
  think: Law;
  requests: number;
  durationNs: number;
  /** How long a client waits for an answer, connecting included. */
  timeoutNs: number;
  retries: number;
  /** How long it waits before it tries again. */
  pauseNs: number;
  /** By so much longer each time. */
  backoff: number;
  /** A part of the wait that is left to chance, from 0 to 1. */
  jitter: number;
  /** Of all requests at most such a share is tried again. */
  retryShare: number;
  keepAlive: boolean;
  /** What a request asks the server to do, µs: `us` and `io` of /work. */
  compute: Law | null;
  io: Law | null;
  /** Tells several crowds of one machine apart. */
  key: string;
  /** Called every second. */
  progress: ((tally: Tally, nowNs: number) => Routine) | null;
  observe: Observer | null;
}

export const PLAN: LoadPlan = {
  to: { host: "localhost", port: 80 },
  target: "/",
  rate: null,
  arrivals: "poisson",
  clients: 1,
  think: { mean: 0, fixed: true, at: () => 0 },
  requests: Infinity,
  durationNs: Infinity,
  timeoutNs: Infinity,
  retries: 0,
  pauseNs: 100_000 * us,
  backoff: 1,
  jitter: 0,
  retryShare: Infinity,
  keepAlive: false,
  compute: null,
  io: null,
  key: "load",
  progress: null,
  observe: null,
};

/** One request of one client, from when it is due until its answer. */
interface Exchange {
  client: number;
  /** Of this client's. */
  number: number;
  beganNs: number;
  deadlineNs: number;
  retries: number;
  question: Uint8Array;
  fd: number;
  inbox: Uint8Array;
  /** Its client has given up. */
  late: boolean;
  handle: Handle | null;
}

type Tag =
  | { what: "arrival"; dueNs: number }
  | { what: "thought"; client: number }
  | { what: "again" | "exchange"; exchange: Exchange }
  | { what: "progress" };

/** How long the end waits for late answers. */
const DRAIN_NS = 60 * s;

/** Sends what the plan says, to the end, and tells what came of it. */
export function* runLoad(plan: LoadPlan): Routine<Tally> {
  return yield* new Load(plan, yield* clock()).run();
}

class Load {
  readonly #plan: LoadPlan;
  readonly #tally: Tally;
  readonly #endNs: number;
  /** Requests that have begun or are to begin at a time that is set. */
  #planned = 0;
  #pending = 0;
  /** Connections that can be used again, by client (0 in an open loop). */
  readonly #idle = new Map<number, number[]>();
  /** Given up, and not answered yet. */
  readonly #late = new Set<Exchange>();
  readonly #numbers = new Map<number, number>();
  #dueNs: number;
  #lastTarget: string | null = null;
  #lastQuestion: Uint8Array = NOTHING;

  constructor(plan: LoadPlan, nowNs: number) {
    this.#plan = plan;
    this.#tally = new Tally(nowNs);
    this.#tally.observe = plan.observe;
    this.#endNs = nowNs + plan.durationNs;
    this.#dueNs = nowNs;
  }

  *run(): Routine<Tally> {
    const { progress, rate, clients } = this.#plan;
    const tag: Tag = { what: "progress" };
    const ticks = progress === null
      ? null
      : yield* submit(sleep(1 * s), { multishot: true, tag });
    if (rate !== null) yield* this.#nextArrival();
    else {
      for (let i = 0; i < clients; i++) yield* this.#think(i, this.#dueNs);
    }
    while (this.#pending > 0) {
      for (const event of yield* wait()) {
        yield* this.#take(event.tag as Tag, event);
      }
    }
    yield* this.#drain();
    if (ticks !== null) yield* cancel(ticks);
    for (const fds of this.#idle.values()) {
      for (const fd of fds) yield* close(fd);
    }
    return this.#tally;
  }

  *#take(tag: Tag, event: Event): Routine {
    switch (tag.what) {
      case "arrival":
        this.#pending--;
        yield* this.#begin(0, tag.dueNs);
        return yield* this.#nextArrival();
      case "thought":
        this.#pending--;
        return yield* this.#begin(tag.client, event.at);
      case "again":
        return yield* this.#attempt(tag.exchange, event.at);
      case "exchange":
        return yield* this.#advance(tag.exchange, event);
      case "progress":
        if (event.ok) yield* this.#plan.progress!(this.#tally, event.at);
    }
  }

  // ------------------------------------------------------------- when

  *#draw(client: number, number: number, what: string): Routine<number> {
    return yield* random(`${this.#plan.key}/${client}/${number}/${what}`);
  }

  /** Sets the next arrival of the open loop, a gap after the last. */
  *#nextArrival(): Routine {
    const { rate, arrivals, requests } = this.#plan;
    if (this.#planned >= requests) return;
    const gap = arrivals === "even"
      ? 1
      : exponential(yield* this.#draw(0, this.#planned, "gap"));
    this.#dueNs += Math.round(gap * s / rate!);
    if (this.#dueNs > this.#endNs) return;
    this.#planned++;
    this.#pending++;
    const tag: Tag = { what: "arrival", dueNs: this.#dueNs };
    yield* submit(sleep({ until: this.#dueNs }), { tag });
  }

  /** A client of the closed loop thinks about its next request. */
  *#think(client: number, nowNs: number): Routine {
    const { think, requests } = this.#plan;
    if (this.#planned >= requests) return;
    const number = this.#numbers.get(client) ?? 0;
    const draw = think.fixed ? 0 : yield* this.#draw(client, number, "think");
    const until = nowNs + Math.round(think.at(draw) * us);
    if (until > this.#endNs) return;
    this.#planned++;
    this.#pending++;
    const tag: Tag = { what: "thought", client };
    yield* submit(sleep({ until }), { tag });
  }

  // ------------------------------------------------------------- one request

  *#begin(client: number, atNs: number): Routine {
    const number = this.#numbers.get(client) ?? 0;
    this.#numbers.set(client, number + 1);
    this.#pending++;
    this.#tally.begin(atNs);
    const target = yield* this.#target(client, number);
    yield* this.#attempt({
      client,
      number,
      beganNs: atNs,
      deadlineNs: Infinity,
      retries: 0,
      question: this.#questionFor(target),
      fd: -1,
      inbox: NOTHING,
      late: false,
      handle: null,
    }, atNs);
  }

  /** A crowd mostly asks for the same again. */
  #questionFor(target: string): Uint8Array {
    if (target !== this.#lastTarget) {
      const { to, keepAlive } = this.#plan;
      this.#lastTarget = target;
      this.#lastQuestion = requestBytes(to.host, target, keepAlive);
    }
    return this.#lastQuestion;
  }

  *#target(client: number, number: number): Routine<string> {
    const { target, compute, io } = this.#plan;
    const asked: string[] = [];
    for (const [name, law] of [["us", compute], ["io", io]] as const) {
      if (law === null) continue;
      const draw = law.fixed ? 0 : yield* this.#draw(client, number, name);
      const time = Math.round(law.at(draw) * us);
      const whole = Math.floor(time / us);
      asked.push(`${name}=${whole}.${String(time % us).padStart(3, "0")}`);
    }
    return asked.length === 0 ? target : `/work?${asked.join("&")}`;
  }

  /** Tries, on a connection that is there already or on a new one. */
  *#attempt(exchange: Exchange, nowNs: number): Routine {
    const { timeoutNs, to } = this.#plan;
    exchange.deadlineNs = nowNs + timeoutNs;
    exchange.inbox = NOTHING;
    const idle = this.#idle.get(exchange.client)?.pop();
    if (idle !== undefined) {
      exchange.fd = idle;
      return yield* this.#go(exchange, write(idle, exchange.question), nowNs);
    }
    try {
      exchange.fd = yield* socket();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      exchange.fd = -1; // no descriptor is left
      return yield* this.#fail(exchange, "failed", nowNs);
    }
    yield* this.#go(exchange, connect(exchange.fd, to), nowNs);
  }

  /** Submits its next request, with what is left of its time. */
  *#go(exchange: Exchange, request: Request, nowNs: number): Routine {
    const { deadlineNs } = exchange;
    const tag: Tag = { what: "exchange", exchange };
    const limited = deadlineNs === Infinity
      ? request
      : within(Math.max(deadlineNs - nowNs, 1), request);
    exchange.handle = yield* submit(limited, { tag });
  }

  *#advance(exchange: Exchange, event: Event): Routine {
    const { fd, question } = exchange;
    if (exchange.late) return yield* this.#hearLate(exchange, event);
    if (!event.ok) return yield* this.#failed(exchange, event);
    if (event.call === "connect") {
      return yield* this.#go(exchange, write(fd, question), event.at);
    }
    const ended = event.call === "read" && event.value.length === 0;
    if (event.call === "read") {
      exchange.inbox = joined(exchange.inbox, event.value);
    }
    const parsed = parseResponse(exchange.inbox, ended);
    if (parsed === null && !ended) {
      return yield* this.#go(exchange, read(fd, 65_536), event.at);
    }
    if (parsed === null || "bad" in parsed) {
      return yield* this.#fail(exchange, "failed", event.at);
    }
    const { status, keepAlive } = parsed.message;
    if (status >= 400) return yield* this.#fail(exchange, "failed", event.at);
    if (keepAlive && this.#plan.keepAlive) this.#keep(exchange);
    else yield* close(fd);
    yield* this.#end(exchange, "ok", event.at);
  }

  #keep({ client, fd }: Exchange): void {
    const kept = this.#idle.get(client) ?? [];
    kept.push(fd);
    this.#idle.set(client, kept);
  }

  *#failed(exchange: Exchange, event: Event & { ok: false }): Routine {
    const { code } = event.error;
    const ending = code === "ETIME"
      ? "timedOut"
      : event.call === "connect"
      ? "refused"
      : "failed";
    if (code !== "ETIME" || event.call === "connect") {
      return yield* this.#fail(exchange, ending, event.at);
    }
    // A late answer is heard by a copy: the client itself may try again.
    const rest = { ...exchange, late: true, deadlineNs: Infinity };
    yield* shutdown(exchange.fd, "wr");
    this.#late.add(rest);
    yield* this.#go(rest, read(rest.fd, 65_536), event.at);
    exchange.fd = -1;
    yield* this.#fail(exchange, ending, event.at);
  }

  /** It went wrong: once more, or that is its end. */
  *#fail(exchange: Exchange, ending: Ending, nowNs: number): Routine {
    if (exchange.fd >= 0) yield* close(exchange.fd);
    const { retries, retryShare } = this.#plan;
    const tally = this.#tally;
    const isSpent = tally.retries >= retryShare * tally.sent;
    if (exchange.retries >= retries || isSpent) {
      return yield* this.#end(exchange, ending, nowNs);
    }
    const until = nowNs + (yield* this.#pauseNs(exchange));
    exchange.retries++;
    tally.retries++;
    const tag: Tag = { what: "again", exchange };
    yield* submit(sleep({ until }), { tag });
  }

  /** How long it waits before it tries again. */
  *#pauseNs({ client, number, retries }: Exchange): Routine<number> {
    const { backoff, jitter } = this.#plan;
    let { pauseNs } = this.#plan;
    for (let i = 0; i < retries; i++) pauseNs *= backoff;
    if (jitter === 0) return Math.round(pauseNs);
    const draw = yield* this.#draw(client, number, `pause${retries}`);
    return Math.round(pauseNs * (1 - jitter * draw));
  }

  *#end(exchange: Exchange, ending: Ending, nowNs: number): Routine {
    this.#pending--;
    this.#tally.end(exchange.beganNs, nowNs, ending);
    if (this.#plan.rate === null) yield* this.#think(exchange.client, nowNs);
  }

  // ------------------------------------------------------------- too late

  *#hearLate(exchange: Exchange, event: Event): Routine {
    const bytes = event.ok && event.call === "read" ? event.value : NOTHING;
    if (bytes.length > 0) {
      exchange.inbox = joined(exchange.inbox, bytes);
      return yield* this.#go(exchange, read(exchange.fd, 65_536), event.at);
    }
    if (parseResponse(exchange.inbox, true) !== null) this.#tally.late++;
    this.#late.delete(exchange);
    yield* close(exchange.fd);
  }

  *#drain(): Routine {
    const until = (yield* clock()) + DRAIN_NS;
    while (this.#late.size > 0) {
      const left = until - (yield* clock());
      if (left <= 0) break;
      for (const event of yield* wait({ timeout: left })) {
        yield* this.#take(event.tag as Tag, event);
      }
    }
    for (const { fd, handle } of this.#late) {
      yield* cancel(handle!);
      yield* close(fd);
    }
  }
}
