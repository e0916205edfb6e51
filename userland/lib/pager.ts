// A pager: a long text, a screen at a time. The pure part knows lines, a window
// and what a key does; `showPaged` gives it a terminal, or none: then the text
// just goes out.

import { isatty, type Routine, ttymode, write } from "kettle";
import type { Key } from "../sh/keys.ts";
import { codePointWidth } from "../sh/width.ts";
import { withFullScreen } from "./full_screen.ts";

// deno-lint-ignore no-control-regex -- escape sequences begin with one
const ESCAPE_SEQUENCE = /\x1b\[[\d;?]*[@-~]/g;
const REVERSE = "\x1b[7m", NORMAL = "\x1b[0m";
const HELP = "space b  j k  g G  /text n N  q";

/** Writes a text: on a terminal too small for it, with a pager. `render` gives it for a width. */
export function* showPaged(
  title: string,
  render: (columns: number, bold: boolean) => string,
): Routine {
  if (!(yield* isatty(1))) {
    yield* write(1, render(80, false));
    return;
  }
  const { columns, rows } = yield* ttymode(1);
  const text = render(columns, true);
  if (text.split("\n").length <= rows) {
    yield* write(1, text);
    return;
  }
  yield* withFullScreen(function* (screen) {
    const pager = new Pager(title, render);
    while (!pager.isDone) {
      const { columns, rows } = yield* screen.size();
      pager.resize(columns, rows);
      if (!(yield* screen.hasMore())) yield* screen.write(pager.draw());
      const key = yield* screen.key();
      if (key === null) return;
      if ("name" in key && key.name === "ctrl-z") {
        yield* screen.suspend();
      } else pager.press(key);
    }
  });
}

export class Pager {
  isDone = false;
  #lines: string[] = [];
  #top = 0;
  #columns = 0;
  #rows = 0;
  /** What is being typed after a slash; null: nothing is. */
  #query: string | null = null;
  #found = "";
  #message = "";

  constructor(
    readonly title: string,
    readonly render: (columns: number, bold: boolean) => string,
  ) {}

  resize(columns: number, rows: number): void {
    if (columns === this.#columns && rows === this.#rows) return;
    if (columns !== this.#columns) {
      const text = this.render(columns, true);
      this.#lines = text.replace(/\n$/, "").split("\n");
    }
    this.#columns = columns;
    this.#rows = rows;
    this.#go(this.#top);
  }

  press(key: Key): void {
    this.#message = "";
    if (this.#query !== null) return this.#pressQuery(key, this.#query);
    const name = "text" in key ? key.text : key.name;
    const page = Math.max(1, this.#rows - 1);
    const half = Math.max(1, page >> 1);
    switch (name) {
      case "q":
      case "Q":
      case "ctrl-c":
        this.isDone = true;
        return;
      case " ":
      case "f":
      case "page-down":
      case "ctrl-f":
      case "ctrl-v":
        return this.#go(this.#top + page);
      case "b":
      case "page-up":
      case "ctrl-b":
        return this.#go(this.#top - page);
      case "d":
      case "ctrl-d":
        return this.#go(this.#top + half);
      case "u":
      case "ctrl-u":
        return this.#go(this.#top - half);
      case "enter":
      case "down":
      case "j":
        return this.#go(this.#top + 1);
      case "up":
      case "k":
      case "y":
        return this.#go(this.#top - 1);
      case "g":
      case "<":
      case "home":
        return this.#go(0);
      case "G":
      case ">":
      case "end":
        return this.#go(this.#lines.length);
      case "/":
        this.#query = "";
        return;
      case "n":
        return this.#search(this.#top + 1, 1);
      case "N":
        return this.#search(this.#top - 1, -1);
      default:
        this.#message = HELP;
    }
  }

  /** Everything on the screen, the last row in reverse. */
  draw(): string {
    const window = this.#lines.slice(this.#top, this.#top + this.#rows - 1);
    const rows = window.map((line) => this.#shown(line));
    while (rows.length < this.#rows - 1) rows.push("~");
    const status = clipped(this.#status(), this.#columns - 1);
    rows.push(
      this.#query === null ? REVERSE + status + NORMAL : status,
    );
    return `\x1b[?25l\x1b[H${
      rows.map((row) => `\x1b[2K${row}`).join("\n\r")
    }\x1b[?25h`;
  }

  #status(): string {
    if (this.#query !== null) return `/${this.#query}`;
    if (this.#message !== "") return this.#message;
    const last = Math.min(this.#top + this.#rows - 1, this.#lines.length);
    const where = last >= this.#lines.length
      ? "end"
      : `${Math.floor(last * 100 / this.#lines.length)}%`;
    return `${this.title}  ${where}  ${HELP}`;
  }

  #shown(line: string): string {
    const plain = line.replace(ESCAPE_SEQUENCE, "");
    const at = this.#found === ""
      ? -1
      : plain.toLowerCase().indexOf(this.#found);
    if (at < 0) return clipped(line, this.#columns);
    const end = at + this.#found.length;
    const marked = plain.slice(0, at) + REVERSE + plain.slice(at, end) +
      NORMAL + plain.slice(end);
    return clipped(marked, this.#columns);
  }

  #go(top: number): void {
    const last = Math.max(0, this.#lines.length - (this.#rows - 1));
    this.#top = Math.max(0, Math.min(top, last));
  }

  #pressQuery(key: Key, query: string): void {
    if ("text" in key) this.#query = query + key.text;
    else if (key.name === "backspace" && query !== "") {
      this.#query = [...query].slice(0, -1).join("");
    } else {
      this.#query = null;
      if (key.name !== "enter") return;
      if (query !== "") this.#found = query.toLowerCase();
      this.#search(this.#top + 1, 1);
    }
  }

  /** Goes to the next line with the text in it, that way; at the end it says so. */
  #search(from: number, step: 1 | -1): void {
    if (this.#found === "") return;
    for (let at = from; at >= 0 && at < this.#lines.length; at += step) {
      const plain = this.#lines[at]!.replace(ESCAPE_SEQUENCE, "");
      if (!plain.toLowerCase().includes(this.#found)) continue;
      return this.#go(at);
    }
    this.#message = `no ${step > 0 ? "further" : "earlier"} ${this.#found}`;
  }
}

/** As much of a line as fits; escape sequences take no room. */
export function clipped(line: string, columns: number): string {
  let width = 0;
  let shown = "";
  let isCut = false;
  // deno-lint-ignore no-control-regex -- escape sequences begin with one
  const pieces = line.matchAll(/(\x1b\[[\d;?]*[@-~])|([^])/gu);
  for (const [piece, escape] of pieces) {
    if (escape === undefined) {
      width += codePointWidth(piece.codePointAt(0)!);
      if (width > columns) isCut = true;
      if (isCut) continue;
    }
    shown += piece;
  }
  return shown;
}
