// What the line editor has on the screen, and the escape sequences that bring it
// up to date: only new characters where that is enough, only the cursor where
// that is, else the whole line again. Knows rows and columns, no keys.

import { codePointWidth } from "./width.ts";

/** What is to be shown. */
export interface View {
  /** With its colours. */
  prompt: string;
  text: string;
  /** Index into the text. */
  cursor: number;
}

export interface Size {
  columns: number;
  rows: number;
}

interface Position {
  row: number;
  column: number;
}

interface Drawn extends Size {
  prompt: string;
  /** Printable: as it was written. */
  text: string;
  cursor: Position;
  end: Position;
  /** The first of its rows that is still on the screen. */
  top: number;
}

const TAB = "    ";
const NO_BASE = "\u25cc";
// deno-lint-ignore no-control-regex -- escape sequences begin with one
const ESCAPES = /\x1b\[[\d;?]*[@-~]/g;
// deno-lint-ignore no-control-regex -- what may not reach the terminal as it is
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g;
/** Past the last cell of a row, the next one is begun; the blank is no character. */
const WRAP = " \r";

export class LineScreen {
  #drawn: Drawn | null = null;

  /** The bytes that make the screen show this. */
  draw(view: View, size: Size): string {
    const drawn = this.#drawn;
    const next = this.#layout(view, size);
    this.#drawn = next;
    if (drawn === null) return this.#fresh(next, "");
    const same = drawn.prompt === next.prompt &&
      drawn.columns === next.columns && drawn.rows === next.rows;
    if (!same) return this.#again(drawn, next);
    if (drawn.text === next.text) return this.#moved(drawn, next);
    return this.#appended(drawn, next) ?? this.#again(drawn, next);
  }

  /** The next drawing starts on an empty screen. */
  clear(view: View, size: Size): string {
    const next = this.#layout(view, size);
    this.#drawn = next;
    return this.#fresh(next, "\x1b[H\x1b[2J");
  }

  /** To the end of what is drawn; then it is forgotten and the next starts below. */
  leave(): string {
    const drawn = this.#drawn;
    this.#drawn = null;
    return drawn === null ? "" : motion(drawn.cursor, drawn.end);
  }

  // ------------------------------------------------------------- ways of drawing

  /** Everything, from where the cursor is. */
  #fresh(next: Drawn, before: string): string {
    if (next.end.row >= next.rows) return this.#window(next);
    return before + whole(next) + motion(next.end, next.cursor);
  }

  /** Everything again, from its first row. */
  #again(drawn: Drawn, next: Drawn): string {
    if (drawn.top > 0) return this.#fresh(next, "\x1b[H\x1b[2J");
    const up = rowsAbove(drawn, next.columns);
    if (up >= next.rows) return this.#fresh(next, "\x1b[H\x1b[2J");
    const back = (up > 0 ? `\x1b[${up}A` : "") + "\r\x1b[J";
    return this.#fresh(next, back);
  }

  #moved(drawn: Drawn, next: Drawn): string {
    next.top = drawn.top;
    if (next.cursor.row < drawn.top) return this.#window(next);
    return motion(drawn.cursor, next.cursor);
  }

  /** The usual case, typing at the end: only what is new; null if it is not that. */
  #appended(drawn: Drawn, next: Drawn): string | null {
    if (!samePlace(drawn.cursor, drawn.end)) return null;
    if (!samePlace(next.cursor, next.end)) return null;
    if (!next.text.startsWith(drawn.text)) return null;
    const added = next.text.slice(drawn.text.length);
    const first = added.codePointAt(0)!;
    // A mark would join whatever is before the cursor now.
    if (first !== 10 && codePointWidth(first) === 0) return null;
    next.top = Math.max(drawn.top, next.end.row - next.rows + 1);
    return added + wrapAfter(next);
  }

  /** More rows than the screen has: those around the cursor, and nothing else. */
  #window(next: Drawn): string {
    const { rows, cursor, end } = next;
    const last = Math.max(end.row - rows + 1, 0);
    next.top = Math.min(Math.max(cursor.row - (rows >> 1), 0), last);
    const plain = next.prompt.replace(ESCAPES, "");
    const starts = rowStarts(plain + next.text, next.columns);
    const from = starts[next.top] ?? 0;
    const to = starts[next.top + rows] ?? plain.length + next.text.length;
    // Colours are only worth it where the prompt begins.
    const shown = from === 0 && to >= plain.length
      ? next.prompt + next.text.slice(0, to - plain.length)
      : (plain + next.text).slice(from, to);
    const { row, column } = cursor;
    const place = `\x1b[${row - next.top + 1};${column + 1}H`;
    return "\x1b[H\x1b[2J" + shown.replace(/\n$/, "") + place;
  }

  #layout({ prompt, text, cursor }: View, size: Size): Drawn {
    const columns = Math.max(size.columns, 2);
    const rows = Math.max(size.rows, 1);
    const start = advance(ORIGIN, prompt.replace(ESCAPES, ""), columns);
    const before = printable(text.slice(0, cursor));
    const after = printable(text).slice(before.length);
    const middle = advance(start, before, columns);
    const end = advance(middle, after, columns);
    return {
      prompt,
      text: before + after,
      cursor: wrapped(middle, columns),
      end: wrapped(end, columns),
      columns,
      rows,
      top: 0,
    };
  }
}

const ORIGIN: Position = { row: 0, column: 0 };

/** The same on one line: for a prompt that quotes it. */
export function printableLine(text: string): string {
  return printable(text.replaceAll("\n", " "));
}

/** Control characters as `^X`, tabs as blanks, a mark that has no base with one. */
function printable(text: string): string {
  const based = text.replace(/\n(?=([^\n]))/gu, (newline, next: string) => {
    const code = next.codePointAt(0)!;
    return code >= 0x300 && codePointWidth(code) === 0
      ? newline + NO_BASE
      : newline;
  });
  return based.replace(CONTROL, (char) => {
    const code = char.charCodeAt(0);
    return char === "\t"
      ? TAB
      : code >= 0x80
      ? "?"
      : "^" + String.fromCharCode(code ^ 0x40);
  });
}

function whole(drawn: Drawn): string {
  return drawn.prompt + drawn.text + wrapAfter(drawn);
}

/** A full last row: the terminal goes to the next one only when asked to. */
function wrapAfter({ text, end }: Drawn): string {
  return end.column === 0 && end.row > 0 && !text.endsWith("\n") ? WRAP : "";
}

/** Where the cursor is after a text; the column may be one past the last. */
function advance(from: Position, text: string, columns: number): Position {
  let { row, column } = from;
  for (const char of text) {
    if (char === "\n") {
      row += 1;
      column = 0;
      continue;
    }
    const width = codePointWidth(char.codePointAt(0)!);
    if (column + width > columns) {
      row += 1;
      column = 0;
    }
    column += width;
  }
  return { row, column };
}

function wrapped({ row, column }: Position, columns: number): Position {
  return column < columns ? { row, column } : { row: row + 1, column: 0 };
}

/** The index at which each row of the text begins. */
function rowStarts(text: string, columns: number): number[] {
  const starts = [0];
  let at = ORIGIN;
  let index = 0;
  for (const char of text) {
    const next = advance(at, char, columns);
    index += char.length;
    if (next.row > at.row) {
      starts[next.row] = char === "\n" ? index : index - char.length;
    }
    at = next;
  }
  return starts;
}

/** From one place of the screen to another. */
function motion(from: Position, to: Position): string {
  if (samePlace(from, to)) return "";
  const rows = to.row - from.row;
  const vertical = rows < 0
    ? `\x1b[${-rows}A`
    : rows > 0
    ? `\x1b[${rows}B`
    : "";
  const columns = to.column - from.column;
  if (columns === 0) return vertical;
  if (to.column === 0) return vertical + "\r";
  const forward = columns > 0 ? `\x1b[${columns}C` : `\x1b[${-columns}D`;
  return vertical + forward;
}

/**
 * How far above the cursor the first row is now. After a change of width the
 * terminal has broken all lines anew but the one that the cursor is in.
 */
function rowsAbove({ prompt, text, cursor, columns }: Drawn, now: number) {
  if (columns === now) return cursor.row;
  const shown = prompt.replace(ESCAPES, "") + text;
  let place = ORIGIN;
  let above = 0;
  for (const line of shown.split("\n")) {
    const end = advance(place, line, columns);
    if (wrapped(end, columns).row >= cursor.row) {
      return above + cursor.row - place.row;
    }
    above += advance(ORIGIN, line, now).row + 1;
    place = { row: end.row + 1, column: 0 };
  }
  return cursor.row;
}

function samePlace(a: Position, b: Position): boolean {
  return a.row === b.row && a.column === b.column;
}
