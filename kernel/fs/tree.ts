// The tree of names that programs see: the disk with /dev and /proc mounted in
// it. Each call on a path is a work that locks the names, walks, checks all that
// can be wrong, and then asks the file system there to do it. It knows neither
// operations' results nor how a file system keeps its names.

import {
  type DirectoryEntry,
  O_CREAT,
  O_DIRECTORY,
  O_TRUNC,
  type Stat,
  type StatFs,
} from "../abi.ts";
import type { FileObject } from "../file.ts";
import type { Operation } from "../request.ts";
import type { DiskFs } from "./disk_fs.ts";
import type { Inode } from "./inode.ts";
import { INODE_DIRECTORY, INODE_FILE } from "./layout.ts";
import { holding } from "./disk_file.ts";
import {
  type Found,
  type Mounted,
  pathOf,
  pathOfFound,
  resolve,
  type Where,
} from "./path.ts";
import { Failure, immediate, type Work } from "./task.ts";
import {
  ACCESS_MODE,
  checkOpen,
  checkRename,
  existing,
  existingDirectory,
  isRoot,
  namesOf,
  sameMount,
  slotOf,
} from "./tree_checks.ts";
import type { Mount, Node } from "./vfs.ts";

/** Working directories that are held in memory; beyond this many all are forgotten. */
const DIRECTORIES_HELD_MAX = 256;

export class Tree {
  readonly #disk: DiskFs;
  readonly #root: Where;
  /** Name in the root directory → what is mounted there. */
  readonly #mounts = new Map<string, Mount>();
  /** Working directories by path, as long as no directory is moved or removed. */
  readonly #held = new Map<string, Where>();

  constructor(disk: DiskFs, mounts: readonly Mount[]) {
    this.#disk = disk;
    this.#root = { node: disk.root, name: "", up: null };
    for (const mount of mounts) this.#mounts.set(mount.name, mount);
  }

  // ----------------------------------------------------------- looking

  stat(op: Operation, path: string): Work<Stat> {
    const stat = (found: Found) => {
      const { node } = existing(found);
      return node.mount.stat(node);
    };
    return this.#looking(op, path, (found) => immediate(() => stat(found)));
  }

  statfs(op: Operation, path: string): Work<StatFs> {
    const tell = (found: Found) => existing(found).node.mount.statfs();
    return this.#looking(op, path, (found) => immediate(() => tell(found)));
  }

  readdir(op: Operation, path: string): Work<DirectoryEntry[]> {
    return this.#looking(op, path, function* (found) {
      const { node } = existingDirectory(found);
      return (yield* node.mount.list(node)).entries();
    });
  }

  /** The absolute path of a directory; it is held in memory from now on. */
  directory(op: Operation, path: string): Work<string> {
    const hold = (found: Found) => this.#hold(existingDirectory(found));
    return this.#looking(op, path, (found) => immediate(() => hold(found)));
  }

  /** All of a file on the disk, and its absolute path. */
  program(
    op: Operation,
    path: string,
  ): Work<{ bytes: Uint8Array; path: string }> {
    const disk = this.#disk;
    return this.#looking(op, path, function* (found) {
      const where = existing(found);
      const inode = where.node as Inode;
      if (inode.mount !== disk || inode.kind === INODE_DIRECTORY) {
        throw new Failure("EACCES");
      }
      const read = () => disk.content.read(inode, 0, inode.size);
      const bytes = yield* holding(inode.lock.shared(), read);
      return { bytes, path: pathOf(where) };
    });
  }

  // ----------------------------------------------------------- opening

  open(op: Operation, path: string, flags: number): Work<FileObject> {
    const creates = (flags & O_CREAT) !== 0;
    if (
      (flags & ACCESS_MODE) === ACCESS_MODE ||
      (creates && (flags & O_DIRECTORY) !== 0)
    ) throw new Failure("EINVAL");
    const open = (found: Found) => this.#open(op, found, flags);
    return creates
      ? this.#changing(op, path, open)
      : this.#looking(op, path, open);
  }

  *#open(op: Operation, found: Found, flags: number): Work<FileObject> {
    const absolute = pathOfFound(found);
    let { node } = found;
    if (node === null) {
      if ((flags & O_CREAT) === 0) throw new Failure("ENOENT");
      if (found.slash) throw new Failure("EISDIR");
      node = yield* namesOf(found).create(slotOf(found));
    } else {
      checkOpen(node, found, flags);
      if ((flags & O_TRUNC) !== 0 && node.mount.empty !== undefined) {
        yield* node.mount.empty(node);
      }
    }
    const object = node.mount.open(node, { flags, path: absolute, op });
    if (typeof object === "string") throw new Failure(object);
    return object;
  }

  // ----------------------------------------------------------- changing names

  /** Null: the host does it. */
  unlink(op: Operation | null, path: string): Work<void> {
    return this.#changing(op, path, function* (found) {
      const { node } = existing(found);
      if (node.type === "directory") throw new Failure("EISDIR");
      yield* namesOf(found).unlink(slotOf(found), node);
    });
  }

  utimes(op: Operation, path: string, mtimeNs: number): Work<void> {
    // deno-lint-ignore require-yield -- it waits for the locks of its path only
    return this.#changing(op, path, function* (found) {
      const { node } = existing(found);
      if (node.mount.names === null) throw new Failure("EROFS");
      node.mount.names.setModified(node, mtimeNs);
    });
  }

  mkdir(op: Operation | null, path: string): Work<void> {
    return this.#changing(op, path, function* (found) {
      if (found.node !== null) throw new Failure("EEXIST");
      yield* namesOf(found).makeDirectory(slotOf(found));
    });
  }

  rmdir(op: Operation, path: string): Work<void> {
    const forget = () => this.#held.clear();
    return this.#changing(op, path, function* (found) {
      const { node } = existingDirectory(found);
      if (found.name === ".") throw new Failure("EINVAL");
      if (found.name === "..") throw new Failure("ENOTEMPTY");
      if (isRoot(node)) throw new Failure("EBUSY");
      const names = namesOf(found);
      yield* names.removeDirectory(slotOf(found), node);
      forget();
    });
  }

  link(op: Operation, path: string, to: string): Work<void> {
    return this.#changingTwo(op, path, to, function* (from, target) {
      const { node } = existing(from);
      if (node.type === "directory") throw new Failure("EPERM");
      if (target.node !== null) throw new Failure("EEXIST", to);
      if (target.slash) throw new Failure("ENOENT", to);
      sameMount(node, target);
      yield* namesOf(target).link(node, slotOf(target));
    });
  }

  /** Null: the host does it. */
  rename(op: Operation | null, path: string, to: string): Work<void> {
    const forget = () => this.#held.clear();
    return this.#changingTwo(op, path, to, function* (from, target) {
      const { node } = existing(from);
      const replaced = target.node;
      checkRename(node, from, target, to);
      if (replaced === node) return;
      const source = slotOf(from);
      const slot = slotOf(target);
      if (slot.directory === source.directory) slot.listing = source.listing;
      yield* namesOf(from).rename(node, source, slot, replaced);
      if (node.type === "directory") forget();
    });
  }

  // ----------------------------------------------------------- for the host, without locks or time

  /** The node of an absolute path; null if there is none. */
  *find(path: string): Work<Node | null> {
    try {
      return (yield* resolve(path, this.#root, this.#mounted, 0)).node;
    } catch (failure) {
      if (failure instanceof Failure) return null;
      throw failure;
    }
  }

  /** Makes a file have this content, with the directories it needs. */
  *replace(path: string, bytes: Uint8Array): Work<void> {
    const { content } = this.#disk;
    yield* this.makeParents(path);
    yield* this.#changing(null, path, function* (found) {
      if (found.node?.type === "directory") throw new Failure("EISDIR");
      const inode = (found.node ??
        (yield* namesOf(found).create(slotOf(found)))) as Inode;
      if (inode.kind !== INODE_FILE) throw new Failure("EROFS");
      yield* holding(inode.lock.exclusive(), function* () {
        if (inode.size > 0) yield* content.truncate(inode, 0);
        if (bytes.length > 0) yield* content.write(inode, 0, bytes);
      });
    });
  }

  /** The directories on the way to a path. */
  *makeParents(path: string): Work<void> {
    const end = path.lastIndexOf("/");
    if (end <= 0) return;
    const parent = path.slice(0, end);
    if ((yield* this.find(parent)) !== null) return;
    yield* this.makeParents(parent);
    yield* this.mkdir(null, parent);
  }

  // ----------------------------------------------------------- walking

  #mounted = (directory: Node, name: string): Node | null =>
    directory === this.#disk.root ? this.#mounts.get(name)?.root ?? null : null;

  /** A work that only looks at names: many at a time. */
  *#looking<T>(
    op: Operation,
    path: string,
    work: (found: Found) => Work<T>,
  ): Work<T> {
    const walk = () => this.#walk(op, path, work);
    const { namesLock } = this.#disk;
    return yield* this.#staysInMount(path)
      ? walk()
      : holding(namesLock.shared(), walk);
  }

  /** A work that changes names: one at a time. */
  *#changing<T>(
    op: Operation | null,
    path: string,
    work: (found: Found) => Work<T>,
  ): Work<T> {
    const walk = () => this.#walk(op, path, work);
    const { namesLock } = this.#disk;
    return yield* this.#staysInMount(path)
      ? walk()
      : holding(namesLock.exclusive(), walk);
  }

  *#changingTwo<T>(
    op: Operation | null,
    path: string,
    to: string,
    work: (from: Found, to: Found) => Work<T>,
  ): Work<T> {
    const { namesLock } = this.#disk;
    const walk = () =>
      this.#walk(
        op,
        path,
        (from) => this.#walk(op, to, (target) => work(from, target)),
      );
    return yield* holding(namesLock.exclusive(), walk);
  }

  *#walk<T>(
    op: Operation | null,
    path: string,
    work: (found: Found) => Work<T>,
  ): Work<T> {
    const start = path.startsWith("/") || op === null
      ? this.#root
      : yield* this.#working(op);
    const pid = op === null ? 0 : op.thread.process.pid;
    return yield* work(yield* naming(path, start, this.#mounted, pid));
  }

  /** The working directory: held in memory, or looked up again. */
  *#working(op: Operation): Work<Where> {
    const { cwd } = op.thread.process;
    if (cwd === "/") return this.#root;
    const held = this.#held.get(cwd);
    if (held !== undefined) return held;
    const where = existingDirectory(
      yield* resolve(cwd, this.#root, this.#mounted, 0),
    );
    this.#hold(where);
    return where;
  }

  #hold(where: Where): string {
    const path = pathOf(where);
    if (this.#held.size >= DIRECTORIES_HELD_MAX) this.#held.clear();
    this.#held.set(path, where);
    return path;
  }

  /** True if no directory of the disk is looked into on the way. */
  #staysInMount(path: string): boolean {
    if (path[0] !== "/" || path.includes("..")) return false;
    const end = path.indexOf("/", 1);
    return this.#mounts.has(path.slice(1, end < 0 ? path.length : end));
  }
}

/** Walks; a failure on the way is about this path. */
function* naming(
  path: string,
  start: Where,
  mounted: Mounted,
  pid: number,
): Work<Found> {
  try {
    return yield* resolve(path, start, mounted, pid);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    throw new Failure(failure.code, path);
  }
}
