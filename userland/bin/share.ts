// share: prints a link to what is seen now. Whoever opens it sees the same run at
// the same instant. The host makes it, where it can.

import { print, type Program } from "kettle";
import { options, type Usage, usageError } from "../lib/args.ts";
import { askHost } from "../lib/host.ts";
import { complain } from "../lib/stdio.ts";

const USAGE: Usage = {
  name: "share",
  synopsis: "",
  about: "Prints a link to this run, as it is now.",
};

export default function* main(args: string[]): Program {
  const { operands } = yield* options(args, USAGE);
  const [extra] = operands;
  if (extra !== undefined) {
    return yield* usageError(USAGE, `extra operand '${extra}'`);
  }
  const { link, error = "the host gave no link" } = yield* askHost("share");
  if (typeof link !== "string") {
    return yield* complain("share", `cannot make a link: ${String(error)}`);
  }
  yield* print(link);
}
