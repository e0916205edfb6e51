// top: the processes by CPU time, again and again, on the whole terminal, with
// what each waits for. Keys: q ends, space looks now, P M T N sort, H shows
// threads, k sends a signal, h tells the others. -b prints instead, for a file.

import { print, type Program, s, sleep, SysError } from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { withFullScreen } from "../lib/full_screen.ts";
import { TopSession } from "../lib/top_session.ts";
import { look, type Order, TopView } from "../lib/top_view.ts";

const USAGE = {
  name: "top",
  synopsis: "[-bcHi] [-d SECONDS] [-n COUNT] [-o COLUMN] [-p PIDS]",
  about: "Shows the processes by CPU time, and what each waits for.",
  options: {
    "-b, --batch": "prints, one list after the other, for a file or a pipe",
    "-c, --command": "whole commands, not names",
    "-d, --delay SECONDS": "time between two lists (1)",
    "-H, --threads": "a line for each thread",
    "-i, --idle": "only those that used the CPU",
    "-n, --iterations COUNT": "ends after so many lists",
    "-o, --sort COLUMN": "by cpu, mem, time or pid",
    "-p, --pid PIDS": "only these, by comma",
  },
};
const ORDERS: Record<string, Order> = {
  cpu: "cpu",
  mem: "memory",
  time: "time",
  pid: "pid",
};
/** Columns of a list that goes to no terminal. */
const BATCH_COLUMNS = 512;

export default function* main(args: string[]): Program {
  const { given, operands: [extra] } = yield* options(args, USAGE);
  if (extra !== undefined) yield* usageError(USAGE, `extra operand '${extra}'`);
  const delayNs = Math.round(Number(given.d ?? 1) * s);
  if (!(delayNs > 0 && delayNs < 1e6 * s)) {
    yield* usageError(USAGE, `bad delay interval '${given.d}'`);
  }
  const times = yield* count(USAGE, given.n, Infinity, "iterations argument");
  const column = String(given.o ?? "cpu").toLowerCase().replace(/[%+]/g, "");
  const order = ORDERS[column];
  if (order === undefined) {
    return yield* usageError(USAGE, `unrecognized field name '${given.o}'`);
  }
  const pids = given.p === undefined ? null : String(given.p).split(",");
  if (pids !== null && !pids.every((pid) => /^\d+$/.test(pid))) {
    yield* usageError(USAGE, `bad pid '${given.p}'`);
  }
  const view = new TopView({
    order,
    threads: given.H !== undefined,
    commands: given.c !== undefined,
    busy: given.i !== undefined,
    pids: pids?.map(Number) ?? null,
  });
  return given.b === undefined
    ? yield* interactive(view, delayNs, times)
    : yield* batch(view, delayNs, times);
}

function* batch(view: TopView, delayNs: number, times: number): Program {
  for (let time = 0; time < times; time += 1) {
    if (time > 0) yield* sleep(delayNs);
    view.take(yield* look());
    const lines = view.lines(BATCH_COLUMNS, Infinity);
    yield* print((time > 0 ? "\n" : "") + lines.join("\n"));
  }
  return 0;
}

function* interactive(view: TopView, delayNs: number, times: number): Program {
  try {
    return yield* withFullScreen((screen) =>
      new TopSession(screen, view, delayNs).run(times)
    );
  } catch (error) {
    if (!(error instanceof SysError) || error.code !== "ENOTTY") throw error;
    return yield* usageError(USAGE, "no terminal: -b prints instead");
  }
}
