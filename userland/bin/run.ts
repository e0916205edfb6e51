// run FILE [ARG]…: runs a program of yours: `run hello.ts`. The same as
// ./hello.ts; this process becomes it.

import { exec, type Program, SysError, write } from "kettle";
import { startFailure, startProblem } from "../lib/command.ts";
import { options, usageError } from "../lib/args.ts";

const USAGE = {
  name: "run",
  synopsis: "FILE [ARG]…",
  about: "Runs a program file.",
  stops: true,
};

export default function* main(args: string[]): Program {
  const { operands: [file, ...rest] } = yield* options(args, USAGE);
  if (file === undefined) return yield* usageError(USAGE, "missing file");
  const path = file.includes("/") ? file : `./${file}`;
  try {
    yield* exec(path, rest);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("run", error) + "\n");
    return startFailure(error);
  }
}
