// The block layer: between the file system's blocks of 4 KiB and the drive's
// sectors. It turns a batch of transfers into requests for the drive, tells the
// trace, takes the drive's interrupts and wakes the tasks. It knows where groups
// lie on the disk and nothing of what is in a block.

import type { Clock } from "../clock.ts";
import { Hdd, type HddRequest, type Service } from "../dev/hdd.ts";
import { Geometry } from "../dev/hdd_geometry.ts";
import type { HddModel } from "../dev/hdd_model.ts";
import type { Policy } from "../dev/hdd_policy.ts";
import { Platter, SECTOR_BYTES } from "../dev/platter.ts";
import { TRACE } from "../trace.ts";
import {
  BLOCK_BYTES,
  GROUP_BLOCKS,
  lbaOfBlock,
  SECTORS_PER_BLOCK,
} from "./layout.ts";
import type { Task, Wait } from "./task.ts";

/** What storage asks of its machine. */
export interface StorageMachine {
  readonly clock: Clock;
  readonly trace: { readonly on: boolean };
  emit(kind: number, a?: number, b?: number, c?: number, text?: string): void;
  interrupt(device: string, handler: () => void): void;
  objectCreated(what: string): number;
  objectReleased(what: string, id: number): void;
}

export interface BlockDeviceOptions {
  machine: StorageMachine;
  model: HddModel;
  policy: Policy;
  queueDepth?: number;
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
}

export class BlockDevice {
  readonly platter: Platter;
  readonly hdd: Hdd<BlockRequest>;
  readonly name = "hda";
  #machine: StorageMachine;
  #lastId = 0;

  constructor(options: BlockDeviceOptions) {
    const { machine, model } = options;
    this.#machine = machine;
    this.platter = options.platter ??
      new Platter(new Geometry(model).capacity);
    this.hdd = new Hdd({
      clock: machine.clock,
      model,
      policy: options.policy,
      platter: this.platter,
      queueDepth: options.queueDepth,
      onStart: (request, service) => this.#started(request, service),
      onComplete: (request) => this.#completed(request),
    });
  }

  /** Yield it: the task goes on when all transfers are done. */
  batch(transfers: readonly Transfer[]): Batch {
    return new Batch(this, transfers);
  }

  /** Reading `count` blocks from `block` on. They lie in one group. */
  readTransfers(block: number, data: Uint8Array): Transfer[] {
    return this.#transfers(block, data, false);
  }

  /** Writing the same. */
  writeTransfers(block: number, data: Uint8Array): Transfer[] {
    return this.#transfers(block, data, true);
  }

  /** One sector of a block, out of a buffer that holds the whole block. */
  writeSector(block: number, sector: number, data: Uint8Array): Transfer {
    const from = sector * SECTOR_BYTES;
    return {
      lba: this.lba(block) + sector,
      write: true,
      data: data.subarray(from, from + SECTOR_BYTES),
    };
  }

  lba(block: number): number {
    return lbaOfBlock(block, this.platter.sectors);
  }

  /** Gives a transfer to the drive. */
  issue(transfer: Transfer, batch: Batch): BlockRequest {
    const { lba, write, data } = transfer;
    const sectors = data.length / SECTOR_BYTES;
    const id = ++this.#lastId;
    const request = { id, lba, sectors, write, data, batch };
    const what = write ? "write" : "read";
    this.#machine.emit(TRACE.block_issue, id, lba, sectors, what);
    this.hdd.submit(request);
    return request;
  }

  /** Does a transfer now, in no time: for the host. */
  move({ lba, write, data }: Transfer): void {
    if (write) this.platter.write(lba, data);
    else this.platter.read(lba, data);
  }

  #transfers(block: number, data: Uint8Array, write: boolean): Transfer[] {
    const count = data.length / BLOCK_BYTES;
    if (block % GROUP_BLOCKS + count > GROUP_BLOCKS) {
      throw new Error(
        `block layer: ${count} blocks from ${block} cross groups`,
      );
    }
    const transfers: Transfer[] = [];
    for (let done = 0; done < count; done += REQUEST_BLOCKS_MAX) {
      const end = Math.min(count, done + REQUEST_BLOCKS_MAX);
      transfers.push({
        lba: this.lba(block) + done * SECTORS_PER_BLOCK,
        write,
        data: data.subarray(done * BLOCK_BYTES, end * BLOCK_BYTES),
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
    this.#machine.interrupt(this.name, () => {
      this.#machine.emit(TRACE.block_complete, request.id, request.lba);
      request.batch.completed(request);
    });
  }
}

interface BlockRequest extends HddRequest {
  readonly batch: Batch;
}

/** Some transfers that a task waits for together. */
export class Batch implements Wait {
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
      this.moveNow();
      return false;
    }
    this.#task = task;
    for (const transfer of this.transfers) {
      this.#left.add(this.device.issue(transfer, this));
    }
    return this.#left.size > 0;
  }

  /** In no time. */
  moveNow(): void {
    for (const transfer of this.transfers) this.device.move(transfer);
  }

  completed(request: BlockRequest): void {
    this.#left.delete(request);
    if (this.#left.size === 0) this.#task!.runner.wake(this.#task!);
  }

  /** Only while all of it waits outside the drive. */
  withdraw(): boolean {
    const { hdd } = this.device;
    const requests = [...this.#left];
    if (!requests.every((request) => hdd.isOutside(request))) return false;
    for (const request of requests) hdd.withdraw(request);
    return true;
  }

  describe(): string {
    const { hdd } = this.device;
    const serving = hdd.current?.request;
    const [first] = this.#left;
    const request = serving?.batch === this ? serving : first;
    if (request === undefined) return "disk";
    const what = request.write ? "write" : "read";
    return `disk: ${what}, ${hdd.describe(request)}`;
  }
}
