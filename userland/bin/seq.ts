// seq [FIRST [STEP]] LAST: prints the numbers from FIRST to LAST.

import type { Program } from "kettle";
import { usageError } from "../lib/args.ts";
import { Output } from "../lib/stdio.ts";

const USAGE = {
  name: "seq",
  synopsis: "[FIRST [STEP]] LAST",
  about: "Prints numbers, one a line.",
};
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)$/;

export default function* main(args: string[]): Program {
  const bad = args.find((arg) => !NUMBER.test(arg));
  if (bad !== undefined) {
    return yield* usageError(USAGE, `invalid number: '${bad}'`);
  }
  if (args.length < 1 || args.length > 3) {
    return yield* usageError(USAGE, "one to three numbers, please");
  }
  const last = Number(args.at(-1));
  const first = args.length > 1 ? Number(args[0]) : 1;
  const step = args.length > 2 ? Number(args[1]) : 1;
  if (step === 0) return yield* usageError(USAGE, "the step is zero");
  const places = Math.max(...args.map(decimals));
  const output = new Output();
  const sign = Math.sign(step);
  // By multiplying: adding 0.1 again and again would drift.
  for (let index = 0;; index += 1) {
    const value = first + index * step;
    if (sign * Number(value.toFixed(places)) > sign * last) break;
    yield* output.write(`${value.toFixed(places)}\n`);
  }
  yield* output.flush();
}

function decimals(number: string): number {
  return (number.split(".")[1] ?? "").length;
}
