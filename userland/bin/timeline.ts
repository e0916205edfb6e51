// timeline COMMAND [ARG]…: runs a command and draws, in letters, what its threads,
// the CPU, the disk and the cables did meanwhile. Reads /proc/trace, nothing else.

import { clock, getpid, type Program, SysError, waitpid, write } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { spawnCommand, startFailure, startProblem } from "../lib/command.ts";
import { Lanes } from "../lib/lanes.ts";
import { openTrace } from "../lib/trace.ts";

const USAGE = {
  name: "timeline",
  synopsis: "COMMAND [ARG]…",
  about: "Runs a command and draws what its threads and the devices did.",
};

export default function* main(args: string[]): Program {
  const own = args[0]?.startsWith("-") ? args.slice(0, 1) : [];
  yield* options(own, USAGE);
  if (args.length === 0) return yield* usageError(USAGE, "must have a command");
  try {
    return yield* draw(args);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("timeline", error) + "\n");
    return startFailure(error);
  }
}

function* draw(command: string[]): Program {
  const reader = yield* openTrace();
  const startNs = yield* clock();
  const child = yield* spawnCommand(command);
  const { status } = yield* waitpid(child);
  const endNs = yield* clock();
  const lanes = new Lanes(child, yield* getpid());
  for (const event of yield* reader.until(endNs)) {
    if (event.at >= startNs) lanes.add(event);
  }
  yield* write(2, lanes.draw(80));
  return status ?? 1;
}
