// ln [-f] [-i] [-v] FILE… [NAME | DIRECTORY]: gives a file a second name. (Kettle
// has no symbolic links: a name always leads to an inode.)

import {
  link,
  type Program,
  type Routine,
  stat,
  SysError,
  unlink,
  write,
} from "kettle";
import { type Options, options, refuse } from "../lib/args.ts";
import { ask } from "../lib/ask.ts";
import { baseName } from "../lib/paths.ts";
import { complain } from "../lib/stdio.ts";
import { statOrNull, type Transfer, transfers } from "../lib/transfer.ts";

const USAGE = {
  name: "ln",
  synopsis: "[-f] [-i] [-v] FILE… [NAME | DIRECTORY]",
  about: "Gives a file a second name.",
  options: {
    "-f, --force": "a file of that name is removed",
    "-i, --interactive": "ask before it is removed",
    "-s, --symbolic": "refused: there are no symbolic links",
    "-t, --target-directory DIRECTORY": "into that directory",
    "-T, --no-target-directory": "NAME is the new name, never a place",
    "-v, --verbose": "tell what is made",
  },
};

export default function* main(args: string[]): Program {
  const asked = yield* options(args, USAGE);
  const { given, operands } = asked;
  if (given.s !== undefined) {
    yield* refuse(USAGE, "-s: Kettle has no symbolic links");
  }
  if (operands.length === 1 && given.t === undefined) {
    operands.push(`./${baseName(operands[0]!)}`);
  }
  let status = 0;
  for (const transfer of yield* transfers(USAGE, asked)) {
    status = Math.max(status, yield* linkOne(transfer, given));
  }
  return status;
}

function* linkOne(
  { from, to }: Transfer,
  given: Options["given"],
): Routine<number> {
  try {
    if ((yield* stat(from)).type === "directory") {
      return yield* complain(
        "ln",
        `${from}: hard link not allowed for directory`,
      );
    }
  } catch (error) {
    return yield* complain("ln", error, `failed to access '${from}'`);
  }
  try {
    const replaces = (given.f ?? given.i) !== undefined;
    const there = replaces ? yield* statOrNull(to) : null;
    if (there !== null) {
      if (there.ino === (yield* stat(from)).ino) {
        return yield* complain("ln", `'${from}' and '${to}' are the same file`);
      }
      if (given.i && !(yield* ask(`ln: replace '${to}'?`))) return 1;
      yield* unlink(to);
    }
    yield* link(from, to);
    if (given.v !== undefined) yield* write(1, `'${to}' => '${from}'\n`);
    return 0;
  } catch (error) {
    const isThere = error instanceof SysError && error.code === "EEXIST";
    const name = isThere ? `'${to}'` : `'${to}' => '${from}'`;
    return yield* complain("ln", error, `failed to create hard link ${name}`);
  }
}
