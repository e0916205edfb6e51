// One end of a TCP connection: the states of RFC 9293 §3.3.2, and what each
// arriving segment does in them. The bytes are the stream's business
// (stream.ts), making segments is outgoing.ts's, and who may connect is the
// listener's.
//
// Divergence from Linux: no TIME_WAIT, the end that closes first is CLOSED as
// soon as it has the other's FIN (first sequence numbers lie so far apart that no
// old segment fits a new connection, and a FIN that comes again is answered with
// RST); no simultaneous open (it is refused); outside a conversation, where Linux
// acknowledges every second segment in the long run, each is acknowledged at once.

import type { Address, ErrorCode } from "../abi.ts";
import { TRACE } from "../trace.ts";
import { type Egress, Single } from "./egress.ts";
import type { NetworkMachine } from "./machine.ts";
import {
  DELAYED_ACK_NS,
  FIN_TIMEOUT_NS,
  MSS_BYTES,
  RETRIES_MAX,
  SYN_ACK_GIVE_UP_NS,
  SYN_ACK_RETRIES_NS,
  SYN_GIVE_UP_NS,
  SYN_RETRIES_NS,
} from "./params.ts";
import { ConnectionTimer } from "./connection_timer.ts";
import { Outgoing } from "./outgoing.ts";
import { Retry } from "./retry.ts";
import { RoundTrip } from "./round_trip.ts";
import { ACK, FIN, resetFor, RST, type Segment, SYN } from "./segment.ts";
import { Stream } from "./stream.ts";

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

/** Told once how the handshake ended: null is established. */
export type HandshakeEnd = (error: ErrorCode | null) => void;

export interface ConnectionParts {
  machine: NetworkMachine;
  owner: ConnectionOwner;
  egress: Egress;
  local: Address;
  remote: Address;
  /** Its first sequence number. */
  first: number;
}

export class Connection {
  state: TcpState = "CLOSED";
  /** It has been ESTABLISHED, now or before. */
  established = false;
  readonly stream: Stream;
  readonly owner: ConnectionOwner;
  readonly local: Address;
  readonly remote: Address;
  #machine: NetworkMachine;
  #egress: Egress;
  #outgoing: Outgoing;
  #onHandshake: HandshakeEnd | null = null;
  #timer: Retry | null = null;
  readonly roundTrip = new RoundTrip();
  /** Segments sent again, the SYN included. */
  retransmissions = 0;
  readonly #lost: ConnectionTimer;
  readonly #ackLater: ConnectionTimer;
  /** Acknowledgements wait for data to travel with, or for a second segment; null: in a conversation. */
  delayedAck: boolean | null = null;
  /** Bytes that came and were not acknowledged. */
  #unanswered = 0;
  /** When bytes last came, ns. */
  #heardNs = -Infinity;
  /** What came was answered with bytes, soon: so the next will be (Linux's pingpong mode, tcp_pingpong_thresh 1). */
  #converses = false;
  /** Time-outs in a row. */
  #timeouts = 0;
  /** Questions for room in a row. */
  #probes = 0;
  /** The program has closed it. */
  #orphan = false;

  constructor(parts: ConnectionParts) {
    this.#machine = parts.machine;
    this.#egress = parts.egress;
    this.owner = parts.owner;
    const { local, remote } = parts;
    this.local = local;
    this.remote = remote;
    this.stream = new Stream(parts.first, this);
    this.#outgoing = new Outgoing(this, parts.egress, this.stream);
    this.#lost = new ConnectionTimer(parts.machine, this);
    this.#ackLater = new ConnectionTimer(parts.machine, this);
  }

  // ----------------------------------------------------------- for its parts

  describe(): string {
    return this.owner.describe();
  }

  /** The program has written something, or made room. */
  moved(): void {
    this.#outgoing.offer();
  }

  /** What is sent may get lost, or no longer: the timer runs accordingly. */
  pathChanged(): void {
    this.#probes = 0;
    if (this.established) this.#watch();
  }

  timeIsOver(timer: ConnectionTimer): void {
    if (timer === this.#lost) this.#timedOut();
    else this.#ackIsLate();
  }

  /** Bytes went out. */
  sent(end: number, again: boolean): void {
    if (again) {
      this.roundTrip.sentAgain();
      this.retransmissions++;
    } else {
      const { now } = this.#machine.clock;
      this.roundTrip.sent(end, now);
      if (now - this.#heardNs < DELAYED_ACK_NS) this.#converses = true;
    }
    if (!this.#lost.isArmed) this.#lost.start(this.roundTrip.timeoutNs, false);
  }

  /** A segment goes out, and every segment acknowledges. */
  answered(): void {
    this.#unanswered = 0;
    this.#ackLater.stop();
  }

  // ----------------------------------------------------------- opening

  /** Active open: the SYN, and again at its times, until somebody answers. */
  connect(onEnd: HandshakeEnd): void {
    this.#onHandshake = onEnd;
    this.#to("SYN_SENT");
    this.#repeatSyn(SYN_RETRIES_NS, SYN_GIVE_UP_NS);
  }

  /** Passive open: the SYN that came is answered. */
  answer(syn: Segment, onEnd: HandshakeEnd): void {
    const { sending, receiving } = this.stream;
    this.#onHandshake = onEnd;
    receiving.start(syn.end);
    sending.windowEnds = sending.next + 1 + syn.window;
    this.#outgoing.answering = true;
    this.#to("SYN_RCVD");
    this.#repeatSyn(SYN_ACK_RETRIES_NS, SYN_ACK_GIVE_UP_NS);
  }

  /** Whoever wanted the connection wants it no more. */
  giveUp(): void {
    this.#onHandshake = null;
    this.#end();
  }

  #repeatSyn(again: readonly number[], giveUpNs: number): void {
    const onAgain = () => {
      this.#outgoing.synDue = true;
      this.#outgoing.offer();
      this.roundTrip.sentAgain();
      this.retransmissions++;
    };
    const onGiveUp = () => this.#end("ETIMEDOUT");
    const plan = { again, giveUpNs, onAgain, onGiveUp };
    this.#timer = new Retry(this.#machine, plan);
    onAgain();
    this.retransmissions = 0; // that was the first
    this.roundTrip.sent(0, this.#machine.clock.now);
  }

  /** The peer has our SYN and we have its. */
  #established(segment: Segment): void {
    this.#stopTimer();
    this.#outgoing.synDue = false;
    this.established = true;
    this.roundTrip.acknowledged(Infinity, this.#machine.clock.now);
    this.#to("ESTABLISHED");
    this.stream.sending.start(segment.acknowledgement);
    this.#acknowledged(segment);
    const tell = this.#onHandshake;
    this.#onHandshake = null;
    tell?.(null);
    this.owner.readinessChanged();
  }

  // ----------------------------------------------------------- a segment arrives

  arrive(segment: Segment): void {
    if (this.state === "CLOSED") return;
    if (this.state === "SYN_SENT") this.#arriveSynSent(segment);
    else this.#arriveLater(segment);
    this.#outgoing.offer();
  }

  #arriveSynSent(segment: Segment): void {
    const { sending, receiving } = this.stream;
    const answers = segment.has(ACK) &&
      segment.acknowledgement === sending.next;
    if (segment.has(RST)) {
      if (answers) this.#end("ECONNREFUSED");
    } else if (segment.has(SYN) && answers) {
      receiving.start(segment.end);
      this.#outgoing.ackDue = true;
      this.#established(segment);
    } else if (segment.has(ACK)) {
      // The peer still has an older connection of these two ports: away with it.
      this.#egress.offer(new Single(resetFor(segment)));
    } else {
      this.#end("ECONNREFUSED");
    }
  }

  #arriveLater(segment: Segment): void {
    if (segment.has(RST)) return this.#arriveReset(segment);
    if (segment.has(SYN)) return this.#arriveAgain();
    const { highest } = this.stream.sending;
    if (!segment.has(ACK) || segment.acknowledgement > highest) return;
    if (this.state !== "SYN_RCVD") this.#acknowledged(segment);
    else if (segment.acknowledgement < highest) return;
    else this.#established(segment);
    if (segment.data.length > 0) this.#arriveData(segment);
    else if (segment.sequence < this.stream.receiving.next) this.#answerOld();
    if (segment.has(FIN)) this.#arriveFin(segment);
  }

  /** A probe, or an acknowledgement that is late: the peer is told how things are. */
  #answerOld(): void {
    if (this.state !== "CLOSED") this.#outgoing.ackDue = true;
  }

  /** A SYN or SYN+ACK that is known already: what answers it got lost or late. */
  #arriveAgain(): void {
    if (this.state === "SYN_RCVD") this.#outgoing.synDue = true;
    else this.#outgoing.ackDue = true;
  }

  #acknowledged(segment: Segment): void {
    const { sending } = this.stream;
    const { acknowledgement } = segment;
    const ends = acknowledgement + segment.window;
    const isSame = ends === sending.windowEnds;
    sending.windowEnds = Math.max(sending.windowEnds, ends);
    if (acknowledgement <= sending.unacknowledged) {
      const isDuplicate = isSame && sending.flight > 0 &&
        acknowledgement === sending.unacknowledged &&
        segment.data.length === 0 && !segment.has(FIN);
      if (isDuplicate) sending.acknowledgedAgain();
      if (sending.flight === 0) this.#timeouts = 0; // it is there, without room
      return this.#watch();
    }
    const { writable } = this.stream;
    this.roundTrip.acknowledged(acknowledgement, this.#machine.clock.now);
    this.#timeouts = this.#probes = 0;
    sending.acknowledge(acknowledgement);
    sending.refill();
    this.#lost.stop();
    this.#watch();
    if (sending.finAcknowledged) this.#finAcknowledged();
    if (this.stream.writable !== writable) this.owner.readinessChanged();
  }

  // ----------------------------------------------------------- losses

  /** The timer runs while an answer, or room, is waited for. */
  #watch(): void {
    const { sending } = this.stream;
    const wantsRoom = sending.unsent > 0 && sending.sendable() === 0;
    const isWaiting = sending.flight > 0 || wantsRoom;
    if (!isWaiting || this.stream.over) this.#lost.stop();
    else if (!this.#lost.isArmed) this.#startTimer();
  }

  /** Where nothing gets lost, no news of room does: then to ask is no reason for time to go on. */
  #startTimer(): void {
    const asks = this.stream.sending.flight === 0;
    const hasAnswered = this.#timeouts < 2; // all questions but the last
    const isVain = asks && (!this.#egress.mayLose ||
      (hasAnswered && this.#probes > RETRIES_MAX));
    this.#lost.start(this.roundTrip.timeoutNs, isVain);
  }

  /** Nothing came back in time. */
  #timedOut(): void {
    const { sending } = this.stream;
    if (this.stream.over) return;
    if (++this.#timeouts > RETRIES_MAX) return this.#broke("ETIMEDOUT");
    this.roundTrip.timedOut();
    const asks = sending.flight === 0;
    if (asks) {
      this.#outgoing.probeDue = true;
      this.#probes++;
    } else sending.goBack();
    this.#startTimer();
    this.#outgoing.offer();
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
    if (this.state === "CLOSED") return;
    const { receiving } = this.stream;
    const isNew = segment.sequence + segment.data.length > receiving.next;
    if (isNew && this.#nobodyReads) return this.#resetBoth();
    const isNext = receiving.arrive(segment.sequence, segment.data);
    if (isNext && !receiving.hasGap) this.#answer(segment.data.length);
    else this.#answerNow();
    if (!isNext) return;
    this.owner.readinessChanged();
    if (receiving.finHere) this.#finCame();
  }

  /** Bytes came in order: they are acknowledged now, or soon (RFC 1122 §4.2.3.2). */
  #answer(bytes: number): void {
    this.#unanswered += bytes;
    this.#heardNs = this.#machine.clock.now;
    const mayWait = this.delayedAck ?? this.#converses;
    if (!mayWait || this.#unanswered >= 2 * MSS_BYTES) {
      this.#outgoing.ackDue = true;
    } else if (!this.#ackLater.isArmed) {
      this.#ackLater.start(DELAYED_ACK_NS, false);
    }
  }

  /** Something is missing, or came twice: the peer hears of it at once. */
  #answerNow(): void {
    this.#converses = false;
    this.#outgoing.ackDue = true;
  }

  /** Nothing was said that it could have travelled with. */
  #ackIsLate(): void {
    this.#answerNow();
    this.#outgoing.offer();
  }

  /** Both ways are shut from here: data is for nobody. */
  get #nobodyReads(): boolean {
    return (this.#orphan || this.stream.readShut) &&
      (this.state === "FIN_WAIT1" || this.state === "FIN_WAIT2");
  }

  #arriveFin(segment: Segment): void {
    const { receiving } = this.stream;
    if (this.state === "CLOSED") return;
    this.#outgoing.ackDue = true;
    if (receiving.ended) return;
    receiving.finAt = segment.end - 1;
    if (receiving.finHere) this.#finCame();
  }

  /** The peer's FIN is next. */
  #finCame(): void {
    const { receiving } = this.stream;
    if (receiving.ended) return;
    receiving.next++;
    receiving.ended = true;
    if (this.state === "ESTABLISHED") this.#to("CLOSE_WAIT");
    else if (this.state === "FIN_WAIT1") this.#to("CLOSING");
    else this.#end();
    this.stream.inputEnded();
    this.owner.readinessChanged();
  }

  /** The peer broke it off. What arrived before can still be read. */
  #arriveReset(segment: Segment): void {
    const { receiving } = this.stream;
    if (!receiving.expects(segment.sequence)) return;
    this.#broke(receiving.ended ? null : "ECONNRESET");
  }

  /** Data came for nobody: both ends are told. */
  #resetBoth(): void {
    this.#broke(this.#orphan ? null : "ECONNRESET");
    this.#outgoing.resetDue = true;
    this.#outgoing.offer();
  }

  /** It is over at once, for both directions. */
  #broke(error: ErrorCode | null): void {
    this.#outgoing.ackDue = false;
    this.#end("ECONNRESET");
    this.stream.broke(error);
    this.owner.readinessChanged();
  }

  /** Its buffers have another size. */
  resized(): void {
    this.stream.sending.refill();
    this.owner.readinessChanged();
    this.#outgoing.offer();
  }

  // ----------------------------------------------------------- closing

  shutdownRead(): void {
    this.stream.shutdownRead();
    this.owner.readinessChanged();
  }

  /** A FIN follows the last byte written. */
  shutdownWrite(): void {
    if (this.stream.writeEnded) return;
    this.stream.shutdownWrite();
    this.#to(this.state === "CLOSE_WAIT" ? "LAST_ACK" : "FIN_WAIT1");
    this.#outgoing.offer();
    this.owner.readinessChanged();
  }

  /** The program lets go of it: what was written still goes out. */
  close(): void {
    if (this.state === "CLOSED") return;
    if (this.stream.receiving.buffer.length > 0) return this.abort();
    this.#orphan = true;
    this.shutdownWrite();
    this.#limitOrphan();
  }

  /** Breaks it off: RST. */
  abort(): void {
    if (this.state === "CLOSED") return;
    this.#end();
    this.stream.discard();
    this.#outgoing.resetDue = true;
    this.#outgoing.offer();
  }

  /** The power is gone: no timer fires, nothing is told. */
  vanish(): void {
    this.#stopTimer();
    this.#lost.stop();
    this.#ackLater.stop();
    this.state = "CLOSED";
    this.stream.over = true;
    this.#outgoing.clear();
  }

  /** CLOSED: the timers stop, and the socket and the stack forget it. */
  #end(error: ErrorCode = "ECONNRESET"): void {
    this.#stopTimer();
    this.#lost.stop();
    this.#ackLater.stop();
    this.#outgoing.synDue = false;
    this.#to("CLOSED");
    this.stream.over = true;
    this.owner.connectionClosed();
    if (this.established) return;
    this.stream.neverOpened();
    const tell = this.#onHandshake;
    this.#onHandshake = null;
    tell?.(error);
    this.owner.readinessChanged();
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
    const before = this.state;
    this.state = state;
    const machine = this.#machine;
    if (!machine.trace.on) return;
    const change = `${before}>${state}`;
    const { owner, local, remote } = this;
    machine.emit(TRACE.tcp_state, owner.id, local.port, remote.port, change);
  }
}
