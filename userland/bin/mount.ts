// mount: what is mounted where. (Nothing can be mounted or taken away: a machine
// has one disk.)

import { open, print, type Program, readAll, text } from "kettle";
import { options, usageError } from "../lib/args.ts";

const USAGE = {
  name: "mount",
  synopsis: "",
  about: "Tells what is mounted where.",
};

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  if (operands.length > 0) {
    yield* usageError(USAGE, "there is one disk, and it is mounted already");
  }
  const mounts = text(yield* readAll(yield* open("/proc/mounts")));
  for (const line of mounts.trimEnd().split("\n")) {
    const [what, where, type, how] = line.split(" ");
    yield* print(`${what} on ${where} type ${type} (${how})`);
  }
}
