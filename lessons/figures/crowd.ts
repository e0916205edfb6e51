// Figures with clients that come to a server: who is served by whom, who stands in
// the kernel's queue, who is turned away. The server keeps its backend's answers
// waiting for a stated time; only a switch of its CPU costs anything.

import {
  accept,
  bind,
  bytes,
  close,
  compute,
  connect,
  listen,
  type Main,
  ms,
  type Program,
  read,
  type Routine,
  sleep,
  socket,
  submit,
  SysError,
  text,
  thread,
  us,
  wait,
  within,
  write,
} from "../../mod.ts";
import { type MachineOptions, World } from "../../kernel/mod.ts";
import { FREE, NO_COSTS, SERVER, TAX_US, WIRE } from "../../scenarios/costs.ts";
import {
  askBackend,
  BACKEND,
  PORT,
  toBackend,
} from "../../scenarios/servers.ts";
import backend from "../../userland/servers/backend.ts";
import { inMs, recorded, type Recording, Story } from "../recording.ts";

type Values = Readonly<Record<string, number>>;

const START_NS = 1 * ms;
/** Arrivals and leavings at the same instant would be a matter of taste. */
const WIRE_NS = 10 * us;
const QUEUE = "queue", AWAY = "turned away", LATE = "for nobody";
const IO_NS = 10 * ms;

interface Plan {
  clients: number;
  /** From one arrival to the next; 0: all at once. */
  gapNs: number;
  computeNs: number;
  ioNs: number;
  backlog: number;
  /** A client waits no longer; 0: for ever. */
  patienceNs: number;
  /** Requests that each client makes, one after the other. */
  rounds: number;
  machine: MachineOptions;
  wireNs: number;
}

const PLAN: Plan = {
  clients: 3,
  gapNs: 0,
  computeNs: 0,
  ioNs: IO_NS,
  backlog: 128,
  patienceNs: 0,
  rounds: 1,
  machine: SERVER,
  wireNs: 0,
};

/** What happened to the clients, told while it does. */
class Crowd {
  readonly story: Story;
  readonly latenciesNs: number[] = [];
  #queue: string[] = [];
  #gone = new Set<string>();
  refused = 0;
  late = 0;
  firstRefusedNs = -1;
  queueMost = 0;
  doneNs = 0;
  /** When the last one left, served or not. */
  endNs = 0;
  left: number;

  constructor(
    readonly world: World,
    readonly plan: Plan,
    readonly few: boolean,
  ) {
    this.story = new Story(world);
    this.left = plan.clients * plan.rounds;
  }

  arrives(name: string): void {
    this.#queue.push(name);
    if (this.few) {
      this.story.mark(
        name,
        "ready",
        "in the queue",
        `${name} waits for its turn: no thread has taken its connection yet.`,
      );
    }
    this.#showQueue();
  }

  served(name: string, who: string): void {
    this.#queue = this.#queue.filter((it) => it !== name);
    if (this.few) {
      this.story.mark(
        name,
        "net",
        `served by ${who}`,
        `${name} waits for its answer: ${who} is at it.`,
      );
    }
    this.#showQueue();
  }

  /** True if the client is still there to take it. */
  answered(name: string): void {
    if (!this.#gone.has(name)) return;
    this.late++;
    this.story.mark(
      LATE,
      "callback",
      String(this.late),
      `${this.late} answers came when nobody waited for them any more.`,
    );
  }

  leaves(
    name: string,
    beganNs: number,
    ending: "ok" | "refused" | "gone",
  ): void {
    const { now } = this.world;
    this.#queue = this.#queue.filter((it) => it !== name);
    this.#showQueue();
    if (this.few) this.story.end(name);
    if (ending === "ok") {
      this.latenciesNs.push(now - beganNs);
      this.doneNs = now;
    } else if (ending === "refused") this.#turnAway();
    else this.#gone.add(name);
    this.endNs = now;
    this.left--;
  }

  #turnAway(): void {
    this.refused++;
    if (this.firstRefusedNs < 0) this.firstRefusedNs = this.world.now;
    this.story.mark(
      AWAY,
      "lock",
      String(this.refused),
      `${this.refused} clients were turned away: the queue was full when they came.`,
    );
  }

  #showQueue(): void {
    const count = this.#queue.length;
    this.queueMost = Math.max(this.queueMost, count);
    if (count === 0) return this.story.end(QUEUE);
    const who = this.few
      ? `: ${this.#queue.map((it) => it.slice(-1)).join(" ")}`
      : "";
    this.story.mark(
      QUEUE,
      "ready",
      `${count} ${count === 1 ? "waits" : "wait"}${who}`,
      `${count} in the kernel's queue: connected, and taken by no thread.`,
    );
  }

  facts(): Record<string, number> {
    const times = this.latenciesNs.map(inMs);
    const sum = times.reduce((a, b) => a + b, 0);
    return {
      totalMs: inMs(this.doneNs - START_NS),
      lastMs: Math.max(0, ...times),
      meanMs: sum / Math.max(1, times.length),
      served: times.length,
      refused: this.refused,
      late: this.late,
      firstRefusedMs: inMs(this.firstRefusedNs - START_NS),
      queueMost: this.queueMost,
    };
  }
}

type Server = (crowd: Crowd) => Main;

/** So many threads; each serves one client to its end. */
function threads(count: number): Server {
  return (crowd) =>
    function* server(): Program {
      const listener = yield* listening(crowd.plan.backlog);
      for (let i = 1; i < count; i++) {
        yield* thread(function* (): Routine {
          yield* inTurn(crowd, listener, i + 1);
        });
      }
      yield* inTurn(crowd, listener, 1);
    };
}

function* inTurn(crowd: Crowd, listener: number, number: number): Routine {
  const { computeNs, ioNs } = crowd.plan;
  const back = yield* toBackend();
  while (true) {
    const client = yield* accept(listener);
    const name = text(yield* read(client, 64));
    crowd.served(name, `thread ${number}`);
    yield* compute(computeNs);
    yield* askBackend(back, ioNs);
    crowd.answered(name);
    yield* answer(client);
  }
}

/** The client may be gone: that is no fault. */
function* answer(client: number): Routine {
  try {
    yield* write(client, bytes("!"));
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
  yield* close(client);
}

interface Visit {
  client: number;
  name: string;
  back: number;
}

/** One thread that waits for everything at once. */
function loop(taxNs: number): Server {
  return (crowd) =>
    function* server(): Program {
      const { computeNs, ioNs, backlog } = crowd.plan;
      const listener = yield* listening(backlog);
      const idle: number[] = [];
      for (let i = 0; i < crowd.plan.clients; i++) {
        idle.push(yield* toBackend());
      }
      yield* submit(accept(listener));
      while (true) {
        for (const event of yield* wait()) {
          if (!event.ok) continue;
          if (event.call === "accept") {
            yield* submit(accept(listener));
            yield* submit(read(event.value, 64), { tag: event.value });
          } else if (event.call === "read" && typeof event.tag === "number") {
            const name = text(event.value);
            crowd.served(name, "loop");
            yield* compute(computeNs + taxNs);
            const back = idle.pop()!;
            const visit: Visit = { client: event.tag, name, back };
            yield* write(back, `${ioNs}\n`);
            yield* submit(read(back, 64), { tag: visit });
          } else if (event.call === "read") {
            const { client, name, back } = event.tag as Visit;
            idle.push(back);
            crowd.answered(name);
            yield* answer(client);
          }
        }
      }
    };
}

function* listening(backlog: number): Routine<number> {
  const listener = yield* socket();
  yield* bind(listener, { port: PORT });
  yield* listen(listener, backlog);
  return listener;
}

function client(crowd: Crowd, index: number): Main {
  const { plan } = crowd;
  const name = `client ${crowd.few ? "ABCDEFGHIJ"[index] : index}`;
  return function* main(): Program {
    yield* sleep({ until: START_NS + Math.round(index * plan.gapNs) });
    for (let i = 0; i < plan.rounds; i++) {
      const beganNs = crowd.world.now;
      crowd.leaves(name, beganNs, yield* visit(crowd, name));
    }
  };
}

function* visit(
  crowd: Crowd,
  name: string,
): Routine<"ok" | "refused" | "gone"> {
  const { patienceNs } = crowd.plan;
  const fd = yield* socket();
  try {
    crowd.arrives(name);
    yield* connect(fd, { host: "www", port: PORT });
    yield* write(fd, name);
    const answer = read(fd, 64);
    yield* patienceNs > 0 ? within(patienceNs, answer) : answer;
    return "ok";
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return error.code === "ECONNREFUSED" || error.code === "ECONNRESET"
      ? "refused"
      : "gone";
  } finally {
    yield* close(fd);
  }
}

interface Show {
  /** Names of the server's threads, the first one first. */
  threads: string[];
  above?: string[];
  below?: string[];
}

function played(plan: Plan, server: Server, show: Show): Recording {
  const world = new World({ seed: 1 });
  const machine = world.boot({ ...plan.machine, name: "www" });
  const clients = world.boot({ name: "clients", ...FREE });
  const back = world.boot({ name: BACKEND.host, ...FREE });
  world.cable(machine, clients, { ...WIRE, latencyNs: plan.wireNs });
  world.cable(machine, back, WIRE);
  back.spawn(backend, [String(BACKEND.port), "1"]);
  const few = show.above !== undefined;
  const crowd = new Crowd(world, plan, few);
  machine.spawn(server(crowd), [], { name: "server" });
  world.run({ untilNs: START_NS / 2 });
  for (let i = 0; i < plan.clients; i++) clients.spawn(client(crowd, i));
  world.run({ until: () => crowd.left === 0 });
  return recorded({
    world,
    fromNs: START_NS,
    toNs: crowd.endNs,
    story: crowd.story,
    threads: namesOf(world, show.threads),
    hidden: ["request", "disk"],
    above: show.above ?? [],
    below: show.below ?? [QUEUE],
    facts: crowd.facts(),
  });
}

/** Threads of the first machine get these names as they come. */
function namesOf(world: World, names: string[]): Record<number, string> {
  const threads: Record<number, string> = {};
  let next = 0;
  for (const { kind, machine, tid } of world.trace.events()) {
    if (kind !== "thread_create" || machine !== 0) continue;
    const name = names[next++];
    if (name !== undefined) threads[tid] = name;
  }
  return threads;
}

function numbered(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${word} ${i + 1}`);
}

function lettered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `client ${"ABCDEFGHIJ"[i]}`);
}

/** Three clients at once, and so many threads. */
export function three({ threads: count = 2 }: Values): Recording {
  const show = { threads: numbered("thread", count), above: lettered(3) };
  return played(PLAN, threads(count), show);
}

/** Many at once, and one thread: in turn, or all under way. */
export function many({ clients = 4 }: Values, style: string): Recording {
  const plan = { ...PLAN, clients, computeNs: 50 * us };
  const show = { threads: ["thread"], above: lettered(clients) };
  return played(plan, style === "block" ? threads(1) : loop(0), show);
}

/** More come than two threads can serve, and the queue has an end. */
export function overload({ backlog = 4 }: Values): Recording {
  const plan: Plan = {
    ...PLAN,
    clients: 45,
    gapNs: 1e9 / 300,
    backlog,
    patienceNs: 31 * ms,
    wireNs: WIRE_NS,
    machine: { ...SERVER, costs: NO_COSTS, backlogPolicy: "reset" },
  };
  return played(plan, threads(2), {
    threads: numbered("thread", 2),
    below: [QUEUE, AWAY, LATE],
  });
}

/** One client by itself: what the style costs each request. */
export function single({ io = 200 }: Values, style: string): Recording {
  const plan = {
    ...PLAN,
    clients: 1,
    rounds: 1,
    computeNs: 100 * us,
    ioNs: io * us,
  };
  const show = {
    threads: [style === "block" ? "thread" : "event loop"],
    above: lettered(1),
    below: [],
  };
  return played(plan, style === "block" ? threads(1) : loop(TAX_US * us), show);
}
