// /dev: a flat directory of devices. `null` and `zero` live here; the kernel
// registers the others (terminal, console) with a function that opens them.

import type { ErrorCode, Stat, StatFs } from "../abi.ts";
import { NO_BYTES } from "../bytes.ts";
import {
  type FileObject,
  type OpenFile,
  READY_IN,
  READY_OUT,
} from "../file.ts";
import type { Operation } from "../request.ts";
import { inNameOrder } from "./directory.ts";
import { immediate, type Work } from "./task.ts";
import {
  emptyStatFs,
  type Listing,
  type Mount,
  type Node,
  type OpenRequest,
} from "./vfs.ts";

/** Opens a device: a fresh object, or one that all share. */
export type DeviceOpener = (request: OpenRequest) => FileObject | ErrorCode;

interface Device extends Node {
  open: DeviceOpener;
}

const DIRECTORY_INO = 1;

export class DevFs implements Mount, Listing {
  readonly name = "dev";
  readonly names = null;
  readonly root: Node = { mount: this, ino: DIRECTORY_INO, type: "directory" };
  #devices = new Map<string, Device>();

  constructor() {
    this.add("null", ({ path }) => new NullDevice(path));
    this.add("zero", ({ path }) => new ZeroDevice(path));
  }

  /** Registers /dev/`name`. */
  add(name: string, open: DeviceOpener): void {
    const ino = DIRECTORY_INO + 1 + this.#devices.size;
    this.#devices.set(name, { mount: this, ino, type: "device", open });
  }

  list(): Work<Listing> {
    return immediate(() => this);
  }

  find(name: string): Device | null {
    return this.#devices.get(name) ?? null;
  }

  entries(): { name: string; ino: number; type: "device" }[] {
    const entries = [...this.#devices].map(([name, { ino }]) => ({
      name,
      ino,
      type: "device" as const,
    }));
    return inNameOrder(entries) as typeof entries;
  }

  node(ino: number): Work<Node | null> {
    const devices = [...this.#devices.values()];
    return immediate(() => devices.find((it) => it.ino === ino) ?? null);
  }

  stat({ ino, type }: Node): Stat {
    const nlink = type === "directory" ? 2 : 1;
    return { ino, type, size: 0, nlink, mtimeNs: 0, blocks: 0 };
  }

  statfs(): StatFs {
    return emptyStatFs(this.name);
  }

  open(node: Node, request: OpenRequest): FileObject | ErrorCode {
    return node === this.root
      ? new ListedDirectory(this, node, request.path)
      : (node as Device).open(request);
  }
}

/** What null and zero have in common: they are always ready and keep nothing. */
class NullDevice implements FileObject {
  readonly type = "device";
  readonly seekable = true;
  readonly watchers = null;

  constructor(readonly path: string) {}

  describe(): string {
    return this.path;
  }
  readiness(): number {
    return READY_IN | READY_OUT;
  }
  read(op: Operation, _file: OpenFile, count: number): void {
    this.pread(op, count);
  }
  write(op: Operation, _file: OpenFile, data: Uint8Array): void {
    op.complete(data.length);
  }
  pread(op: Operation, _count: number): void {
    op.complete(NO_BYTES);
  }
  pwrite(op: Operation, data: Uint8Array): void {
    op.complete(data.length);
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

class ZeroDevice extends NullDevice {
  override pread(op: Operation, count: number): void {
    op.complete(new Uint8Array(count));
  }
}

/** An open directory of a file system that lives in memory. */
export class ListedDirectory implements FileObject {
  readonly type = "directory";
  readonly seekable = true;
  readonly watchers = null;

  constructor(
    readonly mount: Mount,
    readonly node: Node,
    readonly path: string,
  ) {}

  describe(): string {
    return this.path;
  }
  readiness(): number {
    return READY_IN | READY_OUT;
  }
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
    const step = this.mount.list(this.node).next();
    if (!step.done) throw new Error(`${this.path}: its listing waits`);
    op.complete(step.value.entries());
  }
  close(): void {}
  stat(op: Operation): void {
    op.complete(this.mount.stat(this.node));
  }
}
