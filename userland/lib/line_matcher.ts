// Where grep's patterns are found in a line: basic, extended, fixed or Perl-like
// ones, one or several, whole words or whole lines. Knows nothing of files.

import {
  compileRegex,
  escapeRegex,
  RegexError,
  type RegexOptions,
} from "./regex.ts";

export type Syntax = "E" | "F" | "G" | "P";

export interface MatcherOptions {
  syntax: Syntax;
  ignoreCase: boolean;
  word: boolean;
  line: boolean;
}

const WORD = "[\\p{L}\\p{N}_]";

/** The patterns (one a line) compiled; throws a RegexError. */
export class LineMatcher {
  readonly #patterns: RegExp[];

  constructor(patterns: string[], options: MatcherOptions) {
    const all = patterns.flatMap((pattern) => pattern.split("\n"));
    this.#patterns = [...new Set(all)].map((one) => compile(one, options));
  }

  test(line: string): boolean {
    for (const pattern of this.#patterns) {
      pattern.lastIndex = 0;
      if (pattern.test(line)) return true;
    }
    return false;
  }

  /** The first match from there on, the longest if several begin in one place. */
  find(line: string, from: number): { start: number; end: number } | null {
    let best: { start: number; end: number } | null = null;
    for (const pattern of this.#patterns) {
      pattern.lastIndex = from;
      const match = pattern.exec(line);
      if (match === null) continue;
      const start = match.index;
      const end = start + match[0].length;
      const isBetter = best === null || start < best.start ||
        start === best.start && end > best.end;
      if (isBetter) best = { start, end };
    }
    return best;
  }

  /** All matches that are not empty. */
  *all(line: string): Generator<{ start: number; end: number }> {
    for (let at = 0; at <= line.length;) {
      const found = this.find(line, at);
      if (found === null) return;
      if (found.end > found.start) yield found;
      at = Math.max(found.end, found.start + 1);
    }
  }
}

function compile(pattern: string, options: MatcherOptions): RegExp {
  const { syntax, ignoreCase } = options;
  const plain = options.word || options.line ? null : pattern;
  const regex: RegexOptions = {
    extended: syntax === "E",
    ignoreCase,
    strayClose: true,
  };
  const compiled = syntax === "F"
    ? new RegExp(escapeRegex(pattern), ignoreCase ? "giu" : "gu")
    : syntax === "P"
    ? perl(pattern, ignoreCase)
    : compileRegex(pattern, regex);
  if (plain !== null) return compiled;
  const { source, flags } = compiled;
  const [before, after] = options.line
    ? ["^", "$"]
    : [`(?<!${WORD})`, `(?!${WORD})`];
  const empty = pattern === "" ? "" : source;
  return new RegExp(`${before}(?:${empty})${after}`, flags);
}

/** JavaScript's expressions are near enough to Perl's. */
function perl(pattern: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(pattern, ignoreCase ? "giu" : "gu");
  } catch {
    throw new RegexError("unsupported or wrong Perl expression");
  }
}
