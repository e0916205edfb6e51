// How strace runs: it looks at the trace now and then, while the command that it
// started, or the processes that it was told of, go on. What a line says is in
// call_log.ts.

import {
  clock,
  kill,
  ms,
  open,
  type Program,
  type Routine,
  sigaction,
  sleep,
  submit,
  SysError,
  wait,
  waitpid,
  write,
} from "kettle";
import { CallLog, type CallLogOptions } from "./call_log.ts";
import type { SumOrder } from "./call_sums.ts";
import { spawnCommand } from "./command.ts";
import { strerror } from "./strerror.ts";
import { openTrace, TraceReader } from "./trace.ts";

/** How often the trace is looked at. */
const LOOK_NS = 50 * ms;

export interface OutOptions {
  lines: boolean;
  table: boolean;
  order: SumOrder | undefined;
}

/** Where the lines go: all of them, or only the table at the end. */
export class Out {
  constructor(readonly fd: number, readonly shown: OutOptions) {}

  *lines(text: string): Routine {
    if (this.shown.lines && text !== "") yield* write(this.fd, text);
  }

  *end({ sums }: CallLog): Routine {
    if (!this.shown.table) return;
    yield* write(this.fd, sums.table(this.shown.order));
  }
}

/** Runs a command and logs it; its status. */
export function* follow(
  command: string[],
  how: CallLogOptions,
  out: Out,
): Program {
  const all = how.follow ? yield* openTrace() : null;
  yield* sigaction("INT", { fn() {}, restart: true }); // it is for the command
  const child = yield* spawnCommand(command);
  const reader = all ?? new TraceReader(yield* open(`/proc/${child}/trace`));
  const log = new CallLog([child], how);
  const ending = yield* submit(waitpid(child));
  for (let ended = null; ended === null;) {
    try {
      ended = yield* wait(ending, { timeout: LOOK_NS });
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "EINTR") throw error;
    }
    const events = yield* reader.until(yield* clock());
    yield* out.lines(events.map((event) => log.add(event)).join(""));
    if (ended === null) continue;
    yield* out.end(log);
    return ended.ok ? ended.value.status ?? 1 : 1;
  }
}

/** Logs what runs already, until all of them have ended, or ^C. */
export function* attach(
  pids: number[],
  how: CallLogOptions,
  out: Out,
): Program {
  const reader = yield* openTrace();
  for (const pid of pids) {
    try {
      yield* kill(pid, 0);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* write(2, `strace: attach: pid ${pid}: ${strerror(error)}\n`);
      return 1;
    }
    yield* write(2, `strace: Process ${pid} attached\n`);
  }
  const log = new CallLog(pids, how);
  let isOver = false;
  yield* sigaction("INT", { fn: () => void (isOver = true) });
  while (!isOver && !log.isOver) {
    try {
      yield* sleep(LOOK_NS);
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "EINTR") throw error;
    }
    const events = yield* reader.until(yield* clock());
    yield* out.lines(events.map((event) => log.add(event)).join(""));
  }
  if (!log.isOver) yield* write(2, `strace: Process ${pids} detached\n`);
  yield* out.end(log);
  return 0;
}
