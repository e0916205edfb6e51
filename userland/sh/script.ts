// Running commands that nobody types: a text (`sh -c`, a file), standard input
// line by line, and a subshell's tree. What goes wrong ends a script; a shell
// at a prompt only gives up the line.

import { type Routine, SysError } from "kettle";
import { failure } from "../lib/strerror.ts";
import { inputLine } from "./input.ts";
import { Parser } from "./parser.ts";
import { scopeOf } from "./pipeline.ts";
import { run, runText } from "./run.ts";
import { ExitShell, Interrupted, Leave, type Shell } from "./shell.ts";
import { openRedirects } from "./redirect.ts";
import { runExitTrap } from "./trap.ts";
import { type Node, Problem, SyntaxProblem } from "./tree.ts";

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
    if (error instanceof SysError) yield* shell.complain(failure(error));
    else if (!(error instanceof Problem)) throw error;
    else if (!error.told) yield* shell.complain(error.message);
    return !shell.interactive;
  } finally {
    shell.interrupted = false;
  }
}

/** Runs a text to its end and gives the status of the shell. */
export function* runScript(shell: Shell, source: string): Routine<number> {
  yield* runProtected(shell, () => runText(shell, source, true));
  return yield* finish(shell);
}

/** Runs a tree: what a subshell is for. The redirections of `( … )` are for good. */
export function* runTree(shell: Shell, node: Node): Routine<number> {
  yield* runProtected(shell, function* () {
    if (node.kind !== "subshell") return yield* run(shell, node, true);
    const scope = scopeOf(shell);
    const opened = yield* openRedirects(shell, scope, node.redirects);
    if (opened === null) return shell.status = 2;
    shell.descriptors = opened.descriptors;
    return yield* run(shell, node.body, true);
  });
  return yield* finish(shell);
}

/**
 * Runs standard input. A command is read line by line and not a byte further, so
 * that what it runs can read the lines after it.
 */
export function* runInput(shell: Shell): Routine<number> {
  let source = "";
  let missing: string | null = null;
  while (true) {
    const { line, ended } = yield* inputLine(
      shell.descriptor(0),
      () => shell.interrupted,
    );
    source += line + "\n";
    // A line without what is missing changes nothing: a long text is not read
    // again and again.
    const vain = missing !== null && !line.includes(missing);
    if (!ended && vain) continue;
    missing = whatIsMissing(source);
    if (!ended && missing !== null) continue;
    const text = source;
    source = "";
    if (yield* runProtected(shell, () => runText(shell, text))) break;
    if (ended) break;
  }
  return yield* finish(shell);
}

/** False if more lines could make a command of this text. */
export function isComplete(source: string): boolean {
  return whatIsMissing(source) === null;
}

/** Text that one of the lines to come has to hold; empty if any could do; null if nothing is missing. */
function whatIsMissing(source: string): string | null {
  if (/(?:^|[^\\])(?:\\\\)*\\\n$/.test(source)) return "";
  try {
    new Parser(source, { partial: true }).all();
    return null;
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return error.missing;
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
