// A switch: cables end in it, and what comes in by one goes out by the one that
// leads to its host, whole frames at a time (store and forward). It knows where
// hosts are, as one that has learnt, and queues as many frames for a cable as its
// card has places; what comes then is dropped. It has no CPU that anybody pays
// for, and no trace.
//
// Divergence from a real one: nothing is flooded, so there is nothing to learn and
// no loop to prevent (the shortest way is the way); rings of switches work.

import type { Clock, Due } from "../clock.ts";
import type { Nic, NicOptions, Packet } from "../dev/nic.ts";
import type { FileObject } from "../file.ts";
import { TRACE } from "../trace.ts";
import type { CableEnd } from "./cable.ts";
import type { NetworkMachine } from "./machine.ts";
import { tracePacket } from "./packet_trace.ts";
import { SWITCH_FRAMES, SWITCH_HOP_NS } from "./params.ts";

export interface SwitchOptions {
  name?: string;
  /** From a frame's last bit in to its first bit out, if nobody is before it. */
  hopNs?: number;
  /** Frames that wait for a cable at most. */
  frames?: number;
}

export class Switch implements CableEnd {
  readonly name: string;
  readonly settings: { nic: NicOptions };
  readonly costs = { interruptNs: 0, packetNs: 0 };
  readonly network = { attach: (nic: Nic) => this.#attach(nic) };
  readonly trace = { on: false, addHeader(): void {} };
  readonly ports: Nic[] = [];
  readonly #hopNs: number;
  /** Host → the port that leads there; null: none does. */
  readonly #ways = new Map<string, Nic | null>();

  constructor(
    readonly clock: Clock,
    options: SwitchOptions = {},
  ) {
    this.name = options.name ?? "switch";
    this.#hopNs = options.hopNs ?? SWITCH_HOP_NS;
    this.settings = { nic: { txRing: options.frames ?? SWITCH_FRAMES } };
  }

  /** True if a host is behind it. */
  reaches(host: string): boolean {
    return this.#wayTo(host) !== null;
  }

  /** Cables were added somewhere: what it knew of ways may be wrong. */
  forgetWays(): void {
    this.#ways.clear();
  }

  #attach(nic: Nic): void {
    nic.name = `port${this.ports.length}`;
    this.ports.push(nic);
    nic.onPacket = (packet) => {
      const due = this.clock.now + this.#hopNs;
      this.clock.schedule(due, new Hop(() => this.#forward(packet, nic)));
    };
  }

  #forward(packet: Packet, from: Nic): void {
    const { host } = packet.to;
    let way = this.#ways.get(host);
    if (way === undefined) {
      way = this.#wayTo(host);
      this.#ways.set(host, way);
    }
    if (way === null || way === from) {
      return this.#drop(packet, from, "no way there");
    }
    if (!way.hasRoom) return this.#drop(packet, way, `${this.name} is full`);
    way.send(packet);
  }

  /** The port at which the shortest way begins. */
  #wayTo(host: string): Nic | null {
    const seen = new Set<Switch>([this]);
    let ways = this.ports.map((first) => ({ first, peer: first.peer }));
    while (ways.length > 0) {
      const there = ways.find(({ peer }) => peer.name === host);
      if (there !== undefined) return there.first;
      ways = ways.flatMap(({ first, peer }) => {
        if (!(peer instanceof Switch) || seen.has(peer)) return [];
        seen.add(peer);
        return peer.ports.map((port) => ({ first, peer: port.peer }));
      });
    }
    return null;
  }

  #drop(packet: Packet, at: Nic, why: string): void {
    tracePacket(this, TRACE.net_drop, packet, at.cable.id, 0, why);
  }

  /** The nearest machine; null if there are switches only. */
  get witness(): NetworkMachine | null {
    const seen = new Set<Switch>([this]);
    for (const each of seen) { // grows while it is gone through
      for (const { peer } of each.ports) {
        if (!(peer instanceof Switch)) return peer;
        seen.add(peer);
      }
    }
    return null;
  }

  // ----------------------------------------------------------- as a machine for its cards

  resolve(host: string): string {
    return host;
  }
  get heldUntilNs(): number {
    return this.clock.now;
  }
  interrupt(_device: string, handler: () => void): void {
    handler();
  }
  softirq(_device: string, handler: () => void): void {
    handler();
  }
  kernelThread(): false {
    return false;
  }
  emit(): void {}
  objectCreated(): number {
    return 0;
  }
  objectReleased(): void {}
  scheduleBackground(due: number, owner: Due): number {
    return this.clock.schedule(due, owner);
  }
  cancelBackground(token: number): void {
    this.clock.cancel(token);
  }
  timerStarted(): void {}
  timerEnded(): void {}
  holdersOf(_object: FileObject): [] {
    return [];
  }
}

/** A frame inside the switch. */
class Hop implements Due {
  constructor(readonly fire: () => void) {}
}
