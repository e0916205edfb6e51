// The HTTP servers under load, beside the formulas of queueing theory. Clients on
// one machine, a server of so many workers and so long a backlog on another, a
// cable and a kernel that take no time: what remains is arrivals, places and
// service. Means come with their standard error, from batches: a figure may be
// off by 3.5 of them.

import {
  accept,
  bind,
  close,
  listen,
  type Main,
  type Program,
  read,
  s,
  sleep,
  socket,
  text,
  write,
} from "kettle";
import { World } from "kettle/world";
import { draw } from "../../kernel/random.ts";
import { type LoadPlan, PLAN, runLoad } from "../../userland/lib/load.ts";
import type { Tally } from "../../userland/lib/tally.ts";
import { exponential, lawOf } from "../../userland/lib/variates.ts";
import block from "../../userland/servers/http_block.ts";
import pool from "../../userland/servers/http_pool.ts";
import threads from "../../userland/servers/http_threads.ts";
import type { Row } from "./oracle.ts";

/** When each request was due, when it ended, and whether well. */
export interface Ends {
  beganNs: number[];
  endedNs: number[];
  isOk: boolean[];
}

export interface Run extends Ends {
  tally: Tally;
}

export interface System {
  /** `M/M/4/4` and the like. */
  name: string;
  server: Main;
  args: string[];
  plan: Partial<LoadPlan>;
  /** One place with a queue behind the server, too. */
  behind?: boolean;
}

const WIRE = { latencyNs: 0, bitsPerSecond: 1e15 };
const FREE = { costs: "none", memory: 2 ** 40 } as const;

/** So many requests through a system. */
export function runSystem(system: System, requests: number, seed = 1): Run {
  const world = new World({ seed, trace: false });
  const www = world.boot({
    name: "www",
    ...FREE,
    backlogPolicy: "reset",
    wakeupPreemption: true,
  });
  const clients = world.boot({ name: "clients", ...FREE });
  world.cable(www, clients, WIRE);
  if (system.behind) {
    const back = world.boot({ name: "back", ...FREE });
    world.cable(www, back, WIRE);
    back.spawn(oneAtATime);
  }
  www.spawn(system.server, system.args);
  world.run({ untilNs: 1_000_000 });
  const run = { beganNs: [], endedNs: [], isOk: [] } as unknown as Run;
  clients.spawn(function* (): Program {
    run.tally = yield* runLoad({
      ...PLAN,
      to: { host: "www", port: 80 },
      ...system.plan,
      requests,
      observe: (beganNs, atNs, ending) => {
        run.beganNs.push(beganNs);
        run.endedNs.push(atNs);
        run.isOk.push(ending === "ok");
      },
    });
  });
  const { reason, report } = world.run();
  if (reason !== "idle") throw new Error(`${system.name}: ${reason} ${report}`);
  return run;
}

/** The second station of a closed network: takes questions one after the other. */
function* oneAtATime(): Program {
  const listener = yield* socket();
  yield* bind(listener, { port: 9000 });
  yield* listen(listener, 4096);
  while (true) {
    const fd = yield* accept(listener);
    yield* sleep(Number(text(yield* read(fd, 64))));
    yield* write(fd, "done\n");
    yield* close(fd);
  }
}

// ------------------------------------------------------------- batches

const BATCHES = 20;

/** A figure of one batch; the batches are told apart by the order of the ends. */
type Figure = (run: Ends, from: number, to: number) => number;

export const timeInside: Figure = (run, from, to) => {
  let sum = 0, count = 0;
  for (let i = from; i < to; i++) {
    if (!run.isOk[i]) continue;
    sum += run.endedNs[i]! - run.beganNs[i]!;
    count++;
  }
  return sum / count / s;
};

export const lossShare: Figure = (run, from, to) => {
  let lost = 0;
  for (let i = from; i < to; i++) if (!run.isOk[i]) lost++;
  return lost / (to - from);
};

export const throughput: Figure = (run, from, to) => {
  let count = 0;
  for (let i = from; i < to; i++) if (run.isOk[i]) count++;
  return count / spanS(run, from, to);
};

/** By Little's law, which holds exactly for whole runs. */
export const inside: Figure = (run, from, to) =>
  throughput(run, from, to) * timeInside(run, from, to);

export function quantile(share: number): Figure {
  return (run, from, to) => {
    const times: number[] = [];
    for (let i = from; i < to; i++) {
      if (run.isOk[i]) times.push(run.endedNs[i]! - run.beganNs[i]!);
    }
    times.sort((a, b) => a - b);
    return times[Math.floor(share * times.length)]! / s;
  };
}

function spanS(run: Ends, from: number, to: number): number {
  return (run.endedNs[to - 1]! - run.endedNs[from - 1]!) / s;
}

/** Mean over the batches and its standard error; the first part is left out. */
export function estimate(run: Ends, figure: Figure) {
  const all = run.endedNs.length;
  const size = Math.floor(all / (BATCHES + 1));
  const first = all - size * BATCHES;
  const values = Array.from(
    { length: BATCHES },
    (_, i) => figure(run, first + i * size, first + (i + 1) * size),
  );
  const mean = values.reduce((sum, x) => sum + x, 0) / BATCHES;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (BATCHES - 1) / BATCHES) };
}

// ------------------------------------------------------------- the systems

export interface Oracle {
  number: string;
  system: System;
  /** So many requests make every standard error less than 2 %. */
  requests: number;
  figures: NamedFigure[];
  /** Tails need long batches: only with all requests. */
  tails?: NamedFigure[];
}
type NamedFigure = [
  name: string,
  unit: string,
  figure: Figure,
  reference: number,
];

/** Arrivals by chance, `rate` a second; service times of a law in µs. */
function open(
  name: string,
  rate: number,
  service: string,
  workers: number,
  backlog = 4096,
): System {
  const args = ["-b", String(backlog), "-w", String(workers)];
  const plan = { rate, io: lawOf(service), key: name };
  return { name, server: workers === 1 ? block : pool, args, plan };
}

/** `clients` that think 1 s, a processor of 50 ms, a place behind it of 80 ms. */
function network(clients: number): System {
  return {
    name: `closed network, ${clients} clients`,
    server: threads,
    args: ["-b", "4096", "-B", "back:9000"],
    plan: {
      clients,
      think: lawOf("exp:1000000")!,
      compute: lawOf("exp:50000"),
      io: lawOf("exp:80000"),
      key: `network ${clients}`,
    },
    behind: true,
  };
}

const REPAIR: System = {
  name: "machine repair",
  server: pool,
  args: ["-b", "4096", "-w", "4"],
  plan: {
    clients: 32,
    think: lawOf("exp:200000")!,
    io: lawOf("exp:40000"),
    key: "repair",
  },
};

/** The wait before the service: what is inside less what the service takes. */
function waiting(serviceS: number): Figure {
  return (run, from, to) => timeInside(run, from, to) - serviceS;
}

export const ORACLES: Oracle[] = [
  {
    number: "1",
    system: open("M/M/1", 80, "exp:10000", 1),
    requests: 1_000_000,
    figures: [
      ["time inside", "s", timeInside, 0.05],
      ["wait", "s", waiting(0.01), 0.04],
      ["inside", "", inside, 4],
      ["p50", "s", quantile(0.5), 0.034657],
    ],
    tails: [
      ["p95", "s", quantile(0.95), 0.149787],
      ["p99", "s", quantile(0.99), 0.230259],
    ],
  },
  {
    number: "2",
    system: open("M/M/4", 300, "exp:10000", 4),
    requests: 750_000,
    figures: [
      ["time inside", "s", timeInside, 0.015094],
      ["wait", "s", waiting(0.01), 0.005094],
      ["inside", "", inside, 4.528302],
    ],
  },
  {
    number: "3",
    system: open("M/M/8", 7, "exp:1000000", 8),
    requests: 320_000,
    figures: [
      ["time inside", "s", timeInside, 1.635316],
      ["inside", "", inside, 11.447212],
    ],
  },
  {
    number: "4",
    system: open("M/M/4/4", 3, "exp:1000000", 4, 0),
    requests: 60_000,
    figures: [
      ["lost", "", lossShare, 0.206107],
      ["answers", "/s", throughput, 2.381679],
      ["inside", "", inside, 2.381679],
    ],
  },
  {
    number: "5",
    system: open("M/M/2/10", 1.8, "exp:1000000", 2, 8),
    requests: 500_000,
    figures: [
      ["lost", "", lossShare, 0.054807],
      ["answers", "/s", throughput, 1.701347],
      ["time inside", "s", timeInside, 2.516483],
      ["wait", "s", waiting(1), 1.516483],
      ["inside", "", inside, 4.281411],
    ],
  },
  {
    number: "6",
    system: open("M/M/8/136", 9, "exp:1000000", 8, 128),
    requests: 900_000,
    figures: [
      ["lost", "", lossShare, 0.111111],
      ["answers", "/s", throughput, 8],
      ["time inside", "s", timeInside, 16.000003],
      ["inside", "", inside, 128.000023],
    ],
  },
  {
    number: "7",
    system: open("M/D/1", 0.9, "1000000", 1),
    requests: 420_000,
    figures: [
      ["time inside", "s", timeInside, 5.5],
      ["wait", "s", waiting(1), 4.5],
      ["inside", "", inside, 4.95],
    ],
  },
  {
    number: "8",
    system: open("M/G/1, uniform", 120, "uniform:0-8333.333", 1),
    requests: 100_000,
    figures: [
      ["time inside", "s", timeInside, 0.006944444],
      ["wait", "s", waiting(0.0041666665), 0.002777778],
      ["inside", "", inside, 0.833333],
    ],
  },
  {
    number: "9",
    system: open("M/G/1, hyperexponential", 200, "mix:0.9:1000-20000", 1),
    requests: 800_000,
    figures: [
      ["time inside", "s", timeInside, 0.02237619],
      ["wait", "s", waiting(0.0029), 0.01947619],
      ["inside", "", inside, 4.475238],
    ],
  },
  {
    number: "10",
    system: network(20),
    requests: 60_000,
    figures: [
      ["answers", "/s", throughput, 12.078741],
      ["time inside", "s", timeInside, 0.655802],
      ["inside", "", inside, 1.432006 + 6.489253],
    ],
  },
  {
    number: "11",
    system: network(1),
    requests: 20_000,
    figures: [
      ["answers", "/s", throughput, 0.884956],
      ["time inside", "s", timeInside, 0.13],
    ],
  },
  {
    number: "11",
    system: network(5),
    requests: 30_000,
    figures: [
      ["answers", "/s", throughput, 4.283201],
      ["time inside", "s", timeInside, 0.167351],
    ],
  },
  {
    number: "11",
    system: network(100),
    requests: 60_000,
    figures: [
      ["answers", "/s", throughput, 12.5],
      ["time inside", "s", timeInside, 7],
    ],
  },
  {
    number: "12",
    system: REPAIR,
    requests: 40_000,
    figures: [
      ["answers", "/s", throughput, 99.18046],
      ["time inside", "s", timeInside, 0.122644],
      ["inside", "", inside, 12.163908],
    ],
  },
  {
    number: "13",
    system: open("M/M/2", 1.5, "exp:1000000", 2),
    requests: 150_000,
    figures: [["time inside", "s", timeInside, 2.285714]],
  },
  {
    number: "13",
    system: open("M/M/64", 58, "exp:1000000", 64),
    requests: 60_000,
    figures: [["time inside", "s", timeInside, 1.056455]],
  },
];

/** A row that may be off by 3.5 standard errors, and what the error is. */
export type QueueRow = Row & { error: number; isTail: boolean };

/**
 * The figures of a system, from a share of the requests but from 3,000 at least.
 * Throws if Little's law did not hold to the nanosecond.
 */
export function queueRows(
  oracle: Oracle,
  share = 1,
  withTails = share >= 1,
): QueueRow[] {
  const { system } = oracle;
  const requests = Math.max(3_000, Math.round(oracle.requests * share));
  const run = runSystem(system, requests);
  const { insideNs, areaNs } = run.tally.summary();
  if (insideNs !== areaNs) {
    throw new Error(`${system.name}: Σ W = ${insideNs}, ∫ N dt = ${areaNs}`);
  }
  return rowsOf(oracle, run, withTails);
}

/** The figures of a run beside those of the formulas. */
export function rowsOf(
  { system, figures: means, tails = [], number }: Oracle,
  run: Ends,
  withTails = false,
): QueueRow[] {
  const figures = withTails ? [...means, ...tails] : means;
  return figures.map(([name, unit, figure, reference]) => {
    const { mean, error } = estimate(run, figure);
    return {
      what: `${number}. ${system.name}, ${name}`,
      unit,
      reference,
      measured: mean,
      tolerance: { amount: Number((3.5 * error).toPrecision(2)) },
      error,
      isTail: tails.some(([tail]) => tail === name),
    };
  });
}

// ------------------------------------------------------------- to the nanosecond

/**
 * The same queue by the recursion of Lindley (of Kiefer and Wolfowitz, for
 * several workers), with the same draws, in the order of arrival. It begins at 0.
 */
export function recursion(
  system: System,
  requests: number,
  seed = 1,
): Ends {
  const { rate, io, key } = system.plan;
  const [, backlog, , workers] = system.args.map(Number);
  const places = workers! + backlog!;
  const free: number[] = new Array(workers).fill(0);
  const ends: Ends = { beganNs: [], endedNs: [], isOk: [] };
  let dueNs = 0, leaving: number[] = [];
  for (let i = 0; i < requests; i++) {
    const at = (what: string) =>
      draw(seed, "clients", "key", `${key}/0/${i}/${what}`);
    dueNs += Math.round(exponential(at("gap")) * s / rate!);
    leaving = leaving.filter((time) => time > dueNs);
    const isOk = leaving.length < places;
    ends.beganNs.push(dueNs);
    ends.isOk.push(isOk);
    let endNs = dueNs;
    if (isOk) {
      const next = free.indexOf(Math.min(...free));
      const startNs = Math.max(dueNs, free[next]!);
      endNs = startNs + Math.round(io!.at(at("io")) * 1000);
      free[next] = endNs;
      leaving.push(endNs);
    }
    ends.endedNs.push(endNs);
  }
  return ends;
}
