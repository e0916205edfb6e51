// ss [-t] [-u] [-l] [-a] [-n] [-p] [-i] [-s]: the sockets of this machine, with
// what TCP knows of each connection. Reads /proc/net, as on Linux; of a listener
// Recv-Q is how many connections wait to be accepted and Send-Q its backlog.

import { print, type Program } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { readSockets, type SocketRow, wanted } from "../lib/sockets.ts";

const USAGE = {
  name: "ss",
  synopsis: "[-t] [-u] [-l | -a] [-n] [-p] [-i] | -s",
  about: "Lists sockets.",
  options: {
    "-t, --tcp": "TCP only",
    "-u, --udp": "datagrams only",
    "-l, --listening": "only sockets that wait for others",
    "-a, --all": "those and connections",
    "-n, --numeric": "nothing: ports are numbers, hosts have only names",
    "-p, --processes": "whose they are",
    "-i, --info": "round trip, congestion window, retransmissions",
    "-s, --summary": "sums",
  },
};
const MSS_BYTES = 1460;
/** Linux's names, where they are others. */
const STATES: Record<string, string> = {
  ESTABLISHED: "ESTAB",
  SYN_SENT: "SYN-SENT",
  SYN_RCVD: "SYN-RECV",
  FIN_WAIT1: "FIN-WAIT-1",
  FIN_WAIT2: "FIN-WAIT-2",
  CLOSE_WAIT: "CLOSE-WAIT",
  LAST_ACK: "LAST-ACK",
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length > 0) {
    yield* usageError(USAGE, `extra operand '${operands[0]}'`);
  }
  if (given.s !== undefined) {
    const rows = yield* readSockets(wanted({ a: true }));
    return void (yield* print(summary(rows)));
  }
  const rows = yield* readSockets(wanted(given));
  const both = given.t === undefined && given.u === undefined;
  yield* print(tableOf(rows, {
    protocol: both,
    process: given.p !== undefined,
    info: given.i !== undefined,
  }));
}

interface Shown {
  protocol: boolean;
  process: boolean;
  info: boolean;
}

function tableOf(rows: readonly SocketRow[], shown: Shown): string {
  const cells = rows.map((row) => cellsOf(row, shown));
  const header = [
    ...shown.protocol ? ["Netid"] : [],
    "State",
    "Recv-Q",
    "Send-Q",
    "Local Address:Port",
    "Peer Address:Port",
    ...shown.process ? ["Process"] : [],
  ];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]!.length))
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => {
      // Addresses stand to the right, so that the colons are near each other.
      const isAddress = header[column]!.includes(":");
      const width = widths[column]!;
      return isAddress ? cell.padStart(width) : cell.padEnd(width);
    }).join(" ").trimEnd() + "\n";
  return line(header) +
    rows.map((row, i) => line(cells[i]!) + (shown.info ? infoLine(row) : ""))
      .join("");
}

function cellsOf(row: SocketRow, shown: Shown): string[] {
  const { state, localHost, localPort, remoteHost, remotePort } = row;
  return [
    ...shown.protocol ? [row.protocol] : [],
    STATES[state] ?? state,
    String(row.receiveQueue),
    String(row.sendQueue),
    `${localHost}:${localPort}`,
    remoteHost === "" ? "*:*" : `${remoteHost}:${remotePort}`,
    ...shown.process ? [processText(row)] : [],
  ];
}

function processText({ pid, program, fd }: SocketRow): string {
  return pid === 0 ? "" : `users:(("${program}",pid=${pid},fd=${fd}))`;
}

/** What TCP knows: times in ms, windows in segments, as on Linux. */
function infoLine(row: SocketRow): string {
  if (row.windowBytes === undefined) return "";
  const ms = (ns = 0) => String(Number((ns / 1e6).toFixed(3)));
  const segments = (bytes: number) => Math.floor(bytes / MSS_BYTES);
  const { thresholdBytes, roundTripNs, retransmissions } = row;
  const facts = [
    "reno",
    `rto:${ms(row.timeoutNs)}`,
    roundTripNs ? `rtt:${ms(roundTripNs)}` : "",
    `mss:${MSS_BYTES}`,
    `cwnd:${segments(row.windowBytes)}`,
    thresholdBytes ? `ssthresh:${segments(thresholdBytes)}` : "",
    retransmissions ? `retrans:${retransmissions}` : "",
    row.unsent ? `notsent:${row.unsent}` : "",
    `snd_wnd:${row.peerRoomBytes}`,
  ];
  return `\t ${facts.filter((fact) => fact !== "").join(" ")}\n`;
}

function summary(rows: readonly SocketRow[]): string {
  const of = (protocol: string) =>
    rows.filter((row) => row.protocol === protocol);
  const tcp = of("tcp");
  const established = tcp.filter(({ state }) => state === "ESTABLISHED").length;
  const orphaned = tcp.filter(({ pid }) => pid === 0).length;
  const line = (name: string, count: number) => `${name.padEnd(10)}${count}\n`;
  return `Total: ${rows.length}
TCP:   ${tcp.length} (estab ${established}, orphaned ${orphaned}, timewait 0)

Transport Total
${line("RAW", of("icmp").length)}${line("UDP", of("udp").length)}` +
    line("TCP", tcp.length);
}
