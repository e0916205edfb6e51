// Two machines on a cable and the programs between them, for the oracles of the
// network: what is measured is what programs measure with the clock, and what
// the trace says was on the wire. It knows no reference figure.

import {
  accept,
  bind,
  close,
  connect,
  listen,
  type Program,
  read,
  type Routine,
  setsockopt,
  socket,
  type SocketOptions,
} from "kettle";
import { type Costs, type Machine, type TraceEvent, World } from "kettle/world";
import type { CableOptions } from "../../kernel/net/mod.ts";

export const PORT = 80;
export const TO_FAR = { host: "far", port: PORT };

export interface Pair {
  world: World;
  near: Machine;
  far: Machine;
}

export interface PairOptions extends CableOptions {
  costs?: Partial<Costs> | "none";
}

/** `near` and `far` on one cable; unless said otherwise the CPU costs nothing. */
export function makePair({ costs = "none", ...cable }: PairOptions): Pair {
  const world = new World();
  const near = world.boot({ name: "near", costs });
  const far = world.boot({ name: "far", costs });
  world.cable(near, far, cable);
  return { world, near, far };
}

export function* listener(
  backlog: number,
  options: SocketOptions = {},
): Routine<number> {
  const fd = yield* socket();
  yield* setsockopt(fd, options);
  yield* bind(fd, { port: PORT });
  yield* listen(fd, backlog);
  return fd;
}

/** A server of one connection that reads to the end. */
export function* sink(): Program {
  const fd = yield* accept(yield* listener(1));
  while ((yield* read(fd, 65_536)).length > 0);
  yield* close(fd);
}

export function* connection(options: SocketOptions = {}): Routine<number> {
  const fd = yield* socket();
  yield* setsockopt(fd, options);
  yield* connect(fd, TO_FAR);
  return fd;
}

/** Runs these to their ends; whoever fails says so. */
export function runBoth(
  { world, near, far }: Pair,
  here: () => Program,
  there: () => Program,
): void {
  const processes = [far.spawn(there), near.spawn(here)];
  const { reason, report } = world.run();
  const said = processes.map(({ stderr }) => stderr).join("");
  if (reason !== "done" || said !== "") {
    throw new Error(`${reason}: ${report}${said}`);
  }
}

/** A frame as it left: when it was handed to the card, when its last bit arrives. */
export interface Frame {
  at: number;
  arriveNs: number;
  bytes: number;
  what: string;
}

/** What `from` put on the wire, in order; `what` as in `1460 bytes`, `SYN+ACK`. */
export function framesOf({ world }: Pair, from: Machine): Frame[] {
  return eventsOf(world, "net_tx")
    .filter(({ machine }) => machine === from.index)
    .map(({ at, arriveNs, bytes, info }) => ({
      at,
      arriveNs,
      bytes,
      what: info.slice(info.indexOf(" ") + 1),
    }));
}

export function eventsOf<K extends TraceEvent["kind"]>(
  world: World,
  kind: K,
): Extract<TraceEvent, { kind: K }>[] {
  return [...world.trace.events()].filter((
    event,
  ): event is Extract<TraceEvent, { kind: K }> => event.kind === kind);
}
