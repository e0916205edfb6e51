// The pcap file format, and the bytes of packets that the trace only tells of:
// Ethernet (IEEE 802.3), IPv4 (RFC 791), TCP (RFC 9293), UDP (RFC 768) and ICMP
// echo (RFC 792), with their checksums. Times are whole nanoseconds. It reads
// and writes no file.
//
// What was carried is not in the trace: zeros stand for it. Kettle's sequence
// numbers are cut to 32 bits, its window to 16. A frame is written without its
// checksum, as cards hand it over.

import type { Packet } from "./packets.ts";

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const SNAP_BYTES = 262_144;
const LINKTYPE_ETHERNET = 1;

const ETHERNET_BYTES = 14;
const IP_BYTES = 20;
const TCP_BYTES = 20;
/** A SYN says its largest segment, and is as long as one with all options. */
const SYN_OPTION_BYTES = 20;
const UDP_BYTES = 8;
const ICMP_BYTES = 8;
/** Without its checksum. */
const FRAME_MIN_BYTES = 60;
const PROTOCOL_NUMBER = { icmp: 1, tcp: 6, udp: 17 };
const FIN = 1, SYN = 2, RST = 4, ACK = 16;
const MSS_BYTES = 1460;

/** What a pcap file begins with. */
export function pcapHeader(): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC_NANOSECONDS, true);
  view.setUint16(4, 2, true); // version 2.4
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAP_BYTES, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  return bytes;
}

/** One record: a frame and when it was there. */
export function pcapRecord(
  frame: Uint8Array,
  epochS: number,
  ns: number,
): Uint8Array {
  const bytes = new Uint8Array(16 + frame.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, epochS, true);
  view.setUint32(4, ns, true);
  view.setUint32(8, frame.length, true);
  view.setUint32(12, frame.length, true);
  bytes.set(frame, 16);
  return bytes;
}

/** Makes frames; `number` is a machine's: 1 is 10.0.0.1 and 02:00:00:00:00:01. */
export class FrameMaker {
  /** Packets so far: each has its own identification, as in Linux by its sender. */
  #sent = new Map<string, number>();

  constructor(readonly numberOf: (host: string) => number) {}

  frame(packet: Packet): Uint8Array {
    const payload = this.#payload(packet);
    const length = ETHERNET_BYTES + IP_BYTES + payload.length;
    const frame = new Uint8Array(Math.max(length, FRAME_MIN_BYTES));
    frame.set(macOf(this.numberOf(packet.to)), 0);
    frame.set(macOf(this.numberOf(packet.from)), 6);
    new DataView(frame.buffer).setUint16(12, 0x0800);
    frame.set(this.#ip(packet, payload.length), ETHERNET_BYTES);
    frame.set(payload, ETHERNET_BYTES + IP_BYTES);
    return frame;
  }

  #ip(packet: Packet, payloadBytes: number): Uint8Array {
    const bytes = new Uint8Array(IP_BYTES);
    const view = new DataView(bytes.buffer);
    const id = this.#sent.get(packet.from) ?? 0;
    this.#sent.set(packet.from, id + 1);
    bytes[0] = 0x45; // version 4, five words of header
    view.setUint16(2, IP_BYTES + payloadBytes);
    view.setUint16(4, id & 0xffff);
    view.setUint16(6, 0x4000); // not to be fragmented
    bytes[8] = 64; // time to live
    bytes[9] = PROTOCOL_NUMBER[packet.protocol];
    view.setUint32(12, addressOf(this.numberOf(packet.from)));
    view.setUint32(16, addressOf(this.numberOf(packet.to)));
    view.setUint16(10, checksum(bytes));
    return bytes;
  }

  #payload(packet: Packet): Uint8Array {
    if (packet.protocol === "icmp") return icmpBytes(packet);
    const bytes = packet.protocol === "tcp"
      ? tcpBytes(packet)
      : udpBytes(packet);
    const at = packet.protocol === "tcp" ? 16 : 6;
    const sum = checksum(bytes, this.#pseudoSum(packet, bytes.length));
    // In UDP zero means that there is none.
    const none = packet.protocol === "udp" && sum === 0;
    new DataView(bytes.buffer).setUint16(at, none ? 0xffff : sum);
    return bytes;
  }

  /** Addresses, protocol and length count for the checksum, too. */
  #pseudoSum({ from, to, protocol }: Packet, length: number): number {
    return [from, to].map((host) => addressOf(this.numberOf(host)))
      .reduce(
        (sum, address) => sum + (address >>> 16) + (address & 0xffff),
        PROTOCOL_NUMBER[protocol] + length,
      );
  }
}

function tcpBytes(packet: Packet): Uint8Array {
  const header = TCP_BYTES + (packet.syn ? SYN_OPTION_BYTES : 0);
  const bytes = new Uint8Array(header + packet.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.fromPort);
  view.setUint16(2, packet.toPort);
  view.setUint32(4, packet.sequence % 2 ** 32);
  view.setUint32(8, packet.ack ? packet.acknowledgement % 2 ** 32 : 0);
  bytes[12] = header / 4 << 4;
  bytes[13] = (packet.fin ? FIN : 0) | (packet.syn ? SYN : 0) |
    (packet.rst ? RST : 0) | (packet.ack ? ACK : 0);
  view.setUint16(14, Math.min(packet.window, 0xffff));
  if (packet.syn) {
    bytes[TCP_BYTES] = 2; // largest segment; the zeros behind it end the list
    bytes[TCP_BYTES + 1] = 4;
    view.setUint16(TCP_BYTES + 2, MSS_BYTES);
  }
  return bytes;
}

function udpBytes(packet: Packet): Uint8Array {
  const bytes = new Uint8Array(UDP_BYTES + packet.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.fromPort);
  view.setUint16(2, packet.toPort);
  view.setUint16(4, bytes.length);
  return bytes;
}

function icmpBytes(packet: Packet): Uint8Array {
  const bytes = new Uint8Array(ICMP_BYTES + packet.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = packet.isReply ? 0 : 8;
  view.setUint16(4, packet.isReply ? packet.toPort : packet.fromPort);
  view.setUint16(2, checksum(bytes));
  return bytes;
}

/** RFC 1071: the complement of the sum, in ones' complement, of 16-bit words. */
export function checksum(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += bytes[at]! << 8 | (bytes[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function addressOf(number: number): number {
  return (10 << 24 | number) >>> 0;
}

/** Locally administered. */
function macOf(number: number): number[] {
  return [2, 0, 0, 0, number >> 8 & 255, number & 255];
}
