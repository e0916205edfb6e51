// Handlers of the socket calls: look at the arguments, find the socket, then
// one call to the network stack.

import type { Address, ErrorCode } from "./abi.ts";
import { fieldsOf, isCount, isOptionalBoolean } from "./arguments.ts";
import { O_RDWR } from "./abi.ts";
import { OpenFile } from "./file.ts";
import { SocketObject } from "./net/mod.ts";
import type { Operation } from "./request.ts";
import { finishInstall, opened } from "./sys_file.ts";

const PORT_MAX = 65_535;

export function sysSocket(op: Operation, kind: unknown): void {
  if (kind !== "stream") return op.fail("EINVAL");
  const { files } = op.thread.process;
  if (files.full) return op.fail("EMFILE");
  finishInstall(op, install(op, op.thread.machine.network.socket()));
}

function install(op: Operation, socket: SocketObject): number | ErrorCode {
  const file = new OpenFile(op.thread.machine, socket, O_RDWR);
  return op.thread.process.files.install(file);
}

export function sysBind(op: Operation, fd: unknown, to: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  const address = addressOf(to, op.thread.machine.name);
  if (address === null) return op.fail("EINVAL", { fd: fd as number });
  finish(op, fd, op.thread.machine.network.bind(socket, address));
}

export function sysListen(op: Operation, fd: unknown, backlog: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  if (!isCount(backlog, PORT_MAX)) return op.fail("EINVAL");
  finish(op, fd, op.thread.machine.network.listen(socket, backlog));
}

export function sysConnect(op: Operation, fd: unknown, to: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  const address = addressOf(to, "localhost");
  if (address === null || address.port === 0) {
    return op.fail("EINVAL", { reason: "an address is { host, port }" });
  }
  op.hold(op.thread.process.files.get(fd)!);
  op.thread.machine.network.connect(op, socket, address);
}

export function sysAccept(op: Operation, fd: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  op.hold(op.thread.process.files.get(fd)!);
  op.thread.machine.network.accept(op, socket, (connection) => {
    finishInstall(op, install(op, connection));
  });
}

export function sysShutdown(op: Operation, fd: unknown, how: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  if (how !== "rd" && how !== "wr" && how !== "rdwr") return op.fail("EINVAL");
  finish(op, fd, op.thread.machine.network.shutdown(socket, how));
}

export function sysGetsockname(op: Operation, fd: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  finishAddress(op, op.thread.machine.network.getsockname(socket));
}

export function sysGetpeername(op: Operation, fd: unknown): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  finishAddress(op, op.thread.machine.network.getpeername(socket));
}

export function sysSetsockopt(
  op: Operation,
  fd: unknown,
  options: unknown,
): void {
  const socket = socketOf(op, fd);
  if (socket === null) return;
  const fields = fieldsOf(options, ["reuseAddress", "linger0"]);
  if (
    fields === null || !isOptionalBoolean(fields.reuseAddress) ||
    !isOptionalBoolean(fields.linger0)
  ) return op.fail("EINVAL");
  op.thread.machine.network.setsockopt(socket, fields as object);
  op.complete(undefined);
}

function socketOf(op: Operation, fd: unknown): SocketObject | null {
  const file = opened(op, fd);
  if (file === null) return null;
  if (file.object instanceof SocketObject) return file.object;
  op.fail("ENOTSOCK", { fd: fd as number });
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
