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

/** What people type who come from elsewhere, and what does that here. */
const ELSEWHERE = new Map([
  ...["vi", "vim", "nvim", "nano", "emacs", "ed", "code"]
    .map((name) => [name, "edit"] as const),
  ...["node", "deno", "bun", "ts-node", "tsx"]
    .map((name) => [name, "run"] as const),
  ["ll", "ls -l"],
  ["la", "ls -a"],
  ["dir", "ls -l"],
  ["cls", "clear"],
  ["htop", "top"],
  ["bash", "sh"],
  ["dash", "sh"],
  ["zsh", "sh"],
  ["wget", "curl -O"],
  ["info", "man"],
  ["less", "cat"],
  ["more", "cat"],
  ["tree", "find"],
  ["locate", "find"],
  ["whereis", "which"],
  ["killall", "pkill"],
  ["ssh", "rsh"],
  ["ifconfig", "netstat -i"],
  ["xxd", "hexdump -C"],
  ["od", "hexdump"],
  ["egrep", "grep -E"],
  ["fgrep", "grep -F"],
  ["hostname", "uname -n"],
  ["arch", "uname -m"],
  ["expr", "echo $((…))"],
  ["bc", "echo $((…))"],
]);
const NO_USERS = "there are no users here";
/** What there is nothing for, and why. */
const NOWHERE = new Map([
  ...["chmod", "chown", "chgrp"]
    .map((name) => [name, "files have no permissions here"] as const),
  ...["whoami", "id", "who", "sudo", "su", "groups", "passwd"]
    .map((name) => [name, NO_USERS] as const),
]);

/** What is said of a name that means nothing, with the nearest that does. */
export function* notFound(shell: Shell, name: string): Routine<string> {
  const names = yield* commandNames(shell);
  return `${name}: not found${hintFor(name, names)}`;
}

function hintFor(name: string, names: readonly string[]): string {
  if (name.includes("/")) return "";
  if (name.startsWith("!")) return "; lines come back with the arrow and ^R";
  const why = NOWHERE.get(name);
  if (why !== undefined) return `; ${why}`;
  const here = ELSEWHERE.get(name) ?? "";
  const [program = ""] = here.split(" ");
  if (names.includes(program)) return `; here it is ${here}`;
  // Of a single letter everything is near.
  const words = names.filter((known) => known.length > 1);
  const near = name.length > 1 ? nearest(name, words) : null;
  return near === null ? "" : `; did you mean ${near}?`;
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
