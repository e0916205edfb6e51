// Programs that use files as hard as they can, through all three doors, and
// write down what they were told (power_oracle.ts). A worker goes on until the
// power goes. Everything it does comes from one seed.

import {
  cancel,
  close,
  fsync,
  ftruncate,
  link,
  lseek,
  mkdir,
  O_APPEND,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_RDWR,
  O_TRUNC,
  open,
  pause,
  type Program,
  push,
  pwrite,
  rename,
  type Request,
  rmdir,
  type Routine,
  sleep,
  stat,
  submit,
  sync,
  SysError,
  unlink,
  wait,
  within,
  write,
} from "kettle";
import {
  type FileRecord,
  keepBytes,
  newDirectory,
  type Node,
  patternOf,
  resized,
  type Territory,
  type Undo,
  written,
} from "./power_oracle.ts";

/** Random numbers of a test: the same for the same seed. */
export class Dice {
  #x: number;

  constructor(...seeds: number[]) {
    this.#x = 1;
    for (const seed of seeds) {
      this.#x = Math.imul(this.#x ^ seed, 0x9e3779b1) ^ (this.#x >>> 7);
      this.roll();
    }
  }

  /** From 0 to 1, without 1. */
  roll(): number {
    this.#x = this.#x + 0x6d2b79f5 | 0;
    let t = Math.imul(this.#x ^ (this.#x >>> 15), this.#x | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.roll() * limit);
  }
  chance(probability: number): boolean {
    return this.roll() < probability;
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

export const BASES = ["/home", "/tmp", "/srv"];
/** Names a worker has in each directory: short ones, and some that fill its blocks. */
const NAMES = 5, LONG_NAMES = 12;
const LONG = "_".repeat(190);
const OPEN_MAX = 4;

interface OpenFile {
  fd: number;
  file: FileRecord;
  direct: boolean;
  append: boolean;
}

export type Outcome = { ok: true; value: unknown } | {
  ok: false;
  code: string;
};

/** Sends a request through one of the doors and waits for its end. */
function* through(door: number, request: Request): Routine<Outcome> {
  if (door === 0) {
    try {
      return { ok: true, value: yield* request as Iterable<never, unknown> };
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      return { ok: false, code: error.code };
    }
  }
  if (door === 1) {
    return outcomeOf(yield* wait(yield* submit(request)));
  }
  let ended: Outcome | null = null;
  yield* push(request, (event) => {
    ended = outcomeOf(event);
  });
  while (ended === null) yield* pause();
  return ended;
}

function outcomeOf(
  event: { ok: boolean; value?: unknown; error?: SysError },
): Outcome {
  return event.ok
    ? { ok: true, value: event.value }
    : { ok: false, code: event.error!.code };
}

export interface WorkloadOptions {
  dice: Dice;
  territory: Territory;
  /** Operations at most. */
  operations: number;
  /** Mean time between two of them, ns. */
  pauseNs: number;
  /** The disk is nearly full: ENOSPC is no surprise. */
  isTight: boolean;
  /** Something went wrong that has nothing to do with the power. */
  complain: (sentence: string) => void;
}

export class Worker {
  readonly #options: WorkloadOptions;
  readonly #dice: Dice;
  readonly #territory: Territory;
  readonly #open: OpenFile[] = [];
  #writes = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#dice = options.dice;
    this.#territory = options.territory;
  }

  *main(): Program {
    const { operations, pauseNs } = this.#options;
    for (let i = 0; i < operations; i++) {
      yield* this.#operation();
      if (this.#dice.chance(0.6)) {
        yield* sleep(Math.floor(pauseNs * 2 * this.#dice.roll() ** 2));
      }
    }
    for (const { fd } of this.#open.splice(0)) yield* this.#do(close(fd));
  }

  *#operation(): Routine {
    const roll = this.#dice.below(100);
    if (roll < 12) yield* this.#create();
    else if (roll < 45) yield* this.#write();
    else if (roll < 50) yield* this.#truncate();
    else if (roll < 58) yield* this.#rename();
    else if (roll < 62) yield* this.#link();
    else if (roll < 69) yield* this.#unlink();
    else if (roll < 72) yield* this.#mkdir();
    else if (roll < 74) yield* this.#rmdir();
    else if (roll < 76) yield* this.#renameDirectory();
    else if (roll < 84) yield* this.#fsync();
    else if (roll < 88) yield* this.#fsyncDirectory();
    else if (roll < 90) yield* this.#sync();
    else if (roll < 94) yield* this.#replace();
    else if (roll < 97) yield* this.#together();
    else yield* this.#close();
  }

  // ----------------------------------------------------------- calls

  /** Through some door, now and then with a limit. ENOSPC on a tight disk is an answer, anything else a complaint. */
  *#do(request: Request): Routine<Outcome> {
    const isLimited = this.#dice.chance(0.05) && request.name !== "close";
    const outcome = yield* through(
      this.#dice.below(3),
      isLimited ? within(this.#dice.below(20_000_000), request) : request,
    );
    if (!outcome.ok) this.#refused(request, outcome.code);
    return outcome;
  }

  #refused(request: Request, code: string): void {
    if (code === "ENOSPC" && this.#options.isTight) return;
    if (code === "ECANCELED" || code === "ETIME") return;
    this.#options.complain(
      `worker ${this.#territory.worker}: ${request.name}(${
        String((request as unknown as { a: unknown }).a)
      }) gave ${code}`,
    );
  }

  /** A change of names: it counts from the moment it may happen. */
  *#changing(
    request: Request,
    touched: Node[],
    edit: (names: Map<string, Node>) => void,
  ): Routine<Outcome> {
    const undo = this.#territory.change(edit, touched);
    const outcome = yield* this.#do(request);
    if (!outcome.ok) undo();
    return outcome;
  }

  /** A change of bytes, likewise. */
  #begin(file: FileRecord, after: Uint8Array): Undo {
    file.versions.push(after);
    return () => file.versions.splice(file.versions.indexOf(after), 1);
  }

  // ----------------------------------------------------------- operations

  *#create(): Routine {
    if (this.#open.length >= OPEN_MAX) yield* this.#close();
    const path = this.#somePath();
    const old = this.#territory.names.get(path);
    if (old?.kind === "directory") return;
    const direct = this.#dice.chance(0.1);
    const append = !direct && this.#dice.chance(0.2);
    const how = { direct, append };
    let flags = O_RDWR | O_CREAT | (direct ? O_DIRECT : 0) |
      (append ? O_APPEND : 0);
    if (old !== undefined) return yield* this.#reopen(path, old, flags, how);
    flags |= O_TRUNC;
    const file = this.#territory.newFile();
    const touched = this.#andParents(file, path);
    const outcome = yield* this.#changing(
      open(path, flags),
      touched,
      (names) => names.set(path, file),
    );
    if (!outcome.ok) return;
    this.#open.push({ fd: outcome.value as number, file, ...how });
    const known = yield* this.#do(stat(path));
    if (known.ok) file.ino = (known.value as { ino: number }).ino;
  }

  *#reopen(
    path: string,
    file: FileRecord,
    flags: number,
    how: { direct: boolean; append: boolean },
  ): Routine {
    if (this.#dice.chance(0.3)) {
      const undo = this.#begin(file, new Uint8Array(0));
      const outcome = yield* this.#do(open(path, flags | O_TRUNC));
      if (!outcome.ok) return undo();
      this.#open.push({ fd: outcome.value as number, file, ...how });
    } else {
      const outcome = yield* this.#do(open(path, flags));
      if (!outcome.ok) return;
      this.#open.push({ fd: outcome.value as number, file, ...how });
    }
  }

  *#write(): Routine {
    const opened = this.#someOpen();
    if (opened === null) return yield* this.#create();
    const begun = this.#beginWrite(opened);
    if (this.#dice.chance(0.5) && !opened.append) {
      yield* lseek(opened.fd, begun.offset);
      const request = write(opened.fd, begun.data);
      return begun.ended(yield* this.#do(request));
    }
    begun.ended(yield* this.#do(begun.request));
  }

  #beginWrite({ fd, file, direct, append }: OpenFile) {
    const dice = this.#dice;
    const before = file.versions.at(-1)!;
    const large = dice.chance(0.05) ? 120_000 : 30_000;
    let length = 1 + dice.below(dice.pick([100, 5_000, 5_000, large]));
    let offset = dice.pick([
      before.length,
      before.length,
      dice.below(before.length + 1),
      dice.below(dice.chance(0.1) ? 300_000 : 40_000),
    ]);
    if (direct) {
      length = Math.ceil(length / 512) * 512;
      offset = Math.floor(offset / 512) * 512;
    }
    if (append) offset = before.length;
    const data = patternOf(file, ++this.#writes, length);
    const undo = this.#begin(file, written(before, offset, data));
    const ended = (outcome: Outcome) => {
      if (outcome.ok && outcome.value === length) return;
      undo();
      if (!outcome.ok) return;
      const part = data.subarray(0, outcome.value as number);
      this.#begin(file, written(before, offset, part));
    };
    const request = append ? write(fd, data) : pwrite(fd, data, offset);
    return { request, data, offset, ended };
  }

  *#truncate(): Routine {
    const opened = this.#someOpen();
    if (opened === null) return;
    const before = opened.file.versions.at(-1)!;
    const size = this.#dice.below(
      this.#dice.chance(0.7) ? before.length + 1 : 30_000,
    );
    const undo = this.#begin(opened.file, resized(before, size));
    const outcome = yield* this.#do(ftruncate(opened.fd, size));
    if (!outcome.ok) undo();
  }

  *#rename(): Routine {
    const from = this.#someFile(), to = this.#somePath();
    if (from === null || from === to) return;
    const node = this.#territory.names.get(from)!;
    const old = this.#territory.names.get(to);
    if (old?.kind === "directory" || old === node) return;
    const touched = this.#andParents(node, from, to);
    if (old !== undefined) touched.push(old);
    yield* this.#changing(rename(from, to), touched, (names) => {
      names.delete(from);
      names.set(to, node);
    });
  }

  *#link(): Routine {
    const from = this.#someFile(), to = this.#somePath();
    if (from === null || this.#territory.names.has(to)) return;
    const node = this.#territory.names.get(from)!;
    yield* this.#changing(
      link(from, to),
      this.#andParents(node, to),
      (names) => names.set(to, node),
    );
  }

  *#unlink(): Routine {
    const path = this.#someFile();
    if (path === null) return;
    const node = this.#territory.names.get(path)!;
    yield* this.#changing(
      unlink(path),
      this.#andParents(node, path),
      (names) => names.delete(path),
    );
  }

  *#mkdir(): Routine {
    const path = this.#someDirectoryPath();
    if (this.#territory.names.has(path)) return;
    const node = newDirectory();
    const outcome = yield* this.#changing(
      mkdir(path),
      this.#andParents(node, path),
      (names) => names.set(path, node),
    );
    if (!outcome.ok) return;
    const known = yield* this.#do(stat(path));
    if (known.ok) node.ino = (known.value as { ino: number }).ino;
  }

  *#rmdir(): Routine {
    const path = this.#someDirectory();
    if (path === null || !this.#isEmpty(path)) return;
    const node = this.#territory.names.get(path)!;
    yield* this.#changing(
      rmdir(path),
      this.#andParents(node, path),
      (names) => names.delete(path),
    );
  }

  *#renameDirectory(): Routine {
    const from = this.#someDirectory(), to = this.#someDirectoryPath();
    if (from === null || from === to) return;
    const { names } = this.#territory;
    const node = names.get(from)!, old = names.get(to);
    if (old !== undefined && !this.#isEmpty(to)) return;
    const touched = this.#andParents(node, from, to);
    if (old !== undefined) touched.push(old);
    yield* this.#changing(
      rename(from, to),
      touched,
      (names) => {
        names.delete(to);
        for (const [path, each] of [...names]) {
          if (path !== from && !path.startsWith(from + "/")) continue;
          names.delete(path);
          names.set(to + path.slice(from.length), each);
        }
      },
    );
  }

  *#fsync(): Routine {
    const opened = this.#someOpen();
    if (opened === null) return;
    const keep = this.#fileKeeper(opened.file);
    if ((yield* this.#do(fsync(opened.fd))).ok) keep();
  }

  /** What an fsync that begins now keeps, once it has ended. */
  #fileKeeper(file: FileRecord): () => void {
    const { changed } = file;
    const version = file.versions.at(-1)!;
    return () => {
      keepBytes(file, version);
      this.#territory.keepNames(changed);
    };
  }

  *#fsyncDirectory(): Routine {
    const path = this.#dice.pick([...BASES, ...this.#directories()]);
    const node = this.#territory.directory(path)!;
    const opened = yield* this.#do(open(path, O_DIRECTORY));
    if (!opened.ok) return;
    const { changed } = node;
    const fd = opened.value as number;
    if ((yield* this.#do(fsync(fd))).ok) this.#territory.keepNames(changed);
    yield* this.#do(close(fd));
  }

  *#sync(): Routine {
    const { names } = this.#territory;
    const files = this.#territory.files().map((file) => ({
      file,
      version: file.versions.at(-1)!,
    }));
    if (!(yield* this.#do(sync())).ok) return;
    this.#territory.keepNames(names);
    for (const { file, version } of files) keepBytes(file, version);
  }

  /** The way to change a file safely: a new one, fsync, rename over the old. */
  *#replace(): Routine {
    const from = this.#somePath(), to = this.#somePath();
    const { names } = this.#territory;
    if (from === to || names.has(from)) return;
    if (names.get(to)?.kind === "directory") return;
    const file = this.#territory.newFile();
    const made = yield* this.#changing(
      open(from, O_RDWR | O_CREAT),
      this.#andParents(file, from),
      (names) => names.set(from, file),
    );
    if (!made.ok) return;
    const fd = made.value as number;
    const begun = this.#beginWrite({
      fd,
      file,
      direct: false,
      append: false,
    });
    begun.ended(yield* this.#do(begun.request));
    const keep = this.#fileKeeper(file);
    if ((yield* this.#do(fsync(fd))).ok) keep();
    const old = this.#territory.names.get(to);
    const touched = this.#andParents(file, from, to);
    if (old !== undefined) touched.push(old);
    yield* this.#changing(rename(from, to), touched, (names) => {
      names.delete(from);
      names.set(to, file);
    });
    yield* this.#do(close(fd));
  }

  /** Several requests under way at once: a write to each open file, an fsync, and some go twice. */
  *#together(): Routine {
    const ends: { request: Request; ended: (outcome: Outcome) => void }[] = [];
    const files = new Set<FileRecord>();
    const cancels = this.#dice.chance(0.3);
    const once = cancels || this.#options.isTight;
    for (const opened of this.#open) {
      if (files.has(opened.file)) continue;
      files.add(opened.file);
      const keep = this.#fileKeeper(opened.file);
      ends.push(this.#beginWrite(opened));
      if (!once && this.#dice.chance(0.5)) {
        ends.push(this.#beginWrite(opened));
      }
      if (this.#dice.chance(0.5)) continue;
      const ended = (outcome: Outcome) => outcome.ok && keep();
      ends.push({ request: fsync(opened.fd), ended });
    }
    const handles = [];
    for (const { request } of ends) handles.push(yield* submit(request));
    if (cancels && handles.length > 0) {
      if (this.#dice.chance(0.5)) yield* sleep(this.#dice.below(9_000_000));
      yield* cancel(this.#dice.pick(handles));
    }
    for (const [i, handle] of handles.entries()) {
      const outcome = outcomeOf(yield* wait(handle));
      if (!outcome.ok) this.#refused(ends[i]!.request, outcome.code);
      ends[i]!.ended(outcome);
    }
  }

  *#close(): Routine {
    if (this.#open.length === 0) return;
    const [closed] = this.#open.splice(this.#dice.below(this.#open.length), 1);
    yield* this.#do(close(closed!.fd));
  }

  // ----------------------------------------------------------- places

  #someOpen(): OpenFile | null {
    return this.#open.length === 0 ? null : this.#dice.pick(this.#open);
  }

  /** A name that may or may not be taken. */
  #somePath(): string {
    const own = this.#directories();
    const places = [...BASES, ...own, ...own];
    const { worker } = this.#territory;
    const name = this.#dice.chance(0.2)
      ? this.#dice.below(LONG_NAMES) + LONG
      : this.#dice.below(NAMES);
    return `${this.#dice.pick(places)}/w${worker}f${name}`;
  }

  #someDirectoryPath(): string {
    const { worker } = this.#territory;
    return `${this.#dice.pick(BASES)}/w${worker}d${this.#dice.below(3)}`;
  }

  #someFile(): string | null {
    const paths = this.#paths("file");
    return paths.length === 0 ? null : this.#dice.pick(paths);
  }

  #someDirectory(): string | null {
    const paths = this.#directories();
    return paths.length === 0 ? null : this.#dice.pick(paths);
  }

  #directories(): string[] {
    return this.#paths("directory");
  }

  #paths(kind: Node["kind"]): string[] {
    return [...this.#territory.names].flatMap(([path, node]) =>
      node.kind === kind ? [path] : []
    ).sort();
  }

  #isEmpty(directory: string): boolean {
    return ![...this.#territory.names.keys()].some((path) =>
      path.startsWith(directory + "/")
    );
  }

  /** A node, and the own directories that these paths are in. */
  #andParents(node: Node, ...paths: string[]): Node[] {
    const nodes = [node];
    for (const path of paths) {
      const parent = path.slice(0, path.lastIndexOf("/"));
      const directory = this.#territory.directory(parent);
      if (directory !== undefined && !nodes.includes(directory)) {
        nodes.push(directory);
      }
    }
    return nodes;
  }
}
