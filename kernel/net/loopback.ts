// The loopback: a machine's way to itself. A packet arrives at the instant it is
// sent, after what is already due then, and costs the CPU one packet's work. It
// has no card, no ring and no wire.

import type { Due } from "../clock.ts";
import { type Packet, PacketCounters, type Transmitter } from "../dev/nic.ts";
import { TRACE } from "../trace.ts";
import type { NetworkMachine } from "./machine.ts";
import { tracePacket } from "./packet_trace.ts";
import { LOOPBACK_CABLE } from "./params.ts";

export class Loopback implements Transmitter, Due {
  readonly hasRoom = true;
  readonly mayLose = false;
  onRoom: (() => void) | null = null;
  onPacket: ((packet: Packet) => void) | null = null;
  readonly counters = new PacketCounters();
  #machine: NetworkMachine;
  /** Sent and not yet arrived; bounded by the windows of the connections. */
  #packets: Packet[] = [];

  constructor(machine: NetworkMachine) {
    this.#machine = machine;
  }

  send(packet: Packet): void {
    const { clock } = this.#machine;
    this.#packets.push(packet);
    this.counters.sent(packet);
    clock.schedule(clock.now, this);
    this.#trace(TRACE.net_tx, packet, clock.now);
  }

  /** The oldest arrives. */
  fire(): void {
    const packet = this.#packets.shift();
    if (packet === undefined) return;
    const { costs } = this.#machine;
    this.#machine.softirq("lo", () => {
      this.counters.received(packet);
      this.#trace(TRACE.net_rx, packet);
      this.onPacket?.(packet);
    }, costs.packetNs);
  }

  powerOff(): void {
    this.#packets = [];
    this.onPacket = null;
  }

  #trace(kind: number, packet: Packet, arriveNs = 0): void {
    tracePacket(this.#machine, kind, packet, LOOPBACK_CABLE, arriveNs);
  }
}
