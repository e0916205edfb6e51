// /proc: files whose text the kernel makes when they are read. A file gives a
// text (made afresh at offset 0) or a stream (an open file keeps its place and
// reads 0 bytes when there is nothing new). It knows nothing of what they say.

import type {
  DirectoryEntry,
  ErrorCode,
  FileType,
  Stat,
  StatFs,
} from "../abi.ts";
import { NO_BYTES } from "../bytes.ts";
import {
  type FileObject,
  type OpenFile,
  READY_IN,
  READY_OUT,
} from "../file.ts";
import type { Operation } from "../request.ts";
import { ListedDirectory } from "./devfs.ts";
import { inNameOrder } from "./directory.ts";
import { immediate, type Work } from "./task.ts";
import {
  emptyStatFs,
  type Listing,
  type Mount,
  type Node,
  type OpenRequest,
} from "./vfs.ts";

/** Text that goes on: each read gives what is new, "" for nothing. */
export interface Stream {
  read(): string;
}
/** Makes a stream for who opens it (0: nobody). */
type StreamMaker = (pid: number) => Stream;
/** What is behind a file: a text, made afresh, or a stream for each open. */
type Source = { text: () => string } | { stream: StreamMaker };

class ProcNode implements Node {
  readonly children = new Map<string, ProcNode>();
  constructor(
    readonly mount: ProcFs,
    readonly ino: number,
    readonly type: FileType,
    readonly source: Source | null,
    /** In a process's directory: what to put before a name. */
    readonly prefix = "",
  ) {}
}

const ROOT_NUMBER = 1;
/** Every process's own directory, as it is listed; whoever goes there is in that of its number. */
const SELF = { name: "self", ino: 2, type: "directory" } as const;
/** Numbers of the files of process `pid` begin at pid · 2²⁰ + this. */
const PIDS_NUMBER = 1_000_000;
const PID_STRIDE = 2 ** 20;

export class ProcFs implements Mount {
  readonly name = "proc";
  readonly names = null;
  readonly root = new ProcNode(this, ROOT_NUMBER, "directory", null);
  /** The processes there are. */
  pids: () => number[] = () => [];
  /** The text files in a process's directory, by name; `fd/0` is in a directory there. */
  ofPid: (pid: number) => Record<string, () => string> = () => ({});
  /** The streams there. */
  streamsOfPid: (pid: number) => Record<string, StreamMaker> = () => ({});
  #nodes = new Map<number, ProcNode>();

  /** Registers a file: `add("/processes", () => text)`, `add("/net/tcp", …)`. */
  add(path: string, text: () => string): void {
    this.#add(path, "file", { text });
  }

  /** Registers a stream that ends: each open file has its own place in it. */
  addStream(path: string, stream: StreamMaker): void {
    this.#add(path, "file", { stream });
  }

  /** Registers one that never does: whoever goes through all files passes it over. */
  addPipe(path: string, stream: StreamMaker): void {
    this.#add(path, "pipe", { stream });
  }

  meaningOf(name: string, directory: number, pid: number): string {
    const isSelf = name === SELF.name && directory === ROOT_NUMBER && pid > 0;
    return isSelf ? String(pid) : name;
  }

  list(directory: Node): Work<Listing> {
    return immediate(() =>
      new ProcListing(this.#entries(directory as ProcNode))
    );
  }

  node(ino: number): Work<Node | null> {
    return immediate(() =>
      ino < PIDS_NUMBER ? this.#nodes.get(ino) ?? null : this.#ofPid(ino)
    );
  }

  stat({ ino, type }: Node): Stat {
    const nlink = type === "directory" ? 2 : 1;
    return { ino, type, size: 0, nlink, mtimeNs: 0, blocks: 0 };
  }

  statfs(): StatFs {
    return emptyStatFs(this.name);
  }

  open(node: Node, { path, flags, op }: OpenRequest): FileObject | ErrorCode {
    if ((flags & 3) !== 0) return "EACCES";
    const { source, type } = node as ProcNode;
    if (type === "directory") return new ListedDirectory(this, node, path);
    return "text" in source!
      ? new TextFile(this, node, path, source.text)
      : new StreamFile(
        this,
        node,
        path,
        source!.stream(op?.thread.process.pid ?? 0),
      );
  }

  #add(path: string, type: FileType, source: Source): void {
    const names = path.split("/").filter((name) => name !== "");
    const last = names.pop()!;
    let directory = this.root;
    for (const name of names) {
      directory = directory.children.get(name) ??
        this.#addNode(directory, name, "directory", null);
    }
    this.#addNode(directory, last, type, source);
  }

  #addNode(
    directory: ProcNode,
    name: string,
    type: FileType,
    source: Source | null,
  ): ProcNode {
    const ino = SELF.ino + 1 + this.#nodes.size;
    const node = new ProcNode(this, ino, type, source);
    this.#nodes.set(ino, node);
    directory.children.set(name, node);
    return node;
  }

  #entries(directory: ProcNode): DirectoryEntry[] {
    if (directory.ino >= PIDS_NUMBER) return this.#entriesOfPid(directory);
    const own = [...directory.children].map(([name, { ino, type }]) => ({
      name,
      ino,
      type,
    }));
    if (directory !== this.root) return own;
    const pids = this.pids().map((pid): DirectoryEntry => ({
      name: String(pid),
      ino: PIDS_NUMBER + pid * PID_STRIDE,
      type: "directory",
    }));
    return [...own, SELF, ...pids];
  }

  #entriesOfPid({ ino, prefix }: ProcNode): DirectoryEntry[] {
    const pid = Math.floor((ino - PIDS_NUMBER) / PID_STRIDE);
    const first = PIDS_NUMBER + pid * PID_STRIDE;
    const paths = [...this.#pathsOf(pid)];
    return paths.flatMap(([path, source], i): DirectoryEntry[] => {
      const name = path.slice(prefix.length);
      if (!path.startsWith(prefix) || name.includes("/")) return [];
      const type = source === null ? "directory" : "file";
      return [{ name, ino: first + 1 + i, type }];
    });
  }

  #ofPid(ino: number): ProcNode | null {
    const pid = Math.floor((ino - PIDS_NUMBER) / PID_STRIDE);
    if (!this.pids().includes(pid)) return null;
    const which = (ino - PIDS_NUMBER) % PID_STRIDE;
    if (which === 0) return new ProcNode(this, ino, "directory", null);
    const found = [...this.#pathsOf(pid)][which - 1];
    if (found === undefined) return null;
    const [path, source] = found;
    return source === null
      ? new ProcNode(this, ino, "directory", null, `${path}/`)
      : new ProcNode(this, ino, "file", source);
  }

  /** All there is below a process's directory; null is a directory. A number is a place in it. */
  #pathsOf(pid: number): Map<string, Source | null> {
    const paths = new Map<string, Source | null>();
    for (const [path, source] of this.#sourcesOf(pid)) {
      for (
        let at = path.indexOf("/");
        at >= 0;
        at = path.indexOf("/", at + 1)
      ) {
        paths.set(path.slice(0, at), null);
      }
      paths.set(path, source);
    }
    return paths;
  }

  #sourcesOf(pid: number): Map<string, Source> {
    const sources = new Map<string, Source>();
    for (const [name, text] of Object.entries(this.ofPid(pid))) {
      sources.set(name, { text });
    }
    for (const [name, stream] of Object.entries(this.streamsOfPid(pid))) {
      sources.set(name, { stream });
    }
    return sources;
  }
}

class ProcListing implements Listing {
  #entries: DirectoryEntry[];
  constructor(entries: DirectoryEntry[]) {
    this.#entries = inNameOrder(entries);
  }
  find(name: string): { ino: number } | null {
    return this.#entries.find((entry) => entry.name === name) ?? null;
  }
  entries(): DirectoryEntry[] {
    return this.#entries;
  }
}

const ENCODER = new TextEncoder();

/** What text and stream files have in common. */
abstract class ProcFile implements FileObject {
  readonly type = "file";
  readonly watchers = null;
  abstract readonly seekable: boolean;

  constructor(
    readonly mount: ProcFs,
    readonly node: Node,
    readonly path: string,
  ) {}

  abstract read(op: Operation, file: OpenFile, count: number): void;

  describe(): string {
    return this.path;
  }
  readiness(): number {
    return READY_IN | READY_OUT;
  }
  write(op: Operation): void {
    op.fail("EACCES", { path: this.path });
  }
  close(): void {}
  stat(op: Operation): void {
    op.complete(this.mount.stat(this.node));
  }
}

/** A text, made afresh whenever it is read from its beginning. */
class TextFile extends ProcFile {
  readonly seekable = true;
  #text: () => string;
  #bytes: Uint8Array | null = null;

  constructor(mount: ProcFs, node: Node, path: string, text: () => string) {
    super(mount, node, path);
    this.#text = text;
  }

  read(op: Operation, file: OpenFile, count: number): void {
    const bytes = this.#part(count, file.offset);
    file.offset += bytes.length;
    op.complete(bytes);
  }

  pread(op: Operation, count: number, offset: number): void {
    op.complete(this.#part(count, offset));
  }

  size(): number {
    return 0;
  }

  #part(count: number, offset: number): Uint8Array {
    if (offset === 0 || this.#bytes === null) {
      this.#bytes = ENCODER.encode(this.#text());
    }
    return this.#bytes.slice(offset, offset + count);
  }
}

/** What comes, once. */
class StreamFile extends ProcFile {
  readonly seekable = false;
  #stream: Stream;
  #rest: Uint8Array = NO_BYTES;

  constructor(mount: ProcFs, node: Node, path: string, stream: Stream) {
    super(mount, node, path);
    this.#stream = stream;
  }

  read(op: Operation, _file: OpenFile, count: number): void {
    if (this.#rest.length === 0) {
      this.#rest = ENCODER.encode(this.#stream.read());
    }
    const bytes = this.#rest.slice(0, count);
    this.#rest = this.#rest.subarray(bytes.length);
    op.complete(bytes);
  }
}
