// Starting processes: finds the program a name means, spawns it with exactly the
// descriptors it should see, and starts a subshell by handing a tree and a copy
// of the state to a new sh. Does not wait for anything.

import {
  close,
  open,
  read,
  type Routine,
  spawn,
  type SpawnOptions,
  SysError,
  text,
} from "kettle";
import { startProblem } from "../lib/command.ts";
import { expandText, expandWords, type Scope } from "./expand.ts";
import { withRedirects } from "./redirect.ts";
import { candidates, notFound } from "./search.ts";
import { type Descriptors, Interrupted, type Shell } from "./shell.ts";
import { type Command, type Node, plainText, type Word } from "./tree.ts";

/** In a table of descriptors: /dev/null, to be opened. */
export const NULL_DEVICE = -1;

/** Builtins that are programs in /bin as well. */
const TWINS = new Set(["echo", "printf", "test", "true", "false", "pwd"]);

/** A child, or the status of one that could not be started. */
export interface Started {
  pid: number;
  status?: number;
}

/** True for a program whose words can be expanded here without changing this shell. */
export function isPlain(shell: Shell, command: Command): boolean {
  const [first] = command.words;
  const name = first === undefined ? null : plainText(first);
  if (name === null || shell.functions.has(name)) return false;
  if (shell.builtins.has(name) && !TWINS.has(name)) return false;
  const words = [
    ...command.words,
    ...command.assignments.map(({ value }) => value),
    ...command.redirects.map(({ target }) => target),
  ];
  return words.every(hasNoEffect);
}

function hasNoEffect(word: Word): boolean {
  return word.every((part) => {
    if (part.kind === "arithmetic" || part.kind === "command") return false;
    if (part.kind !== "parameter") return true;
    return !/[=?]/.test(part.operator) && hasNoEffect(part.word);
  });
}

/** Starts a simple command as a child. `words` if they are expanded already. */
export function* startProgram(
  shell: Shell,
  scope: Scope,
  command: Command,
  group: number,
  words?: string[],
): Routine<Started> {
  const argv = words ?? (yield* expandWords(scope, command.words));
  const env = shell.environment();
  for (const { name, value } of command.assignments) {
    env[name] = yield* expandText(scope, value);
  }
  const body = () => spawnFound(shell, argv, env, group);
  const started = yield* withRedirects(shell, scope, command.redirects, body);
  return started ?? { pid: 0, status: 2 };
}

/** Starts a new sh that runs `node` with a copy of this shell's state. */
export function* startSubshell(
  shell: Shell,
  node: Node,
  group: number,
): Routine<Started> {
  // What is a subshell here is a plain group there.
  const inside: Node = node.kind === "subshell"
    ? { ...node, kind: "group" }
    : node;
  const copy = shell.serialise(inside, shell.descriptors);
  const args = ["--subshell", copy];
  const env = shell.environment();
  try {
    return { pid: yield* spawnWith(shell, "/bin/sh", args, env, group) };
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* shell.complain(error.message);
    return { pid: 0, status: 126 };
  }
}

/** Tries the places where a program of that name could be. */
function* spawnFound(
  shell: Shell,
  argv: string[],
  env: Record<string, string>,
  group: number,
): Routine<Started> {
  const [name = "", ...args] = argv;
  for (const path of candidates(shell, name)) {
    try {
      const script = path.includes("/") && (yield* isScript(path));
      const pid = script
        ? yield* spawnWith(shell, "/bin/sh", [path, ...args], env, group)
        : yield* spawnWith(shell, path, args, env, group);
      return { pid };
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (error.code === "ENOENT") continue;
      yield* shell.tell(startProblem(shell.name, error) + "\n");
      return { pid: 0, status: 126 };
    }
  }
  yield* shell.complain(yield* notFound(shell, name));
  return { pid: 0, status: 127 };
}

/** A file outside /bin that begins with `#!`, or is called `….sh`. */
function* isScript(path: string): Routine<boolean> {
  if (path.startsWith("/bin/") || path.endsWith(".ts")) return false;
  if (path.endsWith(".sh")) return true;
  const fd = yield* open(path);
  try {
    return text(yield* read(fd, 2)) === "#!";
  } finally {
    yield* close(fd);
  }
}

function* spawnWith(
  shell: Shell,
  path: string,
  args: string[],
  env: Record<string, string>,
  group: number,
): Routine<number> {
  const fds = { ...shell.descriptors };
  const opened = yield* openNull(fds);
  const options: SpawnOptions = { env, fds };
  if (group >= 0) options.group = group;
  if (shell.interactive) options.mask = "none";
  try {
    while (true) {
      const pid = yield* trySpawn(shell, path, args, options);
      if (pid > 0) return pid;
    }
  } finally {
    if (opened !== null) yield* close(opened);
  }
}

/** The child's pid, or 0 if a signal came first that was not ^C. */
function* trySpawn(
  shell: Shell,
  path: string,
  args: string[],
  options: SpawnOptions,
): Routine<number> {
  try {
    return yield* spawn(path, args, options);
  } catch (error) {
    if (!(error instanceof SysError) || error.code !== "EINTR") throw error;
    if (shell.interrupted) throw new Interrupted();
    return 0;
  }
}

function* openNull(fds: Descriptors): Routine<number | null> {
  if (fds[0] !== NULL_DEVICE) return null;
  return fds[0] = yield* open("/dev/null");
}
