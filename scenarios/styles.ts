// The three styles of the server, with their parameters: what C7 to C10 and C15
// share. The blocking server has `threads` threads and pays a switch each time one
// waits; the others have one thread and pay a tax.

import { type Main, us } from "../mod.ts";
import { REQUEST_US, SWITCH_US, TAX_US } from "./costs.ts";
import type { Model } from "./model.ts";
import type { Param, Values } from "./scenario.ts";
import { CLIENTS_EACH, loop, pool, pushed } from "./servers.ts";

/** As long as a queue can be. */
export const BACKLOG = 4096;

export const COMPUTE: Param = {
  min: 0,
  max: 100_000,
  value: REQUEST_US,
  unit: "µs",
  about: "of CPU time in each request",
};
export const IO: Param = {
  min: 0,
  max: 10_000_000,
  value: 10_000,
  unit: "µs",
  about: "of waiting in each request",
};
export const TAX: Param = {
  min: 0,
  max: 10_000,
  value: TAX_US,
  unit: "µs",
  about: "of CPU time that a framework adds",
};
export const THREADS: Param = {
  min: 1,
  max: 1024,
  value: 8,
  unit: "",
  about: "threads of the blocking server",
};

/** The program of a style. */
export function serverOf(style: string, p: Values): Main {
  const { threads = 1, tax = 0 } = p;
  const plan = { backlog: BACKLOG, workers: processes(p), taxNs: tax * us };
  switch (style) {
    case "submit":
      return loop(plan);
    case "push":
      return pushed(plan);
    case "submit untaxed":
      return loop({ ...plan, taxNs: 0 });
    default:
      return pool({ ...plan, workers: threads, taxNs: 0 });
  }
}

/** Event loops that are needed to have everybody under way who can be. */
function processes(p: Values): number {
  const { cpuNs, ioNs } = modelOf("submit", p);
  const inside = Math.min(p.clients ?? 1, (cpuNs + ioNs) / Math.max(1, cpuNs));
  return Math.max(1, Math.ceil(inside / CLIENTS_EACH));
}

/** What a style should reach. */
export function modelOf(style: string, p: Values): Model {
  const { clients = 1, compute = 0, io = 0, threads = 1, tax = 0 } = p;
  const blocks = style === "block";
  // It waits for the backend, and for the next client if none is waiting already.
  const switches = clients > threads ? 1 : 2;
  return {
    cpuNs: (compute + (blocks ? switches * SWITCH_US : tax)) * us,
    ioNs: io * us,
    places: blocks ? threads : Infinity,
  };
}
