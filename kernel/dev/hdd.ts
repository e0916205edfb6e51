// The hard disk drive. One request at a time: controller overhead, seek (or
// head switch), settling before a write, waiting for the platter to turn,
// transfer. It holds up to `queueDepth` requests and chooses the next by its
// policy; what comes beyond that waits outside, in order, and only there a
// request can be taken back. With read-ahead it finds what comes next in its
// buffer (hdd_segment.ts); with a write cache it takes writes at once and puts
// them on the platter later (hdd_write_cache.ts). It knows the clock, its platter
// and a completion callback: no machine, no interrupt, no file.
//
// Where the platter stands is a function of the clock, so nothing is random.
// Each phase is a whole number of ns, rounded up where a turn does not divide.
//
// Divergence from a real drive: a sector is read or written at the end of its
// request's transfer, all together (the sectors that had passed by are what
// `freeze` leaves).

import type { Clock, Due } from "../clock.ts";
import { Geometry, TURN } from "./hdd_geometry.ts";
import { type HddModel, seekNs } from "./hdd_model.ts";
import {
  type Arm,
  type Candidate,
  makePolicy,
  type Policy,
} from "./hdd_policy.ts";
import { ReadSegment } from "./hdd_segment.ts";
import { type Cached, WriteCache } from "./hdd_write_cache.ts";
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
  /** FLUSH CACHE, without sectors: done when all that was cached before is on the platter. */
  readonly flush?: boolean;
  /** Force unit access: a write past the cache. */
  readonly fua?: boolean;
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
  /** Found in the buffer, or taken into the write cache: the arm does not move for it. */
  cached: boolean;
}

export interface HddOptions<R extends HddRequest> {
  clock: Clock;
  model: HddModel;
  policy: Policy;
  platter: Platter;
  queueDepth?: number;
  /** Off unless asked for. */
  readAhead?: boolean;
  /** Off unless asked for. */
  writeCache?: boolean;
  onStart?: (request: R, service: Service) => void;
  onComplete: (request: R) => void;
}

/** A request inside the drive, with where it lies. */
interface Queued<R> extends Candidate {
  readonly request: R;
  /** A flush: the last entry of the write cache it waits for. */
  readonly order: number;
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
  /** What is being served: a request, or an entry of the write cache. */
  #serving: R | null = null;
  #destaging: Cached | null = null;
  #service: Service | null = null;
  #completing = false;
  #timer = -1;
  readonly #segment: ReadSegment | null;
  readonly #cache: WriteCache | null;
  /** In which order the write cache is emptied. */
  readonly #destagePolicy = makePolicy("satf");

  constructor(options: HddOptions<R>) {
    const { model, readAhead, writeCache } = options;
    this.#options = options;
    this.geometry = new Geometry(model);
    this.queueDepth = options.queueDepth ?? QUEUE_DEPTH_MAX;
    this.#segment = readAhead
      ? new ReadSegment(this.geometry, model.segmentSectors)
      : null;
    this.#cache = writeCache ? new WriteCache(model.writeCacheSectors) : null;
  }

  get now(): number {
    return this.#options.clock.now;
  }

  get lastCylinder(): number {
    return this.#options.model.cylinders - 1;
  }

  /** Requests not yet done: in service, in the drive's queue, outside. */
  get pending(): number {
    return (this.#serving === null ? 0 : 1) + this.#queue.length +
      this.#outside.length;
  }

  /** Sectors that the write cache has and the platter has not. */
  get dirtySectors(): number {
    return this.#cache?.dirtySectors ?? 0;
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

  /** The request in service and how; null while the drive is idle or empties its write cache. */
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

  /** Seek, settling and rotation to reach a request from here, if it were started now. */
  positioningNs({ lba, sectors, write }: Candidate): number {
    const service = this.#plan(lba, sectors, write, null);
    const { seekNs, rotateNs, settleNs, cached, transferNs } = service;
    return cached ? transferNs : seekNs + settleNs + rotateNs;
  }

  /** The power is gone: every request is forgotten, and the write cache. Of a write under way the sectors that had passed the head are written, whole. */
  freeze(): void {
    const service = this.#service, serving = this.#destaging ?? this.#serving;
    if (this.#timer >= 0) this.#options.clock.cancel(this.#timer);
    this.#timer = -1;
    this.#serving = this.#destaging = this.#service = null;
    this.#queue = [];
    this.#outside = [];
    if (serving !== null && !service!.cached) {
      this.#writePart(serving, service!);
    }
    this.#cache?.entries.splice(0);
  }

  /** The transfer is over. */
  fire(): void {
    const service = this.#service!;
    const request = this.#serving, entry = this.#destaging;
    this.#timer = -1;
    this.#serving = this.#destaging = this.#service = null;
    if (entry !== null) {
      this.#move(entry);
      this.#cache!.remove(entry);
    } else this.#end(request!, service);
    this.#startNext();
  }

  // ----------------------------------------------------------- choosing

  get #inside(): number {
    return this.#queue.length + (this.#serving === null ? 0 : 1);
  }

  #accept(request: R): void {
    const { lba, sectors, write } = request;
    const { cylinder } = this.geometry.locate(lba);
    const arrivedNs = this.now;
    const order = this.#cache?.lastOrder ?? 0;
    this.#queue.push({
      request,
      lba,
      sectors,
      write,
      cylinder,
      arrivedNs,
      order,
    });
  }

  /** Fills the queue from outside and serves the next, unless busy. */
  #startNext(): void {
    while (this.#outside.length > 0 && this.#inside < this.queueDepth) {
      this.#accept(this.#outside.shift()!);
    }
    if (this.#service !== null || this.#completing) return;
    this.#followReadAhead();
    if (this.#cache !== null) this.#startWithCache(this.#cache);
    else if (this.#queue.length > 0) this.#startChosen(this.#queue);
  }

  /** With a write cache: what it can take at once, then what has to be waited for, then what it holds. */
  #startWithCache(cache: WriteCache): void {
    const quick = this.#queue.find((it) =>
      it.request.flush
        ? cache.isWritten(it.order)
        : this.#isCacheable(it.request) && cache.fits(it.sectors)
    );
    if (quick !== undefined) return this.#startCached(quick);
    const waiting = this.#queue.filter(({ request }) =>
      !request.flush && !this.#isCacheable(request)
    );
    // Somebody waits for the cache: then what it holds takes part in the choice.
    const isAwaited = waiting.length < this.#queue.length;
    if (waiting.length > 0 && !isAwaited) return this.#startChosen(waiting);
    if (waiting.length > 0) {
      const candidates = [...waiting, ...cache.entries];
      const { index } = this.#destagePolicy.choose(candidates, this);
      const chosen = candidates[index]!;
      return "request" in chosen
        ? this.#startChosen([chosen])
        : this.#startDestaging(chosen);
    }
    if (cache.entries.length === 0) return;
    const { index } = this.#destagePolicy.choose(cache.entries, this);
    this.#startDestaging(cache.entries[index]!);
  }

  #isCacheable({ write, fua, flush, sectors }: R): boolean {
    return write && !fua && !flush &&
      sectors <= this.#options.model.writeCacheSectors;
  }

  // ----------------------------------------------------------- starting

  #startChosen(candidates: readonly Queued<R>[]): void {
    const { policy } = this.#options;
    const { index, via } = policy.choose(candidates, this);
    const { request } = this.#takeFromQueue(candidates[index]!);
    const { lba, sectors, write } = request;
    const service = request.flush
      ? this.#quickService(0)
      : this.#plan(lba, sectors, write, via);
    if (write && !request.flush) {
      if (request.data !== null) this.#cache?.overwrite(lba, request.data);
      this.#segment?.forget(lba, sectors);
    }
    this.#serving = request;
    this.#start(service, request);
    this.#options.onStart?.(request, service);
  }

  /** A write that the cache takes, or a flush that has nothing to wait for. */
  #startCached(queued: Queued<R>): void {
    const { request, sectors } = this.#takeFromQueue(queued);
    const { writeHitNs, busSectorNs } = this.#options.model;
    const service = request.flush
      ? this.#quickService(0)
      : this.#quickService(writeHitNs, sectors * busSectorNs);
    this.#serving = request;
    this.#start(service, null);
    this.#options.onStart?.(request, service);
  }

  #startDestaging(entry: Cached): void {
    this.#destaging = entry;
    this.#start(this.#plan(entry.lba, entry.sectors, true, null), entry);
  }

  #takeFromQueue(queued: Queued<R>): Queued<R> {
    this.#queue.splice(this.#queue.indexOf(queued), 1);
    return queued;
  }

  #start(
    service: Service,
    moved: { lba: number; sectors: number } | null,
  ): void {
    this.#service = service;
    if (moved !== null && !service.cached) {
      this.#segment?.stop(this.now);
      this.#moveArm(moved);
    }
    this.#timer = this.#options.clock.schedule(service.endNs, this);
  }

  /** The arm ends where the last sector lies. */
  #moveArm({ lba, sectors }: { lba: number; sectors: number }): void {
    const { cylinder, head } = this.geometry.locate(lba + sectors - 1);
    this.cylinder = cylinder;
    this.#head = head;
    this.nextLba = lba + sectors;
  }

  /** While it read on, the arm has gone with it. */
  #followReadAhead(): void {
    const lba = this.#segment?.headAt(this.now) ?? -1;
    if (lba < 0) return;
    const { cylinder, head } = this.geometry.locate(lba);
    this.cylinder = cylinder;
    this.#head = head;
  }

  // ----------------------------------------------------------- planning

  #plan(
    lba: number,
    sectors: number,
    write: boolean,
    via: number | null,
  ): Service {
    const hit = write ? null : this.#planHit(lba, sectors);
    if (hit !== null) return hit;
    const { geometry, now } = this;
    const { model } = this.#options;
    const place = geometry.locate(lba);
    const seek = this.#armNs(place.cylinder, place.head, via);
    const settleNs = write ? model.writeSettleNs : 0;
    const arriveNs = now + model.overheadNs + seek + settleNs;
    const ahead = geometry.angleOf(place) - geometry.angleAt(arriveNs);
    const rotateNs = geometry.turnNs(ahead < 0 ? ahead + TURN : ahead);
    const transferNs = geometry.turnNs(geometry.sweep(lba, sectors));
    return {
      startNs: now,
      overheadNs: model.overheadNs,
      seekNs: seek,
      settleNs,
      rotateNs,
      transferNs,
      cylinder: place.cylinder,
      endNs: arriveNs + rotateNs + transferNs,
      cached: false,
    };
  }

  /** A read that the buffer has, or will have in a moment. */
  #planHit(lba: number, sectors: number): Service | null {
    const { readHitNs, busSectorNs } = this.#options.model;
    const busNs = sectors * busSectorNs;
    if (this.#cache?.covers(lba, sectors)) {
      return this.#quickService(readHitNs, busNs);
    }
    const readyNs = this.#segment?.readyNs(lba, sectors, this.now) ?? -1;
    if (readyNs < 0) return null;
    const startNs = this.now + readHitNs;
    return this.#quickService(readHitNs, Math.max(busNs, readyNs - startNs));
  }

  /** The arm has no part in it. */
  #quickService(overheadNs: number, transferNs = 0): Service {
    const { now, cylinder } = this;
    return {
      startNs: now,
      overheadNs,
      seekNs: 0,
      settleNs: 0,
      rotateNs: 0,
      transferNs,
      cylinder,
      endNs: now + overheadNs + transferNs,
      cached: true,
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

  // ----------------------------------------------------------- ending

  #end(request: R, service: Service): void {
    const { lba, sectors, write, flush, data } = request;
    if (!flush && write && service.cached) this.#takeIn(request);
    else if (!flush) this.#move(request);
    if (!write) {
      if (data !== null) this.#cache?.overlay(lba, data);
      if (service.cached) this.#segment?.taken(lba + sectors);
      else this.#segment?.begin(lba, lba + sectors, this.now);
    }
    this.#completing = true;
    this.#options.onComplete(request);
    this.#completing = false;
  }

  /** Into the write cache. */
  #takeIn({ lba, sectors, data }: R): void {
    const { cylinder } = this.geometry.locate(lba);
    const copy = data === null ? null : data.slice();
    const arrivedNs = this.now;
    this.#segment?.forget(lba, sectors);
    this.#cache!.add({ lba, sectors, cylinder, arrivedNs, data: copy });
  }

  #move(
    { lba, write, data }: {
      lba: number;
      write: boolean;
      data: Uint8Array | null;
    },
  ): void {
    if (data === null) return;
    if (write) this.#options.platter.write(lba, data);
    else this.#options.platter.read(lba, data);
  }

  #writePart(
    { write, data, lba, sectors }: {
      lba: number;
      sectors: number;
      write: boolean;
      data: Uint8Array | null;
    },
    service: Service,
  ): void {
    if (!write || data === null) return;
    const left = service.endNs - this.now;
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
      const left = until - this.now;
      if (left > 0) return `${text}, ${Math.ceil(left / 1e5) / 10} ms left`;
    }
    return "done";
  }
}

function phasesOf(service: Service): [number, string][] {
  const transfer = service.cached ? "from its cache" : "transfer";
  return [
    [service.overheadNs, "controller"],
    [service.seekNs, `seek to cylinder ${service.cylinder}`],
    [service.settleNs, "settle"],
    [service.rotateNs, "waiting for the platter to turn"],
    [service.transferNs, transfer],
  ];
}
