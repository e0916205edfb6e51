// What every file system is to the rest of the kernel: nodes with numbers,
// directories that list names, objects to open. The disk, /dev and /proc each
// are one. It knows no path: path.ts walks, mod.ts has the calls.

import type {
  DirectoryEntry,
  ErrorCode,
  FileType,
  Stat,
  StatFs,
} from "../abi.ts";
import type { FileObject } from "../file.ts";
import type { Operation } from "../request.ts";
import type { Work } from "./task.ts";

/** A file or directory of a mounted file system. */
export interface Node {
  readonly mount: Mount;
  readonly ino: number;
  readonly type: FileType;
}

/** A directory as one operation has read it. */
export interface Listing {
  /** The number behind a name; null if there is none. */
  find(name: string): { ino: number } | null;
  /** In name order, without `.` and `..`. */
  entries(): DirectoryEntry[];
}

/** How a file is to be opened, besides its node. */
export interface OpenRequest {
  flags: number;
  /** Absolute: for people. */
  path: string;
  /** Null: the host opens it. */
  op: Operation | null;
}

/** A mounted file system. */
export interface Mount {
  readonly name: string;
  readonly root: Node;
  list(directory: Node): Work<Listing>;
  /** The name that a name in a directory stands for, for a process: `self`. */
  meaningOf?(name: string, directory: number, pid: number): string;
  /** The node with a number that a listing gave. */
  node(ino: number): Work<Node | null>;
  stat(node: Node): Stat;
  statfs(): StatFs;
  /** Opens something that is no directory, or a directory for reading. */
  open(node: Node, request: OpenRequest): FileObject | ErrorCode;
  /** Empties a file that is being opened with O_TRUNC; absent: nothing to empty. */
  empty?(node: Node): Work<void>;
  /** Changes of names; null where nobody can make any. */
  readonly names: Names | null;
}

/** What `statfs` tells of a file system that keeps nothing. */
export function emptyStatFs(mount: string): StatFs {
  return {
    mount,
    blockBytes: 4096,
    blocks: 0,
    freeBlocks: 0,
    inodes: 0,
    freeInodes: 0,
  };
}

/** A name in a directory, and the directory as it was read. */
export interface Slot {
  directory: Node;
  listing: Listing;
  name: string;
}

/** Changes of names. The caller has checked types, existence and mounts, and holds the names lock. */
export interface Names {
  create(slot: Slot): Work<Node>;
  makeDirectory(slot: Slot): Work<Node>;
  link(node: Node, slot: Slot): Work<void>;
  unlink(slot: Slot, node: Node): Work<void>;
  setModified(node: Node, mtimeNs: number): void;
  removeDirectory(slot: Slot, node: Node): Work<void>;
  /** `replaced` is what the new name meant before. */
  rename(
    node: Node,
    from: Slot,
    to: Slot,
    replaced: Node | null,
  ): Work<void>;
}
