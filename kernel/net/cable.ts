// A cable between two machines, with a network card at each end: what one card
// has put on the wire reaches the other a fixed latency later, in both
// directions at once. It does not know what a packet means.
//
// Divergence from Linux: a cable loses, doubles and reorders nothing; its two
// ends always agree about the speed, the lower of cable and card.

import type { Due } from "../clock.ts";
import { Nic, type NicOptions, type Packet } from "../dev/nic.ts";
import type { NetworkMachine } from "./machine.ts";
import { CABLE_LATENCY_NS, LINE_BITS_PER_SECOND } from "./params.ts";

export interface CableOptions {
  /** One way, ns. */
  latencyNs?: number;
  bitsPerSecond?: number;
}

/** A machine that a cable can be plugged into: it gets a card for it. */
export interface CableEnd extends NetworkMachine {
  readonly network: { attach(nic: Nic): void };
  readonly settings: { readonly nic: NicOptions };
}

export class Cable {
  readonly latencyNs: number;
  readonly bitsPerSecond: number;
  readonly ends: readonly [Nic, Nic];

  /** `id` is its number in the trace, from 0. */
  constructor(
    readonly id: number,
    a: CableEnd,
    b: CableEnd,
    options: CableOptions = {},
  ) {
    this.latencyNs = options.latencyNs ?? CABLE_LATENCY_NS;
    this.bitsPerSecond = options.bitsPerSecond ?? LINE_BITS_PER_SECOND;
    checkNumber("latencyNs", this.latencyNs, 0);
    checkNumber("bitsPerSecond", this.bitsPerSecond, 1);
    const plug = (end: CableEnd) => new Nic(end, this, end.settings.nic);
    this.ends = [plug(a), plug(b)];
    a.network.attach(this.ends[0]);
    b.network.attach(this.ends[1]);
  }

  /** The card at the far end. */
  peerOf(nic: Nic): Nic {
    return nic === this.ends[0] ? this.ends[1] : this.ends[0];
  }

  /** Takes over a packet whose last bit leaves `from` at `sentNs`. */
  carry(from: Nic, packet: Packet, sentNs: number): Flight {
    const arriveNs = sentNs + this.latencyNs;
    const flight = new Flight(packet, this.peerOf(from), sentNs, arriveNs);
    from.machine.clock.schedule(arriveNs, flight);
    return flight;
  }
}

/** A packet under way. */
export class Flight implements Due {
  /** It was never sent: the power went first. */
  lost = false;

  constructor(
    readonly packet: Packet,
    readonly to: Nic,
    readonly sentNs: number,
    readonly arriveNs: number,
  ) {}

  fire(): void {
    if (!this.lost) this.to.arrive(this.packet);
  }
}

function checkNumber(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(
    `a cable's ${name} must be a whole number from ${least}: received ${
      String(value)
    }`,
  );
}
