/// <reference lib="dom" />
// The screen and keyboard of the machine's console: xterm in the tokens of the
// page. It carries bytes and keys; the line discipline is the kernel's.

import { FitAddon } from "@xterm/addon-fit";
import {
  type ITheme,
  type IUnicodeVersionProvider,
  Terminal as Xterm,
} from "@xterm/xterm";
import { codePointWidth } from "../../userland/sh/width.ts";

/** Keys that are the page's even here. */
const PAGE_KEYS = new Set(["F6", "F8", "F9"]);

/** How many cells a character takes: the shell's own table, or a line with emoji is off. */
const WIDTHS: IUnicodeVersionProvider = {
  version: "kettle",
  wcwidth: (code) => codePointWidth(code) as 0 | 1 | 2,
  // width in bits 1 and 2, and bit 0: it joins the character before
  charProperties(code, before) {
    const own = codePointWidth(code);
    const beforeWidth = before >> 1 & 3;
    const joins = own === 0 && before !== 0 && beforeWidth !== 0;
    const width = joins ? Math.max(own, beforeWidth) : own;
    return (width & 3) << 1 | (joins ? 1 : 0);
  },
};

export interface TerminalListener {
  onKeys(text: string): void;
  onResize(columns: number, rows: number): void;
}

export class Terminal {
  readonly #xterm: Xterm;
  readonly #fit = new FitAddon();

  constructor(parent: HTMLElement, listener: TerminalListener) {
    this.#xterm = new Xterm({
      fontFamily: token("--mono"),
      fontSize: 12.5,
      lineHeight: 1.25,
      cursorStyle: "bar",
      cursorInactiveStyle: "outline",
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      scrollback: 5000,
      theme: theme(),
      allowProposedApi: true, // the table of widths
    });
    this.#xterm.unicode.register(WIDTHS);
    this.#xterm.unicode.activeVersion = WIDTHS.version;
    this.#xterm.loadAddon(this.#fit);
    this.#xterm.attachCustomKeyEventHandler((event) =>
      !PAGE_KEYS.has(event.key)
    );
    this.#xterm.open(parent);
    this.#xterm.textarea?.setAttribute("aria-label", "Terminal, tty1");
    this.#fit.fit();
    this.#xterm.onData((text) => listener.onKeys(text));
    this.#xterm.onResize(({ cols, rows }) => listener.onResize(cols, rows));
    new ResizeObserver(() => this.#fit.fit()).observe(parent);
  }

  get columns(): number {
    return this.#xterm.cols;
  }

  get rows(): number {
    return this.#xterm.rows;
  }

  /** Shows bytes; `done` is called when they are on the screen. */
  write(bytes: Uint8Array, done: () => void): void {
    this.#xterm.write(bytes, done);
  }

  /** As it was before the first byte. */
  clear(): void {
    this.#xterm.reset();
  }

  focus(): void {
    this.#xterm.focus();
  }

  /** The theme changed. */
  repaint(): void {
    this.#xterm.options.theme = theme();
  }
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name)
    .trim().replaceAll("\n", " ");
}

function theme(): ITheme {
  const probe = document.createElement("span");
  document.body.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(${name})`;
    return hex(getComputedStyle(probe).color);
  };
  const made = {
    background: colour("--term-bg"),
    foreground: colour("--term-ink"),
    cursor: colour("--term-ink"),
    cursorAccent: colour("--term-bg"),
    selectionBackground: colour("--select"),
    black: colour("--ink"),
    red: colour("--bad"),
    green: colour("--good"),
    yellow: colour("--warn"),
    blue: colour("--syn-fn"),
    magenta: colour("--syn-key"),
    cyan: colour("--syn-type"),
    white: colour("--ink-2"),
    brightBlack: colour("--term-dim"),
    brightRed: colour("--bad"),
    brightGreen: colour("--good"),
    brightYellow: colour("--warn"),
    brightBlue: colour("--syn-fn"),
    brightMagenta: colour("--syn-key"),
    brightCyan: colour("--syn-type"),
    brightWhite: colour("--ink"),
  };
  probe.remove();
  return made;
}

/** rgb(1, 2, 3) → #010203: xterm reads no other words for colours as surely. */
function hex(colour: string): string {
  const parts = colour.match(/\d+/g) ?? [];
  return "#" + parts.slice(0, 3)
    .map((part) => Number(part).toString(16).padStart(2, "0")).join("");
}
