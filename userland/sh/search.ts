// What a name could mean as a command: the places where its program may lie, all
// names that would run something, and what to say of one that would not.

import { readdir, type Routine, SysError } from "kettle";
import { candidates as candidatesIn } from "../lib/command.ts";
import { nearest } from "../lib/nearest.ts";
import type { Shell } from "./shell.ts";

/** The paths that a command's name could mean. */
export function candidates(shell: Shell, name: string): string[] {
  return name === "" ? [] : candidatesIn(name, shell.get("PATH"));
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
