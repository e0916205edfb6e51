// tcpdump [-c COUNT] [-i CABLE] [-w FILE] [FILTER]…: shows the packets that this
// machine sends and gets, from the kernel's trace, until ^C; or writes them to a
// file that Wireshark opens. A packet that got lost on its way here is shown too,
// as "Drop": no real tcpdump could see it.

import {
  ms,
  open,
  print,
  type Program,
  type Routine,
  sigaction,
  sleep,
  SysError,
  write,
} from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { calendar } from "../lib/calendar.ts";
import {
  FilterError,
  type PacketFilter,
  packetFilter,
} from "../lib/packet_filter.ts";
import {
  cableName,
  LOOPBACK_CABLE,
  type Packet,
  packetOf,
  PacketText,
} from "../lib/packets.ts";
import { FrameMaker, pcapHeader, pcapRecord } from "../lib/pcap.ts";
import { linesOf } from "../lib/sockets.ts";
import { complain } from "../lib/stdio.ts";
import { join } from "../lib/text.ts";
import { TraceReader } from "../lib/trace.ts";

const USAGE = {
  name: "tcpdump",
  synopsis: "[-enS] [-c COUNT] [-i CABLE] [-w FILE] [FILTER]…",
  about: "Shows the packets that this machine sends and gets.",
  options: {
    "-c COUNT": "end after so many",
    "-i, --interface CABLE": "only of this cable: cable0, 0, lo, any",
    "-e": "Ethernet addresses and the size of the frame, too",
    "-n": "nothing: hosts have only names",
    "-S": "sequence numbers as they are, not counted from the first",
    "-w FILE": "do not show them, write them: a pcap file",
  },
};
/** How often the trace is looked at. */
const LOOK_NS = 20 * ms;

interface Settings {
  limit: number;
  cable: number | null;
  filter: PacketFilter;
  /** Takes what is wanted. */
  take: (packets: Packet[]) => Routine;
}

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const limit = yield* count(USAGE, given.c, Infinity);
  const cable = yield* cableOf(given.i);
  const hosts = yield* hostNumbers();
  try {
    const filter = packetFilter(operands, [...hosts.keys()]);
    if (given.w === undefined) {
      const take = shower(given, cable === null, hosts);
      return yield* watch({ limit, cable, filter, take });
    }
    // What never came to the card is not in the file.
    const came: PacketFilter = (packet) =>
      packet.way !== "Drop" && filter(packet);
    const take = yield* saver(String(given.w), hosts);
    return yield* watch({ limit, cable, filter: came, take });
  } catch (error) {
    if (error instanceof FilterError) {
      return yield* complain("tcpdump", error.message);
    }
    if (!(error instanceof SysError) || error.call !== "open") throw error;
    return yield* complain("tcpdump", error);
  }
}

/** Takes packets until there are enough, or a signal says that it is over. */
function* watch({ limit, cable, filter, take }: Settings): Routine<number> {
  const reader = new TraceReader(yield* open("/proc/net/packets"));
  let isOver = false, seen = 0;
  const stop = { fn: () => void (isOver = true), restart: true };
  yield* sigaction("INT", stop);
  yield* sigaction("TERM", stop);
  const where = cable === null ? "any" : cableName(cable);
  yield* write(2, `tcpdump: listening on ${where}, link-type EN10MB\n`);
  while (seen < limit) {
    const isLast = isOver;
    const packets = (yield* reader.take())
      .flatMap((event) => packetOf(event) ?? [])
      .filter((packet) => isShown(packet, cable) && filter(packet))
      .slice(0, limit - seen);
    seen += packets.length;
    if (packets.length > 0) yield* take(packets);
    if (isLast) break;
    if (seen < limit && !isOver) yield* rest();
  }
  yield* write(2, `${seen} packet${seen === 1 ? "" : "s"} captured\n`);
  return 0;
}

/** A look's time, or until a signal comes. */
function* rest(): Routine {
  try {
    yield* sleep(LOOK_NS);
  } catch (error) {
    if (!(error instanceof SysError) || error.code !== "EINTR") throw error;
  }
}

/** On the loopback every packet is sent and received: once is enough. */
function isShown({ cable, way }: Packet, wanted: number | null): boolean {
  if (wanted !== null && wanted !== cable) return false;
  return cable !== LOOPBACK_CABLE || way !== "In";
}

// ------------------------------------------------------------- arguments

function* cableOf(value: string | true | undefined): Routine<number | null> {
  if (value === undefined || value === "any") return null;
  if (value === "lo") return LOOPBACK_CABLE;
  const match = /^(?:cable)?(\d+)$/.exec(String(value));
  if (match !== null) return Number(match[1]);
  return yield* usageError(USAGE, `no such cable: '${value}'`);
}

/** Machines and their numbers, from 1. */
function* hostNumbers(): Routine<Map<string, number>> {
  const lines = yield* linesOf("/proc/net/hosts");
  return new Map(lines.map((line, i) => [line.split("\t")[1]!, i + 1]));
}

// ------------------------------------------------------------- what is done with them

function shower(
  given: Record<string, string | true | undefined>,
  allCables: boolean,
  hosts: Map<string, number>,
): (packets: Packet[]) => Routine {
  const words = new PacketText({ absolute: given.S !== undefined });
  const mac = (host: string) =>
    `02:00:00:00:00:${(hosts.get(host) ?? 0).toString(16).padStart(2, "0")}`;
  const line = (packet: Packet) => {
    const { at, cable, way, from, to, frameBytes, why } = packet;
    const where = allCables ? `${cableName(cable)} ${way.padEnd(3)} ` : "";
    const link = given.e === undefined
      ? ""
      : `${mac(from)} > ${mac(to)}, length ${frameBytes}: `;
    const end = why === "" ? "" : ` [dropped: ${why}]`;
    return `${timeText(at)} ${where}${link}IP ${words.describe(packet)}${end}`;
  };
  return function* (packets) {
    yield* print(packets.map(line).join("\n"));
  };
}

/** `10:00:01.006894` */
function timeText(at: number): string {
  const { hour, minute, second } = calendar(at);
  const micros = Math.floor(at % 1e9 / 1000);
  return `${hour}:${minute}:${second}.${String(micros).padStart(6, "0")}`;
}

function* saver(
  path: string,
  hosts: Map<string, number>,
): Routine<(packets: Packet[]) => Routine> {
  const fd = path === "-" ? 1 : yield* open(path, "w");
  const frames = new FrameMaker((host) => hosts.get(host) ?? 0);
  yield* write(fd, pcapHeader());
  return function* (packets) {
    const records = packets.map((packet) => {
      const { epoch } = calendar(packet.at);
      const ns = packet.at % 1_000_000_000;
      return pcapRecord(frames.frame(packet), epoch, ns);
    });
    yield* write(fd, join(records));
  };
}
