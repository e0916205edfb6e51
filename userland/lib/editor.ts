// The editor: what a key does to the text, and what is asked at the bottom. A
// state machine without a single call: what needs one (to save, to leave) it
// hands to whoever runs it, and is told how it went. How it looks is not known
// here.

import type { Key } from "../sh/keys.ts";
import { nextBoundary } from "../sh/width.ts";
import { cellAt, isShowable } from "./cells.ts";
import { EditorScreen, type Size } from "./editor_screen.ts";
import { TextBuffer } from "./text_buffer.ts";

/** What a key asks for that the editor cannot do itself. */
export type Wish =
  | { kind: "none" }
  | { kind: "save"; path: string; thenQuit: boolean }
  | { kind: "quit" };

/** What is asked in the last row. */
type Question =
  | { kind: "search"; typed: string }
  | { kind: "name"; typed: string; thenQuit: boolean }
  | { kind: "quit" }
  | { kind: "overwrite"; path: string; thenQuit: boolean };

const NONE: Wish = { kind: "none" };
/** Longest answer to a question: longer than any path that is typed. */
const ANSWER_MAX = 1000;
// deno-lint-ignore no-control-regex -- those are what is taken out
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/g;

export class Editor {
  message = "";
  #path: string;
  #buffer: TextBuffer;
  #screen = new EditorScreen();
  #question: Question | null = null;
  #showsHelp = false;
  #cut = "";
  #wasCut = false;
  #query = "";

  constructor(path: string, text: string) {
    this.#path = path;
    this.#buffer = new TextBuffer(text);
  }

  get path(): string {
    return this.#path;
  }
  get text(): string {
    return this.#buffer.text;
  }
  get isChanged(): boolean {
    return this.#buffer.isChanged;
  }
  get cursor(): { row: number; column: number } {
    return this.#buffer.cursor;
  }

  /** Goes to a line, counted from 1. */
  goToLine(number: number): void {
    this.#buffer.moveTo({ row: number - 1, column: 0 });
  }

  resize(size: Size): void {
    this.#screen.resize(size);
  }

  // ----------------------------------------------------------- told by whoever runs it

  /** It was saved under that name. */
  saved(path: string, bytes: number): void {
    this.#path = path;
    this.#buffer.markSaved();
    const lines = this.#buffer.lines.length - 1;
    this.message = `saved: ${lines} lines, ${bytes} bytes`;
  }

  /** Somebody else has changed the file since: ask before it is written over. */
  askToOverwrite(path: string, thenQuit: boolean): void {
    this.#question = { kind: "overwrite", path, thenQuit };
  }

  // ----------------------------------------------------------- keys

  press(key: Key): Wish {
    const name = "name" in key ? key.name : null;
    if (name === "resize") return NONE;
    this.message = "";
    if (this.#showsHelp) {
      this.#showsHelp = false;
      return NONE;
    }
    if (this.#question !== null) return this.#answer(key, this.#question);
    if (name !== "ctrl-k") this.#wasCut = false;
    if ("text" in key) {
      this.#type(cleaned(key.text));
      return NONE;
    }
    return this.#command(key.name) ?? (this.#move(key.name), NONE);
  }

  /** Puts text in, unless a line got too long to be worked with. */
  #type(text: string): void {
    const { line } = this.#buffer;
    const pieces = text.split("\n");
    const tooLong = pieces.length === 1
      ? !isShowable(line + text)
      : !pieces.every((piece) => isShowable(line + piece));
    if (tooLong) this.message = "the line would get too long: not put in";
    else this.#buffer.insert(text);
  }

  /** Keys that do something; null if it is none of them. */
  #command(name: string): Wish | null {
    const buffer = this.#buffer;
    switch (name) {
      case "ctrl-s":
        return { kind: "save", path: this.#path, thenQuit: false };
      case "ctrl-o":
        this.#question = { kind: "name", typed: this.#path, thenQuit: false };
        return NONE;
      case "ctrl-x":
      case "ctrl-q":
        if (!buffer.isChanged) return { kind: "quit" };
        this.#question = { kind: "quit" };
        return NONE;
      case "ctrl-f": // a browser keeps ^W for itself
      case "ctrl-w":
        this.#question = { kind: "search", typed: "" };
        return NONE;
      case "ctrl-k":
        this.#cutLine();
        return NONE;
      case "ctrl-u":
        buffer.insert(this.#cut);
        return NONE;
      case "ctrl-z":
      case "alt-u":
        if (!buffer.undo()) this.message = "nothing to undo";
        return NONE;
      case "ctrl-y":
      case "alt-e":
        if (!buffer.redo()) this.message = "nothing to redo";
        return NONE;
      case "ctrl-g":
        this.#showsHelp = true;
        return NONE;
      case "ctrl-c":
        this.message = this.#whereText();
        return NONE;
      case "ctrl-l":
        this.#screen.forget();
        return NONE;
      case "enter":
        buffer.insert("\n" + indentOf(buffer.line, buffer.cursor.column));
        return NONE;
      case "tab":
        buffer.insert("  ");
        return NONE;
      case "backspace":
        buffer.deleteBefore();
        return NONE;
      case "delete":
      case "ctrl-d":
        buffer.deleteAfter();
        return NONE;
    }
    return null;
  }

  #move(name: string): void {
    const buffer = this.#buffer;
    const page = Math.max(1, this.#screen.textRows - 1);
    const moves: Record<string, () => void> = {
      "left": () => buffer.left(),
      "right": () => buffer.right(),
      "up": () => buffer.vertical(-1),
      "ctrl-p": () => buffer.vertical(-1),
      "down": () => buffer.vertical(1),
      "ctrl-n": () => buffer.vertical(1),
      "page-up": () => buffer.vertical(-page),
      "alt-v": () => buffer.vertical(-page),
      "page-down": () => buffer.vertical(page),
      "ctrl-v": () => buffer.vertical(page),
      "home": () => buffer.lineStart(),
      "ctrl-a": () => buffer.lineStart(),
      "end": () => buffer.lineEnd(),
      "ctrl-e": () => buffer.lineEnd(),
      "alt-b": () => buffer.wordLeft(),
      "alt-f": () => buffer.wordRight(),
      "ctrl-home": () => buffer.top(),
      "alt-<": () => buffer.top(),
      "ctrl-end": () => buffer.bottom(),
      "alt->": () => buffer.bottom(),
    };
    if (Object.hasOwn(moves, name)) moves[name]!();
  }

  /** Lines cut one after the other are pasted together. */
  #cutLine(): void {
    const line = this.#buffer.cutLine();
    this.#cut = this.#wasCut ? this.#cut + line : line;
    this.#wasCut = true;
  }

  #whereText(): string {
    const { row, column } = this.#buffer.cursor;
    const { lines } = this.#buffer;
    const cell = cellAt(lines[row]!, column);
    return `line ${row + 1} of ${lines.length}, cell ${cell + 1}`;
  }

  // ----------------------------------------------------------- questions

  #answer(key: Key, question: Question): Wish {
    const isGivenUp = "name" in key &&
      ["ctrl-c", "escape", "ctrl-g"].includes(key.name);
    if (isGivenUp) {
      this.#question = null;
      return NONE;
    }
    if ("typed" in question) return this.#answerText(key, question);
    const letter = "text" in key ? key.text.toLowerCase() : "";
    if (letter !== "y" && letter !== "n") return NONE;
    this.#question = null;
    if (question.kind === "overwrite") {
      const { path, thenQuit } = question;
      return letter === "y" ? { kind: "save", path, thenQuit } : NONE;
    }
    return letter === "y"
      ? { kind: "save", path: this.#path, thenQuit: true }
      : { kind: "quit" };
  }

  #answerText(key: Key, question: Question & { typed: string }): Wish {
    if ("text" in key) {
      const typed = question.typed + cleaned(key.text).replaceAll("\n", " ");
      question.typed = typed.slice(0, ANSWER_MAX);
    } else if (key.name === "backspace") {
      question.typed = withoutLast(question.typed);
    } else if (key.name === "ctrl-u") question.typed = "";
    else if (key.name === "enter") {
      this.#question = null;
      const { typed } = question;
      if (question.kind === "search") this.#search(typed);
      else if (question.kind === "name" && typed !== "") {
        return { kind: "save", path: typed, thenQuit: question.thenQuit };
      }
    }
    return NONE;
  }

  #search(typed: string): void {
    this.#query = typed === "" ? this.#query : typed;
    if (this.#query === "") return;
    const end = this.#buffer.search(this.#query);
    if (end === "none") this.message = `${this.#query} is not there`;
    if (end === "wrapped") this.message = "from the beginning again";
  }

  // ----------------------------------------------------------- the screen

  /** What makes the screen show how things stand. */
  draw(): string {
    return this.#screen.draw({
      path: this.#path,
      buffer: this.#buffer,
      message: this.message,
      question: this.#questionText(),
      showsHelp: this.#showsHelp,
    });
  }

  #questionText(): string | null {
    const question = this.#question;
    switch (question?.kind) {
      case undefined:
        return null;
      case "search": {
        const again = this.#query === "" ? "" : ` [${this.#query}]`;
        return `search${again}: ${question.typed}`;
      }
      case "name":
        return `save as: ${question.typed}`;
      case "quit":
        return "save the changes? y n (^C: go on)";
      case "overwrite":
        return "the file has changed on the disk; write over it? y n";
    }
  }
}

/** Typed or pasted text without control characters; a newline is one character. */
function cleaned(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(CONTROLS, "");
}

function withoutLast(text: string): string {
  let at = 0;
  for (let next = 0; next < text.length;) {
    at = next;
    next = nextBoundary(text, next);
  }
  return text.slice(0, at);
}

/** The blanks with which a line begins, up to a column. */
function indentOf(line: string, column: number): string {
  return /^[ \t]*/.exec(line.slice(0, column))![0];
}
