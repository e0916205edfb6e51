// Input of xargs as items, one after the other as they come: words between blanks
// with quotes and backslashes, or pieces between a given character. Runs nothing.

import type { Routine } from "kettle";
import { TextReader } from "./stdio.ts";

/** How input is cut into items. */
export interface Cutting {
  /** The byte between items; null: blanks and newlines, with quotes. */
  between: number | null;
  /** Whole lines are items, without blanks before them. */
  lines: boolean;
}

export interface Item {
  text: string;
  /** Items of one line have the same number. */
  line: number;
}

const PIECE =
  /'([^'\n]*)'|"([^"\n]*)"|\\([^])|([^\s'"\\]+)|([ \t]+)|(\n)|(['"])|[^]/g;

export class ItemReader {
  /** A quote that was not closed: nothing is read behind it. */
  problem: string | null = null;
  readonly #lines: TextReader;
  #items: Item[] = [];
  #at = 0;
  #line = 0;

  constructor(fd: number, readonly cutting: Cutting) {
    this.#lines = new TextReader(fd, { end: cutting.between ?? 10 });
  }

  *next(): Routine<Item | null> {
    while (this.#at >= this.#items.length) {
      const line = this.problem === null ? yield* this.#lines.next() : null;
      if (line === null) return null;
      this.#at = 0;
      this.#items = this.cutting.between === null
        ? this.#words(yield* this.#joined(line))
        : [{ text: line, line: this.#line++ }];
    }
    return this.#items[this.#at++]!;
  }

  /** A backslash at the end of a line takes the next one in. */
  *#joined(first: string): Routine<string> {
    let line = first;
    while (/(?:^|[^\\])(?:\\\\)*\\$/.test(line)) {
      const next = yield* this.#lines.next();
      if (next === null) break;
      line += `\n${next}`;
    }
    return line;
  }

  #words(source: string): Item[] {
    const items: Item[] = [];
    let word: string | null = null;
    const end = () => {
      if (word !== null) items.push({ text: word, line: this.#line });
      word = null;
    };
    for (const match of source.matchAll(PIECE)) {
      const [whole, single, double, escaped, plain, blank, , quote] = match;
      if (quote !== undefined) {
        const kind = quote === '"' ? "double" : "single";
        this.problem =
          `unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`;
        return items;
      }
      if (blank === undefined) {
        word = (word ?? "") + (single ?? double ?? escaped ?? plain ?? whole);
      } else if (!this.cutting.lines) end();
      else if (word !== null) word += blank;
    }
    end();
    // A blank at the end of a line: for -L the next one belongs to it.
    if (!/[ \t]$/.test(source)) this.#line++;
    return items;
  }
}
