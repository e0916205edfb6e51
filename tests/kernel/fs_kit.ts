// A file system on a machine that is only a clock and a trace, and a program
// that calls it: each call is an operation, and `run` lets the clock go until
// it has ended. What the syscall table checks (descriptors, arguments) is not
// here.

import { assertEquals } from "@std/assert";
import {
  CALL,
  Call,
  type ErrorCode,
  O_APPEND,
  OPEN_MODES,
  type OpenMode,
  SysError,
} from "../../kernel/abi.ts";
import { Clock, type Due } from "../../kernel/clock.ts";
import type { Platter } from "../../kernel/dev/platter.ts";
import { type FileObject, OpenFile } from "../../kernel/file.ts";
import {
  check,
  FileSystem,
  type FileSystemOptions,
} from "../../kernel/fs/mod.ts";
import type { Machine } from "../../kernel/kernel.ts";
import { ENDED, Operation } from "../../kernel/request.ts";
import type { Thread } from "../../kernel/thread.ts";
import { TRACE, Trace, type TraceEvent } from "../../kernel/trace.ts";

export class TestOperation extends Operation {
  ok = false;
  result: unknown = undefined;
  endedAt = -1;

  protected override deliver(ok: boolean, result: unknown): void {
    this.ok = ok;
    this.result = result;
    this.endedAt = this.thread.machine.clock.now;
  }

  get ended(): boolean {
    return this.state === ENDED;
  }
  get code(): ErrorCode | null {
    return this.result instanceof SysError ? this.result.code : null;
  }
}

class TestCall extends Call<unknown> {}

export type Options = Omit<FileSystemOptions, "machine">;

/** What a test needs of a machine. */
export class Bench {
  readonly clock = new Clock();
  readonly trace = new Trace();
  readonly objects = new Map<number, string>();
  readonly fs: FileSystem;
  readonly thread: Thread;
  readonly memory = { freeBytes: 64 * 1024 * 1024 };
  readonly costs = { pageHitNs: 0 };
  kernelNs = 0;
  interrupts = 0;
  #lastId = 0;
  openFiles = 0;

  constructor(options: Options = {}) {
    const machine = this as unknown as Machine;
    this.thread = {
      machine,
      process: { cwd: "/" },
    } as unknown as Thread;
    this.fs = new FileSystem({ ...options, machine });
  }

  // ------------------------------------------------------- as a machine

  emit(kind: number, a = 0, b = 0, c = 0, text?: string): void {
    this.trace.append(kind, this.clock.now, 0, 0, 0, 0, a, b, c, text);
  }
  emitFor(
    _thread: Thread,
    kind: number,
    a = 0,
    b = 0,
    c = 0,
    text?: string,
  ): void {
    this.emit(kind, a, b, c, text);
  }
  scheduleBackground(due: number, owner: Due): number {
    return this.clock.schedule(due, owner);
  }
  cancelBackground(token: number): void {
    this.clock.cancel(token);
  }
  interrupt(device: string, handler: () => void): void {
    this.interrupts++;
    this.emit(TRACE.irq_enter, 0, 0, 0, device);
    handler();
    this.emit(TRACE.irq_exit, 0, 0, 0, device);
  }
  objectCreated(what: string): number {
    this.objects.set(++this.#lastId, what);
    return this.#lastId;
  }
  objectReleased(_what: string, id: number): void {
    this.objects.delete(id);
  }
  fileOpened(): number {
    return ++this.openFiles;
  }
  fileReleased(): void {
    this.openFiles--;
  }
  timerStarted(): void {}
  timerEnded(): void {}

  // ------------------------------------------------------- as a program

  set cwd(path: string) {
    this.thread.process.cwd = path;
  }

  /** Starts a call; it is under way when this returns. */
  start(begin: (op: TestOperation) => void): TestOperation {
    const op = new TestOperation(this.thread);
    op.begin(new TestCall(CALL.nop));
    begin(op);
    return op;
  }

  /** Completes when everything is on the platter. */
  sync(): void {
    this.run((op) => this.fs.sync(op));
  }

  /** Lets time go on until nothing is due: the flusher has written everything, and home. */
  settle(): void {
    while (this.clock.pending > 0) this.step();
  }

  step(): void {
    this.clock.now = this.clock.nextDue;
    this.clock.takeNext().fire();
  }

  /** Starts a call and runs until it has ended. */
  run<T = void>(begin: (op: TestOperation) => void): T {
    const op = this.start(begin);
    while (!op.ended) {
      if (this.clock.pending === 0) throw new Error("it never ends");
      this.step();
    }
    if (!op.ok) throw op.result;
    return op.result as T;
  }

  /** The errno of a call that fails. */
  fails(begin: () => unknown): ErrorCode | null {
    try {
      begin();
    } catch (error) {
      if (error instanceof SysError) return error.code;
      throw error;
    }
    return null;
  }

  open(path: string, mode: OpenMode | number = "r"): TestFile {
    const flags = typeof mode === "number" ? mode : OPEN_MODES[mode];
    return this.run((op) =>
      this.fs.open(op, path, flags, (object) => {
        op.complete(new TestFile(this, object, flags));
      })
    );
  }

  write(path: string, content: string | Uint8Array): void {
    const file = this.open(path, "w");
    if (content.length > 0) file.write(content);
    file.close();
  }

  read(path: string): string {
    return new TextDecoder().decode(this.readBytes(path));
  }

  readBytes(path: string): Uint8Array {
    const file = this.open(path);
    const bytes = file.read(2 ** 24);
    file.close();
    return bytes;
  }

  unlink(path: string): void {
    this.run((op) => this.fs.unlink(op, path));
  }
  link(path: string, to: string): void {
    this.run((op) => this.fs.link(op, path, to));
  }
  rename(path: string, to: string): void {
    this.run((op) => this.fs.rename(op, path, to));
  }
  mkdir(path: string): void {
    this.run((op) => this.fs.mkdir(op, path));
  }
  rmdir(path: string): void {
    this.run((op) => this.fs.rmdir(op, path));
  }
  stat(path: string) {
    return this.run<import("../../kernel/abi.ts").Stat>((op) =>
      this.fs.stat(op, path)
    );
  }
  readdir(path: string) {
    return this.run<import("../../kernel/abi.ts").DirectoryEntry[]>((op) =>
      this.fs.readdir(op, path)
    );
  }
  names(path: string): string[] {
    return this.readdir(path).map(({ name }) => name);
  }

  // ------------------------------------------------------- afterwards

  get platter(): Platter {
    return this.fs.device.platter;
  }

  /** Events of one kind so far. */
  events<K extends TraceEvent["kind"]>(kind: K) {
    return [...this.trace.events()].filter((event) =>
      event.kind === kind
    ) as Extract<TraceEvent, { kind: K }>[];
  }

  /** Everything has been let go, and the disk is whole. */
  assertClean(): void {
    this.settle();
    assertEquals([...this.objects.values()], []);
    assertEquals(this.fs.counts(), { inodes: 0, tasks: 0, diskRequests: 0 });
    assertEquals(check(this.platter), []);
  }

  /** A copy of the disk as it is now in another machine: what is really on it. */
  remounted(): Bench {
    return new Bench({ platter: this.platter.clone() });
  }
}

/** An open file description, as a descriptor would name it. */
export class TestFile {
  readonly file: OpenFile;

  constructor(
    readonly bench: Bench,
    readonly object: FileObject,
    flags: number,
  ) {
    const machine = bench as unknown as Machine;
    this.file = new OpenFile(machine, object, flags);
    this.file.references = 1;
  }

  startRead(count: number): TestOperation {
    return this.#start((op) => this.object.read(op, this.file, count));
  }
  startWrite(data: string | Uint8Array): TestOperation {
    const bytes = toBytes(data);
    return this.#start((op) => this.object.write(op, this.file, bytes));
  }
  startPread(count: number, offset: number): TestOperation {
    return this.#start((op) => this.object.pread!(op, count, offset));
  }

  read(count: number): Uint8Array {
    return this.#run((op) => this.object.read(op, this.file, count));
  }
  text(count = 2 ** 20): string {
    return new TextDecoder().decode(this.read(count));
  }
  write(data: string | Uint8Array): number {
    const bytes = toBytes(data);
    return this.#run((op) => this.object.write(op, this.file, bytes));
  }
  pread(count: number, offset: number): Uint8Array {
    return this.#run((op) => this.object.pread!(op, count, offset));
  }
  pwrite(data: string | Uint8Array, offset: number): number {
    const bytes = toBytes(data);
    return this.#run((op) => this.object.pwrite!(op, bytes, offset));
  }
  truncate(size: number): void {
    this.#run((op) => this.object.truncate!(op, size));
  }
  fsync(): void {
    this.#run((op) => this.object.fsync!(op));
  }
  stat(): import("../../kernel/abi.ts").Stat {
    return this.#run((op) => this.object.stat(op));
  }
  names(): string[] {
    return this.#run<{ name: string }[]>((op) => this.object.readdir!(op))
      .map(({ name }) => name);
  }
  close(): void {
    this.file.release();
  }

  #start(begin: (op: TestOperation) => void): TestOperation {
    return this.bench.start((op) => {
      op.hold(this.file);
      begin(op);
    });
  }
  #run<T>(begin: (op: TestOperation) => void): T {
    return this.bench.run<T>((op) => {
      op.hold(this.file);
      begin(op);
    });
  }
}

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}

export function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17) & 0xff);
}

export { O_APPEND };
