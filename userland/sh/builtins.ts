// The commands that the shell runs itself, because they change the shell (cd,
// export, exit, fg …) or are too small for a process (echo, test). The table is
// here and the small ones. What is known elsewhere and missing says so by name.

import { type Routine, SysError } from "kettle";
import { echoed } from "../bin/echo.ts";
import { formatted } from "../bin/printf.ts";
import { evaluate, TestProblem } from "../bin/test.ts";
import { failure } from "../lib/strerror.ts";
import { type Builtin, refuse, type RunText, show } from "./builtin.ts";
import { cd, pwd } from "./directory.ts";
import {
  background,
  foreground,
  jobs,
  killJobs,
  trap,
  wait,
} from "./job_builtins.ts";
import { isStopped } from "./jobs.ts";
import { KEYWORDS } from "./parser.ts";
import { readBuiltin } from "./read.ts";
import { candidates } from "./search.ts";
import { ExitShell, Leave, type Shell } from "./shell.ts";
import { sourceFile } from "./source.ts";
import { Problem, SyntaxProblem } from "./tree.ts";
import {
  exportVariables,
  local,
  readonlyVariables,
  set,
  shift,
  unset,
} from "./variables.ts";

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [":", succeed],
  ["true", succeed],
  ["false", fail],
  ["cd", cd],
  ["pwd", pwd],
  ["echo", (shell, args) => show(shell, echoed(args))],
  ["printf", printf],
  ["test", test],
  ["[", bracket],
  ["exit", exit],
  ["return", leaveFunction],
  ["break", (shell, args) => leaveLoop(shell, "break", args)],
  ["continue", (shell, args) => leaveLoop(shell, "continue", args)],
  ["export", exportVariables],
  ["readonly", readonlyVariables],
  ["local", local],
  ["unset", unset],
  ["set", set],
  ["shift", shift],
  ["read", readBuiltin],
  ["eval", (shell, args, runText) => runText(shell, args.join(" "))],
  [".", dot],
  ["exec", succeed],
  ["trap", trap],
  ["type", type],
  ["command", command],
  // Where a program lies is looked up each time: nothing is remembered.
  ["hash", succeed],
  ["wait", wait],
  ["kill", killJobs],
  ["jobs", jobs],
  ["fg", foreground],
  ["bg", background],
  ["history", history],
  ...unsupported({
    alias: 'write a function: NAME() { COMMAND "$@"; }',
    unalias: "there are functions, and unset -f",
    getopts: 'write while [ $# -gt 0 ]; do case "$1" in …; esac; shift; done',
    let: "write x=$((…))",
    declare: "write NAME=VALUE, or export, readonly, local",
    typeset: "write NAME=VALUE, or export, readonly, local",
    shopt: "there is set -C -f -u -x",
    source: "write . FILE",
    ulimit: "the limits of a machine are its options",
    umask: "files have no permissions here",
    times: "write time COMMAND",
    fc: "there is history, and ^R",
    disown: "write (COMMAND &)",
    pushd: "there is cd -",
    popd: "there is cd -",
  }),
]);

/** Those that POSIX calls special: their mistakes end a script, assignments before them stay. */
export const SPECIAL: ReadonlySet<string> = new Set([
  ...[":", ".", "break", "continue", "eval", "exec", "exit", "export"],
  ...["readonly", "return", "set", "shift", "trap", "unset"],
]);

function unsupported(table: Record<string, string>): [string, Builtin][] {
  return Object.entries(table).map(([name, instead]) => [name, () => {
    throw SyntaxProblem.unsupported(name, instead);
  }]);
}

// deno-lint-ignore require-yield
function* succeed(): Routine<number> {
  return 0;
}

// deno-lint-ignore require-yield
function* fail(): Routine<number> {
  return 1;
}

// ------------------------------------------------------------- text and tests

function* printf(shell: Shell, args: string[]): Routine<number> {
  const { output, problems } = formatted(args);
  yield* shell.print(output);
  for (const problem of problems) yield* shell.complain(`printf: ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

function* test(shell: Shell, args: string[]): Routine<number> {
  try {
    return (yield* evaluate(args)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestProblem)) throw error;
    return yield* refuse(shell, `test: ${error.message}`);
  }
}

function* bracket(shell: Shell, args: string[]): Routine<number> {
  if (args.at(-1) !== "]") return yield* refuse(shell, "[: missing ]");
  return yield* test(shell, args.slice(0, -1));
}

// ------------------------------------------------------------- leaving

function* exit(shell: Shell, args: string[]): Routine<number> {
  const status = statusArgument(shell, "exit", args[0]);
  if (shell.interactive && !shell.warnedOfJobs) {
    if (shell.jobs.all.some(isStopped)) {
      shell.warnedOfJobs = true;
      yield* shell.tell("You have stopped jobs.\n");
      return 0;
    }
  }
  throw new ExitShell(status);
}

// deno-lint-ignore require-yield
function* leaveFunction(shell: Shell, args: string[]): Routine<number> {
  throw new Leave("return", 0, statusArgument(shell, "return", args[0]));
}

function statusArgument(
  shell: Shell,
  name: string,
  argument: string | undefined,
): number {
  if (argument === undefined) return shell.status;
  if (/^\d+$/.test(argument)) return Number(BigInt(argument) & 255n);
  throw new Problem(`${name}: ${argument}: not a number`);
}

// deno-lint-ignore require-yield
function* leaveLoop(
  shell: Shell,
  how: "break" | "continue",
  [argument = "1"]: string[],
): Routine<number> {
  if (!/^[1-9]\d*$/.test(argument)) {
    throw new Problem(`${how}: ${argument}: not a number`);
  }
  if (shell.loops === 0) return 0;
  throw new Leave(how, Math.min(Number(argument), shell.loops));
}

// ------------------------------------------------------------- other code

function* dot(
  shell: Shell,
  args: string[],
  runText: RunText,
): Routine<number> {
  const [file] = args[0] === "--" ? args.slice(1) : args;
  if (file === undefined) throw new Problem(".: file name missing");
  let content = "";
  try {
    content = yield* sourceFile(shell, file);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new Problem(`.: ${failure(error)}`);
  }
  try {
    return yield* runText(shell, content);
  } catch (error) {
    if (error instanceof Leave && error.how === "return") return error.status;
    throw error;
  }
}

/** `command -v NAME`; what it runs is run before it comes here. */
function* command(
  shell: Shell,
  args: string[],
  runText: RunText,
): Routine<number> {
  const [first, ...names] = args[0] === "-p" ? args.slice(1) : args;
  if (first === undefined) return 0;
  if (first === "-v" || first === "-V") {
    return yield* type(shell, names, runText, first === "-v");
  }
  return yield* refuse(shell, `command: ${first}: no such option`);
}

function* type(
  shell: Shell,
  args: string[],
  _runText: RunText,
  short = false,
): Routine<number> {
  let status = 0;
  for (const name of args) {
    const [what, path] = yield* meaning(shell, name);
    if (what === "not found") {
      status = 127;
      if (!short) yield* shell.complain(`type: ${name}: not found`);
    } else if (short) yield* shell.print(`${path}\n`);
    else yield* shell.print(`${name} is ${what}\n`);
  }
  return status;
}

function* meaning(shell: Shell, name: string): Routine<[string, string]> {
  if (KEYWORDS.includes(name)) return ["a shell keyword", name];
  if (shell.functions.has(name)) return ["a shell function", name];
  if (BUILTINS.has(name)) return ["a shell builtin", name];
  for (const path of candidates(shell, name)) {
    if (yield* evaluate(["-f", path])) return [path, path];
  }
  return ["not found", ""];
}

// ------------------------------------------------------------- history

/** history [N]: the last N lines, or all. */
function* history(shell: Shell, [count]: string[]): Routine<number> {
  if (count !== undefined && !/^\d+$/.test(count)) {
    return yield* refuse(shell, `history: ${count}: numeric argument required`);
  }
  const { history } = shell;
  const first = Math.max(0, history.length - Number(count ?? Infinity));
  const lines = history.slice(first).map((line, index) =>
    `${String(first + index + 1).padStart(5)}  ${line}\n`
  );
  yield* shell.print(lines.join(""));
  return 0;
}
