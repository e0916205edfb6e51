// uniq [-c] [-d] [-u] [-i] [-f FIELDS] [-s CHARS] [-w CHARS] [INPUT [OUTPUT]]: of
// equal lines that follow each other keeps one.

import { open, type Program, type Routine } from "kettle";
import { noMore, type Options, options, refuse } from "../lib/args.ts";
import { byteString, fromByteString } from "../lib/lossless.ts";
import { complain, eachInput, Output, TextReader } from "../lib/stdio.ts";

const USAGE = {
  name: "uniq",
  synopsis: "[OPTION]… [INPUT [OUTPUT]]",
  about: "Of equal lines that follow each other keeps one.",
  options: {
    "-c, --count": "with the number of times",
    "-d, --repeated": "only lines that come more than once",
    "-D": "all of the lines that come more than once",
    "-u, --unique": "only lines that come once",
    "-i, --ignore-case": "small and capital letters are the same",
    "-f, --skip-fields N": "the first words do not count",
    "-s, --skip-chars N": "nor the first bytes after those",
    "-w, --check-chars N": "only so many bytes count",
    "-z, --zero-terminated": "lines end with a zero byte",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  yield* noMore(USAGE, operands, 2);
  const keyOf = yield* comparison(given);
  const [input = "-", file] = operands;
  let to = 1;
  try {
    if (file !== undefined && file !== "-") to = yield* open(file, "w");
  } catch (error) {
    return yield* complain("uniq", error);
  }
  return yield* eachInput("uniq", [input], (fd) => {
    return filter(fd, new Output(to, fromByteString), keyOf, given);
  }, { read: (name) => `error reading '${name}'` });
}

/** What of a line counts. */
function* comparison(
  given: Options["given"],
): Routine<(line: string) => string> {
  const number = function* (letter: string, what: string, otherwise: number) {
    const text = String(given[letter] ?? otherwise);
    if (given[letter] === undefined || /^\d+$/.test(text)) return Number(text);
    return yield* refuse(USAGE, `${text}: invalid number of ${what}`);
  };
  const fields = yield* number("f", "fields to skip", 0);
  const skip = yield* number("s", "bytes to skip", 0);
  const width = yield* number("w", "bytes to compare", Infinity);
  const leading = new RegExp(`^(?:[ \\t\\n]*[^ \\t\\n]+){0,${fields}}`);
  return (line) => {
    let key = fields > 0 ? line.slice(leading.exec(line)![0].length) : line;
    if (skip > 0 || width < Infinity) key = key.slice(skip, skip + width);
    return given.i === undefined
      ? key
      : key.replace(/[a-z]+/g, (run) => run.toUpperCase());
  };
}

function* filter(
  fd: number,
  output: Output,
  keyOf: (line: string) => string,
  given: Options["given"],
): Routine {
  const zero = given.z !== undefined;
  const end = zero ? "\0" : "\n";
  const lines = new TextReader(fd, {
    toText: byteString,
    end: zero ? 0 : 10,
    output,
  });
  let before: string | null = null, key = "", times = 0;
  while (true) {
    const line = lines.take() ?? (yield* lines.next());
    const next = line === null ? null : keyOf(line);
    if (before !== null && next === key) {
      if (given.D && times === 1) yield* output.write(before + end);
      if (given.D) yield* output.write(line! + end);
      times += 1;
      continue;
    }
    const wanted = times > 1 ? !given.u : !given.d && !given.D;
    if (before !== null && wanted && !(given.D && times > 1)) {
      const number = given.c ? String(times).padStart(7) + " " : "";
      yield* output.write(number + before + end);
    }
    if (line === null) break;
    [before, key, times] = [line, next!, 1];
  }
  yield* output.flush();
}
