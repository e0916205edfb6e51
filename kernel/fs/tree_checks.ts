// What can be wrong with a call on a path once it has been walked, in the order
// in which POSIX and Linux find it. Each check throws a Failure and changes
// nothing.

import { O_CREAT, O_DIRECTORY, O_EXCL, O_TRUNC } from "../abi.ts";
import { type Found, passes, type Where } from "./path.ts";
import { Failure } from "./task.ts";
import type { Names, Node, Slot } from "./vfs.ts";

/** The bits of a flag word that say reading, writing or both. */
export const ACCESS_MODE = 3;

/** What is there. A path that ends with a slash means a directory. */
export function existing({ where, slash }: Found): Where {
  if (where === null) throw new Failure("ENOENT");
  if (slash && where.node.type !== "directory") throw new Failure("ENOTDIR");
  return where;
}

export function existingDirectory(found: Found): Where {
  const where = existing(found);
  if (where.node.type !== "directory") throw new Failure("ENOTDIR");
  return where;
}

export function checkOpen(node: Node, found: Found, flags: number): void {
  if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) {
    throw new Failure("EEXIST");
  }
  if (node.type === "directory") {
    if ((flags & (ACCESS_MODE | O_CREAT | O_TRUNC)) !== 0) {
      throw new Failure("EISDIR");
    }
  } else if (found.slash || (flags & O_DIRECTORY) !== 0) {
    throw new Failure("ENOTDIR");
  }
}

export function checkRename(
  node: Node,
  from: Found,
  target: Found,
  to: string,
): void {
  const replaced = target.node;
  if (
    from.parent === null || target.parent === null || isRoot(node) ||
    (replaced !== null && isRoot(replaced))
  ) throw new Failure("EBUSY");
  sameMount(node, target);
  if (node.type === "directory") {
    if (passes(target.parent, node)) throw new Failure("EINVAL", to);
    if (replaced !== null && replaced.type !== "directory") {
      throw new Failure("ENOTDIR", to);
    }
    return;
  }
  if (replaced?.type === "directory") throw new Failure("EISDIR", to);
  if (target.slash) throw new Failure("ENOTDIR", to);
}

export function sameMount(node: Node, target: Found): void {
  if (target.parent?.node.mount !== node.mount) throw new Failure("EXDEV");
}

export function isRoot(node: Node): boolean {
  return node.mount.root === node;
}

/** Who changes names in the directory that was found. */
export function namesOf(found: Found): Names {
  const names = found.parent?.node.mount.names ?? null;
  if (names === null) throw new Failure("EROFS");
  return names;
}

export function slotOf({ parent, listing, name }: Found): Slot {
  return { directory: parent!.node, listing: listing!, name };
}
