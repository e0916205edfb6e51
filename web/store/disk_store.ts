// The visitor's disk, kept by the page: all of it in memory, and each change on
// the shelf, in one piece, so that a tab that dies leaves the disk of one moment.
// A damaged disk is put aside and never written to. A new disk (imported, or
// fresh) takes the place of the old one when a machine has booted from it. It
// knows blocks and nothing of files.

import {
  BLOCKS_MAX,
  checkedRows,
  FORMAT,
  type Header,
  isPlausible,
  packed,
  rowOf,
  type Rows,
  termOf,
} from "./disk_records.ts";
import type { DiskBlocks } from "../protocol.ts";
import type { Change, Key, Shelf } from "./shelf.ts";

export type Keeping =
  /** On the shelf. */
  | "kept"
  /** There is no storage: it lasts as long as the page. */
  | "memory"
  /** Another tab has it: nothing is kept. */
  | "elsewhere"
  /** The storage took no more. */
  | "full";

/** Which disk is the visitor's, and which are put aside. */
interface Pointers {
  current: number;
  /** The one before, until a machine has booted from the current one. */
  previous: number | null;
  damaged: { disk: number; why: string }[];
}

interface Disk {
  number: number;
  header: Header | null;
  rows: Rows;
}

const POINTERS = "pointers";
/** The number under which a disk's header is, beside its blocks. */
const HEADER = -1;

export class DiskStore {
  readonly #shelf: Shelf | null;
  /** Something was kept, or could not be. */
  onChange: () => void = () => {};
  #pointers: Pointers = { current: 1, previous: null, damaged: [] };
  #disk: Disk = emptyDisk(1);
  #before: Disk | null = null;
  /** Changed, and not on the shelf yet. */
  #pending = new Set<number>();
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #keeping: Keeping;

  /** `isOurs` false: another tab has the disk. */
  constructor(shelf: Shelf | null, isOurs: boolean) {
    this.#shelf = shelf;
    this.#keeping = shelf === null ? "memory" : isOurs ? "kept" : "elsewhere";
  }

  get keeping(): Keeping {
    return this.#keeping;
  }

  get hasDamaged(): boolean {
    return this.#pointers.damaged.length > 0 && this.#shelf !== null;
  }

  get blockCount(): number {
    return this.#disk.rows.size;
  }

  /** The disk for a machine to boot from; null: a fresh one. */
  get disk(): DiskBlocks | null {
    const { header, rows } = this.#disk;
    return header === null ? null : packed(header, rows);
  }

  // ----------------------------------------------------------- opening

  /** Reads what an earlier visit left; a sentence if that is damaged. */
  async open(): Promise<string | null> {
    const shelf = this.#shelf;
    if (shelf === null) return null;
    try {
      const found = await shelf.get(POINTERS) as Pointers | undefined;
      if (found === undefined) return null;
      this.#pointers = found;
      const { current, previous } = found;
      const disk = await this.#read(current);
      if (typeof disk === "string") {
        await this.setAside(disk);
        return disk;
      }
      this.#disk = disk;
      const before = previous === null ? "" : await this.#read(previous);
      this.#before = typeof before === "string" ? null : before;
      return null;
    } catch {
      this.#keeping = "memory";
      return null;
    }
  }

  async #read(number: number): Promise<Disk | string> {
    const { header, blocks } = await this.#records(number);
    if (header === undefined) {
      return blocks.length === 0 ? emptyDisk(number) : "its header is missing";
    }
    const rows = checkedRows(header, blocks);
    if (typeof rows === "string") return rows;
    return { number, header: header as Header, rows };
  }

  async #records(
    number: number,
  ): Promise<{ header: unknown; blocks: [number, unknown][] }> {
    const records = await this.#shelf!.records(number);
    return {
      header: records.find(([block]) => block === HEADER)?.[1],
      blocks: records.filter(([block]) => block !== HEADER),
    };
  }

  // ----------------------------------------------------------- keeping

  /** Takes what the machine's disk has changed; false if it cannot be. */
  put(change: DiskBlocks): boolean {
    if (!isPlausible(change)) return false;
    const { rows } = this.#disk;
    const { numbers, bytes } = change;
    if (rows.size + numbers.length > BLOCKS_MAX) return false;
    const header = this.#disk.header ??= newHeader(change);
    numbers.forEach((number, i) => {
      const row = rowOf(bytes.subarray(i * 4096, (i + 1) * 4096));
      const less = termOf(number, rows.get(number));
      header.sum = (header.sum - less + termOf(number, row)) >>> 0;
      rows.set(number, row);
      this.#pending.add(number);
    });
    header.blocks = rows.size;
    this.#save();
    return true;
  }

  /** Done when all that was put is on the shelf, or is known not to get there. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** One transaction after another; what is put meanwhile goes with the next. */
  #save(): void {
    if (this.#isWriting || !this.#mayWrite) return;
    this.#isWriting = true;
    this.#writing = this.#write().finally(() => {
      this.#isWriting = false;
      this.onChange();
    });
  }

  get #mayWrite(): boolean {
    return this.#keeping === "kept" || this.#keeping === "full";
  }

  async #write(): Promise<void> {
    while (this.#pending.size > 0 && this.#mayWrite) {
      const { number, rows, header } = this.#disk;
      const taken = this.#pending;
      this.#pending = new Set();
      const generation = header!.generation || undefined;
      header!.generation++;
      const puts: [Key, unknown][] = [...taken].map((block) => [
        [number, block],
        rows.get(block)!,
      ]);
      puts.push([[number, HEADER], { ...header! }], [POINTERS, this.#pointers]);
      const guard = { key: [number, HEADER] as Key, generation };
      if (await this.#commit({ puts, guard })) continue;
      header!.generation--;
      for (const block of taken) this.#pending.add(block);
      return;
    }
  }

  async #commit(change: Change): Promise<boolean> {
    try {
      const isDone = await this.#shelf!.commit(change);
      this.#keeping = isDone ? "kept" : "elsewhere";
      return isDone;
    } catch {
      this.#keeping = "full";
      return false;
    }
  }

  // ----------------------------------------------------------- another disk

  /** Another disk takes the place of this one; null: a fresh one. The old is kept until `booted`. */
  async replace(disk: DiskBlocks | null): Promise<void> {
    await this.settled();
    this.#before = this.#disk;
    this.#turnTo(this.#freeNumber());
    this.#pointers.previous = this.#before.number;
    if (disk !== null) this.put(disk);
    else await this.#point();
    await this.settled();
  }

  /** A machine has booted from the disk: the one before is not needed any more. */
  async booted(): Promise<void> {
    if (this.#before === null) return;
    const { number } = this.#before;
    this.#before = null;
    this.#pointers.previous = null;
    await this.#point([number]);
  }

  /** No machine boots from the disk: back to the one before. False if there is none. */
  async goBack(): Promise<boolean> {
    const before = this.#before;
    if (before === null) return false;
    await this.settled();
    const { number } = this.#disk;
    this.#before = null;
    this.#pending.clear();
    this.#disk = before;
    this.#pointers = {
      ...this.#pointers,
      current: before.number,
      previous: null,
    };
    await this.#point([number]);
    return true;
  }

  /** The disk is damaged: it is kept as it is, and a fresh one takes its place. */
  async setAside(why: string): Promise<void> {
    const { current } = this.#pointers;
    this.#pointers.damaged.push({ disk: current, why });
    this.#turnTo(this.#freeNumber());
    await this.#point();
  }

  /** The blocks of the disk that was put aside last, as they are. */
  async damaged(): Promise<{ header: Header | null; rows: Rows } | null> {
    const last = this.#pointers.damaged.at(-1);
    if (last === undefined || this.#shelf === null) return null;
    const { header, blocks } = await this.#records(last.disk);
    const rows: Rows = new Map();
    for (const [number, row] of blocks) {
      if (row instanceof Uint8Array) rows.set(number, row);
    }
    return { header: (header as Header | undefined) ?? null, rows };
  }

  /** The disk that was put aside last is not wanted any more. */
  async forgetDamaged(): Promise<void> {
    const last = this.#pointers.damaged.pop();
    if (last !== undefined) await this.#point([last.disk]);
  }

  #turnTo(number: number): void {
    this.#disk = emptyDisk(number);
    this.#pending.clear();
    this.#pointers.current = number;
  }

  #freeNumber(): number {
    const { current, previous, damaged } = this.#pointers;
    return 1 + Math.max(
      current,
      previous ?? 0,
      ...damaged.map(({ disk }) => disk),
    );
  }

  async #point(drops: number[] = []): Promise<void> {
    if (!this.#mayWrite) return;
    await this.settled();
    await this.#commit({ puts: [[POINTERS, this.#pointers]], drops });
    this.onChange();
  }
}

function emptyDisk(number: number): Disk {
  return { number, header: null, rows: new Map() };
}

function newHeader({ model, sectors }: DiskBlocks): Header {
  return { format: FORMAT, model, sectors, generation: 0, blocks: 0, sum: 0 };
}
