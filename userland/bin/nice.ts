// nice [-n N] COMMAND: runs a command with another niceness. It is taken, and
// changes nothing: the schedulers that Kettle has, rr and fcfs, give all threads
// equal turns (what a niceness could do is not built). Without a command it tells
// its own, which is 0.

import { print, type Program, SysError, waitpid, write } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { spawnCommand, startFailure, startProblem } from "../lib/command.ts";

const USAGE = {
  name: "nice",
  synopsis: "[-n N] [COMMAND [ARG]…]",
  about:
    "Runs a command with another niceness, which no scheduler here looks at.",
  options: { "-n, --adjustment N": "add N to the niceness (10)" },
  trouble: 125,
  stops: true,
};

export default function* main(args: string[]): Program {
  const { given, operands: command } = yield* options(args, USAGE);
  if (given.n !== undefined && !/^[-+]?\d+$/.test(String(given.n))) {
    yield* write(2, `nice: invalid adjustment '${given.n}'\n`);
    return 125;
  }
  if (command.length === 0) {
    if (given.n !== undefined) {
      yield* usageError(USAGE, "a command must be given with an adjustment");
    }
    yield* print("0");
    return 0;
  }
  try {
    const { status, signal } = yield* waitpid(yield* spawnCommand(command));
    return signal === undefined ? status : 1;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("nice", error) + "\n");
    return startFailure(error);
  }
}
