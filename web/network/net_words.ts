// The network in words: what is on the way, what waits where, a packet's header,
// what was dropped. From a view of the network; it does not draw.

import type { NetView } from "./net_model.ts";
import { PACKETS } from "./net_packets.ts";
import type { ConnectionView, EndView, ListenerView } from "./net_sockets.ts";
import type { FlightView } from "./net_way.ts";
import { duration, grouped, moment } from "../parts/units.ts";

/** What happens on the cables now, in a sentence. */
export function netSentence(view: NetView): string {
  const { ways, sent, looped } = view;
  if (sent === 0) {
    return looped === 0
      ? "No packet has been sent yet: try curl http://www/"
      : `No packet has gone into a cable yet; ${
        counted(looped, "has", "have")
      } gone round inside a machine.`;
  }
  const travelling = sum(ways.map((way) => way.travelling));
  const rings = ringWords(view);
  if (travelling === 0) {
    return rings === "" ? "No packet is on the way." : `${rings}.`;
  }
  const next = ways.reduce((a, b) => a.nextNs <= b.nextNs ? a : b);
  const what = travelling === 1
    ? `1 packet is on the way; it arrives at ${next.to}`
    : `${
      grouped(travelling)
    } packets are on the way; the first arrives at ${next.to}`;
  const more = rings === "" ? "" : ` ${rings}.`;
  return `${what} in ${duration(next.nextNs)}.${more}`;
}

function ringWords({ ways }: NetView): string {
  const queued = sum(ways.map((way) => way.queued));
  const arrived = sum(ways.map((way) => way.arrived));
  const words: string[] = [];
  if (queued > 0) {
    words.push(`${counted(queued, "waits", "wait")} to be put on a cable`);
  }
  if (arrived > 0) {
    words.push(`${counted(arrived, "waits", "wait")} to be taken from a card`);
  }
  return words.join(", ");
}

/** `data, 1,460 bytes` */
export function packetWords({ words }: FlightView): string {
  const { name } = PACKETS[words.kind];
  if (words.kind === "icmp") return words.what.replace(/ \d+ bytes$/, "");
  return words.length === 0 ? name : `${name}, ${grouped(words.length)} bytes`;
}

/** The parts of its header, as they are on the wire. */
export function headerWords(
  flight: FlightView,
  now: number,
): [string, string][] {
  const { words, fromPort, toPort, frameBytes, sinceNs, arriveNs } = flight;
  const isTcp = words.kind !== "udp" && words.kind !== "icmp";
  const port = (number: number) => words.kind === "icmp" ? "" : `:${number}`;
  const rows: [string, string][] = [
    ["packet", packetWords(flight)],
    ["from", `${words.from}${port(fromPort)}`],
    ["to", `${words.to}${port(toPort)}`],
  ];
  if (isTcp) {
    rows.push(["sequence", grouped(flight.sequence)]);
    if (words.ack) rows.push(["acknowledges", grouped(flight.acknowledgement)]);
    if (words.kind !== "rst") rows.push(["window", grouped(flight.window)]);
  }
  rows.push(
    ["frame", `${grouped(frameBytes)} bytes`],
    ["sent at", moment(sinceNs)],
    [arriveNs > now ? "arrives at" : "arrived at", moment(arriveNs)],
  );
  return rows;
}

/** How much of the way is behind it. */
export function wayWords(flight: FlightView, now: number): string {
  if (flight.arriveNs <= now) return "arrived";
  const part = Math.round((flight.tail + flight.head) * 50);
  return `${part} %`;
}

/** `waiting 3 of 128` */
export function queueWords(
  { waiting, halfOpen, backlog }: ListenerView,
): string {
  const half = halfOpen === 0 ? "" : `, ${grouped(halfOpen)} half open`;
  return `${grouped(waiting)} of ${grouped(backlog)}${half}`;
}

/** `kettle:32768 ESTABLISHED` */
export function endWords({ host, port, state }: EndView): string {
  return `${host}:${port} ${state}`.trim();
}

/** What of its bytes is under way or not yet read; "" if nothing is. */
export function bytesWords({ client, server }: ConnectionView): string {
  return [client, server].flatMap(({ host, unacknowledged, unread }) => [
    unacknowledged > 0 ? `${host}: ${grouped(unacknowledged)} sent` : "",
    unread > 0 ? `${host}: ${grouped(unread)} to read` : "",
  ]).filter((words) => words !== "").join(", ");
}

export function netCounts(view: NetView): [string, string][] {
  const { sent, received, looped, drops } = view;
  const rows: [string, string][] = [
    ["cables", `${grouped(sent)} sent, ${grouped(received)} taken in`],
  ];
  if (looped > 0) rows.push(["loopback", grouped(looped)]);
  for (const [why, count] of drops) {
    rows.push(["dropped", `${grouped(count)}: ${why}`]);
  }
  return rows;
}

/** `75.0 ms, 1 Gb/s` */
export function cableWords(
  { latencyNs, bitsPerSecond }: { latencyNs: number; bitsPerSecond: number },
): string {
  const rate = bitsPerSecond >= 1e9
    ? `${bitsPerSecond / 1e9} Gb/s`
    : `${bitsPerSecond / 1e6} Mb/s`;
  return `${duration(latencyNs)}, ${rate}`;
}

function counted(number: number, one: string, many: string): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
