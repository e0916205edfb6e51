// exec: the shell becomes another program, or only its descriptors change for
// good. Here alone the process's own descriptors are moved.

import {
  close,
  dup,
  dup2,
  exec,
  fcntl,
  mask,
  type Routine,
  SysError,
} from "kettle";
import type { Scope } from "./expand.ts";
import { openRedirects } from "./redirect.ts";
import { type Descriptors, ExitShell, type Shell } from "./shell.ts";
import { startFound } from "./start.ts";
import type { Command } from "./tree.ts";

/** `exec COMMAND` becomes that program; without one its redirections stay. */
export function* runExec(
  shell: Shell,
  scope: Scope,
  command: Command,
  argv: string[],
): Routine<number> {
  const words = argv[0] === "--" ? argv.slice(1) : argv;
  if (words.length > 0) {
    const status = yield* becomeProgram(shell, scope, command, words);
    if (shell.interactive) return status;
    throw new ExitShell(status);
  }
  const opened = yield* openRedirects(shell, scope, command.redirects);
  if (opened === null && !shell.interactive) throw new ExitShell(2);
  if (opened === null) return 2;
  shell.descriptors = opened.descriptors;
  shell.kept.push(...opened.own);
  yield* closeUnused(shell);
  return 0;
}

/** Closes what an earlier `exec` had opened and no descriptor means any more. */
function* closeUnused(shell: Shell): Routine {
  const used = new Set(Object.values(shell.descriptors));
  for (const fd of shell.kept) if (!used.has(fd)) yield* close(fd);
  shell.kept = shell.kept.filter((fd) => used.has(fd));
}

/** True if nothing of the shell is needed once its last command runs. */
export function mayBecome(shell: Shell): boolean {
  const traps = [...shell.traps.values()].some((action) => action !== "");
  return !shell.interactive && !traps && shell.pending.length === 0;
}

/** Becomes the program; if that fails it says why and gives the status. */
export function* becomeProgram(
  shell: Shell,
  scope: Scope,
  command: Command,
  words: string[],
): Routine<number> {
  const opened = yield* openRedirects(shell, scope, command.redirects);
  if (opened === null) return 2;
  yield* arrange(opened.descriptors);
  shell.descriptors = sameNumbers(opened.descriptors);
  const before = shell.interactive ? yield* mask("none") : null;
  const env = shell.environment();
  const failed = yield* startFound(
    shell,
    words,
    ({ path, args }) => becomeFile(path, args, env),
  );
  if (before !== null) yield* mask(before);
  return failed.status;
}

function* becomeFile(
  path: string,
  args: string[],
  env: Record<string, string>,
): Routine<never> {
  return yield* exec(path, args, { env });
}

function sameNumbers(descriptors: Descriptors): Descriptors {
  const same: Descriptors = {};
  for (const fd of Object.keys(descriptors).map(Number)) same[fd] = fd;
  return same;
}

/** Makes the process's own descriptors what the table says. */
function* arrange(descriptors: Descriptors): Routine {
  const copies: [number, number][] = [];
  for (const [to, from] of Object.entries(descriptors)) {
    copies.push([Number(to), yield* dup(from)]);
  }
  for (const [, copy] of copies) yield* fcntl(copy, { cloexec: true });
  for (const [to, copy] of copies) {
    if (to !== copy) yield* dup2(copy, to);
    else yield* fcntl(copy, { cloexec: false });
  }
  for (const fd of [0, 1, 2]) {
    if (descriptors[fd] === undefined) yield* closeQuietly(fd);
  }
}

function* closeQuietly(fd: number): Routine {
  try {
    yield* close(fd);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}
