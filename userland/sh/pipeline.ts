// Pipelines and what else runs in processes of their own: the stages of a
// pipeline, background jobs, subshells and `$(…)`. Each stage is a program, or a
// new sh that gets the tree and a copied state as text (there is no fork).
// Knows nothing of what the shell runs itself.

import {
  close,
  kill,
  pipe,
  read,
  type Routine,
  SysError,
  tcsetpgrp,
  text,
} from "kettle";
import { join } from "../lib/text.ts";
import { withAssignments } from "./assign.ts";
import { expandWords, type Scope } from "./expand.ts";
import { waitForeground } from "./foreground.ts";
import { exitStatus, type Job, type JobProcess } from "./jobs.ts";
import { withRedirects } from "./redirect.ts";
import { type Descriptors, Interrupted, type Shell } from "./shell.ts";
import {
  hasNoEffects,
  isProgram,
  NULL_DEVICE,
  type Started,
  startProgram,
  startSubshell,
} from "./start.ts";
import type { Command, Item, Node } from "./tree.ts";

/** The shell as expansion sees it. */
export function scopeOf(shell: Shell): Scope {
  return {
    get: (name) => shell.get(name),
    set: (name, value) => shell.set(name, value),
    get parameters() {
      return shell.parameters;
    },
    get nounset() {
      return shell.options.has("nounset");
    },
    get noglob() {
      return shell.options.has("noglob");
    },
    capture: (body) => capture(shell, body),
  };
}

/** Starts the stages as one job and waits until it ends or stops. */
export function* runForeground(
  shell: Shell,
  stages: readonly Node[],
  words?: string[],
): Routine<number> {
  const text = shell.currentText;
  const job = yield* startJob(shell, stages, { text, words });
  return yield* waitForeground(shell, job);
}

export function* startBackground(shell: Shell, item: Item): Routine<number> {
  const { node, text } = item;
  const stages =
    node.kind === "pipeline" && !node.negated && node.timed === null
      ? node.stages
      : [node];
  const job = yield* startJob(shell, stages, { text, background: true });
  const { pid } = job.processes.at(-1)!;
  shell.lastBackground = pid;
  const isTold = shell.interactive && pid > 0;
  if (isTold) yield* shell.tell(`[${job.id}] ${pid}\n`);
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

/** A program is started directly, so that `$!` is its pid; all else in a subshell. */
function* startCommand(
  shell: Shell,
  command: Command,
  group: number,
  known?: string[],
): Routine<Started> {
  const scope = scopeOf(shell);
  if (known === undefined && !hasNoEffects(shell, command)) {
    return yield* startSubshell(shell, command, group);
  }
  const words = known ?? (yield* expandWords(scope, command.words));
  if (known === undefined && !isProgram(shell, words[0])) {
    return yield* startSubshell(shell, command, group);
  }
  const start = () => startProgram(shell, words, group);
  const body = () => withRedirects(shell, scope, command.redirects, start);
  // Of words that are known, the assignments are made and all was shown.
  const started = known !== undefined
    ? yield* body()
    : yield* withAssignments(shell, scope, command, words, {
      keep: false,
      exported: true,
      body,
    });
  return started ?? { pid: 0, status: 2 };
}

/** Starts one stage. */
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
    const started = stage.kind === "command"
      ? yield* startCommand(shell, stage, group, words)
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
