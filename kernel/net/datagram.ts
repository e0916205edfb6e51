// Datagrams: UDP (RFC 768), and echo as `ping` uses it (ICMP, RFC 792). A packet
// on its own, with no promise that it arrives; a socket that keeps those that
// came until somebody takes them; and senders that wait for their turn on the
// card. It does not know who is where.
//
// Divergence from Linux: no fragments, so a datagram carries at most 1472 bytes;
// nobody is told when there is no such port (no ICMP port unreachable).

import type { Address } from "../abi.ts";
import type { HeaderRecord, Packet } from "../dev/nic.ts";
import {
  type FileObject,
  type OpenFile,
  READY_IN,
  READY_OUT,
} from "../file.ts";
import { notifyReady } from "../ready.ts";
import type { Operation } from "../request.ts";
import type { Thread } from "../thread.ts";
import { type Waiter, WaitQueue } from "../wait_queue.ts";
import type { Sender } from "./egress.ts";
import {
  DATAGRAM_BUFFER_BYTES,
  DATAGRAM_HEADER_BYTES,
  FRAME_MIN_BYTES,
  FRAME_OVERHEAD_BYTES,
} from "./params.ts";

/** What a datagram is: one for a program, a question for an echo, or the echo. */
export type DatagramKind = "udp" | "echo" | "reply";

export class Datagram implements Packet {
  constructor(
    readonly kind: DatagramKind,
    readonly from: Address,
    readonly to: Address,
    readonly data: Uint8Array,
  ) {}

  get frameBytes(): number {
    const frame = DATAGRAM_HEADER_BYTES + this.data.length +
      FRAME_OVERHEAD_BYTES;
    return Math.max(frame, FRAME_MIN_BYTES);
  }

  recordHeader(trace: HeaderRecord): void {
    trace.addHeader(this.from.port, this.to.port, 0, 0, 0);
  }

  /** `kettle>mirror UDP 12 bytes`, `kettle>mirror echo request 56 bytes`. */
  describe(): string {
    const what = this.kind === "udp"
      ? "UDP"
      : this.kind === "echo"
      ? "echo request"
      : "echo reply";
    return `${this.from.host}>${this.to.host} ${what} ${this.data.length} bytes`;
  }
}

/** What `recvfrom` gives. */
export interface Received {
  data: Uint8Array;
  from: Address;
}

/** What a datagram socket asks of its stack. */
export interface DatagramHost {
  readonly machine: {
    objectCreated(what: "socket"): number;
    objectReleased(what: "socket", id: number): void;
  };
  sendTo(
    op: Operation,
    socket: DatagramSocket,
    data: Uint8Array,
    to: Address,
  ): void;
  /** The port is free again. */
  closed(socket: DatagramSocket): void;
}

export class DatagramSocket implements FileObject {
  readonly type = "socket";
  readonly seekable = false;
  readonly id: number;
  readonly watchers: WaitQueue<Operation>;
  local: Address | null = null;
  /** Where `write` goes, and the only one who is heard. */
  remote: Address | null = null;
  readonly #readers: WaitQueue<Operation>;
  readonly #received: Datagram[] = [];
  #bytes = 0;

  /** Of those that nobody has taken yet. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  constructor(readonly host: DatagramHost, readonly kind: "udp" | "echo") {
    this.id = host.machine.objectCreated("socket");
    this.watchers = new WaitQueue("net", this);
    this.#readers = new WaitQueue("net", this);
  }

  describeWait(queue: object): string {
    const name = this.describe();
    return queue === this.watchers ? name : `a datagram at ${name}`;
  }

  describe(): string {
    const { local } = this;
    return local === null
      ? `socket ${this.id}`
      : `socket ${local.host}:${local.port}`;
  }

  /** Takes a datagram in; false: there is no room, or it is not for us. */
  arrive(datagram: Datagram): boolean {
    const { from, data } = datagram;
    const { remote } = this;
    if (
      remote !== null &&
      (remote.host !== from.host || remote.port !== from.port)
    ) {
      return false;
    }
    const op = this.#readers.first;
    if (op !== null) {
      give(op, datagram);
      return true;
    }
    if (this.#bytes + data.length > DATAGRAM_BUFFER_BYTES) return false;
    this.#bytes += data.length;
    this.#received.push(datagram);
    if (this.watchers.length > 0) notifyReady(this);
    return true;
  }

  /** The next datagram, whole or cut to `count` bytes. */
  receive(op: Operation, nonblocking: boolean): void {
    const datagram = this.#received.shift();
    if (datagram !== undefined) {
      this.#bytes -= datagram.data.length;
      return give(op, datagram);
    }
    if (nonblocking) return op.fail("EAGAIN");
    op.park(this.#readers);
  }

  read(op: Operation, file: OpenFile): void {
    this.receive(op, op.atDoorOne && file.nonblocking);
  }

  write(op: Operation, _file: OpenFile, data: Uint8Array): void {
    if (this.remote === null) return op.fail("EDESTADDRREQ");
    this.host.sendTo(op, this, data, this.remote);
  }

  readiness(): number {
    return READY_OUT | (this.#received.length > 0 ? READY_IN : 0);
  }

  stat(op: Operation): void {
    op.complete({
      ino: this.id,
      type: "socket",
      size: 0,
      nlink: 1,
      mtimeNs: 0,
      blocks: 0,
    });
  }

  close(): void {
    this.host.closed(this);
    this.host.machine.objectReleased("socket", this.id);
  }

  wakers(): Iterable<Thread> | "outside" {
    return "outside";
  }
}

/** A read gets the bytes, `recvfrom` who sent them as well. */
function give(op: Operation, { data, from }: Datagram): void {
  const most = op.call.b as number;
  const bytes = data.length > most ? data.slice(0, most) : data;
  if (op.call.name === "read") op.complete(bytes);
  else op.complete({ data: bytes, from: { ...from } } satisfies Received);
}

/** A datagram that waits for its turn on the card; then its operation has ended. */
export class DatagramSender implements Sender {
  queue: WaitQueue<Waiter> | null = null;
  previous: Waiter | null = null;
  next: Waiter | null = null;
  #datagram: Datagram | null;

  constructor(datagram: Datagram, readonly op: Operation | null) {
    this.#datagram = datagram;
  }

  nextSegment(): Datagram | null {
    const datagram = this.#datagram;
    this.#datagram = null;
    if (datagram !== null) this.op?.complete(datagram.data.length);
    return datagram;
  }

  /** Taken back, while it waits. */
  withdraw(): boolean {
    if (this.queue === null) return false;
    this.queue.remove(this);
    this.#datagram = null;
    return true;
  }
}
