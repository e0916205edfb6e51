// xargs [-n COUNT] [COMMAND [ARG]…]: runs a command with the words of standard
// input as further arguments (echo unless said).

import { type Program, readAll, SysError, text, waitpid, write } from "kettle";
import { count, options } from "../lib/args.ts";
import { spawnCommand, startFailure, startProblem } from "../lib/command.ts";

const USAGE = {
  name: "xargs",
  synopsis: "[-n COUNT] [COMMAND [ARG]…]",
  about: "Runs a command with the words of standard input as arguments.",
  options: { "-n COUNT": "at most that many words each time" },
};

export default function* main(args: string[]): Program {
  const own = args[0] === "-n" ? 2 : args[0]?.startsWith("-") ? 1 : 0;
  const { given } = yield* options(args.slice(0, own), USAGE);
  const most = yield* count(USAGE, given.n, 1000);
  const command = args.length > own ? args.slice(own) : ["echo"];
  const words = text(yield* readAll()).split(/\s+/).filter((word) => word);
  let status = 0;
  try {
    do {
      const some = words.splice(0, Math.max(1, most));
      const child = yield* spawnCommand([...command, ...some]);
      const ended = yield* waitpid(child);
      if (ended.status !== 0) status = 123;
    } while (words.length > 0);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    yield* write(2, startProblem("xargs", error) + "\n");
    return startFailure(error);
  }
  return status;
}
