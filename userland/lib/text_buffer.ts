// A text being edited: lines, a cursor, and every change with its way back. It
// knows no keys, no screen and no file; columns are indices into a line, and the
// cursor never stands inside a character as a person sees it.

import { nextBoundary, previousBoundary } from "../sh/width.ts";
import { cellAt, indexAt } from "./cells.ts";

export interface Position {
  row: number;
  column: number;
}

interface Change {
  at: Position;
  removed: string;
  inserted: string;
  /** Where the cursor was. */
  cursor: Position;
}

/** Changes that are kept for undo. */
const CHANGES_MAX = 10_000;
const LETTER = /[\p{L}\p{N}_]/u;

export class TextBuffer {
  readonly lines: string[];
  #cursor: Position = { row: 0, column: 0 };
  /** Where up and down want to stand, in cells; null: where the cursor is. */
  #goalCell: number | null = null;
  #undone: Change[] = [];
  #done: Change[] = [];
  /** How many changes were done when it was saved; −1: never again the same. */
  #savedAt = 0;
  /** The next typed letter belongs to the change before. */
  #isTyping = false;

  constructor(text: string) {
    this.lines = text.split("\n");
  }

  get text(): string {
    return this.lines.join("\n");
  }
  get cursor(): Position {
    return { ...this.#cursor };
  }
  /** The line with the cursor. */
  get line(): string {
    return this.lines[this.#cursor.row]!;
  }
  get isChanged(): boolean {
    return this.#done.length !== this.#savedAt;
  }

  /** What is here now is what the file holds. */
  markSaved(): void {
    this.#savedAt = this.#done.length;
    this.#isTyping = false;
  }

  // ----------------------------------------------------------- moving

  moveTo({ row, column }: Position): void {
    const line = Math.max(0, Math.min(row, this.lines.length - 1));
    this.#set(line, snapped(this.lines[line]!, column));
  }

  left(): void {
    const { row, column } = this.#cursor;
    if (column > 0) this.#set(row, previousBoundary(this.line, column));
    else if (row > 0) this.#set(row - 1, this.lines[row - 1]!.length);
  }

  right(): void {
    const { row, column } = this.#cursor;
    if (column < this.line.length) {
      this.#set(row, nextBoundary(this.line, column));
    } else if (row < this.lines.length - 1) this.#set(row + 1, 0);
  }

  /** Up or down by lines, as near as possible to the same cell. */
  vertical(count: number): void {
    const goal = this.#goalCell ?? cellAt(this.line, this.#cursor.column);
    const last = this.lines.length - 1;
    const row = Math.max(0, Math.min(this.#cursor.row + count, last));
    this.#set(row, indexAt(this.lines[row]!, goal));
    this.#goalCell = goal;
  }

  lineStart(): void {
    this.#set(this.#cursor.row, 0);
  }
  lineEnd(): void {
    this.#set(this.#cursor.row, this.line.length);
  }
  top(): void {
    this.#set(0, 0);
  }
  bottom(): void {
    const last = this.lines.length - 1;
    this.#set(last, this.lines[last]!.length);
  }

  wordLeft(): void {
    const { row, column } = this.#cursor;
    if (column === 0) return this.left();
    let at = column;
    while (at > 0 && !LETTER.test(this.line[at - 1]!)) at -= 1;
    while (at > 0 && LETTER.test(this.line[at - 1]!)) at -= 1;
    this.#set(row, snapped(this.line, at));
  }

  wordRight(): void {
    const { row, column } = this.#cursor;
    if (column === this.line.length) return this.right();
    let at = column;
    while (at < this.line.length && !LETTER.test(this.line[at]!)) at += 1;
    while (at < this.line.length && LETTER.test(this.line[at]!)) at += 1;
    this.#set(row, snapped(this.line, at));
  }

  #set(row: number, column: number): void {
    this.#cursor = { row, column };
    this.#goalCell = null;
    this.#isTyping = false;
  }

  // ----------------------------------------------------------- changing

  /** Puts text in at the cursor, which then stands behind it. */
  insert(text: string): void {
    if (text === "") return;
    const isTyped = [...text].length === 1 && text !== "\n";
    const before = this.#done.at(-1);
    if (isTyped && this.#isTyping && before !== undefined && !this.#isSaved) {
      this.#apply(this.#cursor, "", text);
      before.inserted += text;
      return;
    }
    this.#change(this.#cursor, this.#cursor, text);
    this.#isTyping = isTyped;
  }

  /** Takes away the character before the cursor, or joins two lines. */
  deleteBefore(): void {
    const end = this.cursor;
    this.left();
    this.#change(this.#cursor, end, "");
  }

  /** Takes away the character at the cursor, or joins two lines. */
  deleteAfter(): void {
    const start = this.cursor;
    this.right();
    const end = this.cursor;
    this.#set(start.row, start.column);
    this.#change(start, end, "");
  }

  /** Takes the line away, with its end, and gives it. */
  cutLine(): string {
    const { row } = this.#cursor;
    const start = { row, column: 0 };
    const isLast = row === this.lines.length - 1;
    const end = isLast
      ? { row, column: this.line.length }
      : { row: row + 1, column: 0 };
    const cut = this.#between(start, end);
    this.#change(start, end, "");
    return cut;
  }

  undo(): boolean {
    const change = this.#done.pop();
    if (change === undefined) return false;
    const { at, removed, inserted, cursor } = change;
    this.#apply(at, inserted, removed);
    this.#set(cursor.row, cursor.column);
    this.#undone.push(change);
    return true;
  }

  redo(): boolean {
    const change = this.#undone.pop();
    if (change === undefined) return false;
    this.#apply(change.at, change.removed, change.inserted);
    this.#isTyping = false;
    this.#done.push(change);
    return true;
  }

  get #isSaved(): boolean {
    return this.#savedAt === this.#done.length;
  }

  /** A change of its own, that undo takes back. */
  #change(start: Position, end: Position, inserted: string): void {
    this.#isTyping = false;
    const removed = this.#between(start, end);
    if (removed === "" && inserted === "") return;
    const { cursor } = this;
    this.#apply(start, removed, inserted);
    if (this.#savedAt > this.#done.length) this.#savedAt = -1; // it was undone
    this.#undone = [];
    this.#done.push({ at: { ...start }, removed, inserted, cursor });
    if (this.#done.length > CHANGES_MAX) {
      this.#done.shift();
      this.#savedAt -= 1;
    }
  }

  /** Puts one text in the place of another, and the cursor behind it. */
  #apply({ row, column }: Position, removed: string, inserted: string): void {
    const old = removed.split("\n");
    const fresh = inserted.split("\n");
    const last = this.lines[row + old.length - 1]!;
    const endColumn = (old.length === 1 ? column : 0) + old.at(-1)!.length;
    fresh[0] = this.lines[row]!.slice(0, column) + fresh[0];
    const cursorColumn = fresh.at(-1)!.length;
    fresh[fresh.length - 1] += last.slice(endColumn);
    replaceLines(this.lines, row, old.length, fresh);
    const wasTyping = this.#isTyping;
    this.#set(row + fresh.length - 1, cursorColumn);
    this.#isTyping = wasTyping;
  }

  #between(start: Position, end: Position): string {
    if (start.row === end.row) {
      return this.lines[start.row]!.slice(start.column, end.column);
    }
    return [
      this.lines[start.row]!.slice(start.column),
      ...this.lines.slice(start.row + 1, end.row),
      this.lines[end.row]!.slice(0, end.column),
    ].join("\n");
  }

  // ----------------------------------------------------------- searching

  /** Goes to the next place after the cursor with that text; large and small letters are alike unless there is a large one. */
  search(query: string): "found" | "wrapped" | "none" {
    const exact = query !== query.toLowerCase();
    const fold = (line: string) => exact ? line : line.toLowerCase();
    const { row, column } = this.#cursor;
    const count = this.lines.length;
    for (let step = 0; step <= count; step += 1) {
      const at = (row + step) % count;
      const from = step === 0 ? column + 1 : 0;
      const found = fold(this.lines[at]!).indexOf(query, from);
      if (found < 0) continue;
      const isAgain = step === count && found > column;
      if (isAgain) break;
      this.moveTo({ row: at, column: found });
      return row + step >= count ? "wrapped" : "found";
    }
    return "none";
  }
}

/** Not by splice: a hundred thousand lines are too many arguments. */
function replaceLines(
  lines: string[],
  row: number,
  count: number,
  fresh: readonly string[],
): void {
  if (fresh.length < 1_000) {
    lines.splice(row, count, ...fresh);
    return;
  }
  const rest = lines.splice(row).slice(count);
  for (const line of fresh) lines.push(line);
  for (const line of rest) lines.push(line);
}

/** The index of the character that `column` is in, or of the end. */
function snapped(line: string, column: number): number {
  if (column >= line.length) return line.length;
  const next = nextBoundary(line, Math.max(0, column - 1));
  if (next === column || column <= 0) return Math.max(0, column);
  return previousBoundary(line, column + 1);
}
