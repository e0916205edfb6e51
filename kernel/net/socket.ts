// A stream socket as a file: fresh, listening, or one end of a connection. It
// passes reads and writes on, says when it is ready, and gives everything back
// when the program has let go of it and TCP is through with it. It does not know
// the protocol.
//
// Divergence from Linux: `connect` always waits, O_NONBLOCK or not.

import type { Address } from "../abi.ts";
import {
  type FileObject,
  type OpenFile,
  READY_ERR,
  READY_HUP,
  READY_IN,
  READY_OUT,
  READY_RDHUP,
} from "../file.ts";
import { notifyReady } from "../ready.ts";
import type { Operation } from "../request.ts";
import type { Thread } from "../thread.ts";
import { TRACE } from "../trace.ts";
import { WaitQueue } from "../wait_queue.ts";
import type { Connection, ConnectionOwner } from "./connection.ts";
import type { Listener } from "./listener.ts";
import { RECEIVE_BUFFER_BYTES, SEND_BUFFER_BYTES } from "./params.ts";
import type { NetworkStack } from "./stack.ts";

export class SocketObject implements FileObject, ConnectionOwner {
  readonly type = "socket";
  readonly seekable = false;
  readonly id: number;
  #watchers: WaitQueue<Operation> | null = null;
  /** Where it is bound; null: nowhere yet. */
  local: Address | null = null;
  /** The port is its own: it is given back at the end. */
  ownsPort = false;
  /** The port was chosen by `connect`. */
  autobound = false;
  linger0 = false;
  nodelay = true;
  /** null: as TCP sees fit. */
  delayedAck: boolean | null = null;
  sendBufferBytes = SEND_BUFFER_BYTES;
  receiveBufferBytes = RECEIVE_BUFFER_BYTES;
  listener: Listener | null = null;
  /** The listening socket that has it, until it is accepted. */
  waitsAt: SocketObject | null = null;
  connection: Connection | null = null;
  #stack: NetworkStack;
  #closed = false;
  #released = false;

  constructor(stack: NetworkStack) {
    this.#stack = stack;
    this.id = stack.machine.objectCreated("socket");
  }

  get watchers(): WaitQueue<Operation> {
    return this.#watchers ??= new WaitQueue("net", this);
  }
  get isWatched(): boolean {
    return this.#watchers !== null && this.#watchers.length > 0;
  }

  describeWait(): string {
    return this.describe();
  }

  /** `socket kettle:32768 to mirror:80` */
  describe(): string {
    if (this.local === null) return `socket ${this.id}`;
    const at = `socket ${this.local.host}:${this.local.port}`;
    if (this.listener !== null) return `${at} (listening)`;
    const remote = this.connection?.remote;
    return remote === undefined ? at : `${at} to ${remote.host}:${remote.port}`;
  }

  read(op: Operation, file: OpenFile, count: number): void {
    if (this.connection === null) return op.fail("ENOTCONN");
    this.connection.stream.read(op, count, op.atDoorOne && file.nonblocking);
  }

  write(op: Operation, file: OpenFile, data: Uint8Array): void {
    if (this.connection === null) return op.fail("EPIPE");
    this.connection.stream.write(op, data, op.atDoorOne && file.nonblocking);
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

  readiness(_file: OpenFile): number {
    if (this.listener !== null) return this.listener.waiting > 0 ? READY_IN : 0;
    const { connection } = this;
    // Never connected: reading and writing fail at once.
    if (connection === null) return READY_IN | READY_OUT | READY_HUP;
    const { stream } = connection;
    let bits = 0;
    if (stream.error !== null) bits |= READY_ERR;
    if (stream.readable) bits |= READY_IN;
    if (stream.readEnded) bits |= READY_RDHUP;
    if (stream.writeEnded || stream.writable) bits |= READY_OUT;
    if (stream.readEnded && stream.writeEnded) bits |= READY_HUP;
    return bits;
  }

  /** What the program has chosen goes for its connection. */
  applyOptions(): void {
    if (this.connection === null) return;
    const { sending, receiving } = this.connection.stream;
    sending.nodelay = this.nodelay;
    sending.buffer.limit = this.sendBufferBytes;
    receiving.buffer.limit = this.receiveBufferBytes;
    this.connection.delayedAck = this.delayedAck;
    if (this.connection.established) this.connection.resized();
  }

  readinessChanged(): void {
    if (this.isWatched) notifyReady(this);
  }

  /** The last reference to its description is gone. */
  close(_file?: OpenFile): void {
    this.#closed = true;
    this.stopListening();
    if (this.linger0) this.connection?.abort();
    else this.connection?.close();
    this.#releaseIfDone();
  }

  /** Nobody will accept it: the peer gets a RST. */
  dismiss(): void {
    this.linger0 = true;
    this.close();
  }

  stopListening(): void {
    const { listener } = this;
    this.listener = null;
    listener?.close();
  }

  /** How many wait to be accepted has changed. */
  traceQueue(waiting: number, backlog: number): void {
    const { machine } = this.#stack;
    machine.counters?.queueIs(waiting);
    if (machine.trace.on) {
      machine.emit(TRACE.listen_queue, this.id, waiting, backlog);
    }
  }

  connectionClosed(): void {
    const { connection } = this;
    if (connection === null) return;
    this.#stack.connections.remove(connection);
    this.#stack.counters.ended(connection);
    if (!connection.established) this.#unconnect();
    this.#releaseIfDone();
  }

  /** Other threads that could end a wait here, or "outside". */
  wakers(_op: Operation): Iterable<Thread> | "outside" {
    const peer = this.connection && this.#stack.peerOf(this.connection);
    return peer ? this.#stack.machine.holdersOf(peer) : "outside";
  }

  /** A connection that never came to be: the socket can be used again. */
  #unconnect(): void {
    this.connection = null;
    if (!this.autobound) return;
    this.#releasePort();
    this.local = null;
    this.autobound = false;
  }

  #releasePort(): void {
    if (this.ownsPort) this.#stack.ports.release(this.local!.port);
    this.ownsPort = false;
  }

  #releaseIfDone(): void {
    if (!this.#closed || this.#released) return;
    if (this.connection !== null && this.connection.state !== "CLOSED") return;
    this.#released = true;
    this.#releasePort();
    this.#stack.machine.objectReleased("socket", this.id);
  }
}
