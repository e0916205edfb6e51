// What a name could mean as a command: the places where its program may lie, all
// names that would run something, and what to say of one that would not.

import { readdir, type Routine, SysError } from "kettle";
import { nearest } from "../lib/nearest.ts";
import type { Shell } from "./shell.ts";

/** `name` itself if it is a path, else in each directory of PATH; `x.ts` also right here. */
export function candidates(shell: Shell, name: string): string[] {
  if (name === "") return [];
  if (name.includes("/")) return [name];
  const directories = (shell.get("PATH") ?? "/bin").split(":");
  const found = directories.map((directory) => `${directory || "."}/${name}`);
  if (name.endsWith(".ts")) found.push(`./${name}`);
  return found;
}

/** What is said of a name that means nothing, with the nearest that does. */
export function* notFound(shell: Shell, name: string): Routine<string> {
  const near = nearest(name, yield* commandNames(shell));
  const hint = near === null ? "" : `; did you mean ${near}?`;
  return `${name}: not found${name.includes("/") ? "" : hint}`;
}

/** Every name that would run something: programs, builtins, functions. */
export function* commandNames(shell: Shell): Routine<string[]> {
  const names = new Set([...shell.builtins, ...shell.functions.keys()]);
  for (const directory of (shell.get("PATH") ?? "/bin").split(":")) {
    try {
      const entries = yield* readdir(directory || ".");
      for (const { name, type } of entries) {
        if (type === "file") names.add(name);
      }
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
    }
  }
  return [...names].sort();
}
