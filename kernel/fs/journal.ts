// The journal: makes what belongs together appear on the platter together. The
// running transaction gathers changes in memory. Committing it writes the data
// that it speaks of, then its record (journal_format.ts): from then on it will
// survive. Later, at the checkpoint, its blocks are written where they belong,
// and the record's place in the ring is free again.
//
// One commit or checkpoint at a time, and no operation waits for one unless it
// asks for durability or finds no room: changes go on in the next transaction.
//
// A block that was given back is not taken again before the checkpoint of the
// transaction that gave it back. So data never overwrites what an older state,
// to which a power cut may lead, still needs, and no replayed image overwrites
// younger data; ext4 needs revoke records for that.

import type { ErrorCode } from "../abi.ts";
import { TRACE } from "../trace.ts";
import type { Bitmaps } from "./bitmaps.ts";
import type { BlockDevice, StorageMachine, Transfer } from "./block.ts";
import {
  encodeRecord,
  encodeTail,
  type Image,
  type JournalTail,
  recordBlocks,
  ringBlock,
} from "./journal_format.ts";
import { BLOCK_BYTES, JOURNAL_BLOCK, JOURNAL_RING } from "./layout.ts";
import type { PageCache } from "./page_cache.ts";
import { IoWait } from "./page_io.ts";
import type { TaskRunner, Work } from "./task.ts";
import { Transaction } from "./transaction.ts";
import { TurnQueue } from "./turn.ts";

/** Changed blocks at which the running transaction takes in no more: with what one operation can add (128 bitmaps, 773 lists) it still fits in the ring. */
const TRANSACTION_BLOCKS_MAX = 512;

/** A committed transaction that is not all at home. */
interface Live {
  transaction: Transaction;
  blocks: number;
}

/** A block of the journal that is newer than the one at home. */
interface Home {
  bytes: Uint8Array;
  sequence: number;
  sinceNs: number;
}

export class Journal {
  running: Transaction;
  /** The last transaction that will survive. */
  committed: number;
  #checkpointed: number;
  #commitWanted = 0;
  #checkpointWanted = 0;
  /** The blocks of the transaction that is being committed. */
  #closed: readonly Image[] = [];
  readonly #homes = new Map<number, Home>();
  readonly #live: Live[] = [];
  /** Where the next record goes. */
  #head: number;
  #used = 0;
  #working = false;
  readonly #turns = new TurnQueue("disk", () => "disk: the journal");

  constructor(
    readonly device: BlockDevice,
    readonly machine: StorageMachine,
    readonly runner: TaskRunner,
    readonly bitmaps: Bitmaps,
    { at, sequence }: JournalTail,
  ) {
    this.#head = at;
    this.committed = this.#checkpointed = sequence - 1;
    this.running = new Transaction(sequence);
  }

  /** The cache is made with `journaled`, so it comes later. */
  cache!: PageCache;

  /** A block that is not yet at home, as the last commit left it. */
  readonly journaled = (block: number): Uint8Array | null =>
    this.#homes.get(block)?.bytes ?? null;

  /** The running transaction takes in no more. */
  get isFull(): boolean {
    return this.running.size + this.bitmaps.changedCount >=
      TRANSACTION_BLOCKS_MAX;
  }

  /** The last transaction that has changes: durable when it is committed. */
  get last(): number {
    return this.running.isEmpty
      ? this.running.sequence - 1
      : this.running.sequence;
  }

  /** Since when the oldest committed change waits to be written home, ns; Infinity if none does. */
  get homeSinceNs(): number {
    const [first] = this.#homes.values();
    return first?.sinceNs ?? Infinity;
  }

  // ----------------------------------------------------------- for operations

  /** Waits until the running transaction takes in more. */
  *room(): Work<void> {
    while (this.isFull) {
      const full = this.running.sequence;
      this.#want(full, 0);
      const turn = this.#turns.until(
        () => this.running.sequence !== full,
        false,
      );
      yield turn;
      if (turn.task === null) return;
    }
  }

  /** Waits until a transaction is committed. */
  *durable(sequence: number): Work<void> {
    if (this.committed >= sequence) return;
    this.#want(sequence, 0);
    yield this.#turns.until(() => this.committed >= sequence, true);
  }

  /** Waits until everything is at home, so that what was given back can be taken. */
  *checkpoint(): Work<void> {
    const { last } = this;
    if (this.#checkpointed >= last) return;
    this.#want(last, last);
    yield this.#turns.until(() => this.#checkpointed >= last, false);
  }

  /** For the host: what to write where, so that all is at home and the journal is empty. */
  unsaved(): Map<number, Uint8Array> {
    const blocks = new Map<number, Uint8Array>();
    for (const [block, { bytes }] of this.#homes) blocks.set(block, bytes);
    for (const { block, bytes } of this.#closed) blocks.set(block, bytes);
    const read = (block: number) =>
      this.cache.find(block)?.bytes ?? blocks.get(block) ??
        this.device.peek(block);
    const running = this.running.preview(read, this.bitmaps);
    for (const { block, bytes } of running) blocks.set(block, bytes);
    const header = new Uint8Array(BLOCK_BYTES);
    const sequence = this.running.sequence + 1;
    header.set(encodeTail({ at: this.#head, sequence }));
    return blocks.set(JOURNAL_BLOCK, header);
  }

  /** For the host, which has written all that, on a disk that nobody uses yet. */
  saved(): void {
    const { sequence, freed } = this.running;
    for (const piece of freed) this.bitmaps.release(piece);
    this.bitmaps.takeChanged();
    this.running.abandon();
    this.running = new Transaction(sequence + 1);
    this.committed = this.#checkpointed = sequence;
  }

  // ----------------------------------------------------------- the work

  #want(commit: number, checkpoint: number): void {
    this.#commitWanted = Math.max(this.#commitWanted, commit);
    this.#checkpointWanted = Math.max(this.#checkpointWanted, checkpoint);
    if (this.#working) return;
    this.#working = true;
    this.runner.start(this.#work(), null, {
      done: () => this.#working = false,
      failed: ({ code }) => broken(code),
    });
  }

  *#work(): Work<void> {
    for (;;) {
      if (this.committed < this.#commitWanted) yield* this.#commit();
      else if (this.#checkpointed < this.#checkpointWanted) {
        yield* this.#checkpointAll();
      } else return;
      this.#turns.look();
    }
  }

  *#commit(): Work<void> {
    while (yield* this.cache.bring(this.running.tableBlocks));
    const transaction = this.running;
    const images = transaction.close(this.cache, this.bitmaps);
    const { sequence } = transaction;
    this.running = new Transaction(sequence + 1);
    this.#closed = images;
    this.#turns.look(); // those who waited for room go on
    const blocks = recordBlocks(images.length);
    if (this.#used + blocks > JOURNAL_RING) yield* this.#checkpointAll();
    yield* this.cache.writeBack(transaction.ordered);
    yield new IoWait(this.device, true, { start: () => transaction.draining });
    yield this.device.flush();
    yield this.device.batch(this.#record(sequence, images));
    this.#head = (this.#head + blocks) % JOURNAL_RING;
    this.#used += blocks;
    this.#committed(transaction, images, blocks);
  }

  #committed(transaction: Transaction, images: Image[], blocks: number): void {
    const { sequence } = transaction;
    const sinceNs = this.machine.clock.now;
    for (const { block, bytes } of images) {
      this.#homes.delete(block); // the order is that of the time
      this.#homes.set(block, { bytes, sequence, sinceNs });
    }
    transaction.release();
    this.#live.push({ transaction, blocks });
    this.committed = sequence;
    this.#closed = [];
    const data = transaction.ordered.size;
    this.machine.emit(
      TRACE.journal_commit,
      sequence,
      images.length,
      data,
    );
  }

  /** The record, in two parts where the ring goes round. */
  #record(sequence: number, images: readonly Image[]): Transfer[] {
    const bytes = encodeRecord(sequence, images);
    const untilEnd = (JOURNAL_RING - this.#head) * BLOCK_BYTES;
    const parts = [bytes.subarray(0, untilEnd), bytes.subarray(untilEnd)];
    const places = [ringBlock(this.#head), ringBlock(0)];
    return parts.flatMap((part, i) =>
      part.length === 0 ? [] : this.device.writeTransfers(places[i]!, part)
    ).map((transfer) => ({ ...transfer, fua: true }));
  }

  /** Writes home what is committed; the ring is free, and so is what was given back. */
  *#checkpointAll(): Work<void> {
    const { committed } = this;
    const homes = [...this.#homes].sort(([a], [b]) => a - b);
    yield this.device.batch(
      homes.flatMap(([block, { bytes }]) =>
        this.device.writeTransfers(block, bytes)
      ),
    );
    yield this.device.flush();
    for (const [block, home] of homes) {
      if (this.#homes.get(block) === home) this.#homes.delete(block);
    }
    yield this.device.batch([this.#header(committed + 1)]);
    for (const { transaction, blocks } of this.#live.splice(0)) {
      this.#used -= blocks;
      for (const piece of transaction.freed) this.bitmaps.release(piece);
    }
    this.#checkpointed = committed;
  }

  #header(sequence: number): Transfer {
    const data = encodeTail({ at: this.#head, sequence });
    return {
      lba: this.device.lba(JOURNAL_BLOCK),
      write: true,
      data,
      fua: true,
    };
  }
}

function broken(code: ErrorCode): never {
  throw new Error(`journal: ${code}`);
}
