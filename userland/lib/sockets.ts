// The sockets of this machine, as /proc/net/tcp and /proc/net/udp tell of them,
// and the network devices of /proc/net/dev. For netstat and ss: what they print
// is their own business.

import { close, open, readAll, type Routine, text } from "kettle";

export interface SocketRow {
  protocol: "tcp" | "udp" | "icmp";
  localHost: string;
  localPort: number;
  /** "" for who listens, or has no peer. */
  remoteHost: string;
  remotePort: number;
  state: string;
  /** Bytes to be read; of a listener the connections to be accepted. */
  receiveQueue: number;
  /** Bytes not yet acknowledged; of a listener its backlog. */
  sendQueue: number;
  /** 0: no process has it open. */
  pid: number;
  program: string;
  fd: number;
  // Of connections:
  unsent?: number;
  windowBytes?: number;
  thresholdBytes?: number | null;
  peerRoomBytes?: number;
  roundTripNs?: number;
  timeoutNs?: number;
  retransmissions?: number;
}

export interface DeviceRow {
  name: string;
  receivedBytes: number;
  receivedPackets: number;
  receiveDropped: number;
  sentBytes: number;
  sentPackets: number;
}

export interface Wanted {
  tcp: boolean;
  udp: boolean;
  /** Those that listen, or wait for datagrams of anybody. */
  listening: boolean;
  connected: boolean;
}

/** What -t -u -l -a ask for: no protocol means all, no state connections. */
export function wanted(
  given: Record<string, string | true | undefined>,
): Wanted {
  const { t, u, l, a } = given;
  return {
    tcp: t !== undefined || u === undefined,
    udp: u !== undefined || t === undefined,
    listening: l !== undefined || a !== undefined,
    connected: l === undefined || a !== undefined,
  };
}

export function* readSockets(
  { tcp, udp, listening, connected }: Wanted,
): Routine<
  SocketRow[]
> {
  const rows: SocketRow[] = [];
  if (tcp) rows.push(...yield* rowsOf("tcp"));
  if (udp) rows.push(...yield* rowsOf("udp"));
  return rows.filter((row) => isWaiting(row) ? listening : connected);
}

/** It has no peer. */
export function isWaiting({ state }: SocketRow): boolean {
  return state === "LISTEN" || state === "UNCONN";
}

function* rowsOf(protocol: "tcp" | "udp"): Routine<SocketRow[]> {
  const lines = yield* linesOf(`/proc/net/${protocol}`);
  return lines.map((line) => {
    const row = JSON.parse(line) as SocketRow & { kind?: string };
    return { ...row, protocol: row.kind === "echo" ? "icmp" : protocol };
  });
}

export function* readDevices(): Routine<DeviceRow[]> {
  const lines = yield* linesOf("/proc/net/dev");
  return lines.slice(2).map((line) => {
    const [name = "", numbers = ""] = line.split(":");
    const f = numbers.trim().split(/ +/).map(Number);
    return {
      name: name.trim(),
      receivedBytes: f[0]!,
      receivedPackets: f[1]!,
      receiveDropped: f[3]!,
      sentBytes: f[8]!,
      sentPackets: f[9]!,
    };
  });
}

/** What snmp and netstat count: `ActiveOpens` and so on. */
export function* readSums(): Routine<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const file of ["snmp", "netstat"]) {
    const [names = "", values = ""] = yield* linesOf(`/proc/net/${file}`);
    const numbers = values.split(" ").map(Number);
    names.split(" ").forEach((name, i) => sums.set(name, numbers[i]!));
  }
  return sums;
}

/** The lines of a text file, without their ends. */
export function* linesOf(path: string): Routine<string[]> {
  const fd = yield* open(path);
  const all = text(yield* readAll(fd));
  yield* close(fd);
  return all.split("\n").filter((line) => line !== "");
}
