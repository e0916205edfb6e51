// The door of the network room.

export type { TcpState } from "./connection.ts";
export {
  Cable,
  type CableEnd,
  type CableOptions,
  type CableRule,
} from "./cable.ts";
export { DatagramSocket, type Received } from "./datagram.ts";
export { hostsText, resolveHost } from "./hosts.ts";
export type { NetworkMachine } from "./machine.ts";
export { SOCKET_BUFFER_BYTES_MAX, SOCKET_BUFFER_BYTES_MIN } from "./params.ts";
export { Switch, type SwitchOptions } from "./switch.ts";
export { SocketObject } from "./socket.ts";
export { type BacklogPolicy, NetworkStack } from "./stack.ts";
