// /dev/hda: the drive as it is, past the file system and the page cache. What one
// reads is on the platter now; what has not been written yet is not there. It
// can be read only: the file system on it is in use (as Linux refuses with
// CONFIG_BLK_DEV_WRITE_MOUNTED off).

import type { ErrorCode, Stat } from "../abi.ts";
import { SECTOR_BYTES } from "../dev/platter.ts";
import { type FileObject, type OpenFile, READY_IN } from "../file.ts";
import { READ_MAX_BYTES } from "../params.ts";
import type { Operation } from "../request.ts";
import type { BlockDevice } from "./block.ts";
import type { TaskRunner, Work } from "./task.ts";
import type { OpenRequest } from "./vfs.ts";
import { ACCESS_MODE } from "./tree_checks.ts";

export class RawDisk implements FileObject {
  readonly type = "device";
  readonly seekable = true;
  readonly watchers = null;

  constructor(
    readonly device: BlockDevice,
    readonly runner: TaskRunner,
    readonly path: string,
  ) {}

  /** As devfs opens it. */
  static open(
    device: BlockDevice,
    runner: TaskRunner,
    { path, flags }: OpenRequest,
  ): RawDisk | ErrorCode {
    if ((flags & ACCESS_MODE) !== 0) return "EBUSY";
    return new RawDisk(device, runner, path);
  }

  describe(): string {
    return this.path;
  }
  readiness(): number {
    return READY_IN;
  }

  read(op: Operation, file: OpenFile, count: number): void {
    this.#start(op, file.offset, count, (bytes) => {
      file.offset += bytes;
    });
  }

  pread(op: Operation, count: number, offset: number): void {
    this.#start(op, offset, count);
  }

  write(op: Operation): void {
    op.fail("EBUSY", { path: this.path });
  }

  /** Bytes of the whole drive. */
  size(): number {
    return this.device.platter.sectors * SECTOR_BYTES;
  }

  stat(op: Operation): void {
    const stat: Stat = {
      ino: 0,
      type: "device",
      size: this.size(),
      nlink: 1,
      mtimeNs: 0,
      blocks: 0,
    };
    op.complete(stat);
  }

  close(): void {}

  #start(
    op: Operation,
    offset: number,
    count: number,
    done: (bytes: number) => void = () => {},
  ): void {
    this.runner.start(this.#read(offset, count), op, {
      done: (bytes) => {
        done(bytes.length);
        op.complete(bytes);
      },
      failed: ({ code }) => op.fail(code, { path: this.path }),
    });
  }

  *#read(offset: number, count: number): Work<Uint8Array> {
    const most = Math.min(count, READ_MAX_BYTES, this.size() - offset);
    if (most <= 0) return new Uint8Array(0);
    const first = Math.floor(offset / SECTOR_BYTES);
    const sectors = Math.ceil((offset + most) / SECTOR_BYTES) - first;
    const data = new Uint8Array(sectors * SECTOR_BYTES);
    yield this.device.batch(this.device.sectorTransfers(first, data));
    const skip = offset - first * SECTOR_BYTES;
    return data.subarray(skip, skip + most);
  }
}
