// What a machine tells programs about its network: the devices of /proc/net/dev
// and the sums of snmp and netstat, as Linux lays them out; the machines of the
// world in /proc/net/hosts; and the sockets of /proc/net/tcp and udp, one a line,
// in JSON like /proc/processes.
//
// Divergence from Linux: sockets are named by host, not by address, and a
// connection that nobody has accepted belongs to who listens. Bytes of a device
// are those of whole frames, padding and checksum included.

import type { PacketCounters } from "./dev/nic.ts";
import type { Machine } from "./kernel.ts";
import type { Connection } from "./net/connection.ts";
import { DatagramSocket, SocketObject } from "./net/mod.ts";

/** Registers them all. */
export function addNetFiles(machine: Machine): void {
  const { proc } = machine.files;
  proc.add("net/dev", () => deviceText(machine));
  proc.add("net/snmp", () => snmpText(machine));
  proc.add("net/netstat", () => {
    const { listenOverflows } = machine.network.counters;
    return `TcpExt: ListenOverflows\nTcpExt: ${listenOverflows}\n`;
  });
  proc.add("net/hosts", () => hostsText(machine));
  proc.add("net/tcp", () => linesOf(tcpRows(machine)));
  proc.add("net/udp", () => linesOf(udpRows(machine)));
}

/** Kettle has no addresses; whoever needs some (a pcap file) gets them in order. */
function hostsText({ world }: Machine): string {
  return world.machines.map(({ name }, index) => {
    const number = index + 1; // 10.0.0.1 is the first machine
    return `10.0.${number >> 8}.${number & 255}\t${name}\n`;
  }).join("");
}

// ------------------------------------------------------------- devices

const DEVICE_HEADER =
  `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

function deviceText({ network }: Machine): string {
  const cards = network.nics.map(({ name, counters }) =>
    deviceLine(name, counters)
  );
  const loopback = deviceLine("lo", network.loopbackCounters);
  return DEVICE_HEADER + loopback + cards.join("");
}

/** A full ring is Linux's `drop` and `fifo` both; here it is told once. */
function deviceLine(name: string, counters: PacketCounters): string {
  const { receivedBytes, receivedPackets, dropped } = counters;
  const { sentBytes, sentPackets } = counters;
  const received = [receivedBytes, receivedPackets, 0, dropped, 0, 0, 0, 0];
  const sent = [sentBytes, sentPackets, 0, 0, 0, 0, 0, 0];
  const cells = (numbers: number[], widths: number[]) =>
    numbers.map((number, i) => String(number).padStart(widths[i]!)).join(" ");
  const left = cells(received, [7, 7, 4, 4, 4, 5, 10, 9]);
  const right = cells(sent, [8, 7, 4, 4, 4, 5, 7, 10]);
  return `${name.padStart(6)}: ${left} ${right}\n`;
}

// ------------------------------------------------------------- sums

/** Names, and then numbers, as Linux has them: those that Kettle knows. */
function snmpText({ network }: Machine): string {
  const { counters } = network;
  const connections = [...network.connections];
  const sums = {
    ActiveOpens: counters.activeOpens,
    PassiveOpens: counters.passiveOpens,
    AttemptFails: counters.attemptFails,
    CurrEstab:
      connections.filter(({ state }) =>
        state === "ESTABLISHED" || state === "CLOSE_WAIT"
      ).length,
    InSegs: counters.segmentsReceived,
    RetransSegs: connections.reduce(
      (sum, { retransmissions }) => sum + retransmissions,
      counters.retransmitted,
    ),
    OutRsts: counters.resetsSent,
  };
  return `Tcp: ${Object.keys(sums).join(" ")}\n` +
    `Tcp: ${Object.values(sums).join(" ")}\n`;
}

// ------------------------------------------------------------- sockets

/** Who has a socket open: the first process that does. */
interface Holder {
  pid: number;
  program: string;
  fd: number;
}
const NOBODY: Holder = { pid: 0, program: "", fd: -1 };

function linesOf(rows: Iterable<object>): string {
  let text = "";
  for (const row of rows) text += JSON.stringify(row) + "\n";
  return text;
}

/** Those who listen, by port, and then the connections. */
function* tcpRows(machine: Machine): IterableIterator<object> {
  const holders = holdersOf(machine);
  const listening = socketsOf(machine, SocketObject)
    .filter(({ listener }) => listener !== null)
    .sort((a, b) => a.local!.port - b.local!.port);
  for (const socket of listening) {
    yield listenerRow(socket, holders.get(socket) ?? NOBODY);
  }
  for (const connection of machine.network.connections) {
    const socket = connection.owner as SocketObject;
    const holder = holders.get(socket.waitsAt ?? socket) ?? NOBODY;
    yield connectionRow(connection, socket, holder);
  }
}

/** As Linux has it: what waits to be accepted is to be received, the backlog is room to send. */
function listenerRow(socket: SocketObject, holder: Holder): object {
  const listener = socket.listener!;
  return {
    id: socket.id,
    localHost: socket.local!.host,
    localPort: socket.local!.port,
    remoteHost: "",
    remotePort: 0,
    state: "LISTEN",
    receiveQueue: listener.waiting,
    sendQueue: listener.backlog,
    halfOpen: listener.halfOpen,
    ...holder,
  };
}

function connectionRow(
  { state, local, remote, stream, roundTrip, retransmissions }: Connection,
  socket: SocketObject,
  holder: Holder,
): object {
  const { sending, receiving } = stream;
  const { window, threshold } = sending.congestion;
  return {
    id: socket.id,
    localHost: local.host,
    localPort: local.port,
    remoteHost: remote.host,
    remotePort: remote.port,
    state,
    receiveQueue: receiving.buffer.length,
    sendQueue: sending.buffer.length,
    unsent: Math.max(0, sending.unsent),
    windowBytes: window,
    /** null: no loss was met yet. */
    thresholdBytes: threshold === Infinity ? null : threshold,
    peerRoomBytes: Math.max(0, sending.windowEnds - sending.next),
    roundTripNs: roundTrip.smoothedNs,
    timeoutNs: roundTrip.timeoutNs,
    retransmissions,
    accepted: socket.waitsAt === null,
    ...holder,
  };
}

function* udpRows(machine: Machine): IterableIterator<object> {
  const holders = holdersOf(machine);
  for (const socket of socketsOf(machine, DatagramSocket)) {
    const { id, kind, local, remote } = socket;
    if (local === null) continue;
    yield {
      id,
      kind,
      localHost: local.host,
      localPort: local.port,
      remoteHost: remote?.host ?? "",
      remotePort: remote?.port ?? 0,
      state: remote === null ? "UNCONN" : "ESTABLISHED",
      receiveQueue: socket.waitingBytes,
      sendQueue: 0,
      ...holders.get(socket) ?? NOBODY,
    };
  }
}

function holdersOf({ processes }: Machine): Map<object, Holder> {
  const holders = new Map<object, Holder>();
  for (const { pid, name, files } of processes.values()) {
    for (const [fd, { object }] of files.list()) {
      if (object.type !== "socket" || holders.has(object)) continue;
      holders.set(object, { pid, program: name, fd });
    }
  }
  return holders;
}

/** The open sockets of one sort. */
function socketsOf<S>(
  machine: Machine,
  // deno-lint-ignore no-explicit-any -- any arguments: nothing is made here
  sort: new (...args: any[]) => S,
): S[] {
  const found = new Set<S>();
  for (const { object } of machine.openFiles.values()) {
    if (object instanceof sort) found.add(object);
  }
  return [...found];
}
