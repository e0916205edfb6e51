// exec: the shell becomes another program, or only its descriptors change for
// good. Here alone the process's own descriptors are moved.

import { close, dup, dup2, exec, fcntl, type Routine, SysError } from "kettle";
import { expandText, type Scope } from "./expand.ts";
import { openRedirects } from "./redirect.ts";
import { candidates } from "./search.ts";
import { type Descriptors, ExitShell, type Shell } from "./shell.ts";
import type { Command } from "./tree.ts";

/** `exec COMMAND` becomes that program; without one its redirections stay. */
export function* runExec(
  shell: Shell,
  scope: Scope,
  command: Command,
  args: string[],
): Routine<number> {
  const opened = yield* openRedirects(shell, scope, command.redirects);
  if (opened === null && !shell.interactive) throw new ExitShell(2);
  if (opened === null) return 2;
  const [name, ...rest] = args;
  if (name === undefined) {
    shell.descriptors = opened.descriptors;
    return 0;
  }
  const env = shell.environment();
  for (const { name, value } of command.assignments) {
    env[name] = yield* expandText(scope, value);
  }
  yield* arrange(opened.descriptors);
  let problem = `${name}: not found`;
  for (const path of candidates(shell, name)) {
    try {
      yield* exec(path, rest, { env });
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      if (error.code !== "ENOENT") problem = error.message;
    }
  }
  yield* shell.complain(problem);
  throw new ExitShell(problem.endsWith("not found") ? 127 : 126);
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
