// cd and pwd: the working directory, the directory before it, and CDPATH. There
// are no symbolic links, so -L and -P mean the same.

import { getcwd, type Routine, stat, SysError } from "kettle";
import { failure } from "../lib/strerror.ts";
import { refuse, show } from "./builtin.ts";
import type { Shell } from "./shell.ts";

export function* cd(shell: Shell, args: string[]): Routine<number> {
  const [first, more] = operands(args);
  if (more !== undefined) return yield* refuse(shell, "cd: one directory only");
  const back = first === "-";
  const path = back ? shell.get("OLDPWD") : first ?? shell.get("HOME");
  if (path === undefined) {
    return yield* refuse(shell, `cd: ${back ? "OLDPWD" : "HOME"} not set`);
  }
  const found = yield* inPath(shell, path);
  try {
    yield* shell.changeDirectory(found ?? path);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return yield* refuse(shell, `cd: ${failure(error)}`);
  }
  const tell = back || found !== null;
  return tell ? yield* show(shell, shell.get("PWD") + "\n") : 0;
}

export function* pwd(shell: Shell, args: string[]): Routine<number> {
  const [first] = operands(args);
  if (first?.startsWith("-")) {
    return yield* refuse(shell, `pwd: ${first}: no such option`);
  }
  return yield* show(shell, (yield* getcwd()) + "\n");
}

function operands(args: string[]): string[] {
  const rest = [...args];
  while (/^-[LP]+$/.test(rest[0] ?? "")) rest.shift();
  if (rest[0] === "--") rest.shift();
  return rest;
}

/** The directory in one of CDPATH, if the path is relative and is there. */
function* inPath(shell: Shell, path: string): Routine<string | null> {
  const places = shell.get("CDPATH") ?? "";
  if (places === "" || /^(?:\/|\.\.?(?:\/|$))/.test(path)) return null;
  for (const place of places.split(":")) {
    if (place === "" || place === ".") return null;
    const candidate = `${place}/${path}`;
    if (yield* isDirectory(candidate)) return candidate;
  }
  return null;
}

function* isDirectory(path: string): Routine<boolean> {
  try {
    return (yield* stat(path)).type === "directory";
  } catch (error) {
    if (error instanceof SysError) return false;
    throw error;
  }
}
