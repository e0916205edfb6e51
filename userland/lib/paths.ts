// Paths as text: the last name, the directory above, a name inside a directory.
// Only isDirectory asks the kernel.

import { type Routine, stat, SysError } from "kettle";

/** The last name of a path: `b` of `/a/b/`. */
export function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  if (trimmed === "") return path === "" ? "" : "/";
  return trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

/** The path without its last name: `/a` of `/a/b/`. */
export function directoryName(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  if (slash < 0) return trimmed === "" && path !== "" ? "/" : ".";
  return trimmed.slice(0, slash).replace(/\/+$/, "") || "/";
}

/** Where a file of that name lies in a directory. */
export function inside(directory: string, path: string): string {
  return `${directory.replace(/\/+$/, "")}/${baseName(path)}`;
}

/** From the root on, without `.`, `..` and double slashes. */
export function absolutePath(path: string, directory: string): string {
  const names: string[] = [];
  const whole = path.startsWith("/") ? path : `${directory}/${path}`;
  for (const name of whole.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

export function* isDirectory(path: string): Routine<boolean> {
  try {
    return (yield* stat(path)).type === "directory";
  } catch (error) {
    if (error instanceof SysError) return false;
    throw error;
  }
}
