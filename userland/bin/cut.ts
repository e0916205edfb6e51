// cut -f LIST [-d CHARACTER] | -c LIST [FILE]…: of each line some fields (between
// tabs, or CHARACTER) or some characters. LIST: 1,3-5,7-

import { type Program, text } from "kettle";
import { options, usageError } from "../lib/args.ts";
import { eachInput, LineReader, Output } from "../lib/stdio.ts";

const USAGE = {
  name: "cut",
  synopsis: "-f LIST [-d CHARACTER] | -c LIST [FILE]…",
  about: "Writes some fields, or some characters, of each line.",
  options: {
    "-f, --fields LIST": "these fields: 1,3-5,7-",
    "-c, --characters LIST": "these characters",
    "-d, --delimiter CHARACTER": "what is between fields, instead of a tab",
  },
};

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const wanted = rangesOf(String(given.f ?? given.c ?? ""));
  if (wanted === null) {
    return yield* usageError(USAGE, "which fields or characters? (-f or -c)");
  }
  const separator = given.c === undefined ? String(given.d ?? "\t") : "";
  return yield* eachInput("cut", operands, function* (fd) {
    const output = new Output();
    const lines = new LineReader(fd);
    while (true) {
      const bytes = yield* lines.next();
      if (bytes === null) break;
      const line = text(bytes).replace(/\n$/, "");
      const parts = separator === "" ? [...line] : line.split(separator);
      const kept = parts.filter((_, index) => wanted(index + 1));
      const whole = separator !== "" && parts.length === 1;
      yield* output.write((whole ? line : kept.join(separator)) + "\n");
    }
    yield* output.flush();
  });
}

/** `1,3-5,7-` as a test of a number; null if it is no such list. */
function rangesOf(list: string): ((number: number) => boolean) | null {
  const ranges: [number, number][] = [];
  for (const part of list.split(",")) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (match === null || part === "" || part === "-") return null;
    const [, from = "", dash, to = ""] = match;
    const first = Number(from || "1");
    const last = dash === "" ? first : to === "" ? Infinity : Number(to);
    ranges.push([first, last]);
  }
  return (number) =>
    ranges.some(([from, to]) => from <= number && number <= to);
}
