// uname: what system this is.

import { print, type Program } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { fileText } from "../lib/proc.ts";

const USAGE = {
  name: "uname",
  synopsis: "[-asnrvmo]",
  about: "Tells what system this is.",
  options: {
    "-a, --all": "all of it",
    "-s, --kernel-name": "the name of the kernel",
    "-n, --nodename": "the name of the machine",
    "-r, --kernel-release": "its release",
    "-v, --kernel-version": "its version",
    "-m, --machine": "what kind of machine",
    "-o, --operating-system": "the operating system",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands: [extra] } = yield* options(args, USAGE);
  if (extra !== undefined) yield* usageError(USAGE, `extra operand '${extra}'`);
  const version = yield* fileText("/proc/version");
  const [, release = "", name = ""] =
    /version (\S+) \((?:.*)\)(?: on (\S+))?/.exec(version) ?? [];
  const parts: [string, string][] = [
    ["s", "Kettle"],
    ["n", name],
    ["r", release],
    ["v", "virtual-time"],
    ["m", "generator"],
    ["o", "Kettle"],
  ];
  const some = parts.some(([letter]) => given[letter] !== undefined);
  const chosen = parts.filter(([letter]) =>
    given.a !== undefined || given[letter] !== undefined ||
    (!some && letter === "s")
  );
  yield* print(chosen.map(([, text]) => text).join(" "));
}
