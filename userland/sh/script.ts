// Running commands that nobody types: a text (`sh -c`, a file), standard input
// line by line, and a subshell's tree. What goes wrong ends a script; a shell
// at a prompt only gives up the line.

import { readLine, type Routine, SysError } from "kettle";
import { ArithmeticProblem } from "./arithmetic.ts";
import { ExpansionProblem } from "./expand.ts";
import { Parser } from "./parser.ts";
import { run, runText } from "./run.ts";
import { ExitShell, Interrupted, Leave, type Shell } from "./shell.ts";
import { runExitTrap } from "./trap.ts";
import { type Node, SyntaxProblem } from "./tree.ts";

/** Runs `body` and answers for what it throws. True: the shell has to end. */
export function* runProtected(
  shell: Shell,
  body: () => Routine<unknown>,
): Routine<boolean> {
  try {
    yield* body();
    return false;
  } catch (error) {
    if (error instanceof ExitShell || error instanceof Leave) {
      shell.status = error.status;
      return error instanceof ExitShell || !shell.interactive;
    }
    shell.status = error instanceof Interrupted ? 130 : 2;
    if (error instanceof Interrupted) return !shell.interactive;
    if (!isProblem(error)) throw error;
    yield* shell.complain(error.message);
    return !shell.interactive;
  } finally {
    shell.interrupted = false;
  }
}

function isProblem(error: unknown): error is Error {
  return error instanceof SyntaxProblem || error instanceof ExpansionProblem ||
    error instanceof ArithmeticProblem || error instanceof SysError;
}

/** Runs a text to its end and gives the status of the shell. */
export function* runScript(shell: Shell, source: string): Routine<number> {
  yield* runProtected(shell, () => runText(shell, source));
  return yield* finish(shell);
}

/** Runs a tree: what a subshell is for. */
export function* runTree(shell: Shell, node: Node): Routine<number> {
  yield* runProtected(shell, () => run(shell, node));
  return yield* finish(shell);
}

/**
 * Runs standard input. A command is read line by line and not a byte further, so
 * that what it runs can read the lines after it.
 */
export function* runInput(shell: Shell): Routine<number> {
  let source = "";
  while (true) {
    const line = yield* readLine(0);
    if (line !== null) source += line + "\n";
    const whole = line === null || isComplete(source);
    if (!whole) continue;
    const text = source;
    source = "";
    if (yield* runProtected(shell, () => runText(shell, text))) break;
    if (line === null) break;
  }
  return yield* finish(shell);
}

/** False if more lines could make a command of this text. */
export function isComplete(source: string): boolean {
  if (/(?:^|[^\\])(?:\\\\)*\\\n$/.test(source)) return false;
  try {
    new Parser(source, { partial: true }).all();
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return !error.incomplete;
  }
}

/** The EXIT trap, then the status to end with. */
export function* finish(shell: Shell): Routine<number> {
  const { status } = shell;
  const changed = yield* runProtected(
    shell,
    () => runExitTrap(shell, runText),
  );
  return changed ? shell.status : status;
}
