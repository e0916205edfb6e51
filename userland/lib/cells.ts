// Where the characters of a line stand on a screen: tabs go to the next eighth
// cell, control characters show as ^X, wide ones take two. Knows one line at a
// time and no cursor.

import { nextBoundary, textWidth } from "../sh/width.ts";

const TAB_CELLS = 8;
/** Each character is one cell: no need to look at each. */
const PLAIN = /^[\x20-\x7e]*$/;
/** A line that is not plain and longer: sixty of them are too much to look through at every key. */
export const CHARACTERS_MAX = 4096;

/** Whether a line can be shown and moved in without delay. */
export function isShowable(line: string): boolean {
  return line.length <= CHARACTERS_MAX || PLAIN.test(line);
}

/** How a character is shown in that cell. */
function shownAs(character: string, cell: number): string {
  if (character === "\t") return " ".repeat(TAB_CELLS - cell % TAB_CELLS);
  const code = character.codePointAt(0)!;
  if (code < 32) return `^${String.fromCharCode(code + 64)}`;
  if (code === 127) return "^?";
  if (code >= 0x80 && code < 0xa0) return "\ufffd";
  return character;
}

/** The cell in which the character at an index begins. */
export function cellAt(line: string, index: number): number {
  if (PLAIN.test(line)) return Math.min(index, line.length);
  let cell = 0;
  for (let at = 0; at < index && at < line.length;) {
    const next = nextBoundary(line, at);
    cell += textWidth(shownAs(line.slice(at, next), cell));
    at = next;
  }
  return cell;
}

/** The index of the character that is shown in a cell; the end, if none is. */
export function indexAt(line: string, cell: number): number {
  if (PLAIN.test(line)) return Math.min(cell, line.length);
  let begin = 0;
  for (let at = 0; at < line.length;) {
    const next = nextBoundary(line, at);
    begin += textWidth(shownAs(line.slice(at, next), begin));
    if (begin > cell) return at;
    at = next;
  }
  return line.length;
}

/** The part of a line that a window of so many cells shows; what is cut off on either side is marked. */
export function windowOf(line: string, left: number, columns: number): string {
  const { shown, end, isCut } = PLAIN.test(line)
    ? plainWindow(line, left, columns)
    : cutWindow(line, left, columns);
  const begun = left > 0 && end > left ? marked(shown, "start") : shown;
  return isCut ? marked(padded(begun, columns), "end") : begun;
}

interface Window {
  shown: string;
  /** The cell behind the last character that was looked at. */
  end: number;
  /** There is more to the right. */
  isCut: boolean;
}

function plainWindow(line: string, left: number, columns: number): Window {
  const isCut = line.length > left + columns;
  const shown = line.slice(left, left + columns);
  return { shown, end: line.length, isCut };
}

function cutWindow(line: string, left: number, columns: number): Window {
  let cell = 0;
  let shown = "";
  let isCut = false;
  for (let at = 0; at < line.length && !isCut;) {
    const next = nextBoundary(line, at);
    const piece = shownAs(line.slice(at, next), cell);
    const width = textWidth(piece);
    if (cell + width > left + columns) isCut = true;
    else if (cell >= left) shown += piece;
    else if (cell + width > left) shown += " ".repeat(cell + width - left);
    cell += width;
    at = next;
  }
  return { shown, end: cell, isCut };
}

function padded(shown: string, columns: number): string {
  return shown + " ".repeat(Math.max(0, columns - textWidth(shown)));
}

/** With a mark in the place of the first or last cell. */
function marked(shown: string, side: "start" | "end"): string {
  if (side === "start") {
    const next = nextBoundary(shown, 0);
    const width = textWidth(shown.slice(0, next));
    return "<" + " ".repeat(Math.max(0, width - 1)) + shown.slice(next);
  }
  let at = 0;
  for (let next = 0; next < shown.length;) {
    at = next;
    next = nextBoundary(shown, next);
  }
  const width = textWidth(shown.slice(at));
  return shown.slice(0, at) + " ".repeat(Math.max(0, width - 1)) + ">";
}
