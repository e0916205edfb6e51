// sh: the shell. With a terminal it prompts, edits lines and controls jobs; `sh
// -c COMMAND [NAME ARG…]`, `sh FILE [ARG…]` and a pipe on standard input are
// scripts. The parts are in /sh: lexer, parser, expand, run, line_editor …

import { environ, isatty, type Program, type Routine, SysError } from "kettle";
import { failure } from "../lib/strerror.ts";
import { BUILTINS } from "../sh/builtins.ts";
import { runInteractive } from "../sh/interactive.ts";
import { type Invocation, readInvocation } from "../sh/invocation.ts";
import { runInput, runScript, runTree } from "../sh/script.ts";
import { Shell } from "../sh/shell.ts";
import { sourceFile } from "../sh/source.ts";
import { Problem } from "../sh/tree.ts";

const HELP =
  `Usage: sh [-aCflnux] [-o OPTION] [-c COMMAND [NAME ARG…] | -s ARG… | FILE ARG…]
Runs commands: from the keyboard, COMMAND, FILE or standard input.
  -c  run COMMAND; NAME is $0 and the ARGs are $1, $2, …
  -s  run standard input with the ARGs as $1, $2, …
  -l  greet first    -n  check, do not run    -x  show what is run
  -u  an unset variable is a mistake    -f  no file name patterns
  -C  > does not overwrite a file       -a  export every variable that is set
`;

export default function* main(args: string[]): Program {
  const builtins = new Set(BUILTINS.keys());
  if (args[0] === "--subshell") {
    const { shell, node } = Shell.deserialise(args[1] ?? "", builtins);
    return yield* runTree(shell, node);
  }
  const shell = yield* Shell.start(yield* environ(), builtins);
  try {
    return yield* invoke(shell, readInvocation(shell, args));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    yield* shell.complain(error.message);
    return 2;
  }
}

function* invoke(shell: Shell, invocation: Invocation): Routine<number> {
  const { source, operands, login } = invocation;
  const [first, ...rest] = operands;
  if (source === "help") {
    yield* shell.print(HELP);
    return 0;
  }
  if (source === "command") {
    shell.name = first ?? shell.name;
    shell.parameters = rest;
    return yield* runScript(shell, invocation.command);
  }
  if (source === "file") return yield* runFile(shell, first!, rest);
  shell.parameters = operands;
  const typed = yield* isatty(0);
  return typed ? yield* runInteractive(shell, login) : yield* runInput(shell);
}

function* runFile(
  shell: Shell,
  file: string,
  parameters: string[],
): Routine<number> {
  try {
    const source = yield* sourceFile(shell, file);
    shell.name = file;
    shell.parameters = parameters;
    return yield* runScript(shell, source);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* shell.complain(failure(error));
    return 127;
  }
}
