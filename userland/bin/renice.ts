// renice [-n] N PID…: gives running processes another niceness, from -10 to 10,
// with all their threads. Only the scheduler `fair` looks at it.

import {
  getpriority,
  print,
  type Program,
  readdir,
  type Routine,
  setpriority,
  SysError,
} from "kettle";
import { options, usageError } from "../lib/args.ts";
import { nicenessOf, weightOf } from "../lib/niceness.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "renice",
  synopsis: "[-n] N PID…",
  about: "Gives running processes another niceness.",
  options: { "-n N": "the niceness, from -10 to 10" },
  trouble: 1,
};

export default function* main(args: string[]): Program {
  // as elsewhere, a first number may stand without -n, though it begins with -
  const bare = /^[-+]?\d+$/.test(args[0] ?? "");
  const { given, operands } = yield* options(
    bare ? ["-n", ...args] : args,
    USAGE,
  );
  const text = String(given.n ?? "");
  if (!/^[-+]?\d+$/.test(text)) {
    yield* usageError(USAGE, `invalid niceness '${text}'`);
  }
  if (operands.length === 0) yield* usageError(USAGE, "no process is named");
  let status = 0;
  for (const operand of operands) {
    try {
      yield* renice(Number(operand), Number(text));
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      status = yield* complain("renice", `${operand}: no such process`);
    }
  }
  return status;
}

/** All threads of a process. ESRCH if there is none. */
function* renice(pid: number, niceness: number): Routine {
  const before = nicenessOf(yield* getpriority(pid));
  for (const { name } of yield* readdir(`/proc/${pid}/task`)) {
    yield* setpriority(Number(name), weightOf(niceness));
  }
  const now = nicenessOf(yield* getpriority(pid));
  yield* print(`${pid}: old priority ${before}, new priority ${now}`);
}
