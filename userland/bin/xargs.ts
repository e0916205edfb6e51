// xargs [-0] [-n COUNT] [-L LINES] [-I MARK] [-P COUNT] [-d CHAR] [-r] [-t] [COMMAND
// [ARG]…]: runs a command with the words of standard input as further arguments.

import {
  close,
  open,
  type Program,
  type Routine,
  SIGNALS,
  SysError,
  waitpid,
  write,
} from "kettle";
import { type Options, options, refuse, usageError } from "../lib/args.ts";
import { spawnCommand, startFailure, startProblem } from "../lib/command.ts";
import { complain } from "../lib/stdio.ts";
import { type Cutting, ItemReader } from "../lib/items.ts";

const USAGE = {
  name: "xargs",
  synopsis: "[OPTION]… [COMMAND [ARG]…]",
  about: "Runs a command with the words of standard input as arguments.",
  options: {
    "-0, --null": "zero bytes are between the words",
    "-a, --arg-file FILE": "words from a file",
    "-d, --delimiter CHAR": "that is between the words",
    "-I, --replace MARK": "put each line in place of MARK",
    "-L, --max-lines LINES": "the words of so many lines each time",
    "-n, --max-args COUNT": "at most that many words each time",
    "-P, --max-procs COUNT": "so many commands at the same time; 0: all",
    "-r, --no-run-if-empty": "without words do nothing",
    "-t, --verbose": "tell each command",
    "-x, --exit": "nothing",
  },
  stops: true,
};
/** Characters of one command's arguments, as GNU's xargs has it. */
const COMMAND_LENGTH_MAX = 131_072;

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const command = operands.length === 0 ? ["echo"] : operands;
  try {
    const fd = given.a === undefined ? 0 : yield* open(String(given.a));
    const items = new ItemReader(fd, cuttingOf(given));
    const width = yield* number(given, "P", 1);
    const runner = new Runner(given.t !== undefined, width || Infinity);
    yield* runAll(items, command, given, runner);
    yield* runner.finish();
    return items.problem === null
      ? runner.status
      : yield* complain("xargs", items.problem);
  } catch (error) {
    return yield* complain("xargs", error);
  }
}

function* number(
  given: Options["given"],
  letter: string,
  otherwise: number,
): Routine<number> {
  const value = given[letter];
  if (value === undefined) return otherwise;
  if (!/^\d+$/.test(String(value))) {
    const why = `invalid number "${value}" for -${letter} option`;
    yield* usageError(USAGE, why);
  }
  if (Number(value) === 0 && letter !== "P") {
    yield* usageError(USAGE, `value 0 for -${letter} option should be >= 1`);
  }
  return Number(value);
}

function cuttingOf(given: Options["given"]): Cutting {
  const lines = given.I !== undefined;
  if (given["0"] !== undefined) return { between: 0, lines };
  if (given.d === undefined) return { between: null, lines };
  const names: Record<string, string> = {
    "\\n": "\n",
    "\\t": "\t",
    "\\0": "\0",
  };
  const between = names[String(given.d)] ?? String(given.d);
  return { between: between.charCodeAt(0) & 255, lines };
}

/** Runs the command again and again while there are items. */
function* runAll(
  items: ItemReader,
  command: string[],
  given: Options["given"],
  runner: Runner,
): Routine {
  const most = yield* number(given, "n", Infinity);
  const lines = yield* number(given, "L", Infinity);
  const mark = given.I === undefined ? null : String(given.I);
  const fixed = command.join(" ").length;
  let words: string[] = [], length = 0, begun = -Infinity, seen = 0;
  while (!runner.isOver) {
    const item = yield* items.next();
    if (item === null) break;
    const { text, line } = item;
    if (mark !== null) {
      yield* runner.start(command.map((word) => word.split(mark).join(text)));
      continue;
    }
    if (line !== begun) seen++;
    const isFull = words.length >= most || seen > lines ||
      fixed + length + text.length + 1 > COMMAND_LENGTH_MAX;
    if (words.length > 0 && isFull) {
      yield* runner.start([...command, ...words]);
      [words, length, seen] = [[], 0, 1];
    }
    if (fixed + text.length + 1 > COMMAND_LENGTH_MAX) {
      yield* refuse(USAGE, "argument line too long");
    }
    begun = line;
    words.push(text);
    length += text.length + 1;
  }
  const isEmpty = begun < 0 && given.r === undefined && mark === null &&
    items.problem === null;
  if (words.length > 0 || isEmpty) yield* runner.start([...command, ...words]);
}

/** Runs commands, some at the same time, and gathers what became of them. */
class Runner {
  status = 0;
  isOver = false;
  /** What runs, by its pid. */
  readonly #running = new Map<number, string>();

  constructor(readonly tells: boolean, readonly width: number) {}

  *start(call: string[]): Routine {
    while (this.#running.size >= this.width) yield* this.#collect();
    if (this.isOver) return;
    if (this.tells) yield* write(2, `${call.map(quoted).join(" ")}\n`);
    const nothing = yield* open("/dev/null");
    try {
      const fds = { 0: nothing, 1: 1, 2: 2 };
      this.#running.set(yield* spawnCommand(call, { fds }), call[0]!);
      if (this.width === 1) yield* this.#collect();
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      yield* write(2, startProblem("xargs", error) + "\n");
      this.status = startFailure(error);
      this.isOver = true;
    }
    yield* close(nothing);
  }

  *finish(): Routine {
    while (this.#running.size > 0) yield* this.#collect();
  }

  *#collect(): Routine {
    const { pid, status, signal } = yield* waitpid();
    const name = this.#running.get(pid);
    this.#running.delete(pid);
    if (signal !== undefined) {
      yield* complain(
        "xargs",
        `${name}: terminated by signal ${SIGNALS[signal]}`,
      );
      [this.status, this.isOver] = [125, true];
    } else if (status === 255) {
      yield* complain("xargs", `${name}: exited with status 255; aborting`);
      [this.status, this.isOver] = [124, true];
    } else if (status !== 0 && this.status === 0) this.status = 123;
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}
