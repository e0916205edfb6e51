// A real terminal for tests: @xterm/headless with the shell's own table of widths
// (xterm's built-in one is that of Unicode 6, in which emoji are narrow), and
// what it shows as plain lines.

import xterm from "@xterm/headless";
import { codePointWidth } from "../../userland/sh/width.ts";

/** As xterm packs them: two bits of width, one that says it joins what is before. */
function properties(code: number, before: number): number {
  let width: number = codePointWidth(code);
  let joins = width === 0 && before !== 0;
  const old = (before >> 1) & 3;
  if (joins && old === 0) joins = false;
  else if (joins && old > width) width = old;
  return (width & 3) << 1 | (joins ? 1 : 0);
}

export interface Cursor {
  /** Counted from the first line that was ever written. */
  row: number;
  column: number;
}

export class Terminal {
  readonly #xterm;

  constructor(columns: number, rows: number, scrollback = 20_000) {
    this.#xterm = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback,
      allowProposedApi: true,
    });
    this.#xterm.unicode.register({
      version: "kettle",
      wcwidth: codePointWidth,
      charProperties: properties,
    });
    this.#xterm.unicode.activeVersion = "kettle";
  }

  get columns(): number {
    return this.#xterm.cols;
  }

  get rows(): number {
    return this.#xterm.rows;
  }

  /** Writes as a tty would: with a return before each newline, if there is none. */
  write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string"
      ? data.replace(/\r?\n/g, "\r\n")
      : data;
    return new Promise((done) => this.#xterm.write(bytes, done));
  }

  resize(columns: number, rows: number): void {
    this.#xterm.resize(columns, rows);
  }

  get cursor(): Cursor {
    const { baseY, cursorX, cursorY } = this.#xterm.buffer.active;
    return { row: baseY + cursorY, column: cursorX };
  }

  /** The first row that is on the screen. */
  get top(): number {
    return this.#xterm.buffer.active.baseY;
  }

  /** All rows, also those that were scrolled away, without blanks at their ends. */
  get lines(): string[] {
    const { active } = this.#xterm.buffer;
    return Array.from({ length: active.length }, (_, row) => this.line(row));
  }

  line(row: number): string {
    const line = this.#xterm.buffer.active.getLine(row);
    return line?.translateToString(true) ?? "";
  }

  /** Everything as it was written: rows that were only broken are joined. */
  get text(): string {
    const { active } = this.#xterm.buffer;
    let text = "";
    for (let row = 0; row < active.length; row += 1) {
      const line = active.getLine(row)!;
      const whole = active.getLine(row + 1)?.isWrapped === true;
      if (row > 0 && !line.isWrapped) text += "\n";
      text += line.translateToString(!whole);
    }
    return text.trimEnd();
  }
}
