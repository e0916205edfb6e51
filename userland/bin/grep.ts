// grep [-i] [-v] [-n] [-c] [-q] PATTERN [FILE]…: writes the lines in which the
// regular expression is found. Status 0 if there was one, 1 if not, 2 for trouble.

import { type Program, type Routine, text } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { eachInput, LineReader, Output } from "../lib/stdio.ts";

const USAGE = {
  name: "grep",
  synopsis: "[-i] [-v] [-n] [-c] [-q] PATTERN [FILE]…",
  about: "Writes the lines in which a regular expression is found.",
  options: {
    "-i, --ignore-case": "small and capital letters are the same",
    "-v, --invert-match": "the lines in which it is not found",
    "-n, --line-number": "number the lines",
    "-c, --count": "only how many lines",
    "-q, --quiet": "nothing; the status tells",
    "-F, --fixed-strings": "the pattern is plain text",
    "-E": "nothing: patterns are always extended",
  },
  trouble: 2,
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const [pattern, ...files] = operands;
  if (pattern === undefined) return yield* usageError(USAGE, "missing pattern");
  const matcher = compile(pattern, given);
  if (matcher === null) {
    return yield* usageError(USAGE, `bad regular expression: ${pattern}`);
  }
  let total = 0;
  const status = yield* eachInput("grep", files, function* (fd, file) {
    const name = files.length > 1 ? `${file}:` : "";
    total += yield* search(fd, matcher, given, name);
  });
  return status > 0 ? 2 : total > 0 ? 0 : 1;
}

function compile(
  pattern: string,
  given: Record<string, unknown>,
): RegExp | null {
  const plain = given.F !== undefined;
  const source = plain
    ? pattern.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
    : pattern;
  try {
    return new RegExp(source, given.i !== undefined ? "iu" : "u");
  } catch {
    return null;
  }
}

function* search(
  fd: number,
  matcher: RegExp,
  given: Record<string, unknown>,
  name: string,
): Routine<number> {
  const output = new Output();
  const lines = new LineReader(fd);
  const silent = given.c !== undefined || given.q !== undefined;
  let found = 0;
  for (let number = 1;; number += 1) {
    const bytes = yield* lines.next();
    if (bytes === null) break;
    const line = text(bytes).replace(/\n$/, "");
    if (matcher.test(line) === (given.v !== undefined)) continue;
    found += 1;
    if (silent) continue;
    const prefix = given.n !== undefined ? `${number}:` : "";
    yield* output.write(`${name}${prefix}${line}\n`);
  }
  if (given.c !== undefined) yield* output.write(`${name}${found}\n`);
  yield* output.flush();
  return found;
}
