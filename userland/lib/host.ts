// Asking whoever runs the world, at /dev/host: a line of JSON out, a line back.
// It does not know what can be asked. Where nobody listens, that is the answer.

import {
  close,
  open,
  print,
  read,
  type Routine,
  SysError,
  text,
  write,
} from "kettle";
import { options, type Usage } from "./args.ts";
import { CHUNK_BYTES, complain } from "./stdio.ts";
import { strerror } from "./strerror.ts";
import { join } from "./text.ts";

const NEWLINE = 10;

export type HostAnswer = Readonly<Record<string, unknown>>;

/** Asks, and waits for the answer. What goes wrong is an answer too: its `error`. */
export function* askHost(
  ask: string,
  more: Record<string, unknown> = {},
): Routine<HostAnswer> {
  try {
    const fd = yield* open("/dev/host", "r+");
    yield* write(fd, JSON.stringify({ ask, ...more }) + "\n");
    const line = yield* readAnswer(fd);
    yield* close(fd);
    return parsed(line);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return { error: `/dev/host: ${strerror(error)}` };
  }
}

function parsed(line: string): HostAnswer {
  try {
    const answer: unknown = JSON.parse(line);
    if (typeof answer === "object" && answer !== null) {
      return answer as HostAnswer;
    }
  } catch {
    // No JSON: it is told below.
  }
  return { error: "the host's answer cannot be understood" };
}

/**
 * A program that is a question to the host: its arguments are handed on as they
 * are, what comes back is printed. Gives the exit status.
 */
export function* askAndPrint(args: string[], usage: Usage): Routine<number> {
  if (args.includes("--help")) yield* options(["--help"], usage);
  const { name } = usage;
  const answer = yield* askHost(name, { args });
  if (answer.error !== undefined) {
    return yield* complain(name, String(answer.error));
  }
  const { text: told = "", status = 0 } = answer;
  if (told !== "") yield* print(String(told));
  return Number(status);
}

/** To the end of the line, or of the file. */
function* readAnswer(fd: number): Routine<string> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = yield* read(fd, CHUNK_BYTES);
    chunks.push(chunk);
    if (chunk.length === 0 || chunk.at(-1) === NEWLINE) break;
  }
  return text(join(chunks));
}
