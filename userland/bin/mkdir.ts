// mkdir [-p] [-v] DIRECTORY…: makes directories; with -p also those above them, and
// one that exists already is no failure.

import {
  mkdir,
  type Program,
  type Routine,
  stat,
  SysError,
  write,
} from "kettle";
import { options, usageError } from "../lib/args.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "mkdir",
  synopsis: "[-p] [-v] DIRECTORY…",
  about: "Makes directories.",
  options: {
    "-m, --mode MODE": "nothing: there are no permissions",
    "-p, --parents": "also those above; no failure if it exists",
    "-v, --verbose": "tell what is made",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  const verbose = given.v !== undefined;
  let status = 0;
  for (const path of operands) {
    try {
      if (given.p !== undefined) yield* makeAll(path, verbose);
      else yield* make(path, verbose);
    } catch (error) {
      const what = error instanceof SysError ? error.path ?? path : path;
      const about = `cannot create directory '${what}'`;
      status = yield* complain("mkdir", error, about);
    }
  }
  return status;
}

function* make(path: string, verbose: boolean): Routine {
  yield* mkdir(path);
  if (verbose) yield* write(1, `mkdir: created directory '${path}'\n`);
}

function* makeAll(path: string, verbose: boolean): Routine {
  const root = path.startsWith("/") ? "/" : "";
  let made = "";
  for (const name of path.split("/").filter((part) => part !== "")) {
    made += (made === "" ? root : "/") + name;
    try {
      yield* make(made, verbose);
    } catch (error) {
      if (!(error instanceof SysError) || error.code !== "EEXIST") throw error;
      if ((yield* stat(made)).type === "directory") continue;
      if (made.length >= path.replace(/\/+$/, "").length) throw error;
      throw new SysError("ENOTDIR", "mkdir", { path: made });
    }
  }
}
