// Redirections: opens what `<`, `>`, `>>`, `n>&m` and here-docs name and makes
// the table of descriptors that a command will see. The shell's own descriptors
// stay as they are; only the table says what 0, 1 and 2 mean.

import {
  bytes,
  close,
  fcntl,
  lseek,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  open,
  pipe,
  type Routine,
  stat,
  SysError,
  unlink,
  write,
} from "kettle";
import { failure } from "../lib/strerror.ts";
import { expandText, type Scope } from "./expand.ts";
import type { Descriptors, Shell } from "./shell.ts";
import { Problem, type Redirect, SyntaxProblem } from "./tree.ts";

/** A here-doc up to this size fits into an empty pipe; a longer one needs a file. */
const PIPE_BYTES = 65_536;

const FLAGS = {
  "<": O_RDONLY,
  ">": O_WRONLY | O_CREAT | O_TRUNC,
  ">|": O_WRONLY | O_CREAT | O_TRUNC,
  ">>": O_WRONLY | O_CREAT | O_APPEND,
  "<>": O_RDWR | O_CREAT,
};

export interface Opened {
  descriptors: Descriptors;
  /** The shell's own numbers that were opened for it. */
  own: number[];
}

/** Runs `body` with the redirections in force; null if one of them failed. */
export function withRedirects<T>(
  shell: Shell,
  scope: Scope,
  redirects: readonly Redirect[],
  body: () => Routine<T>,
): Routine<T | null> {
  // Nothing to do is no generator: commands inside one another stay shallow.
  if (redirects.length === 0) return body();
  return redirecting(shell, scope, redirects, body);
}

function* redirecting<T>(
  shell: Shell,
  scope: Scope,
  redirects: readonly Redirect[],
  body: () => Routine<T>,
): Routine<T | null> {
  const opened = yield* openRedirects(shell, scope, redirects);
  if (opened === null) return null;
  const before = shell.descriptors;
  shell.descriptors = opened.descriptors;
  try {
    return yield* body();
  } catch (error) {
    // A mistake is told where standard error goes just now.
    if (error instanceof Problem && !error.told) {
      error.told = true;
      yield* shell.complain(error.message);
    }
    throw error;
  } finally {
    shell.descriptors = before;
    for (const fd of opened.own) yield* close(fd);
  }
}

/** Opens them from left to right; on a failure says so, closes them, gives null. */
export function* openRedirects(
  shell: Shell,
  scope: Scope,
  redirects: readonly Redirect[],
): Routine<Opened | null> {
  const opened: Opened = { descriptors: { ...shell.descriptors }, own: [] };
  try {
    for (const redirect of redirects) {
      yield* openRedirect(shell, scope, redirect, opened);
    }
    return opened;
  } catch (error) {
    for (const fd of opened.own) yield* close(fd);
    if (!(error instanceof SysError)) throw error;
    yield* shell.complain(failure(error));
    return null;
  }
}

function* openRedirect(
  shell: Shell,
  scope: Scope,
  { fd, operator, target }: Redirect,
  opened: Opened,
): Routine {
  const text = yield* expandText(scope, target);
  if (operator === "<&" || operator === ">&") {
    return duplicate(fd, operator, text, opened.descriptors);
  }
  const own = operator === "<<"
    ? yield* openText(shell, bytes(text))
    : yield* openFile(shell, operator, text);
  opened.own.push(own);
  opened.descriptors[fd] = own;
}

function* openFile(
  shell: Shell,
  operator: keyof typeof FLAGS,
  path: string,
): Routine<number> {
  const flags = FLAGS[operator] | O_CLOEXEC;
  const careful = operator === ">" && shell.options.has("noclobber");
  if (!careful) return yield* open(path, flags);
  try {
    return yield* open(path, flags | O_EXCL);
  } catch (error) {
    if (!(error instanceof SysError) || error.code !== "EEXIST") throw error;
    // set -C protects files; /dev/null may be written over.
    if ((yield* stat(path)).type === "file") throw error;
    return yield* open(path, flags);
  }
}

/** `n>&m` makes n mean what m means; `n>&-` takes n away. */
function duplicate(
  fd: number,
  operator: string,
  text: string,
  descriptors: Descriptors,
): void {
  if (text === "-") {
    delete descriptors[fd];
    return;
  }
  if (!/^\d+$/.test(text)) {
    throw SyntaxProblem.unsupported(
      `${operator} before a name (${text})`,
      `write ${operator[0]}FILE 2>&1`,
    );
  }
  const own = descriptors[Number(text)];
  if (own === undefined) {
    throw new SysError("EBADF", "dup2", { path: text });
  }
  descriptors[fd] = own;
}

/** A descriptor from which the text can be read. */
function* openText(shell: Shell, content: Uint8Array): Routine<number> {
  if (content.length <= PIPE_BYTES) {
    const [from, to] = yield* pipe();
    yield* write(to, content);
    yield* close(to);
    yield* fcntl(from, { cloexec: true });
    return from;
  }
  const path = `/tmp/.here-${shell.pid}`;
  const fd = yield* open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC);
  yield* unlink(path);
  yield* write(fd, content);
  yield* lseek(fd, 0);
  return fd;
}
