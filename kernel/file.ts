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

interface Entry {
  file: OpenFile;
  cloexec: boolean;
}

/** The numbers of one process. */
export class FileTable {
  #entries: (Entry | undefined)[] = [];

  get(fd: unknown): OpenFile | null {
    return this.#entry(fd)?.file ?? null;
  }

  /** Takes the lowest free number, or says why not. */
  install(file: OpenFile, cloexec = false): number | ErrorCode {
    let fd = 0;
    while (this.#entries[fd] !== undefined) fd++;
    if (fd >= OPEN_FILES_MAX) return "EMFILE";
    this.#set(fd, file, cloexec);
    return fd;
  }

  /** Makes this very number mean `file`; what it meant before is closed. */
  replace(fd: number, file: OpenFile, cloexec = false): void {
    const before = this.#entries[fd];
    this.#set(fd, file, cloexec);
    before?.file.release();
  }

  get full(): boolean {
    let fd = 0;
    while (this.#entries[fd] !== undefined) fd++;
    return fd >= OPEN_FILES_MAX;
  }

  /** Frees the number; false if it was free. */
  close(fd: unknown): boolean {
    const entry = this.#entry(fd);
    if (entry === undefined) return false;
    this.#entries[fd as number] = undefined;
    entry.file.release();
    return true;
  }

  closeAll(): void {
    const entries = this.#entries;
    this.#entries = [];
    for (const entry of entries) entry?.file.release();
  }

  closeOnExec(): void {
    this.#entries.forEach((entry, fd) => {
      if (entry?.cloexec) this.close(fd);
    });
  }

  cloexec(fd: unknown): boolean {
    return this.#entry(fd)?.cloexec ?? false;
  }
  setCloexec(fd: unknown, cloexec: boolean): void {
    const entry = this.#entry(fd);
    if (entry !== undefined) entry.cloexec = cloexec;
  }

  /** number → description, in order. */
  *list(): IterableIterator<[number, OpenFile]> {
    for (let fd = 0; fd < this.#entries.length; fd++) {
      const entry = this.#entries[fd];
      if (entry !== undefined) yield [fd, entry.file];
    }
  }

  /** A child's table: all without close-on-exec. */
  inherit(): FileTable {
    const child = new FileTable();
    this.#entries.forEach((entry, fd) => {
      if (entry && !entry.cloexec) child.replace(fd, entry.file);
    });
    return child;
  }

  #set(fd: number, file: OpenFile, cloexec: boolean): void {
    file.references++;
    this.#entries[fd] = { file, cloexec };
  }

  #entry(fd: unknown): Entry | undefined {
    return typeof fd === "number" ? this.#entries[fd] : undefined;
  }
}

/** True for a number that could be a descriptor. */
export function isDescriptorNumber(fd: unknown): fd is number {
  return Number.isInteger(fd) && (fd as number) >= 0 &&
    (fd as number) < OPEN_FILES_MAX;
}
