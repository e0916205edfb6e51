// The drive as the trace tells of it: where its arm is at a moment, how its
// platter stands, what it does for whom, who waits, what the page cache spared
// it. It folds block and page events of one machine and reads nothing else; how a
// drive is built comes from its model's data. It does not draw.
//
// The trace has the moments at which a seek begins and ends; between them the arm
// is taken to speed up and slow down evenly. (A SCAN that goes on to the edge
// before it turns is drawn as one move.)

import { Geometry, TURN } from "../../kernel/dev/hdd_geometry.ts";
import type { HddModel } from "../../kernel/dev/hdd_model.ts";
import type { TraceEvent } from "../../kernel/trace.ts";

export type PhaseName =
  | "overhead"
  | "seek"
  | "settle"
  | "turn"
  | "transfer"
  /** In place of all the others: the arm has no part in it. */
  | "buffer";

/** A part of what the drive does for a request, and how much of it is left. */
export interface Phase {
  name: PhaseName;
  leftNs: number;
}

/** A request to the drive. Angles are parts of a turn. */
export interface DriveRequest {
  id: number;
  what: string;
  lba: number;
  sectors: number;
  cylinder: number;
  angle: number;
  sweep: number;
  sinceNs: number;
  /** 0 is the kernel itself. */
  tid: number;
  who: string;
}

export interface DriveCounts {
  reads: number;
  writes: number;
  /** Blocks of 4 KiB that reads found in the page cache, and had to wait for. */
  hits: number;
  misses: number;
  commits: number;
}

/** The drive at a moment. */
export interface DriveView {
  now: number;
  model: string;
  rpm: number;
  cylinders: number;
  /** Where its zones begin. */
  zones: number[];
  /** The cylinder under the heads; between two of them while it seeks. */
  arm: number;
  /** Where the arm stood before it went where it goes. */
  from: number;
  /** The angle under the heads. */
  angle: number;
  serving: DriveRequest | null;
  /** The present one first. */
  phases: Phase[];
  waiting: DriveRequest[];
  counts: DriveCounts;
}

interface Service {
  request: DriveRequest;
  startNs: number;
  phases: { name: PhaseName; ns: number }[];
  /** The arm goes from here. */
  from: number;
  isCached: boolean;
}

type Of<K extends TraceEvent["kind"]> = Extract<TraceEvent, { kind: K }>;

export class DiskModel {
  readonly #model: HddModel;
  readonly #geometry: Geometry;
  readonly #names = new Map<number, string>();
  readonly #waiting = new Map<number, DriveRequest>();
  readonly #served = new Map<number, Service>();
  /** What the arm works on, or was the last to work on. */
  #armService: Service | null = null;
  /** Where the arm stands when that has ended. */
  #cylinder = 0;
  #counts = { reads: 0, writes: 0, hits: 0, misses: 0, commits: 0 };

  constructor(model: HddModel) {
    this.#model = model;
    this.#geometry = new Geometry(model);
  }

  /** Events of one machine, in order. */
  add(event: TraceEvent): void {
    switch (event.kind) {
      case "machine_boot":
      case "machine_off":
        this.#waiting.clear();
        this.#served.clear();
        return;
      case "process_spawn":
      case "process_exec":
        this.#names.set(event.pid, event.name);
        return;
      case "block_issue":
        this.#waiting.set(event.id, this.#requestOf(event));
        return;
      case "block_start":
        return this.#start(event);
      case "block_complete":
        return this.#complete(event.id);
      case "page_hit":
        this.#counts.hits += event.count;
        return;
      case "page_miss":
        this.#counts.misses += event.count;
        return;
      case "journal_commit":
        this.#counts.commits++;
    }
  }

  /** The drive at a moment that is not before the last event. */
  at(now: number): DriveView {
    const { name, rpm, cylinders, zones } = this.#model;
    const service = this.#shown();
    return {
      now,
      model: name,
      rpm,
      cylinders,
      zones: zones.map(({ firstCylinder }) => firstCylinder),
      arm: this.#armAt(now),
      from: this.#armService?.from ?? this.#cylinder,
      angle: this.#geometry.angleAt(now) / TURN,
      serving: service?.request ?? null,
      phases: service === null ? [] : phasesLeft(service, now),
      waiting: [...this.#waiting.values()],
      counts: { ...this.#counts },
    };
  }

  /** What the arm works on; else what the drive's buffer serves. */
  #shown(): Service | null {
    let shown: Service | null = null;
    for (const service of this.#served.values()) {
      if (shown === null || shown.isCached) shown = service;
    }
    return shown;
  }

  #requestOf(event: Of<"block_issue">): DriveRequest {
    const { id, lba, sectors, write, tid, pid, at } = event;
    const place = this.#geometry.locate(lba);
    const name = this.#names.get(pid) ?? "";
    return {
      id,
      what: write,
      lba,
      sectors,
      cylinder: place.cylinder,
      angle: this.#geometry.angleOf(place) / TURN,
      sweep: Math.min(1, this.#geometry.sweep(lba, sectors) / TURN),
      sinceNs: at,
      tid,
      who: tid === 0 ? "kernel" : `${name || "pid"} ${pid}`,
    };
  }

  #start({ id, at, phases }: Of<"block_start">): void {
    const request = this.#waiting.get(id);
    if (request === undefined) return;
    this.#waiting.delete(id);
    const [overhead, seek, settle, rotate, transfer] = phases.split(" ")
      .map(Number) as [number, number, number, number, number];
    const isCached = seek + settle + rotate === 0 &&
      transfer !== this.#transferNs(request);
    const service: Service = {
      request,
      startNs: at,
      from: this.#cylinder,
      isCached,
      phases: isCached ? [{ name: "buffer", ns: overhead + transfer }] : [
        { name: "overhead", ns: overhead },
        { name: "seek", ns: seek },
        { name: "settle", ns: settle },
        { name: "turn", ns: rotate },
        { name: "transfer", ns: transfer },
      ],
    };
    this.#served.set(id, service);
    if (isCached) return;
    this.#armService = service;
    const { lba, sectors } = request;
    const last = this.#geometry.locate(lba + Math.max(1, sectors) - 1);
    this.#cylinder = last.cylinder;
  }

  #transferNs({ lba, sectors }: DriveRequest): number {
    return this.#geometry.turnNs(this.#geometry.sweep(lba, sectors));
  }

  #complete(id: number): void {
    const service = this.#served.get(id);
    if (service === undefined) return;
    this.#served.delete(id);
    if (service.request.what === "read") this.#counts.reads++;
    else if (service.request.what === "write") this.#counts.writes++;
  }

  #armAt(now: number): number {
    const service = this.#armService;
    if (service === null) return this.#cylinder;
    const { request, from, startNs, phases } = service;
    if (!this.#served.has(request.id)) return this.#cylinder;
    const [overheadNs = 0, seekNs = 0] = phases.map(({ ns }) => ns);
    const way = request.cylinder - from;
    return from + way * moved(now - startNs - overheadNs, seekNs);
  }
}

/** The part of the way that is done: the first half faster and faster, the second slower and slower. */
function moved(sinceNs: number, seekNs: number): number {
  if (sinceNs <= 0) return 0;
  if (sinceNs >= seekNs) return 1;
  const part = sinceNs / seekNs;
  return part < 0.5 ? 2 * part * part : 1 - 2 * (1 - part) * (1 - part);
}

function phasesLeft({ phases, startNs }: Service, now: number): Phase[] {
  const left: Phase[] = [];
  let endNs = startNs;
  for (const { name, ns } of phases) {
    endNs += ns;
    if (ns === 0 || endNs <= now) continue;
    left.push({ name, leftNs: Math.min(ns, endNs - now) });
  }
  return left;
}
