// The line editor: what each key does to the text, to the history and to a search
// in it. A state machine without a single call: it is fed keys and asked to draw.
// Does not know the shell; completion and history are lists that are given to it.

import { EditBuffer, KillRing } from "./edit_buffer.ts";
import type { Key } from "./keys.ts";
import { LineScreen, printableLine, type Size } from "./line_screen.ts";

/** What the caller has to do after a key. */
export type Outcome = "more" | "submit" | "abort" | "end" | "complete";

interface Search {
  query: string;
  /** Where in the history it stands. */
  entry: number;
  failed: boolean;
  /** To go back to, if it is given up. */
  text: string;
  cursor: number;
}

export interface EditorOptions {
  /** With its colours. */
  prompt: string;
  /** Oldest first. */
  history?: readonly string[];
  size: Size;
  /** What was killed in the lines before. */
  kills?: KillRing;
}

export class LineEditor {
  size: Size;
  readonly #buffer: EditBuffer;
  readonly #screen = new LineScreen();
  readonly #prompt: string;
  readonly #history: readonly string[];
  /** Index into the history; its length means the line being written. */
  #entry: number;
  #draft = "";
  #search: Search | null = null;
  #clear = false;
  #lastWasTab = false;
  /** Of the last M-.: how many lines back, and where its word is. */
  #argument: { back: number; from: number } | null = null;

  constructor({ prompt, history = [], size, kills }: EditorOptions) {
    this.#prompt = prompt;
    this.#history = history;
    this.#entry = history.length;
    this.#buffer = new EditBuffer(kills ?? new KillRing());
    this.size = size;
  }

  get text(): string {
    return this.#buffer.text;
  }

  /** Index into the text, always between two characters. */
  get cursor(): number {
    return this.#buffer.cursor;
  }

  press(key: Key): Outcome {
    const name = "name" in key ? key.name : "";
    if (name !== "tab") this.#lastWasTab = false;
    if (name !== "alt-.") this.#argument = null;
    this.#buffer.nextCommand();
    if (this.#search !== null) {
      const done = this.#pressSearching(key, this.#search);
      if (done) return "more";
    }
    if ("name" in key) return this.#pressNamed(name);
    this.#buffer.insert(key.text);
    return "more";
  }

  #pressNamed(name: string): Outcome {
    const buffer = this.#buffer;
    switch (name) {
      case "enter":
        buffer.cursor = buffer.text.length;
        return "submit";
      case "ctrl-c":
        buffer.cursor = buffer.text.length;
        return "abort";
      case "ctrl-d":
        if (buffer.text === "") return "end";
        buffer.delete(buffer.cursor, buffer.right);
        return "more";
      case "tab":
        return "complete";
      case "ctrl-l":
        this.#clear = true;
        return "more";
      case "ctrl-r":
        this.#beginSearch();
        return "more";
    }
    if (!this.#move(name) && !this.#recallBy(name)) this.#edit(name);
    return "more";
  }

  /** Keys that only move the cursor. */
  #move(name: string): boolean {
    const place = this.#destination(name);
    if (place === null) return false;
    this.#buffer.cursor = place;
    return true;
  }

  #destination(name: string): number | null {
    const buffer = this.#buffer;
    switch (name) {
      case "left":
      case "ctrl-b":
        return buffer.left;
      case "right":
      case "ctrl-f":
        return buffer.right;
      case "home":
      case "ctrl-a":
        return buffer.lineStart;
      case "end":
      case "ctrl-e":
        return buffer.lineEnd;
      case "ctrl-home":
        return 0;
      case "ctrl-end":
        return buffer.text.length;
      case "alt-b":
        return buffer.wordStart;
      case "alt-f":
        return buffer.wordEnd;
      case "up":
      case "ctrl-p":
        return buffer.lineAway(-1);
      case "down":
      case "ctrl-n":
        return buffer.lineAway(1);
    }
    return null;
  }

  /** Keys that fetch something from the history. */
  #recallBy(name: string): boolean {
    switch (name) {
      case "up":
      case "ctrl-p":
        this.#recall(this.#entry - 1);
        return true;
      case "down":
      case "ctrl-n":
        this.#recall(this.#entry + 1);
        return true;
      case "alt-<":
        this.#recall(0);
        return true;
      case "alt->":
        this.#recall(this.#history.length);
        return true;
      case "alt-.":
      case "alt-_":
        this.#lastArgument();
        return true;
    }
    return false;
  }

  /** Keys that change the text. */
  #edit(name: string): void {
    const buffer = this.#buffer;
    const { cursor } = buffer;
    switch (name) {
      case "backspace":
        return buffer.delete(buffer.left, cursor);
      case "delete":
        return buffer.delete(cursor, buffer.right);
      case "ctrl-k":
        return buffer.kill(cursor, buffer.lineEnd);
      case "ctrl-u":
        return buffer.kill(buffer.lineStart, cursor);
      case "ctrl-w":
        return buffer.kill(buffer.blankWordStart, cursor);
      case "alt-backspace":
        return buffer.kill(buffer.wordStart, cursor);
      case "alt-d":
        return buffer.kill(cursor, buffer.wordEnd);
      case "ctrl-y":
        return buffer.yank();
      case "alt-y":
        return buffer.yankOlder();
      case "ctrl-t":
        return buffer.swap();
      case "alt-u":
        return buffer.changeCase("upper");
      case "alt-l":
        return buffer.changeCase("lower");
      case "alt-c":
        return buffer.changeCase("capital");
      case "ctrl-_":
        return buffer.undo();
      case "alt-enter":
        return buffer.insert("\n");
    }
  }

  // ------------------------------------------------------------- history

  #recall(entry: number): void {
    if (entry < 0 || entry > this.#history.length) return;
    if (this.#entry === this.#history.length) this.#draft = this.text;
    this.#entry = entry;
    const text = this.#history[entry] ?? this.#draft;
    this.#buffer.replace(text, text.length);
  }

  /** M-. puts the last word of the line before; again, of the one before that. */
  #lastArgument(): void {
    const buffer = this.#buffer;
    const before = this.#argument;
    const back = (before?.back ?? 0) + 1;
    const line = this.#history.at(-back);
    if (line === undefined) return;
    const word = /(?:\\[^]|'[^']*'|"(?:\\[^]|[^"])*"|[^\s;&|<>()])*\s*$/
      .exec(line.trimEnd())![0];
    const from = before?.from ?? buffer.cursor;
    const text = buffer.text.slice(0, from) + word +
      buffer.text.slice(buffer.cursor);
    buffer.replace(text, from + word.length, true);
    this.#argument = { back, from };
  }

  #beginSearch(): void {
    const { text, cursor } = this.#buffer;
    const entry = this.#entry;
    this.#search = { query: "", entry, failed: false, text, cursor };
  }

  /** A key while ^R searches; false if it ends the search and is yet to act. */
  #pressSearching(key: Key, search: Search): boolean {
    if ("text" in key) {
      search.query += key.text;
      this.#find(search, search.entry);
      return true;
    }
    switch (key.name) {
      case "backspace":
        search.query = [...search.query].slice(0, -1).join("");
        this.#find(search, this.#history.length);
        return true;
      case "ctrl-r":
        this.#find(search, search.entry - 1);
        return true;
      case "ctrl-g":
      case "ctrl-c":
        this.#search = null;
        this.#entry = this.#history.length;
        this.#buffer.replace(search.text, search.cursor);
        return true;
    }
    this.#search = null;
    return key.name === "escape";
  }

  #find(search: Search, from: number): void {
    for (let entry = from; entry >= 0; entry -= 1) {
      const line = this.#history[entry];
      const at = line?.indexOf(search.query) ?? -1;
      if (at < 0) continue;
      search.entry = entry;
      search.failed = false;
      this.#recall(entry);
      this.#buffer.cursor = at;
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
    const single = candidates.length === 1;
    const common = single ? first : wholeEscapes(commonPrefix(candidates));
    const typed = this.text.slice(start, this.cursor);
    if (common.length > typed.length || single && common !== typed) {
      this.#complete(start, common);
      return [];
    }
    return again ? candidates : [];
  }

  /** What follows the cursor already is gone over, not doubled. */
  #complete(start: number, whole: string): void {
    const { text, cursor } = this.#buffer;
    const typed = text.slice(start, cursor);
    const rest = whole.startsWith(typed) ? whole.slice(typed.length) : "";
    let passed = 0;
    while (passed < rest.length && text[cursor + passed] === rest[passed]) {
      passed += 1;
    }
    const inWord = /[^\s;&|<>()]/.test(text[cursor + passed] ?? " ");
    const kept = passed > 0 && !inWord || passed === rest.length ? passed : 0;
    const after = text.slice(cursor + kept);
    this.#buffer.replace(
      text.slice(0, start) + whole + after,
      start + whole.length,
      true,
    );
  }

  // ------------------------------------------------------------- drawing

  /** The bytes that bring the screen up to date. */
  draw(): string {
    const { text, cursor } = this.#buffer;
    const view = { prompt: this.searchPrompt ?? this.#prompt, text, cursor };
    if (!this.#clear) return this.#screen.draw(view, this.size);
    this.#clear = false;
    return this.#screen.clear(view, this.size);
  }

  /** Goes below what is drawn, for something else; the next draw starts there. */
  leaveScreen(): string {
    return this.#screen.leave() + "\n";
  }

  /** While ^R searches, this is shown in place of the prompt. */
  get searchPrompt(): string | null {
    if (this.#search === null) return null;
    const { query, failed } = this.#search;
    const shown = printableLine(query);
    return `(${failed ? "no match" : "search"}) ${shown}: `;
  }
}

/** The beginning that all have in common. */
export function commonPrefix(words: readonly string[]): string {
  let prefix = words[0] ?? "";
  for (const word of words) {
    while (!word.startsWith(prefix)) prefix = prefix.slice(0, -1);
  }
  return prefix.replace(/[\ud800-\udbff]$/, "");
}

/** Without a backslash at the end whose character is not there any more. */
function wholeEscapes(prefix: string): string {
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(prefix) ? prefix.slice(0, -1) : prefix;
}
