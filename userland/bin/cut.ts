// cut -f LIST [-d CHAR] [-s] | -c LIST | -b LIST [--complement] [FILE]…: of each
// line some fields (between tabs, or CHAR), characters or bytes. LIST: 1,3-5,7-
//
// Divergence from Linux: -c counts characters, as POSIX has it; GNU's counts bytes.

import type { Program } from "kettle";
import { type Options, options, usageError } from "../lib/args.ts";
import { byteString, decode, encode, fromByteString } from "../lib/lossless.ts";
import { eachInput, Output, TextReader } from "../lib/stdio.ts";

const USAGE = {
  name: "cut",
  synopsis: "-f LIST [-d CHAR] [-s] | -c LIST | -b LIST [FILE]…",
  about: "Writes some fields, characters or bytes of each line.",
  options: {
    "-f, --fields LIST": "these fields: 1,3-5,7-",
    "-c, --characters LIST": "these characters",
    "-b, --bytes LIST": "these bytes",
    "-d, --delimiter CHAR": "what is between fields, instead of a tab",
    "-s, --only-delimited": "no lines without a delimiter",
    "--complement": "all but these",
    "--output-delimiter TEXT": "what is written between them",
    "-z, --zero-terminated": "lines end with a zero byte",
    "-n": "nothing",
  },
};

type Wanted = (number: number) => boolean;

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const problem = problemOf(given);
  if (problem !== null) return yield* usageError(USAGE, problem);
  const kind = given.f !== undefined ? "f" : given.c !== undefined ? "c" : "b";
  const ranges = rangesOf(String(given[kind]), kind === "f");
  if (typeof ranges === "string") return yield* usageError(USAGE, ranges);
  const [toText, toBytes] = kind === "b"
    ? [byteString, fromByteString]
    : [decode, encode];
  const cut = kind === "f" ? fieldCutter(given, ranges) : cutter(given, ranges);
  const end = given.z === undefined ? 10 : 0;
  const newline = String.fromCharCode(end);
  return yield* eachInput("cut", operands, function* (fd) {
    const output = new Output(1, toBytes);
    const lines = new TextReader(fd, { toText, end, output });
    while (true) {
      const line = yield* lines.next();
      if (line === null) break;
      const kept = cut(line);
      if (kept !== null) yield* output.write(kept + newline);
    }
    yield* output.flush();
  });
}

function problemOf(given: Options["given"]): string | null {
  const kinds = ["b", "c", "f"].filter((kind) => given[kind] !== undefined);
  if (kinds.length === 0) {
    return "you must specify a list of bytes, characters, or fields";
  }
  if (kinds.length > 1) return "only one list may be specified";
  if (given.f === undefined && given.d !== undefined) {
    return "an input delimiter may be specified only when operating on fields";
  }
  if (given.f === undefined && given.s !== undefined) {
    return "suppressing non-delimited lines makes sense\n\tonly when operating on fields";
  }
  const isOne = given.d === undefined || [...String(given.d)].length <= 1;
  return isOne ? null : "the delimiter must be a single character";
}

function fieldCutter(
  given: Options["given"],
  { wanted }: Ranges,
): (line: string) => string | null {
  const separator = String(given.d ?? "\t") || "\0";
  const between = String(given["output-delimiter"] ?? separator);
  const isWanted = complement(given, wanted);
  return (line) => {
    const fields = line.split(separator);
    if (fields.length === 1) return given.s === undefined ? line : null;
    return fields.filter((_, index) => isWanted(index + 1)).join(between);
  };
}

/** Of characters or bytes; something between them only where a range begins. */
function cutter(
  given: Options["given"],
  { wanted, starts }: Ranges,
): (line: string) => string {
  const between = given["output-delimiter"];
  const isWanted = complement(given, wanted);
  return (line) => {
    let kept = "";
    let index = 0, last = 0;
    for (const char of line) {
      index++;
      if (!isWanted(index)) continue;
      const isGap = index !== last + 1 || starts.has(index);
      if (between !== undefined && kept !== "" && isGap) kept += between;
      kept += char;
      last = index;
    }
    return kept;
  };
}

function complement(given: Options["given"], wanted: Wanted): Wanted {
  return given.complement === undefined ? wanted : (number) => !wanted(number);
}

interface Ranges {
  wanted: Wanted;
  starts: Set<number>;
}

/** `1,3-5,7-` or `1 3-5` as a test of a number, or what is wrong with it. */
function rangesOf(list: string, isFields: boolean): Ranges | string {
  const what = isFields ? "fields are" : "byte/character positions are";
  const ranges: [number, number][] = [];
  for (const part of list.split(/[, \t]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (match === null) {
      const kind = isFields ? "field" : "byte/character";
      const bad = part.replace(/^[\d-]*/, "");
      return bad === ""
        ? `invalid ${kind} range`
        : `invalid ${
          isFields ? "field value" : "byte/character position"
        } '${bad}'`;
    }
    const [, from = "", dash, to = ""] = match;
    if (part === "-") return "invalid range with no endpoint: -";
    if (part === "" || from !== "" && Number(from) === 0) {
      return `${what} numbered from 1`;
    }
    const first = Number(from || "1");
    const last = dash === "" ? first : to === "" ? Infinity : Number(to);
    if (last < first) return "invalid decreasing range";
    ranges.push([first, last]);
  }
  const starts = new Set(ranges.map(([from]) => from));
  const wanted = (number: number) =>
    ranges.some(([from, to]) => from <= number && number <= to);
  return { wanted, starts };
}
