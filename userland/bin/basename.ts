// basename PATH [SUFFIX], basename -a [-s SUFFIX] PATH…: the last name of a path.

import { type Program, write } from "kettle";
import { noMore, options, usageError } from "../lib/args.ts";
import { baseName } from "../lib/paths.ts";

const USAGE = {
  name: "basename",
  synopsis: "PATH [SUFFIX] | [-a] [-s SUFFIX] PATH…",
  about: "Prints the last name of a path.",
  options: {
    "-a, --multiple": "all operands are paths",
    "-s, --suffix SUFFIX": "without that at the end; as -a",
    "-z, --zero": "a zero byte after each, not a newline",
  },
  stops: true,
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  if (operands.length === 0) yield* usageError(USAGE, "missing operand");
  const isMany = (given.a ?? given.s) !== undefined;
  if (!isMany) yield* noMore(USAGE, operands, 2);
  const paths = isMany ? operands : operands.slice(0, 1);
  const suffix = isMany ? String(given.s ?? "") : operands[1] ?? "";
  const end = given.z === undefined ? "\n" : "\0";
  for (const path of paths) {
    const name = baseName(path);
    const cut = suffix !== "" && name !== suffix && name.endsWith(suffix);
    yield* write(1, (cut ? name.slice(0, -suffix.length) : name) + end);
  }
}
