// The hard disk drive. One request at a time: controller overhead, seek (or
// head switch), settling before a write, waiting for the platter to turn,
// transfer. It holds up to `queueDepth` requests and chooses the next by its
// policy; what comes beyond that waits outside, in order, and only there a
// request can be taken back. It knows the clock, its platter and a completion
// callback: no machine, no interrupt, no file.
//
// Where the platter stands is a function of the clock, so nothing is random.
// Each phase is a whole number of ns, rounded up where a turn does not divide.
//
// Divergence from a real drive: a sector is read or written at the end of its
// request's transfer, all together (the sectors that had passed by are what
// `freeze` leaves); the cache segment that reads ahead is not there yet.

import type { Clock, Due } from "../clock.ts";
import { Geometry, TURN } from "./hdd_geometry.ts";
import { type HddModel, seekNs } from "./hdd_model.ts";
import type { Arm, Policy } from "./hdd_policy.ts";
import { type Platter, SECTOR_BYTES } from "./platter.ts";

/** Requests that a drive holds at most: the tags of SATA's native command queuing. */
export const QUEUE_DEPTH_MAX = 32;

/**
 * What a drive is asked. It reads into, or writes from, `data` when the sectors
 * have passed the head: until then the buffer belongs to the drive, and what is
 * written is what the buffer holds at that moment.
 */
export interface HddRequest {
  readonly id: number;
  readonly lba: number;
  readonly sectors: number;
  readonly write: boolean;
  /** Null moves nothing: for measuring. */
  readonly data: Uint8Array | null;
}

/** How a request is served: the phases, in order, in ns. */
export interface Service {
  startNs: number;
  overheadNs: number;
  seekNs: number;
  settleNs: number;
  rotateNs: number;
  transferNs: number;
  cylinder: number;
  endNs: number;
}

export interface HddOptions<R extends HddRequest> {
  clock: Clock;
  model: HddModel;
  policy: Policy;
  platter: Platter;
  queueDepth?: number;
  onStart?: (request: R, service: Service) => void;
  onComplete: (request: R) => void;
}

/** A request inside the drive, with where it lies. */
interface Queued<R> {
  request: R;
  lba: number;
  cylinder: number;
}

export class Hdd<R extends HddRequest = HddRequest> implements Due, Arm {
  readonly geometry: Geometry;
  readonly queueDepth: number;
  /** Where the arm stands. */
  cylinder = 0;
  nextLba = 0;
  #head = 0;
  #options: HddOptions<R>;
  #queue: Queued<R>[] = [];
  #outside: R[] = [];
  #serving: R | null = null;
  #service: Service | null = null;
  #completing = false;
  #timer = -1;

  constructor(options: HddOptions<R>) {
    this.#options = options;
    this.geometry = new Geometry(options.model);
    this.queueDepth = options.queueDepth ?? QUEUE_DEPTH_MAX;
  }

  get lastCylinder(): number {
    return this.#options.model.cylinders - 1;
  }

  /** Requests not yet done: in service, in the drive's queue, outside. */
  get pending(): number {
    return (this.#serving === null ? 0 : 1) + this.#queue.length +
      this.#outside.length;
  }

  submit(request: R): void {
    if (this.#inside < this.queueDepth) this.#accept(request);
    else this.#outside.push(request);
    this.#startNext();
  }

  /** True while it waits outside the drive, where it can be taken back. */
  isOutside(request: R): boolean {
    return this.#outside.includes(request);
  }

  /** Takes a request back. False: the drive has it already, or never had it. */
  withdraw(request: R): boolean {
    const index = this.#outside.indexOf(request);
    if (index < 0) return false;
    this.#outside.splice(index, 1);
    return true;
  }

  /** The request in service and how; null while the drive is idle. */
  get current(): { request: R; service: Service } | null {
    if (this.#serving === null) return null;
    return { request: this.#serving, service: this.#service! };
  }

  /** Where a request is: what the drive does for it now, or its place in a queue. */
  describe(request: R): string {
    if (request === this.#serving) return this.#describeService();
    const place = this.#queue.findIndex((it) => it.request === request);
    if (place >= 0) return `in the drive's queue of ${this.#queue.length}`;
    const outside = this.#outside.indexOf(request);
    return `${outside + 1} of ${this.#outside.length} before the drive`;
  }

  /** Seek and rotation to reach a request from here, if it were started now. */
  positioningNs({ lba }: { lba: number }): number {
    const { seekNs, rotateNs, settleNs } = this.#plan(lba, 1, false, null);
    return seekNs + settleNs + rotateNs;
  }

  /** The power is gone: every request is forgotten. Of a write under way the sectors that had passed the head are written, whole. */
  freeze(): void {
    const { current } = this;
    if (this.#timer >= 0) this.#options.clock.cancel(this.#timer);
    this.#timer = -1;
    this.#serving = this.#service = null;
    this.#queue = [];
    this.#outside = [];
    if (current !== null) this.#writePart(current.request, current.service);
  }

  /** The transfer is over. */
  fire(): void {
    const request = this.#serving!;
    const { platter, onComplete } = this.#options;
    this.#timer = -1;
    this.#serving = this.#service = null;
    if (request.data !== null) {
      if (request.write) platter.write(request.lba, request.data);
      else platter.read(request.lba, request.data);
    }
    this.#completing = true;
    onComplete(request);
    this.#completing = false;
    this.#startNext();
  }

  get #inside(): number {
    return this.#queue.length + (this.#serving === null ? 0 : 1);
  }

  #accept(request: R): void {
    const { lba } = request;
    const { cylinder } = this.geometry.locate(lba);
    this.#queue.push({ request, lba, cylinder });
  }

  /** Fills the queue from outside and serves the next, unless busy. */
  #startNext(): void {
    while (this.#outside.length > 0 && this.#inside < this.queueDepth) {
      this.#accept(this.#outside.shift()!);
    }
    if (this.#serving !== null || this.#completing) return;
    if (this.#queue.length === 0) return;
    const { clock, policy, onStart } = this.#options;
    const { index, via } = policy.choose(this.#queue, this);
    const { request } = this.#queue.splice(index, 1)[0]!;
    const service = this.#plan(
      request.lba,
      request.sectors,
      request.write,
      via,
    );
    this.#serving = request;
    this.#service = service;
    this.#moveArm(request);
    this.#timer = clock.schedule(service.endNs, this);
    onStart?.(request, service);
  }

  /** The arm ends where the last sector lies. */
  #moveArm({ lba, sectors }: R): void {
    const { cylinder, head } = this.geometry.locate(lba + sectors - 1);
    this.cylinder = cylinder;
    this.#head = head;
    this.nextLba = lba + sectors;
  }

  #plan(
    lba: number,
    sectors: number,
    write: boolean,
    via: number | null,
  ): Service {
    const { geometry } = this;
    const { model, clock } = this.#options;
    const place = geometry.locate(lba);
    const seek = this.#armNs(place.cylinder, place.head, via);
    const settleNs = write ? model.writeSettleNs : 0;
    const arriveNs = clock.now + model.overheadNs + seek + settleNs;
    const ahead = geometry.angleOf(place) - geometry.angleAt(arriveNs);
    const rotateNs = geometry.turnNs(ahead < 0 ? ahead + TURN : ahead);
    const transferNs = geometry.turnNs(geometry.sweep(lba, sectors));
    return {
      startNs: clock.now,
      overheadNs: model.overheadNs,
      seekNs: seek,
      settleNs,
      rotateNs,
      transferNs,
      cylinder: place.cylinder,
      endNs: arriveNs + rotateNs + transferNs,
    };
  }

  /** Moving the arm, or changing to another head where it stands. */
  #armNs(cylinder: number, head: number, via: number | null): number {
    const { model } = this.#options;
    if (via !== null) {
      return seekNs(model, Math.abs(via - this.cylinder)) +
        seekNs(model, Math.abs(cylinder - via));
    }
    const distance = Math.abs(cylinder - this.cylinder);
    if (distance > 0) return seekNs(model, distance);
    return head === this.#head ? 0 : model.headSwitchNs;
  }

  #writePart({ write, data, lba, sectors }: R, service: Service): void {
    if (!write || data === null) return;
    const left = service.endNs - this.#options.clock.now;
    const passed = Math.floor(
      sectors * (service.transferNs - left) / service.transferNs,
    );
    if (passed <= 0) return;
    this.#options.platter.write(lba, data.subarray(0, passed * SECTOR_BYTES));
  }

  #describeService(): string {
    const service = this.#service!;
    let until = service.startNs;
    for (const [ns, text] of phasesOf(service)) {
      until += ns;
      const left = until - this.#options.clock.now;
      if (left > 0) return `${text}, ${Math.ceil(left / 1e5) / 10} ms left`;
    }
    return "done";
  }
}

function phasesOf(service: Service): [number, string][] {
  return [
    [service.overheadNs, "controller"],
    [service.seekNs, `seek to cylinder ${service.cylinder}`],
    [service.settleNs, "settle"],
    [service.rotateNs, "waiting for the platter to turn"],
    [service.transferNs, "transfer"],
  ];
}
