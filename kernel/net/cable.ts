// A cable between two machines, with a network card at each end: what one card
// has put on the wire reaches the other a latency later, in both directions at
// once. It can lose, double and delay frames by chance, and be cut and mended, as
// the paths are that it stands for (Linux: tc-netem). It does not know what a
// packet means.
//
// Chance is drawn by the number of the frame in its direction, so what happens to
// one frame shifts no other. The two ends always agree about the speed, the lower
// of cable and card.

import type { Due } from "../clock.ts";
import { Nic, type NicOptions, type Packet } from "../dev/nic.ts";
import { draw } from "../random.ts";
import { TRACE } from "../trace.ts";
import type { NetworkMachine } from "./machine.ts";
import { tracePacket } from "./packet_trace.ts";
import {
  CABLE_LATENCY_NS,
  DOUBLE_AFTER_NS,
  HELD_UP_NS,
  LINE_BITS_PER_SECOND,
} from "./params.ts";

export interface CableOptions {
  /** One way, ns. */
  latencyNs?: number;
  bitsPerSecond?: number;
  /** Share of the frames that never arrive, 0 to 1. */
  loss?: number;
  /** Share that arrives twice. */
  duplicate?: number;
  /** Share that is held up, so that later ones overtake it … */
  reorder?: number;
  /** … for so long. */
  reorderNs?: number;
  /** Every frame takes up to so much longer. */
  jitterNs?: number;
  /** Times at which nothing arrives, each from and to (exclusive), virtual ns. */
  cuts?: readonly (readonly [number, number])[];
  /** What happens to certain frames, whatever chance says. */
  rule?: CableRule;
}

const CHANCES = ["loss", "duplicate", "reorder", "jitterNs", "rule"] as const;

/** What becomes of a frame; undefined leaves it to chance. `number` counts from 0 in each direction. */
export type CableRule = (
  frame: { from: string; number: number; what: string },
) => "drop" | "double" | "hold" | "pass" | undefined;

/** A machine that a cable can be plugged into: it gets a card for it. */
export interface CableEnd extends NetworkMachine {
  readonly network: { attach(nic: Nic): void };
  readonly settings: { readonly nic: NicOptions };
}

export class Cable {
  readonly latencyNs: number;
  readonly bitsPerSecond: number;
  readonly ends: readonly [Nic, Nic];
  readonly #options: CableOptions;
  readonly #cuts: readonly (readonly [number, number])[];
  /** Nothing is left to chance or to a rule. */
  readonly #isPlain: boolean;
  #isCut = false;
  /** Frames so far, by direction. */
  readonly #frames: [number, number] = [0, 0];

  /** `id` is its number in the trace, from 0. */
  constructor(
    readonly id: number,
    a: CableEnd,
    b: CableEnd,
    options: CableOptions = {},
    readonly seed = 1,
  ) {
    this.#options = options;
    this.#cuts = options.cuts ?? [];
    this.#isPlain = CHANCES.every((name) => options[name] === undefined);
    this.latencyNs = options.latencyNs ?? CABLE_LATENCY_NS;
    this.bitsPerSecond = options.bitsPerSecond ?? LINE_BITS_PER_SECOND;
    checkNumber("latencyNs", this.latencyNs, 0);
    checkNumber("bitsPerSecond", this.bitsPerSecond, 1);
    for (const name of ["loss", "duplicate", "reorder"] as const) {
      checkShare(name, options[name] ?? 0);
    }
    checkNumber("reorderNs", options.reorderNs ?? 0, 0);
    checkNumber("jitterNs", options.jitterNs ?? 0, 0);
    checkCuts(options.cuts ?? []);
    const plug = (end: CableEnd) => new Nic(end, this, end.settings.nic);
    this.ends = [plug(a), plug(b)];
    a.network.attach(this.ends[0]);
    b.network.attach(this.ends[1]);
  }

  /** Nothing passes while it is: pulled by hand, which no replay knows of. */
  get isCut(): boolean {
    return this.#isCut;
  }
  set isCut(isCut: boolean) {
    this.#isCut = isCut;
    for (const end of this.ends) end.onPathChanged?.();
  }

  /** By its rules, or because it is cut. */
  get mayLose(): boolean {
    const { loss = 0, rule } = this.#options;
    const breaks = this.#cuts.length > 0 || this.isCut;
    return loss > 0 || rule !== undefined || breaks;
  }

  /** It is cut at that time. */
  isCutAt(ns: number): boolean {
    if (this.#cuts.length === 0) return this.isCut;
    return this.isCut || this.#cuts.some(([from, to]) => ns >= from && ns < to);
  }

  /** The card at the far end. */
  peerOf(nic: Nic): Nic {
    return nic === this.ends[0] ? this.ends[1] : this.ends[0];
  }

  /** Takes over a packet whose last bit leaves `from` at `sentNs`. */
  carry(from: Nic, packet: Packet, sentNs: number): Flight {
    const direction = from === this.ends[0] ? 0 : 1;
    const number = this.#frames[direction]++;
    if (this.#isPlain) {
      return this.#fly(from, packet, sentNs, sentNs + this.latencyNs);
    }
    const chance = (what: string) =>
      draw(this.seed, "cable", this.id, direction, number, what);
    const { reorderNs = HELD_UP_NS, jitterNs = 0 } = this.#options;
    const fate = this.#fate(from, packet, number, chance);
    const late = jitterNs === 0 ? 0 : Math.floor(chance("jitter") * jitterNs);
    const arriveNs = sentNs + this.latencyNs + late +
      (fate === "hold" ? reorderNs : 0);
    const flight = this.#fly(from, packet, sentNs, arriveNs);
    flight.isLost = fate === "drop";
    if (fate === "double") {
      this.#fly(from, packet, sentNs, arriveNs + DOUBLE_AFTER_NS);
    }
    return flight;
  }

  #fly(from: Nic, packet: Packet, sentNs: number, arriveNs: number): Flight {
    const flight = new Flight(
      this,
      packet,
      this.peerOf(from),
      sentNs,
      arriveNs,
    );
    from.machine.clock.schedule(arriveNs, flight);
    return flight;
  }

  #fate(
    from: Nic,
    packet: Packet,
    number: number,
    chance: (what: string) => number,
  ): "drop" | "double" | "hold" | "pass" {
    const { rule, loss = 0, duplicate = 0, reorder = 0 } = this.#options;
    const ruled = rule?.({
      from: from.machine.name,
      number,
      what: packet.describe(),
    });
    if (ruled !== undefined) return ruled;
    if (loss > 0 && chance("loss") < loss) return "drop";
    if (duplicate > 0 && chance("duplicate") < duplicate) return "double";
    return reorder > 0 && chance("reorder") < reorder ? "hold" : "pass";
  }
}

/** A packet under way. */
export class Flight implements Due {
  /** It was never sent: the power went first. */
  lost = false;
  /** It goes out and never arrives. */
  isLost = false;

  constructor(
    readonly cable: Cable,
    readonly packet: Packet,
    readonly to: Nic,
    readonly sentNs: number,
    readonly arriveNs: number,
  ) {}

  fire(): void {
    if (this.lost) return;
    const isCut = this.cable.isCutAt(this.arriveNs);
    if (!this.isLost && !isCut) return this.to.arrive(this.packet);
    const why = isCut ? "the cable is cut" : "lost on the cable";
    const { to, packet, cable } = this;
    tracePacket(to.machine, TRACE.net_drop, packet, cable.id, 0, why);
  }
}

function checkShare(name: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(
    `a cable's ${name} must be from 0 to 1: received ${String(value)}`,
  );
}

function checkCuts(cuts: unknown): void {
  const isFine = Array.isArray(cuts) &&
    cuts.every((cut) =>
      Array.isArray(cut) && cut.length === 2 &&
      cut.every(Number.isSafeInteger) &&
      cut[0] >= 0 && cut[0] < cut[1]
    );
  if (isFine) return;
  throw new RangeError(
    `a cable's cuts must be a list of [fromNs, toNs], whole numbers: received ${
      JSON.stringify(cuts)
    }`,
  );
}

function checkNumber(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(
    `a cable's ${name} must be a whole number from ${least}: received ${
      String(value)
    }`,
  );
}
