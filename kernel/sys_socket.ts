// Handlers of the socket calls: look at the arguments, find the socket, then
// one call to the network stack.

import type { Address, ErrorCode } from "./abi.ts";
import {
  dataOf,
  fieldsOf,
  isCount,
  isOptionalBoolean,
  readCount,
} from "./arguments.ts";
import { O_RDWR } from "./abi.ts";
import { type FileObject, OpenFile } from "./file.ts";
import {
  DatagramSocket,
  type NetworkStack,
  SOCKET_BUFFER_BYTES_MAX,
  SOCKET_BUFFER_BYTES_MIN,
  SocketObject,
} from "./net/mod.ts";
import type { Operation } from "./request.ts";
import { fileOf, finishInstall, opened } from "./sys_file.ts";

const PORT_MAX = 65_535;

export function sysSocket(op: Operation, kind: unknown): void {
  const make = typeof kind === "string" && Object.hasOwn(SOCKETS, kind)
    ? SOCKETS[kind as keyof typeof SOCKETS]
    : null;
  if (make === null) return op.fail("EINVAL");
  const { files } = op.thread.process;
  if (files.full) return op.fail("EMFILE");
  finishInstall(op, install(op, make(op.thread.machine.network)));
}

const SOCKETS = {
  "stream": (network: NetworkStack) => network.socket(),
  "datagram": (network: NetworkStack) => network.datagramSocket("udp"),
  "echo": (network: NetworkStack) => network.datagramSocket("echo"),
};

function install(op: Operation, socket: FileObject): number | ErrorCode {
  const file = new OpenFile(op.thread.machine, socket, O_RDWR);
  return op.thread.process.files.install(file);
}

export function sysBind(op: Operation, fd: unknown, to: unknown): void {
  const { network, name } = op.thread.machine;
  const socket = anySocket(op, fd);
  if (socket === null) return;
  const address = addressOf(to, name);
  if (address === null) return op.fail("EINVAL", { fd: fd as number });
  const error = socket instanceof DatagramSocket
    ? network.bindDatagram(socket, address)
    : network.bind(socket, address);
  finish(op, fd, error);
}

export function sysListen(op: Operation, fd: unknown, backlog: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  if (!isCount(backlog, PORT_MAX)) return op.fail("EINVAL");
  finish(op, fd, op.thread.machine.network.listen(socket, backlog));
}

export function sysConnect(op: Operation, fd: unknown, to: unknown): void {
  const socket = anySocket(op, fd);
  if (socket === null) return;
  const address = addressOf(to, "localhost");
  if (address === null || address.port === 0) {
    return op.fail("EINVAL", { reason: "an address is { host, port }" });
  }
  if (socket instanceof DatagramSocket) {
    op.thread.machine.network.connectDatagram(socket, address);
    return op.complete(undefined);
  }
  op.hold(fileOf(op, fd)!);
  op.thread.machine.network.connect(op, socket, address);
}

export function sysAccept(op: Operation, fd: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  op.hold(fileOf(op, fd)!);
  op.thread.machine.network.accept(op, socket, (connection) => {
    finishInstall(op, install(op, connection));
  });
}

export function sysSendto(
  op: Operation,
  fd: unknown,
  data: unknown,
  to: unknown,
): void {
  const socket = datagramSocketOf(op, fd);
  if (socket === null) return;
  const bytes = dataOf(data);
  const address = to === undefined
    ? socket.remote
    : addressOf(to, op.thread.machine.name);
  if (bytes === null || (to !== undefined && address === null)) {
    return op.fail("EINVAL", { fd: fd as number });
  }
  if (address === null) return op.fail("EDESTADDRREQ", { fd: fd as number });
  op.hold(fileOf(op, fd)!);
  op.thread.machine.network.sendTo(op, socket, bytes, address);
}

export function sysRecvfrom(op: Operation, fd: unknown, count: unknown): void {
  const socket = datagramSocketOf(op, fd);
  if (socket === null) return;
  if (readCount(count) === null) return op.fail("EINVAL");
  const file = op.thread.process.files.get(fd)!;
  op.hold(file);
  socket.receive(op, op.atDoorOne && file.nonblocking);
}

export function sysShutdown(op: Operation, fd: unknown, how: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  if (how !== "rd" && how !== "wr" && how !== "rdwr") return op.fail("EINVAL");
  finish(op, fd, op.thread.machine.network.shutdown(socket, how));
}

export function sysGetsockname(op: Operation, fd: unknown): void {
  const socket = anySocket(op, fd);
  if (socket === null) return;
  if (socket instanceof DatagramSocket) {
    const none = { host: op.thread.machine.name, port: 0 };
    return op.complete({ ...(socket.local ?? none) });
  }
  finishAddress(op, op.thread.machine.network.getsockname(socket));
}

export function sysGetpeername(op: Operation, fd: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  finishAddress(op, op.thread.machine.network.getpeername(socket));
}

const SWITCHES = ["reuseAddress", "linger0", "nodelay", "delayedAck"];
const SIZES = ["sendBufferBytes", "receiveBufferBytes"];

export function sysSetsockopt(
  op: Operation,
  fd: unknown,
  options: unknown,
): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  const fields = fieldsOf(options, [...SWITCHES, ...SIZES]);
  if (fields === null) return op.fail("EINVAL");
  const isFine = SWITCHES.every((name) => isOptionalBoolean(fields[name])) &&
    SIZES.every((name) => isOptionalSize(fields[name]));
  if (!isFine) return op.fail("EINVAL");
  op.thread.machine.network.setsockopt(socket, fields as object);
  op.complete(undefined);
}

function isOptionalSize(value: unknown): boolean {
  return value === undefined ||
    isCount(value, SOCKET_BUFFER_BYTES_MAX) &&
      value >= SOCKET_BUFFER_BYTES_MIN;
}

function anySocket(
  op: Operation,
  fd: unknown,
): SocketObject | DatagramSocket | null {
  const file = opened(op, fd);
  if (file === null) return null;
  const { object } = file;
  if (object instanceof SocketObject || object instanceof DatagramSocket) {
    return object;
  }
  op.fail("ENOTSOCK", { fd: fd as number });
  return null;
}

function socketOf(op: Operation, fd: unknown): SocketObject | null {
  const socket = anySocket(op, fd);
  if (!(socket instanceof DatagramSocket)) return socket;
  op.fail("EOPNOTSUPP", { fd: fd as number });
  return null;
}

function datagramSocketOf(op: Operation, fd: unknown): DatagramSocket | null {
  const socket = anySocket(op, fd);
  if (socket === null || socket instanceof DatagramSocket) return socket;
  op.fail("EOPNOTSUPP", { fd: fd as number });
  return null;
}

function addressOf(value: unknown, defaultHost: string): Address | null {
  const fields = fieldsOf(value, ["host", "port"]);
  if (fields === null || !isCount(fields.port, PORT_MAX)) return null;
  const host = fields.host ?? defaultHost;
  return typeof host === "string" ? { host, port: fields.port } : null;
}

function finish(op: Operation, fd: unknown, error: ErrorCode | null): void {
  if (error === null) op.complete(undefined);
  else op.fail(error, { fd: fd as number });
}

function finishAddress(op: Operation, result: Address | ErrorCode): void {
  if (typeof result === "string") op.fail(result);
  else op.complete(result);
}
