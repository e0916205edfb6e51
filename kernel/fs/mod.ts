// The file system of a machine: a drive, the file system on it, /dev and /proc,
// and the calls on paths that the syscall table makes. A call starts a task; the
// operation ends when the task does. What the host asks for takes no time.

import type { ErrorCode } from "../abi.ts";
import { DEFAULT_MODEL, HDD_MODELS, type HddModel } from "../dev/hdd_model.ts";
import { makePolicy, type PolicyName } from "../dev/hdd_policy.ts";
import type { Platter } from "../dev/platter.ts";
import type { FileObject } from "../file.ts";
import { nearest } from "../nearest.ts";
import type { Operation } from "../request.ts";
import { BlockDevice, type StorageMachine } from "./block.ts";
import { DevFs } from "./devfs.ts";
import { atOnce, DiskFs } from "./disk_fs.ts";
import { RawDisk } from "./hda.ts";
import type { Inode } from "./inode.ts";
import { format } from "./mount.ts";
import { ProcFs } from "./procfs.ts";
import { TaskRunner, type Work } from "./task.ts";
import { Tree } from "./tree.ts";

export { check } from "./check.ts";
export type { Stream } from "./procfs.ts";

export interface FileSystemOptions {
  machine: StorageMachine;
  disk?: {
    model?: string;
    policy?: PolicyName;
    queueDepth?: number;
    readAhead?: boolean;
    writeCache?: boolean;
  };
  /** Files a fresh disk starts with: path → text or bytes. */
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** A disk that was used before; without it, a fresh one is formatted. */
  platter?: Platter;
}

/** What a fresh disk has, files or not. The mount points are directories on it. */
const DIRECTORIES = [
  "/bin",
  "/lib",
  "/sh",
  "/servers",
  "/home",
  "/tmp",
  "/etc",
  "/srv",
  "/dev",
  "/proc",
];

export class FileSystem {
  readonly dev = new DevFs();
  readonly proc = new ProcFs();
  readonly device: BlockDevice;
  readonly disk: DiskFs;
  readonly #runner = new TaskRunner();
  #isOff = false;
  readonly #tree: Tree;

  constructor({ machine, disk, files, platter }: FileSystemOptions) {
    this.device = new BlockDevice({
      machine,
      model: modelNamed(disk?.model),
      policy: makePolicy(disk?.policy ?? "c-look"),
      queueDepth: disk?.queueDepth,
      readAhead: disk?.readAhead,
      writeCache: disk?.writeCache,
      platter,
    });
    const fresh = platter === undefined;
    if (fresh) format(this.device);
    this.disk = new DiskFs(machine, this.device, this.#runner);
    this.#tree = new Tree(this.disk, [this.dev, this.proc]);
    this.dev.add(
      this.device.name,
      (request) => RawDisk.open(this.device, this.#runner, request),
    );
    if (fresh) this.#fill(files ?? {});
    this.#runner.onRest = () => this.disk.cache.tell();
  }

  /** What a fresh disk has on it is no event. */
  #fill(files: NonNullable<FileSystemOptions["files"]>): void {
    const bare = new Tree(this.disk, []);
    for (const path of DIRECTORIES) this.#now(bare.mkdir(null, path));
    for (const [path, content] of Object.entries(files)) {
      const wrong = this.poke(path, content);
      if (wrong !== null) throw new TypeError(`files: ${path}: ${wrong}`);
    }
    this.disk.save();
    this.dropCaches();
  }

  /** The power is gone: nothing that was under way ends, and what was in memory only is lost. */
  powerOff(): void {
    this.device.hdd.freeze();
    this.#runner.drop();
    this.disk.writeback.stop();
    this.#isOff = true;
  }

  // ----------------------------------------------------------- calls on paths

  /** `done` gets an object that is open from then on: somebody has to close it. */
  open(
    op: Operation,
    path: string,
    flags: number,
    done: (object: FileObject) => void,
  ): void {
    this.#start(op, path, () => this.#tree.open(op, path, flags), done);
  }

  unlink(op: Operation, path: string): void {
    this.#complete(op, path, () => this.#tree.unlink(op, path));
  }

  link(op: Operation, path: string, to: string): void {
    this.#complete(op, path, () => this.#tree.link(op, path, to));
  }

  rename(op: Operation, path: string, to: string): void {
    this.#complete(op, path, () => this.#tree.rename(op, path, to));
  }

  mkdir(op: Operation, path: string): void {
    this.#complete(op, path, () => this.#tree.mkdir(op, path));
  }

  rmdir(op: Operation, path: string): void {
    this.#complete(op, path, () => this.#tree.rmdir(op, path));
  }

  stat(op: Operation, path: string): void {
    this.#complete(op, path, () => this.#tree.stat(op, path));
  }

  readdir(op: Operation, path: string): void {
    this.#complete(op, path, () => this.#tree.readdir(op, path));
  }

  utimes(op: Operation, path: string, mtimeNs: number): void {
    this.#complete(op, path, () => this.#tree.utimes(op, path, mtimeNs));
  }

  statfs(op: Operation, path: string): void {
    this.#complete(op, path, () => this.#tree.statfs(op, path));
  }

  /** Completes when everything written so far is on the platter. */
  sync(op: Operation): void {
    this.#start(op, undefined, () => this.disk.writeback.sync(), () => {
      op.complete(undefined);
    });
  }

  /** Where `chdir` leads. */
  chdirTarget(
    op: Operation,
    path: string,
    done: (absolutePath: string) => void,
  ): void {
    this.#start(op, path, () => this.#tree.directory(op, path), done);
  }

  /** All of a program's file; reading it takes the disk's time. */
  readProgram(
    op: Operation,
    path: string,
    done: (bytes: Uint8Array, absolutePath: string) => void,
  ): void {
    this.#start(
      op,
      path,
      () => this.#tree.program(op, path),
      (program) => done(program.bytes, program.path),
    );
  }

  // ----------------------------------------------------------- for the host: no time passes

  /** What a file of the disk holds now; null if there is none. */
  peek(path: string): Uint8Array | null {
    const node = atOnce(this.#tree.find(path));
    if (node === null || node.type !== "file") return null;
    if (node.mount !== this.disk) return null;
    const inode = node as Inode;
    return atOnce(this.disk.content.read(inode, 0, inode.size));
  }

  /**
   * Saves a file, with the directories it needs; what is wrong, or null. If an
   * operation is at the names or at the file, right after that.
   */
  poke(path: string, content: string | Uint8Array): ErrorCode | null {
    if (!path.startsWith("/")) return "EINVAL";
    if (this.#isOff) return "EIO";
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content.slice();
    return this.#now(this.#tree.replace(path, bytes));
  }

  /** Takes a file's name away, as `poke` saves one; what is wrong, or null. */
  remove(path: string): ErrorCode | null {
    return this.#isOff ? "EIO" : this.#now(this.#tree.unlink(null, path));
  }

  /** Gives a file another name, in place of what had it. */
  move(path: string, to: string): ErrorCode | null {
    return this.#isOff ? "EIO" : this.#now(this.#tree.rename(null, path, to));
  }

  /** The files of the disk under a directory: absolute paths, in name order. */
  listFiles(directory: string): string[] {
    const files: string[] = [];
    const waiting = [directory === "/" ? "" : directory.replace(/\/+$/, "")];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const node = atOnce(this.#tree.find(path === "" ? "/" : path));
      if (node?.type !== "directory" || node.mount !== this.disk) continue;
      const entries = atOnce(this.disk.list(node as Inode)).entries();
      for (const { name, type } of entries) {
        if (type === "directory") waiting.push(`${path}/${name}`);
        else files.push(`${path}/${name}`);
      }
    }
    return files.sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
  }

  /** The disk as it would be after a sync and with an empty journal; this one stays as it is. */
  image(): Platter {
    const image = this.device.platter.clone();
    for (const [lba, bytes] of this.unsaved()) image.write(lba, bytes);
    return image;
  }

  /** What the platter lacks for that: sector → 4 KiB. */
  unsaved(): Map<number, Uint8Array> {
    const unsaved = this.device.unwritten();
    if (this.#isOff) return unsaved; // nothing
    for (const [block, bytes] of this.disk.unsaved()) {
      unsaved.set(this.device.lba(block), bytes);
    }
    return unsaved;
  }

  /** Forgets everything that can be read again, as after a reboot. */
  dropCaches(): void {
    this.disk.cache.forget();
    this.disk.cache.tell();
    if (this.disk.namesLock.isFree) this.disk.table.forgetNames();
  }

  /** For the host, which may change them in place: the blocks in memory. */
  *memory(): IterableIterator<Uint8Array> {
    for (const { bytes } of this.disk.cache.pages()) yield bytes;
  }

  /** What is in use now, for comparing before and after. */
  counts(): {
    inodes: number;
    tasks: number;
    diskRequests: number;
  } {
    return {
      inodes: this.disk.openInodes,
      tasks: this.#runner.operations,
      diskRequests: this.device.hdd.pending,
    };
  }

  /** The same, with what is left on the disk. */
  snapshot(): ReturnType<FileSystem["counts"]> & {
    freeBlocks: number;
    freeInodes: number;
  } {
    const { freeBlocks, freeInodes } = this.disk.content.bitmaps;
    return { ...this.counts(), freeBlocks, freeInodes };
  }

  /** A work that takes no time. Where it has to wait for a lock, it is done later. */
  #now(work: Work<void>): ErrorCode | null {
    let wrong: ErrorCode | null = null;
    this.#runner.startInstant(work, {
      done() {},
      failed: ({ code }) => wrong = code,
    });
    return wrong;
  }

  #complete<T>(op: Operation, path: string, work: () => Work<T>): void {
    this.#start(op, path, work, (value) => op.complete(value));
  }

  #start<T>(
    op: Operation,
    path: string | undefined,
    work: () => Work<T>,
    done: (value: T) => void,
  ): void {
    this.#runner.start(lazily(work), op, {
      done,
      failed: (failure) =>
        op.fail(failure.code, { path: failure.path ?? path }),
    });
  }
}

/** So that what a work checks before its first wait is checked inside the task. */
function* lazily<T>(work: () => Work<T>): Work<T> {
  return yield* work();
}

function modelNamed(name: string = DEFAULT_MODEL.name): HddModel {
  const model = HDD_MODELS.find((it) => it.name === name);
  if (model !== undefined) return model;
  const known = HDD_MODELS.map((it) => it.name);
  throw new TypeError(
    `no disk model is called "${name}". The nearest is "${
      nearest(name, known)
    }"`,
  );
}
