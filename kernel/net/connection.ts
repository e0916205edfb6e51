// One end of a TCP connection: the states of RFC 9293 §3.3.2, and what each
// arriving segment does in them. The bytes are the two halves' business
// (send_half.ts, receive_half.ts); who may connect is the listener's.
//
// What is to be sent is a set of facts (a SYN is due, an ACK is due, there are
// bytes and a window for them); a segment is made of them when the card has
// room, in `nextSegment`.
//
// Divergence from Linux: no TIME_WAIT, the end that closes first is CLOSED as
// soon as it has the other's FIN; no simultaneous open (it is refused); every
// segment with data is acknowledged at once (no delayed ACK); an orphan with
// nobody to read resets the connection when data comes, as Linux does.

import type { Address, ErrorCode } from "../abi.ts";
import { NO_BYTES } from "../bytes.ts";
import type { Operation } from "../request.ts";
import { TRACE } from "../trace.ts";
import type { Waiter, WaitQueue } from "../wait_queue.ts";
import type { Egress, Sender } from "./egress.ts";
import type { NetworkMachine } from "./machine.ts";
import {
  FIN_TIMEOUT_NS,
  SYN_ACK_GIVE_UP_NS,
  SYN_ACK_RETRIES_NS,
  SYN_GIVE_UP_NS,
  SYN_RETRIES_NS,
} from "./params.ts";
import { ReceiveHalf } from "./receive_half.ts";
import { Retry } from "./retry.ts";
import { ACK, FIN, RST, Segment, SYN } from "./segment.ts";
import { SendHalf } from "./send_half.ts";

export type TcpState =
  | "CLOSED"
  | "LISTEN"
  | "SYN_SENT"
  | "SYN_RCVD"
  | "ESTABLISHED"
  | "FIN_WAIT1"
  | "FIN_WAIT2"
  | "CLOSING"
  | "CLOSE_WAIT"
  | "LAST_ACK";

/** Who has to know what becomes of a connection: its socket. */
export interface ConnectionOwner {
  readonly id: number;
  describe(): string;
  /** What could be read or written has changed. */
  readinessChanged(): void;
  /** The state is CLOSED: nothing more will come. */
  connectionClosed(): void;
}

export interface ConnectionParts {
  machine: NetworkMachine;
  owner: ConnectionOwner;
  egress: Egress;
  local: Address;
  remote: Address;
  /** Its first sequence number. */
  first: number;
}

export class Connection implements Sender {
  // A link in the egress line.
  queue: WaitQueue<Waiter> | null = null;
  previous: Waiter | null = null;
  next: Waiter | null = null;

  state: TcpState = "CLOSED";
  readonly owner: ConnectionOwner;
  readonly local: Address;
  readonly remote: Address;
  readonly sending: SendHalf;
  readonly receiving: ReceiveHalf;
  /** It has been ESTABLISHED, now or before. */
  established = false;
  /** A passive one has been established, or will never be. */
  onHandshakeEnd: ((established: boolean) => void) | null = null;
  /** An error to be told once, to whoever reads or writes next. */
  error: ErrorCode | null = null;
  #machine: NetworkMachine;
  #egress: Egress;
  #connecting: Operation | null = null;
  #timer: Retry | null = null;
  /** The program has closed it. */
  #orphan = false;
  #readShut = false;
  #synDue = false;
  #ackDue = false;
  #resetDue = false;

  constructor(parts: ConnectionParts) {
    this.#machine = parts.machine;
    this.#egress = parts.egress;
    this.owner = parts.owner;
    this.local = parts.local;
    this.remote = parts.remote;
    const who = () => this.owner.describe();
    this.sending = new SendHalf(parts.first, () => `room in ${who()}`);
    this.sending.writers.onLeave = () => this.#output();
    this.receiving = new ReceiveHalf(() => `bytes from ${who()}`);
  }

  // ----------------------------------------------------------- opening

  /** Active open: the SYN, and again at its times, until somebody answers. */
  connect(op: Operation): void {
    this.#connecting = op;
    const describe = () => `an answer to ${this.owner.describe()}`;
    op.waitFor({ kind: "net", describe }, () => {
      this.#connecting = null;
      this.#end();
      return true;
    });
    this.#to("SYN_SENT");
    this.#repeatSyn(SYN_RETRIES_NS, SYN_GIVE_UP_NS, () => {
      this.#refused("ETIMEDOUT");
    });
  }

  /** Passive open: the SYN that came is answered. */
  answer(syn: Segment): void {
    this.receiving.start(syn.end);
    this.sending.windowEnds = this.sending.next + 1 + syn.window;
    this.#to("SYN_RCVD");
    this.#repeatSyn(SYN_ACK_RETRIES_NS, SYN_ACK_GIVE_UP_NS, () => this.#end());
  }

  #repeatSyn(again: readonly number[], giveUpNs: number, onGiveUp: () => void) {
    const send = () => {
      this.#synDue = true;
      this.#output();
    };
    const plan = { again, giveUpNs, onAgain: send, onGiveUp };
    this.#timer = new Retry(this.#machine, plan);
    send();
  }

  /** The peer has our SYN and we have its. */
  #established(segment: Segment): void {
    this.#stopTimer();
    this.#synDue = false;
    this.established = true;
    this.#to("ESTABLISHED");
    this.sending.start(segment.acknowledgement);
    this.#acknowledged(segment);
    const op = this.#connecting;
    this.#connecting = null;
    op?.complete(undefined);
    this.onHandshakeEnd?.(true);
    this.onHandshakeEnd = null;
    this.owner.readinessChanged();
  }

  #refused(code: ErrorCode): void {
    const op = this.#connecting;
    this.#connecting = null;
    this.#end();
    op?.fail(code);
    this.owner.readinessChanged();
  }

  // ----------------------------------------------------------- a segment arrives

  arrive(segment: Segment): void {
    switch (this.state) {
      case "CLOSED":
        return;
      case "SYN_SENT":
        this.#arriveSynSent(segment);
        break;
      default:
        this.#arriveLater(segment);
    }
    this.#output();
  }

  #arriveSynSent(segment: Segment): void {
    const answers = segment.has(ACK) &&
      segment.acknowledgement === this.sending.next;
    if (segment.has(RST)) {
      if (answers) this.#refused("ECONNREFUSED");
    } else if (segment.has(SYN) && answers) {
      this.receiving.start(segment.end);
      this.#ackDue = true;
      this.#established(segment);
    } else if (!segment.has(ACK)) {
      this.#refused("ECONNREFUSED");
    }
  }

  #arriveLater(segment: Segment): void {
    if (segment.has(RST)) return this.#arriveReset(segment);
    if (segment.has(SYN)) return this.#arriveAgain();
    if (!segment.has(ACK)) return;
    if (segment.acknowledgement > this.sending.next) return;
    if (this.state !== "SYN_RCVD") this.#acknowledged(segment);
    else if (segment.acknowledgement < this.sending.next) return;
    else this.#established(segment);
    if (segment.data.length > 0) this.#arriveData(segment);
    if (segment.has(FIN)) this.#arriveFin(segment);
  }

  /** A SYN or SYN+ACK that is known already: what answers it got lost or late. */
  #arriveAgain(): void {
    if (this.state === "SYN_RCVD") this.#synDue = true;
    else this.#ackDue = true;
  }

  #acknowledged(segment: Segment): void {
    const { sending } = this;
    const { acknowledgement } = segment;
    sending.windowEnds = Math.max(
      sending.windowEnds,
      acknowledgement + segment.window,
    );
    if (acknowledgement <= sending.unacknowledged) return;
    sending.acknowledge(acknowledgement);
    sending.refill();
    if (sending.finAcknowledged) this.#finAcknowledged();
    this.owner.readinessChanged();
  }

  #finAcknowledged(): void {
    if (this.state === "FIN_WAIT1") {
      this.#to("FIN_WAIT2");
      this.#limitOrphan();
    } else if (this.state === "CLOSING" || this.state === "LAST_ACK") {
      this.#end();
    }
  }

  #arriveData(segment: Segment): void {
    const { receiving } = this;
    if (this.state === "CLOSED") return;
    if (this.#nobodyReads) return this.#resetBoth();
    this.#ackDue = true;
    if (segment.sequence !== receiving.next) return;
    receiving.take(segment.data);
    receiving.serve();
    this.owner.readinessChanged();
  }

  /** Both ways are shut from here: data is for nobody. */
  get #nobodyReads(): boolean {
    return (this.#orphan || this.#readShut) &&
      (this.state === "FIN_WAIT1" || this.state === "FIN_WAIT2");
  }

  #arriveFin(segment: Segment): void {
    const { receiving } = this;
    if (this.state === "CLOSED") return;
    this.#ackDue = true;
    if (receiving.ended || segment.end !== receiving.next + 1) return;
    receiving.next++;
    receiving.ended = true;
    if (this.state === "ESTABLISHED") this.#to("CLOSE_WAIT");
    else if (this.state === "FIN_WAIT1") this.#to("CLOSING");
    else this.#end();
    receiving.endReaders();
    this.owner.readinessChanged();
  }

  /** The peer broke it off. What arrived before can still be read. */
  #arriveReset(segment: Segment): void {
    const { receiving } = this;
    if (!receiving.expects(segment.sequence)) return;
    if (this.state !== "SYN_RCVD" && !receiving.ended) {
      this.error = "ECONNRESET";
    }
    this.#broken();
  }

  /** It is over at once, for both directions. */
  #broken(): void {
    this.#ackDue = false;
    this.#end();
    this.sending.buffer.clear();
    this.receiving.endReaders((op) => {
      const error = this.takeError();
      if (error === null) op.complete(NO_BYTES);
      else op.fail(error);
    });
    this.sending.endWriters((op) => op.fail(this.takeError() ?? "EPIPE"));
    this.owner.readinessChanged();
  }

  // ----------------------------------------------------------- the program's side

  read(op: Operation, count: number, nonblocking: boolean): void {
    const { receiving } = this;
    if (receiving.buffer.length > 0 && receiving.readers.length === 0) {
      receiving.give(op, count);
      return this.#output();
    }
    if (this.error !== null) return op.fail(this.takeError()!);
    if (this.readEnded) return op.complete(NO_BYTES);
    if (nonblocking) return op.fail("EAGAIN");
    op.park(receiving.readers);
  }

  write(op: Operation, data: Uint8Array, nonblocking: boolean): void {
    const { sending } = this;
    if (this.error !== null) return op.fail(this.takeError()!);
    if (this.writeEnded) return op.fail("EPIPE");
    if (nonblocking) {
      const room = this.writable ? sending.buffer.room : 0;
      if (room === 0) return op.fail("EAGAIN");
      data = data.subarray(0, room);
    }
    sending.write(op, data);
    this.#output();
  }

  takeError(): ErrorCode | null {
    const { error } = this;
    this.error = null;
    return error;
  }

  /** No byte will arrive, or none is wanted. */
  get readEnded(): boolean {
    return this.receiving.ended || this.#readShut || this.state === "CLOSED";
  }
  get writeEnded(): boolean {
    return this.sending.finQueued || this.state === "CLOSED";
  }
  /** A write would move something at once. */
  get writable(): boolean {
    const { open, writers, buffer } = this.sending;
    return open && writers.length === 0 && buffer.room > 0;
  }

  shutdownRead(): void {
    this.#readShut = true;
    this.receiving.endReaders();
    this.owner.readinessChanged();
  }

  /** A FIN follows the last byte written. */
  shutdownWrite(): void {
    if (this.writeEnded) return;
    this.sending.endWriters((op) => op.fail("EPIPE"));
    this.sending.finQueued = true;
    this.#to(this.state === "CLOSE_WAIT" ? "LAST_ACK" : "FIN_WAIT1");
    this.#output();
    this.owner.readinessChanged();
  }

  /** The program lets go of it: what was written still goes out. */
  close(): void {
    if (this.state === "CLOSED") return;
    if (this.receiving.buffer.length > 0) return this.abort();
    this.#orphan = true;
    this.shutdownWrite();
    this.#limitOrphan();
  }

  /** Breaks it off: RST. */
  abort(): void {
    if (this.state === "CLOSED") return;
    this.#resetDue = true;
    this.#end();
    this.sending.buffer.clear();
    this.receiving.buffer.clear();
    this.#egress.offer(this);
  }

  /** The power is gone: no timer fires, nothing is told. */
  vanish(): void {
    this.#stopTimer();
    this.state = "CLOSED";
    this.#synDue = this.#ackDue = this.#resetDue = false;
  }

  // ----------------------------------------------------------- sending

  nextSegment(): Segment | null {
    if (this.#resetDue) return this.#reset();
    if (this.#synDue) return this.#syn();
    if (this.state === "SYN_SENT" || this.state === "SYN_RCVD") return null;
    if (this.state === "CLOSED") return this.#ackDue ? this.#segment(0) : null;
    const { sending } = this;
    const count = sending.sendable();
    if (count === 0 && !sending.finDue && !this.#ackDue) return null;
    return this.#segment(count);
  }

  #reset(): Segment {
    this.#resetDue = this.#synDue = this.#ackDue = false;
    const { local, remote, sending, receiving } = this;
    const { next } = sending;
    return new Segment(local, remote, RST | ACK, next, receiving.next, 0);
  }

  #syn(): Segment {
    this.#synDue = false;
    const { local, remote, sending, receiving } = this;
    const first = sending.unacknowledged;
    sending.next = first + 1;
    const window = receiving.announce();
    return this.state === "SYN_SENT"
      ? new Segment(local, remote, SYN, first, 0, window)
      : new Segment(local, remote, SYN | ACK, first, receiving.next, window);
  }

  #segment(count: number): Segment {
    this.#ackDue = false;
    const { local, remote, sending, receiving } = this;
    const sequence = sending.next;
    const data = count > 0 ? sending.take(count) : NO_BYTES;
    let flags = ACK;
    if (sending.finDue && this.state !== "CLOSED") {
      flags |= FIN;
      sending.next++;
      sending.finSent = true;
    }
    const window = receiving.announce();
    const { next } = receiving;
    return new Segment(local, remote, flags, sequence, next, window, data);
  }

  #output(): void {
    if (this.receiving.updateDue && this.#synchronized) this.#ackDue = true;
    const { sending } = this;
    if (
      this.#synDue || this.#ackDue ||
      this.#synchronized && (sending.finDue || sending.sendable() > 0)
    ) this.#egress.offer(this);
  }

  get #synchronized(): boolean {
    const { state } = this;
    return state !== "CLOSED" && state !== "SYN_SENT" && state !== "SYN_RCVD";
  }

  // ----------------------------------------------------------- ending

  /** CLOSED: the timers stop, and the socket and the stack forget it. */
  #end(): void {
    this.#stopTimer();
    this.#synDue = false;
    this.#to("CLOSED");
    this.onHandshakeEnd?.(false);
    this.onHandshakeEnd = null;
    this.owner.connectionClosed();
    if (this.established) return;
    this.receiving.endReaders((op) => op.fail("ENOTCONN"));
    this.sending.endWriters((op) => op.fail("EPIPE"));
  }

  /** Data came for nobody: both ends are told. */
  #resetBoth(): void {
    this.#resetDue = true;
    this.error = this.#orphan ? null : "ECONNRESET";
    this.#broken();
    this.#egress.offer(this);
  }

  /** A closed socket does not wait for ever for the peer's FIN. */
  #limitOrphan(): void {
    if (!this.#orphan || this.state !== "FIN_WAIT2") return;
    const onGiveUp = () => this.#end();
    const plan = {
      again: [],
      giveUpNs: FIN_TIMEOUT_NS,
      onAgain() {},
      onGiveUp,
    };
    this.#timer = new Retry(this.#machine, plan);
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #to(state: TcpState): void {
    const change = `${this.state}>${state}`;
    this.state = state;
    const machine = this.#machine;
    if (!machine.trace.on) return;
    machine.emit(TRACE.tcp_state, this.owner.id, 0, 0, change);
  }
}
