// time COMMAND [ARG]…: how long a command takes, by the virtual clock, and how
// much CPU time it and its children used: in their own code (user) and in the
// kernel (sys). (In the shell, time is a word of the shell and takes a pipeline.)

import {
  clock,
  getpid,
  type Program,
  type Routine,
  SysError,
  waitpid,
  write,
} from "kettle";
import { options } from "../lib/args.ts";
import { spawnCommand, startFailure, startProblem } from "../lib/command.ts";
import { processes } from "../lib/proc.ts";

const USAGE = {
  name: "time",
  synopsis: "[-p] COMMAND [ARG]…",
  about: "Runs a command and tells how long it took.",
  options: { "-p, --portability": "in seconds, as POSIX has it" },
  stops: true,
};

export default function* main(args: string[]): Program {
  const { given, operands: command } = yield* options(args, USAGE);
  if (command.length === 0) return 0;
  const begin = yield* clock();
  try {
    const { status } = yield* waitpid(yield* spawnCommand(command));
    const tookNs = (yield* clock()) - begin;
    const { userNs, systemNs } = yield* used();
    const show = given.p === undefined ? milliseconds : seconds;
    yield* write(
      2,
      `real ${show(tookNs)}\nuser ${show(userNs)}\nsys ${show(systemNs)}\n`,
    );
    return status ?? 1;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("time", error) + "\n");
    return startFailure(error);
  }
}

/** What the children of this process used. */
function* used(): Routine<{ userNs: number; systemNs: number }> {
  const pid = yield* getpid();
  const own = (yield* processes()).find((row) => row.pid === pid)!;
  return { userNs: own.childUserNs, systemNs: own.childSystemNs };
}

function milliseconds(ns: number): string {
  return `${(ns / 1e6).toFixed(3)} ms`;
}

function seconds(ns: number): string {
  return (ns / 1e9).toFixed(2);
}
