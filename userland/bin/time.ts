// time COMMAND [ARG]…: how long a command takes, by the virtual clock. (In the
// shell, time is a word of the shell and takes a whole pipeline.)

import { clock, type Program, SysError, waitpid, write } from "kettle";
import { spawnCommand, startFailure, startProblem } from "../lib/command.ts";

export default function* main(args: string[]): Program {
  if (args.length === 0) return 0;
  const begin = yield* clock();
  try {
    const { status } = yield* waitpid(yield* spawnCommand(args));
    const tookNs = (yield* clock()) - begin;
    yield* write(2, `real ${(tookNs / 1_000_000).toFixed(3)} ms\n`);
    return status ?? 1;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("time", error) + "\n");
    return startFailure(error);
  }
}
