// The commands that the shell runs itself, because they change the shell (cd,
// export, exit, fg …) or are too small for a process (echo, test). One function
// each and one table. What is known elsewhere and missing here says so by name.

import { getcwd, type Routine, SysError } from "kettle";
import { echoed } from "../bin/echo.ts";
import { formatted } from "../bin/printf.ts";
import { evaluate, TestProblem } from "../bin/test.ts";
import { type Builtin, quoted, refuse, type RunText, show } from "./builtin.ts";
import {
  background,
  foreground,
  jobs,
  killJobs,
  trap,
  wait,
} from "./job_builtins.ts";
import { isStopped } from "./jobs.ts";
import { readBuiltin } from "./read.ts";
import { candidates } from "./search.ts";
import { ExitShell, Leave, type Shell } from "./shell.ts";
import { sourceFile } from "./source.ts";
import { SyntaxProblem } from "./tree.ts";

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
  ["wait", wait],
  ["kill", killJobs],
  ["jobs", jobs],
  ["fg", foreground],
  ["bg", background],
  ["history", history],
  ...["alias", "unalias", "getopts", "let", "local", "declare", "typeset"]
    .map(unsupported),
  ...["readonly", "shopt", "source", "ulimit", "umask", "times", "hash"]
    .map(unsupported),
]);

function unsupported(name: string): [string, Builtin] {
  const hint = name === "source" ? "source (use .)" : name;
  return [name, () => {
    throw SyntaxProblem.unsupported(hint);
  }];
}

// deno-lint-ignore require-yield
function* succeed(): Routine<number> {
  return 0;
}

// deno-lint-ignore require-yield
function* fail(): Routine<number> {
  return 1;
}

// ------------------------------------------------------------- directories

function* cd(shell: Shell, args: string[]): Routine<number> {
  const [first] = args[0] === "--" ? args.slice(1) : args;
  const back = first === "-";
  const path = back ? shell.get("OLDPWD") : first ?? shell.get("HOME");
  if (path === undefined) {
    return yield* refuse(shell, `cd: ${back ? "OLDPWD" : "HOME"} not set`);
  }
  try {
    yield* shell.changeDirectory(path);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return yield* refuse(shell, `cd: ${error.message}`);
  }
  return back ? yield* show(shell, shell.get("PWD") + "\n") : 0;
}

function* pwd(shell: Shell): Routine<number> {
  return yield* show(shell, (yield* getcwd()) + "\n");
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
  const status = yield* statusArgument(shell, "exit", args[0]);
  if (shell.interactive && !shell.warnedOfJobs) {
    if (shell.jobs.all.some(isStopped)) {
      shell.warnedOfJobs = true;
      yield* shell.tell("You have stopped jobs.\n");
      return 0;
    }
  }
  throw new ExitShell(status);
}

function* leaveFunction(shell: Shell, args: string[]): Routine<number> {
  throw new Leave("return", 0, yield* statusArgument(shell, "return", args[0]));
}

function* statusArgument(
  shell: Shell,
  name: string,
  argument: string | undefined,
): Routine<number> {
  if (argument === undefined) return shell.status;
  if (/^\d+$/.test(argument)) return Number(BigInt(argument) & 255n);
  return yield* refuse(shell, `${name}: ${argument}: not a number`);
}

function* leaveLoop(
  shell: Shell,
  how: "break" | "continue",
  [argument = "1"]: string[],
): Routine<number> {
  if (!/^[1-9]\d*$/.test(argument)) {
    return yield* refuse(shell, `${how}: ${argument}: not a number`);
  }
  if (shell.loops === 0) return 0;
  throw new Leave(how, Math.min(Number(argument), shell.loops));
}

// ------------------------------------------------------------- variables

function* exportVariables(shell: Shell, args: string[]): Routine<number> {
  const names = args.filter((arg) => arg !== "-p" && arg !== "--");
  if (names.length === 0) {
    for (const [name, value] of Object.entries(shell.environment())) {
      yield* shell.print(`export ${name}=${quoted(value)}\n`);
    }
  }
  for (const word of names) {
    const [, name, , value] = /^([A-Za-z_]\w*)(=([^]*))?$/.exec(word) ?? [];
    if (name === undefined) {
      return yield* refuse(shell, `export: ${word}: bad variable name`);
    }
    const known = shell.variables.get(name);
    if (value !== undefined) shell.set(name, value, true);
    else if (known !== undefined) known.exported = true;
  }
  return 0;
}

// deno-lint-ignore require-yield
function* unset(shell: Shell, args: string[]): Routine<number> {
  const functions = args[0] === "-f";
  for (const name of args.filter((arg) => !arg.startsWith("-"))) {
    if (functions) shell.functions.delete(name);
    else shell.variables.delete(name);
  }
  return 0;
}

function* set(shell: Shell, args: string[]): Routine<number> {
  const [first] = args;
  if (first === undefined) {
    const names = [...shell.variables.keys()].sort();
    for (const name of names) {
      yield* shell.print(`${name}=${quoted(shell.get(name)!)}\n`);
    }
    return 0;
  }
  if (/^[-+]./.test(first) && first !== "--") {
    throw SyntaxProblem.unsupported(`set ${first}`);
  }
  shell.parameters = first === "--" ? args.slice(1) : args;
  return 0;
}

function* shift(shell: Shell, [argument = "1"]: string[]): Routine<number> {
  const count = /^\d+$/.test(argument) ? Number(argument) : Infinity;
  if (count > shell.parameters.length) {
    return yield* refuse(shell, "shift: cannot shift that many");
  }
  shell.parameters = shell.parameters.slice(count);
  return 0;
}

// ------------------------------------------------------------- other code

function* dot(
  shell: Shell,
  [file]: string[],
  runText: RunText,
): Routine<number> {
  if (file === undefined) return yield* refuse(shell, ".: file name missing");
  let content = "";
  try {
    content = yield* sourceFile(shell, file);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const status = yield* refuse(shell, `.: ${error.message}`);
    if (!shell.interactive) throw new ExitShell(status);
    return status;
  }
  try {
    return yield* runText(shell, content);
  } catch (error) {
    if (error instanceof Leave && error.how === "return") return error.status;
    throw error;
  }
}

function* command(
  shell: Shell,
  args: string[],
  runText: RunText,
): Routine<number> {
  if (args[0] === "-v" || args[0] === "-V") {
    return yield* type(shell, args.slice(1), runText, args[0] === "-v");
  }
  const [name, ...rest] = args;
  if (name === undefined) return 0;
  const builtin = BUILTINS.get(name);
  if (builtin !== undefined) return yield* builtin(shell, rest, runText);
  return yield* runText(shell, args.map(quoted).join(" "));
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
  if (shell.functions.has(name)) return ["a shell function", name];
  if (BUILTINS.has(name)) return ["a shell builtin", name];
  for (const path of candidates(shell, name)) {
    if (yield* evaluate(["-f", path])) return [path, path];
  }
  return ["not found", ""];
}

// ------------------------------------------------------------- history

function* history(shell: Shell): Routine<number> {
  for (const [index, line] of shell.history.entries()) {
    yield* shell.print(`${String(index + 1).padStart(5)}  ${line}\n`);
  }
  return 0;
}
