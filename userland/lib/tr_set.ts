// The sets of tr as lists of character codes: `a-z\n[:digit:][x*3]`. A byte above
// 127 that is written as \ooo and stands among longer characters has the code
// that lossless text gives it (U+DC80 and so on). Knows nothing of input.

/** What is wrong with a set, in GNU's words. */
export class TrProblem extends Error {}

export interface CodeSet {
  codes: number[];
  /** Where `[x*]` stands, which fills up to the length of SET1; -1: nowhere. */
  fill: number;
  /** Where its classes begin, and what they are called. */
  classes: Map<number, string>;
}

/** True for those that change small letters into capital ones and back. */
export function isCase(name: string): boolean {
  return name === "upper" || name === "lower";
}

const ESCAPES: Record<string, number> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

const CLASSES: Record<string, (code: number) => boolean> = {
  alnum: (code) => isDigit(code) || isUpper(code) || isLower(code),
  alpha: (code) => isUpper(code) || isLower(code),
  blank: (code) => code === 32 || code === 9,
  cntrl: (code) => code < 32 || code === 127,
  digit: isDigit,
  graph: (code) => code > 32 && code < 127,
  lower: isLower,
  print: (code) => code >= 32 && code < 127,
  punct: (code) =>
    code > 32 && code < 127 && !isDigit(code) && !isUpper(code) &&
    !isLower(code),
  space: (code) => code === 32 || code >= 9 && code <= 13,
  upper: isUpper,
  xdigit: (code) =>
    isDigit(code) || code >= 65 && code <= 70 || code >= 97 && code <= 102,
};

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}
function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

interface Char {
  code: number;
  /** How it was written. */
  text: string;
  escaped: boolean;
}

/** Reads a set; `bytes`: codes are bytes, not characters. */
export function readSet(source: string, bytes: boolean): CodeSet {
  const chars = charactersOf(source, bytes);
  const set: CodeSet = { codes: [], fill: -1, classes: new Map() };
  for (let at = 0; at < chars.length;) at += takeElement(chars, at, set);
  return set;
}

/** Adds what begins here and tells how many characters it was. */
function takeElement(chars: Char[], at: number, set: CodeSet): number {
  const first = chars[at]!;
  if (first.text === "[" && at + 2 < chars.length) {
    const taken = takeBracket(chars, at, set);
    if (taken > 0) return taken;
  }
  const isRange = chars[at + 1]?.text === "-" && at + 2 < chars.length;
  if (!isRange) {
    set.codes.push(first.code);
    return 1;
  }
  const last = chars[at + 2]!;
  if (last.code < first.code) {
    throw new TrProblem(
      `range-endpoints of '${first.text}-${last.text}' are in reverse collating sequence order`,
    );
  }
  for (let code = first.code; code <= last.code; code++) set.codes.push(code);
  return 3;
}

/** `[:class:]`, `[=c=]`, `[c*n]`; 0 if it is none of these. */
function takeBracket(chars: Char[], at: number, set: CodeSet): number {
  const rest = chars.slice(at, at + 40).map(({ text, escaped }) =>
    escaped ? "\0" : text
  ).join("");
  const named = /^\[:([a-z]*):\]/.exec(rest);
  if (named !== null) {
    const name = named[1]!;
    const belongs = CLASSES[name];
    if (belongs === undefined) {
      throw new TrProblem(`invalid character class '${name}'`);
    }
    set.classes.set(set.codes.length, name);
    for (let code = 0; code < 128; code++) {
      if (belongs(code)) set.codes.push(code);
    }
    return named[0].length;
  }
  if (/^\[=[^]=\]/u.test(rest)) {
    set.codes.push(chars[at + 2]!.code);
    return 5;
  }
  if (chars[at + 2]?.text !== "*" || chars[at + 2]!.escaped) return 0;
  const counted = /^(\d*)\]/.exec(
    chars.slice(at + 3, at + 20).map(({ text }) => text).join(""),
  );
  if (counted === null) return 0;
  const digits = counted[1]!;
  const times = parseInt(digits || "0", digits.startsWith("0") ? 8 : 10);
  const { code } = chars[at + 1]!;
  if (times === 0) {
    if (set.fill >= 0) {
      throw new TrProblem(
        "only one [c*] repeat construct may appear in string2",
      );
    }
    set.fill = set.codes.length;
    set.codes.push(code);
  } else for (let left = times; left > 0; left--) set.codes.push(code);
  return 3 + counted[0].length;
}

function charactersOf(source: string, bytes: boolean): Char[] {
  const pattern = /\\([0-7]{1,3}|[^]|$)|[^]/gu;
  return [...source.matchAll(pattern)].map(([text, escape]) => {
    if (escape === undefined || escape === "") {
      return { code: text.codePointAt(0)!, text, escaped: false };
    }
    if (!/^[0-7]/.test(escape)) {
      const code = ESCAPES[escape] ?? escape.codePointAt(0)!;
      return { code, text, escaped: true };
    }
    const byte = parseInt(escape, 8) & 255;
    const code = bytes || byte < 128 ? byte : 0xdc00 + byte;
    return { code, text, escaped: true };
  });
}

/** SET2 as long as SET1: its `[c*]` grows, else its last character is repeated. */
export function stretch({ codes, fill }: CodeSet, length: number): number[] {
  const missing = length - codes.length;
  if (fill >= 0) {
    const extra = new Array<number>(Math.max(0, missing)).fill(codes[fill]!);
    return [...codes.slice(0, fill), ...extra, ...codes.slice(fill)];
  }
  const last = codes[codes.length - 1];
  if (last === undefined || missing <= 0) return codes;
  return [...codes, ...new Array<number>(missing).fill(last)];
}
