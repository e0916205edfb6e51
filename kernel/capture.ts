// What a process started by the host reads and writes when it is not on the
// console: text given beforehand, and output kept for looking at.

import { NO_BYTES } from "./bytes.ts";
import { type FileObject, READY_IN, READY_OUT } from "./file.ts";
import type { OpenFile } from "./file.ts";
import type { Operation } from "./request.ts";

/** Keeps everything written to it. */
export class Capture implements FileObject {
  readonly type = "device";
  readonly seekable = false;
  readonly watchers = null;
  #parts: Uint8Array[] = [];

  describe(): string {
    return "output";
  }
  read(op: Operation): void {
    op.complete(NO_BYTES);
  }
  write(op: Operation, _file: OpenFile, data: Uint8Array): void {
    this.#parts.push(data.slice());
    op.complete(data.length);
  }
  readiness(): number {
    return READY_OUT;
  }
  close(): void {}
  stat(op: Operation): void {
    op.complete({
      ino: 0,
      type: "device",
      size: 0,
      nlink: 1,
      mtimeNs: 0,
      blocks: 0,
    });
  }

  get bytes(): Uint8Array {
    const all = new Uint8Array(
      this.#parts.reduce((sum, part) => sum + part.length, 0),
    );
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }
}

/** Gives its bytes once, then the end of the file. */
export class Given implements FileObject {
  readonly type = "device";
  readonly seekable = false;
  readonly watchers = null;
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  describe(): string {
    return "input";
  }
  read(op: Operation, _file: OpenFile, count: number): void {
    const taken = this.#bytes.slice(0, count);
    this.#bytes = this.#bytes.subarray(taken.length);
    op.complete(taken);
  }
  write(op: Operation): void {
    op.fail("EBADF");
  }
  readiness(): number {
    return READY_IN;
  }
  close(): void {}
  stat(op: Operation): void {
    op.complete({
      ino: 0,
      type: "device",
      size: 0,
      nlink: 1,
      mtimeNs: 0,
      blocks: 0,
    });
  }
}
