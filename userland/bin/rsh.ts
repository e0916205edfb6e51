// rsh [-p PORT] HOST COMMAND [ARG]…: runs a command line on another machine, where
// rshd listens, and prints what it prints. The words are put together and read by
// a shell over there, so quote what this one is not to touch. Its standard input
// is empty.

import {
  bytes,
  close,
  connect,
  type Program,
  read,
  type Routine,
  socket,
  SysError,
  write,
} from "kettle";
import { count, options, usageError } from "../lib/args.ts";
import { FrameReader, SHELL_PORT } from "../lib/remote.ts";
import { CHUNK_BYTES } from "../lib/stdio.ts";

const USAGE = {
  name: "rsh",
  synopsis: "[-p PORT] HOST COMMAND [ARG]…",
  about: "Runs a command line on another machine, where rshd listens.\n" +
    "Its status is that of the command, or 255 if there is no answer.",
  options: { "-p, --port PORT": "where rshd listens (514)" },
  trouble: 255,
};
const NO_ANSWER = 255;

export default function* main(args: string[]): Program {
  const own = ownWords(args);
  const { given, operands } = yield* options(args.slice(0, own), USAGE);
  const port = yield* count(USAGE, given.p, SHELL_PORT);
  const [host] = operands;
  const command = args.slice(own).join(" ");
  if (host === undefined || command.trim() === "") {
    return yield* usageError(USAGE, "must have a HOST and a COMMAND");
  }
  if (command.includes("\n")) {
    return yield* usageError(USAGE, "the command must be one line");
  }
  try {
    const server = yield* socket();
    yield* connect(server, { host, port });
    yield* write(server, bytes(`${command}\n`));
    return yield* printAnswer(server, host);
  } catch (error) {
    if (!(error instanceof SysError) && !(error instanceof RangeError)) {
      throw error;
    }
    return yield* complain(host, error.message);
  }
}

/** How many of the words are ours: up to the host. */
function ownWords(args: string[]): number {
  let at = 0;
  while (args[at]?.startsWith("-")) {
    at += ["-p", "--port"].includes(args[at]!) ? 2 : 1;
  }
  return Math.min(args.length, at + 1);
}

/** Prints what comes, and gives the status that comes last. */
function* printAnswer(server: number, host: string): Routine<number> {
  const reader = new FrameReader();
  while (true) {
    const arrived = yield* read(server, CHUNK_BYTES);
    if (arrived.length === 0) {
      return yield* complain(host, "the connection ended before the command");
    }
    for (const frame of reader.take(arrived)) {
      if (frame.kind === "exit") {
        yield* close(server);
        return frame.status;
      }
      yield* write(frame.kind === "output" ? 1 : 2, frame.data);
    }
  }
}

function* complain(host: string, why: string): Routine<number> {
  const short = why.replace(/^.*?: (?=E[A-Z]+, )/, "");
  yield* write(2, `rsh: ${host}: ${short}\n`);
  return NO_ANSWER;
}
