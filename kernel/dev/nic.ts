// A network card: it serializes what is put into its transmit ring onto a
// cable, back to back at the line rate, and keeps what arrives in its receive ring
// until the machine takes it. It knows the cable, the clock, its receiver and two
// callbacks (a packet was taken, there is room again), and nothing of what a
// packet means.
//
// Wire arithmetic: a frame takes its bytes and 20 more (preamble, gap) at the
// line rate, to the nearest ns. In frames back to back the rest of a ns is carried
// on, so that a burst is as long as its bits; at 1 Gb/s there is none.
//
// When the machine takes what has arrived is the receiver's affair (net/napi.ts);
// interrupts can be moderated: at least so long from one to the next.
//
// A place in the transmit ring is free again when its last bit is on the wire.
// A full one makes the sender wait; it is told when half of the ring is free. A
// full receive ring drops, and nobody is told but the trace.
//
// Divergence from Linux: the end of a transmission interrupts nobody; moderation
// is a constant (ethtool's rx-usecs), not adapted to the load.

import type { Address } from "../abi.ts";
import type { Due } from "../clock.ts";
import type { Cable, Flight } from "../net/cable.ts";
import type { NetworkMachine } from "../net/machine.ts";
import { tracePacket } from "../net/packet_trace.ts";
import { RING_FRAMES, WIRE_OVERHEAD_BYTES } from "../net/params.ts";
import { TRACE } from "../trace.ts";

/** How long a frame occupies the wire. */
export function wireNs(frameBytes: number, bitsPerSecond: number): number {
  return Math.round(wireParts(frameBytes) / bitsPerSecond);
}

/** The same as so many parts of a ns, of which `bitsPerSecond` are one. */
function wireParts(frameBytes: number): number {
  return (frameBytes + WIRE_OVERHEAD_BYTES) * 8 * 1_000_000_000;
}

/** What a card carries. */
export interface Packet {
  /** Ethernet frame: 64 to 1518 bytes. */
  readonly frameBytes: number;
  /** Whom it is for. */
  readonly to: Address;
  /** For people: `kettle>mirror SYN`. */
  describe(): string;
  /** Ports and numbers, for those who look at the trace more closely. */
  recordHeader?(trace: HeaderRecord): void;
}

/** Where a packet's header is kept: beside the event that was traced last. */
export interface HeaderRecord {
  addHeader(
    fromPort: number,
    toPort: number,
    sequence: number,
    acknowledgement: number,
    window: number,
  ): void;
}

/** What has passed since the machine was switched on; bytes are those of frames. */
export class PacketCounters {
  sentPackets = 0;
  sentBytes = 0;
  receivedPackets = 0;
  receivedBytes = 0;
  /** Arrived, and there was no room in the ring. */
  dropped = 0;
  /** Times that the card interrupted by itself; with polling fewer than frames. */
  interrupts = 0;

  sent({ frameBytes }: Packet): void {
    this.sentPackets++;
    this.sentBytes += frameBytes;
  }

  received({ frameBytes }: Packet): void {
    this.receivedPackets++;
    this.receivedBytes += frameBytes;
  }
}

/** Whoever takes packets to carry them somewhere: a card, or the loopback. */
export interface Transmitter {
  /** False: not now; `onRoom` is called when it is. */
  readonly hasRoom: boolean;
  /** What is sent may be lost on the way. */
  readonly mayLose: boolean;
  send(packet: Packet): void;
  onRoom: (() => void) | null;
}

export interface NicOptions {
  /** The cable's rate if not given; the lower of the two if given. */
  bitsPerSecond?: number;
  /** Frames each ring holds. */
  txRing?: number;
  rxRing?: number;
  /** Polled while there is much to do; false: each frame interrupts. True if not given. */
  napi?: boolean;
  /** At least so long from one interrupt to the next, ns; 0 if not given. */
  moderationNs?: number;
}

/** Whoever decides when a card's frames are taken. */
export interface Receiver {
  /** One more is in the ring. */
  arrived(card: Nic): void;
  /** The card interrupts, now. */
  interrupt(card: Nic): void;
}

/** A frame is taken when it arrives: for what has no CPU. */
const AT_ONCE: Receiver = {
  arrived: (card) => card.take(),
  interrupt: () => {},
};

export class Nic implements Transmitter, Due {
  /** `eth0`; set where it is attached. */
  name = "eth";
  readonly bitsPerSecond: number;
  readonly txRing: number;
  readonly rxRing: number;
  onRoom: (() => void) | null = null;
  onPacket: ((packet: Packet) => void) | null = null;
  /** What is sent may be lost from now on, or no longer. */
  onPathChanged: (() => void) | null = null;
  receiver: Receiver = AT_ONCE;
  readonly napi: boolean;
  readonly moderationNs: number;
  /** It does not interrupt: somebody polls it. */
  masked = false;
  counters = new PacketCounters();
  /** Frames whose last bit is not yet on the wire, oldest first. */
  #sending: Flight[] = [];
  #sendingFrom = 0;
  #wireFreeNs = 0;
  /** What rounding has left over, in parts of a ns; less than half of one. */
  #wireRest = 0;
  #waitingForRoom = false;
  /** Frames that arrived and were not yet taken by the stack. */
  #received: Packet[] = [];
  /** No interrupt before: moderation. */
  #nextInterruptNs = 0;
  #interruptDue: number | null = null;

  constructor(
    readonly machine: NetworkMachine,
    readonly cable: Cable,
    options: NicOptions = {},
  ) {
    this.bitsPerSecond = Math.min(
      options.bitsPerSecond ?? Infinity,
      cable.bitsPerSecond,
    );
    this.txRing = options.txRing ?? RING_FRAMES;
    this.rxRing = options.rxRing ?? RING_FRAMES;
    this.napi = options.napi ?? true;
    this.moderationNs = options.moderationNs ?? 0;
    checkCount("bitsPerSecond", this.bitsPerSecond);
    checkCount("txRing", this.txRing);
    checkCount("rxRing", this.rxRing);
  }

  /** The machine, or the switch, at the far end. */
  get peer(): NetworkMachine {
    return this.cable.peerOf(this).machine;
  }

  /** Its host name. */
  get peerName(): string {
    return this.peer.name;
  }

  get mayLose(): boolean {
    const peer = this.cable.peerOf(this);
    return this.cable.mayLose || peer.onPacket === null ||
      peer.machine.reaches !== undefined;
  }

  get hasRoom(): boolean {
    if (this.#occupied() < this.txRing) return true;
    this.#awaitRoom();
    return false;
  }

  /** Puts a packet on the wire, behind those that are there. */
  send(packet: Packet): void {
    if (this.#occupied() >= this.txRing) throw new Error("transmit ring full");
    const { now } = this.machine.clock;
    if (now > this.#wireFreeNs) {
      this.#wireFreeNs = now;
      this.#wireRest = 0;
    }
    const rate = this.bitsPerSecond;
    const parts = wireParts(packet.frameBytes) + this.#wireRest;
    const ns = Math.round(parts / rate);
    this.#wireRest = parts - ns * rate;
    const sentNs = this.#wireFreeNs += ns;
    const flight = this.cable.carry(this, packet, sentNs);
    this.#sending.push(flight);
    this.counters.sent(packet);
    this.#trace(TRACE.net_tx, packet, flight.arriveNs);
  }

  /** A packet's last bit is here. */
  arrive(packet: Packet): void {
    if (this.onPacket === null) return this.#drop(packet, "nobody is there");
    if (this.#received.length >= this.rxRing) {
      return this.#drop(packet, "receive ring full");
    }
    this.#received.push(packet);
    this.receiver.arrived(this);
  }

  /** Frames in the receive ring. */
  get received(): number {
    return this.#received.length;
  }

  /** It interrupts as soon as it may, once, for all that is in the ring by then. */
  interruptSoon(): void {
    if (this.#interruptDue !== null) return;
    const { clock } = this.machine;
    const atNs = this.#nextInterruptNs;
    if (atNs <= clock.now) return this.#interrupt();
    const fire = () => this.#interrupt();
    this.#interruptDue = clock.schedule(atNs, { fire });
  }

  /** The oldest frame leaves the ring. */
  take(): void {
    const packet = this.#received.shift();
    if (packet === undefined) return;
    this.counters.received(packet);
    this.#trace(TRACE.net_rx, packet);
    this.onPacket?.(packet);
  }

  /** Half of the ring is free again. */
  fire(): void {
    this.#waitingForRoom = false;
    this.onRoom?.();
  }

  /** The power is gone: what is not wholly on the wire never gets there. */
  powerOff(): void {
    const { now } = this.machine.clock;
    for (let i = this.#sendingFrom; i < this.#sending.length; i++) {
      const flight = this.#sending[i]!;
      if (flight.sentNs > now) flight.lost = true;
    }
    this.#sending = [];
    this.#sendingFrom = 0;
    this.#wireFreeNs = now;
    this.#wireRest = 0;
    this.#received = [];
    this.masked = false;
    if (this.#interruptDue !== null) {
      this.machine.clock.cancel(this.#interruptDue);
    }
    this.#interruptDue = null;
    this.#nextInterruptNs = 0;
    this.counters = new PacketCounters();
    this.onPacket = this.onRoom = this.onPathChanged = null;
    this.cable.peerOf(this).onPathChanged?.();
  }

  #interrupt(): void {
    this.#interruptDue = null;
    this.#nextInterruptNs = this.machine.clock.now + this.moderationNs;
    this.receiver.interrupt(this);
  }

  /** Places in use; those whose time has passed are given back. */
  #occupied(): number {
    const { now } = this.machine.clock;
    const sending = this.#sending;
    let from = this.#sendingFrom;
    while (from < sending.length && sending[from]!.sentNs <= now) from++;
    if (from >= this.txRing) {
      sending.splice(0, from);
      from = 0;
    }
    this.#sendingFrom = from;
    return sending.length - from;
  }

  #awaitRoom(): void {
    if (this.#waitingForRoom) return;
    this.#waitingForRoom = true;
    const last = this.#sending.length - 1 - Math.floor(this.txRing / 2);
    this.machine.clock.schedule(this.#sending[last]!.sentNs, this);
  }

  #drop(packet: Packet, why: string): void {
    this.counters.dropped++;
    this.#trace(TRACE.net_drop, packet, 0, why);
  }

  #trace(kind: number, packet: Packet, arriveNs = 0, why?: string): void {
    tracePacket(this.machine, kind, packet, this.cable.id, arriveNs, why);
  }
}

function checkCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new RangeError(
    `a card's ${name} must be a whole number from 1: received ${String(value)}`,
  );
}
