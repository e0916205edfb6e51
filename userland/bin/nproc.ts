// nproc: how many CPUs the machine has.

import { print, type Program } from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { fileText } from "../lib/proc.ts";

const USAGE = {
  name: "nproc",
  synopsis: "[--all] [--ignore=N]",
  about: "Tells how many CPUs the machine has.",
  options: {
    "--all": "nothing: all of them can be used",
    "--ignore N": "N less, but at least 1",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands: [extra] } = yield* options(args, USAGE);
  if (extra !== undefined) yield* usageError(USAGE, `extra operand '${extra}'`);
  const ignored = yield* count(USAGE, given.ignore, 0);
  const text = yield* fileText("/proc/cpuinfo");
  const cpus = text.match(/^processor/gm)?.length ?? 1;
  yield* print(Math.max(1, cpus - ignored));
}
