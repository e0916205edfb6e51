// The line editor: a text, a cursor, what each key does to them, and the escape
// sequences that show the result. A state machine without a single call: it is
// fed keys and asked to draw. Does not know the shell; completion and history
// are lists that are given to it.

import type { Key } from "./keys.ts";
import {
  codePointWidth,
  nextBoundary,
  previousBoundary,
  textWidth,
} from "./width.ts";

/** What the caller has to do after a key. */
export type Outcome = "more" | "submit" | "abort" | "end" | "complete";

export interface Prompt {
  /** With its colours. */
  text: string;
  /** In cells. */
  width: number;
}

interface Position {
  row: number;
  column: number;
}

export class LineEditor {
  text = "";
  /** Index into the text, always between two characters. */
  cursor = 0;
  columns: number;
  #prompt: Prompt;
  #history: readonly string[];
  /** Index into the history; its length means the line being written. */
  #entry: number;
  #draft = "";
  #killed = "";
  #search: { query: string; entry: number; failed: boolean } | null = null;
  #drawn: { text: string; cursor: Position; end: Position } | null = null;
  #clear = false;
  #lastWasTab = false;

  constructor(prompt: Prompt, history: readonly string[], columns: number) {
    this.#prompt = prompt;
    this.#history = history;
    this.#entry = history.length;
    this.columns = columns;
  }

  /** True if the last two keys were Tab: time to show the list. */
  get tabTwice(): boolean {
    return this.#lastWasTab;
  }

  press(key: Key): Outcome {
    const tab = "name" in key && key.name === "tab";
    if (!tab) this.#lastWasTab = false;
    if (this.#search !== null) {
      const done = this.#pressSearching(key, this.#search);
      if (done) return "more";
    }
    if ("text" in key) {
      this.insert(key.text);
      return "more";
    }
    return this.#pressNamed(key.name);
  }

  #pressNamed(name: string): Outcome {
    switch (name) {
      case "enter":
      case "ctrl-j":
        this.cursor = this.text.length;
        return "submit";
      case "ctrl-c":
        this.cursor = this.text.length;
        return "abort";
      case "ctrl-d":
        if (this.text === "") return "end";
        this.#delete(this.cursor, nextBoundary(this.text, this.cursor));
        return "more";
      case "tab":
        return "complete";
      case "ctrl-l":
        this.#clear = true;
        return "more";
      case "ctrl-r":
        this.#search = { query: "", entry: this.#entry, failed: false };
        return "more";
    }
    if (!this.#move(name)) this.#edit(name);
    return "more";
  }

  /** Keys that only move the cursor. */
  #move(name: string): boolean {
    const { text, cursor } = this;
    switch (name) {
      case "left":
      case "ctrl-b":
        this.cursor = previousBoundary(text, cursor);
        return true;
      case "right":
      case "ctrl-f":
        this.cursor = nextBoundary(text, cursor);
        return true;
      case "home":
      case "ctrl-a":
        this.cursor = text.lastIndexOf("\n", cursor - 1) + 1;
        return true;
      case "end":
      case "ctrl-e": {
        const end = text.indexOf("\n", cursor);
        this.cursor = end < 0 ? text.length : end;
        return true;
      }
      case "alt-b":
        this.cursor = wordStart(text, cursor);
        return true;
      case "alt-f":
        this.cursor = wordEnd(text, cursor);
        return true;
      case "up":
      case "ctrl-p":
        this.#recall(this.#entry - 1);
        return true;
      case "down":
      case "ctrl-n":
        this.#recall(this.#entry + 1);
        return true;
    }
    return false;
  }

  /** Keys that change the text. */
  #edit(name: string): void {
    const { text, cursor } = this;
    switch (name) {
      case "backspace":
        return this.#delete(previousBoundary(text, cursor), cursor);
      case "delete":
        return this.#delete(cursor, nextBoundary(text, cursor));
      case "ctrl-k": {
        const end = text.indexOf("\n", cursor);
        return this.#kill(cursor, end < 0 ? text.length : end);
      }
      case "ctrl-u":
        return this.#kill(text.lastIndexOf("\n", cursor - 1) + 1, cursor);
      case "ctrl-w":
        return this.#kill(blankWordStart(text, cursor), cursor);
      case "alt-backspace":
        return this.#kill(wordStart(text, cursor), cursor);
      case "alt-d":
        return this.#kill(cursor, wordEnd(text, cursor));
      case "ctrl-y":
        return this.insert(this.#killed);
      case "ctrl-t":
        return this.#swap();
    }
  }

  insert(text: string): void {
    const { cursor } = this;
    this.text = this.text.slice(0, cursor) + text + this.text.slice(cursor);
    this.cursor = cursor + text.length;
  }

  #delete(from: number, to: number): void {
    this.text = this.text.slice(0, from) + this.text.slice(to);
    this.cursor = from;
  }

  #kill(from: number, to: number): void {
    if (from === to) return;
    this.#killed = this.text.slice(from, to);
    this.#delete(from, to);
  }

  #swap(): void {
    const { text } = this;
    const middle = this.cursor === text.length
      ? previousBoundary(text, this.cursor)
      : this.cursor;
    const start = previousBoundary(text, middle);
    const end = nextBoundary(text, middle);
    if (start === middle) return;
    const swapped = text.slice(middle, end) + text.slice(start, middle);
    this.text = text.slice(0, start) + swapped + text.slice(end);
    this.cursor = end;
  }

  // ------------------------------------------------------------- history

  #recall(entry: number): void {
    if (entry < 0 || entry > this.#history.length) return;
    if (this.#entry === this.#history.length) this.#draft = this.text;
    this.#entry = entry;
    this.text = this.#history[entry] ?? this.#draft;
    this.cursor = this.text.length;
  }

  /** A key while ^R searches; false if it ends the search and is yet to act. */
  #pressSearching(
    key: Key,
    search: { query: string; entry: number; failed: boolean },
  ): boolean {
    if ("text" in key) {
      search.query += key.text;
      this.#find(search, search.entry);
    } else if (key.name === "backspace") {
      search.query = search.query.slice(0, -1);
      this.#find(search, this.#history.length);
    } else if (key.name === "ctrl-r") this.#find(search, search.entry - 1);
    else {
      this.#search = null;
      if (key.name === "ctrl-g" || key.name === "ctrl-c") {
        this.#recall(this.#history.length);
        return true;
      }
      return key.name === "escape" || key.name === "ctrl-r";
    }
    return true;
  }

  #find(
    search: { query: string; entry: number; failed: boolean },
    from: number,
  ): void {
    for (let entry = from; entry >= 0; entry -= 1) {
      const at = this.#history[entry]?.indexOf(search.query) ?? -1;
      if (at < 0) continue;
      search.entry = entry;
      search.failed = false;
      this.#recall(entry);
      this.cursor = at;
      return;
    }
    search.failed = true;
  }

  // ------------------------------------------------------------- completion

  /**
   * Replaces the text from `start` to the cursor by what all candidates begin
   * with. Gives the candidates to show, if that did not help.
   */
  complete(start: number, candidates: readonly string[]): readonly string[] {
    const [first] = candidates;
    const again = this.#lastWasTab;
    this.#lastWasTab = true;
    if (first === undefined) return [];
    const common = candidates.length === 1 ? first : commonPrefix(candidates);
    const typed = this.text.slice(start, this.cursor);
    if (common.length > typed.length || candidates.length === 1) {
      this.text = this.text.slice(0, start) + common +
        this.text.slice(this.cursor);
      this.cursor = start + common.length;
      return [];
    }
    return again ? candidates : [];
  }

  // ------------------------------------------------------------- drawing

  /** The bytes that bring the screen up to date. */
  draw(): string {
    const drawn = this.#drawn;
    const prompt = this.#shownPrompt();
    const quick = drawn === null || this.#clear || this.#search !== null
      ? null
      : this.#drawAppended(drawn);
    if (quick !== null) return quick;
    const end = this.#after(prompt, this.text);
    const cursor = this.#after(prompt, this.text.slice(0, this.cursor));
    let out = "";
    if (this.#clear) out += "\x1b[H\x1b[2J";
    else if (drawn !== null) {
      if (drawn.cursor.row > 0) out += `\x1b[${drawn.cursor.row}A`;
      out += "\r\x1b[J";
    }
    out += prompt.text + this.text;
    // The cursor rests on the last cell until something else is written.
    if (end.wrapped) out += "\n";
    if (end.row > cursor.row) out += `\x1b[${end.row - cursor.row}A`;
    if (end.row !== cursor.row || end.column !== cursor.column) {
      out += "\r";
      if (cursor.column > 0) out += `\x1b[${cursor.column}C`;
    }
    this.#clear = false;
    this.#drawn = this.#search === null
      ? { text: this.text, cursor, end }
      : { text: "\0", cursor, end };
    return out;
  }

  /** Forgets what is on the screen: the next draw starts on a fresh line. */
  forgetScreen(): void {
    this.#drawn = null;
  }

  /** The usual case, typing at the end of the line: only the new characters. */
  #drawAppended(
    drawn: { text: string; cursor: Position; end: Position },
  ): string | null {
    const { text } = this;
    const atEnd = drawn.cursor.row === drawn.end.row &&
      drawn.cursor.column === drawn.end.column;
    if (!atEnd || this.cursor !== text.length) return null;
    if (!text.startsWith(drawn.text)) return null;
    const added = text.slice(drawn.text.length);
    const column = drawn.end.column + textWidth(added);
    if (added.includes("\n") || column >= this.columns) return null;
    const end = { row: drawn.end.row, column };
    this.#drawn = { text, cursor: end, end };
    return added;
  }

  #shownPrompt(): Prompt {
    if (this.#search === null) return this.#prompt;
    const { query, failed } = this.#search;
    const text = `(${failed ? "no match" : "search"}) ${query}: `;
    return { text, width: textWidth(text) };
  }

  /** Where the cursor is after the prompt and some text. */
  #after(prompt: Prompt, text: string): Position & { wrapped: boolean } {
    const columns = Math.max(this.columns, 2);
    let row = Math.floor(prompt.width / columns);
    let column = prompt.width % columns;
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
    const wrapped = column === columns;
    return wrapped
      ? { row: row + 1, column: 0, wrapped }
      : { row, column, wrapped };
  }
}

/** The beginning that all have in common. */
export function commonPrefix(words: readonly string[]): string {
  let prefix = words[0] ?? "";
  for (const word of words) {
    while (!word.startsWith(prefix)) prefix = prefix.slice(0, -1);
  }
  return prefix;
}

const LETTER = /[\p{L}\p{N}_]/u;

function wordStart(text: string, cursor: number): number {
  let at = cursor;
  while (at > 0 && !LETTER.test(text[at - 1]!)) at -= 1;
  while (at > 0 && LETTER.test(text[at - 1]!)) at -= 1;
  return at;
}

function wordEnd(text: string, cursor: number): number {
  let at = cursor;
  while (at < text.length && !LETTER.test(text[at]!)) at += 1;
  while (at < text.length && LETTER.test(text[at]!)) at += 1;
  return at;
}

function blankWordStart(text: string, cursor: number): number {
  let at = cursor;
  while (at > 0 && /\s/.test(text[at - 1]!)) at -= 1;
  while (at > 0 && !/\s/.test(text[at - 1]!)) at -= 1;
  return at;
}
