// mkdir [-p] DIRECTORY…: makes directories; with -p also those above them, and
// one that exists already is no failure.

import { mkdir, type Program, type Routine, stat, SysError } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "mkdir",
  synopsis: "[-p] DIRECTORY…",
  about: "Makes directories.",
  options: { "-p, --parents": "also those above; no failure if it exists" },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  let status = 0;
  for (const path of operands) {
    try {
      if (given.p !== undefined) yield* makeAll(path);
      else yield* mkdir(path);
    } catch (error) {
      status = yield* complain("mkdir", error);
    }
  }
  return status;
}

function* makeAll(path: string): Routine {
  const root = path.startsWith("/") ? "/" : "";
  let made = "";
  for (const name of path.split("/").filter((part) => part !== "")) {
    made += (made === "" ? root : "/") + name;
    try {
      yield* mkdir(made);
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "EEXIST") throw error;
      if ((yield* stat(made)).type !== "directory") throw error;
    }
  }
}
