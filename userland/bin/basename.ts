// basename PATH [SUFFIX]: the last name of a path.

import { print, type Program } from "kettle";
import { usageError } from "../lib/args.ts";
import { baseName } from "../lib/paths.ts";

const USAGE = {
  name: "basename",
  synopsis: "PATH [SUFFIX]",
  about: "Prints the last name of a path.",
};

export default function* main(args: string[]): Program {
  const [path, suffix = ""] = args;
  if (path === undefined) return yield* usageError(USAGE, "missing operand");
  const name = baseName(path);
  const cut = suffix !== "" && name !== suffix && name.endsWith(suffix);
  yield* print(cut ? name.slice(0, -suffix.length) : name);
}
