// Runs a tree: lists, loops and functions in the shell itself, programs as
// children, and what needs a shell of its own (a subshell, a stage of a
// pipeline, `&`, `$(…)`) as a new sh that gets the tree and a copied state as
// text. Redirections change a table of descriptors, never the shell's own.

import {
  clock,
  close,
  compute,
  kill,
  pipe,
  read,
  type Routine,
  SysError,
  tcsetpgrp,
  text,
  us,
} from "kettle";
import { join } from "../lib/text.ts";
import { BUILTINS } from "./builtins.ts";
import { runExec } from "./exec.ts";
import {
  expandPattern,
  expandText,
  expandWords,
  ExpansionProblem,
  type Scope,
} from "./expand.ts";
import { compilePattern } from "./glob.ts";
import { waitForeground } from "./foreground.ts";
import { exitStatus, type Job, type JobProcess } from "./jobs.ts";
import { Parser } from "./parser.ts";
import { withRedirects } from "./redirect.ts";
import { type Descriptors, Interrupted, Leave, type Shell } from "./shell.ts";
import { isPlain, NULL_DEVICE, startProgram, startSubshell } from "./start.ts";
import { runTraps } from "./trap.ts";
import type {
  Case,
  Command,
  For,
  Group,
  If,
  Item,
  List,
  Loop,
  Node,
  Pipeline,
} from "./tree.ts";

type Compound = Group | If | Loop | For | Case;

/** What one turn of a loop or one call of a function costs the shell (our estimate). */
const TURN_NS = 20 * us;
const CALLS_MAX = 100;

/** Runs a tree and gives its status, which is `$?` from then on. */
export function* run(shell: Shell, node: Node): Routine<number> {
  shell.status = yield* runNode(shell, node);
  if (shell.interrupted) throw new Interrupted();
  return shell.status;
}

/** Parses text and runs it command by command: `eval`, `.`, a trap. */
export function* runText(shell: Shell, source: string): Routine<number> {
  const parser = new Parser(source);
  let status = 0;
  while (true) {
    const command = parser.nextCommand();
    if (command === null) return status;
    status = yield* run(shell, command);
  }
}

function* runNode(shell: Shell, node: Node): Routine<number> {
  switch (node.kind) {
    case "command":
      return yield* runCommand(shell, node);
    case "list":
      return yield* runList(shell, node);
    case "pipeline":
      return yield* runPipeline(shell, node);
    case "and":
    case "or": {
      const status = yield* run(shell, node.left);
      const enough = (status === 0) === (node.kind === "or");
      return enough ? status : yield* run(shell, node.right);
    }
    case "subshell":
      return yield* runForeground(shell, [node]);
    case "function":
      shell.functions.set(node.name, node.body);
      return 0;
  }
  const scope = scopeOf(shell);
  const { redirects } = node;
  const body = () => runCompound(shell, node);
  return (yield* withRedirects(shell, scope, redirects, body)) ?? 2;
}

function runCompound(shell: Shell, node: Compound): Routine<number> {
  switch (node.kind) {
    case "group":
      return run(shell, node.body);
    case "if":
      return runIf(shell, node);
    case "loop":
      return runLoop(shell, node);
    case "for":
      return runFor(shell, node);
    case "case":
      return runCase(shell, node);
  }
}

/** The shell as expansion sees it. */
export function scopeOf(shell: Shell): Scope {
  return {
    get: (name) => shell.get(name),
    set: (name, value) => shell.set(name, value),
    get parameters() {
      return shell.parameters;
    },
    capture: (body) => capture(shell, body),
  };
}

// ------------------------------------------------------------- lists and compound commands

function* runList(shell: Shell, list: List): Routine<number> {
  let status = list.items.length === 0 ? 0 : shell.status;
  for (const item of list.items) {
    if (item.background) status = yield* startBackground(shell, item);
    else {
      shell.currentText = item.text;
      status = yield* run(shell, item.node);
    }
    shell.status = status;
    yield* runTraps(shell, runText);
  }
  return status;
}

function* runIf(shell: Shell, node: If): Routine<number> {
  for (const { test, body } of node.clauses) {
    if ((yield* run(shell, test)) === 0) return yield* run(shell, body);
  }
  return node.otherwise === null ? 0 : yield* run(shell, node.otherwise);
}

function* runLoop(shell: Shell, node: Loop): Routine<number> {
  let status = 0;
  while (true) {
    const going = yield* runTurn(shell, function* () {
      const truth = (yield* run(shell, node.test)) === 0;
      if (truth === node.until) return false;
      status = yield* run(shell, node.body);
      return true;
    });
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
    });
    if (!going) break;
  }
  return status;
}

/** One turn of a loop; false when it said to stop, or `break` did. */
function* runTurn(
  shell: Shell,
  turn: () => Routine<boolean>,
): Routine<boolean> {
  yield* compute(TURN_NS);
  if (shell.interrupted) throw new Interrupted();
  shell.loops += 1;
  try {
    return yield* turn();
  } catch (error) {
    if (!(error instanceof Leave) || error.how === "return") throw error;
    error.levels -= 1;
    if (error.levels > 0 && shell.loops > 1) throw error;
    return error.how === "continue";
  } finally {
    shell.loops -= 1;
  }
}

function* runCase(shell: Shell, node: Case): Routine<number> {
  const scope = scopeOf(shell);
  const word = yield* expandText(scope, node.word);
  for (const { patterns, body } of node.arms) {
    for (const pattern of patterns) {
      const matcher = compilePattern(yield* expandPattern(scope, pattern));
      if (!matcher.test(word)) continue;
      return yield* run(shell, body);
    }
  }
  return 0;
}

// ------------------------------------------------------------- simple commands

function* runCommand(shell: Shell, command: Command): Routine<number> {
  const scope = scopeOf(shell);
  shell.captureStatus = 0;
  const words = yield* expandWords(scope, command.words);
  const [name, ...args] = words;
  if (name === "exec") return yield* runExec(shell, scope, command, args);
  const own = name === undefined || shell.functions.has(name) ||
    BUILTINS.has(name);
  if (!own) return yield* runForeground(shell, [command], words);
  const body = () => runOwn(shell, command, name, args);
  return (yield* withRedirects(shell, scope, command.redirects, body)) ?? 2;
}

/** What needs no process: assignments, functions, builtins. */
function* runOwn(
  shell: Shell,
  command: Command,
  name: string | undefined,
  args: string[],
): Routine<number> {
  if (name === undefined) {
    yield* assign(shell, command, false);
    return shell.captureStatus;
  }
  const before = command.assignments.map(({ name }) =>
    [name, shell.variables.get(name)] as const
  );
  yield* assign(shell, command, true);
  try {
    const body = shell.functions.get(name);
    if (body !== undefined) return yield* callFunction(shell, body, args);
    return yield* BUILTINS.get(name)!(shell, args, runText);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (shell.interrupted) throw new Interrupted();
    yield* shell.complain(`${name}: ${error.message}`);
    return 1;
  } finally {
    for (const [name, variable] of before) {
      if (variable === undefined) shell.variables.delete(name);
      else shell.variables.set(name, variable);
    }
  }
}

function* assign(shell: Shell, command: Command, exported: boolean): Routine {
  for (const { name, value } of command.assignments) {
    shell.set(name, yield* expandText(scopeOf(shell), value), exported);
  }
}

function* callFunction(
  shell: Shell,
  body: Node,
  args: string[],
): Routine<number> {
  if (shell.calls >= CALLS_MAX) {
    throw new ExpansionProblem(`functions nest deeper than ${CALLS_MAX}`);
  }
  yield* compute(TURN_NS);
  const { parameters, loops } = shell;
  shell.parameters = args;
  shell.loops = 0;
  shell.calls += 1;
  try {
    return yield* run(shell, body);
  } catch (error) {
    if (error instanceof Leave && error.how === "return") return error.status;
    throw error;
  } finally {
    shell.calls -= 1;
    shell.loops = loops;
    shell.parameters = parameters;
  }
}

// ------------------------------------------------------------- pipelines and jobs

function* runPipeline(shell: Shell, node: Pipeline): Routine<number> {
  const begin = node.timed ? yield* clock() : 0;
  const [only] = node.stages;
  const status = node.stages.length === 1
    ? yield* run(shell, only!)
    : yield* runForeground(shell, node.stages);
  if (node.timed) {
    const tookNs = (yield* clock()) - begin;
    yield* shell.tell(`real ${(tookNs / 1_000_000).toFixed(3)} ms\n`);
  }
  return node.negated ? Number(status === 0) : status;
}

/** Starts the stages as one job and waits until it ends or stops. */
function* runForeground(
  shell: Shell,
  stages: readonly Node[],
  words?: string[],
): Routine<number> {
  const text = shell.currentText;
  const job = yield* startJob(shell, stages, { text, words });
  return yield* waitForeground(shell, job);
}

function* startBackground(shell: Shell, item: Item): Routine<number> {
  const { node, text } = item;
  const stages = node.kind === "pipeline" && !node.negated && !node.timed
    ? node.stages
    : [node];
  const job = yield* startJob(shell, stages, { text, background: true });
  shell.lastBackground = job.processes.at(-1)!.pid;
  return 0;
}

interface JobOptions {
  text: string;
  background?: boolean;
  /** The words of a single stage, already expanded. */
  words?: string[];
}

/** One process for each stage, joined by pipes, in a group of their own. */
function* startJob(
  shell: Shell,
  stages: readonly Node[],
  { text, background = false, words }: JobOptions,
): Routine<Job> {
  const processes: JobProcess[] = [];
  const group = shell.interactive ? 0 : -1;
  const job = shell.jobs.add({ group, processes, text, background });
  let input = background && !shell.interactive
    ? NULL_DEVICE
    : shell.descriptors[0];
  for (const [index, stage] of stages.entries()) {
    const last = index === stages.length - 1;
    const [from, to] = last ? [] : yield* pipe();
    const descriptors = stageDescriptors(shell, input, to);
    try {
      processes.push(
        yield* startStage(shell, stage, descriptors, job.group, words),
      );
      yield* leadGroup(shell, job);
    } catch (error) {
      if (from !== undefined) yield* close(from);
      if (processes.length > 0) yield* killJob(job);
      else shell.jobs.remove(job);
      throw error;
    } finally {
      // What the child has got, the shell gives up, or no reader would see an end.
      if (index > 0) yield* close(input!);
      if (to !== undefined) yield* close(to);
    }
    input = from;
  }
  if (job.group < 0) job.group = 0;
  return job;
}

/** The first process leads the job's group; in front, it gets the terminal. */
function* leadGroup(shell: Shell, job: Job): Routine {
  const [leader] = job.processes.filter(({ ended }) => ended === null);
  if (job.group !== 0 || leader === undefined) return;
  job.group = leader.pid;
  if (!job.background) yield* giveTerminal(shell, job.group);
}

/** What had been started of a line that was given up. */
function* killJob(job: Job): Routine {
  for (const { pid, ended } of job.processes) {
    if (ended === null) yield* kill(pid, "INT");
  }
}

/** A ^C that came before the job had the terminal is for the job, too. */
function* giveTerminal(shell: Shell, group: number): Routine {
  yield* tcsetpgrp(0, group);
  if (shell.interrupted) yield* kill(-group, "INT");
}

function stageDescriptors(
  shell: Shell,
  input: number | undefined,
  output: number | undefined,
): Descriptors {
  const descriptors = { ...shell.descriptors };
  if (input !== undefined) descriptors[0] = input;
  if (output !== undefined) descriptors[1] = output;
  return descriptors;
}

/** Starts one stage: a program directly, anything else in a subshell. */
function* startStage(
  shell: Shell,
  stage: Node,
  descriptors: Descriptors,
  group: number,
  words?: string[],
): Routine<JobProcess> {
  const before = shell.descriptors;
  shell.descriptors = descriptors;
  try {
    const direct = stage.kind === "command" &&
      (words !== undefined || isPlain(shell, stage));
    const started = direct
      ? yield* startProgram(shell, scopeOf(shell), stage, group, words)
      : yield* startSubshell(shell, stage, group);
    const { pid, status } = started;
    const ended = status === undefined ? null : { pid, status };
    return { pid, ended, stopped: null };
  } finally {
    shell.descriptors = before;
  }
}

// ------------------------------------------------------------- $(…)

function* capture(shell: Shell, body: Node): Routine<string> {
  const [from, to] = yield* pipe();
  const descriptors = { ...shell.descriptors, 1: to };
  const [item] = body.kind === "list" ? body.items : [];
  const single = body.kind === "list" && body.items.length === 1 &&
    item?.background === false;
  const node = single ? item!.node : body;
  try {
    const process = yield* startCaptured(shell, node, descriptors);
    const output = text(yield* drain(shell, from));
    shell.captureStatus = process.ended !== null
      ? exitStatus(process.ended)
      : yield* shell.waitFor(process.pid);
    return output.replace(/\n+$/, "");
  } finally {
    yield* close(from);
  }
}

/** Starts it and gives up the end that it writes to, or no end would be seen. */
function* startCaptured(
  shell: Shell,
  node: Node,
  descriptors: Descriptors,
): Routine<JobProcess> {
  try {
    return yield* startStage(shell, node, descriptors, -1);
  } finally {
    yield* close(descriptors[1]!);
  }
}

/** Everything up to the end; a signal interrupts only if it was ^C. */
function* drain(shell: Shell, fd: number): Routine<Uint8Array> {
  const chunks: Uint8Array[] = [];
  while (true) {
    try {
      const chunk = yield* read(fd, 65_536);
      if (chunk.length === 0) return join(chunks);
      chunks.push(chunk);
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "EINTR") throw error;
      if (shell.interrupted) throw new Interrupted();
    }
  }
}
