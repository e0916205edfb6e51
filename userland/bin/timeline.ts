// timeline COMMAND [ARG]…: runs a command and draws, in letters, what its threads,
// the CPU, the disk and the cables did meanwhile. Reads the trace in
// /proc, nothing else.

import {
  clock,
  getpid,
  isatty,
  open,
  type Program,
  type Routine,
  SysError,
  ttymode,
  waitpid,
  write,
} from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { spawnCommand, startFailure, startProblem } from "../lib/command.ts";
import { Lanes } from "../lib/lanes.ts";
import { openTrace } from "../lib/trace.ts";

const USAGE = {
  name: "timeline",
  synopsis: "[-w COLUMNS] [-o FILE] COMMAND [ARG]…",
  about: "Runs a command and draws what its threads and the devices did.",
  options: {
    "-w, --width COLUMNS": "so wide; else as the terminal, or 80",
    "-o, --output FILE": "into a file, not to standard error",
  },
  stops: true,
};
/** Narrower than this nothing can be seen. */
const WIDTH_MIN = 40;

export default function* main(args: string[]): Program {
  const { given, operands: command } = yield* options(args, USAGE);
  if (command.length === 0) yield* usageError(USAGE, "must have a command");
  const asked = yield* count(USAGE, given.w, 0, "width");
  const width = asked > 0 ? asked : yield* terminalWidth();
  try {
    const fd = given.o === undefined ? 2 : yield* open(String(given.o), "w");
    return yield* draw(command, fd, Math.max(width, WIDTH_MIN));
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("timeline", error) + "\n");
    return startFailure(error);
  }
}

function* draw(command: string[], fd: number, width: number): Program {
  const reader = yield* openTrace();
  const startNs = yield* clock();
  const child = yield* spawnCommand(command);
  const { status } = yield* waitpid(child);
  const endNs = yield* clock();
  const lanes = new Lanes(child, yield* getpid());
  for (const event of yield* reader.until(endNs)) {
    if (event.at >= startNs) lanes.add(event);
  }
  yield* write(fd, lanes.draw(width));
  return status ?? 1;
}

function* terminalWidth(): Routine<number> {
  return (yield* isatty(2)) ? (yield* ttymode(2)).columns : 80;
}
