// What files should do, as a plain tree in memory without a disk: the model that
// random calls are compared with. It is written from POSIX, and from Linux where
// POSIX leaves a choice, and shares nothing with the kernel but the names of
// errors and the numbers of flags.
//
// It is a process too: it has a working directory and descriptors.

import {
  type ErrorCode,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
} from "../../kernel/abi.ts";

export interface ModelFile {
  type: "file";
  data: Uint8Array;
  nlink: number;
}
interface ModelDirectory {
  type: "directory";
  entries: Map<string, ModelNode>;
  /** It has been removed. */
  isGone: boolean;
}
export type ModelNode = ModelFile | ModelDirectory;

/** An open file description. */
interface Description {
  node: ModelNode;
  offset: number;
  flags: number;
}

/** Where a path leads. */
interface Found {
  /** From the root to the directory of the last name, or, if that is `.` or `..`, to what it means. */
  way: ModelDirectory[];
  name: string;
  node: ModelNode | undefined;
  slash: boolean;
}

export class ModelError {
  constructor(readonly code: ErrorCode) {}
}

function fail(code: ErrorCode): never {
  throw new ModelError(code);
}

const NAME_BYTES_MAX = 255, PATH_BYTES_MAX = 4096;
const FILE_BYTES_MAX = 2 ** 40;
const FIRST_DESCRIPTOR = 3;

export class Model {
  readonly root = directory();
  cwd = "/";
  readonly #files: (Description | undefined)[] = [];

  /** `directories` are there from the beginning, parents first. */
  constructor(directories: readonly string[] = []) {
    for (const path of directories) this.mkdir(path);
  }

  // ----------------------------------------------------------- paths

  open(path: string, flags: number): number {
    const access = flags & (O_WRONLY | O_RDWR);
    if (access === (O_WRONLY | O_RDWR)) fail("EINVAL");
    if ((flags & O_CREAT) !== 0 && (flags & O_DIRECTORY) !== 0) fail("EINVAL");
    const found = this.#find(path);
    const node = found.node === undefined
      ? create(found, flags)
      : openExisting(found.node, found, flags);
    return this.#install({ node, offset: 0, flags });
  }

  stat(path: string): string {
    return tell(existing(this.#find(path)));
  }

  readdir(path: string): string {
    return list(existingDirectory(this.#find(path)));
  }

  mkdir(path: string): void {
    const found = this.#find(path);
    if (found.node !== undefined) fail("EEXIST");
    parentOf(found).entries.set(found.name, directory());
  }

  rmdir(path: string): void {
    const found = this.#find(path);
    const node = existingDirectory(found);
    if (found.name === ".") fail("EINVAL");
    if (found.name === "..") fail("ENOTEMPTY");
    if (node === this.root) fail("EBUSY");
    if (node.entries.size > 0) fail("ENOTEMPTY");
    parentOf(found).entries.delete(found.name);
    node.isGone = true;
  }

  unlink(path: string): void {
    const found = this.#find(path);
    const node = existing(found);
    if (node.type === "directory") fail("EISDIR");
    parentOf(found).entries.delete(found.name);
    node.nlink--;
  }

  link(path: string, to: string): void {
    const [source, target] = this.#findTwo(path, to);
    const node = existing(source);
    if (node.type === "directory") fail("EPERM");
    if (target.node !== undefined) fail("EEXIST");
    if (target.slash) fail("ENOENT");
    parentOf(target).entries.set(target.name, node);
    node.nlink++;
  }

  rename(path: string, to: string): void {
    const [source, target] = this.#findTwo(path, to);
    const node = existing(source);
    for (const { name } of [source, target]) {
      if (name === "" || name === "." || name === "..") fail("EBUSY");
    }
    checkReplace(node, target);
    const replaced = target.node;
    if (replaced === node) return;
    if (replaced?.type === "file") replaced.nlink--;
    if (replaced?.type === "directory") {
      if (replaced.entries.size > 0) fail("ENOTEMPTY");
      replaced.isGone = true;
    }
    parentOf(source).entries.delete(source.name);
    parentOf(target).entries.set(target.name, node);
  }

  chdir(path: string): void {
    const found = this.#find(path);
    const node = existingDirectory(found);
    const way = found.way.at(-1) === node ? found.way : [...found.way, node];
    this.cwd = "/" + way.slice(1).map((each, i) => {
      for (const [name, child] of way[i]!.entries) {
        if (child === each) return name;
      }
    }).join("/");
  }

  // ----------------------------------------------------------- descriptors

  close(fd: number): void {
    this.#description(fd);
    this.#files[fd - FIRST_DESCRIPTOR] = undefined;
  }

  dup(fd: number): number {
    return this.#install(this.#description(fd));
  }

  read(fd: number, count: number): string {
    const description = this.#readable(fd);
    const { data } = fileOf(description, count);
    const part = data.slice(description.offset, description.offset + count);
    description.offset += part.length;
    return part.join();
  }

  pread(fd: number, count: number, offset: number): string {
    const { data } = fileOf(this.#readable(fd), count, offset);
    return data.slice(offset, offset + count).join();
  }

  /** Also what a write did of which a part had room. */
  write(fd: number, data: Uint8Array): number {
    const description = this.#writable(fd);
    if (data.length === 0) return 0;
    const file = description.node as ModelFile;
    const appends = (description.flags & O_APPEND) !== 0;
    const at = appends ? file.data.length : description.offset;
    put(file, data, at);
    description.offset = at + data.length;
    return data.length;
  }

  pwrite(fd: number, data: Uint8Array, offset: number): number {
    const { node } = this.#writable(fd);
    if (offset < 0) fail("EINVAL");
    if (data.length > 0) put(node as ModelFile, data, offset);
    return data.length;
  }

  ftruncate(fd: number, size: number): void {
    const { node, flags } = this.#description(fd);
    if (!writes(flags) || size < 0) fail("EINVAL");
    if (size > FILE_BYTES_MAX) fail("EFBIG");
    const file = node as ModelFile;
    const cut = new Uint8Array(size);
    cut.set(file.data.subarray(0, size));
    file.data = cut;
  }

  lseek(fd: number, offset: number, from: "set" | "cur" | "end"): number {
    const description = this.#description(fd);
    const { node } = description;
    const size = node.type === "file" ? node.data.length : 0;
    const base = { set: 0, cur: description.offset, end: size }[from];
    if (base + offset < 0) fail("EINVAL");
    return description.offset = base + offset;
  }

  fstat(fd: number): string {
    return tell(this.#description(fd).node);
  }

  readdirOf(fd: number): string {
    const { node } = this.#description(fd);
    if (node.type !== "directory") fail("ENOTDIR");
    return node.isGone ? "" : list(node);
  }

  fsync(fd: number): void {
    this.#description(fd);
  }

  /** Descriptors that are open. */
  get descriptors(): number[] {
    return this.#files.flatMap((file, i) =>
      file === undefined ? [] : [i + FIRST_DESCRIPTOR]
    );
  }

  #install(description: Description): number {
    let at = 0;
    while (this.#files[at] !== undefined) at++;
    this.#files[at] = description;
    return at + FIRST_DESCRIPTOR;
  }

  #description(fd: number): Description {
    return this.#files[fd - FIRST_DESCRIPTOR] ?? fail("EBADF");
  }

  #readable(fd: number): Description {
    const description = this.#description(fd);
    if ((description.flags & O_WRONLY) !== 0) fail("EBADF");
    return description;
  }

  #writable(fd: number): Description {
    const description = this.#description(fd);
    if (!writes(description.flags)) fail("EBADF");
    return description;
  }

  // ----------------------------------------------------------- walking

  #find(path: string): Found {
    const start = path.startsWith("/") || this.cwd === "/" || path === ""
      ? [this.root]
      : this.#workingWay();
    return walk(path, start);
  }

  /** Both paths are taken in, so far as they fit, before either is walked. */
  #findTwo(path: string, to: string): [Found, Found] {
    checkLength(path);
    checkLength(to);
    return [this.#find(path), this.#find(to)];
  }

  #workingWay(): ModelDirectory[] {
    const found = walk(this.cwd, [this.root]);
    return [...found.way, existingDirectory(found)];
  }

  // ----------------------------------------------------------- afterwards

  /** Every file and directory, with its path. */
  *all(path = "", node: ModelNode = this.root): Iterable<[string, ModelNode]> {
    yield [path === "" ? "/" : path, node];
    if (node.type !== "directory") return;
    for (const [name, child] of node.entries) {
      yield* this.all(`${path}/${name}`, child);
    }
  }
}

function directory(): ModelDirectory {
  return { type: "directory", entries: new Map(), isGone: false };
}

function checkLength(path: string): void {
  if (bytesOf(path) > PATH_BYTES_MAX) fail("ENAMETOOLONG");
}

function walk(path: string, start: ModelDirectory[]): Found {
  checkLength(path);
  if (path === "") fail("ENOENT");
  const slash = path.endsWith("/");
  const names = path.split("/").filter((name) => name !== "");
  const way = path.startsWith("/") ? [start[0]!] : [...start];
  let name = "";
  let node: ModelNode | undefined = way.at(-1)!;
  for (let i = 0; i < names.length; i++) {
    name = names[i]!;
    if (node === undefined) fail("ENOENT");
    if (node.type !== "directory") fail("ENOTDIR");
    if (node !== way.at(-1)) way.push(node);
    if (name === "..") {
      if (way.length > 1) way.pop();
      node = way.at(-1)!;
    } else if (name !== ".") {
      if (bytesOf(name) > NAME_BYTES_MAX) fail("ENAMETOOLONG");
      node = node.entries.get(name);
    }
  }
  return { way, name, node, slash };
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function existing({ node, slash }: Found): ModelNode {
  if (node === undefined) fail("ENOENT");
  if (slash && node.type !== "directory") fail("ENOTDIR");
  return node;
}

function existingDirectory(found: Found): ModelDirectory {
  const node = existing(found);
  return node.type === "directory" ? node : fail("ENOTDIR");
}

function parentOf({ way }: Found): ModelDirectory {
  return way.at(-1)!;
}

function create(found: Found, flags: number): ModelFile {
  if ((flags & O_CREAT) === 0) fail("ENOENT");
  if (found.slash) fail("EISDIR");
  const file: ModelFile = { type: "file", data: new Uint8Array(0), nlink: 1 };
  parentOf(found).entries.set(found.name, file);
  return file;
}

function openExisting(
  node: ModelNode,
  { slash }: Found,
  flags: number,
): ModelNode {
  if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) fail("EEXIST");
  if (node.type === "directory") {
    if (writes(flags) || (flags & (O_CREAT | O_TRUNC)) !== 0) fail("EISDIR");
    return node;
  }
  if (slash || (flags & O_DIRECTORY) !== 0) fail("ENOTDIR");
  if ((flags & O_TRUNC) !== 0) node.data = new Uint8Array(0);
  return node;
}

function checkReplace(node: ModelNode, target: Found): void {
  const replaced = target.node;
  if (node.type === "directory") {
    if (target.way.includes(node)) fail("EINVAL");
    if (replaced?.type === "file") fail("ENOTDIR");
  } else {
    if (replaced?.type === "directory") fail("EISDIR");
    if (target.slash) fail("ENOTDIR");
  }
}

function writes(flags: number): boolean {
  return (flags & (O_WRONLY | O_RDWR)) !== O_RDONLY;
}

function fileOf({ node }: Description, count: number, offset = 0): ModelFile {
  if (count < 0 || offset < 0) fail("EINVAL");
  return node.type === "file" ? node : fail("EISDIR");
}

function put(file: ModelFile, data: Uint8Array, offset: number): void {
  if (offset + data.length > FILE_BYTES_MAX) fail("EFBIG");
  const size = Math.max(file.data.length, offset + data.length);
  const grown = new Uint8Array(size);
  grown.set(file.data);
  grown.set(data, offset);
  file.data = grown;
}

function tell(node: ModelNode): string {
  if (node.type === "file") return `file ${node.data.length} ${node.nlink}`;
  if (node.isGone) return "directory 0";
  const children = [...node.entries.values()];
  const inside = children.filter(({ type }) => type === "directory");
  return `directory ${inside.length + 2}`;
}

function list(node: ModelDirectory): string {
  return [...node.entries.keys()].sort().join(" ");
}
