// nice [-n N] COMMAND: runs a command with another niceness, from -10 to 10, which
// it and its children keep. Only the scheduler `fair` looks at it: each step is a
// quarter less of the CPU. Without a command it tells its own.

import {
  getpriority,
  gettid,
  print,
  type Program,
  setpriority,
  SysError,
  waitpid,
  write,
} from "kettle";
import { options, usageError } from "../lib/args.ts";
import { nicenessOf, weightOf } from "../lib/niceness.ts";
import { spawnCommand, startFailure, startProblem } from "../lib/command.ts";

const USAGE = {
  name: "nice",
  synopsis: "[-n N] [COMMAND [ARG]…]",
  about: "Runs a command with another niceness, for the scheduler fair.",
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
  const tid = yield* gettid();
  const own = nicenessOf(yield* getpriority(tid));
  if (command.length === 0) {
    if (given.n !== undefined) {
      yield* usageError(USAGE, "a command must be given with an adjustment");
    }
    yield* print(String(own));
    return 0;
  }
  const more = given.n === undefined ? 10 : Number(given.n);
  yield* setpriority(tid, weightOf(own + more));
  try {
    const { status, signal } = yield* waitpid(yield* spawnCommand(command));
    return signal === undefined ? status : 1;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("nice", error) + "\n");
    return startFailure(error);
  }
}
