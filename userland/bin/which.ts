// which [-a] NAME…: where the program lies that a name means. Status 1 if one means
// none.

import { environ, print, type Program, stat, SysError } from "kettle";
import { options } from "../lib/args.ts";
import { candidates } from "../lib/command.ts";

const USAGE = {
  name: "which",
  synopsis: "[-a] NAME…",
  about: "Tells where the program lies that a name means.",
  options: { "-a, --all": "all of that name in PATH" },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const { PATH } = yield* environ();
  let status = operands.length === 0 ? 1 : 0;
  for (const name of operands) {
    let found = 0;
    for (const file of candidates(name, PATH)) {
      try {
        if ((yield* stat(file)).type !== "file") continue;
        found++;
        yield* print(file);
        if (given.a === undefined) break;
      } catch (error) {
        if (!(error instanceof SysError)) throw error;
        if (error.call === "write") throw error;
      }
    }
    if (found === 0) status = 1;
  }
  return status;
}
