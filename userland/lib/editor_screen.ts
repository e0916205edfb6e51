// What the editor's screen shows: a title, a window of the text, a row for
// questions, messages and keys. It draws only rows that have changed. Pure: it
// writes nothing and knows no key.

import { nextBoundary, textWidth } from "../sh/width.ts";
import { cellAt, windowOf } from "./cells.ts";
import type { TextBuffer } from "./text_buffer.ts";

const REVERSE = "\x1b[7m", NORMAL = "\x1b[0m";
const KEYS = "^S save  ^X exit  ^F search  ^K cut  ^U paste  ^Z undo  ^G help";
const SHORT_KEYS = "^S save ^X exit ^G help";
const HELP = `Keys

arrows, Home, End     move            ^A ^E  start and end of the line
PgUp, PgDn (^V alt-V) a screen        alt-B alt-F  a word back, on
alt-< alt->           start, end of the text

^S  save              ^O  save under a name
^X ^Q  exit           ^C  where am I
^K  cut the line (again: cut the next to it)
^U  paste what was cut
^F ^W  search         ^F Enter  the same again
^Z  undo              ^Y  redo
Tab  two spaces       Backspace, Delete  take a character
^L  draw everything anew

Any key goes back to the text.`.split("\n");

export interface Size {
  columns: number;
  rows: number;
}

/** What there is to be shown. */
export interface View {
  path: string;
  buffer: TextBuffer;
  message: string;
  /** What is asked, with the answer so far. */
  question: string | null;
  showsHelp: boolean;
}

export class EditorScreen {
  #size: Size = { columns: 80, rows: 24 };
  /** The first line and the first cell that the window shows. */
  #top = 0;
  #left = 0;
  /** What the screen shows now, row by row. */
  #drawn: string[] = [];

  resize(size: Size): void {
    const { columns, rows } = this.#size;
    if (columns !== size.columns || rows !== size.rows) this.forget();
    this.#size = size;
  }

  /** The next draw draws everything. */
  forget(): void {
    this.#drawn = [];
  }

  get textRows(): number {
    return Math.max(1, this.#size.rows - 2);
  }

  /** What makes the screen show how things stand: only rows that are others. */
  draw(view: View): string {
    this.#scroll(view.buffer);
    const rows = this.#rows(view);
    let output = "\x1b[?25l";
    for (const [at, row] of rows.entries()) {
      if (this.#drawn[at] === row) continue;
      output += `\x1b[${at + 1};1H\x1b[2K${row}`;
    }
    this.#drawn = rows;
    const { row, column } = this.#shownCursor(view);
    return `${output}\x1b[${row + 1};${column + 1}H\x1b[?25h`;
  }

  /** The window goes where the cursor is. */
  #scroll(buffer: TextBuffer): void {
    const { row, column } = buffer.cursor;
    const rows = this.textRows;
    if (row < this.#top) this.#top = row;
    if (row >= this.#top + rows) this.#top = row - rows + 1;
    this.#top = Math.min(this.#top, buffer.lines.length - 1);
    const { columns } = this.#size;
    const cell = cellAt(buffer.line, column);
    if (cell < columns - 1) this.#left = 0;
    else if (cell <= this.#left || cell >= this.#left + columns - 2) {
      this.#left = Math.max(0, cell - (columns >> 1));
    }
  }

  #rows(view: View): string[] {
    const { columns, rows } = this.#size;
    const shown = [this.#titleRow(view)];
    for (let at = 0; at < this.textRows; at += 1) {
      shown.push(
        view.showsHelp
          ? windowOf(HELP[at] ?? "", 0, columns)
          : this.#textRow(view.buffer, this.#top + at),
      );
    }
    shown.push(this.#bottomRow(view));
    return shown.slice(0, Math.max(1, rows));
  }

  #textRow(buffer: TextBuffer, row: number): string {
    const line = buffer.lines[row];
    if (line === undefined) return "~";
    return windowOf(line, this.#left, this.#size.columns);
  }

  #titleRow({ buffer, path }: View): string {
    const { columns } = this.#size;
    const { row } = buffer.cursor;
    const mark = buffer.isChanged ? " (changed)" : "";
    const where = `${row + 1}/${buffer.lines.length}`;
    const room = columns - textWidth(where) - 1;
    const name = windowOf(path + mark, 0, Math.max(1, room));
    const gap = " ".repeat(Math.max(0, room - textWidth(name) + 1));
    return REVERSE + windowOf(name + gap + where, 0, columns) + NORMAL;
  }

  #bottomRow({ question, message }: View): string {
    const { columns } = this.#size;
    if (question !== null) return windowEnd(question, columns);
    if (message !== "") return windowOf(message, 0, columns);
    const keys = textWidth(KEYS) <= columns ? KEYS : SHORT_KEYS;
    return windowOf(keys, 0, columns);
  }

  #shownCursor({ buffer, question }: View): { row: number; column: number } {
    const { columns, rows } = this.#size;
    if (question !== null) {
      const width = textWidth(windowEnd(question, columns));
      return { row: rows - 1, column: Math.min(width, columns - 1) };
    }
    const { row, column } = buffer.cursor;
    const cell = cellAt(buffer.line, column) - this.#left;
    return { row: row - this.#top + 1, column: Math.min(cell, columns - 1) };
  }
}

/** The end of a text that is too long: there the typing is. */
function windowEnd(text: string, columns: number): string {
  let from = 0;
  while (textWidth(text.slice(from)) > columns - 1 && from < text.length) {
    from = nextBoundary(text, from);
  }
  return text.slice(from);
}
