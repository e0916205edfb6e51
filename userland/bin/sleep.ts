// sleep TIME…: waits. TIME is in seconds, or with a unit: 20ms, 5us, 1.5s, 2m;
// infinity never ends by itself.

import { ms, pause, type Program, s, sleep, us } from "kettle";
import { options, usageError } from "../lib/args.ts";

const USAGE = {
  name: "sleep",
  synopsis: "TIME[ns|us|ms|s|m|h|d]…",
  about: "Waits for the sum of the times.",
};
const UNITS = {
  "": s,
  ns: 1,
  us,
  ms,
  s,
  m: 60 * s,
  h: 3600 * s,
  d: 86_400 * s,
};

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  let total = 0;
  for (const time of operands) {
    if (/^inf(?:inity)?$/i.test(time)) {
      total = Infinity;
      continue;
    }
    const match = /^(\d+\.?\d*|\.\d+)(ns|us|ms|s|m|h|d|)$/.exec(time);
    if (match === null) {
      return yield* usageError(USAGE, `invalid time interval '${time}'`);
    }
    const unit = UNITS[match[2] as keyof typeof UNITS];
    total += Math.round(Number(match[1]) * unit);
  }
  if (total < Infinity) yield* sleep(total);
  else while (true) yield* pause();
}
