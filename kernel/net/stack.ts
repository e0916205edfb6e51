// The network of one machine: its cards and the loopback, its ports, and which
// connection a segment belongs to. Names are host names: a machine is called by
// its own, "localhost" and its own name are the loopback, and a neighbour is who
// sits at the other end of a cable, or behind a switch there. It does not know
// what happens in a connection.
//
// Divergence from Linux: packets carry names and not addresses (hosts.ts), and
// machines do not route; who is neither at the end of a cable nor behind switches
// is not reachable. A SYN for a full backlog is dropped before anything is kept of
// it (no SYN cookies).

import type { Address, ErrorCode, SocketOptions } from "../abi.ts";
import type { Nic, Packet, PacketCounters } from "../dev/nic.ts";
import type { Operation } from "../request.ts";
import { TRACE } from "../trace.ts";
import { Connection } from "./connection.ts";
import { ConnectionTable } from "./connection_table.ts";
import { TcpCounters } from "./counters.ts";
import { Datagram, DatagramSender, DatagramSocket } from "./datagram.ts";
import { Egress, Single } from "./egress.ts";
import { type Accepted, Listener } from "./listener.ts";
import { Loopback } from "./loopback.ts";
import type { NetworkMachine } from "./machine.ts";
import { PollList } from "./napi.ts";
import {
  BACKLOG_MAX,
  DATAGRAM_BYTES_MAX,
  LOOPBACK_CABLE,
  PORT_MAX,
  RESETS_MAX,
  SEQUENCE_SPACING,
} from "./params.ts";
import { tracePacket } from "./packet_trace.ts";
import { Ports } from "./ports.ts";
import { ACK, resetFor, RST, Segment, SYN } from "./segment.ts";
import { SocketObject } from "./socket.ts";

/** What happens to a SYN when the backlog is full. */
export type BacklogPolicy = "drop" | "reset";

const LOCALHOST = "localhost";

/** A way out, and its number in the trace. */
interface Link {
  egress: Egress;
  cable: number;
}

export class NetworkStack {
  readonly machine: NetworkMachine;
  readonly backlogPolicy: BacklogPolicy;
  readonly ports = new Ports<SocketObject>();
  /** Of datagram sockets, by kind: an echo's port is its number. */
  readonly datagramPorts = {
    udp: new Ports<DatagramSocket>(),
    echo: new Ports<DatagramSocket>(),
  };
  readonly nics: Nic[] = [];
  /** Those that are not CLOSED. */
  readonly connections = new ConnectionTable();
  readonly counters = new TcpCounters();
  readonly #polls: PollList;
  #links = new Map<Nic, Link>();
  #loopback: Loopback;
  #loop: Link;
  #sequence = 0;

  constructor(
    options: { machine: NetworkMachine; backlogPolicy?: BacklogPolicy },
  ) {
    this.machine = options.machine;
    this.backlogPolicy = options.backlogPolicy ?? "drop";
    this.#polls = new PollList(this.machine);
    this.#loopback = new Loopback(this.machine);
    this.#loop = { egress: new Egress(this.#loopback), cable: LOOPBACK_CABLE };
    this.#loopback.onPacket = (packet) => this.#arrive(packet, this.#loop);
  }

  /** What went through the loopback. */
  get loopbackCounters(): PacketCounters {
    return this.#loopback.counters;
  }

  /** A card that is on a cable becomes `eth0`, `eth1`, … */
  attach(nic: Nic): void {
    nic.name = `eth${this.nics.length}`;
    this.nics.push(nic);
    const link = { egress: new Egress(nic), cable: nic.cable.id };
    this.#links.set(nic, link);
    nic.onPacket = (packet) => this.#arrive(packet, link);
    nic.receiver = this.#polls;
    nic.onPathChanged = () => {
      for (const connection of this.connections) connection.pathChanged();
    };
  }

  // ----------------------------------------------------------- calls

  socket(): SocketObject {
    return new SocketObject(this);
  }

  datagramSocket(kind: "udp" | "echo"): DatagramSocket {
    return new DatagramSocket(this, kind);
  }

  bindDatagram(socket: DatagramSocket, address: Address): ErrorCode | null {
    const { port } = address;
    if (!isPort(port) || socket.local !== null) return "EINVAL";
    const host = this.#ownHost(address.host);
    if (host === null) return "EADDRNOTAVAIL";
    const taken = this.datagramPorts[socket.kind].take(port, socket);
    if (typeof taken === "string") return taken;
    const name = host === "" ? this.machine.name : host;
    socket.local = { host: name, port: taken };
    return null;
  }

  /** Where it writes to, and who is heard, from now on. Nobody is asked. */
  connectDatagram(socket: DatagramSocket, { host, port }: Address): void {
    socket.remote = { host: this.#hostOf(host), port };
  }

  /** Completes when the datagram is on the card. Whether it arrives, nobody knows. */
  sendTo(
    op: Operation,
    socket: DatagramSocket,
    data: Uint8Array,
    to: Address,
  ): void {
    if (data.length > DATAGRAM_BYTES_MAX) return op.fail("EMSGSIZE");
    if (!isPort(to.port)) return op.fail("EINVAL");
    const remote = { host: this.#hostOf(to.host), port: to.port };
    const link = this.#route(remote.host);
    if (link === null) return op.fail("ENETUNREACH");
    if (socket.local === null) {
      const error = this.bindDatagram(socket, { host: "", port: 0 });
      if (error !== null) return op.fail("EADDRNOTAVAIL");
    }
    const local = { host: this.machine.name, port: socket.local!.port };
    const datagram = new Datagram(socket.kind, local, remote, data.slice());
    const sender = new DatagramSender(datagram, op);
    const describe = () => `its turn on the card, for ${socket.describe()}`;
    op.waitFor({ kind: "net", describe }, () => sender.withdraw());
    link.egress.offer(sender);
  }

  /** A datagram socket is gone. */
  closed(socket: DatagramSocket): void {
    const { local, kind } = socket;
    if (local !== null) this.datagramPorts[kind].release(local.port);
  }

  bind(socket: SocketObject, address: Address): ErrorCode | null {
    const { port } = address;
    if (!isPort(port) || socket.local !== null) return "EINVAL";
    const host = this.#ownHost(address.host);
    if (host === null) return "EADDRNOTAVAIL";
    return this.#take(socket, host === "" ? this.machine.name : host, port);
  }

  listen(socket: SocketObject, backlog: number): ErrorCode | null {
    if (!Number.isInteger(backlog) || backlog < 0) return "EINVAL";
    if (socket.connection !== null) return "EINVAL";
    const most = Math.min(backlog, BACKLOG_MAX);
    if (socket.listener !== null) {
      socket.listener.backlog = most;
      socket.listener.traceQueue();
      return null;
    }
    if (socket.local === null) {
      const error = this.#take(socket, this.machine.name, 0);
      if (error !== null) return error;
    }
    socket.listener = new Listener(socket, most);
    this.#traceState(socket, "CLOSED>LISTEN");
    socket.listener.traceQueue();
    return null;
  }

  connect(op: Operation, socket: SocketObject, address: Address): void {
    if (!isPort(address.port)) return op.fail("EINVAL");
    if (socket.connection !== null) {
      const { state } = socket.connection;
      return op.fail(state === "SYN_SENT" ? "EALREADY" : "EISCONN");
    }
    if (socket.listener !== null) return op.fail("EISCONN");
    const remote = { host: this.#hostOf(address.host), port: address.port };
    const link = this.#route(remote.host);
    if (link === null) return op.fail("ENETUNREACH");
    const error = this.#autobind(socket, remote);
    if (error !== null) return op.fail(error);
    const local = { host: this.machine.name, port: socket.local!.port };
    const connection = this.#connection(socket, link, local, remote);
    this.counters.activeOpens++;
    const describe = () => `an answer to ${socket.describe()}`;
    op.waitFor({ kind: "net", describe }, () => {
      connection.giveUp();
      return true;
    });
    connection.connect((error) => {
      if (error === null) op.complete(undefined);
      else op.fail(error);
    });
  }

  accept(op: Operation, socket: SocketObject, done: Accepted): void {
    if (socket.listener === null) return op.fail("EINVAL");
    const nonblocking = op.atDoorOne && op.file !== null && op.file.nonblocking;
    socket.listener.accept(op, done, nonblocking);
  }

  shutdown(
    socket: SocketObject,
    how: "rd" | "wr" | "rdwr",
  ): ErrorCode | null {
    if (socket.listener !== null) return this.#shutdownListener(socket, how);
    const { connection } = socket;
    if (connection === null || connection.state === "SYN_SENT") {
      return "ENOTCONN";
    }
    if (connection.state === "CLOSED") return "ENOTCONN";
    if (how !== "wr") connection.shutdownRead();
    if (how !== "rd") connection.shutdownWrite();
    return null;
  }

  getsockname(socket: SocketObject): Address | ErrorCode {
    return { ...(socket.local ?? { host: this.machine.name, port: 0 }) };
  }

  getpeername(socket: SocketObject): Address | ErrorCode {
    const { connection } = socket;
    if (connection === null || !connection.established) return "ENOTCONN";
    if (connection.state === "CLOSED") return "ENOTCONN";
    return { ...connection.remote };
  }

  setsockopt(socket: SocketObject, options: SocketOptions): void {
    if (options.linger0 !== undefined) socket.linger0 = options.linger0;
    if (options.nodelay !== undefined) socket.nodelay = options.nodelay;
    if (options.delayedAck !== undefined) {
      socket.delayedAck = options.delayedAck;
    }
    if (options.sendBufferBytes !== undefined) {
      socket.sendBufferBytes = options.sendBufferBytes;
    }
    if (options.receiveBufferBytes !== undefined) {
      socket.receiveBufferBytes = options.receiveBufferBytes;
    }
    socket.applyOptions();
  }

  // ----------------------------------------------------------- for its sockets

  /** The socket that holds the other end, if it is on this machine. */
  peerOf(connection: Connection): SocketObject | null {
    const { local, remote } = connection;
    if (remote.host !== this.machine.name) return null;
    const peer = this.connections.find(remote.port, local.host, local.port);
    if (peer === null) return null;
    const socket = peer.owner as SocketObject;
    return socket.waitsAt ?? socket;
  }

  /** The power is gone: nothing more is sent, and no timer fires. */
  powerOff(): void {
    for (const connection of this.connections) connection.vanish();
    this.connections.clear();
    this.#polls.powerOff();
    this.#loopback.powerOff();
    for (const nic of this.nics) nic.powerOff();
  }

  // ----------------------------------------------------------- a packet arrives

  #arrive(packet: Packet, link: Link): void {
    if (packet instanceof Datagram) return this.#arriveDatagram(packet, link);
    if (!(packet instanceof Segment)) return;
    const { from, to } = packet;
    this.counters.segmentsReceived++;
    const connection = this.connections.find(to.port, from.host, from.port);
    if (connection !== null) connection.arrive(packet);
    else this.#arriveAtPort(packet, link);
  }

  /** An echo is answered at once; the rest is for a socket, or for nobody. */
  #arriveDatagram(datagram: Datagram, link: Link): void {
    const { kind, from, to, data } = datagram;
    if (kind === "echo") {
      if (link.egress.waiting >= RESETS_MAX) return;
      const reply = new Datagram("reply", to, from, data);
      return link.egress.offer(new DatagramSender(reply, null));
    }
    const ports = this.datagramPorts[kind === "udp" ? "udp" : "echo"];
    const socket = ports.get(to.port);
    const why = socket === null ? "no such port" : "no room in the socket";
    if (socket?.arrive(datagram) || !this.machine.trace.on) return;
    const { machine } = this;
    tracePacket(machine, TRACE.net_drop, datagram, link.cable, 0, why);
  }

  /** No connection is meant: a SYN may open one, all else is answered with RST. */
  #arriveAtPort(segment: Segment, link: Link): void {
    if (segment.has(RST)) return;
    const listener = this.#listenerFor(segment, link);
    if (listener === null || !segment.has(SYN) || segment.has(ACK)) {
      return this.#refuse(segment, link);
    }
    if (listener.listener!.admits) return this.#admit(segment, listener, link);
    this.counters.listenOverflows++;
    if (this.backlogPolicy === "reset") return this.#refuse(segment, link);
    this.#traceDrop(segment, link);
  }

  /** The socket that listens where a segment goes. */
  #listenerFor(segment: Segment, link: Link): SocketObject | null {
    const socket = this.ports.get(segment.to.port);
    if (socket === null || socket.listener === null) return null;
    const inside = socket.local!.host === LOCALHOST;
    return inside && link !== this.#loop ? null : socket;
  }

  #admit(syn: Segment, listener: SocketObject, link: Link): void {
    this.counters.passiveOpens++;
    const child = this.socket();
    child.local = syn.to;
    child.nodelay = listener.nodelay;
    child.delayedAck = listener.delayedAck;
    child.sendBufferBytes = listener.sendBufferBytes;
    child.receiveBufferBytes = listener.receiveBufferBytes;
    const connection = this.#connection(child, link, syn.to, syn.from);
    connection.answer(syn, listener.listener!.add(child));
  }

  #refuse(segment: Segment, link: Link): void {
    if (link.egress.waiting >= RESETS_MAX) return;
    this.counters.resetsSent++;
    link.egress.offer(new Single(resetFor(segment)));
  }

  // ----------------------------------------------------------- names and ports

  #isOwn(host: string): boolean {
    return host === "" || host === LOCALHOST || host === this.machine.name;
  }

  /** Where a socket may be bound: "" (anywhere), the loopback, or its own name. */
  #ownHost(host: string): string | null {
    if (this.#isOwn(host)) return host;
    const resolved = this.machine.resolve(host);
    return this.#isOwn(resolved) ? resolved : null;
  }

  #hostOf(host: string): string {
    if (this.#isOwn(host)) return this.machine.name;
    const resolved = this.machine.resolve(host);
    return this.#isOwn(resolved) ? this.machine.name : resolved;
  }

  #route(host: string): Link | null {
    if (host === this.machine.name) return this.#loop;
    const nic = this.nics.find(({ peerName }) => peerName === host) ??
      this.nics.find(({ peer }) => peer.reaches?.(host));
    return nic === undefined ? null : this.#links.get(nic)!;
  }

  #take(socket: SocketObject, host: string, port: number): ErrorCode | null {
    const taken = this.ports.take(port, socket);
    if (typeof taken === "string") return taken;
    socket.local = { host, port: taken };
    socket.ownsPort = true;
    return null;
  }

  /** A port for a connection, if the socket has none; the pair must be free. */
  #autobind(socket: SocketObject, remote: Address): ErrorCode | null {
    if (socket.local === null) {
      const error = this.#take(socket, this.machine.name, 0);
      socket.autobound = error === null;
      return error === null ? null : "EADDRNOTAVAIL";
    }
    const { port } = socket.local;
    const other = this.connections.find(port, remote.host, remote.port);
    return other === null ? null : "EADDRNOTAVAIL";
  }

  #connection(
    owner: SocketObject,
    link: Link,
    local: Address,
    remote: Address,
  ): Connection {
    const { machine } = this;
    const first = this.#sequence += SEQUENCE_SPACING;
    const { egress } = link;
    const parts = { machine, owner, egress, local, remote, first };
    const connection = new Connection(parts);
    owner.connection = connection;
    owner.applyOptions();
    this.connections.add(connection);
    return connection;
  }

  #shutdownListener(
    socket: SocketObject,
    how: "rd" | "wr" | "rdwr",
  ): ErrorCode | null {
    if (how === "wr") return null;
    socket.stopListening();
    this.#traceState(socket, "LISTEN>CLOSED");
    return null;
  }

  // ----------------------------------------------------------- trace

  #traceState(socket: SocketObject, change: string): void {
    if (!this.machine.trace.on) return;
    const port = socket.local?.port ?? 0;
    this.machine.emit(TRACE.tcp_state, socket.id, port, 0, change);
  }

  #traceDrop(segment: Segment, link: Link): void {
    const { machine } = this;
    const why = "backlog full";
    tracePacket(machine, TRACE.net_drop, segment, link.cable, 0, why);
  }
}

function isPort(port: unknown): port is number {
  return Number.isInteger(port) && (port as number) >= 0 &&
    (port as number) <= PORT_MAX;
}
