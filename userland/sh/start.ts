// Starting processes: finds the program a name means, spawns it with exactly the
// descriptors it should see, and starts a subshell by handing a tree and a copy
// of the state to a new sh. Does not wait for anything.

import {
  close,
  open,
  type Routine,
  spawn,
  type SpawnOptions,
  SysError,
} from "kettle";
import { startProblem } from "../lib/command.ts";
import { failure } from "../lib/strerror.ts";
import { interpreter, type Runnable } from "./interpreter.ts";
import { candidates, notFound } from "./search.ts";
import { type Descriptors, Interrupted, type Shell } from "./shell.ts";
import type { Command, Node, Word } from "./tree.ts";

/** In a table of descriptors: /dev/null, to be opened. */
export const NULL_DEVICE = -1;

/** Builtins that are programs in /bin as well. */
const TWINS = new Set(["echo", "printf", "test", "true", "false", "pwd"]);

/** A child, or the status of one that could not be started. */
export interface Started {
  pid: number;
  status?: number;
}

/** True if expanding the command here, and not in a subshell, changes nothing here. */
export function hasNoEffects(shell: Shell, command: Command): boolean {
  const words = [
    ...command.words,
    ...command.assignments.map(({ value }) => value),
    ...command.redirects.map(({ target }) => target),
  ];
  return !shell.options.has("nounset") && words.every(hasNoEffect);
}

function hasNoEffect(word: Word): boolean {
  return word.every((part) => {
    if (part.kind === "arithmetic" || part.kind === "command") return false;
    if (part.kind === "whole") return hasNoEffect(part.word);
    if (part.kind !== "parameter") return true;
    return !/[=?]/.test(part.operator) && hasNoEffect(part.word);
  });
}

/** True for a name that needs a process of its own, and no shell in it. */
export function isProgram(shell: Shell, name: string | undefined): boolean {
  if (name === undefined || shell.functions.has(name)) return false;
  return !shell.builtins.has(name) || TWINS.has(name);
}

/** Starts a program as a child, with the descriptors and variables of now. */
export function* startProgram(
  shell: Shell,
  argv: readonly string[],
  group: number,
): Routine<Started> {
  const env = shell.environment();
  const pid = yield* startFound(
    shell,
    argv,
    ({ path, args }) => spawnWith(shell, path, args, env, group),
  );
  return typeof pid === "number" ? { pid } : { pid: 0, ...pid };
}

/** Starts a new sh that runs `node` with a copy of this shell's state. */
export function* startSubshell(
  shell: Shell,
  node: Node,
  group: number,
): Routine<Started> {
  const copy = shell.serialise(node, shell.descriptors);
  const args = ["--subshell", copy];
  const env = shell.environment();
  try {
    return { pid: yield* spawnWith(shell, "/bin/sh", args, env, group) };
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* shell.complain(failure(error));
    return { pid: 0, status: 126 };
  }
}

/**
 * Tries the files that a name could mean, first with `start`. Gives what that
 * gives, or, after saying why, the status for what could not be started.
 */
export function* startFound<T>(
  shell: Shell,
  [name = "", ...args]: readonly string[],
  start: (runnable: Runnable) => Routine<T>,
): Routine<T | { status: number }> {
  const paths = TWINS.has(name) ? [`/bin/${name}`] : candidates(shell, name);
  for (const path of paths) {
    try {
      return yield* startFile(path, args, start);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (error.code === "ENOENT") continue;
      yield* shell.tell(startProblem(shell.name, error) + "\n");
      return { status: 126 };
    }
  }
  yield* shell.complain(yield* notFound(shell, name));
  return { status: 127 };
}

/** Starts a file, or what its `#!` names; a program of /bin is not looked into first. */
function* startFile<T>(
  path: string,
  args: readonly string[],
  start: (runnable: Runnable) => Routine<T>,
): Routine<T> {
  const shipped = path.startsWith("/bin/");
  const script = shipped ? null : yield* interpreter(path, args);
  if (script !== null) return yield* startScript(path, script, start);
  try {
    return yield* start({ path, args: [...args] });
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const late = shipped && error.code === "ENOEXEC"
      ? yield* interpreter(path, args)
      : null;
    if (late === null) throw error;
    return yield* startScript(path, late, start);
  }
}

function* startScript<T>(
  path: string,
  script: Runnable,
  start: (runnable: Runnable) => Routine<T>,
): Routine<T> {
  try {
    return yield* start(script);
  } catch (error) {
    if (!(error instanceof SysError) || error.code !== "ENOENT") throw error;
    const reason = `its #! names ${script.path}, which is not there`;
    throw new SysError("ENOEXEC", "spawn", { path, reason });
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
