// grep [OPTION]… PATTERN [FILE]…: writes the lines in which a regular expression is
// found. Status 0 if there was one, 1 if not, 2 for trouble.

import {
  close,
  isatty,
  open,
  type Program,
  readAll,
  type Routine,
  text,
} from "kettle";
import { type Options, options, refuse } from "../lib/args.ts";
import { FileSearch, type SearchStyle } from "../lib/file_search.ts";
import { Walk } from "../lib/grep_walk.ts";
import { LineMatcher, type Syntax } from "../lib/line_matcher.ts";
import { RegexError } from "../lib/regex.ts";
import { complain } from "../lib/stdio.ts";

const USAGE = {
  name: "grep",
  synopsis: "[OPTION]… PATTERN [FILE]…",
  usageLine: "Usage: grep [OPTION]... PATTERNS [FILE]...",
  about: "Writes the lines in which a regular expression is found.",
  options: {
    "-E, --extended-regexp": "patterns have + ? | ( ) { } without backslash",
    "-F, --fixed-strings": "patterns are plain text",
    "-G, --basic-regexp": "patterns have \\+ \\? \\| \\( \\) \\{ \\}",
    "-P, --perl-regexp": "patterns are those of JavaScript",
    "-e, --regexp PATTERN": "a pattern; there may be several",
    "-f, --file FILE": "patterns, one a line, from a file",
    "-i, -y, --ignore-case": "small and capital letters are the same",
    "-v, --invert-match": "the lines in which it is not found",
    "-w, --word-regexp": "only whole words",
    "-x, --line-regexp": "only whole lines",
    "-c, --count": "only how many lines",
    "-l, --files-with-matches": "only the names of files with such lines",
    "-L, --files-without-match": "only the names of files without",
    "-m, --max-count COUNT": "no more lines of a file",
    "-o, --only-matching": "only what was found, each on a line",
    "-q, --quiet, --silent": "nothing; the status tells",
    "-s, --no-messages": "no word of files that cannot be read",
    "-b, --byte-offset": "where in the file it is",
    "-n, --line-number": "number the lines",
    "-H, --with-filename": "always the name of the file",
    "-h, --no-filename": "never the name of the file",
    "-A, --after-context COUNT": "so many lines after it, too",
    "-B, --before-context COUNT": "so many lines before it, too",
    "-C, --context COUNT": "so many lines around it, too",
    "-a, --text": "bytes that are no text are shown as they are",
    "-r, -R, --recursive": "all files in directories",
    "--include GLOB": "with -r only files of that name",
    "--exclude GLOB": "with -r no files of that name",
    "--exclude-dir GLOB": "with -r no directories of that name",
    "--line-buffered": "nothing: output never waits",
    "-z, --null-data": "lines end with a zero byte",
    "--color, --colour[=WHEN]": "show in colour what was found",
  },
  trouble: 2,
};

export default function* main(args: string[]): Program {
  const asked = yield* options(numbered(args), USAGE);
  const { given } = asked;
  const files = [...asked.operands];
  const matcher = yield* patternsOf(asked, files);
  const recursive = given.r !== undefined;
  if (files.length === 0) files.push(recursive ? "." : "-");
  const named = given.h === undefined &&
    (given.H !== undefined || files.length > 1 || recursive);
  const search = new FileSearch(matcher, yield* styleOf(given, named));
  const walk = new Walk(search, given);
  for (const file of files) {
    yield* walk.visit(
      file,
      files[0] === "." && asked.operands.length < 2,
      true,
    );
    if (given.q !== undefined && search.selected > 0) return 0;
  }
  yield* search.output.flush();
  if (walk.failed) return 2;
  return search.selected > 0 ? 0 : 1;
}

/** `-3` as `-C 3`. */
function numbered(args: string[]): string[] {
  const end = args.indexOf("--");
  return args.map((arg, at) =>
    /^-\d+$/.test(arg) && (end < 0 || at < end) ? `-C${arg.slice(1)}` : arg
  );
}

function* patternsOf(
  { given, order }: Options,
  files: string[],
): Routine<LineMatcher> {
  const patterns: string[] = [];
  for (const { key, value } of order) {
    if (key === "e") patterns.push(String(value));
    if (key === "f") patterns.push(...yield* patternFile(String(value)));
  }
  if (given.e === undefined && given.f === undefined) {
    const first = files.shift();
    if (first === undefined) {
      return yield* refuse(
        { ...USAGE, name: "Usage" },
        "grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.",
      );
    }
    patterns.push(first);
  }
  const last = order.findLast(({ key }) => "EFGP".includes(key));
  try {
    return new LineMatcher(patterns, {
      syntax: (last?.key ?? "G") as Syntax,
      ignoreCase: given.i !== undefined,
      word: given.w !== undefined,
      line: given.x !== undefined,
    });
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    return yield* refuse(USAGE, error.message);
  }
}

function* patternFile(file: string): Routine<string[]> {
  try {
    const fd = file === "-" ? 0 : yield* open(file);
    const all = text(yield* readAll(fd));
    if (fd !== 0) yield* close(fd);
    return all === "" ? [] : all.replace(/\n$/, "").split("\n");
  } catch (error) {
    yield* complain("grep", error);
    return yield* refuse(USAGE, "there are no patterns");
  }
}

function* styleOf(
  given: Options["given"],
  named: boolean,
): Routine<SearchStyle> {
  const number = function* (letter: string, what: string, otherwise: number) {
    const value = given[letter];
    if (value === undefined || /^\d+$/.test(String(value))) {
      return Number(value ?? otherwise);
    }
    return yield* refuse(USAGE, `${value}: invalid ${what}`);
  };
  const length = "context length argument";
  const around = yield* number("C", length, 0);
  const isOutput = given.c ?? given.l ?? given.L ?? given.q;
  const when = given.color === true ? "auto" : given.color;
  return {
    invert: given.v !== undefined,
    only: given.o !== undefined,
    count: given.c !== undefined,
    list: given.l !== undefined ? "with" : given.L ? "without" : null,
    quiet: given.q !== undefined,
    most: yield* number("m", "max count", Infinity),
    before: isOutput ? 0 : yield* number("B", length, around),
    after: isOutput ? 0 : yield* number("A", length, around),
    separate: (given.A ?? given.B ?? given.C) !== undefined,
    named,
    numbers: given.n !== undefined,
    offsets: given.b !== undefined,
    anyBytes: given.a !== undefined || given.z !== undefined,
    end: given.z === undefined ? 10 : 0,
    color: when === "always" || when === "auto" && (yield* isatty(1)),
  };
}
