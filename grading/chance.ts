// Chance for worlds: numbers, words and texts that are a function of the seed, the
// same on every engine. Two of different names do not disturb each other.

import { RandomStream } from "../kernel/random.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

export class Chance {
  readonly #stream: RandomStream;

  constructor(seed: number, name = "assignment") {
    this.#stream = new RandomStream(seed, name);
  }

  /** In [0, 1). */
  next(): number {
    return this.#stream.next();
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.#stream.integer(most - least + 1);
  }

  word(letters = 6): string {
    let text = "";
    while (text.length < letters) text += LETTERS[this.between(0, 25)];
    return text;
  }

  /** A text of so many characters: the same stanza again and again, each with its number. No two pieces are equal, and it packs well into a link. */
  text(length: number): string {
    const lines = Array.from({ length: 4 }, () => `${this.word(20)}\n`);
    let stanza = "";
    while (stanza.length < STANZA) stanza += lines[this.between(0, 3)];
    let text = "";
    for (let number = 1; text.length < length; number++) {
      text += `${number}\n${stanza}`;
    }
    return text.slice(0, length);
  }
}

const STANZA = 1_500;
