// The block layer: between the file system's blocks of 4 KiB and the drive's
// sectors. It turns a batch of transfers into requests for the drive, tells the
// trace, takes the drive's interrupts and wakes the tasks. It knows where groups
// lie on the disk and nothing of what is in a block.

import type { Clock, Due } from "../clock.ts";
import { Hdd, type HddRequest, type Service } from "../dev/hdd.ts";
import { Geometry } from "../dev/hdd_geometry.ts";
import type { HddModel } from "../dev/hdd_model.ts";
import type { Policy } from "../dev/hdd_policy.ts";
import { Platter, SECTOR_BYTES } from "../dev/platter.ts";
import { TRACE } from "../trace.ts";
import { DiskStats } from "./disk_stats.ts";
import {
  BLOCK_BYTES,
  GROUP_BLOCKS,
  lbaOfBlock,
  SECTORS_PER_BLOCK,
} from "./layout.ts";
import type { Operation } from "../request.ts";
import type { Thread } from "../thread.ts";
import type { Task, Wait } from "./task.ts";

/** What storage asks of its machine. */
export interface StorageMachine {
  readonly clock: Clock;
  readonly trace: { readonly on: boolean };
  readonly memory: { readonly freeBytes: number };
  readonly costs: { readonly pageHitNs: number };
  /** CPU time that the kernel spends on the call under way beside the trap. */
  kernelNs: number;
  emit(kind: number, a?: number, b?: number, c?: number, text?: string): void;
  emitFor(
    thread: Thread,
    kind: number,
    a?: number,
    b?: number,
    c?: number,
    text?: string,
  ): void;
  interrupt(device: string, handler: () => void): void;
  objectCreated(what: string): number;
  objectReleased(what: string, id: number): void;
  /** As `clock.schedule`, for what keeps no world from being done. */
  scheduleBackground(due: number, owner: Due): number;
  cancelBackground(token: number): void;
}

export interface BlockDeviceOptions {
  machine: StorageMachine;
  model: HddModel;
  policy: Policy;
  queueDepth?: number;
  readAhead?: boolean;
  writeCache?: boolean;
  /** What is on it; without one, nothing. */
  platter?: Platter;
}

/** Blocks in one request at most, 1 MiB: Linux's max_sectors_kb is 1280. */
const REQUEST_BLOCKS_MAX = 256;

/** Sectors to move between the platter and a buffer. */
export interface Transfer {
  lba: number;
  write: boolean;
  /** Its length says how many sectors. The drive has it until the end. */
  data: Uint8Array;
  /** Past the drive's write cache: done when it is on the platter. */
  fua?: boolean;
  /** No sectors: done when the drive's write cache is empty. */
  flush?: boolean;
}

/** Who is told when a transfer is done. */
export interface Issuer {
  completed(request: BlockRequest): void;
}

export interface BlockRequest extends HddRequest {
  readonly issuer: Issuer;
  readonly issuedNs: number;
}

export class BlockDevice {
  readonly platter: Platter;
  readonly hdd: Hdd<BlockRequest>;
  readonly name = "hda";
  readonly hasWriteCache: boolean;
  readonly stats = new DiskStats();
  /** A read is over, or was taken back. */
  onReadEnd: () => void = () => {};
  /** Reads that are not over, in the order of issuing. */
  readonly #reads = new Set<BlockRequest>();
  #machine: StorageMachine;
  #lastId = 0;

  constructor(options: BlockDeviceOptions) {
    const { machine, model } = options;
    this.#machine = machine;
    this.hasWriteCache = options.writeCache ?? false;
    this.platter = options.platter ??
      new Platter(new Geometry(model).capacity);
    this.hdd = new Hdd({
      clock: machine.clock,
      model,
      policy: options.policy,
      platter: this.platter,
      queueDepth: options.queueDepth,
      readAhead: options.readAhead ?? true,
      writeCache: this.hasWriteCache,
      onStart: (request, service) => this.#started(request, service),
      onComplete: (request) => this.#completed(request),
    });
  }

  /** Yield it: the task goes on when all transfers are done. */
  batch(transfers: readonly Transfer[]): Batch {
    return new Batch(this, transfers);
  }

  /** Yield it: what the drive keeps in its write cache is on the platter then. */
  flush(): Batch {
    const data = new Uint8Array(0);
    return this.batch(
      this.hasWriteCache ? [{ lba: 0, write: true, data, flush: true }] : [],
    );
  }

  /** Reading `count` blocks from `block` on. They lie in one group. */
  readTransfers(block: number, data: Uint8Array): Transfer[] {
    return this.#transfers(block, data, false);
  }

  /** Writing the same. */
  writeTransfers(block: number, data: Uint8Array): Transfer[] {
    return this.#transfers(block, data, true);
  }

  lba(block: number): number {
    return lbaOfBlock(block, this.platter.sectors);
  }

  /** Gives a transfer to the drive, for an operation or (null) for the kernel itself. */
  issue(
    transfer: Transfer,
    issuer: Issuer,
    op: Operation | null,
  ): BlockRequest {
    const { lba, write, data, fua, flush } = transfer;
    const sectors = data.length / SECTOR_BYTES;
    const id = ++this.#lastId;
    const issuedNs = this.#machine.clock.now;
    const what = { id, lba, sectors, write, data, fua, flush };
    const request: BlockRequest = { ...what, issuer, issuedNs };
    const kind = kindOf(request);
    if (op === null) {
      this.#machine.emit(TRACE.block_issue, id, lba, sectors, kind);
    } else {
      const { thread } = op;
      this.#machine.emitFor(thread, TRACE.block_issue, id, lba, sectors, kind);
    }
    this.stats.issued(issuedNs);
    if (!write) this.#reads.add(request);
    this.hdd.submit(request);
    return request;
  }

  /** Takes a request back that waits before the drive. */
  withdraw(request: BlockRequest): void {
    this.hdd.withdraw(request);
    this.stats.withdrawn(this.#machine.clock.now);
    if (this.#reads.delete(request)) this.onReadEnd();
  }

  /** How long the oldest read has waited, ns; 0: there is none. */
  get readWaitNs(): number {
    for (const { issuedNs } of this.#reads) {
      return this.#machine.clock.now - issuedNs;
    }
    return 0;
  }

  /** Does a transfer now, in no time: for the host. */
  move({ lba, write, data }: Transfer): void {
    if (write) this.hdd.put(lba, data);
    else this.hdd.look(lba, data);
  }

  /** A block as the drive has it, in no time. */
  peek(block: number): Uint8Array {
    const bytes = new Uint8Array(BLOCK_BYTES);
    this.hdd.look(this.lba(block), bytes);
    return bytes;
  }

  /** What the drive has and the platter has not: sector → 4 KiB. */
  unwritten(): Map<number, Uint8Array> {
    const blocks = new Map<number, Uint8Array>();
    for (const { lba, sectors } of this.hdd.unwritten) {
      const first = lba - lba % SECTORS_PER_BLOCK;
      for (let at = first; at < lba + sectors; at += SECTORS_PER_BLOCK) {
        const bytes = new Uint8Array(BLOCK_BYTES);
        this.hdd.look(at, bytes);
        blocks.set(at, bytes);
      }
    }
    return blocks;
  }

  /** Writes a block in no time. */
  poke(block: number, bytes: Uint8Array): void {
    this.hdd.put(this.lba(block), bytes);
  }

  #transfers(block: number, data: Uint8Array, write: boolean): Transfer[] {
    const count = Math.ceil(data.length / BLOCK_BYTES);
    if (block % GROUP_BLOCKS + count > GROUP_BLOCKS) {
      throw new Error(
        `block layer: ${count} blocks from ${block} cross groups`,
      );
    }
    return this.sectorTransfers(this.lba(block), data, write);
  }

  /** The same by sectors, wherever they lie. */
  sectorTransfers(lba: number, data: Uint8Array, write = false): Transfer[] {
    const transfers: Transfer[] = [];
    const most = REQUEST_BLOCKS_MAX * BLOCK_BYTES;
    for (let done = 0; done < data.length; done += most) {
      transfers.push({
        lba: lba + done / SECTOR_BYTES,
        write,
        data: data.subarray(done, done + most),
      });
    }
    return transfers;
  }

  #started(request: BlockRequest, service: Service): void {
    if (!this.#machine.trace.on) return;
    const { overheadNs, seekNs, settleNs, rotateNs, transferNs, cylinder } =
      service;
    const phases =
      `${overheadNs} ${seekNs} ${settleNs} ${rotateNs} ${transferNs} ${cylinder}`;
    this.#machine.emit(TRACE.block_start, request.id, 0, 0, phases);
  }

  #completed(request: BlockRequest): void {
    const { now } = this.#machine.clock;
    const { sectors, issuedNs } = request;
    const done = this.stats[kindOf(request)];
    this.stats.completed(now, done, sectors, now - issuedNs);
    this.#machine.interrupt(this.name, () => {
      this.#machine.emit(TRACE.block_complete, request.id, request.lba);
      const wasRead = this.#reads.delete(request);
      request.issuer.completed(request);
      if (wasRead) this.onReadEnd();
    });
  }
}

/** Some transfers that a task waits for together. */
export class Batch implements Wait, Issuer {
  readonly kind = "disk";
  readonly changes: boolean;
  #task: Task | null = null;
  /** What the drive has not done yet. */
  #left = new Set<BlockRequest>();

  constructor(
    readonly device: BlockDevice,
    readonly transfers: readonly Transfer[],
  ) {
    this.changes = transfers.some(({ write }) => write);
  }

  begin(task: Task): boolean {
    if (task.instant) {
      for (const transfer of this.transfers) this.device.move(transfer);
      return false;
    }
    this.#task = task;
    for (const transfer of this.transfers) {
      this.#left.add(this.device.issue(transfer, this, task.op));
    }
    return this.#left.size > 0;
  }

  completed(request: BlockRequest): void {
    this.#left.delete(request);
    if (this.#left.size === 0) this.#task!.runner.wake(this.#task!);
  }

  /** Only while all of it waits outside the drive. */
  withdraw(): boolean {
    return withdrawAll(this.device, [...this.#left]);
  }

  describe(): string {
    return describeRequests(this.device, this.#left);
  }
}

/** Takes requests back, all or none: a drive that has one does not give it back. */
export function withdrawAll(
  device: BlockDevice,
  requests: readonly BlockRequest[],
): boolean {
  const { hdd } = device;
  if (!requests.every((request) => hdd.isOutside(request))) return false;
  for (const request of requests) device.withdraw(request);
  return true;
}

function kindOf({ flush, write }: BlockRequest): "read" | "write" | "flush" {
  return flush ? "flush" : write ? "write" : "read";
}

/** What a task waits for that waits for these, for people: the one in service, or the first. */
export function describeRequests(
  { hdd }: BlockDevice,
  requests: ReadonlySet<BlockRequest>,
): string {
  const serving = hdd.current?.request;
  const [first] = requests;
  const request = serving && requests.has(serving) ? serving : first;
  if (request === undefined) return "disk";
  const what = request.write ? "write" : "read";
  return `disk: ${what}, ${hdd.describe(request)}`;
}
