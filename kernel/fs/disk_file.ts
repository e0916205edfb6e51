// Open files and directories of the disk: what the calls on descriptors come to.
// Offsets are taken when an operation gets its turn at the inode, in the order
// in which the operations came; reads share the inode, a write has it alone.

import { O_DIRECT } from "../abi.ts";
import type { FileObject, OpenFile } from "../file.ts";
import { READY_IN, READY_OUT } from "../file.ts";
import type { Operation } from "../request.ts";
import { directRead, directWrite } from "./direct.ts";
import type { DiskFs } from "./disk_fs.ts";
import type { Inode } from "./inode.ts";
import type { Hold } from "./lock.ts";
import { ReadAhead } from "./read_ahead.ts";
import type { Work } from "./task.ts";

/** Runs a work for an operation on an open file: its value is the result. */
function run<T>(fs: DiskFs, op: Operation, path: string, work: Work<T>): void {
  fs.runner.start(work, op, {
    done: (value) => op.complete(value),
    failed: ({ code }) => op.fail(code, { path }),
  });
}

/** What files and directories on the disk have in common. */
abstract class DiskNode {
  readonly seekable = true;
  readonly watchers = null;

  constructor(
    readonly fs: DiskFs,
    readonly inode: Inode,
    readonly path: string,
  ) {}

  describe(): string {
    return this.path;
  }

  readiness(): number {
    return READY_IN | READY_OUT;
  }

  size(): number {
    return this.inode.size;
  }
}

export class DiskFile extends DiskNode implements FileObject {
  readonly type = "file";
  readonly #ahead = new ReadAhead();
  /** It was opened with O_DIRECT. */
  readonly #direct: boolean;

  constructor(fs: DiskFs, inode: Inode, path: string, flags: number) {
    super(fs, inode, path);
    this.#direct = (flags & O_DIRECT) !== 0;
  }

  read(op: Operation, file: OpenFile, count: number): void {
    this.#run(op, this.#read(op, file, count));
  }

  write(op: Operation, file: OpenFile, data: Uint8Array): void {
    this.#run(op, this.#write(file, data));
  }

  pread(op: Operation, count: number, offset: number): void {
    const work = () => this.#readAt(op, offset, count);
    this.#run(op, holding(this.inode.lock.shared(), work));
  }

  pwrite(op: Operation, data: Uint8Array, offset: number): void {
    const work = () => this.#writeAt(offset, data);
    this.#run(op, holding(this.inode.lock.exclusive(), work));
  }

  fsync(op: Operation): void {
    this.#run(op, this.fs.fsync(this.inode));
  }

  truncate(op: Operation, size: number): void {
    const { content } = this.fs;
    const work = () => content.truncate(this.inode, size);
    this.#run(op, holding(this.inode.lock.exclusive(), work));
  }

  stat(op: Operation): void {
    op.complete(this.fs.stat(this.inode));
  }

  close(): void {
    this.fs.close(this.inode);
  }

  #run<T>(op: Operation, work: Work<T>): void {
    run(this.fs, op, this.path, work);
  }

  *#read(op: Operation, file: OpenFile, count: number): Work<Uint8Array> {
    const { inode } = this;
    const hold = inode.lock.shared();
    yield hold;
    const start = file.offset;
    const end = Math.max(start, Math.min(start + count, inode.size));
    file.offset = end;
    let done = false;
    try {
      const bytes = yield* this.#readAt(op, start, end - start);
      done = true;
      return bytes;
    } finally {
      // Taken back: as if it had never been, unless the offset went on.
      if (!done && file.offset === end) file.offset = start;
      hold.release();
    }
  }

  *#write(file: OpenFile, data: Uint8Array): Work<number> {
    const { inode } = this;
    const hold = inode.lock.exclusive();
    yield hold;
    try {
      const start = file.appending ? inode.size : file.offset;
      return yield* this.#writeAt(start, data, () => {
        file.offset = start + data.length;
      });
    } finally {
      hold.release();
    }
  }

  #readAt(op: Operation, offset: number, count: number): Work<Uint8Array> {
    return this.#direct
      ? directRead(this.fs, this.inode, offset, count)
      : this.fs.content.read(this.inode, offset, count, {
        op,
        ahead: this.#ahead,
      });
  }

  #writeAt(
    offset: number,
    data: Uint8Array,
    begun?: () => void,
  ): Work<number> {
    return this.#direct
      ? directWrite(this.fs, this.inode, offset, data, begun)
      : this.fs.content.write(this.inode, offset, data, begun);
  }
}

export class DiskDirectory extends DiskNode implements FileObject {
  readonly type = "directory";

  read(op: Operation): void {
    op.fail("EISDIR", { path: this.path });
  }
  write(op: Operation): void {
    op.fail("EISDIR", { path: this.path });
  }
  pread(op: Operation): void {
    op.fail("EISDIR", { path: this.path });
  }

  readdir(op: Operation): void {
    const { fs, inode } = this;
    const work = holding(fs.namesLock.shared(), function* () {
      return inode.nlink === 0 ? [] : (yield* fs.list(inode)).entries();
    });
    run(fs, op, this.path, work);
  }

  fsync(op: Operation): void {
    const hold = this.fs.namesLock.shared();
    const work = () => this.fs.fsync(this.inode);
    run(this.fs, op, this.path, holding(hold, work));
  }

  stat(op: Operation): void {
    op.complete(this.fs.stat(this.inode));
  }

  close(): void {
    this.fs.close(this.inode);
  }
}

/** A work under a lock. */
export function* holding<T>(hold: Hold, work: () => Work<T>): Work<T> {
  yield hold;
  try {
    return yield* work();
  } finally {
    hold.release();
  }
}
