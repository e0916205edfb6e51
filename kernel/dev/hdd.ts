// The hard disk drive. The arm serves one request at a time: controller overhead,
// seek (or head switch), settling before a write, waiting for the platter to
// turn, transfer. It holds up to `queueDepth` requests and chooses the next by its
// policy; what comes beyond that waits outside, in order, and only there a
// request can be taken back. With read-ahead it finds what comes next in its
// buffer (hdd_segment.ts); with a write cache it takes writes over its bus while
// the arm works, and puts them on the platter later (hdd_write_cache.ts). It knows
// the clock, its platter and a completion callback: no machine, no file.
//
// Where the platter stands is a function of the clock, so nothing is random.
// Each phase is a whole number of ns, rounded up where a turn does not divide.
//
// Divergences from a real drive: a sector is read or written at the end of its
// request's transfer, all together (the sectors that had passed by are what
// `freeze` leaves); what read-ahead has found waits for the arm's request to end.

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

/** What is under way, under the heads or over the bus. */
interface Work<R> {
  /** What is asked; or an entry of the write cache, on its way to the platter. */
  readonly asked: R | null;
  readonly entry: Cached | null;
  readonly service: Service;
  readonly timer: number;
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
  /** What the arm does. */
  #media: Work<R> | null = null;
  /** What the bus does beside it: what needs no head. */
  #bus: Work<R> | null = null;
  readonly #busEnd: Due = { fire: () => this.#endBus() };
  #completing = false;
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
    return this.#inside + this.#outside.length;
  }

  /** Sectors that the write cache has and the platter has not. */
  get dirtySectors(): number {
    return this.#cache?.dirtySectors ?? 0;
  }

  /** The sectors as a read would find them, in no time: the write cache may have younger ones than the platter. */
  look(lba: number, into: Uint8Array): void {
    this.#options.platter.read(lba, into);
    this.#cache?.overlay(lba, into);
  }

  /** Writes sectors in no time. */
  put(lba: number, data: Uint8Array): void {
    this.#options.platter.write(lba, data);
    this.#cache?.overwrite(lba, data, null);
  }

  /** Sectors in a row that only the write cache has. */
  get unwritten(): readonly { lba: number; sectors: number }[] {
    return this.#cache?.entries ?? [];
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
    const work = this.#media?.asked ? this.#media : this.#bus;
    if (work === null) return null;
    return { request: work.asked!, service: work.service };
  }

  /** Where a request is: what the drive does for it now, or its place in a queue. */
  describe(request: R): string {
    for (const work of [this.#media, this.#bus]) {
      if (work?.asked === request) return describe(work.service, this.now);
    }
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

  /** The power is gone: every request is forgotten, and the buffers. Of a write under way the sectors that had passed the head are written, whole. */
  freeze(): void {
    const { clock } = this.#options;
    const media = this.#media, bus = this.#bus;
    if (media !== null) clock.cancel(media.timer);
    if (bus !== null) clock.cancel(bus.timer);
    this.#media = this.#bus = null;
    this.#queue = [];
    this.#outside = [];
    if (media !== null && !media.service.cached) this.#writePart(media);
    this.#cache?.clear();
    this.#segment?.clear();
  }

  /** The arm has done what it had to do. */
  fire(): void {
    const { asked, entry, service } = this.#media!;
    this.#media = null;
    if (entry !== null) {
      this.#move(entry);
      this.#cache!.remove(entry);
    } else this.#end(asked!, service);
    this.#startNext();
  }

  // ----------------------------------------------------------- choosing

  get #inside(): number {
    return this.#queue.length + (this.#media?.asked ? 1 : 0) +
      (this.#bus === null ? 0 : 1);
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

  /** Fills the queue from outside and gives the bus and the arm what they can do. */
  #startNext(): void {
    while (this.#outside.length > 0 && this.#inside < this.queueDepth) {
      this.#accept(this.#outside.shift()!);
    }
    if (this.#completing || this.#inside + this.dirtySectors === 0) return;
    if (this.#bus === null) this.#startBus();
    if (this.#media === null) this.#startMedia();
  }

  /** The oldest that needs no head. */
  #startBus(): void {
    const quick = this.#queue.find((it) =>
      this.#isQuick(it) && !collide(it, this.#media)
    );
    if (quick === undefined) return;
    const { lba, sectors, request } = this.#takeFromQueue(quick);
    const service = this.#quickService(request);
    if (request.write) this.#segment?.forget(lba, sectors);
    const timer = this.#schedule(service, this.#busEnd);
    this.#bus = { asked: request, entry: null, service, timer };
    this.#options.onStart?.(request, service);
  }

  /** A request of the policy's choice; or what the write cache holds, if there is none or somebody waits for it. */
  #startMedia(): void {
    this.#followReadAhead();
    const waiting = this.#queue.filter((it) =>
      !this.#isForCache(it.request) && !this.#isQuick(it) &&
      !collide(it, this.#bus)
    );
    const entries = this.#cache?.oldest ?? [];
    const isAwaited = this.#queue.some((it) =>
      this.#isForCache(it.request) && !this.#isQuick(it)
    );
    if (entries.length === 0 || (waiting.length > 0 && !isAwaited)) {
      if (waiting.length > 0) this.#startChosen(waiting, this.#options.policy);
      return;
    }
    const candidates = [...waiting, ...entries];
    const { index } = this.#destagePolicy.choose(candidates, this);
    const chosen = candidates[index]!;
    if ("request" in chosen) this.#startChosen([chosen], this.#options.policy);
    else this.#startArm(chosen, true, null, null, chosen);
  }

  /** A flush, or a write that the cache takes when it has room: the arm has no part in it. */
  #isForCache({ write, fua, flush, sectors }: R): boolean {
    return flush === true || (this.#cache !== null && write && !fua &&
      sectors <= this.#cache.capacity);
  }

  /** It can be done at once: a flush with nothing to wait for, what the write cache takes or has. */
  #isQuick({ request, lba, sectors, order }: Queued<R>): boolean {
    const cache = this.#cache;
    if (cache === null) return request.flush === true;
    if (request.flush) return cache.isWritten(order);
    if (!request.write) return cache.covers(lba, sectors);
    return this.#isForCache(request) && cache.fits(lba, sectors);
  }

  // ----------------------------------------------------------- starting

  #startChosen(candidates: readonly Queued<R>[], policy: Policy): void {
    const { index, via } = policy.choose(candidates, this);
    const { request } = this.#takeFromQueue(candidates[index]!);
    const { lba, sectors, write, data } = request;
    if (write) {
      if (data !== null) this.#cache?.overwrite(lba, data, null);
      this.#segment?.forget(lba, sectors);
    }
    this.#startArm(request, write, via, request, null);
  }

  #startArm(
    { lba, sectors }: { lba: number; sectors: number },
    write: boolean,
    via: number | null,
    asked: R | null,
    entry: Cached | null,
  ): void {
    const service = this.#plan(lba, sectors, write, via);
    if (service.cached) this.#segment!.taken(lba + sectors, this.now);
    else {
      this.#segment?.stop(this.now);
      this.#moveArm(lba, sectors);
    }
    this.#media = {
      asked,
      entry,
      service,
      timer: this.#schedule(service, this),
    };
    if (asked !== null) this.#options.onStart?.(asked, service);
  }

  #schedule(service: Service, due: Due): number {
    return this.#options.clock.schedule(service.endNs, due);
  }

  #takeFromQueue(queued: Queued<R>): Queued<R> {
    this.#queue.splice(this.#queue.indexOf(queued), 1);
    return queued;
  }

  /** The arm ends where the last sector lies. */
  #moveArm(lba: number, sectors: number): void {
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
    const readyNs = this.#segment?.readyNs(lba, sectors, this.now) ?? -1;
    if (readyNs < 0) return null;
    const { readHitNs, busSectorNs } = this.#options.model;
    const startNs = this.now + readHitNs;
    const transferNs = Math.max(sectors * busSectorNs, readyNs - startNs);
    return this.#cachedService(readHitNs, transferNs);
  }

  /** A flush, or sectors over the bus into or out of the write cache. */
  #quickService({ flush, write, sectors }: R): Service {
    const { readHitNs, writeHitNs, busSectorNs } = this.#options.model;
    if (flush) return this.#cachedService(0, 0);
    const overheadNs = write ? writeHitNs : readHitNs;
    return this.#cachedService(overheadNs, sectors * busSectorNs);
  }

  /** The arm has no part in it. */
  #cachedService(overheadNs: number, transferNs: number): Service {
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

  /** The arm is done with a request. */
  #end(request: R, service: Service): void {
    const { lba, sectors, write } = request;
    this.#move(request);
    if (!write && !service.cached) {
      this.#segment?.begin(lba, lba + sectors, this.now);
    }
    this.#complete(request);
  }

  /** The bus is done with one. */
  #endBus(): void {
    const request = this.#bus!.asked!;
    this.#bus = null;
    if (!request.flush) {
      if (request.write) this.#takeIn(request);
      else this.#move(request);
    }
    this.#complete(request);
    this.#startNext();
  }

  #complete(request: R): void {
    this.#completing = true;
    this.#options.onComplete(request);
    this.#completing = false;
  }

  /** Into the write cache. */
  #takeIn({ lba, sectors, data }: R): void {
    const { cylinder } = this.geometry.locate(lba);
    const copy = data === null ? null : data.slice();
    const arrivedNs = this.now;
    this.#cache!.add(
      { lba, sectors, cylinder, arrivedNs, data: copy },
      this.#media?.entry ?? null,
    );
  }

  #move(
    { lba, write, data }: {
      lba: number;
      write: boolean;
      data: Uint8Array | null;
    },
  ): void {
    if (data === null) return;
    const { platter } = this.#options;
    if (write) return platter.write(lba, data);
    platter.read(lba, data);
    this.#cache?.overlay(lba, data);
  }

  #writePart({ asked, entry, service }: Work<R>): void {
    const { write, data, lba, sectors } = (asked ?? entry)!;
    if (!write || data === null) return;
    const left = service.endNs - this.now;
    const passed = Math.floor(
      sectors * (service.transferNs - left) / service.transferNs,
    );
    if (passed <= 0) return;
    this.#options.platter.write(lba, data.subarray(0, passed * SECTOR_BYTES));
  }
}

/** True if it has to wait for what is under way: the same sectors, and one of the two writes. */
function collide<R extends HddRequest>(
  { lba, sectors, write }: Candidate,
  work: Work<R> | null,
): boolean {
  const other = work?.asked ?? null;
  if (other === null || !(write || other.write)) return false;
  return lba < other.lba + other.sectors && other.lba < lba + sectors;
}

function describe(service: Service, now: number): string {
  let until = service.startNs;
  for (const [ns, text] of phasesOf(service)) {
    until += ns;
    const left = until - now;
    if (left > 0) return `${text}, ${Math.ceil(left / 1e5) / 10} ms left`;
  }
  return "done";
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
