// netstat [-t] [-u] [-l] [-a] [-n] [-p] [-i] [-s]: the sockets of this machine,
// its network devices, or sums. Reads /proc/net, as on Linux.

import { print, type Program } from "kettle";
import { options, usageError } from "../lib/args.ts";
import {
  type DeviceRow,
  readDevices,
  readSockets,
  readSums,
  type SocketRow,
  wanted,
} from "../lib/sockets.ts";

const USAGE = {
  name: "netstat",
  synopsis: "[-t] [-u] [-l | -a] [-n] [-p] | -i | -s",
  about: "Lists sockets, or network devices.",
  options: {
    "-t, --tcp": "TCP only",
    "-u, --udp": "datagrams only",
    "-l, --listening": "only sockets that wait for others",
    "-a, --all": "those and connections",
    "-n, --numeric": "nothing: ports are numbers, hosts have only names",
    "-p, --programs": "whose they are",
    "-i, --interfaces": "the network devices",
    "-s, --statistics": "sums",
  },
};
const HEADER = "Proto Recv-Q Send-Q Local Address           " +
  "Foreign Address         State      ";

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length > 0) {
    yield* usageError(USAGE, `extra operand '${operands[0]}'`);
  }
  if (given.i !== undefined) {
    return void (yield* print(devicesText(yield* readDevices())));
  }
  if (given.s !== undefined) {
    const sums = yield* readSums();
    return void (yield* print(sumsText(sums, yield* readDevices())));
  }
  const which = given.l !== undefined && given.a === undefined
    ? "only servers"
    : given.a !== undefined
    ? "servers and established"
    : "w/o servers";
  const owner = given.p !== undefined ? "PID/Program name" : "";
  const rows = yield* readSockets(wanted(given));
  const lines = rows.map((row) => rowText(row, owner !== ""));
  const title = `Active Internet connections (${which})`;
  yield* print([title, HEADER + owner, ...lines, ""].join("\n"));
}

/** Linux's names of states, where they are others. */
function stateText(state: string): string {
  return state === "SYN_RCVD" ? "SYN_RECV" : state === "UNCONN" ? "" : state;
}

function rowText(row: SocketRow, owner: boolean): string {
  const { localHost, localPort, remoteHost, remotePort, state } = row;
  const remote = remoteHost === "" ? "*:*" : `${remoteHost}:${remotePort}`;
  // A listener's backlog is no bytes: ss tells it.
  const sendQueue = state === "LISTEN" ? 0 : row.sendQueue;
  return [
    row.protocol.padEnd(5),
    String(row.receiveQueue).padStart(6),
    String(sendQueue).padStart(6),
    `${localHost}:${localPort}`.padEnd(23),
    remote.padEnd(23),
    stateText(state).padEnd(11),
    owner ? ownerText(row) : "",
  ].join(" ").trimEnd();
}

function ownerText({ pid, program }: SocketRow): string {
  return pid === 0 ? "-" : `${pid}/${program}`;
}

function devicesText(devices: readonly DeviceRow[]): string {
  const lines = devices.map((device) =>
    [
      device.name.padEnd(8),
      String(device.name === "lo" ? 65_536 : 1500).padStart(6),
      String(device.receivedPackets).padStart(8),
      "     0",
      String(device.receiveDropped).padStart(6),
      "     0",
      String(device.sentPackets).padStart(8),
      "     0      0      0",
      device.name === "lo" ? "LRU" : "BMRU",
    ].join(" ")
  );
  return [
    "Kernel Interface table",
    "Iface       MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg",
    ...lines,
    "",
  ].join("\n");
}

function sumsText(
  sums: Map<string, number>,
  devices: readonly DeviceRow[],
): string {
  const sum = (key: Exclude<keyof DeviceRow, "name">) =>
    devices.reduce((total, device) => total + device[key], 0);
  return `Ip:
    ${sum("receivedPackets")} total packets received
    ${sum("receiveDropped")} incoming packets discarded
    ${sum("sentPackets")} requests sent out
Tcp:
    ${sums.get("ActiveOpens")} active connection openings
    ${sums.get("PassiveOpens")} passive connection openings
    ${sums.get("AttemptFails")} failed connection attempts
    ${sums.get("CurrEstab")} connections established
    ${sums.get("InSegs")} segments received
    ${sums.get("RetransSegs")} segments retransmitted
    ${sums.get("OutRsts")} resets sent
TcpExt:
    ${sums.get("ListenOverflows")} times the listen queue of a socket overflowed
IpExt:
    InOctets: ${sum("receivedBytes")}
    OutOctets: ${sum("sentBytes")}
`;
}
