// A program that reads datagrams while another machine offers it so many a
// second: what reaches the program, with polling and with an interrupt for each
// frame (Mogul and Ramakrishnan, "Eliminating receive livelock in an
// interrupt-driven kernel", 1997). The sender costs nothing; the receiver has one
// CPU with the default costs.

import {
  bind,
  type Program,
  recvfrom,
  type Routine,
  sendto,
  sleep,
  socket,
  SysError,
  within,
} from "kettle";
import { type Machine, type Snapshot, World } from "kettle/world";
import type { Row } from "./oracle.ts";

const S = 1_000_000_000;
const PORT = 9;

export interface Offer {
  perSecond: number;
  /** False: each frame interrupts. */
  napi?: boolean;
  /** Least time between two interrupts. */
  moderationNs?: number;
  /** Virtual seconds for which it lasts. */
  seconds?: number;
  /** The trace is kept; it costs host time. */
  trace?: boolean;
  /** Runs on the receiver every 100 µs. */
  during?: (machine: Machine) => Routine;
}

export interface Outcome {
  world: World;
  server: Machine;
  /** The receiver as it was. */
  before: Snapshot;
  /** Datagrams a second that the program has read, while they were offered. */
  delivered: number;
  /** Frames that found the ring full. */
  ringDrops: number;
}

/** Offers datagrams of 18 bytes (frames of 64) at even distances. */
export function offer(
  {
    perSecond,
    napi = true,
    moderationNs = 0,
    seconds = 0.02,
    during,
    trace = false,
  }: Offer,
): Outcome {
  const world = new World();
  const server = world.boot({ name: "server", nic: { napi, moderationNs } });
  const client = world.boot({ name: "client", costs: "none" });
  world.cable(client, server, { latencyNs: 0 });
  const before = server.snapshot();
  const endNs = seconds * S;
  let read = 0;
  server.spawn(function* sink(): Program {
    const fd = yield* socket("datagram");
    yield* bind(fd, { host: "", port: PORT });
    try {
      for (;;) {
        yield* within(endNs, recvfrom(fd, 64));
        if (world.now < endNs) read++;
      }
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "ETIME") throw error;
    }
  });
  client.spawn(function* source(): Program {
    const fd = yield* socket("datagram");
    const count = Math.round(perSecond * seconds);
    for (let sent = 0; sent < count; sent++) {
      yield* sleep({ until: Math.round((sent * S) / perSecond) });
      yield* sendto(fd, new Uint8Array(18), { host: "server", port: PORT });
    }
  });
  if (during !== undefined) {
    const look = during;
    server.spawn(function* watch(): Program {
      for (let at = 0; at < endNs; at += 100_000) {
        yield* sleep({ until: at });
        yield* look(server);
      }
    });
  }
  world.trace.on = trace;
  world.run({ untilNs: endNs });
  const [card] = server.network.nics;
  const ringDrops = card!.counters.dropped;
  return { world, server, before, delivered: read / seconds, ringDrops };
}

/** Offered a second, and what should reach the program of that. */
const POLLED: readonly [number, number][] = [
  [200_000, 200_000],
  [400_000, 400_000],
  [700_000, 700_000],
];
const INTERRUPTED: readonly [number, number][] = [
  [200_000, 200_000],
  [300_000, 300_000],
  [400_000, 0],
  [700_000, 0],
  [1_400_000, 0],
];
/** More than one frame in a microsecond cannot be taken: from there the best holds. */
const OVERLOAD = [1_000_000, 1_400_000];
const MODERATION_NS = 50_000;

/** With polling what is delivered saturates, without it collapses. */
export function livelock(): Row[] {
  const polled = (perSecond: number) =>
    offer({ perSecond, moderationNs: MODERATION_NS }).delivered;
  const row = (how: string, offered: number, of: number, measured: number) => ({
    what: `${how}, ${offered / 1000} k offered`,
    unit: "k/s",
    reference: of / 1000,
    measured: measured / 1000,
    tolerance: of === 0 ? { amount: 1 } : { share: 0.05 },
  });
  const rows = POLLED.map(([offered, of]) =>
    row("polled", offered, of, polled(offered))
  );
  const best = polled(900_000);
  for (const offered of OVERLOAD) {
    rows.push(row("polled", offered, best, polled(offered)));
  }
  for (const [perSecond, of] of INTERRUPTED) {
    const { delivered } = offer({ perSecond, napi: false });
    rows.push(row("an interrupt each", perSecond, of, delivered));
  }
  return rows;
}
