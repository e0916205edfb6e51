// Runs a tree: lists, loops, functions and simple commands in the shell itself.
// What needs processes is handed on (pipeline.ts); a program at the very end of
// a subshell takes its place. Redirections change a table of descriptors, never
// the shell's own.

import { compute, type Routine, SysError, us } from "kettle";
import { failure } from "../lib/strerror.ts";
import { withAssignments } from "./assign.ts";
import { BUILTINS, SPECIAL } from "./builtins.ts";
import { becomeProgram, mayBecome, runExec } from "./exec.ts";
import { expandPattern, expandText, expandWords } from "./expand.ts";
import { compilePattern } from "./glob.ts";
import { Parser } from "./parser.ts";
import { runForeground, scopeOf, startBackground } from "./pipeline.ts";
import { runTimed } from "./timing.ts";
import { withRedirects } from "./redirect.ts";
import { ExitShell, Interrupted, Leave, type Shell } from "./shell.ts";
import { runTraps } from "./trap.ts";
import {
  type AndOr,
  type Case,
  type Command,
  type For,
  type FunctionDefinition,
  type Group,
  type If,
  type List,
  type Loop,
  type Node,
  type Pipeline,
  Problem,
  type Redirect,
} from "./tree.ts";

type Compound = Group | If | Loop | For | Case;

/** What one turn of a loop or one call of a function costs the shell (our estimate). */
const TURN_NS = 20 * us;
/** Commands inside one another: each is several generators deep on the host's stack. */
const DEPTH_MAX = 600;

/**
 * Runs a tree and gives its status, which is `$?` from then on. `last`: nothing
 * comes after it, so that the shell may become the program.
 */
export function* run(
  shell: Shell,
  node: Node,
  last = false,
): Routine<number> {
  if (shell.depth >= DEPTH_MAX) {
    throw new Problem(`commands nest deeper than ${DEPTH_MAX}`);
  }
  shell.depth += 1;
  try {
    shell.status = yield* runNode(shell, node, last);
  } finally {
    shell.depth -= 1;
  }
  if (shell.interrupted) throw new Interrupted();
  return shell.status;
}

/** Parses text and runs it command by command: `eval`, `.`, a trap, a script. */
export function* runText(
  shell: Shell,
  source: string,
  last = false,
): Routine<number> {
  const parser = new Parser(source);
  let status = 0;
  while (true) {
    const command = parser.nextCommand();
    if (command === null) return status;
    if (shell.options.has("noexec") && !shell.interactive) continue;
    status = yield* run(shell, command, last && parser.atEnd);
  }
}

function runNode(shell: Shell, node: Node, last: boolean): Routine<number> {
  switch (node.kind) {
    case "command":
      return runCommand(shell, node, last);
    case "list":
      return runList(shell, node, last);
    case "pipeline":
      return runPipeline(shell, node);
    case "and":
    case "or":
      return runAndOr(shell, node, last);
    case "subshell":
      return runForeground(shell, [node]);
    case "function":
      return defineFunction(shell, node);
  }
  const body = () => runCompound(shell, node, last);
  if (node.redirects.length === 0) return body();
  return runRedirected(shell, node.redirects, body);
}

/** Status 2 if a redirection fails. */
function* runRedirected(
  shell: Shell,
  redirects: readonly Redirect[],
  body: () => Routine<number>,
): Routine<number> {
  const scope = scopeOf(shell);
  return (yield* withRedirects(shell, scope, redirects, body)) ?? 2;
}

function* runAndOr(
  shell: Shell,
  { kind, left, right }: AndOr,
  last: boolean,
): Routine<number> {
  const status = yield* run(shell, left);
  const enough = (status === 0) === (kind === "or");
  return enough ? status : yield* run(shell, right, last);
}

// deno-lint-ignore require-yield
function* defineFunction(
  shell: Shell,
  { name, body }: FunctionDefinition,
): Routine<number> {
  shell.functions.set(name, body);
  return 0;
}

function runCompound(
  shell: Shell,
  node: Compound,
  last: boolean,
): Routine<number> {
  switch (node.kind) {
    case "group":
      return run(shell, node.body, last);
    case "if":
      return runIf(shell, node, last);
    case "loop":
      return runLoop(shell, node);
    case "for":
      return runFor(shell, node);
    case "case":
      return runCase(shell, node, last);
  }
}

// ------------------------------------------------------------- lists and compound commands

function* runList(
  shell: Shell,
  list: List,
  last: boolean,
): Routine<number> {
  let status = list.items.length === 0 ? 0 : shell.status;
  for (const item of list.items) {
    if (item.background) status = yield* startBackground(shell, item);
    else {
      shell.currentText = item.text;
      const final = last && item === list.items.at(-1);
      status = yield* run(shell, item.node, final);
    }
    shell.status = status;
    yield* runTraps(shell, runText);
  }
  return status;
}

function* runIf(shell: Shell, node: If, last: boolean): Routine<number> {
  for (const { test, body } of node.clauses) {
    if ((yield* run(shell, test)) === 0) return yield* run(shell, body, last);
  }
  return node.otherwise === null ? 0 : yield* run(shell, node.otherwise, last);
}

function* runLoop(shell: Shell, node: Loop): Routine<number> {
  let status = 0;
  while (true) {
    const going = yield* runTurn(shell, function* () {
      const truth = (yield* run(shell, node.test)) === 0;
      if (truth === node.until) return false;
      status = yield* run(shell, node.body);
      return true;
    }, () => status = 0);
    if (!going) return status;
  }
}

function* runFor(shell: Shell, node: For): Routine<number> {
  const values = node.words === null
    ? [...shell.parameters]
    : yield* expandWords(scopeOf(shell), node.words);
  let status = 0;
  for (const value of values) {
    shell.set(node.name, value);
    const going = yield* runTurn(shell, function* () {
      status = yield* run(shell, node.body);
      return true;
    }, () => status = 0);
    if (!going) break;
  }
  return status;
}

/** One turn of a loop; false when it said to stop, or `break` did. `left`: it or `continue` did. */
function* runTurn(
  shell: Shell,
  turn: () => Routine<boolean>,
  left: () => void,
): Routine<boolean> {
  yield* compute(TURN_NS);
  if (shell.interrupted) throw new Interrupted();
  shell.loops += 1;
  try {
    return yield* turn();
  } catch (error) {
    if (!(error instanceof Leave) || error.how === "return") throw error;
    left();
    shell.status = 0;
    error.levels -= 1;
    if (error.levels > 0 && shell.loops > 1) throw error;
    return error.how === "continue";
  } finally {
    shell.loops -= 1;
  }
}

function* runCase(
  shell: Shell,
  node: Case,
  last: boolean,
): Routine<number> {
  const scope = scopeOf(shell);
  const word = yield* expandText(scope, node.word);
  for (const { patterns, body } of node.arms) {
    for (const pattern of patterns) {
      const matcher = compilePattern(yield* expandPattern(scope, pattern));
      if (!matcher.test(word)) continue;
      return yield* run(shell, body, last);
    }
  }
  return 0;
}

// ------------------------------------------------------------- simple commands

function* runCommand(
  shell: Shell,
  command: Command,
  last: boolean,
): Routine<number> {
  const scope = scopeOf(shell);
  shell.captureStatus = 0;
  const expanded = yield* expandWords(scope, command.words);
  const { words, plain } = withoutCommand(expanded);
  const [name, ...args] = words;
  if (name === undefined) return yield* runAssignments(shell, command);
  const special = !plain && SPECIAL.has(name);
  const body = () => {
    if (name === "exec") return runExec(shell, scope, command, args);
    const own = !plain && shell.functions.has(name) || BUILTINS.has(name);
    if (!own && last && mayBecome(shell)) {
      return becomeProgram(shell, scope, command, words);
    }
    // The assignments are made: what is left is a command without.
    const rest = { ...command, assignments: [] };
    if (!own) return runForeground(shell, [rest], words);
    return runOwn(shell, command, words, { special, plain });
  };
  const exported = name === "exec" || !special;
  const manner = { keep: special, exported, body };
  return yield* withAssignments(shell, scope, command, words, manner);
}

/** No command, only assignments: made if the redirections can be. */
function runAssignments(shell: Shell, command: Command): Routine<number> {
  const manner = {
    keep: true,
    exported: false,
    body: () => statusOfCapture(shell),
  };
  const assign = () =>
    withAssignments(shell, scopeOf(shell), command, [], manner);
  const { redirects } = command;
  if (redirects.length === 0) return assign();
  return runRedirected(shell, redirects, assign);
}

/** The status of the last `$(…)` in the assignments. */
// deno-lint-ignore require-yield
function* statusOfCapture(shell: Shell): Routine<number> {
  return shell.captureStatus;
}

/** `command` [-p] NAME …: the name is no function, and special builtins are as others. */
function withoutCommand(
  expanded: string[],
): { words: string[]; plain: boolean } {
  let words = expanded;
  while (words[0] === "command" && words.length > 1) {
    const [, first, second] = words;
    const skip = first === "-p" || first === "--";
    const next = skip ? second : first;
    if (next === undefined || next.startsWith("-")) break;
    words = words.slice(skip ? 2 : 1);
  }
  return { words, plain: words !== expanded };
}

interface Manner {
  /** A builtin after whose mistakes a script ends. */
  special: boolean;
  /** After the word `command`. */
  plain: boolean;
}

/** What needs no process: functions and builtins. */
function runOwn(
  shell: Shell,
  { redirects }: Command,
  [name = "", ...args]: string[],
  { special, plain }: Manner,
): Routine<number> {
  const call = () => callOwn(shell, name, args, plain);
  if (redirects.length === 0) return call();
  const ends = special && !shell.interactive;
  return ends
    ? runStrictly(shell, redirects, call)
    : runRedirected(shell, redirects, call);
}

/** Where a failed redirection ends the script. */
function* runStrictly(
  shell: Shell,
  redirects: readonly Redirect[],
  body: () => Routine<number>,
): Routine<number> {
  const scope = scopeOf(shell);
  const status = yield* withRedirects(shell, scope, redirects, body);
  if (status === null) throw new ExitShell(2);
  return status;
}

function* callOwn(
  shell: Shell,
  name: string,
  args: string[],
  plain: boolean,
): Routine<number> {
  try {
    const body = plain ? undefined : shell.functions.get(name);
    if (body !== undefined) return yield* callFunction(shell, body, args);
    return yield* BUILTINS.get(name)!(shell, args, runText);
  } catch (error) {
    if (error instanceof SysError) {
      if (shell.interrupted) throw new Interrupted();
      yield* shell.complain(`${name}: ${failure(error)}`);
      return 1;
    }
    if (!plain || !(error instanceof Problem)) throw error;
    yield* shell.complain(error.message);
    return 2;
  }
}

function* callFunction(
  shell: Shell,
  body: Node,
  args: string[],
): Routine<number> {
  yield* compute(TURN_NS);
  const { parameters, loops } = shell;
  const hidden = new Map();
  shell.hidden.push(hidden);
  shell.parameters = args;
  shell.loops = 0;
  try {
    return yield* run(shell, body);
  } catch (error) {
    if (error instanceof Leave && error.how === "return") return error.status;
    throw error;
  } finally {
    shell.loops = loops;
    shell.parameters = parameters;
    shell.hidden.pop();
    for (const [name, variable] of hidden) shell.restore(name, variable);
  }
}

function* runPipeline(shell: Shell, node: Pipeline): Routine<number> {
  const { stages, negated, timed } = node;
  const [only] = stages;
  const pipeline = () =>
    stages.length === 1 ? run(shell, only!) : runForeground(shell, stages);
  const status = timed === null
    ? yield* pipeline()
    : yield* runTimed(shell, timed, pipeline);
  return negated ? Number(status === 0) : status;
}
