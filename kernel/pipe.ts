// A pipe: a bounded buffer with two ends and two FIFO wait queues. Who makes
// room or brings bytes serves the queue on the other side, in order. A write of
// up to PIPE_BUF bytes is never split. Ends are counted by the open file
// descriptions on them, so dup'd, inherited and pending ones count.

import { KERNEL_SLAB, NO_BYTES, type Slab } from "./bytes.ts";
import {
  type FileObject,
  type OpenFile,
  READY_ERR,
  READY_HUP,
  READY_IN,
  READY_OUT,
} from "./file.ts";
import type { Machine } from "./kernel.ts";
import { PIPE_BUF, PIPE_BYTES } from "./params.ts";
import { notifyReady } from "./ready.ts";
import type { Operation } from "./request.ts";
import type { Thread } from "./thread.ts";
import { WaitQueue } from "./wait_queue.ts";

const FIRST_BYTES = 1024;

export class Pipe {
  readonly id: number;
  readonly readEnd: PipeEnd;
  readonly writeEnd: PipeEnd;
  /** Bytes in it. */
  length = 0;
  #buffer = new Uint8Array(FIRST_BYTES);
  #start = 0;

  constructor(readonly machine: Machine) {
    this.id = machine.objectCreated("pipe");
    this.readEnd = new PipeEnd(this, "read");
    this.writeEnd = new PipeEnd(this, "write");
  }

  get room(): number {
    return PIPE_BYTES - this.length;
  }

  read(op: Operation, file: OpenFile, count: number): void {
    const { waiters } = this.readEnd;
    if (this.length > 0 && waiters.length === 0) {
      op.complete(this.#take(count, op.slab));
      this.#serveWriters();
    } else if (!this.writeEnd.open) {
      op.complete(NO_BYTES);
    } else if (op.atDoorOne && file.nonblocking) {
      op.fail("EAGAIN");
    } else {
      op.park(waiters);
    }
  }

  write(op: Operation, file: OpenFile, data: Uint8Array): void {
    const { waiters } = this.writeEnd;
    if (!this.readEnd.open) return op.fail("EPIPE");
    if (op.atDoorOne && file.nonblocking) return this.#writeNow(op, data);
    if (waiters.length > 0 || !this.#progress(op, data)) {
      this.writeEnd.data.set(op, data);
      op.park(waiters);
      // What it has written may have been read before it stood in the queue.
      if (waiters.first === op) this.#serveWriters();
    }
  }

  /** An end has no descriptions left: the other side learns of it, every waiter. */
  ended(): void {
    if (!this.readEnd.open) {
      for (const op of [...this.writeEnd.waiters]) {
        if (op.queue !== null) this.#broken(op); // SIGPIPE may have ended it
      }
    }
    if (!this.writeEnd.open && this.length === 0) {
      for (const op of [...this.readEnd.waiters]) {
        if (op.queue !== null) op.complete(NO_BYTES);
      }
    }
    notifyReady(this.readEnd);
    notifyReady(this.writeEnd);
    if (!this.readEnd.open && !this.writeEnd.open) {
      this.machine.objectReleased("pipe", this.id);
    }
  }

  /** Somebody left the writers' queue: the next may fit. */
  writerLeft(): void {
    this.#serveWriters();
  }

  #broken(op: Operation): void {
    this.writeEnd.data.delete(op);
    if (op.moved > 0) op.complete(op.moved);
    else op.fail("EPIPE");
  }

  /** Moves what fits; true when the write is done. */
  #progress(op: Operation, data: Uint8Array): boolean {
    const left = data.length - op.moved;
    if (left <= 0) { // the program took the buffer away meanwhile
      op.complete(op.moved);
      return true;
    }
    if (data.length <= PIPE_BUF && this.room < left) return false;
    const count = Math.min(left, this.room);
    if (count > 0) {
      this.#put(op.moved === 0 ? data : data.subarray(op.moved), count);
      op.moved += count;
    }
    const done = op.moved === data.length;
    if (done) op.complete(data.length);
    if (count > 0) this.#serveReaders();
    return done;
  }

  #writeNow(op: Operation, data: Uint8Array): void {
    const count = Math.min(data.length, this.room);
    if (count === 0 || (data.length <= PIPE_BUF && count < data.length)) {
      return op.fail("EAGAIN");
    }
    this.#put(data, count);
    op.complete(count);
    this.#serveReaders();
  }

  #serveReaders(): void {
    const { waiters } = this.readEnd;
    let served = false;
    while (this.length > 0 && waiters.first !== null) {
      const op = waiters.first;
      served = true;
      op.complete(this.#take(op.call.b as number, op.slab));
    }
    if (this.readEnd.watchers.length > 0) notifyReady(this.readEnd);
    if (served) this.#serveWriters();
  }

  #serveWriters(): void {
    const { waiters, data } = this.writeEnd;
    for (;;) {
      const op = waiters.first;
      if (op === null || this.room === 0) break;
      const before = op.moved;
      if (this.#progress(op, data.get(op)!)) data.delete(op);
      else if (op.moved === before) break;
    }
    if (this.writeEnd.watchers.length > 0) notifyReady(this.writeEnd);
  }

  #put(data: Uint8Array, count: number): void {
    if (this.length + count > this.#buffer.length) this.#grow(count);
    const buffer = this.#buffer;
    let at = (this.#start + this.length) & (buffer.length - 1);
    if (count <= 16) {
      for (let i = 0; i < count; i++) {
        buffer[at] = data[i]!;
        at = (at + 1) & (buffer.length - 1);
      }
    } else {
      const first = Math.min(count, buffer.length - at);
      buffer.set(data.subarray(0, first), at);
      buffer.set(data.subarray(first, count), 0);
    }
    this.length += count;
  }

  #take(most: number, slab: Slab): Uint8Array {
    const count = most < this.length ? most : this.length;
    const taken = slab.take(count);
    const buffer = this.#buffer;
    if (count <= 16) {
      let at = this.#start;
      for (let i = 0; i < count; i++) {
        taken[i] = buffer[at]!;
        at = (at + 1) & (buffer.length - 1);
      }
    } else {
      const first = Math.min(count, buffer.length - this.#start);
      taken.set(buffer.subarray(this.#start, this.#start + first));
      taken.set(buffer.subarray(0, count - first), first);
    }
    this.#start = (this.#start + count) & (buffer.length - 1);
    this.length -= count;
    return taken;
  }

  /** Doubles the buffer, up to the pipe's size, until `count` more fit. */
  #grow(count: number): void {
    let size = this.#buffer.length;
    while (size < this.length + count) size *= 2;
    const { length } = this;
    const bytes = length > 0 ? this.#take(length, KERNEL_SLAB) : NO_BYTES;
    this.#buffer = new Uint8Array(size);
    this.#buffer.set(bytes);
    this.#start = 0;
    this.length = length;
  }
}

/** One end of a pipe, as a file. */
export class PipeEnd implements FileObject {
  readonly type = "pipe";
  readonly seekable = false;
  readonly waiters: WaitQueue<Operation>;
  readonly watchers: WaitQueue<Operation>;
  /** What the waiting writes bring. */
  readonly data = new Map<Operation, Uint8Array>();
  open = true;

  constructor(readonly pipe: Pipe, readonly side: "read" | "write") {
    this.waiters = new WaitQueue<Operation>("event", this);
    this.watchers = new WaitQueue<Operation>("event", this);
  }

  describeWait(queue: object): string {
    if (queue === this.watchers) return this.describe();
    const state = this.side === "read" ? "empty" : "full";
    return `${this.describe()} is ${state}`;
  }

  describe(): string {
    return `pipe ${this.pipe.id}`;
  }

  read(op: Operation, file: OpenFile, count: number): void {
    this.pipe.read(op, file, count);
  }

  write(op: Operation, file: OpenFile, data: Uint8Array): void {
    this.pipe.write(op, file, data);
  }

  readiness(): number {
    const { pipe } = this;
    if (this.side === "read") {
      return (pipe.length > 0 ? READY_IN : 0) |
        (pipe.writeEnd.open ? 0 : READY_HUP);
    }
    return (pipe.room >= PIPE_BUF ? READY_OUT : 0) |
      (pipe.readEnd.open ? 0 : READY_ERR);
  }

  close(): void {
    this.open = false;
    this.pipe.ended();
  }

  stat(op: Operation): void {
    op.complete({
      ino: this.pipe.id,
      type: "pipe",
      size: this.pipe.length,
      nlink: 1,
      mtimeNs: 0,
      blocks: 0,
    });
  }

  /** Only who holds the other end can end a wait here. */
  wakers(): Iterable<Thread> {
    const { pipe } = this;
    const other = this.side === "read" ? pipe.writeEnd : pipe.readEnd;
    return pipe.machine.holdersOf(other);
  }

  /** A waiting writer was withdrawn. */
  onLeave(queue: object): void {
    if (this.side !== "write" || queue !== this.waiters) return;
    for (const op of this.data.keys()) {
      if (op.queue === null) this.data.delete(op);
    }
    this.pipe.writerLeft();
  }
}
