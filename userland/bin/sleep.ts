// sleep TIME…: waits. TIME is in seconds, or with a unit: 20ms, 5us, 1.5s, 2m.

import { ms, type Program, s, sleep, us } from "kettle";
import { options, usageError } from "../lib/args.ts";

const USAGE = {
  name: "sleep",
  synopsis: "TIME[ns|us|ms|s|m|h]…",
  about: "Waits for the sum of the times.",
};
const UNITS = { "": s, ns: 1, us, ms, s, m: 60 * s, h: 3600 * s };

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  let total = 0;
  for (const time of operands) {
    const match = /^(\d+\.?\d*|\.\d+)(ns|us|ms|s|m|h|)$/.exec(time);
    if (match === null) {
      return yield* usageError(USAGE, `invalid time interval '${time}'`);
    }
    const unit = UNITS[match[2] as keyof typeof UNITS];
    total += Math.round(Number(match[1]) * unit);
  }
  yield* sleep(total);
}
