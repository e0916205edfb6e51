// The network as the trace tells of it: which packet is where on which cable at a
// moment, what waits in the rings, who listens and who is connected, what was
// dropped and why. It folds the packet and socket events of all machines and
// reads nothing else; which cables there are comes with it, as a map. It does not
// draw.

import type { TraceEvent } from "../../kernel/trace.ts";
import { type PacketEvent, wordsOf } from "./net_packets.ts";
import {
  type ConnectionView,
  type ListenerView,
  NetSockets,
} from "./net_sockets.ts";
import { type NetCable, Way, type WayView } from "./net_way.ts";

/** What is plugged together: machines by their index in the trace. */
export interface NetMap {
  machines: string[];
  switches: string[];
  cables: NetCable[];
}

export interface HostView {
  name: string;
  isSwitch: boolean;
  isOn: boolean;
}

/** The network at a moment. */
export interface NetView {
  now: number;
  hosts: HostView[];
  cables: {
    id: number;
    ends: [string, string];
    latencyNs: number;
    bitsPerSecond: number;
  }[];
  /** Both ways of each cable, in the order of the cables. */
  ways: WayView[];
  listeners: ListenerView[];
  connections: ConnectionView[];
  connectionCount: number;
  /** Packets since the beginning; the loopback's are counted apart. */
  sent: number;
  received: number;
  looped: number;
  /** Why → how many. */
  drops: [string, number][];
}

const LOOPBACK = -1;
const CONNECTIONS_SHOWN = 8;
const BACKLOG_FULL = "backlog full";

export class NetModel {
  readonly #map: NetMap;
  /** By cable and sender. */
  readonly #ways = new Map<string, Way>();
  readonly #sockets = new NetSockets();
  readonly #off = new Set<string>();
  readonly #drops = new Map<string, number>();
  #sent = 0;
  #received = 0;
  #looped = 0;

  constructor(map: NetMap) {
    this.#map = map;
    for (const cable of map.cables) {
      const [a, b] = cable.ends;
      for (const [from, to] of [[a, b], [b, a]] as const) {
        const endsInSwitch = map.switches.includes(to);
        const way = new Way(cable, from, to, endsInSwitch);
        this.#ways.set(wayKey(cable.id, from), way);
      }
    }
  }

  /** Events of all machines, in order. */
  add(event: TraceEvent): void {
    switch (event.kind) {
      case "net_tx":
        return this.#send(event);
      case "net_rx":
        return this.#receive(event);
      case "net_drop":
        return this.#drop(event);
      case "tcp_state":
        return this.#sockets.changed(this.#nameOf(event), event);
      case "listen_queue":
        return this.#sockets.queued(this.#nameOf(event), event);
      case "object_release":
        if (event.what !== "socket") return;
        return this.#sockets.stopped(this.#nameOf(event), event.id);
      case "machine_off":
        return this.#powerOff(event);
      case "machine_boot":
        this.#off.delete(event.name);
    }
  }

  /** The network at a moment that is not before the last event. */
  at(now: number): NetView {
    const { machines, switches, cables } = this.#map;
    const { count, shown } = this.#sockets.connections(CONNECTIONS_SHOWN);
    const host = (isSwitch: boolean) => (name: string) => ({
      name,
      isSwitch,
      isOn: !this.#off.has(name),
    });
    return {
      now,
      hosts: [...machines.map(host(false)), ...switches.map(host(true))],
      cables: cables.map((cable) => ({ ...cable })),
      ways: [...this.#ways.values()].map((way) => way.at(now)),
      listeners: this.#sockets.listeners(),
      connections: shown,
      connectionCount: count,
      sent: this.#sent,
      received: this.#received,
      looped: this.#looped,
      drops: [...this.#drops],
    };
  }

  /** What lies in the sockets of a machine: sent and not acknowledged, come and not read. */
  socketBytes(host: string): number {
    return this.#sockets.bytesAt(host);
  }

  #nameOf({ machine }: { machine: number }): string {
    return this.#map.machines[machine] ?? `machine ${machine}`;
  }

  #send(event: Extract<TraceEvent, { kind: "net_tx" }>): void {
    const name = this.#nameOf(event);
    this.#sockets.sent(name, event);
    if (event.cable === LOOPBACK) {
      this.#looped++;
      return;
    }
    this.#sent++;
    this.#ways.get(wayKey(event.cable, name))?.send(event);
  }

  #receive(event: PacketEvent): void {
    const name = this.#nameOf(event);
    this.#sockets.received(name, event);
    if (event.cable === LOOPBACK) return;
    this.#received++;
    this.#wayTo(event.cable, name)?.take(event);
  }

  /** At the far end of a cable, or later: at a port that has no room. */
  #drop(event: PacketEvent): void {
    const { why } = wordsOf(event.info);
    this.#drops.set(why, (this.#drops.get(why) ?? 0) + 1);
    const name = this.#nameOf(event);
    if (why === BACKLOG_FULL) this.#sockets.turnedAway(name, event.toPort);
    this.#wayTo(event.cable, name)?.take(event);
  }

  #powerOff(event: { machine: number; at: number }): void {
    const name = this.#nameOf(event);
    this.#off.add(name);
    this.#sockets.machineIsOff(name);
    for (const way of this.#ways.values()) {
      if (way.from === name) way.senderIsOff(event.at);
      if (way.to === name) way.receiverIsOff(event.at);
    }
  }

  #wayTo(cable: number, name: string): Way | undefined {
    const ends = this.#map.cables[cable]?.ends;
    if (ends === undefined) return undefined;
    const from = ends[0] === name ? ends[1] : ends[0];
    return this.#ways.get(wayKey(cable, from));
  }
}

function wayKey(cable: number, from: string): string {
  return `${cable}/${from}`;
}
