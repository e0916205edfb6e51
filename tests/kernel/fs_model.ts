// What files should do, as a plain tree in memory without a disk: the model that
// random operations are compared with. It is written from the rules of POSIX and
// shares nothing with the kernel but the names of errors.

import type { ErrorCode } from "../../kernel/abi.ts";

export interface ModelFile {
  type: "file";
  data: Uint8Array;
  nlink: number;
}
interface ModelDirectory {
  type: "directory";
  entries: Map<string, ModelNode>;
}
export type ModelNode = ModelFile | ModelDirectory;

export class ModelError {
  constructor(readonly code: ErrorCode) {}
}

function fail(code: ErrorCode): never {
  throw new ModelError(code);
}

export class Model {
  readonly root: ModelDirectory = { type: "directory", entries: new Map() };

  /** The directory that holds the last name, and what the name means there. */
  #find(path: string) {
    const names = path.split("/").filter((name) => name !== "");
    const name = names.pop()!;
    let directory: ModelNode = this.root;
    const way: ModelNode[] = [directory];
    for (const each of names) {
      if (directory.type !== "directory") fail("ENOTDIR");
      const next: ModelNode | undefined = directory.entries.get(each);
      if (next === undefined) fail("ENOENT");
      directory = next;
      way.push(directory);
    }
    if (directory.type !== "directory") fail("ENOTDIR");
    return { directory, name, node: directory.entries.get(name), way };
  }

  #existing(path: string): ModelNode {
    return this.#find(path).node ?? fail("ENOENT");
  }

  open(path: string, mode: "r" | "r+" | "w" | "a"): ModelFile {
    const { directory, name, node } = this.#find(path);
    if (node?.type === "directory") fail("EISDIR");
    if (node !== undefined) {
      if (mode === "w") node.data = new Uint8Array(0);
      return node;
    }
    if (mode === "r" || mode === "r+") fail("ENOENT");
    const file: ModelFile = { type: "file", data: new Uint8Array(0), nlink: 1 };
    directory.entries.set(name, file);
    return file;
  }

  write(file: ModelFile, data: Uint8Array, offset: number): number {
    if (data.length === 0) return 0;
    const size = Math.max(file.data.length, offset + data.length);
    const grown = new Uint8Array(size);
    grown.set(file.data);
    grown.set(data, offset);
    file.data = grown;
    return data.length;
  }

  truncate(file: ModelFile, size: number): void {
    const cut = new Uint8Array(size);
    cut.set(file.data.subarray(0, size));
    file.data = cut;
  }

  stat(path: string): string {
    const node = this.#existing(path);
    if (node.type === "file") return `file ${node.data.length} ${node.nlink}`;
    const directories = [...node.entries.values()]
      .filter(({ type }) => type === "directory");
    return `directory ${directories.length + 2}`;
  }

  readdir(path: string): string {
    const node = this.#existing(path);
    if (node.type !== "directory") fail("ENOTDIR");
    return [...node.entries.keys()].sort().join(" ");
  }

  mkdir(path: string): void {
    const { directory, name, node } = this.#find(path);
    if (node !== undefined) fail("EEXIST");
    directory.entries.set(name, { type: "directory", entries: new Map() });
  }

  rmdir(path: string): void {
    const { directory, name, node } = this.#find(path);
    if (node === undefined) fail("ENOENT");
    if (node.type !== "directory") fail("ENOTDIR");
    if (node.entries.size > 0) fail("ENOTEMPTY");
    directory.entries.delete(name);
  }

  unlink(path: string): void {
    const { directory, name, node } = this.#find(path);
    if (node === undefined) fail("ENOENT");
    if (node.type === "directory") fail("EISDIR");
    directory.entries.delete(name);
    node.nlink--;
  }

  link(path: string, to: string): void {
    const source = this.#find(path).node;
    const target = this.#find(to);
    if (source === undefined) fail("ENOENT");
    if (source.type === "directory") fail("EPERM");
    if (target.node !== undefined) fail("EEXIST");
    target.directory.entries.set(target.name, source);
    source.nlink++;
  }

  rename(path: string, to: string): void {
    const from = this.#find(path);
    const target = this.#find(to);
    const { node } = from;
    if (node === undefined) fail("ENOENT");
    if (node.type === "directory" && target.way.includes(node)) fail("EINVAL");
    if (target.node !== undefined) this.#checkReplace(node, target.node);
    if (target.node === node) return;
    if (target.node?.type === "file") target.node.nlink--;
    from.directory.entries.delete(from.name);
    target.directory.entries.set(target.name, node);
  }

  #checkReplace(node: ModelNode, replaced: ModelNode): void {
    if (node === replaced) return;
    if (node.type === "directory") {
      if (replaced.type !== "directory") fail("ENOTDIR");
      if (replaced.entries.size > 0) fail("ENOTEMPTY");
    } else if (replaced.type === "directory") fail("EISDIR");
  }

  /** Every file with its content, and every directory. */
  *all(path = "", node: ModelNode = this.root): Iterable<[string, ModelNode]> {
    if (path !== "") yield [path, node];
    if (node.type !== "directory") return;
    for (const [name, child] of node.entries) {
      yield* this.all(`${path}/${name}`, child);
    }
  }
}
