// env [-i] [-u NAME] [-C DIRECTORY] [NAME=VALUE]… [COMMAND [ARG]…]: prints the
// environment, or runs a command with a changed one.

import {
  chdir,
  environ,
  exec,
  type Program,
  type Routine,
  SysError,
} from "kettle";
import { options, refuse } from "../lib/args.ts";
import { candidates } from "../lib/command.ts";
import { complain, Output } from "../lib/stdio.ts";

const USAGE = {
  name: "env",
  synopsis: "[-i] [-u NAME] [NAME=VALUE]… [COMMAND [ARG]…]",
  about: "Prints the environment, or runs a command with a changed one.",
  options: {
    "-0, --null": "a zero byte after each, not a newline",
    "-C, --chdir DIRECTORY": "run the command there",
    "-i, --ignore-environment": "begin with nothing",
    "-u, --unset NAME": "without that name",
  },
  trouble: 125,
  stops: true,
};

export default function* main(args: string[]): Program {
  const { given, order, operands } = yield* options(args, USAGE);
  const rest = [...operands];
  const isEmpty = given.i !== undefined || rest[0] === "-";
  if (rest[0] === "-") rest.shift();
  const env = isEmpty ? {} : yield* environ();
  for (const { key, value } of order) {
    if (key === "u") delete env[String(value)];
  }
  while (/^[^=]+=/.test(rest[0] ?? "")) {
    const [name = "", ...value] = rest.shift()!.split("=");
    env[name] = value.join("=");
  }
  const [command, ...words] = rest;
  if (command !== undefined) {
    if (given["0"] !== undefined) {
      yield* refuse(USAGE, "cannot specify --null (-0) with command");
    }
    return yield* run(command, words, env, given.C);
  }
  const output = new Output();
  const end = given["0"] === undefined ? "\n" : "\0";
  for (const [name, value] of Object.entries(env)) {
    yield* output.write(`${name}=${value}${end}`);
  }
  yield* output.flush();
}

/** This process becomes the command. */
function* run(
  command: string,
  words: string[],
  env: Record<string, string>,
  directory: string | true | undefined,
): Program {
  const { PATH } = yield* environ();
  try {
    if (directory !== undefined) yield* chdir(String(directory));
  } catch (error) {
    const about = `cannot change directory to '${directory}'`;
    yield* complain("env", error, about);
    return 125;
  }
  let status = 127;
  let problem: unknown = new SysError("ENOENT", "exec", { path: command });
  for (const path of candidates(command, env.PATH ?? PATH)) {
    const failure = yield* tryExec(path, words, env);
    if (failure.code === "ENOENT") continue;
    [status, problem] = [126, failure];
    break;
  }
  yield* complain("env", problem, `'${command}'`);
  return status;
}

function* tryExec(
  path: string,
  words: string[],
  env: Record<string, string>,
): Routine<SysError> {
  try {
    return yield* exec(path, words, { env });
  } catch (error) {
    if (error instanceof SysError) return error;
    throw error;
  }
}
