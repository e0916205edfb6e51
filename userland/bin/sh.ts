// sh: the shell. With a terminal it prompts, edits lines and controls jobs; `sh
// -c COMMAND [NAME ARG…]`, `sh FILE [ARG…]` and a pipe on standard input are
// scripts. The parts are in /sh: lexer, parser, expand, run, line_editor …

import { environ, isatty, type Program, type Routine, SysError } from "kettle";
import { BUILTINS } from "../sh/builtins.ts";
import { runInteractive } from "../sh/interactive.ts";
import { runInput, runScript, runTree } from "../sh/script.ts";
import { Shell } from "../sh/shell.ts";
import { sourceFile } from "../sh/source.ts";

export default function* main(args: string[]): Program {
  const builtins = new Set(BUILTINS.keys());
  if (args[0] === "--subshell") {
    const { shell, node } = Shell.deserialise(args[1] ?? "", builtins);
    return yield* runTree(shell, node);
  }
  const shell = yield* Shell.start(yield* environ(), builtins);
  const [first, ...rest] = args;
  if (first === "-c") return yield* runCommandText(shell, rest);
  if (first === "--help") {
    yield* shell.print("Usage: sh [-l] [-c COMMAND [NAME ARG…] | FILE ARG…]\n");
    return 0;
  }
  const login = first === "-l" || first === "--login";
  const file = login || first === "-i" || first === "-s" ? undefined : first;
  if (file !== undefined) return yield* runFile(shell, file, rest);
  if (yield* isatty(0)) {
    return yield* runInteractive(shell, login);
  }
  shell.parameters = rest;
  return yield* runInput(shell);
}

function* runCommandText(shell: Shell, args: string[]): Routine<number> {
  const [command, name, ...parameters] = args;
  if (command === undefined) {
    yield* shell.complain("-c: command missing");
    return 2;
  }
  shell.name = name ?? shell.name;
  shell.parameters = parameters;
  return yield* runScript(shell, command);
}

function* runFile(
  shell: Shell,
  file: string,
  parameters: string[],
): Routine<number> {
  if (/^[-+]./.test(file)) {
    yield* shell.complain(`not supported: sh ${file}`);
    return 2;
  }
  try {
    const source = yield* sourceFile(shell, file);
    shell.name = file;
    shell.parameters = parameters;
    return yield* runScript(shell, source);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* shell.complain(error.message);
    return 127;
  }
}
