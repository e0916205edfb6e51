// Packets as the trace tells of them: what kind one is, whom it is from, and where
// on its way it is at a moment. It does not fold and does not draw.

import type { TraceEvent } from "../../kernel/trace.ts";

/** What a picture tells apart. */
export type PacketKind =
  | "syn"
  | "synack"
  | "ack"
  | "data"
  | "fin"
  | "rst"
  | "udp"
  | "icmp";

export interface PacketLook {
  letter: string;
  name: string;
}

export const PACKETS: Readonly<Record<PacketKind, PacketLook>> = {
  syn: { letter: "S", name: "SYN" },
  synack: { letter: "SA", name: "SYN+ACK" },
  ack: { letter: "A", name: "ACK" },
  data: { letter: "D", name: "data" },
  fin: { letter: "F", name: "FIN" },
  rst: { letter: "R", name: "RST" },
  udp: { letter: "U", name: "UDP" },
  icmp: { letter: "I", name: "ICMP echo" },
};
export const PACKET_KINDS = Object.keys(PACKETS) as PacketKind[];

export type PacketEvent = Extract<
  TraceEvent,
  { kind: "net_tx" | "net_rx" | "net_drop" }
>;

/** The words of an event, read: `kettle>www 80 bytes: backlog full`. */
export interface PacketWords {
  from: string;
  to: string;
  /** `SYN`, `1460 bytes`, `echo reply 56 bytes`. */
  what: string;
  /** Why it was dropped, else "". */
  why: string;
  kind: PacketKind;
  /** Bytes for a program. */
  length: number;
  syn: boolean;
  fin: boolean;
  ack: boolean;
}

const KNOWN_MAX = 2_000;
const known = new Map<string, PacketWords>();

/** The same words come again and again: they are read once. */
export function wordsOf(info: string): PacketWords {
  let words = known.get(info);
  if (words === undefined) {
    if (known.size >= KNOWN_MAX) known.clear();
    words = readWords(info);
    known.set(info, words);
  }
  return words;
}

function readWords(info: string): PacketWords {
  const [, from = "", to = "", what = "", why = ""] =
    /^([^>]*)>(\S*) ([^:]*)(?:: (.*))?$/.exec(info) ?? [];
  const kind = kindOf(what);
  const isTcp = kind !== "udp" && kind !== "icmp";
  const syn = isTcp && what.includes("SYN");
  return {
    from,
    to,
    what,
    why,
    kind,
    length: Number(/(\d+) bytes/.exec(what)?.[1] ?? 0),
    syn,
    fin: isTcp && what.includes("FIN"),
    // Everything acknowledges but a first SYN, and a RST that says so.
    ack: isTcp && (what.includes("ACK") || !syn && kind !== "rst"),
  };
}

function kindOf(what: string): PacketKind {
  if (what.startsWith("UDP")) return "udp";
  if (what.startsWith("echo")) return "icmp";
  if (what.includes("RST")) return "rst";
  if (what.startsWith("SYN")) return what.includes("ACK") ? "synack" : "syn";
  if (what.includes("FIN")) return "fin";
  return what === "ACK" ? "ack" : "data";
}

/** A packet that was sent and is not yet taken in. Times in ns. */
export interface Flight {
  /** Of the event that told of it. */
  id: number;
  event: PacketEvent;
  words: PacketWords;
  /** Its first bit is on the wire. */
  startNs: number;
  /** Its last bit. */
  sentNs: number;
  /** Its last bit is at the far end. */
  arriveNs: number;
}

/** Where on the cable it is, as parts of the way: its last bit, its first. */
export function placeOf(flight: Flight, now: number): [number, number] {
  const { startNs, sentNs, arriveNs } = flight;
  const wayNs = Math.max(1, arriveNs - sentNs);
  const part = (sinceNs: number) => Math.min(1, Math.max(0, sinceNs / wayNs));
  return [part(now - sentNs), part(now - startNs)];
}

/** Both are about the same packet. */
export function isSame(a: PacketEvent, b: PacketEvent): boolean {
  return a.sequence === b.sequence &&
    a.acknowledgement === b.acknowledgement && a.fromPort === b.fromPort &&
    a.toPort === b.toPort && a.bytes === b.bytes && a.window === b.window &&
    sameWords(wordsOf(a.info), wordsOf(b.info));
}

function sameWords(a: PacketWords, b: PacketWords): boolean {
  return a.what === b.what && a.from === b.from && a.to === b.to;
}
