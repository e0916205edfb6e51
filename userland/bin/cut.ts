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

export default function* main(args: string[]): Program {
  const { given, operands } = yield* options(args, USAGE);
  const problem = problemOf(given);
  if (problem !== null) return yield* usageError(USAGE, problem);
  const kind = given.f !== undefined ? "f" : given.c !== undefined ? "c" : "b";
  const listed = rangesOf(String(given[kind]), kind === "f");
  if (typeof listed === "string") return yield* usageError(USAGE, listed);
  const ranges = given.complement === undefined ? listed : complement(listed);
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
      const line = lines.take() ?? (yield* lines.next());
      if (line === null) break;
      const kept = cut(line);
      if (kept !== null && output.add(kept + newline)) yield* output.flush();
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
  ranges: Range[],
): (line: string) => string | null {
  const separator = String(given.d ?? "\t") || "\0";
  const between = String(given["output-delimiter"] ?? separator);
  return (line) => {
    const fields = line.split(separator);
    if (fields.length === 1) return given.s === undefined ? line : null;
    const kept = ranges.flatMap(([from, to]) => fields.slice(from - 1, to));
    return kept.join(between);
  };
}

/** Of characters or bytes; something between them only where a range begins. */
function cutter(
  given: Options["given"],
  ranges: Range[],
): (line: string) => string {
  const between = String(given["output-delimiter"] ?? "");
  return (line) => {
    // A string can be cut as it is, if each character is one of its units.
    const chars = /[\ud800-\udbff]/.test(line) ? [...line] : null;
    const pieces: string[] = [];
    for (const [from, to] of ranges) {
      if (from > (chars ?? line).length) break;
      pieces.push(
        chars === null
          ? line.slice(from - 1, to)
          : chars.slice(from - 1, to).join(""),
      );
    }
    return pieces.join(between);
  };
}

/** From and to, both in it, counted from 1. */
type Range = [number, number];

/** What is not in these ranges, which are in order. */
function complement(ranges: Range[]): Range[] {
  const rest: Range[] = [];
  let next = 1;
  for (const [from, to] of ranges) {
    if (from > next) rest.push([next, from - 1]);
    next = to + 1;
  }
  if (next < Infinity) rest.push([next, Infinity]);
  return rest;
}

/** In order, and those that overlap as one. */
function merged(ranges: Range[]): Range[] {
  const result: Range[] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** `1,3-5,7-` or `1 3-5` as ranges, or what is wrong with it. */
function rangesOf(list: string, isFields: boolean): Range[] | string {
  const what = isFields ? "fields are" : "byte/character positions are";
  const ranges: Range[] = [];
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
  return merged(ranges);
}
