// One way of a cable: the packets that were sent into it and not yet taken in at
// the far end. They wait in the transmit ring, then their bits are put on the
// wire, then they travel, then they lie in the receive ring until the machine
// takes them. It reads events, and knows the cable's speed and length.

import {
  type Flight,
  isSame,
  type PacketEvent,
  type PacketKind,
  placeOf,
  wordsOf,
} from "./net_packets.ts";
import { WIRE_OVERHEAD_BYTES } from "../../kernel/net/params.ts";

/** A cable of the world, as it was plugged in. */
export interface NetCable {
  id: number;
  /** The names of what is at its ends. */
  ends: [string, string];
  latencyNs: number;
  bitsPerSecond: number;
}

/** Packets that are so near each other that one mark has to do for all. */
export interface PacketGroup {
  /** Where the middle of them is, as part of the way. */
  place: number;
  /** Where the last bit of the last is, and the first bit of the first. */
  tail: number;
  head: number;
  count: number;
  /** Each kind once, that of the first to arrive first. */
  kinds: PacketKind[];
  /** Of the first to arrive. */
  firstId: number;
}

/** What is on one way of a cable at a moment. */
export interface WayView {
  cable: number;
  from: string;
  to: string;
  /** On the wire, the first to arrive first; not more than some. */
  flights: FlightView[];
  groups: PacketGroup[];
  /** On the wire. */
  travelling: number;
  /** Behind them in the transmit ring, not one bit on the wire. */
  queued: number;
  /** In the receive ring. */
  arrived: number;
  /** Until the next one arrives; Infinity: none is on the wire. */
  nextNs: number;
  /** Lost on this way a moment ago: why. */
  lost: string[];
  sentCount: number;
}

/** A packet on the wire, with its header. */
export interface FlightView {
  id: number;
  words: Flight["words"];
  /** Where its last and its first bit are, as parts of the way. */
  tail: number;
  head: number;
  fromPort: number;
  toPort: number;
  sequence: number;
  acknowledgement: number;
  window: number;
  frameBytes: number;
  sinceNs: number;
  arriveNs: number;
}

/** So many are told one by one. */
const FLIGHTS_MAX = 12;
/** Packets nearer than this are one group, as part of the way. */
const NEAR = 1 / 12;
/** A lost packet is shown for this part of the way's time. */
const LOST_SHOWN = 0.3;

export class Way {
  #flights: Flight[] = [];
  #wireFreeNs = 0;
  #sent = 0;
  #lost: { at: number; why: string }[] = [];

  constructor(
    readonly cable: NetCable,
    readonly from: string,
    readonly to: string,
    /** At its end is a switch, of which the trace says nothing. */
    readonly endsInSwitch: boolean,
  ) {}

  send(event: PacketEvent & { arriveNs: number }): void {
    const { at, bytes, arriveNs } = event;
    const startNs = Math.max(at, this.#wireFreeNs);
    const bits = (bytes + WIRE_OVERHEAD_BYTES) * 8;
    const wireNs = Math.round(bits * 1e9 / this.cable.bitsPerSecond);
    const sentNs = Math.min(startNs + wireNs, arriveNs);
    this.#wireFreeNs = sentNs;
    this.#sent++;
    if (this.endsInSwitch) this.#passOn(at);
    const words = wordsOf(event.info);
    const id = event.seq;
    this.#flights.push({ id, event, words, startNs, sentNs, arriveNs });
  }

  /** It was taken in, or dropped, at the far end. */
  take(event: PacketEvent): void {
    const index = this.#flights.findIndex((it) =>
      it.arriveNs <= event.at && isSame(it.event, event)
    );
    if (index === 0) this.#flights.shift();
    else if (index > 0) this.#flights.splice(index, 1);
    const { why } = wordsOf(event.info);
    if (why === "") return;
    this.#lost = this.#lost.slice(-7);
    this.#lost.push({ at: event.at, why });
  }

  /** The sender is switched off: what is not wholly on the wire never will be. */
  senderIsOff(at: number): void {
    this.#flights = this.#flights.filter(({ sentNs }) => sentNs <= at);
    this.#wireFreeNs = at;
  }

  /** The receiver is: what lay in its ring is gone. */
  receiverIsOff(at: number): void {
    this.#flights = this.#flights.filter(({ arriveNs }) => arriveNs > at);
  }

  at(now: number): WayView {
    if (this.endsInSwitch) this.#passOn(now);
    const all = this.#flights;
    const onWire = all.filter((it) => it.startNs <= now && it.arriveNs > now)
      .sort((a, b) => a.arriveNs - b.arriveNs);
    const { cable, from, to } = this;
    return {
      cable: cable.id,
      from,
      to,
      flights: onWire.slice(0, FLIGHTS_MAX).map((it) => viewOf(it, now)),
      groups: groupsOf(onWire, now),
      travelling: onWire.length,
      queued: all.filter(({ startNs }) => startNs > now).length,
      arrived: all.filter(({ arriveNs }) => arriveNs <= now).length,
      nextNs: (onWire[0]?.arriveNs ?? Infinity) - now,
      lost: this.#lost.filter(({ at }) => now - at <= this.#lostShownNs)
        .map(({ why }) => why),
      sentCount: this.#sent,
    };
  }

  get #lostShownNs(): number {
    return this.cable.latencyNs * LOST_SHOWN;
  }

  #passOn(now: number): void {
    this.#flights = this.#flights.filter(({ arriveNs }) => arriveNs > now);
  }
}

function viewOf(flight: Flight, now: number): FlightView {
  const { id, words, event, arriveNs } = flight;
  const [tail, head] = placeOf(flight, now);
  const { fromPort, toPort, sequence, acknowledgement, window } = event;
  return {
    id,
    words,
    tail,
    head,
    fromPort,
    toPort,
    sequence,
    acknowledgement,
    window,
    frameBytes: event.bytes,
    sinceNs: event.at,
    arriveNs,
  };
}

/** The first to arrive first. */
function groupsOf(flights: Flight[], now: number): PacketGroup[] {
  const groups: PacketGroup[] = [];
  let last: PacketGroup | undefined;
  for (const flight of flights) {
    const [tail, head] = placeOf(flight, now);
    const { id, words: { kind } } = flight;
    if (last !== undefined && last.head - head < NEAR) {
      last.count++;
      last.tail = Math.min(last.tail, tail);
      if (!last.kinds.includes(kind)) last.kinds.push(kind);
    } else {
      last = { place: 0, tail, head, count: 1, kinds: [kind], firstId: id };
      groups.push(last);
    }
  }
  for (const group of groups) group.place = (group.tail + group.head) / 2;
  return groups;
}
