// What a closed crowd gets, by arithmetic: so many clients, each with one request
// under way at all times. The least of three limits: the clients, the threads,
// the CPU. Good to a percent or two once the crowd has settled.

/** Of one request, ns. */
export interface Model {
  /** CPU time, with switches or tax. */
  cpuNs: number;
  ioNs: number;
  /** Requests that can be under way at once. */
  places: number;
}

export function perSecond(
  { cpuNs, ioNs, places }: Model,
  clients: number,
): number {
  const inside = Math.min(clients, places);
  return 1e9 * Math.min(inside / (cpuNs + ioNs), 1 / cpuNs);
}

/** By Little's law: who is inside, divided by who leaves in a second. */
export function timeNs(model: Model, clients: number): number {
  return clients * 1e9 / perSecond(model, clients);
}

/** With so many threads the one model gives as much as the other. */
export function equalPlaces(threads: Model, loop: Model): number {
  return (threads.cpuNs + threads.ioNs) / loop.cpuNs;
}
