// From a path to a node, as POSIX namei does: every component is looked up in
// turn, `..` and missing ones too, and nothing is cut away beforehand. Of mounts
// it knows only that a name in a directory may lead to another file system; that
// is known in memory, as is the way back up.

import { NAME_MAX, PATH_MAX } from "../params.ts";
import { Failure, type Work } from "./task.ts";
import type { Listing, Node } from "./vfs.ts";

/** A directory on the way, and how we came there. */
export interface Where {
  node: Node;
  name: string;
  /** Null at the root of everything. */
  up: Where | null;
}

/** Where a path leads. */
export interface Found {
  /** What is there; null: nothing, but its directory exists. */
  node: Node | null;
  /** The node and how we came there, if it is there. */
  where: Where | null;
  /** The directory that has, or would have, the last name; null if the path ends in `.`, `..` or the root. */
  parent: Where | null;
  /** That directory as it was read; null at a mount point, which is known without. */
  listing: Listing | null;
  /** The last component; "" for the root. */
  name: string;
  /** The path ends with a slash: it means a directory. */
  slash: boolean;
}

/** The root of the file system that is mounted at a name of a directory, or null. */
export type Mounted = (directory: Node, name: string) => Node | null;

const ENCODER = new TextEncoder();

/** Follows `path` from a directory, for a process (0: for nobody); the last component may be missing. */
export function* resolve(
  path: string,
  from: Where,
  mounted: Mounted,
  pid: number,
): Work<Found> {
  checkPath(path);
  let at = from;
  const names = path.split("/").filter((name) => name !== "");
  const slash = path.endsWith("/");
  for (let i = 0; i < names.length; i++) {
    const name = meaningOf(names[i]!, at.node, pid);
    const last = i === names.length - 1;
    if (at.node.type !== "directory") throw new Failure("ENOTDIR");
    if (name === "." || name === "..") {
      if (name === "..") at = at.up ?? at;
      if (last) return found(at, null, null, name, slash);
      continue;
    }
    const root = mounted(at.node, name);
    const listing = root === null ? yield* at.node.mount.list(at.node) : null;
    const next: Where | null = listing === null
      ? { node: root!, name, up: at }
      : yield* lookUp(at, listing, name);
    if (last) return found(next, at, listing, name, slash);
    if (next === null) throw new Failure("ENOENT");
    at = next;
  }
  return found(at, null, null, "", slash);
}

/** A name may mean another to each process. */
function meaningOf(name: string, { mount, ino }: Node, pid: number): string {
  return mount.meaningOf === undefined ? name : mount.meaningOf(name, ino, pid);
}

function found(
  where: Where | null,
  parent: Where | null,
  listing: Listing | null,
  name: string,
  slash: boolean,
): Found {
  return { node: where?.node ?? null, where, parent, listing, name, slash };
}

function* lookUp(
  at: Where,
  listing: Listing,
  name: string,
): Work<Where | null> {
  if (tooLong(name, NAME_MAX)) throw new Failure("ENAMETOOLONG");
  const entry = listing.find(name);
  if (entry === null) return null;
  const node = yield* at.node.mount.node(entry.ino);
  return node === null ? null : { node, name, up: at };
}

function checkPath(path: string): void {
  if (path === "") throw new Failure("ENOENT");
  if (path.includes("\0")) throw new Failure("EINVAL");
  if (tooLong(path, PATH_MAX)) throw new Failure("ENAMETOOLONG");
}

/** More than `most` bytes of UTF-8. */
function tooLong(text: string, most: number): boolean {
  if (text.length * 3 <= most) return false;
  return text.length > most || ENCODER.encode(text).length > most;
}

/** The absolute path of a place. */
export function pathOf(where: Where): string {
  const names: string[] = [];
  for (let at: Where = where; at.up !== null; at = at.up) names.push(at.name);
  return "/" + names.reverse().join("/");
}

/** The absolute path of what was found, or would be made. */
export function pathOfFound({ where, parent, name }: Found): string {
  if (where !== null) return pathOf(where);
  const directory = pathOf(parent!);
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

/** True if `node` is on the way to `where`. */
export function passes(where: Where, node: Node): boolean {
  for (let at: Where | null = where; at !== null; at = at.up) {
    if (at.node === node) return true;
  }
  return false;
}
