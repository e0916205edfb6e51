// Packets, as the trace tells of them: from an event (net_tx, net_rx, net_drop)
// to who sends what to whom, and from that to the words of tcpdump. It does not
// read the trace.

import type { TraceEvent } from "./trace.ts";

export const LOOPBACK_CABLE = -1;

export interface Packet {
  /** Virtual ns. */
  at: number;
  way: "Out" | "In" | "Drop";
  /** Why it was dropped, else "". */
  why: string;
  /** Its number; −1 is the loopback. */
  cable: number;
  /** The whole frame, padding and checksum included. */
  frameBytes: number;
  protocol: "tcp" | "udp" | "icmp";
  from: string;
  to: string;
  fromPort: number;
  toPort: number;
  /** Bytes for the program. */
  length: number;
  // Of TCP:
  syn: boolean;
  fin: boolean;
  rst: boolean;
  ack: boolean;
  sequence: number;
  acknowledgement: number;
  window: number;
  // Of ICMP:
  isReply: boolean;
}

const WAYS: Record<string, Packet["way"]> = {
  net_tx: "Out",
  net_rx: "In",
  net_drop: "Drop",
};

/** What an event tells; null if it is about no packet. */
export function packetOf(event: TraceEvent): Packet | null {
  const way = WAYS[event.kind];
  const info = /^([^>]+)>(\S+) ([^:]*)(?:: (.*))?$/.exec(String(event.info));
  if (way === undefined || info === null) return null;
  const [, from = "", to = "", what = "", why = ""] = info;
  const protocol = what.startsWith("UDP")
    ? "udp"
    : what.startsWith("echo")
    ? "icmp"
    : "tcp";
  const rst = what.includes("RST");
  const syn = what.includes("SYN");
  const isTcp = protocol === "tcp";
  return {
    at: event.at,
    way,
    why,
    cable: Number(event.cable),
    frameBytes: Number(event.bytes),
    protocol,
    from,
    to,
    fromPort: Number(event.fromPort),
    toPort: Number(event.toPort),
    length: Number(/(\d+) bytes/.exec(what)?.[1] ?? 0),
    syn,
    rst,
    fin: what.includes("FIN"),
    // Everything acknowledges but a first SYN, and a RST that says so.
    ack: isTcp && (what.includes("ACK") || !syn && !rst),
    sequence: Number(event.sequence),
    acknowledgement: Number(event.acknowledgement),
    window: Number(event.window),
    isReply: what.startsWith("echo reply"),
  };
}

/** `lo`, `cable0`. */
export function cableName(cable: number): string {
  return cable === LOOPBACK_CABLE ? "lo" : `cable${cable}`;
}

/** From packets to lines; it remembers where each stream begins. */
export class PacketText {
  /** First sequence number, by direction. */
  #first = new Map<string, number>();

  constructor(readonly options: { absolute: boolean }) {}

  /** `kettle.32768 > mirror.80: Flags [S], seq 1, win 65535, length 0` */
  describe(packet: Packet): string {
    const { protocol, from, to, fromPort, toPort, length } = packet;
    if (protocol === "icmp") {
      const what = packet.isReply ? "reply" : "request";
      const id = packet.isReply ? toPort : fromPort;
      return `${from} > ${to}: ICMP echo ${what}, id ${id}, length ${length}`;
    }
    const ends = `${from}.${fromPort} > ${to}.${toPort}:`;
    return protocol === "udp"
      ? `${ends} UDP, length ${length}`
      : `${ends} ${this.#tcp(packet)}`;
  }

  #tcp(packet: Packet): string {
    const { syn, fin, rst, ack, length, window } = packet;
    const flags = (fin ? "F" : "") + (syn ? "S" : "") + (rst ? "R" : "") +
      (ack ? "." : "");
    const parts = [`Flags [${flags}]`];
    const sequence = this.#sequence(packet);
    if (length > 0) parts.push(`seq ${sequence}:${sequence + length}`);
    else if (syn || fin || rst) parts.push(`seq ${sequence}`);
    if (ack) parts.push(`ack ${this.#acknowledgement(packet)}`);
    parts.push(`win ${window}`, `length ${length}`);
    return parts.join(", ");
  }

  /** Counted from the SYN, or from the first that was seen, which is told in full. */
  #sequence({ sequence, syn, ...packet }: Packet): number {
    const key = streamOf(packet);
    const first = this.#first.get(key);
    if (!syn && first !== undefined && !this.options.absolute) {
      return sequence - first;
    }
    this.#first.set(key, syn ? sequence : sequence - 1);
    return sequence;
  }

  #acknowledgement({ acknowledgement, ...packet }: Packet): number {
    const { from, to, fromPort, toPort } = packet;
    const key = streamOf({
      from: to,
      to: from,
      fromPort: toPort,
      toPort: fromPort,
    });
    const first = this.#first.get(key);
    if (first !== undefined && !this.options.absolute) {
      return acknowledgement - first;
    }
    this.#first.set(key, acknowledgement - 1);
    return acknowledgement;
  }
}

function streamOf(
  { from, fromPort, to, toPort }: Pick<
    Packet,
    "from" | "fromPort" | "to" | "toPort"
  >,
): string {
  return `${from}:${fromPort}>${to}:${toPort}`;
}
