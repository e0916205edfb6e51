// Chains of power cuts. A machine is booted, workers use its files, the power
// goes at some nanosecond, it is booted again from the same platter, and what is
// there is compared with what must be there; then the next cut, on the same
// platter. A chain is a function of its seed: cut n of it can be had again.

import {
  close,
  fstat,
  join,
  O_RDONLY,
  open,
  type Program,
  read,
  readdir,
  stat,
  thread,
} from "kettle";
import { type Machine, World } from "kettle/world";
import { hasBit, setBit } from "../../kernel/fs/bitmaps.ts";
import { check } from "../../kernel/fs/mod.ts";
import { HDD_MODELS } from "../../kernel/dev/hdd_model.ts";
import type { Platter } from "../../kernel/dev/platter.ts";
import {
  BITMAP_BLOCK,
  BLOCK_BYTES,
  decodeInode,
  encodeExtentList,
  encodeInode,
  type Extent,
  GROUP_BLOCKS,
  GROUPS,
  INLINE_EXTENTS,
  inodePlace,
  lbaOfBlock,
  LIST_EXTENTS,
} from "../../kernel/fs/layout.ts";
import { assertDiskWhole } from "./disk_whole.ts";
import { type Found, Territory } from "./power_oracle.ts";
import { BASES, Dice, Worker } from "./power_workload.ts";

const MS = 1_000_000;
const WORKERS = 3;
const POLICIES = [
  "fcfs",
  "sstf",
  "scan",
  "c-look",
  "satf",
  "deadline",
] as const;
const FILLER = "/filler";

export interface ChainOptions {
  seed: number;
  /** Cuts in the chain. */
  cuts: number;
  /** What the machine is made of; without it, the seed says. */
  writeCache?: boolean;
  /** Does something to the machine that must be found out: after each boot, and to the platter while the power is off. */
  afterBoot?: (machine: Machine) => void;
  whileOff?: (platter: Platter, machine: Machine) => void;
}

export interface ChainResult {
  cuts: number;
  /** Null: everything was as it must be. */
  failure: string | null;
}

/** Runs a chain, to its end or to the first cut after which something is wrong. */
export function runChain(options: ChainOptions): ChainResult {
  const chain = new Chain(options);
  for (let cut = 1; cut <= options.cuts; cut++) {
    const failure = chain.cut(cut);
    if (failure === null) continue;
    const how = `SEED=${options.seed} CUT=${cut}`;
    return { cuts: cut, failure: `${how}: ${chain.setup}; ${failure}` };
  }
  const failure = chain.finish(options.cuts + 1);
  return {
    cuts: options.cuts,
    failure: failure === null ? null : `SEED=${options.seed}: ${failure}`,
  };
}

class Chain {
  readonly #dice: Dice;
  readonly #options: ChainOptions;
  readonly #isTight: boolean;
  readonly #world: World;
  readonly #machine: Machine;
  readonly #territories = Array.from(
    { length: WORKERS },
    (_, worker) => new Territory(worker, BASES),
  );
  readonly setup: string;

  constructor(options: ChainOptions) {
    const { seed } = options;
    this.#options = options;
    this.#dice = new Dice(seed);
    const dice = this.#dice;
    this.#isTight = dice.chance(0.25);
    const writeCache = dice.chance(0.5);
    const disk = {
      model: dice.pick(HDD_MODELS).name,
      readAhead: dice.chance(0.8),
      policy: dice.pick(POLICIES),
      queueDepth: dice.pick([1, 4, 32]),
      writeCache: options.writeCache ?? writeCache,
    };
    const cpus = 1 + dice.below(2);
    const memory = dice.pick([3, 6, 64]) * 1024 * 1024;
    const stackBytes = 64 * 1024;
    this.setup = JSON.stringify({ ...disk, memory, tight: this.#isTight });
    this.#world = new World({ seed, trace: false });
    this.#machine = this.#world.boot({
      cpus,
      disk,
      memory,
      stackBytes,
      files: { [FILLER]: "" },
    });
    if (this.#isTight) this.#tighten();
    options.afterBoot?.(this.#machine);
  }

  /** Leaves a few blocks free. */
  #tighten(): void {
    let ino = 0;
    const process = this.#machine.spawn(function* () {
      ino = (yield* stat(FILLER)).ino;
    });
    this.#world.run({ until: process });
    this.#machine.pullPlug();
    fill(this.#machine.platter, ino, 12 + this.#dice.below(40));
    this.#machine.powerOn();
  }

  /** Works, cuts, boots, compares; what is wrong, or null. */
  cut(number: number): string | null {
    const dice = new Dice(this.#options.seed, number);
    let complaint: string | null = null;
    this.#startWorkers(dice, (sentence) => complaint ??= sentence);
    if (dice.chance(0.15)) this.#killOne(dice);
    const visit = dice.chance(0.2) ? this.#visit(dice) : null;
    if (visit !== null) return `while the machine runs: ${visit}`;
    const when = this.#waitForTheMoment(dice);
    this.#machine.pullPlug();
    this.#options.whileOff?.(this.#machine.platter, this.#machine);
    const wrong = complaint ?? this.#recover(dice.chance(0.25));
    return wrong === null ? null : `${when}: ${wrong}`;
  }

  /** A last time without a cut: everything is as the workers left it, and nothing has leaked. */
  finish(number: number): string | null {
    const dice = new Dice(this.#options.seed, number);
    let complaint: string | null = null;
    this.#startWorkers(dice, (sentence) => complaint ??= sentence);
    const { reason, report } = this.#world.run();
    if (reason !== "done") return `the workers end: ${reason} ${report}`;
    for (const territory of this.#territories) territory.keepNewest();
    const tree = walk(this.#machine);
    if (typeof tree === "string") return tree;
    for (const territory of this.#territories) {
      complaint ??= territory.compare(ofWorker(tree, territory.worker));
    }
    if (complaint === null) assertDiskWhole(this.#machine);
    return complaint;
  }

  /** Some time from now the host kills a process, whatever it is doing. */
  #killOne(dice: Dice): void {
    const machine = this.#machine;
    const [pid] = [...machine.processes.keys()].slice(-1);
    this.#world.run({ untilNs: this.#world.now + dice.below(this.#spanNs) });
    this.#world.input({ machine: machine.index, kill: pid });
  }

  /** Some time from now the host saves a file and takes an image, in no time. */
  #visit(dice: Dice): string | null {
    const machine = this.#machine, world = this.#world;
    world.run({ untilNs: world.now + dice.below(this.#spanNs) });
    const text = String(dice.below(10 ** 9)).repeat(dice.below(900));
    machine.files.poke(`/etc/saved${dice.below(3)}`, text);
    const image = machine.files.image();
    const [wrong] = check(image);
    if (wrong !== undefined) return `the image: ${wrong}`;
    const other = new World({ trace: false }).boot({
      disk: { ...machine.settings.disk, image },
    });
    const tree = walk(other);
    if (typeof tree === "string") return `the image: ${tree}`;
    for (const territory of this.#territories) {
      const bad = territory.compareNewest(ofWorker(tree, territory.worker));
      if (bad !== null) return `the image: ${bad}`;
    }
    return null;
  }

  #startWorkers(dice: Dice, complain: (sentence: string) => void): void {
    this.#spanNs = dice.pick([20, 100, 500, 2_000, 12_000, 45_000]) * MS;
    const pauseNs = dice.chance(0.2) ? 0 : this.#spanNs / 40;
    const workers = this.#territories.map((territory, i) =>
      new Worker({
        dice: new Dice(this.#options.seed, dice.below(2 ** 30), i),
        territory,
        operations: 20 + dice.below(60),
        pauseNs,
        isTight: this.#isTight,
        complain,
      })
    );
    const main = (worker: Worker) =>
      function* (): Program {
        try {
          yield* worker.main();
        } catch (error) {
          complain(`a worker threw ${(error as Error).message}`);
        }
      };
    const [first, second, third] = workers;
    this.#machine.spawn(function* twoThreads() {
      const tid = yield* thread(main(first!));
      yield* main(second!)();
      yield* join(tid);
    });
    this.#machine.spawn(main(third!));
  }

  #spanNs = 0;

  /** Lets time go on until the power is to go; says when that is. */
  #waitForTheMoment(dice: Dice): string {
    const world = this.#world, startNs = world.now;
    const inWrite = dice.chance(0.5);
    const untilNs = startNs + dice.below(this.#spanNs);
    let what = "";
    if (inWrite) {
      what = this.#waitForWrite(dice, startNs + this.#spanNs);
    } else world.run({ untilNs });
    return `power cut after ${world.now - startNs} ns${what}`;
  }

  /** Until the head is somewhere in the n-th write from now. */
  #waitForWrite(dice: Dice, untilNs: number): string {
    const { hdd } = this.#machine.files.device;
    let left = dice.below(dice.pick([3, 40, 150])), last: unknown = null;
    const isReached = () => {
      const request = hdd.current?.request ?? null;
      if (request === null || !request.write || request === last) return false;
      last = request;
      return left-- <= 0;
    };
    const { reason } = this.#world.run({ until: isReached, untilNs });
    const { current } = hdd;
    if (reason !== "until" || current === null) return "";
    const { endNs, transferNs } = current.service;
    const before = Math.floor(dice.roll() * (transferNs + dice.below(2) * MS));
    const cutNs = Math.max(this.#world.now, endNs - before);
    this.#world.run({ untilNs: cutNs });
    const { lba, sectors } = current.request;
    return ` in a write of ${sectors} sectors at ${lba}`;
  }

  /** What is wrong after the power came back, or null; checking what the boot made of the disk takes long. */
  #recover(checksAgain: boolean): string | null {
    const machine = this.#machine;
    const before = check(machine.platter);
    if (before.length > 0) return `before the boot, check says: ${before[0]}`;
    try {
      machine.powerOn();
    } catch (error) {
      return (error as Error).message;
    }
    this.#options.afterBoot?.(machine);
    const after = checksAgain ? check(machine.platter) : [];
    if (after.length > 0) return `after the boot, check says: ${after[0]}`;
    const tree = walk(this.#machine);
    if (typeof tree === "string") return tree;
    for (const territory of this.#territories) {
      const own = ofWorker(tree, territory.worker);
      const wrong = territory.compare(own);
      if (wrong !== null) return wrong;
      territory.restart(own);
    }
    return null;
  }
}

/** Everything on the disk that workers may have made, as a program sees it. */
function walk(machine: Machine): Map<string, Found> | string {
  const tree = new Map<string, Found>();
  let wrong = "the walk never ended";
  const process = machine.spawn(function* walk() {
    try {
      for (const base of BASES) yield* walkInto(base, tree);
      wrong = "";
    } catch (error) {
      wrong = `walking: ${(error as Error).message}`;
    }
  });
  const { reason, report } = machine.world.run({ until: process });
  if (reason === "panic") return report;
  return wrong === "" ? tree : wrong;
}

function* walkInto(directory: string, tree: Map<string, Found>): Program {
  for (const { name } of yield* readdir(directory)) {
    const path = `${directory}/${name}`;
    const { type, ino, size, nlink } = yield* stat(path);
    const found: Found = { type, ino, size, nlink, bytes: null };
    tree.set(path, found);
    if (type === "directory") yield* walkInto(path, tree);
    else {
      const fd = yield* open(path, O_RDONLY);
      found.bytes = size === 0 ? new Uint8Array(0) : yield* read(fd, size);
      if ((yield* fstat(fd)).size !== found.bytes.length) {
        throw new Error(`${path} has fewer bytes than its size says`);
      }
      yield* close(fd);
    }
  }
}

/** The part of a tree that a worker made. */
function ofWorker(
  tree: ReadonlyMap<string, Found>,
  worker: number,
): Map<string, Found> {
  const own = new Map<string, Found>();
  for (const [path, found] of tree) {
    if (path.split("/")[2]!.startsWith(`w${worker}`)) own.set(path, found);
  }
  return own;
}

/** Gives all free blocks but some to an empty file, on a platter that is not in use. */
export function fill(platter: Platter, ino: number, leave: number): void {
  const pieces: { block: number; count: number }[] = [];
  const bitmaps = Array.from(
    { length: GROUPS },
    (_, group) => blockOf(platter, group * GROUP_BLOCKS + BITMAP_BLOCK),
  );
  let spare = leave;
  bitmaps.forEach((bits, group) => {
    for (let i = 0; i < GROUP_BLOCKS; i++) {
      if (hasBit(bits, 0, i) || spare-- > 0) continue;
      setBit(bits, 0, i);
      const block = group * GROUP_BLOCKS + i;
      const last = pieces.at(-1);
      if (last !== undefined && last.block + last.count === block) last.count++;
      else pieces.push({ block, count: 1 });
    }
    putBlock(platter, group * GROUP_BLOCKS + BITMAP_BLOCK, bits);
  });
  giveTo(platter, ino, pieces);
}

function giveTo(
  platter: Platter,
  ino: number,
  pieces: { block: number; count: number }[],
): void {
  const lists = Math.ceil((pieces.length - INLINE_EXTENTS) / LIST_EXTENTS);
  const listBlocks = pieces.splice(0, Math.max(0, lists)).map((piece) => {
    const { block } = piece;
    if (piece.count > 1) {
      pieces.push({ block: block + 1, count: piece.count - 1 });
    }
    return block;
  });
  let fileBlock = 0;
  const extents = pieces.map((piece): Extent => {
    const extent = { fileBlock, ...piece };
    fileBlock += piece.count;
    return extent;
  });
  listBlocks.forEach((block, i) => {
    const from = INLINE_EXTENTS + i * LIST_EXTENTS;
    const part = extents.slice(from, from + LIST_EXTENTS);
    const bytes = encodeExtentList(part, listBlocks[i + 1] ?? 0);
    putBlock(platter, block, bytes);
  });
  const { block, offset } = inodePlace(ino);
  const table = blockOf(platter, block);
  encodeInode(
    {
      ...decodeInode(table, offset),
      size: fileBlock * BLOCK_BYTES,
      extentCount: extents.length,
      extentBlock: listBlocks[0] ?? 0,
      extents,
    },
    table,
    offset,
  );
  putBlock(platter, block, table);
}

function blockOf(platter: Platter, block: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  platter.read(lbaOfBlock(block, platter.sectors), bytes);
  return bytes;
}

function putBlock(platter: Platter, block: number, bytes: Uint8Array): void {
  platter.write(lbaOfBlock(block, platter.sectors), bytes);
}
