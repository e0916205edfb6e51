// The text being edited and its cursor: motions, deleting, killing and yanking,
// changing case, undoing. It knows no keys, no screen and no history; the cursor
// is always between two characters as a person sees them.

import { lineStart, nextBoundary, previousBoundary } from "./width.ts";

const KILLS_MAX = 32;
const UNDOS_MAX = 200;
const LETTER = /[\p{L}\p{N}\p{M}_]/u;

/** What the last command was, for those that go on from the same one. */
type Kind = "insert" | "kill" | "yank" | "other";

/** Killed texts, newest first; one for all lines of a shell. */
export class KillRing {
  readonly #texts: string[] = [];

  add(text: string): void {
    this.#texts.unshift(text);
    if (this.#texts.length > KILLS_MAX) this.#texts.pop();
  }

  /** Joins to the newest, at its end or its beginning. */
  join(text: string, forward: boolean): void {
    const newest = this.#texts.shift() ?? "";
    this.#texts.unshift(forward ? newest + text : text + newest);
  }

  get newest(): string {
    return this.#texts[0] ?? "";
  }

  /** Makes the newest the oldest. */
  turn(): void {
    if (this.#texts.length > 0) this.#texts.push(this.#texts.shift()!);
  }
}

export class EditBuffer {
  text = "";
  cursor = 0;
  readonly #ring: KillRing;
  #undos: { text: string; cursor: number }[] = [];
  #last: Kind = "other";
  #now: Kind = "other";
  /** Where the text begins that was yanked last. */
  #yankedFrom = 0;

  constructor(ring: KillRing) {
    this.#ring = ring;
  }

  /** Has to be called before each key: what the last one did is over. */
  nextCommand(): void {
    this.#last = this.#now;
    this.#now = "other";
  }

  /** Puts another text in place; `undoable` if it can be taken back. */
  replace(text: string, cursor: number, undoable = false): void {
    if (undoable) this.#remember();
    else this.#undos = [];
    this.text = text;
    this.cursor = cursor;
  }

  insert(text: string): void {
    // Typing is undone word by word, not letter by letter.
    const goesOn = this.#last === "insert" && text.length < 3 && text !== " ";
    if (!goesOn) this.#remember();
    this.#now = "insert";
    this.#splice(this.cursor, this.cursor, text);
  }

  delete(from: number, to: number): void {
    if (from === to) return;
    this.#remember();
    this.#splice(from, to, "");
  }

  undo(): void {
    const before = this.#undos.pop();
    if (before === undefined) return;
    this.text = before.text;
    this.cursor = before.cursor;
  }

  // ------------------------------------------------------------- kill and yank

  /** Takes the text away and keeps it; kills in a row are one text. */
  kill(from: number, to: number): void {
    this.#now = "kill";
    if (from === to) return;
    const text = this.text.slice(from, to);
    if (this.#last === "kill") this.#ring.join(text, from === this.cursor);
    else this.#ring.add(text);
    this.#remember();
    this.#splice(from, to, "");
  }

  yank(): void {
    this.#remember();
    this.#now = "yank";
    this.#yankedFrom = this.cursor;
    this.#splice(this.cursor, this.cursor, this.#ring.newest);
  }

  /** Right after a yank: the text killed before, in its place. */
  yankOlder(): void {
    if (this.#last !== "yank") return;
    this.#now = "yank";
    this.#ring.turn();
    this.#splice(this.#yankedFrom, this.cursor, this.#ring.newest);
  }

  // ------------------------------------------------------------- places

  get left(): number {
    return previousBoundary(this.text, this.cursor);
  }

  get right(): number {
    return nextBoundary(this.text, this.cursor);
  }

  get lineStart(): number {
    return lineStart(this.text, this.cursor);
  }

  get lineEnd(): number {
    const end = this.text.indexOf("\n", this.cursor);
    return end < 0 ? this.text.length : end;
  }

  get wordStart(): number {
    const at = this.#back(this.cursor, (char) => !LETTER.test(char));
    return this.#back(at, (char) => LETTER.test(char));
  }

  get wordEnd(): number {
    const at = this.#ahead(this.cursor, (char) => !LETTER.test(char));
    return this.#ahead(at, (char) => LETTER.test(char));
  }

  /** The beginning of the word before the cursor, where only blanks separate. */
  get blankWordStart(): number {
    const at = this.#back(this.cursor, (char) => /\s/.test(char));
    return this.#back(at, (char) => !/\s/.test(char));
  }

  /** The place one line up or down, in the same column; null past the ends. */
  lineAway(lines: 1 | -1): number | null {
    const { text, lineStart: here, lineEnd } = this;
    if (lines < 0 ? here === 0 : lineEnd === text.length) return null;
    const start = lines < 0 ? lineStart(text, here - 1) : lineEnd + 1;
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const at = Math.min(start + this.cursor - here, end);
    return nextBoundary(text, previousBoundary(text, at)) === at || at === start
      ? at
      : previousBoundary(text, at);
  }

  // ------------------------------------------------------------- changing words

  /** Changes the next word, or what is left of it, and goes behind it. */
  changeCase(how: "upper" | "lower" | "capital"): void {
    const { cursor, wordEnd, text } = this;
    const word = text.slice(cursor, wordEnd);
    const lower = word.toLowerCase();
    const changed = how === "upper"
      ? word.toUpperCase()
      : how === "lower"
      ? lower
      : lower.replace(/[\p{L}\p{N}]/u, (first) => first.toUpperCase());
    this.#remember();
    this.#splice(cursor, wordEnd, changed);
  }

  /** Exchanges the two characters around the cursor and goes behind them. */
  swap(): void {
    const { text } = this;
    const atEnd = this.cursor === text.length;
    const middle = atEnd ? this.left : this.cursor;
    const start = previousBoundary(text, middle);
    const end = nextBoundary(text, middle);
    if (start === middle) return;
    this.#remember();
    const swapped = text.slice(middle, end) + text.slice(start, middle);
    this.#splice(start, end, swapped);
  }

  #back(from: number, test: (char: string) => boolean): number {
    let at = from;
    while (at > 0) {
      const before = previousBoundary(this.text, at);
      if (!test(this.text.slice(before, at))) return at;
      at = before;
    }
    return at;
  }

  #ahead(from: number, test: (char: string) => boolean): number {
    let at = from;
    while (at < this.text.length) {
      const after = nextBoundary(this.text, at);
      if (!test(this.text.slice(at, after))) return at;
      at = after;
    }
    return at;
  }

  #splice(from: number, to: number, text: string): void {
    this.text = this.text.slice(0, from) + text + this.text.slice(to);
    this.cursor = from + text.length;
  }

  #remember(): void {
    const { text, cursor } = this;
    if (this.#undos.at(-1)?.text === text) this.#undos.pop();
    this.#undos.push({ text, cursor });
    if (this.#undos.length > UNDOS_MAX) this.#undos.shift();
  }
}
