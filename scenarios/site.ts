// The world of most scenarios: a crowd of clients, a server, and a backend that
// answers everybody after the time he asked for. Clients, backend and cables take
// no time. Draws are keyed by client and request, so each style meets the same
// crowd.

import { type Main, type Program, sleep, us } from "../mod.ts";
import { type MachineOptions, World } from "../kernel/mod.ts";
import { type LoadPlan, PLAN, runLoad } from "../userland/lib/load.ts";
import { type Law, lawOf } from "../userland/lib/variates.ts";
import backend from "../userland/servers/backend.ts";
import { FREE, SERVER, WIRE } from "./costs.ts";
import type { Change, Sample, Trial } from "./scenario.ts";
import { BACKEND, PORT } from "./servers.ts";

/** What a process can have open is limited; so crowds and backends come in several. */
const CLIENTS_EACH = 900;
const WWW = { host: "www", port: PORT };
const READY_NS = 1_000_000;

export interface SitePlan {
  server: Main;
  args?: string[];
  machine?: MachineOptions;
  load: Partial<LoadPlan>;
  /** Another crowd, which comes first and is not counted. */
  beside?: Partial<LoadPlan>;
  /** Or so much later. */
  besideAfterNs?: number;
  change: Change;
  seed: number;
  /** A wire that is not quite free. */
  wireNs?: number;
  /** Connections that the backend may have at once. */
  backendConnections?: number;
}

export interface SiteTrial extends Trial {
  /** How often a client tried again. */
  retries: () => number;
}

/** µs of CPU and of waiting that each request asks for. */
export function fixed(timeUs: number): Law {
  return lawOf(String(timeUs))!;
}

/** The options of a machine, with what a mutant changes. */
export function changed(
  options: MachineOptions,
  change: Change,
): MachineOptions {
  const { machine = {} } = change;
  const costs = { ...costsOf(options), ...costsOf(machine) };
  return { ...options, ...machine, costs };
}

function costsOf({ costs }: MachineOptions) {
  return costs === "none" ? {} : costs;
}

/** Boots it and starts the crowd; the clock of the clients begins at 1 ms. */
export function site(plan: SitePlan): SiteTrial {
  const world = new World({ seed: plan.seed, trace: plan.change.trace });
  const machine = world.boot({
    ...changed({ ...SERVER, ...plan.machine }, plan.change),
    name: "www",
  });
  const clients = world.boot({ name: "clients", ...FREE });
  const back = world.boot({ name: BACKEND.host, ...FREE });
  const { wireNs = 0, backendConnections = 1 } = plan;
  world.cable(machine, clients, { ...WIRE, latencyNs: wireNs });
  world.cable(machine, back, WIRE);
  const processes = Math.ceil(backendConnections / CLIENTS_EACH);
  back.spawn(backend, [String(BACKEND.port), String(processes)]);
  machine.spawn(plan.server, plan.args);
  world.run({ untilNs: READY_NS });
  const { beside, besideAfterNs = 0 } = plan;
  if (beside !== undefined) {
    clients.spawn(function* others(): Program {
      if (besideAfterNs > 0) yield* sleep(besideAfterNs);
      yield* runLoad({ ...PLAN, to: WWW, ...beside });
    });
  }
  const samples: Sample[] = [];
  let late = 0, retries = 0;
  for (const load of crowds(plan.load)) {
    clients.spawn(function* crowd(): Program {
      const tally = yield* runLoad({
        ...load,
        observe: (beganNs, endedNs, ending) => {
          samples.push({ beganNs, endedNs, ending });
        },
      });
      late += tally.late;
      retries += tally.retries;
    });
  }
  const { requests } = plan.load;
  return {
    world,
    machine,
    samples,
    requests,
    late: () => late,
    retries: () => retries,
  };
}

/** A crowd is split where one process could not have so many connections. */
function crowds(load: Partial<LoadPlan>): LoadPlan[] {
  const whole = { ...PLAN, to: WWW, ...load };
  if (whole.rate !== null || whole.clients <= CLIENTS_EACH) return [whole];
  const parts = Math.ceil(whole.clients / CLIENTS_EACH);
  return Array.from({ length: parts }, (_, i) => {
    const first = Math.round(i * whole.clients / parts);
    const last = Math.round((i + 1) * whole.clients / parts);
    return { ...whole, clients: last - first, key: `${whole.key}${i}` };
  });
}

export { READY_NS, us };
