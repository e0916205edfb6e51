// One crowd before a server that is a program, not a function: what `compare` and
// the page ask of each of several. The same seed gives each the same arrivals and
// the same draws. Whoever asks brings the programs (a loader) and the files of the
// machine, and compiles what the loader has not got yet when a step says so. It
// reads no file and compiles nothing.

import { type Program, sleep } from "../mod.ts";
import {
  type Machine,
  type MachineOptions,
  type ProgramLoader,
  type Wanted,
  World,
} from "../kernel/mod.ts";
import { type LoadPlan, PLAN, runLoad } from "../userland/lib/load.ts";
import { type Law, lawOf } from "../userland/lib/variates.ts";
import backend from "../userland/servers/backend.ts";
import { type Progress, trialSteps, wantedBy } from "./run.ts";
import type { Sample, StyleResult, Trial } from "./scenario.ts";

/** Until then a server has been read from its disk and listens, ns. */
const START_NS = 1_000_000_000;

export interface CrowdPlan {
  /** Clients, each of whom waits for his answer before he asks again … */
  clients: number;
  /** … or so many requests a second, by chance. */
  rate: number | null;
  requests: number;
  /** CPU time and waiting of each request, µs. */
  compute: Law;
  io: Law;
  /** A client gives up after so long; Infinity: never. */
  timeoutNs: number;
}

export const CROWD: CrowdPlan = {
  clients: 16,
  rate: null,
  requests: 1000,
  compute: lawOf("100")!,
  io: lawOf("10000")!,
  timeoutNs: Infinity,
};

export interface Contestant {
  /** In the machine: /servers/http_pool.ts, /home/mine.ts. It serves HTTP at port 80. */
  path: string;
  args: readonly string[];
  /** What it is called in the result. */
  name: string;
}

export interface CompareOptions {
  programs: ProgramLoader;
  files: NonNullable<MachineOptions["files"]>;
  server: Contestant;
  crowd?: Partial<CrowdPlan>;
  seed?: number;
  /** Of the server's machine. */
  machine?: MachineOptions;
  trace?: boolean;
  series?: boolean;
}

export interface CompareProgress extends Progress {
  /** To be compiled before the next step; null: nothing. */
  wanted: Wanted | null;
}

/** A server meets the crowd, in steps; a sentence if it cannot. */
export function* compareSteps(
  options: CompareOptions,
): Generator<CompareProgress, StyleResult | string> {
  const { programs, files, server, seed = 1, trace = true, series } = options;
  const { path, args, name } = server;
  const world = new World({ seed, programs, trace });
  const machine = world.boot({ ...options.machine, name: "www", files });
  const started = machine.spawn(path, [...args], { name });
  const progress = (share: number): CompareProgress => ({
    share,
    style: name,
    nowNs: world.now,
    wanted: world.wanted,
  });
  const trial = crowdBefore(machine, { ...CROWD, ...options.crowd });
  for (let before = ""; world.run({ untilNs: START_NS }).reason === "host";) {
    before = wantedBy(world, name, before);
    yield progress(0);
  }
  if (started.exit !== null) {
    return `${name} ended before anybody came\n${started.stderr}`.trimEnd();
  }
  for (const each of trialSteps(trial, { where: name, style: name, series })) {
    if (typeof each !== "number") return each;
    yield progress(each);
  }
  throw new Error("a run has an end");
}

/** The clients, and the backend, on machines that cost nothing. */
function crowdBefore(machine: Machine, crowd: CrowdPlan): Trial {
  const { world } = machine;
  const clients = world.boot({ name: "clients", costs: "none" });
  const back = world.boot({ name: "backend", costs: "none" });
  world.cable(machine, clients);
  world.cable(machine, back);
  back.spawn(backend, ["9000"]);
  const samples: Sample[] = [];
  let late = 0;
  const plan: LoadPlan = { ...PLAN, ...crowd, to: { host: "www", port: 80 } };
  clients.spawn(function* visitors(): Program {
    yield* sleep({ until: START_NS });
    const tally = yield* runLoad({
      ...plan,
      observe: (beganNs, endedNs, ending) => {
        samples.push({ beganNs, endedNs, ending });
      },
    });
    late = tally.late;
  });
  const facts = () => ({
    lastDueNs: samples.reduce((last, it) => Math.max(last, it.beganNs), 0) -
      START_NS,
  });
  const { requests } = crowd;
  return { world, machine, samples, requests, late: () => late, facts };
}
