// How many cells of a terminal a character takes (none, one or two), and where
// one character, as a person sees it, ends. The tables are coarse ranges of
// Unicode 11, enough for East Asian text, emoji and combining marks.

const ZERO: readonly [number, number][] = [
  [0x0300, 0x036f],
  [0x0483, 0x0489],
  [0x0591, 0x05bd],
  [0x0610, 0x061a],
  [0x064b, 0x065f],
  [0x0900, 0x0902],
  [0x093c, 0x093c],
  [0x0e31, 0x0e31],
  [0x0e34, 0x0e3a],
  [0x0e47, 0x0e4e],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200b, 0x200f],
  [0x2060, 0x2064],
  [0x20d0, 0x20f0],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
  [0xfeff, 0xfeff],
  [0xe0100, 0xe01ef],
];
const WIDE: readonly [number, number][] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x26a1, 0x26a1],
  [0x26bd, 0x26be],
  [0x2705, 0x2705],
  [0x270a, 0x270b],
  [0x2728, 0x2728],
  [0x274c, 0x274c],
  [0x2753, 0x2755],
  [0x2757, 0x2757],
  [0x2795, 0x2797],
  [0x2b1b, 0x2b1c],
  [0x2b50, 0x2b50],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f004, 0x1f004],
  [0x1f0cf, 0x1f0cf],
  [0x1f18e, 0x1f19a],
  [0x1f200, 0x1f320],
  [0x1f32d, 0x1f335],
  [0x1f337, 0x1f37c],
  [0x1f37e, 0x1f393],
  [0x1f3a0, 0x1f3ca],
  [0x1f3e0, 0x1f3f0],
  [0x1f3f4, 0x1f3f4],
  [0x1f3f8, 0x1f43e],
  [0x1f440, 0x1f440],
  [0x1f442, 0x1f4fc],
  [0x1f4ff, 0x1f53d],
  [0x1f54b, 0x1f567],
  [0x1f57a, 0x1f57a],
  [0x1f595, 0x1f596],
  [0x1f5a4, 0x1f5a4],
  [0x1f5fb, 0x1f64f],
  [0x1f680, 0x1f6c5],
  [0x1f6cc, 0x1f6cc],
  [0x1f6eb, 0x1f6fc],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
const JOINER = 0x200d;

/** Cells that a code point takes. */
export function codePointWidth(code: number): 0 | 1 | 2 {
  if (code < 0x300) return code < 32 || code >= 0x7f && code < 0xa0 ? 0 : 1;
  if (inRanges(ZERO, code)) return 0;
  return inRanges(WIDE, code) ? 2 : 1;
}

/** Cells that a text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += codePointWidth(char.codePointAt(0)!);
  return width;
}

/** Where the character that begins at `index` ends: marks and joined emoji belong to it. */
export function nextBoundary(text: string, index: number): number {
  const first = text.codePointAt(index);
  if (first === undefined) return text.length;
  let at = index + size(first);
  let joined = false;
  while (at < text.length) {
    const code = text.codePointAt(at)!;
    const belongs = joined || code === JOINER || isSkinTone(code) ||
      code >= 0x300 && codePointWidth(code) === 0;
    if (!belongs) return at;
    joined = code === JOINER;
    at += size(code);
  }
  return at;
}

/** Where the character that ends at `index` begins. */
export function previousBoundary(text: string, index: number): number {
  let start = Math.max(0, text.lastIndexOf("\n", index - 2) + 1);
  start = Math.max(start, index - 64);
  // Not into the middle of a surrogate pair.
  if (/[\udc00-\udfff]/.test(text[start] ?? "") && start > 0) start -= 1;
  let before = start;
  while (start < index) {
    before = start;
    start = nextBoundary(text, start);
  }
  return before;
}

function size(code: number): number {
  return code > 0xffff ? 2 : 1;
}

function isSkinTone(code: number): boolean {
  return code >= 0x1f3fb && code <= 0x1f3ff;
}

function inRanges(
  ranges: readonly [number, number][],
  code: number,
): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to] = ranges[middle]!;
    if (code < from) high = middle - 1;
    else if (code > to) low = middle + 1;
    else return true;
  }
  return false;
}
