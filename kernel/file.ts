// The three levels of an open file: number → open file description → object.
// A number (in a process's table, with its close-on-exec bit) names a
// description (offset, flags, shared by dup and inheritance), which names an
// object: a pipe end, an inode, a socket, a terminal. This file knows only the
// interface of an object.

import {
  type ErrorCode,
  type FileType,
  O_APPEND,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} from "./abi.ts";
import type { Machine } from "./kernel.ts";
import { OPEN_FILES_MAX } from "./params.ts";
import type { Operation } from "./request.ts";
import type { Thread } from "./thread.ts";
import type { WaitQueue } from "./wait_queue.ts";

/** Readiness bits. HUP, ERR and RDHUP are reported even when not asked for. */
export const READY_IN = 1,
  READY_OUT = 2,
  READY_HUP = 4,
  READY_ERR = 8,
  READY_RDHUP = 16;

/**
 * What a description is open on. Every method that takes an operation ends it,
 * now or later, exactly once: `op.complete(value)`, `op.fail(code)`, or first
 * `op.park(queue)` / `op.waitFor(target, withdraw)`. The caller has checked
 * arguments and access mode, and the operation holds the file.
 */
export interface FileObject {
  readonly type: FileType;
  /** For people and the trace: `pipe 4`, `/home/a.txt`. */
  describe(): string;
  /** Completes with 1 to `count` bytes, or none at the end. */
  read(op: Operation, file: OpenFile, count: number): void;
  /** Completes with the number of bytes written: all, unless withdrawn. */
  write(op: Operation, file: OpenFile, data: Uint8Array): void;
  /** Would read or write have to wait? Used for O_NONBLOCK (the blocking door only) and `ready`. */
  readiness(file: OpenFile): number;
  /** Those who wait for readiness; call `notify()` of ready.ts when it may have changed. Null: always ready. */
  readonly watchers: WaitQueue<Operation> | null;
  /** The last reference to a description is gone. */
  close(file: OpenFile): void;
  stat(op: Operation): void;
  /** Files with offsets. */
  readonly seekable: boolean;
  pread?(op: Operation, count: number, offset: number): void;
  pwrite?(op: Operation, data: Uint8Array, offset: number): void;
  fsync?(op: Operation): void;
  truncate?(op: Operation, size: number): void;
  /** Its present size, for lseek "end". */
  size?(): number;
  readdir?(op: Operation): void;
  /** Who could end a wait for reading or writing here, for the deadlock report; "outside" is the host or another machine. */
  wakers?(op: Operation): Iterable<Thread> | "outside";
}

/** An open file description. */
export class OpenFile {
  /** Descriptors and operations that hold it. */
  references = 0;
  /** Byte offset of the next read or write without an offset. */
  offset = 0;
  readonly id: number;

  constructor(
    readonly machine: Machine,
    readonly object: FileObject,
    public flags: number,
  ) {
    this.id = machine.fileOpened(this);
  }

  get readable(): boolean {
    const mode = this.flags & (O_WRONLY | O_RDWR);
    return mode === O_RDONLY || mode === O_RDWR;
  }
  get writable(): boolean {
    return (this.flags & (O_WRONLY | O_RDWR)) !== 0;
  }
  get nonblocking(): boolean {
    return (this.flags & O_NONBLOCK) !== 0;
  }
  get appending(): boolean {
    return (this.flags & O_APPEND) !== 0;
  }

  /** One holder less; with the last, the object is told. */
  release(): void {
    if (--this.references > 0) return;
    this.machine.fileReleased(this);
    this.object.close(this);
  }
}

/** The numbers of one process. */
export class FileTable {
  #files: (OpenFile | null)[] = [];
  /** Numbers with the close-on-exec bit. */
  #cloexec = new Set<number>();
  /** Below it no number is free. */
  #lowest = 0;

  get(fd: unknown): OpenFile | null {
    return typeof fd === "number" ? this.#files[fd] ?? null : null;
  }

  /** Takes the lowest free number, or says why not. */
  install(file: OpenFile, cloexec = false): number | ErrorCode {
    if (this.full) return "EMFILE";
    const fd = this.#lowest;
    this.#set(fd, file, cloexec);
    return fd;
  }

  /** Makes this very number mean `file`; what it meant before is closed. */
  replace(fd: number, file: OpenFile, cloexec = false): void {
    const before = this.get(fd);
    this.#set(fd, file, cloexec);
    before?.release();
  }

  get full(): boolean {
    while (this.get(this.#lowest) !== null) this.#lowest++;
    return this.#lowest >= OPEN_FILES_MAX;
  }

  /** Frees the number; false if it was free. */
  close(fd: unknown): boolean {
    const file = this.get(fd);
    if (file === null) return false;
    const number = fd as number;
    this.#files[number] = null;
    this.#cloexec.delete(number);
    this.#lowest = Math.min(this.#lowest, number);
    file.release();
    return true;
  }

  closeAll(): void {
    const files = this.#files;
    this.#files = [];
    this.#cloexec.clear();
    this.#lowest = 0;
    for (const file of files) file?.release();
  }

  closeOnExec(): void {
    for (const fd of [...this.#cloexec].sort((a, b) => a - b)) this.close(fd);
  }

  cloexec(fd: unknown): boolean {
    return this.#cloexec.has(fd as number);
  }
  setCloexec(fd: unknown, cloexec: boolean): void {
    if (this.get(fd) === null) return;
    if (cloexec) this.#cloexec.add(fd as number);
    else this.#cloexec.delete(fd as number);
  }

  /** number → description, in order. */
  *list(): IterableIterator<[number, OpenFile]> {
    for (let fd = 0; fd < this.#files.length; fd++) {
      const file = this.get(fd);
      if (file !== null) yield [fd, file];
    }
  }

  /** A child's table: all without close-on-exec. */
  inherit(): FileTable {
    const child = new FileTable();
    for (const [fd, file] of this.list()) {
      if (!this.cloexec(fd)) child.replace(fd, file);
    }
    return child;
  }

  #set(fd: number, file: OpenFile, cloexec: boolean): void {
    file.references++;
    while (this.#files.length < fd) this.#files.push(null); // no holes
    this.#files[fd] = file;
    if (cloexec) this.#cloexec.add(fd);
    else this.#cloexec.delete(fd);
  }
}

/** True for a number that could be a descriptor. */
export function isDescriptorNumber(fd: unknown): fd is number {
  return Number.isInteger(fd) && (fd as number) >= 0 &&
    (fd as number) < OPEN_FILES_MAX;
}
