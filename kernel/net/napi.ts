// How a machine takes what its cards have received. A card interrupts once, its
// interrupt is masked, and the frames in its ring are taken one after the other
// for as long as there are any: under load that is polling, and a card that has
// too much drops frames by itself, at no cost (NAPI; Salim, Olsson, Kuznetsov
// 2001). A round that has used up its budget leaves the rest to a thread,
// ksoftirqd, which has to share the CPU with programs.
//
// With `napi: false` every frame interrupts, before all else: offered enough, the
// CPU does nothing but take frames that no program has time to read (receive
// livelock; Mogul and Ramakrishnan 1997).
//
// It knows cards and the CPU's time; what is in a frame is not its concern.
//
// Divergence from Linux: ksoftirqd begins when it is needed and ends with its
// work; all cards interrupt the first CPU. A frame takes effect when it is taken,
// its cost comes after.

import { CALL, Control, type Program } from "../abi.ts";
import type { Due } from "../clock.ts";
import type { Nic, Receiver } from "../dev/nic.ts";
import type { NetworkMachine } from "./machine.ts";
import { NAPI_BUDGET_FRAMES, NAPI_BUDGET_NS, NAPI_WEIGHT } from "./params.ts";

const THREAD_NAME = "ksoftirqd/0";

export class PollList implements Receiver, Due {
  readonly #machine: NetworkMachine;
  /** Cards whose interrupt is masked, in the order they are polled in. */
  #cards: Nic[] = [];
  /** Until when the CPU is busy with what was taken. */
  #heldUntilNs = 0;
  #due: number | null = null;
  /** The rest of a round is left to the thread. */
  #inThread = false;
  #roundFrames = 0;
  #roundSince = 0;
  /** Frames of the first card since its turn began. */
  #turnFrames = 0;

  constructor(machine: NetworkMachine) {
    this.#machine = machine;
  }

  /** A frame is in the ring: the card interrupts, unless it is being polled. */
  arrived(card: Nic): void {
    const { now } = this.#machine.clock;
    const isAtRest = this.#due === null && !this.#inThread;
    if (isAtRest && now > this.#heldUntilNs) this.#unmaskAll();
    if (card.masked) this.#pollLater();
    else card.interruptSoon();
  }

  /** The card's interrupt line. */
  interrupt(card: Nic): void {
    const { now } = this.#machine.clock;
    card.masked = true;
    this.#cards.push(card);
    const isBusy = this.#due !== null || this.#inThread ||
      now < this.#heldUntilNs;
    if (isBusy) {
      card.counters.interrupts++;
      this.#machine.interrupt(card.name, () => {});
      this.#held();
    } else {
      this.#roundFrames = this.#turnFrames = 0;
      this.#roundSince = now;
      this.#take(card, "interrupt");
    }
    if (this.#hasFrames()) this.#pollLater();
  }

  /** The CPU comes to the next frame. */
  fire(): void {
    this.#due = null;
    this.#heldUntilNs = this.#machine.heldUntilNs;
    if (this.#heldUntilNs > this.#machine.clock.now) return this.#pollLater();
    const card = this.#next();
    if (card === null) return;
    this.#take(card, card.napi ? "softirq" : "interrupt");
    if (!this.#hasFrames()) return;
    if (!this.#isOverBudget() || !this.#leaveToThread()) this.#pollLater();
  }

  /** The power is gone. */
  powerOff(): void {
    if (this.#due !== null) this.#machine.clock.cancel(this.#due);
    this.#due = null;
    this.#inThread = false;
    this.#heldUntilNs = 0;
    this.#unmaskAll();
  }

  /** The next frame, by an interrupt of its own or by polling. */
  #take(card: Nic, how: "interrupt" | "softirq"): void {
    const machine = this.#machine;
    if (how === "interrupt") card.counters.interrupts++;
    machine[how](card.name, () => this.#deliver(card), machine.costs.packetNs);
    this.#held();
  }

  /** The CPU is busy until then. */
  #held(): void {
    const { clock, heldUntilNs } = this.#machine;
    this.#heldUntilNs = Math.max(clock.now, heldUntilNs);
  }

  #deliver(card: Nic): void {
    this.#roundFrames++;
    this.#turnFrames++;
    card.take();
  }

  #pollLater(): void {
    if (this.#due !== null || this.#inThread) return;
    const { clock } = this.#machine;
    const atNs = Math.max(clock.now, this.#heldUntilNs);
    this.#due = clock.schedule(atNs, this);
  }

  /** The card whose turn it is; one that has nothing may interrupt again. */
  #next(): Nic | null {
    const cards = this.#cards;
    if (this.#turnFrames >= NAPI_WEIGHT && cards.length > 1) {
      cards.push(cards.shift()!);
      this.#turnFrames = 0;
    }
    while (cards.length > 0 && cards[0]!.received === 0) {
      cards.shift()!.masked = false;
      this.#turnFrames = 0;
    }
    return cards[0] ?? null;
  }

  #hasFrames(): boolean {
    return this.#cards.some(({ received }) => received > 0);
  }

  #unmaskAll(): void {
    for (const card of this.#cards) card.masked = false;
    this.#cards.length = 0;
  }

  #isOverBudget(): boolean {
    if (!this.#cards[0]!.napi) return false;
    const { now } = this.#machine.clock;
    return this.#roundFrames >= NAPI_BUDGET_FRAMES ||
      now - this.#roundSince >= NAPI_BUDGET_NS;
  }

  /** False: there is no memory for a thread; the CPU goes on as it did. */
  #leaveToThread(): boolean {
    const run = () => this.#run();
    this.#inThread = this.#machine.kernelThread(THREAD_NAME, run);
    return this.#inThread;
  }

  *#run(): Program {
    const { costs } = this.#machine;
    for (let card = this.#next(); card !== null; card = this.#next()) {
      this.#deliver(card);
      yield* new Control<void>(CALL.compute, costs.packetNs);
    }
    this.#inThread = false;
  }
}
